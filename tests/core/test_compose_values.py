"""The small values of a compose file, in the spellings that real files use."""

import pytest

from registry_tool.core.native.compose_values import (
    INPUT_PREFIX,
    Fault,
    Image,
    Variable,
    baked,
    pieces,
    read_image,
    renamed,
)

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("a$$b", ["a", "$$", "b"]),
        ("$A/x", ["", Variable("A", "", ""), "/x"]),
        ("${A:-b}", ["", Variable("A", ":-", "b"), ""]),
        ("${A-${B:-c}}", ["", Variable("A", "-", "${B:-c}"), ""]),
        ("${A:?say it}", ["", Variable("A", ":?", "say it"), ""]),
    ],
)
def test_a_text_is_cut_at_its_variables(text: str, expected: list[str | Variable]) -> None:
    """The forms of the specification are read, nested defaults as they are written."""
    assert list(pieces(text)) == expected


@pytest.mark.parametrize("text", ["$(date)", "a$", "${", "${}", "${1A}", "${A", "${A/b}", "${A:-" * 9 + "}" * 9])
def test_a_dollar_that_means_nothing_is_refused(text: str) -> None:
    """What compose would stop at is told before, with how to write a plain $."""
    with pytest.raises(Fault) as refused:
        list(pieces(text))

    assert "$$" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a$$b", "a$b"), ("${A:-b}${C-d}", "bd"), ("${A:-${B:-c}}", "c"), ("${A:+x}${B+y}z", "z")],
)
def test_defaults_can_be_baked_in(text: str, expected: str) -> None:
    """A text with defaults throughout depends on no variable any more."""
    assert expected == baked(text)


def test_a_variable_without_a_value_cannot_be_baked_in() -> None:
    """The refusal names the variable and the form with a default."""
    with pytest.raises(Fault) as refused:
        baked("${TAG:?which}")

    assert refused.value.hint == "write the value, or a default: ${TAG:-…}"
    assert baked("${TAG}x", unset=lambda name: name.lower()) == "tagx"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "1"),
        ("${A:-2}", "1"),
        ("${E-2}", ""),
        ("${E:-2}", "2"),
        ("${A:+3}", "3"),
        ("${E:+3}${E+4}", "4"),
        ("${A:?}", "1"),
    ],
)
def test_what_the_author_s_env_file_says_comes_before_a_default(text: str, expected: str) -> None:
    """As compose does it, an empty value counts for the forms without a colon only."""
    assert expected == baked(text, {"A": "1", "E": ""})


def test_variables_get_names_that_no_shell_exports() -> None:
    """Every variable is renamed, in defaults too, and each is heard of."""
    heard: list[str] = []

    text = renamed("$A-${B:-${C}}-$$D", lambda variable: heard.append(variable.name))

    assert text == f"${{{INPUT_PREFIX}A}}-${{{INPUT_PREFIX}B:-${{{INPUT_PREFIX}C}}}}-$$D"
    assert heard == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis:7", Image("redis", "7", "")),
        ("ghcr.io/a/b_c:1.2-x", Image("ghcr.io/a/b_c", "1.2-x", "")),
        ("localhost:5000/a:1", Image("localhost:5000/a", "1", "")),
        ("a/b:${TAG:-2}", Image("a/b", "2", "")),
        (f"a:1@{DIGEST}", Image("a", "1", DIGEST)),
        (f"a:latest@{DIGEST}", Image("a", "latest", DIGEST)),
        (f"localhost:5000/a@{DIGEST}", Image("localhost:5000/a", "", DIGEST)),
        ("redis", Image("redis", "", "")),
        ("redis:latest", Image("redis", "latest", "")),
        ("localhost:5000/a", Image("localhost:5000/a", "", "")),
        ("a/b:${TAG}", Image("a/b", "", "")),
        ("a/b:$TAG", Image("a/b", "", "")),
        ("a/b:${TAG:?which}", Image("a/b", "", "")),
        ("a/b:${SET}", Image("a/b", "7", "")),
    ],
)
def test_an_image_has_a_name_and_a_version(text: str, expected: Image) -> None:
    """A tag, a digest or both say which one; a tag that nobody sets is none."""
    assert expected == read_image(text, {"SET": "7"})


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("${IMAGE}", "${IMAGE:-…}"),
        ("A:1", "image: ghcr.io"),
        ("a:-1", "image: ghcr.io"),
        ("a b:1", "image: ghcr.io"),
        ("a//b:1", "image: ghcr.io"),
        ("../a:1", "image: ghcr.io"),
        (":1", "image: ghcr.io"),
        ("a:1@sha256:00", "64 hex digits"),
        (f"a:1@{DIGEST}x", "64 hex digits"),
    ],
)
def test_what_is_no_image_is_refused_with_the_line_to_write(text: str, hint: str) -> None:
    """Malformed names, and one that is all a variable, are refused; the hint is a line that works."""
    with pytest.raises(Fault) as refused:
        read_image(text)

    assert hint in refused.value.hint


def test_an_image_without_a_tag_is_called_by_its_name() -> None:
    """`name:tag`, or the name alone."""
    assert Image("a", "", DIGEST).tagged == "a"
