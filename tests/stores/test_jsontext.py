"""Edits in JSON that others write too: one place changes, and taking it back changes nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.errors import InvalidInput
from registry_tool.stores import jsontext
from registry_tool.stores.jsonplaces import parse

WHERE = "g.json"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}\n", '{\n  "a": {\n    "k": {\n      "v": [\n        1\n      ]\n    }\n  }\n}\n'),
        ('{"x":1}', '{"x":1, "a":{"k": {"v": [1]}}}'),
        ('{"a":{}}', '{"a":{"k":{"v": [1]}}}'),
        (
            '{\n\t"a": {\n\t\t"b": 1.0\n\t}\n}',
            '{\n\t"a": {\n\t\t"b": 1.0,\n\t\t"k": {\n\t\t\t"v": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t}\n}',
        ),
        (
            '{\n    "a": {"b": "\\u00e9"},\n    "z": "ü"\n}\n',
            '{\n    "a": {"b": "\\u00e9", "k": {"v": [1]}},\n    "z": "ü"\n}\n',
        ),
        (
            '{\r\n  "a": {}\r\n}',
            '{\r\n  "a": {\r\n    "k": {\r\n      "v": [\r\n        1\r\n      ]\r\n    }\r\n  }\r\n}',
        ),
        (
            '{\n  "a": {\n    "k": 1,\n    "z": 2\n  }\n}\n',
            '{\n  "a": {\n    "k": {\n      "v": [\n        1\n      ]\n    },\n    "z": 2\n  }\n}\n',
        ),
    ],
)
def test_a_member_is_written_as_its_neighbours_are(before: str, after: str) -> None:
    """Indentation, line ends, one-line objects and everything else stay as they were."""
    assert after == jsontext.set_member(before, ("a",), "k", {"v": [1]}, WHERE).text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1} x', "line 1, column 10: something follows its end"),
        ('{"a": 1 "b": 2}', "line 1, column 9: expected , or }"),
        ('{"a" 1}', "line 1, column 6: expected :"),
        ("[1", "line 1, column 3: expected , or ]"),
        ('{"a": NaN}', "line 1, column 7: it is not a number that JSON knows"),
        ('{"a": tru}', "line 1, column 7: it is not JSON"),
        ('{"a": "x}', "line 1, column 7: it is not JSON"),
        ('{"a": /* x */ 1}', "line 1, column 7: comments are not JSON"),
        ('{"a": 1}\n# x', "line 2, column 1: comments are not JSON"),
        ("[" * 200, "line 1, column 102: it is nested deeper than 100"),
        ('"x"', "expected an object, it holds a text"),
        ("1", "expected an object, it holds a number"),
        ("null", "expected an object, it holds null"),
        ("true", "expected an object, it holds true or false"),
    ],
)
def test_what_is_no_json_object_is_told_with_its_place(text: str, message: str) -> None:
    """Line and column are named, and what was expected there."""
    with pytest.raises(InvalidInput) as caught:
        parse(text, WHERE)

    assert message == caught.value.message


def test_one_is_not_true() -> None:
    """Values are compared as JSON, not as Python does."""
    assert not jsontext.same({"a": 1}, {"a": True})
    assert jsontext.same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_looking_for_what_is_not_there_finds_nothing() -> None:
    """A pointer through a text or a missing member leads nowhere, without an error."""
    text = '{"a": "x", "b": []}'

    assert jsontext.find_member(text, ("a", "b"), "c", WHERE) is None
    assert jsontext.find_member(text, ("b",), "c", WHERE) is None
    assert jsontext.find_row(text, ("a",), "id", 1, WHERE) is None
    assert jsontext.find_item(text, ("none",), "x", WHERE) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "k", "ü"]), JSON, max_size=4)
LAYOUTS = st.sampled_from([None, 0, 1, 2, 4, "\t"])
ENDS = st.sampled_from(["", "\n", "\n\n", " "])
POINTERS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple)


@given(OBJECTS, LAYOUTS, st.booleans(), ENDS, POINTERS, JSON)
def test_a_member_set_and_taken_back_changes_no_byte(
    value: dict[str, object], indent: int | str | None, plain: bool, end: str, pointer: tuple[str, ...], new: object
) -> None:
    """For any text: the new value is there, all others are as before, and the inverse gives the same bytes."""
    text = json.dumps(value, indent=indent, ensure_ascii=plain) + end
    try:
        written = jsontext.set_member(text, pointer, "k", new, WHERE)
    except InvalidInput:
        return  # something that is no object is in the way
    child = jsontext.find_member(written.text, pointer, "k", WHERE)
    assert child is not None
    assert jsontext.same(new, child.node.value)

    if written.replaced is not None:
        back = jsontext.put_back(written.text, child, written.replaced)
    else:
        back = jsontext.take_out(written.text, pointer, child, WHERE)
    back = jsontext.prune(back, written.made, WHERE)

    assert text == back


@given(OBJECTS, LAYOUTS, POINTERS.filter(bool), st.text(max_size=3))
def test_an_item_added_and_taken_back_changes_no_byte(
    value: dict[str, object], indent: int | str | None, pointer: tuple[str, ...], item: str
) -> None:
    """The same for an item of an array, and a second addition changes nothing."""
    text = json.dumps(value, indent=indent)
    try:
        written = jsontext.add_item(text, pointer, item, WHERE)
    except InvalidInput:
        return
    assert written.text == jsontext.add_item(written.text, pointer, item, WHERE).text
    if written.replaced is not None:
        assert text == written.text
        return
    child = jsontext.find_item(written.text, pointer, item, WHERE)
    assert child is not None

    back = jsontext.prune(jsontext.take_out(written.text, pointer, child, WHERE), written.made, WHERE)

    assert text == back
