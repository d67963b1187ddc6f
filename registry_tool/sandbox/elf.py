"""Which shared libraries a program loads, read from its file as the loader would (System V ABI, gABI 4.1 part 5).

No program is started for it: `ldd` runs what it looks at.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

_HEADER_BYTES: Final = 64
_SEGMENTS: Final = 64
"""Segments that are looked at; programs have a dozen."""
_TABLE_BYTES: Final = 1 << 20
"""Bytes of one table that are read; those of the largest programs have some kilobytes."""
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRINGS, _STRINGS_SIZE, _RPATH, _RUNPATH = 1, 5, 10, 15, 29
_NAMES: Final = 300
"""Libraries of one program, all together."""


@dataclass(frozen=True, slots=True)
class Elf:
    """What a program's or library's file says of others."""

    needed: tuple[str, ...] = ()
    """Names of libraries."""
    interpreter: str = ""
    """Path of the loader; empty for libraries and static programs."""
    run_paths: tuple[str, ...] = ()
    """Where it wants libraries to be looked for first."""


@cache
def read_elf(path: Path) -> Elf | None:
    """What the file says; `None` for a file that is no 64-bit little-endian ELF, or not one that can be read."""
    try:
        with path.open("rb") as file:
            return _read(file, path.parent)
    except (OSError, struct.error, ValueError):
        return None


def _read(file: BinaryIO, origin: Path) -> Elf | None:
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or header[:6] != b"\x7fELF\x02\x01":
        return None
    (offset,) = struct.unpack_from("<Q", header, 32)
    size, count = struct.unpack_from("<HH", header, 54)
    file.seek(offset)
    table = file.read(size * min(count, _SEGMENTS))
    loads, dynamic, interpreter = [], b"", ""
    for start in range(0, len(table), size):
        kind, _, at, address, _, length = struct.unpack_from("<IIQQQQ", table, start)
        if kind == _LOAD:
            loads.append((address, at, length))
        elif kind == _DYNAMIC:
            dynamic = _at(file, at, length)
        elif kind == _INTERPRETER:
            interpreter = _at(file, at, length).rstrip(b"\0").decode()
    entries = [struct.unpack_from("<qQ", dynamic, start) for start in range(0, len(dynamic) - 15, 16)]
    where = next((value for tag, value in entries if tag == _STRINGS), None)
    place = next((at + where - begin for begin, at, size in loads if where and begin <= where < begin + size), None)
    if place is None:
        return Elf(interpreter=interpreter)
    strings = _at(file, place, next((value for tag, value in entries if tag == _STRINGS_SIZE), _TABLE_BYTES))

    def texts(*tags: int) -> list[str]:
        return [strings[value : strings.index(b"\0", value)].decode() for tag, value in entries if tag in tags]

    paths = [part.replace("${ORIGIN}", "$ORIGIN") for text in texts(_RPATH, _RUNPATH) for part in text.split(":")]
    return Elf(
        tuple(texts(_NEEDED)), interpreter, tuple(part.replace("$ORIGIN", str(origin)) for part in paths if part)
    )


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(min(length, _TABLE_BYTES))


def library_folders() -> tuple[Path, ...]:
    """Where the loader of this machine looks by itself, and has all that it needs to run others."""
    found = (Path("/usr/lib"), Path("/usr/lib64"), Path("/lib"), Path("/lib64"), Path("/usr/local/lib"))
    triplets = (path for folder in found for path in sorted(folder.glob("*-linux-*")) if path.is_dir())
    return (*triplets, *found)


def loaded(programs: Iterable[Path], *, more: Iterable[str] = ()) -> dict[str, Path]:
    """Every file that starting these programs loads besides them: path as the loader looks for it, to the file.

    `more` names libraries that are there too where this machine has them.
    """
    folders = library_folders()
    found: dict[str, Path] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(name, ()) for name in more]
    for program in programs:
        told = read_elf(program)
        if told is not None:
            waiting += [(name, told.run_paths) for name in told.needed]
            if told.interpreter and Path(told.interpreter).exists():
                found[told.interpreter] = Path(told.interpreter).resolve()
    while waiting and len(seen) < _NAMES:
        name, first = waiting.pop()
        if (name, first) in seen:
            continue
        seen.add((name, first))
        places = [folder / name for folder in (*map(Path, first), *folders)]
        path = next((place for place in places if place.is_file()), None)
        told = read_elf(path.resolve()) if path is not None else None
        if path is None or told is None:
            continue
        found[str(path)] = path.resolve()
        waiting += [(one, told.run_paths) for one in told.needed]
    return found
