"""Whether the registry's branch only ever grew (formats, part 9: publishing adds files and changes none).

The commits on the line of first parents are compared pair by pair. Below `index/` a commit may add
regular files that the layout knows, and may change the tables of words; anything else is refused,
even where the files that are there now verify: somebody may have installed what was taken away.

One thing may go: the payload files of releases that are withheld. Whether they are is read from the
events that lie at the head, verified.
"""

from collections.abc import Iterable

from registry_tool.core import layout
from registry_tool.core.digest import Digest, Hex, bare
from registry_tool.core.errors import NotTrusted, StateForbids
from registry_tool.core.layout import Located
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.ports import Edit, History
from registry_tool.core.published import events_at, pointer_at, proof_of, registry_of, version_folders
from registry_tool.core.quoting import quoted
from registry_tool.core.release import Status
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.status import read_events, status_of
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means

FOLDER = "index/"


def check_main_line(history: History, head: str, *, until: str | None, means: Means) -> int:
    """How many commits were looked at, from `head` back to `until` or the first one.

    `until` is a commit that a former build found good; where it is not on the line, all of it is
    looked at. Raises `NotTrusted` (`main-line`) naming commit and path, and `StateForbids` (`shallow`)
    where the clone does not reach back far enough.
    """
    looked = 0
    gone = _Gone(history.tree(head), means)
    commit: str | None = None
    for older in history.line(head):
        if commit is not None:
            _only_grew(history.changed(older, commit), commit, gone)
            looked += 1
        if older == until:
            return looked
        commit = older
    if commit is not None:
        if history.info(commit).parents:
            raise StateForbids(
                "this clone is shallow, so its history cannot be checked",
                where=history.where,
                code="shallow",
                hint="bring the rest with `git fetch --unshallow`, and build again",
            )
        _only_grew(history.changed(None, commit), commit, gone)
        looked += 1
    return looked


def _only_grew(edits: Iterable[Edit], commit: str, gone: "_Gone") -> None:
    for edit in edits:
        if not edit.path.startswith(FOLDER):
            continue
        located = layout.locate(edit.path)
        fault = _fault(edit, located)
        if fault and not (edit.new is None and gone.may_go(located)):
            raise NotTrusted(
                f"the commit {commit[:12]} {fault} {quoted(edit.path)}; below index/ the main line only adds",
                where=edit.path,
                code="main-line",
                hint="find out who pushed it; put the branch back to its parent, or publish from a clone that has it",
            )


class _Gone:
    """Which payload files may be gone, as the releases at the head say; looked at only where one is."""

    def __init__(self, tree: Tree, means: Means) -> None:
        self._tree = tree
        self._means = means
        self._names: dict[ArtifactId, dict[str, bool]] = {}

    def may_go(self, located: Located) -> bool:
        """Whether a blob is no manifest, and every admitted release of its name that lists it was withheld.

        One whose withholding was lifted again does not miss it: the blob must be back.
        """
        artifact = located.artifact
        if located.role != "blob" or artifact is None:
            return False
        if artifact not in self._names:
            self._names[artifact] = self._blobs(artifact)
        return self._names[artifact].get(located.hex, False)

    def _blobs(self, artifact: ArtifactId) -> dict[str, bool]:
        """Every manifest, and every blob that an admitted release lists, and whether it may be gone."""
        registry = registry_of(self._tree)
        found: dict[str, bool] = {}
        for folder in version_folders(self._tree, artifact):
            pointer = pointer_at(self._tree, artifact, folder, registry=registry)
            if pointer is None:
                continue
            digest = bare(Digest(pointer.manifest))
            found[digest] = False
            if self._tree.entry(layout.blob_path(artifact, digest)) is None:
                continue  # a manifest that is gone allows nothing
            proof = proof_of(self._tree, artifact, folder, pointer)
            if proof is None:
                continue
            manifest = read_manifest(proof.manifest, registry=registry)
            actions, status = self._events(artifact, folder, manifest.version)
            for file in manifest.files:
                blob = layout.blob_path(artifact, Hex(file.sha256))
                back = "withhold" in actions and self._tree.entry(blob) is not None
                found[file.sha256] = found.get(file.sha256, True) and (status == "withheld" or back)
        return found

    def _events(self, artifact: ArtifactId, folder: str, version: str) -> tuple[frozenset[str], Status]:
        """What was ever done to a release, by those who may, and its status now."""
        sources = events_at(self._tree, artifact, folder)
        if not sources:
            return frozenset(), "active"
        check, registry = self._means.check, registry_of(self._tree)
        government = government_at(self._tree, registry=registry, check=check)
        authorities = authorities_at(self._tree, government, artifact.scope, check=check)
        events = read_events(sources, artifact=str(artifact), version=version, authorities=authorities, check=check)
        return frozenset(link.body.action for link in events.links), status_of(events)


def _fault(edit: Edit, located: Located) -> str:
    """What is wrong with a change, as a verb; empty where it is allowed."""
    if edit.new is not None and edit.new.type != "file":
        return "turns a mode of" if edit.old is not None else f"adds {_article(edit.new.type)} at"
    if located.role == "table":
        return ""
    if edit.new is None:
        return "deletes"
    if edit.old is not None:
        return "changes"
    return "adds something that a registry does not hold:" if located.role == "other" else ""


def _article(type_: str) -> str:
    return f"an {type_} file" if type_ == "executable" else f"a {type_}"
