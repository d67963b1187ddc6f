"""Lines of JSON-RPC: read in one way, refused with one reason, written anew."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.toolgate import Lines
from registry_tool.core.toolgate.wire import (
    BRACKETS,
    DEPTH,
    INVALID_REQUEST,
    LINE_BYTES,
    PARSE_ERROR,
    Fault,
    failure,
    is_id,
    notification,
    read,
    request,
    result,
)


def message(params: str) -> bytes:
    return b'{"jsonrpc":"2.0","method":"m","params":' + params.encode() + b"}"


@pytest.mark.parametrize(
    ("line", "code", "why"),
    [
        (b" " * (LINE_BYTES + 1), INVALID_REQUEST, "at most 8388608 bytes"),
        (b"[" * (BRACKETS + 1), INVALID_REQUEST, "at most 500000 objects and arrays"),
        (b'{"a": "\xff"}', PARSE_ERROR, "UTF-8, this is not at byte 7"),
        (b"\xef\xbb\xbf{}", PARSE_ERROR, "one line of JSON"),
        (b"hello", PARSE_ERROR, "one line of JSON, this is not: Expecting value"),
        (b'{"jsonrpc":"2.0"} {}', PARSE_ERROR, "Extra data"),
        (b'{"jsonrpc":"2.0","a":1,"b":2,"a":1}', PARSE_ERROR, "the key 'a' is there twice"),
        (message('{"x":{"y":1,"y":2}}'), PARSE_ERROR, "the key 'y' is there twice"),
        (message('{"x":NaN}'), PARSE_ERROR, "NaN is not a number"),
        (message('{"x":-Infinity}'), PARSE_ERROR, "-Infinity is not a number"),
        (message('{"x":1e999}'), PARSE_ERROR, "too large for a number"),
        (message('{"x":' + "1" * 65 + "}"), PARSE_ERROR, "at most 64 characters"),
        (message('{"x":1.' + "1" * 64 + "}"), PARSE_ERROR, "at most 64 characters"),
        (message('{"x":"\\ud800"}'), PARSE_ERROR, "half of a surrogate pair"),
        (message('{"\\uDC00":1}'), PARSE_ERROR, "half of a surrogate pair"),
        (message("[" * DEPTH + "]" * DEPTH), INVALID_REQUEST, "at most 64 deep"),
        (message("[" * 50_000 + "]" * 50_000), INVALID_REQUEST, "at most 64 deep"),
        (b"[]", INVALID_REQUEST, "batches are not taken"),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', INVALID_REQUEST, "batches are not taken"),
        (b'"jsonrpc"', INVALID_REQUEST, "an object"),
        (b"{}", INVALID_REQUEST, '"jsonrpc": "2.0"'),
        (b'{"jsonrpc":2.0}', INVALID_REQUEST, '"jsonrpc": "2.0"'),
    ],
)
def test_a_line_that_can_be_read_in_two_ways_is_refused(line: bytes, code: int, why: str) -> None:
    """What is not one JSON-RPC object, or too much of one, gives a code and one reason."""
    fault = read(line)

    assert isinstance(fault, Fault)
    assert (code, True) == (fault.code, why in fault.message), fault.message


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("{}", {}),
        ('{"x":[1,-2,3.5,true,null,""]}', {"x": [1, -2, 3.5, True, None, ""]}),
        ('{"at":1763740800123456789}', {"at": 1763740800123456789}),
        ('{"x":"\\ud83d\\ude00 \\u00e9"}', {"x": "😀 é"}),
        ("[" * (DEPTH - 1) + "]" * (DEPTH - 1), json.loads("[" * (DEPTH - 1) + "]" * (DEPTH - 1))),
        ('{"text":"' + "[{" * 100 + '"}', {"text": "[{" * 100}),
    ],
)
def test_a_message_is_read(params: str, expected: Any) -> None:
    """Times in nanoseconds, characters above U+FFFF and brackets in texts are ordinary."""
    assert {"jsonrpc": "2.0", "method": "m", "params": expected} == read(message(params))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", True),
        ("", True),
        (0, True),
        (-(2**53) + 1, True),
        (2**53, False),
        ("a" * 201, False),
        (True, False),
        (1.0, False),
        (None, False),
        ([], False),
    ],
)
def test_an_id_is_a_text_or_a_whole_number(value: Any, expected: bool) -> None:
    """Only what every reader holds exactly names a request."""
    assert expected == is_id(value)


def test_what_is_written_is_one_line_of_ascii() -> None:
    """No reader can find the end of a line, or another character, inside what we write."""
    text = "é\u2028\n😀\x85"
    lines = [
        request(7, "m", {"t": text}),
        notification("m"),
        notification("m", {"t": text}),
        result("a", {"t": text}),
        failure(None, Fault(-1, text)),
        failure(3, Fault(-1, text, {"d": 1})),
    ]

    assert all(line.isascii() and line.count(b"\n") == 1 and len(line.splitlines()) == 1 for line in lines)
    assert [
        {"jsonrpc": "2.0", "id": 7, "method": "m", "params": {"t": text}},
        {"jsonrpc": "2.0", "method": "m"},
        {"jsonrpc": "2.0", "method": "m", "params": {"t": text}},
        {"jsonrpc": "2.0", "id": "a", "result": {"t": text}},
        {"jsonrpc": "2.0", "id": None, "error": {"code": -1, "message": text}},
        {"jsonrpc": "2.0", "id": 3, "error": {"code": -1, "message": text, "data": {"d": 1}}},
    ] == [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a", b"", b"b\nc", b"\n"], [b"ab", b"c"]),
        ([b"\n\n"], [b"", b""]),
        ([b"12345\n", b"x\n"], [b"12345", b"x"]),
        ([b"123456\nx\n"], [None, b"x"]),
        ([b"1234", b"56", b"7" * 100, b"\nx\n"], [None, b"x"]),
        ([b"a\nend"], [b"a", b"end"]),
        ([b"a\n123456"], [b"a", None]),
    ],
)
def test_lines_are_whole_and_bounded(pieces: list[bytes], expected: list[bytes | None]) -> None:
    """However the bytes come, the lines are the same; one that is too long is told of and kept nowhere."""
    lines = Lines(5)
    got = [line for piece in pieces for line in lines.feed(piece)]

    assert expected == [*got, *lines.last()]


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=6), st.integers(1, 20))
def test_the_pieces_do_not_change_the_lines(data: bytes, cuts: list[int], limit: int) -> None:
    """Lines cut anywhere are those of the whole."""
    places = [0, *sorted(cuts), len(data)]
    lines, whole = Lines(limit), Lines(limit)
    got = [line for start, end in pairwise(places) for line in lines.feed(data[start:end])]

    assert [*whole.feed(data), *whole.last()] == [*got, *lines.last()]
