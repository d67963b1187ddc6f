"""What a submission changes, parsed once: the only thing that checks look at.

Facts come first and checks are independent of each other, so their order never matters. Everything
in here was read from git objects, bounded; a path that could not be read is a fault, not a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core.digest import Hex
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Kinds, Reading
from registry_tool.core.layout import Located
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Payload
from registry_tool.core.ports import Edit
from registry_tool.core.statements import Statement
from registry_tool.core.tree import Tree


@dataclass(frozen=True, slots=True)
class Candidate:
    """One release that a submission brings, as far as it could be read."""

    artifact: ArtifactId
    folder: str
    """The version's folder, as the path says it."""
    path: str
    """Of its `release.json`."""
    manifest: Manifest | None = None
    manifest_bytes: bytes = b""
    digest: str = ""
    """Bare hex SHA-256 of the manifest; empty where it could not be read."""
    signatures: Mapping[str, bytes] = field(default_factory=dict)
    """Files beside the manifest's blob, by suffix."""
    payload: Payload | None = None
    """`None` where a blob is missing or is not what its name says."""
    kind: Kind | None = None
    """`None` where this tool does not know it."""
    reading: Reading | None = None
    """What the payload itself says, recomputed."""
    previous: Manifest | None = None
    """The newest admitted version below this one."""
    previous_payload: Payload | None = None
    gained: tuple[str, ...] = ()
    """What it may newly do, compared with `previous`."""
    faults: tuple[Finding, ...] = ()
    """Why something above is missing."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One statement that a submission brings."""

    path: str
    located: Located
    statement: Statement | None
    raw: bytes
    words: str
    """What it says, for people: `registers the author ann with two keys`."""
    faults: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A submission on top of a tip."""

    registry: str
    submission: Hex
    """Its id (part 9)."""
    tip: Tree
    """Where it would land."""
    merged: Tree
    """The tip with its additions."""
    edits: tuple[Edit, ...]
    """Every path that differs from the submission's base, sorted."""
    additions: Mapping[str, bytes]
    """What it adds to the tip: regular files that the tip does not hold with the same bytes."""
    located: tuple[Located, ...]
    """What each addition is, in the order of `additions`."""
    releases: tuple[Candidate, ...]
    statements: tuple[Joined, ...]
    kinds: Kinds
    demonstration: bool
    """Whether the registry holds published test keys."""
    at: int
    """When it is looked at, seconds since 1970: waivers and entitlements end."""
    trusted: tuple[Finding, ...] = ()
    """What verification (chains, signatures, owners) said, as findings; empty where all holds."""


Facts = Mapping[str, Any]
"""JSON for reports."""
