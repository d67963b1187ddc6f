"""RFC 8785, written and read."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.canonical import Json, encode, parse, parse_loose
from registry_tool.core.errors import InvalidInput

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "canonical-json.json").read_bytes())["vectors"]
LIMIT = 10_000
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


WIRE_DIFFERS = {
    "integer-like keys move first in numeric order",
    "not array indexes: leading zero, sign, decimal",
    "array index upper bound",
    "lone surrogates escaped",
    "numbers: precision loss",
    "numbers: overflow becomes null",
    "own __proto__ with scalar value disappears",
    "nested __proto__ disappears",
}
"""Where the wire's encoder departs from RFC 8785 as JavaScript does; `encode` refuses or keeps to the RFC."""


def values(leaves: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Nested JSON over `leaves`."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
    )


SIGNED = values(st.none() | st.booleans() | WHOLE | TEXT)
ANY = values(st.none() | st.booleans() | WHOLE | TEXT | st.floats(allow_nan=False, allow_infinity=False))


class Word(StrEnum):
    """Text of a closed set."""

    KEY = "key"


@given(ANY)
def test_encoding_is_that_of_the_reference_library(value: Json) -> None:
    """Any value is written as the package rfc8785 writes it, floats and keys beyond U+FFFF too."""
    assert rfc8785.dumps(value) == encode(value)


@given(SIGNED)
def test_what_was_encoded_is_parsed(value: Json) -> None:
    """A signed value comes back, and is read loosely to the same."""
    data = encode(value)

    assert value == parse(data, limit=10**6, what="it") == parse_loose(data, limit=10**6, what="it")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors_of_the_wire_are_rfc_8785_but_for_habits_of_javascript(vector: dict[str, Any]) -> None:
    """The wire's encoder differs from ours in the rows that are named, and in no other."""
    value = json.loads(vector["inputJson"])
    try:
        found = encode(value)
    except InvalidInput:
        found = b""

    assert (vector["name"] not in WIRE_DIFFERS) == (found == bytes.fromhex(vector["utf8Hex"]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": (1, 2)}, b'{"a":[1,2],"b":1}'),
        ({"\ue000": 1, "\U0001f389": 2}, '{"\U0001f389":2,"\ue000":1}'.encode()),
        ([{"\ue000": 1, "\U0001f389": 2}], '[{"\U0001f389":2,"\ue000":1}]'.encode()),
        ({"a": {"\ue000": 1, "\U0001f389": "🎉"}}, '{"a":{"\U0001f389":"🎉","\ue000":1}}'.encode()),
        ({"\ue000": "🎉", "é": 2}, '{"é":2,"\ue000":"🎉"}'.encode()),
        ('\0\x1f\x7f\u2028"\\/', b'"\\u0000\\u001f\x7f\xe2\x80\xa8\\"\\\\/"'),
        ([1.0, -0.0, 1e21, 0.1], b"[1,0,1e+21,0.1]"),
        ({Word.KEY: Word.KEY}, b'{"key":"key"}'),
        (2**53 - 1, b"9007199254740991"),
        (True, b"true"),
    ],
)
def test_known_values_have_known_bytes(value: Json, expected: bytes) -> None:
    """Order by UTF-16, escapes, numbers and tuples as RFC 8785 and its errata give them."""
    assert expected == encode(value)


def nested(depth: int) -> Json:
    """Lists and objects in one another."""
    value: Json = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def circle() -> Json:
    """A list that holds itself."""
    value: list[Json] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "canonical JSON"),
        ([float("inf")], "canonical JSON"),
        (2**53, "9007199254740992 is too large"),
        ([-(2**53)], "is too large"),
        ({1: 2}, "the key '1' is not text"),
        ({None: 2}, "the key 'None' is not text"),
        ("\ud800", "canonical JSON"),
        ({"\udc00": 1}, "canonical JSON"),
        (["\ud800", 1.5], "canonical JSON"),
        (b"bytes", "canonical JSON"),
        ({"a": {1, 2}}, "canonical JSON"),
        (nested(33), "deeper than 32"),
        ([nested(32)], "deeper than 32"),
        (circle(), "deeper than 32"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Json, reason: str) -> None:
    """Numbers, text, keys and depth that no reader of ours takes are not written either."""
    with pytest.raises(InvalidInput) as caught:
        encode(value)

    assert reason in caught.value.message
    assert "not-canonical" == caught.value.code


def test_32_levels_are_written_and_read() -> None:
    """The limit itself passes, in a document with more brackets than levels too."""
    value = [nested(31), nested(31)]

    assert value == parse(encode(value), limit=LIMIT, what="it")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":1,"a":1}', "the key 'a' is there twice"),
        (b'{"a": 1}', "is not in canonical form"),
        (b'{"b":1,"a":1}', "is not in canonical form"),
        (b'{"a":1}\n', "is not in canonical form"),
        (b'"\\u0041"', "is not in canonical form"),
        (b'"\\/"', "is not in canonical form"),
        (b'"\\u001F"', "is not in canonical form"),
        (b"-0", "is not in canonical form"),
        ('{"\ue000":1,"\U0001f389":2}'.encode(), "is not in canonical form"),
        (b'"\\ud800"', "holds half of a surrogate pair"),
        (b'{"\\udc00":1}', "holds half of a surrogate pair"),
        (b"1.5", "'1.5' is not a whole number"),
        (b"1e5", "'1e5' is not a whole number"),
        (b"9007199254740992", "whole numbers end below 2**53"),
        (b"-9007199254740992", "whole numbers end below 2**53"),
        (b"1" * 9000, "whole numbers end below 2**53"),
        (b"NaN", "NaN is not a number"),
        (b"-Infinity", "-Infinity is not a number"),
        (b"\xef\xbb\xbf{}", "begins with a byte order mark"),
        (b'"\xff"', "is not UTF-8 at byte 1"),
        (b'"\xed\xa0\x80"', "is not UTF-8 at byte 1"),
        (b"", "is not JSON"),
        (b"{}{}", "is not JSON"),
        (b'"\n"', "is not JSON"),
        (b"[" * 33 + b"]" * 33, "nested deeper than 32"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "nested deeper than 32"),
        (b"[" * 5000 + b"]" * 5000, "nested deeper than 32"),
        (b"[" * 10_001, "at most 10000 bytes, it has 10001"),
    ],
)
def test_a_document_that_is_not_canonical_is_refused(data: bytes, reason: str) -> None:
    """Anything but the one form is refused, with the reason where it is known."""
    with pytest.raises(InvalidInput) as caught:
        parse(data, limit=LIMIT, what="the manifest")

    assert caught.value.message.startswith("the manifest")
    assert reason in caught.value.message


@given(st.binary(max_size=40) | st.text('{}[]",:01ab.\\ud8\U0001f389', max_size=30).map(str.encode))
def test_whatever_is_parsed_is_written_to_the_same_bytes(data: bytes) -> None:
    """Any bytes are refused, or are exactly what their value is encoded to."""
    try:
        value = parse(data, limit=LIMIT, what="it")
    except InvalidInput:
        return

    assert data == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("data", "floats", "expected"),
    [
        (b' {"b": 1,\n "a": "\\u0041\\ud83c\\udf89"}\n', False, {"a": "A🎉", "b": 1}),
        (b"[1.5, 1e3, 2]", True, [1.5, 1000.0, 2]),
        (b"-9007199254740991", False, -(2**53) + 1),
        (b'"' + b"{" * 40 + b'"', False, "{" * 40),
    ],
)
def test_people_may_write_json_as_they_like(data: bytes, floats: bool, expected: Json) -> None:
    """White space, any order, escapes, and floats where they are asked for."""
    assert expected == parse_loose(data, limit=LIMIT, what="it", floats=floats)


@pytest.mark.parametrize(
    ("data", "floats", "reason"),
    [
        (b'{"x": {"a": 1, "b": 2, "a": 3}}', True, "the key 'a' is there twice"),
        (b"[1.5]", False, "'1.5' is not a whole number"),
        (b"[1e999]", True, "'1e999' is too large for a number"),
        (b"[9007199254740993]", True, "whole numbers end below 2**53"),
        (b"[NaN]", True, "NaN is not a number"),
        (b'["\\ud800"]', True, "half of a surrogate pair"),
        (b"[" * 40 + b"]" * 40, True, "nested deeper than 32"),
    ],
)
def test_json_of_people_is_still_unambiguous(data: bytes, floats: bool, reason: str) -> None:
    """Duplicate keys, numbers that no two programs read alike and half characters are refused."""
    with pytest.raises(InvalidInput, match=r"^server\.json ") as caught:
        parse_loose(data, limit=LIMIT, what="server.json", floats=floats)

    assert reason in caught.value.message
