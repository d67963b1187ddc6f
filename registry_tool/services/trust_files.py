"""What the site holds for clients of the signed index, of which no job has to sign anything.

Roots, targets and the sigstore trust root as people signed them; and each listed file once more under
its digest, so that a client in the middle of an update finds what its index lists.
"""

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.index import Made
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.payload import Files
from registry_tool.core.published import roots_at
from registry_tool.core.roots import Root
from registry_tool.core.targets import targets_at, trusted_root_at
from registry_tool.core.tree import Tree


def offline_files(tree: Tree, root: Root, *, check: SignatureCheck) -> Files:
    """Their files by path of the site; `root` is the newest one, verified.

    Raises `NotTrusted` and `InvalidInput` for targets that do not hold. A registry that was founded before
    there was a signed index has roots alone.
    """
    files = {layout.metadata_path("root", number): text for number, text in enumerate(roots_at(tree), start=1)}
    targets = targets_at(tree, root, check=check)
    if targets is None:
        return files
    files[layout.metadata_path("targets", targets.number)] = targets.text
    files[layout.TRUST_TARGETS] = targets.text
    believed = trusted_root_at(tree, root, check=check)
    if believed is not None:
        files[layout.TRUSTED_ROOT] = believed
        files[layout.by_digest(layout.TRUSTED_ROOT, sha256(believed))] = believed
    return files


def good_until(tree: Tree, root: Root, *, check: SignatureCheck) -> tuple[tuple[str, str], ...]:
    """Root and targets, each with the time until which it is good."""
    targets = targets_at(tree, root, check=check)
    return (("root", root.expires), *((("targets", targets.expires),) if targets else ()))


def copy_of(one: Made) -> Made:
    """A file of the site once more, under its digest; it takes no memory."""
    return Made(layout.by_digest(one.path, one.sha256), one.sha256, lambda path: one.load(one.path))
