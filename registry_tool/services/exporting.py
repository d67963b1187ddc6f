"""An export made: releases are verified through a source that notes what was read, and that is the export.

So it holds exactly what a client asks for, and is proven once more from its own files before anybody
gets it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.export import ABOUT, EXPORT_BYTES, ExportAbout, demand_exportable
from registry_tool.core.names import ArtifactId, Wanted, parse_artifact
from registry_tool.core.payload import Files
from registry_tool.core.ports import Source
from registry_tool.core.trust import Means
from registry_tool.core.verified import Verified
from registry_tool.core.versions import parse_range
from registry_tool.services.contact import Contact
from registry_tool.services.resolve import choose, resolve
from registry_tool.services.seen import Seen


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds."""

    files: Files
    about: ExportAbout
    releases: tuple[Verified, ...]
    """Dependencies before what needs them; the one that was asked for is the last."""


@dataclass(slots=True)
class Recording:
    """A `Source` that notes what was read of another one."""

    source: Source
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The other one's address."""
        return self.source.where

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """What the other one has there."""
        return self.fetch_all([(path, limit)])[0]

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths in order."""
        answers = self.source.fetch_all(paths)
        for (path, _), data in zip(paths, answers, strict=True):
            if data is not None:
                self.files[path] = data
        if sum(len(data) for data in self.files.values()) > EXPORT_BYTES:
            raise InvalidInput(
                f"an export may have at most {EXPORT_BYTES} bytes",
                code="too-large",
                hint="leave its dependencies out with --no-dependencies, and export each by itself",
            )
        return answers


@dataclass(frozen=True, slots=True)
class Kept:
    """Files in memory as a `Source`."""

    files: Files
    where: str

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The file at `path`."""
        data = self.files.get(path)
        if data is not None and len(data) > limit:
            raise InvalidInput(f"{path} may have at most {limit} bytes, it has {len(data)}", code="too-large")
        return data

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several files in order."""
        return tuple(self.fetch(path, limit=limit) for path, limit in paths)


def export(contact: Contact, wanted: Wanted, *, means: Means, dependencies: bool, address: str) -> Export:
    """A release with all that is needed to verify and install it without a network.

    `dependencies` takes in what it needs, `address` is the registry's public address. A yanked one is
    exported where its version is named. Raises `NotFound`, `NotTrusted`, and `InvalidInput` (`too-large`).
    """
    recording = Recording(contact.source)
    plain = Contact(recording, contact.registry, means=means, seen=contact.seen, demo=True)
    (name,) = plain.names([wanted.artifact])
    release = plain.verified(name, choose(name, wanted.version), locked=True)
    releases = (*(_needed(plain, release) if dependencies else ()), release)
    contact.names([one.manifest.id for one in releases])  # by the person's own rules, and the signed index
    plain.trusted_root()
    about = ExportAbout.of(
        {
            "schema": "registry.export/1",
            "registry": contact.registry,
            "releases": [
                {"artifact": one.artifact, "version": one.manifest.version, "asked": one is release}
                for one in sorted(releases, key=lambda one: one.artifact)
            ],
            "as_of": as_of(plain, [one.manifest.id for one in releases]),
            "address": address,
        }
    )
    files = {**recording.files, ABOUT: about.to_bytes()}
    for path in files:
        demand_exportable(path)
    _prove(files, about, releases, means)
    return Export(files, about, releases)


def as_of(contact: Contact, artifacts: Sequence[ArtifactId]) -> str:
    """The time of the newest admission or event of these names."""
    times = []
    for name in contact.names(artifacts):
        for row in name.record.versions.values():
            times.append(row.published)
            times += [str(json.loads(entry.statement)["at"]) for entry in row.events]  # verified with the name
    return max(times)


def _needed(contact: Contact, release: Verified) -> tuple[Verified, ...]:
    needs = release.manifest.dependencies
    who = f"{release.artifact}@{release.manifest.version}"
    found = resolve(
        contact,
        [Wanted(parse_artifact(name), None) for name in sorted(needs)],
        kind=None,
        installed={release.artifact: release.manifest.version},
        ranges={name: [(who, parse_range(text))] for name, text in needs.items()},
    )
    return tuple(one for one in found.releases if one.artifact != release.artifact)


def _prove(files: Files, about: ExportAbout, releases: Sequence[Verified], means: Means) -> None:
    """Verifies every release once more, from nothing but the export."""
    contact = Contact(Kept(files, "the export"), about.registry, means=means, seen=Seen({}), demo=True)
    for release, name in zip(releases, contact.names([one.manifest.id for one in releases]), strict=True):
        again = contact.verified(name, release.manifest.version, locked=True)
        if again.digest != release.digest:
            raise NotTrusted(
                f"{release.artifact} changed while it was read", code="moved", hint="do it again in a minute"
            )
