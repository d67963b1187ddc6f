"""What a release needs of others: that it is there, can be installed, and does not need the release itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from registry_tool.checks.versions import manifest_at, standing_versions
from registry_tool.core.change import Candidate, Change
from registry_tool.core.findings import Finding
from registry_tool.core.layout import name_folder
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId, parse_artifact
from registry_tool.core.places import place
from registry_tool.core.review import Check
from registry_tool.core.versions import Version, parse_range, parse_version

DEPTH: Final = 16
"""How deep dependencies may go, and"""
NAMES: Final = 200
"""how many names one release may need: what an install stops at (`services/resolve.py`)."""


def dependencies(change: Change) -> Iterator[Finding]:
    """A finding for each thing that a release needs and nobody could install, and where it needs itself."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        walk = _Walk(change, candidate)
        for name, wanted in sorted(candidate.manifest.dependencies.items()):
            yield from walk.first(parse_artifact(name), wanted)
        if candidate.manifest.dependencies:
            yield from walk.rest()


@dataclass(slots=True)
class _Walk:
    """From a release to everything that an install of it would bring, the newest that fits of each."""

    change: Change
    candidate: Candidate
    seen: dict[ArtifactId, tuple[ArtifactId, ...]] = field(default_factory=dict)
    """Each name that it needs, and on which way: the names from the release to it."""
    waiting: list[tuple[ArtifactId, Manifest]] = field(default_factory=list)

    def first(self, artifact: ArtifactId, wanted: str) -> Iterator[Finding]:
        """What is wrong with one dependency of the release itself."""
        if artifact == self.candidate.artifact:
            yield self._finding(f"{artifact} needs itself", "leave it out")
            return
        if not self._is_there(artifact):
            yield self._finding(f"it needs {artifact}, which is not in this registry", "publish that first")
            return
        if self._enter(artifact, wanted, ()) is None:
            message = f"no version of {artifact} that can be installed fits {wanted}"
            yield self._finding(message, f"`registry show {artifact}` says which there are, and what became of them")

    def rest(self) -> Iterator[Finding]:
        """What is wrong further down."""
        while self.waiting:
            artifact, manifest = self.waiting.pop(0)
            way = (*self.seen[artifact], artifact)
            for name, wanted in sorted(manifest.dependencies.items()):
                needed = parse_artifact(name)
                if needed == self.candidate.artifact:
                    ring = " needs ".join(map(str, (self.candidate.artifact, *way, needed)))
                    yield self._finding(f"it needs itself: {ring}", "take one of them out of the ring")
                elif needed not in self.seen:
                    self._enter(needed, wanted, way)
            if len(self.seen) > NAMES or len(way) >= DEPTH:
                message = f"what it needs is more than {NAMES} names or {DEPTH} levels"
                yield self._finding(message, "need less")
                return

    def _enter(self, artifact: ArtifactId, wanted: str, way: tuple[ArtifactId, ...]) -> Manifest | None:
        """The manifest of the newest version that fits, which is looked into later; `None` where there is none."""
        allowed = parse_range(wanted)
        for version, manifest in self._fitting(artifact):
            if allowed.allows(version):
                found = manifest or manifest_at(
                    self.change.tip, artifact, version.folder, registry=self.change.registry
                )
                if found is not None:
                    self.seen[artifact] = way
                    self.waiting.append((artifact, found))
                    return found
        return None

    def _fitting(self, artifact: ArtifactId) -> Iterator[tuple[Version, Manifest | None]]:
        """Versions of this submission with their manifests, then those of the tip, newest first."""
        for candidate in self.change.releases:
            if candidate.artifact == artifact and candidate.manifest is not None:
                yield parse_version(candidate.manifest.version), candidate.manifest
        for version in standing_versions(self.change.tip, artifact):
            yield version, None

    def _is_there(self, artifact: ArtifactId) -> bool:
        return self.change.merged.entry(name_folder(artifact)) is not None

    def _finding(self, message: str, hint: str) -> Finding:
        return Finding("dependencies", "fail", message, place(self.candidate), hint)


CHECKS: Final = (
    Check(
        id="dependencies",
        number=27,
        title="What a release needs is in the registry, can be installed, and does not need the release",
        why="A release whose dependencies nobody can install breaks at everybody's machine instead of here.",
        level="fail",
        run=dependencies,
    ),
)
