"""Headers of ustar archives, each field the only bytes that we write: bundles and exports are made of them.

    ┌────────┬──────┬─────────┬────────┬──────┬─────────┬───┬──────────────┐
    │ header │ data │ padding │ header │ data │ padding │ … │ 1024 × NUL   │   header: 512 bytes,
    └────────┴──────┴─────────┴────────┴──────┴─────────┴───┴──────────────┘   padding: to 512 bytes

Every tar program reads them. What is read here is taken only where `header` would have written it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

BLOCK: Final = 512
END: Final = bytes(2 * BLOCK)
"""What comes behind the last file, and nothing after it."""

_EMPTY: Final = bytes(BLOCK)
_MODES: Final = {b"0000644\0": False, b"0000755\0": True}
_PLAIN: Final = b"0000644\0"
_EXECUTABLE: Final = b"0000755\0"
_IDS: Final = b"0000000\0" * 2
_MTIME: Final = b"00000000000\0"
_MAGIC: Final = b"ustar\x0000"
_BLANK_SUM: Final = b" " * 8  # what stands for the checksum while it is computed (POSIX ustar)

_TYPES: Final = {
    b"\0": "an old file entry",
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"5": "a folder",
    b"6": "a pipe",
    b"7": "a contiguous file",
    b"L": "a GNU long name",
    b"K": "a GNU long link",
    b"S": "a sparse file",
    b"x": "a pax header",
    b"g": "a global pax header",
}

_FIXED: Final = (
    (157, 257, bytes(100), "a link name"),
    (108, 124, _IDS, "an owner's or group's number"),
    (136, 148, _MTIME, "a time"),
    (265, 329, bytes(64), "an owner's or group's name"),
    (329, 345, bytes(16), "a device number"),
    (500, 512, bytes(12), "something behind the prefix"),
)
"""Where a header holds nothing that is anybody's choice: from, to, the only bytes, what others say there."""

Read = Callable[[int, int], bytes]
"""Gives so many bytes from a place on, fewer at the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive."""

    path: str
    start: int
    """Where its bytes begin."""
    size: int
    """In bytes."""
    executable: bool


def entries(read: Read, length: int, *, files: int) -> Iterator[Entry]:
    """The entries of an archive of `length` bytes with at most so many `files`, sorted by path, each path once.

    Raises `InvalidInput` with code `bad-archive`. It is 1. ustar at all; then for each entry 2. header,
    3. path and order, 4. data within the archive, 5. padding; 6. the end, with nothing behind it.
    """
    _demand_ustar(read(0, BLOCK))  # 1
    count, at, before = 0, 0, b""
    while (header := read(at, BLOCK)) != _EMPTY:
        if count == files:
            _refuse(f"it holds more than {files} files")
        if len(header) < BLOCK:
            _refuse("it ends without the two empty blocks of an end")
        size, executable = _read_header(header, at)  # 2
        path = _read_path(header, at)  # 3
        if path <= before:
            shown = quoted(path.decode())
            _refuse(f"{shown} is there twice" if path == before else f"{shown} is not in its place, entries are sorted")
        start, end = at + BLOCK, at + BLOCK + size
        count, before, at = count + 1, path, end + -size % BLOCK
        if at > length:  # 4
            _refuse(f"the size of {quoted(path.decode())} goes past the end")
        if any(read(end, at - end)):  # 5
            _refuse(f"something is hidden behind the data of {quoted(path.decode())}")
        yield Entry(path.decode(), start, size, executable)
    if read(at, len(END) + 1) != END:  # 6
        _refuse("after the last file come two empty blocks and nothing else")


def _refuse(reason: str) -> NoReturn:
    raise InvalidInput(reason, code="bad-archive")


def _demand_ustar(data: bytes) -> None:
    """Refuses what is another format altogether, by its name."""
    if data[257:265] == _MAGIC or not any(data):
        return
    if data.startswith(b"\x1f\x8b"):
        _refuse("it is compressed with gzip, a bundle is not compressed")
    if data.startswith(b"PK"):
        _refuse("it is a zip archive, not ustar")
    _refuse("it does not begin with a ustar header")


def header(path: bytes, size: int, executable: bool) -> bytes:
    """The 512 bytes before a file's data."""
    prefix, name = _split(path)
    front = name.ljust(100, b"\0") + (_EXECUTABLE if executable else _PLAIN) + _IDS + b"%011o\0" % size + _MTIME
    back = b"0" + bytes(100) + _MAGIC + bytes(80) + prefix.ljust(155, b"\0") + bytes(12)
    return front + b"%06o\0 " % (sum(front) + sum(_BLANK_SUM) + sum(back)) + back


def _split(path: bytes) -> tuple[bytes, bytes]:
    """Prefix and name of a good path: the name gets what is behind the first `/` that leaves 100 bytes.

    There always is one, and the prefix is short enough: in a good path, because paths end at 150
    bytes and names at 100, and in one read from a header, because `_read_path` joined it there.
    """
    if len(path) <= 100:
        return b"", path
    cut = path.index(b"/", len(path) - 101)
    return path[:cut], path[cut + 1 :]


def _read_header(header: bytes, at: int) -> tuple[int, bool]:
    """Size and executable bit of a header; all of it but the path is checked here."""
    if header[257:265] != _MAGIC:
        _refuse(f"there is no ustar header at byte {at}")
    total = sum(header) - sum(header[148:156]) + sum(_BLANK_SUM)
    if header[148:156] != b"%06o\0 " % total:
        _refuse(f"the checksum of the header at byte {at} is wrong")
    if header[156:157] != b"0":
        kind = _TYPES.get(header[156:157], f"of the unknown type {header[156:157]!r}")
        _refuse(f"the entry at byte {at} is {kind}, only regular files are allowed")
    executable = _MODES.get(header[100:108])
    if executable is None:
        _refuse(f"the entry at byte {at} has the mode {header[100:108]!r}, only 0644 and 0755 are allowed")
    size = header[124:135]
    if not size.isdigit() or b"8" in size or b"9" in size or header[135]:
        _refuse(f"the size of the entry at byte {at} is not eleven octal digits and NUL")
    for start, end, expected, what in _FIXED:
        if header[start:end] != expected:
            _refuse(f"the entry at byte {at} has {what}, which a bundle leaves empty or zero")
    return int(size, 8), executable


def _read_path(header: bytes, at: int) -> bytes:
    """The path in a header: UTF-8, NUL behind it, split where `pack` splits."""
    name, prefix = header[:100].rstrip(b"\0"), header[345:500].rstrip(b"\0")
    if b"\0" in name or b"\0" in prefix:
        _refuse(f"the path of the entry at byte {at} has bytes behind its end")
    path = prefix + b"/" + name if prefix else name
    if not path:
        _refuse(f"the entry at byte {at} has no path")
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        _refuse(f"the path of the entry at byte {at} is not UTF-8")
    if _split(path) != (prefix, name):
        _refuse(f"the path of the entry at byte {at} is not split where a bundle splits it")
    return path
