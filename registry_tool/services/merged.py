"""What somebody merged by hand: it lies on the main line, nobody let it in, and nobody gets it.

    main line ──▶ a release without an admission, a statement without its countersignature
                  = a submission on the same tree without those files, which a moderator may approve

Who reads the registry leaves it out, so a merge in a forge publishes nothing by itself.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Final

from registry_tool.core import layout
from registry_tool.core.authorities import Government
from registry_tool.core.change import Change
from registry_tool.core.digest import Hex
from registry_tool.core.errors import NotTrusted, RegistryError
from registry_tool.core.layout import Located, locate
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.ports import Edit, History
from registry_tool.core.published import authors_of, chain_at, pointer_at, registry_of, version_folders
from registry_tool.core.standing import authorities_at, government_at, keyring_at
from registry_tool.core.submission import read_change
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.core.without import Without
from registry_tool.services.author import with_faults
from registry_tool.services.bench import Bench

LOOKED_AT: Final = 300
"""Commits of the main line, newest first, in which merges are looked for: a listing answers in a second."""


def line_of(bench: Bench, commit: str) -> list[str]:
    """The newest commits of the main line, in which merges are looked for, and the one before them."""
    return list(islice(bench.history.line(commit), LOOKED_AT + 1))


def merged(
    bench: Bench, commit: str, tip: Tree, *, settled: Collection[str] = frozenset()
) -> Iterator[tuple[str, Change]]:
    """What lies on the main line and nobody let in, by the commit that brought it, oldest first.

    `settled` are commits of which nothing was left once; since nothing goes from a main line, nothing is.
    """
    line = line_of(bench, commit)
    government = government_at(tip, registry=registry_of(tip), check=bench.means.check)
    found: list[tuple[str, Change]] = []
    for newer, older in pairwise(line):
        if newer in settled:
            continue
        edits = bench.history.changed(older, newer)
        located = [locate(edit.path) for edit in edits if edit.new is not None and edit.old is None]
        releases = [one for one in located if _unadmitted(tip, one)]
        statements = [one for one in located if uncountersigned(tip, one, government, bench.means)]
        if releases or statements:
            found.append((newer, merged_change(bench, tip, [*releases, *statements], government)))
    yield from reversed(found)


def merged_release(bench: Bench, tip: Tree, artifact: ArtifactId, version: str) -> Change | None:
    """The same for one release, whenever it came; `None` where it is admitted or not there."""
    pointer = locate(f"{layout.version_folder(artifact, version)}/release.json")
    if tip.entry(pointer.path) is None or not _unadmitted(tip, pointer):
        return None
    government = government_at(tip, registry=registry_of(tip), check=bench.means.check)
    return merged_change(bench, tip, [pointer], government)


def merged_change(bench: Bench, tip: Tree, located: Sequence[Located], government: Government) -> Change:
    """The submission that releases (by their pointers) and statements on `tip` would be."""
    registry = registry_of(tip)
    hidden: set[str] = set()
    for one in located:
        hidden |= _statement_files(tip, one.path) if one.role == "chain" else _release_files(tip, one, registry)
    edits = tuple(Edit(path, None, tip.entry(path)) for path in sorted(hidden))
    change = read_change(
        registry=registry,
        tip=Without(tip, hidden),
        head=tip,
        edits=edits,
        kinds=bench.kinds,
        demonstration=government.demonstration,
        at=bench.now(),
    )
    return with_faults(change, bench.means)


def uncountersigned_heads(tip: Tree, scope: str, government: Government, means: Means) -> frozenset[str]:
    """The files of a scope's and its authors' newest statements that lack the countersignature that they need.

    Without them the chains are what they were before somebody merged these.
    """
    if not _lacks_signature(tip, scope, government):
        return frozenset()  # as nearly always: nothing has to be verified for that
    found: set[str] = set()
    waiting = waiting_keyrings(tip, authors_of(tip, scope), government, means)
    for subject in sorted(waiting):
        found |= _statement_files(tip, layout.statement_path(subject, len(chain_at(tip, subject))))
    try:
        authorities_at(tip, government, scope, check=means.check, waiting=waiting)
    except NotTrusted as error:
        if error.code == "not-countersigned":
            number = len(chain_at(tip, f"scopes/{scope}"))
            found |= _statement_files(tip, layout.statement_path(f"scopes/{scope}", number))
    except RegistryError:
        return frozenset()  # whoever verifies it says what is wrong with it
    return frozenset(found)


def _lacks_signature(tip: Tree, scope: str, government: Government) -> bool:
    """Whether the newest statement of one of these chains has no signature of a moderator or the gate beside it."""
    known = {row.k16 for row in government.moderators.head.body.rows}
    for subject in (f"scopes/{scope}", *(f"authors/{author}" for author in authors_of(tip, scope))):
        folder = layout.chain_folder(subject)
        located = [locate(f"{folder}/{entry.name}") for entry in tip.list(folder)]
        newest = max((one.number for one in located if one.role == "chain"), default=0)
        if newest and not any(one.number == newest and one.sig in known for one in located):
            return True
    return False


def waiting_keyrings(tip: Tree, authors: Iterable[str], government: Government, means: Means) -> frozenset[str]:
    """Those of the authors' keyrings whose newest statement lacks the countersignature that it needs."""
    waiting = set()
    for author in authors:
        try:
            keyring_at(tip, government, author, check=means.check)
        except RegistryError as error:
            waiting |= {f"authors/{author}"} if error.code == "not-countersigned" else set()
    return frozenset(waiting)


def _unadmitted(tip: Tree, located: Located) -> bool:
    folder = located.path.rpartition("/")[0]
    return located.role == "pointer" and tip.entry(f"{folder}/admission.json") is None


def uncountersigned(tip: Tree, located: Located, government: Government, means: Means) -> bool:
    """Whether it is the newest statement of a chain, and what it says needs a moderator who did not sign it."""
    family, _, owner = located.subject.partition("/")
    if located.role != "chain" or located.sig is not None or family not in ("authors", "scopes"):
        return False
    if len(chain_at(tip, located.subject)) != located.number:
        return False
    if family == "authors":
        return bool(waiting_keyrings(tip, [owner], government, means))
    return located.path in uncountersigned_heads(tip, owner, government, means)


def _statement_files(tip: Tree, path: str) -> set[str]:
    """A statement and its signatures."""
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix("json")
    return {path} | {
        f"{folder}/{entry.name}"
        for entry in tip.list(folder)
        if entry.name.startswith(stem) and entry.name.endswith(".sig")
    }


def _release_files(tip: Tree, located: Located, registry: str) -> set[str]:
    """A release's pointer, manifest, signatures, and those of its files that no other version has."""
    artifact = located.artifact
    assert artifact is not None  # noqa: S101  # a pointer's path names one
    found = {located.path}
    manifest = _manifest(tip, artifact, located.version, registry)
    if manifest is None:
        return found
    digest, body = manifest
    blob = layout.blob_path(artifact, digest)
    others = {
        file.sha256
        for folder in version_folders(tip, artifact)
        if folder != located.version and (other := _manifest(tip, artifact, folder, registry)) is not None
        for file in other[1].files
    }
    own = {layout.blob_path(artifact, Hex(file.sha256)) for file in body.files if file.sha256 not in others}
    beside = (f"{blob.rpartition('/')[0]}/{entry.name}" for entry in tip.list(blob.rpartition("/")[0]))
    found |= {blob, *own, *(path for path in beside if path.startswith(f"{blob}."))}
    return {path for path in found if tip.entry(path) is not None}


def _manifest(tip: Tree, artifact: ArtifactId, version: str, registry: str) -> tuple[Hex, Manifest] | None:
    try:
        pointer = pointer_at(tip, artifact, version, registry=registry)
        digest = Hex(pointer.manifest.removeprefix("sha256:")) if pointer is not None else Hex("")
        data = tip.read(layout.blob_path(artifact, digest)) if digest else None
        return (digest, read_manifest(data, registry=registry)) if data is not None else None
    except RegistryError:
        return None


def line_is_whole(history: History, commit: str) -> bool:
    """Whether the main line can be looked at: of a registry behind an address only its tip is fetched."""
    return len(list(islice(history.line(commit), 2))) == 2 or not history.info(commit).parents
