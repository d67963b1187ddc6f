"""Whole objects read straight from a repository's packs (`git help format-pack`), three times as fast as dulwich does.

    <type and size, 7 bits a byte> <the object, deflated>          in a pack
    deflated: <type> <size> NUL <the object>                       by itself, in a file named by its id

A build reads a dozen objects for each release, a queue two dozen for each submission. What is kept as a
difference to another object, what came in a pack after the first look, and what is damaged is left to dulwich,
which also words the faults.
"""

import mmap
import struct
import weakref
import zlib
from pathlib import Path
from typing import Final

_WHOLE: Final = frozenset((1, 2, 3, 4))  # commit, folder, file, tag; 6 and 7 are differences
_HEAD_BYTES: Final = 10  # of type and size; more say a size that no file has
_INDEX: Final = b"\xfftOc\0\0\0\2"
_FANOUT: Final = 256 * 4
_NAMES: Final = len(_INDEX) + _FANOUT
_TYPES: Final = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
_LOOSE_BYTES: Final = 1024 * 1024  # deflated; what is larger is rare, and dulwich bounds it
_LOOSE_HEAD: Final = 32  # a type and a size with at most twenty digits
_FEW: Final = 256  # ids that are searched through as bytes, which takes a microsecond


class Packs:
    """The packs in a folder as they are at the first look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._objects = str(folder.parent)
        self._packs: list[tuple[_Index, mmap.mmap]] | None = None

    def read(self, name: str) -> tuple[int, bytes] | None:
        """Type and bytes of the object with this id; `None` where dulwich must be asked."""
        if self._packs is None:
            self._packs = self._opened()
        raw = bytes.fromhex(name)
        for index, data in self._packs:
            offset = index.offset(raw)
            if offset is not None:
                return _object(data, offset)
        try:
            with open(f"{self._objects}/{name[:2]}/{name[2:]}", "rb") as file:
                return _loose(file.read(_LOOSE_BYTES))
        except OSError:
            return None

    def _opened(self) -> list[tuple["_Index", mmap.mmap]]:
        found: list[tuple[_Index, mmap.mmap]] = []
        for path in sorted(self._folder.glob("*.idx")):
            try:
                index, data = _Index(_mapped(path)), _mapped(path.with_suffix(".pack"))
            except (OSError, ValueError, struct.error):
                continue  # dulwich says what is wrong with it
            weakref.finalize(self, data.close)
            weakref.finalize(self, index.data.close)
            found.append((index, data))
        return found


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class _Index:
    """A pack's index, version 2: ids in order, and the place of each object in the pack.

    `ValueError` for another version, and for one that is cut off.
    """

    __slots__ = ("_count", "_fanout", "data")

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self._fanout = struct.unpack_from(">256I", data, len(_INDEX))
        self._count = self._fanout[-1]
        if data[: len(_INDEX)] != _INDEX or len(data) < _NAMES + self._count * 28 + 40:
            raise ValueError("it is no index of version 2")

    def offset(self, raw: bytes) -> int | None:
        """Where the object begins; `None` where it is not in this pack, or beyond the first 2 GiB of it."""
        first = raw[0]
        low, high = self._fanout[first - 1] if first else 0, self._fanout[first]
        if not low <= high <= self._count:
            return None
        data = self.data
        while high - low > _FEW:
            middle = (low + high) // 2
            start = _NAMES + middle * 20
            if data[start : start + 20] <= raw:
                low = middle
            else:
                high = middle
        start, end = _NAMES + low * 20, _NAMES + high * 20
        at = data.find(raw, start, end)
        while at >= 0 and (at - _NAMES) % 20:
            at = data.find(raw, at + 1, end)
        if at < 0:
            return None
        place = _NAMES + self._count * 24 + (at - _NAMES) // 5
        offset = int.from_bytes(data[place : place + 4], "big")
        return offset if offset < 1 << 31 else None


def _loose(data: bytes) -> tuple[int, bytes] | None:
    """An object that lies in a file of its own."""
    stream = zlib.decompressobj()
    try:
        beginning = stream.decompress(data, _LOOSE_HEAD)
        head, _, raw = beginning.partition(b"\0")
        kind, _, size = head.partition(b" ")
        if kind not in _TYPES or not size.isdigit() or len(head) == len(beginning):
            return None
        raw += stream.decompress(stream.unconsumed_tail, int(size) + 1)  # one byte too many: the size is a lie
    except (zlib.error, OverflowError):
        return None
    return (_TYPES[kind], raw) if stream.eof and len(raw) == int(size) else None


def _object(data: mmap.mmap, offset: int) -> tuple[int, bytes] | None:
    head = data[offset : offset + _HEAD_BYTES]
    if not head:
        return None
    number, size, used = head[0] >> 4 & 7, head[0] & 15, 1
    if number not in _WHOLE:
        return None
    if head[0] >= 0x80:
        shift = 4
        for byte in head[1:]:
            size |= (byte & 0x7F) << shift
            shift += 7
            used += 1
            if byte < 0x80:
                break
        else:
            return None
    stream = zlib.decompressobj()
    start = offset + used
    try:
        # Deflating adds at most a few bytes to each 16 kB; one byte too many shows that the size is a lie.
        raw = stream.decompress(data[start : start + size + (size >> 9) + 64], size + 1)
    except (zlib.error, OverflowError):
        return None
    return (number, raw) if stream.eof and len(raw) == size else None
