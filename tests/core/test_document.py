"""How documents are read, and how faults are told; the rules of single documents are in `examples.py`."""

from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field

from registry_tool.core import canonical
from registry_tool.core.document import (
    ArtifactText,
    Document,
    IdText,
    KeyText,
    NumberInt,
    Seq,
    TimeText,
    VersionText,
    load,
    schema_of,
)
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.release import Pointer
from registry_tool.core.statements import Policy

REGISTRY = "ab" * 32
POINTER = {
    "schema": "registry.release/1",
    "registry": REGISTRY,
    "artifact": "@ann/solar",
    "version": "1.0.0",
    "manifest": f"sha256:{REGISTRY}",
}


class Inner(Document):
    """A part."""

    number: NumberInt


class Outer(Document):
    """A whole."""

    nullable: ClassVar[frozenset[str]] = frozenset({"before"})

    text: str
    before: str | None
    parts: Annotated[Seq[Inner], Field(min_length=1, max_length=2)]
    more: str | None = None


class Forms(Document):
    """One of each form of text."""

    name: IdText | None = None
    artifact: ArtifactText | None = None
    version: VersionText | None = None
    time: TimeText | None = None
    key: KeyText | None = None


WHOLE: dict[str, Any] = {"text": "a", "before": None, "parts": [{"number": 1}]}


def read(data: bytes) -> Pointer:
    """A pointer of the registry."""
    return load(Pointer, data, limit=1000, registry=REGISTRY, what="the pointer")


def test_a_document_gives_back_its_own_bytes() -> None:
    """What was read is written as the bytes that it came from; members that were absent stay absent."""
    data = canonical.encode(POINTER)

    assert data == read(data).to_bytes()
    assert WHOLE == Outer.of(WHOLE).value()
    assert {**WHOLE, "more": "b"} == Outer.of({**WHOLE, "more": "b"}).value()


def test_a_document_never_changes() -> None:
    """A member of a document that was read cannot be set."""
    pointer = read(canonical.encode(POINTER))

    with pytest.raises(ValueError, match="frozen"):
        pointer.version = "2.0.0"


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (canonical.encode({**POINTER, "version": "x" * 1000}), "too-large", "at most 1000 bytes"),
        (b"\xef\xbb\xbf" + canonical.encode(POINTER), "not-canonical", "byte order mark"),
        (canonical.encode(POINTER) + b"\n", "not-canonical", "not in canonical form"),
        (b"[]", "invalid-document", "the pointer is not a JSON object"),
        (canonical.encode({**POINTER, "schema": "registry.release/2"}), "newer-schema", "this tool reads up to"),
        (canonical.encode({**POINTER, "schema": "registry.release/0"}), "invalid-document", "expected the schema"),
        (canonical.encode({**POINTER, "schema": "registry.policy/2"}), "invalid-document", "expected the schema"),
        (canonical.encode({**POINTER, "schema": 1}), "invalid-document", "expected the schema"),
        (canonical.encode({**POINTER, "version": "1.0", "artifact": "x"}), "invalid-document", "(and 1 more)"),
    ],
)
def test_a_document_that_is_not_well_formed_is_refused(data: bytes, code: str, said: str) -> None:
    """Size, form, schema and members are looked at in this order, each with its own code."""
    with pytest.raises(InvalidInput) as refused:
        read(data)

    assert code == refused.value.code
    assert said in refused.value.message


def test_a_newer_document_asks_for_an_update() -> None:
    """A schema number above ours is not called invalid: the tool is too old."""
    with pytest.raises(InvalidInput) as refused:
        read(canonical.encode({**POINTER, "schema": "registry.release/12"}))

    assert "update the tool" == refused.value.hint


@pytest.mark.parametrize("registry", ["cd" * 32, None, 1])
def test_another_registrys_document_is_not_trusted(registry: object) -> None:
    """The registry is looked at before everything that is inside."""
    value = {"schema": "registry.release/9", "registry": registry} if registry is not None else {}

    with pytest.raises(NotTrusted) as refused:
        read(canonical.encode(value))

    assert "other-registry" == refused.value.code


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"text": None}, "text is null; leave it out where there is nothing to say"),
        ({"text": True}, "text: input should be a valid string, it is True"),
        ({"text": {}}, "text: input should be a valid string, it is dict"),
        ({"text": 10**80}, "text: input should be a valid string, it is 1" + "0" * 76 + "..."),
        ({"parts": []}, "parts: needs at least 1 item(s), it has 0"),
        ({"parts": [{"number": 1}] * 3}, "parts: may have at most 2 item(s)"),
        ({"parts": "abc"}, "parts: expected a list, it is 'abc'"),
        ({"parts": [{"number": 0}]}, "parts[0].number: input should be greater than or equal to 1, it is 0"),
        ({"parts": [{"number": None}]}, "parts[0]: number is null; leave it out where there is nothing to say"),
        ({"parts": [1]}, "parts[0]: expected an object, it is 1"),
        ({"parts": [{}]}, "parts[0].number: is missing"),
        ({"surprise": 1}, "surprise: is not a member that is known here"),
    ],
)
def test_a_fault_is_told_in_our_words(change: dict[str, Any], expected: str) -> None:
    """Each fault names its place and what came, and an item that is refused is not called missing too."""
    with pytest.raises(InvalidInput) as refused:
        Outer.of({**WHOLE, **change})

    assert [expected.removeprefix("it: ")] == [one.message.removeprefix("it: ") for one in refused.value.findings]


@pytest.mark.parametrize(
    ("value", "hint"), [(1.0, "put it in quotes"), (False, "put it in quotes"), ([], ""), (None, "")]
)
def test_a_number_that_should_be_text_asks_for_quotes(value: object, hint: str) -> None:
    """YAML's numbers and booleans are told as such."""
    with pytest.raises(InvalidInput) as refused:
        Outer.of({**WHOLE, "text": value})

    assert hint == refused.value.findings[0].hint[: len("put it in quotes")]


def test_a_typing_mistake_gets_a_hint() -> None:
    """An unknown member is looked for as a typing mistake."""
    with pytest.raises(InvalidInput) as refused:
        Outer.of({**WHOLE, "Text": "a"})

    assert "remove it, or look for a typing mistake" == refused.value.findings[0].hint


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("name", "ann\n"),
        ("name", "\u0430nn"),
        ("name", "xn--a"),
        ("name", "lpt9"),
        ("artifact", "@ann/solar\n"),
        ("artifact", "@ann/nul"),
        ("artifact", f"@{'a' * 64}/{'b' * 37}"),
        ("version", "1.0.0\n"),
        ("version", "\u0661.0.0"),
        ("version", "01.0.0"),
        ("time", "2026-11-21T09:00:00Z\n"),
        ("time", "2026-11-21t09:00:00z"),
        ("time", "2026-11-21T09:00:60Z"),
        ("time", "2025-02-29T09:00:00Z"),
        ("time", "0000-01-01T00:00:00Z"),
        ("key", "A" * 43 + "=\n"),
        ("key", "A" * 42 + "-="),
    ],
)
def test_a_form_ends_where_the_text_ends(form: str, value: str) -> None:
    """A line end, look-alike digits and letters, devices and days that never were fit no form."""
    with pytest.raises(InvalidInput, match=form):
        Forms.of({form: value})


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("name", "a-b"),
        ("artifact", f"@{'a' * 64}/{'b' * 36}"),
        ("version", "1.0.0-rc.1+build.7"),
        ("time", "2024-02-29T23:59:59Z"),
        ("key", "A" * 43 + "="),
    ],
)
def test_a_good_form_is_kept_as_it_is(form: str, value: str) -> None:
    """What fits is not changed."""
    assert {form: value} == Forms.of({form: value}).value()


def test_a_model_knows_its_schema() -> None:
    """The name of the schema is the one in the model."""
    assert "registry.policy/1" == schema_of(Policy)
