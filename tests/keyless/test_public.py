"""What a new registry believes of keyless signatures."""

from pathlib import Path

from sigstore.models import TrustedRoot

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.targets import trusted_root_at
from registry_tool.signing.ed25519 import check
from registry_tool.signing.sigstore.public import public_trusted_root
from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk
from tests.cli.trees import head_root


def test_a_new_registry_believes_the_public_instance(tmp_path: Path) -> None:
    """Its targets list the trust root that the library brings along, which the library reads."""
    desk = Desk(tmp_path)
    desk.run("init", "reg", "--bins", "8", "--yes")
    history = GitHistory.open(desk.work / "reg")
    tree = history.tree(history.resolve("main") or "")
    data = trusted_root_at(tree, head_root(tree), check=check)
    (tmp_path / "root.json").write_bytes(data or b"")

    assert public_trusted_root() == data
    assert tree.read(layout.trusted_root_path(sha256(public_trusted_root()))) == data
    assert 1 <= len(TrustedRoot.from_file(str(tmp_path / "root.json")).get_fulcio_certs())


def test_what_is_believed_can_be_changed_and_taken_back(tmp_path: Path) -> None:
    """To nothing, and to the public instance again."""
    desk = Desk(tmp_path)
    desk.run("init", "reg", "--bins", "8", "--yes")
    history = GitHistory.open(desk.work / "reg")
    found = []
    for word in ("none", "public"):
        desk.run("trust", "rotate", "--registry", "reg", "--trusted-root", word, "--yes")
        tree = history.tree(history.resolve("main") or "")
        found.append(trusted_root_at(tree, head_root(tree), check=check))

    assert [None, public_trusted_root()] == found
