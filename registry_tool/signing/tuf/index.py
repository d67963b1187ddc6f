"""What jobs sign: the bins that list a site's files, the snapshot of their versions, the timestamp.

    files ──hash of the path──▶ 256 bins ──versions──▶ snapshot ──version──▶ timestamp
                                the publishing key       └── the timestamp key ──┘

A publish signs the bins whose files changed, the snapshot and the timestamp. Every bin takes its
version from one counter that never falls, so that no two bins ever share one: a mirror without any
key could otherwise serve one bin as another and hide the names in it. The counter begins at the clock
(the seconds since 1970, with room for every bin in each), so that also a job that lost what it
published before never goes back.

A bin stays only while its own rows say what the site holds. Where a job remembers that it signed these
very bytes (`Memory`), their signature is not verified once more: what it remembers decides nothing else.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.freshness import WITH
from registry_tool.core.keys import Signer
from registry_tool.core.payload import Files
from registry_tool.core.targets import Targets as Offline
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.signing.tuf.offline import sign, to_bytes

if TYPE_CHECKING:
    from tuf.api.metadata import Root, Snapshot, SuccinctRoles, Targets, Timestamp

ROOM: Final = 1 << 16
"""Versions that one second has: as many as there can be bins."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a job remembers of its last publish."""

    under: str
    """`Authority.digest` of what it signed under; under another one nothing of it counts."""
    known: frozenset[str]
    """SHA-256 of the files that it signed, or verified."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The keys that jobs sign with, and what they remember."""

    bins: tuple[Signer, ...]
    timestamp: tuple[Signer, ...]
    """They sign the snapshot too."""
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """What people signed offline, and jobs sign under."""

    root: bytes
    """The newest root."""
    number: int
    """Its number."""
    targets: Offline

    @property
    def digest(self) -> str:
        """Changes with whatever says whose signatures count."""
        return sha256(f"{sha256(self.root)} {sha256(self.targets.text)}".encode("ascii"))

    def root_metadata(self) -> "Root":
        """The root as the library has it."""
        from tuf.api.metadata import Metadata, Root

        metadata: Metadata[Root] = Metadata.from_bytes(self.root)
        return metadata.signed

    def targets_metadata(self) -> "Targets":
        """The targets as the library has them."""
        from tuf.api.metadata import Metadata, Targets

        metadata: Metadata[Targets] = Metadata.from_bytes(self.targets.text)
        return metadata.signed


def division(targets: Offline) -> "SuccinctRoles":
    """How paths are spread over bins."""
    from tuf.api.metadata import SuccinctRoles

    return SuccinctRoles(list(targets.bin_keys), targets.bin_threshold, targets.bits, targets.prefix)


def verified(data: bytes | None, role: str, delegator: "Root | Targets") -> Any:  # Any: the library's metadata
    """The metadata in `data`, if `delegator` lets its signers sign for `role`; else `None`."""
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata

    if data is None:
        return None
    try:
        metadata: Metadata[Any] = Metadata.from_bytes(data)
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except RepositoryError:
        return None
    return metadata.signed


@dataclass(frozen=True, slots=True)
class _Bin:
    """A bin that was published before."""

    version: int
    expires: int
    """Like all times here in seconds since 1970."""
    rows: Mapping[str, tuple[str, object]]
    """Each path with its SHA-256, and with what its row says of its scope's chain."""


def _read_bin(data: bytes) -> _Bin | None:
    """What a bin says whose signature holds; `None` where it is none that this tool made."""
    try:
        signed = json.loads(data)["signed"]
        rows = signed["targets"].items()
        said = {path: (row["hashes"]["sha256"], row.get("custom", {}).get(WITH)) for path, row in rows}
        return _Bin(signed["version"], to_seconds(signed["expires"]), said)
    except (InvalidInput, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class SignedIndex:
    """The signed index after a publish."""

    files: Files
    """What jobs sign, whole, by path of the site."""
    signed: tuple[str, ...]
    """The paths that were signed now, sorted; the others are as they were."""
    expires: Mapping[str, str]
    """When each role stops to be fresh; of the `bins` the earliest."""


def sign_index(
    listed: Mapping[str, str],
    size_of: Callable[[str], int],
    *,
    authority: Authority,
    previous: Files,
    jobs: Jobs,
    now: int,
    renew: bool = False,
) -> SignedIndex:
    """The index of the files `listed` (path to bare SHA-256); `size_of` gives the bytes of one that is new.

    `previous` is what was published before (paths below `tuf/`), or empty; what does not verify there
    is signed anew, and a bin that `jobs` remember need not be verified. What has less than half of its
    days left is signed again, and with `renew` the timestamp in any case. `now` is in seconds since 1970.
    """
    return _Publish(listed, size_of, authority, previous, jobs, now).run(renew=renew)


@dataclass
class _Publish:
    """One publish while it goes on."""

    listed: Mapping[str, str]
    size_of: Callable[[str], int]
    authority: Authority
    previous: Files
    jobs: Jobs
    now: int
    files: dict[str, bytes] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)
    counter: int = 0
    """The highest version that a bin has."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of the scopes' chains."""
    floor: int = 0
    """The version of the snapshot that the published timestamp names, also where that snapshot is lost."""

    def run(self, *, renew: bool) -> SignedIndex:
        before = self._published(layout.TIMESTAMP, "timestamp", self._root)
        old = self._old_snapshot(before)
        self.floor = before.snapshot_meta.version if before else 0
        meta: dict[str, Any] = dict(old.meta) if old else {}  # bins of another division stay: warm clients miss them
        self.counter = max(self.now * ROOM, *(one.version for one in meta.values()), 0)
        bins = [self._bin(name, files, meta) for name, files in self._divided()]
        snapshot = self._snapshot(old, meta)
        timestamp = self._timestamp(before, snapshot, renew=renew)
        expires = {"bins": min(bins), "snapshot": _seconds(snapshot), "timestamp": _seconds(timestamp)}
        said = {role: from_seconds(moment) for role, moment in expires.items()}
        return SignedIndex(self.files, tuple(sorted(self.signed)), said)

    def _divided(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Every bin's name with the files in it."""
        roles = division(self.authority.targets)
        divided: dict[str, dict[str, str]] = {name: {} for name in roles.get_roles()}
        for path in sorted(self.listed):
            divided[roles.get_role_for_target(path)][path] = self.listed[path]
        yield from divided.items()

    def _bin(self, name: str, files: Mapping[str, str], meta: dict[str, Any]) -> int:
        """Signs a bin, unless what is published says the same and is fresh; when it expires."""
        from tuf.api.metadata import MetaFile, TargetFile, Targets

        version = meta[f"{name}.json"].version if f"{name}.json" in meta else 0
        path = layout.metadata_path(name, version)
        before = self._old_bin(path, name)
        days = self.authority.targets.days.bins
        wanted = {one: (digest, self._with(one)) for one, digest in files.items()}
        same = before is not None and (before.version, before.rows) == (version, wanted)
        if before and same and not self._stale(before.expires, days):
            self.files[path] = self.previous[path]
            return before.expires
        # Nothing that is signed now comes from bytes that are only remembered.
        there: Targets | None = self._published(path, name, self._targets)
        targets = {}
        for one, (digest, chain) in wanted.items():
            known = there.targets.get(one) if there else None
            size = known.length if known and known.hashes["sha256"] == digest else self.size_of(one)
            extra: dict[str, Any] = {"custom": {WITH: chain}} if chain else {}
            targets[one] = TargetFile(size, {"sha256": digest}, one, extra)
        self.counter += 1
        fresh = Targets(version=self.counter, expires=self._until(days), targets=targets)
        self._put(layout.metadata_path(name, self.counter), fresh, self.jobs.bins)
        meta[f"{name}.json"] = MetaFile(self.counter)
        return _seconds(fresh)

    def _old_bin(self, path: str, name: str) -> _Bin | None:
        """The bin that was published at `path`; `None` like `_published`."""
        data = self.previous.get(path, b"")
        return _read_bin(data) if sha256(data) in self._known or self._published(path, name, self._targets) else None

    @cached_property
    def _known(self) -> frozenset[str]:
        """What need not be verified."""
        memory = self.jobs.memory
        return memory.known if memory and memory.under == self.authority.digest else frozenset()

    def _with(self, path: str) -> list[Any] | None:  # Any: as JSON has it
        """What the row of a per-name file says of its scope's chain: SHA-256 and bytes."""
        chain = layout.read_with(path)
        if chain is None or chain not in self.listed:
            return None
        if chain not in self.sizes:
            self.sizes[chain] = self.size_of(chain)
        return [self.listed[chain], self.sizes[chain]]

    def _old_snapshot(self, timestamp: "Timestamp | None") -> "Snapshot | None":
        """The snapshot that was published last; without a good timestamp the newest that holds."""
        if timestamp is not None:
            path = layout.metadata_path("snapshot", timestamp.snapshot_meta.version)
            found: Snapshot | None = self._published(path, "snapshot", self._root)
            return found
        good = [self._published(path, "snapshot", self._root) for path in self.previous if ".snapshot." in path]
        return max((one for one in good if one), key=lambda one: int(one.version), default=None)

    def _snapshot(self, old: "Snapshot | None", meta: dict[str, Any]) -> "Snapshot":
        from tuf.api.metadata import MetaFile, Snapshot

        days = self.authority.targets.days.snapshot
        meta["targets.json"] = MetaFile(self.authority.targets.number)
        if old is not None and meta == old.meta and not self._stale(_seconds(old), days):
            path = layout.metadata_path("snapshot", old.version)
            self.files[path] = self.previous[path]
            return old
        version = max(self.now, (old.version if old else self.floor) + 1)
        fresh = Snapshot(version=version, expires=self._until(days), meta=meta)
        self._put(layout.metadata_path("snapshot", version), fresh, self.jobs.timestamp)
        return fresh

    def _timestamp(self, before: "Timestamp | None", snapshot: "Snapshot", *, renew: bool) -> "Timestamp":
        from tuf.api.metadata import MetaFile, Timestamp

        days, said = self.authority.targets.days.timestamp, {"x-root": self.authority.number}
        if (
            before is not None
            and not renew
            and before.snapshot_meta.version == snapshot.version
            and before.unrecognized_fields == said
            and not self._stale(_seconds(before), days)
        ):
            self.files[layout.TIMESTAMP] = self.previous[layout.TIMESTAMP]
            return before
        fresh = Timestamp(
            version=max(self.now, before.version + 1 if before else 1),
            expires=self._until(days),
            snapshot_meta=MetaFile(snapshot.version),
            unrecognized_fields=said,
        )
        self._put(layout.TIMESTAMP, fresh, self.jobs.timestamp)
        return fresh

    def _published(self, path: str, role: str, delegator: "Root | Targets") -> Any:  # Any: the library's metadata
        """What was published at `path`; `None` for what is of keys that ended, or damaged: it is signed anew."""
        return verified(self.previous.get(path), role, delegator)

    @cached_property
    def _root(self) -> "Root":
        return self.authority.root_metadata()

    @cached_property
    def _targets(self) -> "Targets":
        return self.authority.targets_metadata()

    def _put(self, path: str, signed: Any, signers: tuple[Signer, ...]) -> None:  # Any: the library's metadata
        from tuf.api.metadata import Metadata

        metadata = Metadata(signed)
        for signer in signers:
            sign(metadata, signer)
        self.files[path] = to_bytes(metadata)
        self.signed.append(path)

    def _until(self, days: int) -> datetime:
        return datetime.fromtimestamp(self.now, UTC) + timedelta(days=days)

    def _stale(self, expires: int, days: int) -> bool:
        """Whether less than half of its days is left."""
        return expires - self.now < days * 86_400 / 2


def _seconds(signed: Any) -> int:  # Any: the library's metadata
    """When it expires."""
    return int(signed.expires.timestamp())
