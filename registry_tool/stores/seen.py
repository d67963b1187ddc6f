"""What a site's folder looked like when it was last known to be right, so that most of it is not read again.

As git's index does: of each file its size, times and inode, which change whenever anybody writes it, and of
each folder the times and inode, which change whenever a name in it comes or goes. Objects and other files
under their own digests are right where they are there, so their folders say enough.

Who writes twice within one tick of the clock leaves the same time both times. So a stat counts only where it
is older than a file that was made before the look; what is not (git calls it racy) is read again each time.
"""

import json
import os
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from registry_tool.core.digest import sha256
from registry_tool.stores.output import bytes_at, names_in, names_itself
from registry_tool.stores.workers import all_hold, cores

FORMAT: Final = 1
RACY: Final = 2000
"""Files that were written too lately, beyond which reading them costs more than one build does."""
ENOUGH: Final = 8000
"""Files beyond which a second process that looks at them pays."""

_PROBE: Final = ".registry-probe-"
_INODE: Final = 2**63 - 1  # some disks number with all 64 bits, and an array of signed numbers has room for 63


class Stat(NamedTuple):
    """What changes with a file or a folder; times in billionths of a second."""

    mtime: int
    ctime: int
    inode: int
    size: int
    """0 of a folder: what it has says nothing."""

    def is_before(self, tick: int) -> bool:
        """Whether no change after `tick` could leave it as it is."""
        return max(self.mtime, self.ctime) < tick


class Found(NamedTuple):
    """What was found right."""

    stat: Stat
    counts: bool
    """Whether the stat alone says next time that it still is."""


class SeenTable:
    """What was seen of one folder, as its file has it; large parts are read when they are asked for."""

    def __init__(self, header: Mapping[str, Any], data: bytes) -> None:  # Any: JSON
        self.site, self.out = str(header["site"]), str(header["out"])
        self.racy: Mapping[str, str] = header["racy"]
        """Files that must be read again, with their digests."""
        self.listed: Mapping[str, Sequence[str]] = header["listed"]
        """Folders that must be listed again, with the names in them."""
        ends = header["ends"]
        self._paths, self._stats, self._digests, self._others = (
            data[start:end] for start, end in zip([0, *ends], ends, strict=False)
        )

    @cached_property
    def paths(self) -> Sequence[str]:
        """Files, and folders with `/` at their end, whose stats count."""
        return _split(self._paths)

    @cached_property
    def stats(self) -> "array[int]":
        """Of each path, one field after the other."""
        return array("q", self._stats)

    @cached_property
    def others(self) -> Sequence[str]:
        """Files that are right because their names say so."""
        return _split(self._others)

    @cached_property
    def known(self) -> Mapping[str, tuple[str, Stat]]:
        """Digest and stat of each path."""
        stats = self.stats
        return {
            path: (self._digests[at * 32 : at * 32 + 32].hex(), Stat(*stats[at * 4 : at * 4 + 4]))
            for at, path in enumerate(self.paths)
        }


class SeenSite:
    """The folder `out` of a site, and the file that remembers it (`None`: nothing is remembered)."""

    def __init__(self, file: Path | None, out: Path) -> None:
        self._file, self._out = file, out
        self._table = _loaded(file, str(out))
        self._right: dict[str, Found] = {}
        self._folders: dict[str, Found] = {}
        self._begun = 0
        """What was last changed before this, was so before anything was looked at."""

    def is_unchanged(self, site: str) -> bool:
        """Whether the folder is as it was when the site with this id was written into it."""
        table = self._table
        if table is None or table.site != site or len(table.racy) > RACY:
            return False
        count = len(table.paths)
        parts = [range(count)] if count < ENOUGH else [range(count // 2), range(count // 2, count)]
        try:
            return all_hold(lambda part: self._holds(table, part), parts if cores() > 1 else [range(count)]) and (
                self._holds_racy(table)
            )
        except OSError:
            return False

    def _holds(self, table: SeenTable, part: range) -> bool:
        found, there, look = array("q"), f"{self._out}/", os.lstat
        try:
            for path in table.paths[part.start : part.stop]:
                if path[-1] == "/":  # not followed, where a link took a folder's place
                    one = look(there + path[:-1])
                    found.extend((one.st_mtime_ns, one.st_ctime_ns, one.st_ino & _INODE, 0))
                else:
                    one = look(there + path)
                    found.extend((one.st_mtime_ns, one.st_ctime_ns, one.st_ino & _INODE, one.st_size))
        except OSError:
            return False
        return found == table.stats[part.start * 4 : part.stop * 4]

    def _holds_racy(self, table: SeenTable) -> bool:
        return self._lists(table) and all(_digest(self._out, path) == digest for path, digest in table.racy.items())

    def _lists(self, table: SeenTable) -> bool:
        return all(
            names_in(self._out, folder) == names and not (folder and os.path.islink(f"{self._out}/{folder[:-1]}"))
            for folder, names in table.listed.items()
        )

    def there(self, walk: Callable[[Path], set[str]]) -> set[str]:
        """Every file of the folder, as `walk` says, which is asked only where a folder changed."""
        with suppress(OSError):
            self._begun = self._tick()
        table = self._table
        if table is None:
            return walk(self._out)
        same = True
        for path, (_, before) in table.known.items():
            if path.endswith("/"):
                now = self._look(path)
                same = same and now == before
                self._folders[path] = Found(now, now == before or now.is_before(self._begun))
        with suppress(OSError):
            if same and self._lists(table):
                files = {path for path in table.paths if not path.endswith("/")}
                return files.union(table.others, table.racy)
        return walk(self._out)

    def is_same(self, path: str, digest: str) -> bool:
        """Whether the file at `path` has the bytes that `digest` says; read only where its stat says nothing."""
        now = self._look(path)
        before = self._table.known.get(path) if self._table else None
        if before == (digest, now):
            self._right[path] = Found(now, counts=True)
            return True
        if _digest(self._out, path) != digest:
            return False
        self._right[path] = Found(now, now.is_before(self._begun))
        return True

    def save(self, site: str, digests: Mapping[str, str], stayed: Iterable[str], changed: Collection[str]) -> None:
        """Remembers the folder, into which the site with this id was written.

        `digests` are of all its files, `stayed` lie there beside them, and `changed` were written or removed.
        """
        if self._file is None:
            return
        files = {path: digest for path, digest in digests.items() if not names_itself(path, digest)}
        others = [*stayed, *(digests.keys() - files.keys())]
        folders, touched = _folders((*files, *others)), _folders(changed)
        with suppress(OSError):
            tick = self._tick()
            found = {path: self._right.get(path) or self._now(path, tick) for path in files}
            found |= {
                path: (self._folders.get(path) if path not in touched else None) or self._now(path, tick)
                for path in folders
            }
            counting = {path: one.stat for path, one in sorted(found.items()) if one.counts}
            header = {
                "format": FORMAT,
                "site": site,
                "out": str(self._out),
                "racy": {path: digest for path, digest in files.items() if path not in counting},
                "listed": {path: names_in(self._out, path) for path in ("", *sorted(folders - counting.keys()))},
            }
            _write(self._file, header, counting, files, others)

    def _now(self, path: str, tick: int) -> Found:
        now = self._look(path)
        return Found(now, now.is_before(tick))

    def _look(self, path: str) -> Stat:
        """What is there now; what changed at no time, where nothing is."""
        try:
            one = os.lstat(f"{self._out}/{path.removesuffix('/')}")
        except OSError:
            return Stat(0, 0, 0, 0)
        size = 0 if path.endswith("/") else one.st_size
        return Stat(one.st_mtime_ns, one.st_ctime_ns, one.st_ino & _INODE, size)

    def _tick(self) -> int:
        """The time that the folder's disk would give a file now; nothing is left of the one that asks."""
        place = f"{self._out}/{_PROBE}{os.getpid()}"
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            return os.lstat(place).st_ctime_ns
        finally:
            os.unlink(place)


def _digest(out: Path, path: str) -> str:
    data = bytes_at(out, path)
    return sha256(data) if data is not None else ""


def _folders(paths: Iterable[str]) -> set[str]:
    """The folders above these paths, the site's own apart: that one is always listed."""
    found: set[str] = set()
    for path in paths:
        at = path.rfind("/")
        while at > 0 and (folder := path[: at + 1]) not in found:
            found.add(folder)
            at = path.rfind("/", 0, at)
    return found


def _split(data: bytes) -> Sequence[str]:
    return data.decode("utf-8", "surrogateescape").split("\0") if data else []


def _loaded(file: Path | None, out: str) -> SeenTable | None:
    """What was seen of the folder `out`; `None` where that was another one, or the file is lost or damaged."""
    try:
        data = file.read_bytes() if file else b""
        line, _, rest = data.partition(b"\n")
        header = json.loads(line)
        right = (header["format"], header["out"], header["sum"]) == (FORMAT, out, sha256(rest))
        return SeenTable(header, rest) if right else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(
    file: Path,
    header: Mapping[str, Any],  # Any: JSON
    counting: Mapping[str, Stat],
    digests: Mapping[str, str],
    others: Iterable[str],
) -> None:
    stats = array("q", [field for stat in counting.values() for field in stat])
    nothing = bytes(32)
    parts = (
        "\0".join(counting).encode("utf-8", "surrogateescape"),
        stats.tobytes(),
        b"".join(bytes.fromhex(digests[path]) if path in digests else nothing for path in counting),
        "\0".join(sorted(others)).encode("utf-8", "surrogateescape"),
    )
    ends = [sum(map(len, parts[:count])) for count in range(1, len(parts) + 1)]
    rest = b"".join(parts)
    line = json.dumps({**header, "ends": ends, "sum": sha256(rest)})
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.write_bytes(line.encode("ascii") + b"\n" + rest)
    os.replace(new, file)
