"""Versions: new, in their place, and going up."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import Hex
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.layout import blob_path, locate, name_folder
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.places import place
from registry_tool.core.published import events_at, hinted_status, pointer_at
from registry_tool.core.review import Check
from registry_tool.core.status import TREATMENT
from registry_tool.core.taken import taken_back
from registry_tool.core.tree import Tree
from registry_tool.core.versions import Version, parse_version


def version(change: Change) -> Iterator[Finding]:
    """A finding for each version that is no version, out of place, there already, or below its own line."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        this = parse_version(candidate.manifest.version)
        if this.folder != candidate.folder:
            message = f"it lies in the folder {candidate.folder}, the manifest says {this}"
            yield Finding("version", "fail", message, place(candidate), "publish it again with `registry publish`")
            continue
        published = versions_at(change.tip, candidate.artifact)
        if any(this.folder == one.folder for one in published):
            yield _twice(change, candidate, this)
            continue
        line = [one for one in published if one.core[:2] == this.core[:2]]
        latest = max(line, key=lambda one: (one.key, one.text), default=None)
        if latest is not None and this < latest:
            major, minor, patch = latest.core
            following = f"{major}.{minor}.{patch if latest.prerelease else patch + 1}"
            message = f"{this} is lower than {latest}, which is published"
            yield Finding("version", "fail", message, place(candidate), f"publish it as {following}")
        elif latest is None and published and this < published[-1]:
            message = f"{this} begins an older line than {published[-1]}, which is published"
            hint = "a repair of an older line is welcome; what was meant to be the newest takes a higher number"
            yield Finding("version", "review", message, place(candidate), hint)


def versions_at(tree: Tree, artifact: ArtifactId) -> tuple[Version, ...]:
    """The versions of a name in `tree`, as their folders say them, lowest first."""
    found = []
    folder = name_folder(artifact)
    for entry in tree.list(folder):
        # A version without its pointer is not published: approvals wait in its folder.
        path = f"{folder}/{entry.name}/release.json"
        if locate(path).role == "pointer" and tree.entry(path) is not None:
            found.append(parse_version(entry.name))
    return tuple(sorted(found, key=lambda one: (one.key, one.text)))


def manifests_at(tree: Tree, artifact: ArtifactId, *, registry: str) -> Iterator[Manifest]:
    """The manifests of a name in `tree`, newest first; what cannot be read is left out."""
    for one in reversed(versions_at(tree, artifact)):
        manifest = manifest_at(tree, artifact, one.folder, registry=registry)
        if manifest is not None:
            yield manifest


def manifest_at(tree: Tree, artifact: ArtifactId, folder: str, *, registry: str) -> Manifest | None:
    """The manifest of one version in `tree`; `None` where it cannot be read."""
    try:
        pointer = pointer_at(tree, artifact, folder, registry=registry)
        data = tree.read(blob_path(artifact, Hex(pointer.manifest.removeprefix("sha256:")))) if pointer else None
        return None if data is None else read_manifest(data, registry=registry)
    except RegistryError:
        return None


def standing_versions(tree: Tree, artifact: ArtifactId) -> Iterator[Version]:
    """The admitted versions of a name that an install would choose, newest first; read as far as somebody asks."""
    taken: frozenset[str] | None = None
    for version in reversed(versions_at(tree, artifact)):
        if tree.entry(f"{name_folder(artifact)}/{version.folder}/admission.json") is None:
            continue
        taken = taken_back(tree, artifact.scope) if taken is None else taken
        try:
            status = hinted_status(events_at(tree, artifact, version.folder), taken)
        except RegistryError:
            continue  # events that cannot be read
        if TREATMENT[status].chosen:
            yield version


def _twice(change: Change, candidate: Candidate, this: Version) -> Finding:
    there = manifest_at(change.tip, candidate.artifact, this.folder, registry=change.registry)
    if there is not None and there.version != str(this):
        message = f"{there.version} is published; {this} differs from it only in letter case or build metadata"
    else:
        message = f"{candidate.artifact}@{this} is published already and never changes"
    return Finding("version", "fail", message, place(candidate), "raise the version")


CHECKS: Final = (
    Check(
        id="version",
        number=11,
        title="A version is new, stands where its folder says, and is above its own line",
        why="Two things of one version, or an old one that comes last, reach people as an update.",
        level="fail",
        run=version,
        also=(30,),
        tells=("version-exists",),
    ),
)
