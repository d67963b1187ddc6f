"""Installs, counted in access logs: lines in, `Counts` out.

An install is a GET of a release's bundle, or of what stands for it in another client's tongue, that was
answered 200 or 206. The same client on the same day counts once for a release, however often it asked or
in how many parts it took the file. Who that was is known only while one import runs, as a keyed hash in
memory; nothing that is written tells of anybody. Robots that say so do not count.

Logs are read as a stream. What was counted of a log is remembered by its digest (`core/counts.py`), so the
same log, or the same log grown, counts what is new in it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from registry_tool.core import canonical, layout, limits
from registry_tool.core.catalogue import read_catalogue
from registry_tool.core.counts import Counts, LogMark, added, no_counts
from registry_tool.core.digest import Hex, bare, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import NotFound
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Source
from registry_tool.core.release import NameRecord, RegistryChains
from registry_tool.services.logs import Reader, Request, plain_path

LINE_BYTES: Final = 64 * limits.KIB
"""A longer line is no request that is worth reading."""
CLIENTS: Final = 2_000_000
"""Installs of which an import remembers who they were for: 200 MB. Beyond, those of the oldest day are forgotten,
and who comes again late counts again."""
BATCH: Final = 100

_ROBOT: Final = re.compile(r"bot\b|bot/|crawl|spider|slurp|archiver", re.IGNORECASE)
_MARKS: Final = ("/objects/sha256/", "/.well-known/agent-skills/", "/bundles/")
"""In the path of every file that is an install."""
_HINTS: Final = (b"objects", b"agent-skills", b"bundles")
"""In every line that may tell one, percent signs or not."""
_WIRE: Final = (
    "bundles/public/{name}/{version}/bundle.js.sig",
)  # its clients fetch the signature once, the bundle often
_ALSO: Final[Mapping[str, Sequence[str]]] = {
    "gadget": _WIRE,
    "blueprint": _WIRE,
    "skill": (
        ".well-known/agent-skills/{scope}/{version}.tar.gz",
        ".well-known/agent-skills/{scope}/{version}/SKILL.md",
    ),
}
"""By kind, what else an install fetches; `scope` is the artifact's name without its `@`."""

ReleaseId = tuple[str, str]
"""Artifact and version."""
Found = Counter[tuple[str, str, str]]
"""Installs by artifact, version and day."""


@dataclass(slots=True)
class LogTold:
    """What came of one log, in lines."""

    lines: int = 0
    known: int = 0
    """That a former import counted."""
    installs: int = 0
    again: int = 0
    """Requests of clients that counted already that day."""
    robots: int = 0
    closed: int = 0
    """Installs on days to which nothing is added any more."""
    skipped: int = 0
    """That are no request that can be read: garbage, another format, too long, of the future."""


@dataclass
class Tally:
    """One import of some logs."""

    bundles: Mapping[str, ReleaseId]
    """Path on the site of every file whose download is an install."""
    registry: str
    counts: Counts | None
    """What former imports counted."""
    today: str
    """No line of a log is of a later day."""
    salt: bytes
    """Of this import alone; at most 64 bytes."""
    most: int = CLIENTS
    """Installs of which it is remembered who they were for."""
    _found: Found = field(default_factory=Found)
    _logs: dict[str, LogMark] = field(default_factory=dict)
    _until: str = ""
    _clients: dict[str, set[bytes]] = field(default_factory=dict)
    """By day."""
    _remembered: int = 0

    def read(self, pieces: Iterable[bytes]) -> LogTold:
        """Counts one log, which comes in pieces of at most `LINE_BYTES`: each ends where a line does, or is full."""
        known = {**(self.counts.logs if self.counts else {}), **self._logs}
        log = _Log(self, _Prefix(known))
        for piece in pieces:
            log.take(piece)
        log.end()
        self._found += log.found
        self._until = max(self._until, log.until)
        if log.until:
            self._logs[log.prefix.digest] = LogMark(bytes=log.prefix.counted, until=log.until)
        return log.told

    def result(self) -> Counts:
        """The counts with all that was read; the same as before where nothing was."""
        before = self.counts or no_counts(self.registry, self._until or self.today)
        installs: dict[str, dict[str, dict[str, int]]] = {}
        for (artifact, version, day), count in sorted(self._found.items()):
            installs.setdefault(artifact, {}).setdefault(version, {})[day] = count
        return added(before, installs, self._logs, until=self._until)

    def is_new(self, request: Request, release: ReleaseId) -> bool:
        """Whether this client did not install this release on this day yet; always, where the line names no client."""
        if not request.address:
            return True
        text = "\0".join((request.address, request.agent, *release))
        client = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12, key=self.salt).digest()
        day = self._clients.setdefault(request.day, set())
        if client in day:
            return False
        day.add(client)
        self._remembered += 1
        if self._remembered > self.most:
            self._remembered -= len(self._clients.pop(min(self._clients)))
        return True


class _Prefix:
    """How much of a log was counted before: its beginnings, compared by digest while it is read."""

    def __init__(self, known: Mapping[str, LogMark]) -> None:
        self._known = known
        self._lengths = sorted({mark.bytes for mark in known.values()}, reverse=True)
        self._hash = hashlib.sha256()
        self.counted = 0

    @property
    def digest(self) -> str:
        """Of everything up to here."""
        return self._hash.hexdigest()

    def go_over(self, data: bytes) -> bool:
        """Goes on; whether a log that was counted ended in `data` or at its end."""
        ended = False
        at, start = 0, self.counted
        while self._lengths and self._lengths[-1] <= start + len(data):
            there = self._lengths.pop() - start
            self._hash.update(data[at:there])
            at = there
            mark = self._known.get(self.digest)
            ended = ended or (mark is not None and mark.bytes == start + there)
        self._hash.update(data[at:] if at else data)
        self.counted += len(data)
        return ended


class _Log:
    """One log while it is read."""

    def __init__(self, tally: Tally, prefix: _Prefix) -> None:
        self._tally = tally
        self._reader = Reader()
        self.prefix = prefix
        self.told, self.found, self.until = LogTold(), Found(), ""
        self._last: bytes = b""
        """The last line that looks like one of a log."""
        self._inside = False
        """Whether the next piece goes on with a line that is too long."""

    def take(self, piece: bytes) -> None:
        """Goes over one piece."""
        whole = piece.endswith(b"\n")
        if not self._inside:
            self.told.lines += 1
        if self._inside or (not whole and len(piece) >= LINE_BYTES):
            self.told.skipped += not self._inside
            self._inside = not whole
            known = self.prefix.go_over(piece)
        elif not whole and self._reader.read(_text(piece)) is None:
            return  # half a line at the end: the next import sees all of it
        else:
            known = self.prefix.go_over(piece)
            if not known:
                self._line(piece)
        if known:
            self.told, self.found = LogTold(lines=self.told.lines, known=self.told.lines), Found()

    def end(self) -> None:
        """The last line says until when the log goes, also where nobody installed anything."""
        request = self._reader.read(_text(self._last))
        if request is not None and request.day <= self._tally.today:
            self.until = max(self.until, request.day)

    def _line(self, line: bytes) -> None:
        if not self._reader.is_like(line):
            self.told.skipped += line.strip() != b""
            return
        if line.startswith(b"#"):
            self._reader.read(_text(line))
            return
        self._last = line
        if not any(hint in line for hint in _HINTS):
            return
        request = self._reader.read(_text(line))
        if request is None or request.day > self._tally.today:
            self.told.skipped += 1
            return
        self.until = max(self.until, request.day)
        release = self._release(request)
        if release is not None:
            self._install(request, release)

    def _release(self, request: Request) -> ReleaseId | None:
        """What was taken; `None` where it was something else, or nothing."""
        if request.method != "GET" or request.status not in (200, 206):
            return None
        path = plain_path(request.path)
        at = max(path.rfind(mark) for mark in _MARKS)
        return self._tally.bundles.get(path[at + 1 :]) if at >= 0 else None

    def _install(self, request: Request, release: ReleaseId) -> None:
        tally = self._tally
        if _ROBOT.search(request.agent):
            self.told.robots += 1
        elif tally.counts is not None and request.day <= tally.counts.closed:
            self.told.closed += 1
        elif not tally.is_new(request, release):
            self.told.again += 1
        else:
            self.told.installs += 1
            self.found[(*release, request.day)] += 1


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")


def registry_at(source: Source) -> Hex:
    """The id of the registry that `source` says it is; `NotFound` where it is none."""
    data = source.fetch(layout.REGISTRY_CHAINS, limit=limits.CHAIN_FILE_BYTES)
    value = canonical.parse(data, limit=limits.CHAIN_FILE_BYTES, what=layout.REGISTRY_CHAINS) if data else None
    if value is None:
        raise NotFound(f"{source.where} is no registry", code="not-a-registry", hint="name a built site or a clone")
    return sha256(RegistryChains.of(value).roots[0].encode("utf-8"))


def bundles_at(source: Source, registry: str) -> dict[str, ReleaseId]:
    """`Tally.bundles` of a registry. Nothing is verified: counts decide nothing."""
    data = source.fetch(layout.CATALOGUE, limit=limits.CATALOGUE_BYTES) or b""
    artifacts = [parse_artifact(row.artifact) for row in read_catalogue(data, registry=registry).artifacts]
    found: dict[str, tuple[str, ReleaseId]] = {}
    for start in range(0, len(artifacts), BATCH):
        paths = [layout.name_path(one) for one in artifacts[start : start + BATCH]]
        records = source.fetch_all([(path, limits.NAME_RECORD_BYTES) for path in paths])
        for path, record in zip(paths, records, strict=True):
            if record is not None:
                _add_bundles(
                    load(NameRecord, record, limit=limits.NAME_RECORD_BYTES, registry=registry, what=path), found
                )
    return {path: release for path, (_, release) in found.items()}


def _add_bundles(record: NameRecord, found: dict[str, tuple[str, ReleaseId]]) -> None:
    """Of two releases with the same bundle the one that was there first has its installs."""
    for version, row in record.versions.items():
        release = (row.published, (record.artifact, version))
        bundle = layout.object_path(bare(row.bundle))  # type: ignore[arg-type]  # DigestText is a digest
        also = (
            form.format(name=record.artifact, scope=record.artifact[1:], version=version)
            for form in _ALSO.get(record.kind, ())
        )
        for path in (bundle, *also):
            found[path] = min(found.get(path, release), release)
