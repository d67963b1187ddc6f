"""YAML that people write is read without ambiguity, or refused with the line that mends it."""

from typing import Any

import pytest
import yaml

from registry_tool.core import limits
from registry_tool.core.findings import Finding
from registry_tool.core.native import yaml_text
from registry_tool.core.native.yaml_text import Loaded, load_yaml


def load(text: str | bytes, *, aliases: bool = False) -> Loaded:
    return load_yaml(
        text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text, what="x.yaml", aliases=aliases
    )


GOOD: list[tuple[str, Any]] = [
    ("", None),
    ("a: b", {"a": "b"}),
    ("a: b\r\nc:\r\n  - d\r\n", {"a": "b", "c": ["d"]}),
    ("---\na: b\n...\n", {"a": "b"}),
    ("a: >-\n  one\n  two: three\n", {"a": "one two: three"}),
    ("a: b # c: d", {"a": "b"}),
    ("a: {b: [1, -2, 0x1f, 1_000]}", {"a": {"b": [1, -2, 31, 1000]}}),
    ("a: no\nb: 1.0\nc: ~\nd:\n", {"a": False, "b": 1.0, "c": None, "d": None}),
    ("a: \"no\"\nb: '1.0'", {"a": "no", "b": "1.0"}),
    ("a: 2024-01-01\nb: 12:30:45\nc: 22:22\nd: =", {"a": "2024-01-01", "b": "12:30:45", "c": "22:22", "d": "="}),
    ("a: 1:30.5", {"a": "1:30.5"}),
    ("a: 0x_", {"a": "0x_"}),
    ("a: <<\n'<<': c", {"a": "<<", "<<": "c"}),
    ("? a\n: b", {"a": "b"}),
    ("- a\n- [b, c]", ["a", ["b", "c"]]),
    ("a: \U0001f512 \u4f60", {"a": "\U0001f512 \u4f60"}),
]


@pytest.mark.parametrize(("text", "value"), GOOD)
def test_good_yaml_keeps_the_types_that_it_says(text: str, value: Any) -> None:
    """Numbers and booleans keep their type; dates and numbers with colons stay text."""
    loaded = load(text)

    assert loaded.findings == ()
    assert loaded.good
    assert value == loaded.value


BAD = [
    ("name: a\ndescription: x: y\n", 2, "mapping values", 'description: "x: y"'),
    ("m:\n  a: x: y", 2, "mapping values", 'a: "x: y"'),
    ("description: a\n  b: c", 2, "mapping values", "put the whole value of description in quotes"),
    ("a: |\n  x\n y", 3, "", ""),
    ("a: >-\n  x\n b: c", 3, "", ""),
    ('a: "x\nb: c\n', 1, "quotes are opened", 'a: "x"'),
    ("a: 'it's'", 1, "expected", 'a: "it\'s"'),
    ('description: "a" b', 1, "expected", 'description: "\\"a\\" b"'),
    ("a: @x", 1, "cannot start", 'a: "@x"'),
    ("a: **x**", 1, "expected", 'a: "**x**"'),
    ("a:\n\t- b", 2, "cannot start", "spaces, not with tabs"),
    ("- a\nb: c", 2, "expected", ""),
    ("a: [b\nc: d", 2, "expected", ""),
    ("[", 1, "expected", ""),
    ("%YAML 3.0\n---\na: b", 1, "version", ""),
    ("a: 1\nb: 2\na: 3", 3, "the key 'a' is there twice", "the first is in line 1"),
    ("b:\n  a: 1\n  a: 2", 3, "the key 'a' is there twice", "line 2"),
    ("yes: 1", 1, "a key is text, this is a bool", '"yes":'),
    ("? [a]\n: b", 1, "a key is text, this is a list", "plain word"),
    ("a: b\n---\nc: d", 2, "a second begins", "remove"),
    ("a: *x", 1, "aliases are not allowed, this is *x", 'a: "*x"'),
    ("- &x b", 1, "anchors are not allowed, this is &x", "write the value out"),
    ("a:\n  <<: {b: c}", 2, "merge keys", "write the members out"),
    ("a: !t b", 1, "tags are not allowed", 'a: "!t b"'),
    ("- !!str 1", 1, "tags are not allowed", "write the value out"),
    ("a: \x01", 1, "U+0001 is not allowed", "invisible"),
    ("b: 1\na: \ufeffx", 2, "U+FEFF is not allowed", "invisible"),
    ('a: "\\ud800"', 1, "half of a character", "the character itself"),
    ("a: .nan", 1, "no number", "quotes"),
    ("a: -.inf", 1, "no number", "quotes"),
    ("a: 9007199254740992", 1, "no number", "quotes"),
    ("a: 0x" + "f" * 9000, 1, "no number", "quotes"),
    ("a: " + "9" * 9000, 1, "no number", "quotes"),
    ("- " * (limits.JSON_DEPTH + 2) + "x", 1, "nested deeper", ""),
    ("a: b\n\n" + "[" * 100_000, 3, "", ""),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), BAD)
def test_a_fault_has_its_line_and_what_mends_it(text: str, line: int, message: str, hint: str) -> None:
    """One finding of level `fail`, with the file, the 1-based line and where possible the line to write."""
    loaded = load(text)

    assert loaded.value is None
    assert not loaded.good
    assert [("fail", "x.yaml", line)] == [(one.level, one.path, one.line) for one in loaded.findings]
    assert message in loaded.findings[0].message
    assert hint in loaded.findings[0].hint if hint else not loaded.findings[0].hint


def test_bytes_that_are_not_utf_8_are_refused_in_their_line() -> None:
    """The line of the first bad byte is told."""
    assert [(2, "it is not UTF-8 at byte 3")] == [(one.line, one.message) for one in load(b"a:\n\xff").findings]


def test_a_text_that_is_too_long_is_refused_before_it_is_read() -> None:
    """The limit is that of native files."""
    loaded = load(b"#" * (limits.NATIVE_BYTES + 1))

    assert "at most" in loaded.findings[0].message


def test_a_byte_order_mark_is_dropped_with_a_note() -> None:
    """A mark at the very beginning refuses nothing, also where something else does."""
    assert ({"a": "b"}, ["note"]) == ((loaded := load("\ufeffa: b")).value, [one.level for one in loaded.findings])
    assert ["note", "fail"] == [one.level for one in load("\ufeffa: *b").findings]


def test_lines_are_counted_from_where_the_text_stands_in_its_file() -> None:
    """Front matter begins in line 2 of its file; the lines of the outermost keys are kept."""
    assert {"a": 2, "b": 3} == load_yaml(b"a: 1\nb:\n  c: 2\n", what="x", first_line=2).lines
    assert [3] == [one.line for one in load_yaml(b"a: 1\nb: c: d\n", what="x", first_line=2).findings]


WITH_ALIASES: list[tuple[str, Any]] = [
    ("a: &a [1, 2]\nb: *a", {"a": [1, 2], "b": [1, 2]}),
    ("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3", {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}}),
    ("a: &a {x: 1}\nb:\n  <<: [*a, {x: 2, z: 3}]", {"a": {"x": 1}, "b": {"x": 1, "z": 3}}),
    ("&k a: b\nc: *k", {"a": "b", "c": "a"}),
]


@pytest.mark.parametrize(("text", "value"), WITH_ALIASES)
def test_aliases_and_merge_keys_are_followed_where_they_are_allowed(text: str, value: Any) -> None:
    """What is written beside a merge key wins over what it brings, an earlier mapping over a later one."""
    assert value == load(text, aliases=True).value


TEN = ", ".join(["*{0}"] * 10)
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{TEN.format(before)}]\n" for before, name in zip("abcde", "bcdef", strict=True)
)
CHAIN = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, limits.JSON_DEPTH + 2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: *z", "has no &z before it"),
        ("a: &a [*a]", "has no &a before it that is complete"),
        ("a: &a [1]\nb:\n  <<: *a", "<< takes a mapping"),
        ("a: {<<: 1}", "<< takes a mapping"),
        ("a: &a {}\n<<: *a\n<<: *a", "twice"),
        (BOMB, f"at most {limits.ALIAS_NODES} values"),
        (CHAIN, "nested deeper"),
    ],
    ids=["unknown", "itself", "merged list", "merged number", "two merges", "bomb", "chain"],
)
def test_an_alias_that_cannot_be_followed_is_refused(text: str, message: str) -> None:
    """Unknown and circular aliases, merges of what is no mapping, and bombs of aliases."""
    loaded = load(text, aliases=True)

    assert [True] == [message in one.message for one in loaded.findings]


@pytest.mark.parametrize("text", [row[0] for row in GOOD] + [row[0] for row in BAD])
def test_the_slow_parser_finds_the_same(text: str) -> None:
    """Where PyYAML has no C parser, values, lines and words are the same."""
    source = yaml_text._Source("x.yaml", 1)
    value: Any = None
    findings: tuple[Finding, ...] = ()

    try:
        source.decode(text.encode("utf-8", "surrogatepass"))
        value, _ = yaml_text._Builder(source, False, yaml.SafeLoader).document()
    except yaml_text._RefusedError as refused:
        findings = (refused.finding,)
    except yaml.YAMLError as error:
        with pytest.raises(yaml_text._RefusedError) as caught:
            source.refuse_syntax(error)
        findings = (caught.value.finding,)

    assert (value, findings) == ((loaded := load(text)).value, loaded.findings)
