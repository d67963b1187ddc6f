"""What a site shows of what its jobs signed: for the next publish, for a heartbeat, and for `trust status`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from registry_tool.core import canonical, layout
from registry_tool.core.digest import Hex
from registry_tool.core.errors import InvalidInput
from registry_tool.core.freshness import Listed
from registry_tool.core.payload import Files
from registry_tool.core.ports import Source
from registry_tool.core.targets import Targets
from registry_tool.core.times import from_seconds
from registry_tool.signing.tuf.client import BIN_BYTES, SNAPSHOT_BYTES, TIMESTAMP_BYTES
from registry_tool.signing.tuf.index import Authority, division, verified

_VERSION_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """What holds of what a site shows."""

    listed: Mapping[str, Listed]
    """What its bins list, sorted by path."""
    expires: Mapping[str, str]
    """When each role that holds stops to be fresh; of the `bins` the earliest."""
    faults: tuple[str, ...] = field(default=())
    """What is missing, or signed by keys that do not count; empty where all of it holds."""


def fetch_published(source: Source, targets: Targets) -> Files:
    """The files below `tuf/` that jobs signed last, by path; nothing of them is verified.

    Empty where the site has no index. Raises what `source` raises.
    """
    files: dict[str, bytes] = {}
    timestamp = source.fetch(layout.TIMESTAMP, limit=TIMESTAMP_BYTES)
    if timestamp is None:
        return files
    files[layout.TIMESTAMP] = timestamp
    number = _versions(timestamp).get("snapshot.json", 0)
    path = layout.metadata_path("snapshot", number)
    snapshot = source.fetch(path, limit=SNAPSHOT_BYTES) if number else None
    if snapshot is None:
        return files
    files[path] = snapshot
    said = _versions(snapshot)
    names = [name for name in division(targets).get_roles() if f"{name}.json" in said]
    wanted = [layout.metadata_path(name, said[f"{name}.json"]) for name in names]
    found = source.fetch_all([(one, BIN_BYTES) for one in wanted])
    return files | {one: data for one, data in zip(wanted, found, strict=True) if data is not None}


def _versions(metadata: bytes) -> dict[str, int]:
    """The versions that unverified metadata names, by file."""
    try:
        value = canonical.parse_loose(metadata, limit=SNAPSHOT_BYTES, what="metadata")
        rows = value["signed"]["meta"].items()
        return {name: row["version"] for name, row in rows if 0 < int(row["version"]) < 10**_VERSION_DIGITS}
    except (InvalidInput, AttributeError, LookupError, TypeError, ValueError):
        return {}


def read_published(files: Files, authority: Authority) -> Shown:
    """What holds of `files`, as `fetch_published` gives them, under what people signed offline."""
    root, offline = authority.root_metadata(), authority.targets
    timestamp = verified(files.get(layout.TIMESTAMP), "timestamp", root)
    if timestamp is None:
        return Shown({}, {}, (_fault("timestamp", layout.TIMESTAMP, files),))
    expires = {"timestamp": _time(timestamp)}
    path = layout.metadata_path("snapshot", timestamp.snapshot_meta.version)
    snapshot = verified(files.get(path), "snapshot", root)
    if snapshot is None or snapshot.version != timestamp.snapshot_meta.version:
        return Shown({}, expires, (_fault("snapshot", path, files),))
    expires["snapshot"] = _time(snapshot)
    faults = [] if "targets.json" in snapshot.meta else ["its snapshot names no targets"]
    if not faults and snapshot.meta["targets.json"].version != offline.number:
        faults.append(f"its snapshot is of targets {snapshot.meta['targets.json'].version}, not {offline.number}")
    if timestamp.unrecognized_fields.get("x-root") != authority.number:
        faults.append(f"its timestamp does not name root {authority.number}")
    listed: dict[str, Listed] = {}
    times = []
    targets = authority.targets_metadata()
    for name, path in _bins(snapshot.meta, offline):
        bin_ = verified(files.get(path), name, targets) if path else None
        if bin_ is None or bin_.version != snapshot.meta[f"{name}.json"].version:
            faults.append(_fault(f"bin {name}", path, files))
            continue
        times.append(_time(bin_))
        listed |= {one: Listed(Hex(file.hashes["sha256"]), file.length) for one, file in bin_.targets.items()}
    if times:
        expires["bins"] = min(times)
    return Shown(dict(sorted(listed.items())), expires, tuple(faults))


def _bins(meta: Mapping[str, object], targets: Targets) -> Iterator[tuple[str, str]]:
    """Each bin with its path; an empty one where the snapshot does not name it."""
    for name in division(targets).get_roles():
        known = meta.get(f"{name}.json")
        yield name, layout.metadata_path(name, getattr(known, "version", 0)) if known else ""


def _fault(what: str, path: str, files: Files) -> str:
    return f"its {what} is not signed by the key that counts" if path in files else f"its {what} is missing"


def _time(signed: object) -> str:
    return from_seconds(int(signed.expires.timestamp()))  # type: ignore[attr-defined]  # of every role of the library
