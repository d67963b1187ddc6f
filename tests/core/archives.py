"""Hostile archives: 68 ways to be no bundle, each wrong in one way only, with the reason it is refused for."""

import gzip
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

END = bytes(1024)


@dataclass(frozen=True, slots=True)
class Row:
    """One hostile archive."""

    number: int
    what: str
    build: Callable[[], bytes]
    reason: str


def entry(
    path: str | bytes = "a.txt",
    data: bytes = b"x",
    *,
    mode: bytes = b"0000644\0",
    kind: bytes = b"0",
    link: bytes = b"",
    size: bytes | None = None,
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    padding: bytes | None = None,
    checksum: bytes | None = None,
    ids: bytes = b"0000000\0" * 2,
    mtime: bytes = b"00000000000\0",
    owners: bytes = b"",
    devices: bytes = b"",
    rest: bytes = b"",
) -> bytes:
    """One entry as a bundle holds it, with any field replaced; the checksum fits unless it is given."""
    name = path.encode("utf-8", "surrogatepass") if isinstance(path, str) else path
    front = name.ljust(100, b"\0") + mode + ids + (b"%011o\0" % len(data) if size is None else size) + mtime
    back = kind + link.ljust(100, b"\0") + magic + owners.ljust(64, b"\0") + devices.ljust(16, b"\0")
    back += prefix.ljust(155, b"\0") + rest.ljust(12, b"\0")
    total = b"%06o\0 " % (sum(front) + 8 * 32 + sum(back)) if checksum is None else checksum
    return front + total + back + data + (bytes(-len(data) % 512) if padding is None else padding)


def archive(*entries: bytes) -> bytes:
    """Entries and the end."""
    return b"".join(entries) + END


GOOD = archive(entry())
"""The plain good archive (row 140)."""


def _paths(*paths: str) -> Callable[[], bytes]:
    return lambda: archive(*(entry(path) for path in sorted(paths, key=str.encode)))


def _kind(kind: bytes, path: str = "a.txt", data: bytes = b"", link: bytes = b"") -> Callable[[], bytes]:
    return lambda: archive(entry(path, data, kind=kind, link=link))


def _bytes(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _bomb(mebibytes: int) -> Callable[[], bytes]:
    def build() -> bytes:
        packer = zlib.compressobj(1, wbits=31)
        return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()

    return build


def _zip_behind() -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("a.txt", "other")
    return GOOD + held.getvalue()


_GZIP = gzip.compress(GOOD, mtime=0)
_FILE = "only regular files"
_COMPRESSED = "it is compressed with gzip"

ROWS = (
    Row(1, "leading ..", _paths("../x"), "'..' is not a name"),
    Row(2, "inner ..", _paths("a/../../x"), "'..' is not a name"),
    Row(3, "absolute", _paths("/etc/x"), "'/etc/x' is absolute"),
    Row(4, "leading .", _paths("./x"), "'.' is not a name"),
    Row(5, "backslash", _paths("a\\x"), "\\ is not allowed"),
    Row(6, "drive", _paths("C:x"), ": is not allowed"),
    Row(7, "stream", _paths("a:stream"), ": is not allowed"),
    Row(8, "network share", _paths("//h/s"), "'//h/s' is absolute"),
    Row(9, "symbolic link", _kind(b"2", link=b"/etc"), f"a symbolic link, {_FILE}"),
    Row(
        10,
        "file through a link",
        lambda: archive(entry("a", b"", kind=b"2", link=b"/etc"), entry("a/x")),
        "a symbolic link",
    ),
    Row(11, "hard link", _kind(b"1", link=b"/etc/passwd"), f"a hard link, {_FILE}"),
    Row(12, "character device", _kind(b"3"), f"a character device, {_FILE}"),
    Row(13, "block device", _kind(b"4"), f"a block device, {_FILE}"),
    Row(14, "pipe", _kind(b"6"), f"a pipe, {_FILE}"),
    Row(15, "contiguous file", _kind(b"7"), f"a contiguous file, {_FILE}"),
    Row(16, "folder entry", _kind(b"5", path="a/"), f"a folder, {_FILE}"),
    Row(17, "unknown type", _kind(b"Z"), "of the unknown type b'Z'"),
    Row(18, "type of version 7", _kind(b"\0"), "an old file entry"),
    Row(19, "setuid", lambda: archive(entry(mode=b"0004755\0")), "the mode b'0004755\\x00'"),
    Row(20, "mode 666", lambda: archive(entry(mode=b"0000666\0")), "the mode b'0000666\\x00'"),
    Row(21, "twice", _paths("a.txt", "a.txt"), "'a.txt' is there twice"),
    Row(22, "case", _paths("A.txt", "a.txt"), "'A.txt' and 'a.txt' are one file"),
    Row(23, "case of a folder", _paths("A/x", "a/y"), "'A' and 'a' are one folder"),
    Row(24, "NFC and NFD", _paths("\u00e9", "e\u0301"), "not in Unicode form NFC"),
    Row(25, "NFD", _paths("e\u0301"), "not in Unicode form NFC"),
    Row(26, "full width", _paths("a", "\uff41"), "'a' and 'ａ' are one file"),
    Row(27, "sharp s", _paths("SS", "\u00df"), "'SS' and 'ß' are one file"),
    Row(28, "file and folder", _paths("a", "a/x"), "'a' is a file and 'a' is a folder"),
    Row(29, "folder and file", lambda: archive(entry("a/x"), entry("a")), "'a' is not in its place"),
    Row(30, "device", _paths("CON"), "'CON' is a device on Windows"),
    Row(31, "device with extension", _paths("NUL.txt"), "'NUL.txt' is a device on Windows"),
    Row(32, "device with two", _paths("COM1.tar.gz"), "'COM1.tar.gz' is a device on Windows"),
    Row(33, "device with superscript", _paths("LPT²"), "'LPT²' is a device on Windows"),
    Row(34, "dot at the end", _paths("a."), "'a.' ends with a dot or a space"),
    Row(35, "space at the end", _paths("a "), "'a ' ends with a dot or a space"),
    Row(36, "question mark", _paths("a?"), "? is not allowed"),
    Row(37, "newline", _paths("a\nb"), "U+000A is not allowed"),
    Row(38, "escape", _paths("a\x1b[2Jb"), "U+001B is not allowed"),
    Row(39, "bidirectional", _paths("a\u202etxt.exe"), "U+202E RIGHT-TO-LEFT OVERRIDE is not allowed"),
    Row(40, "zero width", _paths("a\u200bb"), "U+200B ZERO WIDTH SPACE is not allowed"),
    Row(41, "not UTF-8", lambda: archive(entry(b"a\xff")), "is not UTF-8"),
    Row(42, "bytes after NUL", lambda: archive(entry(b"a\0b")), "bytes behind its end"),
    Row(43, "no name", lambda: archive(entry("")), "has no path"),
    Row(44, "pax header", _kind(b"x", data=b"13 mtime=1.5\n"), f"a pax header, {_FILE}"),
    Row(45, "pax path", _kind(b"x", data=b"16 path=../../x\n"), f"a pax header, {_FILE}"),
    Row(46, "pax size", _kind(b"x", data=b"12 size=999\n"), f"a pax header, {_FILE}"),
    Row(47, "global pax header", _kind(b"g", data=b"16 path=../../x\n"), f"a global pax header, {_FILE}"),
    Row(48, "GNU long name", _kind(b"L", path="././@LongLink", data=b"../x\0"), f"a GNU long name, {_FILE}"),
    Row(49, "sparse", _kind(b"S"), f"a sparse file, {_FILE}"),
    Row(50, "link name on a file", lambda: archive(entry(link=b"/etc/passwd")), "a link name"),
    Row(51, "size in base 256", lambda: archive(entry(size=b"\x80" + bytes(10) + b"\1")), "not eleven octal digits"),
    Row(52, "negative size", lambda: archive(entry(size=b"-0000000001\0")), "not eleven octal digits"),
    Row(53, "size past the end", lambda: archive(entry(size=b"00000100000\0")), "'a.txt' goes past the end"),
    Row(54, "checksum", lambda: archive(entry(checksum=b"000000\0 ")), "the checksum of the header at byte 0 is wrong"),
    Row(55, "data in padding", lambda: archive(entry(padding=b"hidden".ljust(511, b"\0"))), "something is hidden"),
    Row(56, "two archives", lambda: GOOD + archive(entry("b")), "two empty blocks and nothing else"),
    Row(57, "no end", entry, "ends without the two empty blocks"),
    Row(58, "too deep", _paths("a/" * 16 + "x"), "is 17 deep"),
    Row(59, "two gzip members", _bytes(_GZIP + _GZIP), _COMPRESSED),
    Row(60, "gzip with a trailer", _bytes(_GZIP + b"trailer"), _COMPRESSED),
    Row(61, "truncated gzip", _bytes(_GZIP[:-9]), _COMPRESSED),
    Row(62, "checksum of gzip", _bytes(_GZIP[:-8] + bytes(8)), _COMPRESSED),
    Row(63, "no archive at all", _bytes(b"hello" * 500), "does not begin with a ustar header"),
    Row(64, "zip behind it", _zip_behind, "two empty blocks and nothing else"),
    Row(65, "bomb of 60 MB", _bomb(60), _COMPRESSED),
    Row(66, "bomb of 200 MB", _bomb(200), _COMPRESSED),
    Row(67, "5001 files", _paths(*(f"{number:04}" for number in range(5001))), "more than 5000 files"),
    Row(68, "empty", archive, "1 to 5000 files, this one has 0"),
)
