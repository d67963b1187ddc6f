"""Hostile archives against the reader of other people's archives, from which `registry import` makes its own bundles.

The reader of bundles refuses all 68 rows, each for its own reason (`tests/core/test_bundle.py`), also where its author
signed it (`tests/bad_input/test_archives.py`). What others packed is read more widely, and packed anew.
"""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import Final

import pytest

from registry_tool.core import limits
from registry_tool.core.bundle import pack, unpack
from registry_tool.core.errors import InvalidInput
from registry_tool.core.paths import payload_findings
from registry_tool.core.unpacking import unpack_archive
from tests.core.archives import GOOD, ROWS, Row, archive, entry

WIDELY: Final = {
    4: "`./x` is how many programs begin a path",
    15: "what is contiguous is a file",
    18: "what version 7 wrote is a file",
    19: "a bit that says as whom to run is left behind",
    20: "a mode is left behind, but for whether it is run",
    42: "a name ends where its first NUL is",
    50: "a file's link name says nothing",
    51: "large sizes are written in base 256",
    55: "what lies in the padding is left behind",
    57: "an archive may just stop",
    58: "a folder around everything is left out",
}
"""What may be in an archive that others packed, and why it does no harm."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number} {row.what}")
def test_a_hostile_archive_of_others_is_refused_or_packed_anew(row: Row) -> None:
    """What is not refused by its reader or as a payload has a reason above, and comes out as a plain bundle."""
    try:
        payload = unpack_archive(row.build())
        refused = bool(payload_findings(payload))
    except InvalidInput as error:
        refused = error.code == "bad-archive"

    assert refused == (row.number not in WIDELY)
    if not refused:
        assert payload == unpack(pack(payload))


def negative(size: bytes, *, kind: bytes = b"0") -> Callable[[], bytes]:
    """An entry whose size leads back to itself."""
    return lambda: archive(entry("a", b"", size=size, kind=kind), entry("b"))


def chain_of(kind: bytes, count: int) -> Callable[[], bytes]:
    """Headers about headers about headers."""
    return lambda: archive(*(entry("x", b"12 path=a/b\n", kind=kind) for _ in range(count)), entry())


def zipped(*names: str, **more: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, more.get("data", b"x"))
    return made.getvalue()


def renamed(old: bytes, new: bytes, *, last: bool) -> bytes:
    """A zip whose list and whose entry say different names."""
    data = zipped(old.decode())
    place = data.rindex(old) if last else data.index(old)
    return data[:place] + new + data[place + len(old) :]


def overlapping() -> bytes:
    """A zip in which 4,000 entries are all the same megabytes, packed once."""
    data = zipped("a", data=b"\0" * (16 << 20))
    listed = data.index(b"PK\x01\x02")
    row = data[listed : data.index(b"PK\x05\x06")]
    rows = b"".join(row[:46] + b"%c" % (65 + number % 26) + row[47:] for number in range(4000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 4000, 4000, len(rows), listed, 0)
    return data[:listed] + rows + end


def claims(size: int) -> bytes:
    """A zip whose list says that a file of 16 MiB has `size` bytes."""
    data = bytearray(zipped("a", data=b"\0" * (16 << 20)))
    listed = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, listed + 24, size)
    return bytes(data)


MORE: Final[dict[str, Callable[[], bytes]]] = {
    "a size that leads back": negative(b"-0000001000\0"),
    "a size of base 256 that leads back": negative(b"\xff" * 10 + b"\xfe\0"),
    "a folder with a size that leads back": negative(b"-0000001000\0", kind=b"Z"),
    "3,000 headers for one file": chain_of(b"x", 3000),
    "3,000 global headers": chain_of(b"g", 3000),
    "3,000 long names": chain_of(b"L", 3000),
    "a long name that leads out": lambda: archive(entry("././@LongLink", b"../x\0", kind=b"L"), entry()),
    "a header that renames a file out": lambda: archive(entry("x", b"16 path=../../x\n", kind=b"x"), entry()),
    "a global header that renames all": lambda: archive(entry("x", b"14 path=/etc/x\n", kind=b"g"), entry()),
    "a header that makes a link": lambda: archive(entry("x", b"21 linkpath=/etc/pass\n", kind=b"x"), entry(kind=b"2")),
    "a sparse file of a terabyte": lambda: archive(
        entry("x", b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n33 GNU.sparse.realsize=1099511627\n", kind=b"x"),
        entry("a", b"1\n0\n0\n" + bytes(506)),
    ),
    "an archive after its end": lambda: GOOD + archive(entry("b")),
    "another format after its end": lambda: GOOD + zipped("b"),
    "gzip with a second member": lambda: gzip.compress(GOOD, mtime=0) + gzip.compress(GOOD, mtime=0),
    "gzip that stops": lambda: gzip.compress(GOOD, mtime=0)[:-4],
    "gzip of gzip": lambda: gzip.compress(gzip.compress(GOOD, mtime=0), mtime=0),
    "a zip whose entry has another name than its list": lambda: renamed(b"safe.txt", b"evil.txt", last=False),
    "a zip that leads out by its list alone": lambda: renamed(b"aaaa", b"../x", last=True),
    "a zip with entries over each other": overlapping,
    "a zip that says a file is small": lambda: claims(5),
    "a zip with a name twice": lambda: zipped("a", "a"),
    "a zip with names that end in NUL": lambda: renamed(b"a.txt.exe", b"a.txt\0exe", last=True),
}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("make", MORE.values(), ids=MORE)
def test_an_archive_that_means_two_things_is_refused(make: Callable[[], bytes]) -> None:
    """Sizes that lead back, headers about headers, lists that lie, bombs: one clear error, in bounded time and room."""
    data = make()
    assert len(data) < limits.BUNDLE_BYTES
    with pytest.raises(InvalidInput) as caught:
        unpack_archive(data)

    assert "bad-archive" == caught.value.code


def test_what_other_programs_pack_is_taken() -> None:
    """An archive with folders, a global header and padding, as forges make them, is the plain payload (row 140)."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "0" * 40}) as tar:
        for name in ("links-1.0", "links-1.0/scripts"):
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            tar.addfile(info)
        info = tarfile.TarInfo("links-1.0/SKILL.md")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))

    assert {"SKILL.md"} == unpack_archive(gzip.compress(made.getvalue(), mtime=0)).keys()
