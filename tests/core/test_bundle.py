"""`bundle/1`: what is written is read, and nothing else is."""

import io
import tarfile
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core import limits
from registry_tool.core.bundle import FileRow, pack, rows, unpack
from registry_tool.core.digest import Hex
from registry_tool.core.errors import InvalidInput
from registry_tool.core.paths import payload_findings
from registry_tool.core.payload import Payload, PayloadFile
from tests.core.archives import END, GOOD, ROWS, Row, archive, entry

NAMES = st.text("abAB09-_. é世\u202f", min_size=1, max_size=12) | st.integers(80, 100).map(lambda size: "n" * size)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
FILES = st.builds(PayloadFile, st.binary(max_size=1100), st.booleans())
PAYLOADS = st.dictionaries(PATHS, FILES, min_size=1, max_size=6).filter(lambda payload: not payload_findings(payload))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.what}")
def test_a_hostile_archive_is_refused_for_its_own_reason(row: Row) -> None:
    """Each of the 68 archives is refused, and the message names what is wrong with it."""
    with pytest.raises(InvalidInput) as caught:
        unpack(row.build())

    assert "bad-bundle" == caught.value.code
    assert row.reason in caught.value.message
    assert caught.value.hint


def test_every_row_of_the_evidence_is_there() -> None:
    """The table holds the rows 1 to 68, once each."""
    assert list(range(1, 69)) == [row.number for row in ROWS]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "ends without the two empty blocks"),
        (bytes(512), "two empty blocks and nothing else"),
        (GOOD + b"\0", "two empty blocks and nothing else"),
        (GOOD + bytes(512), "two empty blocks and nothing else"),
        (GOOD[:-512], "two empty blocks and nothing else"),
        (GOOD[:600], "goes past the end"),
        (b"PK\x03\x04" + bytes(600), "it is a zip archive"),
        (archive(entry("b"), entry("a")), "'a' is not in its place"),
        (archive(entry(), b"junk".ljust(512, b".")), "there is no ustar header at byte 1024"),
        (archive(entry(magic=b"ustar  \0")), "does not begin with a ustar header"),
        (archive(entry(mode=b"000644 \0")), "only 0644 and 0755"),
        (archive(entry(size=b"00000000008\0")), "not eleven octal digits"),
        (archive(entry(size=b"00000000009\0")), "not eleven octal digits"),
        (archive(entry(size=b"000000000001")), "not eleven octal digits"),
        (archive(entry(size=b"         1 \0")), "not eleven octal digits"),
        (archive(entry(ids=b"0001750\0" * 2)), "an owner's or group's number"),
        (archive(entry(mtime=b"14000000000\0")), "a time"),
        (archive(entry(owners=b"root")), "an owner's or group's name"),
        (archive(entry(devices=b"0000000\0" * 2)), "a device number"),
        (archive(entry(rest=b"x")), "something behind the prefix"),
        (archive(entry("x", prefix=b"a\0b")), "bytes behind its end"),
        (archive(entry("x", prefix=b"a")), "not split where a bundle splits it"),
        (archive(entry("n" * 97, prefix=b"a/b")), "not split where a bundle splits it"),
        (archive(entry("", prefix=b"a")), "not split where a bundle splits it"),
        (archive(entry("x" * 100, prefix=b"p" * 100)), "at most 150 bytes"),
        (archive(entry(".git/config")), "'.git' begins with .git"),
        (bytes(limits.BUNDLE_BYTES + 1), f"at most {limits.BUNDLE_BYTES} bytes"),
    ],
)
def test_what_the_writer_does_not_write_is_refused(data: bytes, reason: str) -> None:
    """Any other spelling of a header, of the order or of the end is refused with its own reason."""
    with pytest.raises(InvalidInput) as caught:
        unpack(data)

    assert "bad-bundle" == caught.value.code
    assert reason in caught.value.message


def test_all_faults_of_a_payload_are_told() -> None:
    """The error carries every finding, and its message counts those that it leaves out."""
    with pytest.raises(InvalidInput) as caught:
        pack({"CON": PayloadFile(b""), "a?": PayloadFile(b""), "b ": PayloadFile(b"")})

    assert 3 == len(caught.value.findings)
    assert caught.value.message.endswith("(and 2 more)")


@pytest.mark.slow
@given(PAYLOADS)
def test_what_was_packed_is_unpacked(payload: Payload) -> None:
    """Bytes, paths and executable bits come back, and packing them again gives the same bundle."""
    data = pack(payload)

    assert payload == unpack(data)
    assert data == pack(unpack(data))


@pytest.mark.slow
@given(PAYLOADS)
def test_the_order_of_a_payload_changes_nothing(payload: Payload) -> None:
    """A payload in any order is packed to the same bytes."""
    assert pack(payload) == pack(dict(list(payload.items())[::-1]))


@pytest.mark.slow
@given(PAYLOADS, st.data())
def test_one_changed_byte_is_refused_or_is_another_bundle(payload: Payload, draw: st.DataObject) -> None:
    """Whatever byte is changed, what is still read is packed to the very same bytes."""
    data = bytearray(pack(payload))
    data[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    try:
        read = unpack(bytes(data))
    except InvalidInput:
        return

    assert bytes(data) == pack(read)


@pytest.mark.slow
@given(PAYLOADS)
def test_any_tar_program_reads_a_bundle(payload: Payload) -> None:
    """The standard library finds the same files, bytes and modes."""
    with tarfile.open(fileobj=io.BytesIO(pack(payload)), mode="r:") as tar:
        found = {}
        for member in tar:
            held = tar.extractfile(member)
            assert held is not None
            found[member.name] = (held.read(), member.mode)

    assert {path: (file.data, 0o755 if file.executable else 0o644) for path, file in payload.items()} == found


@pytest.mark.parametrize(
    ("path", "prefix", "name"),
    [
        ("n" * 100, b"", b"n" * 100),
        ("a/" + "n" * 98, b"", b"a/" + b"n" * 98),
        ("a/" + "n" * 99, b"a", b"n" * 99),
        ("a/b/" + "n" * 97, b"a", b"b/" + b"n" * 97),
        ("p" * 49 + "/" + "n" * 100, b"p" * 49, b"n" * 100),
    ],
)
def test_a_long_path_is_split_at_the_first_place_that_fits(path: str, prefix: bytes, name: bytes) -> None:
    """The prefix is empty up to 100 bytes; behind that the name is as long as it can be."""
    data = pack({path: PayloadFile(b"")})

    assert (prefix, name) == (data[345:500].rstrip(b"\0"), data[:100].rstrip(b"\0"))
    assert {path: PayloadFile(b"")} == unpack(data)


def test_a_plain_good_archive_is_read() -> None:
    """The archive that the hostile ones are made from is a bundle (row 140)."""
    assert {"a.txt": PayloadFile(b"x")} == unpack(GOOD)


@pytest.mark.parametrize(
    "payload",
    [
        {"compose.yaml": PayloadFile(b"services: {web: {image: 'nginx:1'}}\n")},
        {"assets/logo.svg": PayloadFile(b"<svg/>"), "theme.css": PayloadFile(b":root{--a:1}\n", executable=True)},
    ],
)
def test_good_payloads_pass(payload: Payload) -> None:
    """An app and a theme as authors hand them in are packed and read (rows 141 and 142)."""
    assert payload == unpack(pack(payload))


def test_the_bytes_of_a_bundle_are_a_promise() -> None:
    """The digest of a small bundle never changes: people sign it."""
    data = pack({"b/run.sh": PayloadFile(b"#!/bin/sh\n", executable=True), "a.txt": PayloadFile(b"")})

    assert len(data) == 3 * 512 + len(END)
    assert "eb81f21f9b4e029b8afab82152eb7c3eef627272354718b42c3c4795ac76c99a" == sha256(data).hexdigest()


def test_the_largest_payload_fits_into_a_bundle() -> None:
    """5,000 files are within the size that a reader takes."""
    payload = {f"{number:04}": PayloadFile(b"x") for number in range(limits.PAYLOAD_FILES)}

    assert payload == unpack(pack(payload))


def test_rows_are_sorted_by_the_bytes_of_their_path() -> None:
    """Upper case, then lower case, then what needs more bytes, with digest, size and bit."""
    payload = {"é": PayloadFile(b""), "b": PayloadFile(b"x", executable=True), "Z": PayloadFile(b"")}
    empty = Hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    letter = Hex("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
    expected = (FileRow("Z", empty, 0, False), FileRow("b", letter, 1, True), FileRow("é", empty, 0, False))

    assert expected == rows(payload)
