"""A site's folder: what differs is written, what is gone is removed, and nothing else is touched.

Objects carry their digest in their path, so one that is there is right and is not read again; so do the
copies that clients of the signed index ask for. Every file appears in one step (written beside its
place, then renamed), so whoever reads the folder sees the old bytes or the new ones. New objects come
first and what names them later; the timestamp of the signed index is last of all, so that its clients
see the old state or the new one. Removals come after that, and what the index named lately stays.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, RegistryError, StateForbids
from registry_tool.stores.generations import RETIRED, retired, written
from registry_tool.stores.rooted import told
from registry_tool.stores.workers import shared

if TYPE_CHECKING:
    from registry_tool.core.index import Made

OBJECTS: Final = "objects/sha256/"
MARKER: Final = layout.REGISTRY_CHAINS
"""A folder that holds this is a site, and what it holds may be replaced."""

ENOUGH: Final = 200
"""Folders below which another process costs more than it brings."""

WELL_KNOWN: Final = ".well-known"
"""The one name at the top that begins with a dot and is of the site (RFC 8615)."""
_ELSEWHOSE: Final = f"{WELL_KNOWN}/acme-challenge"
"""Where a host's own certificate job writes (RFC 8555 part 8.3)."""

_STRANGE: Final = re.compile(r"^/|/$|//|(^|/)\.\.?(/|$)|^$|[\0\\]")
_NEW: Final = "registry-new-"
_COPY: Final = re.compile(r"[0-9a-f]{64}\.")


@dataclass(frozen=True, slots=True)
class Change:
    """One step that brings another copy of the site from the last state of the folder to this one."""

    turn: int
    """Steps of one turn may be done in any order, and all of them come before the next turn."""
    do: Literal["put", "delete"]
    path: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened to a site's folder."""

    written: int
    kept: int
    """Files that were right already."""
    removed: int
    bytes_written: int
    stayed: tuple[str, ...] = ()
    """What the signed index named lately and does not any more, sorted."""
    signed: Mapping[str, str] = field(default_factory=dict)
    """Digest of each file below `tuf/`, those that stayed apart."""
    changes: tuple[Change, ...] = field(default=(), compare=False)
    """What was written and removed, in the order in which to upload it."""


def changes_file(changes: Iterable[Change]) -> bytes:
    """The order of upload, a JSON object a line: `{"do": "put", "path": "index.html", "turn": 2}`."""
    # for cli/operator: --changes
    lines = (json.dumps({"do": one.do, "path": one.path, "turn": one.turn}, ensure_ascii=False) for one in changes)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


class Seen(Protocol):
    """What is known of a folder without reading it."""

    def there(self, walk: Callable[[Path], set[str]]) -> set[str]:
        """Every file of the folder, as `walk` says."""
        ...

    def is_same(self, path: str, digest: str) -> bool:
        """Whether the file at `path` has the bytes that `digest` says."""
        ...


def write_site(
    folder: Path, made: "Iterable[Made]", *, dry_run: bool = False, processes: int = 1, seen: Seen | None = None
) -> Counts:
    """Makes `folder` hold exactly the files of `made`; with `dry_run` only says what it would do.

    Where they hold a signed index, what it named in the last publishes stays too.
    Many files are written by `processes` at once, each of which makes its own with a copy of what `made` holds;
    what `seen` knows to be right is not read.

    Names at the top that begin with a dot (`.git`, `.nojekyll`) are left alone, `.well-known` apart.
    Raises `StateForbids`: `not-a-site` for a folder with other things in it, and what the disk says.
    """
    wanted = {one.path: one for one in made}
    try:
        there = _there(folder) if seen is None else seen.there(_there)
        if there and MARKER not in there:
            raise StateForbids(
                f"{folder} holds other things than a site, and a build removes what is not of the site",
                where=str(folder),
                code="not-a-site",
                hint="name another folder with --out, or empty this one",
            )
        is_same = partial(_same, folder) if seen is None else seen.is_same
        return _bring(folder, wanted, there, is_same, dry_run=dry_run, processes=processes)
    except OSError as error:
        raise told(error, str(error.filename or folder)) from error


def _bring(
    folder: Path,
    wanted: "Mapping[str, Made]",
    there: set[str],
    is_same: Callable[[str, str], bool],
    *,
    dry_run: bool,
    processes: int,
) -> Counts:
    gone = sorted(there - wanted.keys())
    stayed: tuple[str, ...] = ()
    if layout.TIMESTAMP in wanted:
        generations = retired(bytes_at(folder, RETIRED) if RETIRED in there else None, gone)
        stayed = tuple(sorted(path for paths in generations for path in paths))
        if stayed:
            from registry_tool.core.index import Made

            data = written(generations)
            wanted = {**wanted, RETIRED: Made(RETIRED, sha256(data), lambda path: data)}
        gone = sorted(set(gone).difference(stayed, [RETIRED] if stayed else []))
    differing = [
        path
        for path, one in wanted.items()
        if path not in there or not (names_itself(path, one.sha256) or is_same(path, one.sha256))
    ]
    for path in differing:  # what is there has no other paths
        if _STRANGE.search(path):
            raise InvalidInput(f"a site has no file {path!r}", code="bad-path")
    size = 0
    if not dry_run:
        left = _clear_the_way(folder, gone, differing)
        size = _write_all(folder, [wanted[path] for path in sorted(differing, key=_turn)], processes)
        for path in left:
            (folder / path).unlink(missing_ok=True)
        _remove_empty(folder, left)
    signed = {path: str(one.sha256) for path, one in wanted.items() if path.startswith(layout.METADATA)}
    changes = _changes(gone, differing)
    return Counts(len(differing), len(wanted) - len(differing), len(gone), size, stayed, signed, changes)


def _changes(gone: list[str], differing: list[str]) -> tuple[Change, ...]:
    """In which order to upload: what is in the way goes, objects, what names them, the signed index, the removals.

    Another copy is a site already, or shows nothing yet: its mark comes with what it lies among.
    """
    before = _in_the_way(gone, differing)
    steps = [Change(_turn(path)[0] or _turn("index/")[0], "put", path) for path in differing]
    steps += [Change(0 if path in before else _REMOVALS, "delete", path) for path in gone]
    return tuple(sorted(steps, key=lambda one: (one.turn, one.path)))


def write_in_turn(folder: Path, made: "Iterable[Made]") -> None:
    """Writes these files into a site in the order of `write_site`; nothing is removed. Raises as it does."""
    try:
        _write_all(folder, sorted(made, key=lambda one: _turn(one.path)), 1)
    except OSError as error:
        raise told(error, str(error.filename or folder)) from error


_LATE: Final = ((5, ""), (6, ".snapshot.json"), (7, ".root.json"), (8, "timestamp.json"))
"""The signed index: bins, the snapshot that names them, roots, which may end the keys of an old timestamp, and last
the timestamp, which names the snapshot."""


_REMOVALS: Final = 9


def _turn(path: str) -> tuple[int, str]:
    """The order of writing: a mark that this is a site, objects, the rest, what names them, the entry, `_LATE`."""
    if path == MARKER:
        return 0, path
    if path == layout.ENTRY:
        return 4, path
    if path.startswith(layout.METADATA):
        return max(turn for turn, end in _LATE if path.endswith(end)), path
    if path.startswith("index/"):
        return (2 if _is_copy(path) else 3), path
    return (1 if path.startswith(OBJECTS) else 2), path


def _is_copy(path: str) -> bool:
    """Whether a file lies under its own digest."""
    return _COPY.match(path.rpartition("/")[2]) is not None


def _there(folder: Path) -> set[str]:
    """Every file and link below `folder`; links are not followed."""
    found: set[str] = set()
    todo = [""]
    while todo:
        prefix = todo.pop()
        try:
            entries = os.scandir(f"{folder}/{prefix}")
        except FileNotFoundError:
            continue
        with entries:
            for entry in entries:
                path = prefix + entry.name
                if _is_elsewhose(path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    todo.append(path + "/")
                else:
                    found.add(path)
    return found


def read_right(folder: Path, digests: Mapping[str, str]) -> dict[str, bytes]:
    """Those of these files below `folder` whose bytes have the digests that are given."""
    found = {path: bytes_at(folder, path) for path in digests}
    return {path: data for path, data in found.items() if data is not None and sha256(data) == digests[path]}


def names_itself(path: str, digest: str) -> bool:
    """Whether a file is right where it is there: it lies under its own digest."""
    return path.startswith(OBJECTS) or (digest in path and path.rpartition("/")[2].startswith(digest))


def names_in(folder: Path, path: str) -> list[str]:
    """The names of the site in one of its folders (with `/` at its end; empty for the site's own), sorted."""
    return sorted(name for name in os.listdir(f"{folder}/{path}") if not _is_elsewhose(path + name))


def _is_elsewhose(path: str) -> bool:
    """Whether a path is left alone."""
    return (path.startswith(".") and path.partition("/")[0] != WELL_KNOWN) or path == _ELSEWHOSE


def _same(folder: Path, path: str, digest: str) -> bool:
    if names_itself(path, digest):
        return True
    data = bytes_at(folder, path)
    return data is not None and hashlib.sha256(data).hexdigest() == digest


def bytes_at(folder: Path, path: str) -> bytes | None:
    """A file's bytes; `None` where it is a link, or nobody may read it: it is replaced."""
    try:
        descriptor = os.open(f"{folder}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, "rb", buffering=0) as file:
        return file.read()


def _clear_the_way(folder: Path, gone: list[str], differing: list[str]) -> list[str]:
    """Removes files where folders are needed, and folders where files are; what is gone and left to remove."""
    if not gone:
        return []  # and the folders that are there hold files of the site
    in_the_way = _in_the_way(gone, differing)
    for path in sorted(in_the_way):
        (folder / path).unlink()
    _remove_empty(folder, in_the_way)
    return sorted(set(gone) - in_the_way)


def _in_the_way(gone: list[str], differing: list[str]) -> set[str]:
    """Those of `gone` that are files where folders are needed, or lie where a file comes."""
    if not gone:
        return set()
    parents, coming = {above for path in differing for above in _above(path)}, set(differing)
    return {path for path in gone if path in parents or not _above(path).isdisjoint(coming)}


def _above(path: str) -> set[str]:
    """The folders above a path."""
    return {path[:at] for at in range(len(path)) if path[at] == "/"}


def _write_all(folder: Path, files: "Iterable[Made]", processes: int) -> int:
    """Writes `files`, which come turn by turn; those of one folder by one process, two would wait for each other."""
    folders: dict[tuple[int, str], list[Made]] = {}
    for one in files:
        folders.setdefault((_turn(one.path)[0], one.path.rpartition("/")[0]), []).append(one)
    for parent in sorted({parent for _, parent in folders}):
        os.makedirs(f"{folder}/{parent}", exist_ok=True)

    def write(parts: "Sequence[Sequence[Made]]") -> Iterator[int]:
        for part in parts:
            yield sum([_write_one(folder, one) for one in part])

    size = 0
    for _, turn in groupby(folders.items(), key=lambda item: item[0][0]):
        parts = [part for _, part in turn]
        with closing(shared(write, parts, group=id, processes=processes, enough=ENOUGH)) as writing:
            size += sum(writing)
    return size


def _write_one(folder: Path, one: "Made") -> int:
    data = one.load(one.path)
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise RegistryError(f"{one.path} was made twice and became something else each time")
    write_file(f"{folder}/{one.path}", data)
    return len(data)


def write_file(place: str, data: bytes) -> None:
    """Puts a file in its place in one step, old bytes or new ones; raises `OSError`."""
    parent, _, name = place.rpartition("/")
    new = f"{parent}/{_NEW}{os.getpid()}-{name[:100]}"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        os.replace(new, place)
    except BaseException:
        os.unlink(new)
        raise


def _remove_empty(folder: Path, gone: Iterable[str]) -> None:
    parents = {above for path in gone for above in _above(path)}
    for parent in sorted(parents, key=len, reverse=True):
        try:
            (folder / parent).rmdir()
        except OSError:
            pass  # it holds something still, or is gone already
