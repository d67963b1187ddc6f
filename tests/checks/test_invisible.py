"""Characters that nobody sees."""

import pytest

from registry_tool.checks.invisible import invisible_characters
from registry_tool.core.hidden import hidden_in
from tests.builders import RegistryInMemory
from tests.checks.changes import change, skill, with_candidate
from tests.checks.fixtures import update, with_file


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "\ufeffa mark at the beginning",
        "👩\u200d🔬 and 👩🏽\u200d🚀 and ❤\ufe0f\u200d🔥",
        "✔\ufe0f 1\ufe0f⃣ ‼\ufe0f",
        "می\u200cخواهم",
        "क्\u200dष",
        "ភា\u200bសា".replace("\u200b", ""),
        "葛\U000e0100",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_what_people_need_is_let_through(text: str) -> None:
    """A mark at the beginning, joiners in emoji and in scripts that join, variants and flags are no fault."""
    assert () == hidden_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "a\u202eb",
        "a\u2066b",
        "a\u200bb",
        "a\u200db",
        "a\u200d",
        "\u200da",
        "👩\u200da",
        "a\u200d👩",
        "ab\ufeffc",
        "a\u00adb",
        "a\ufe0fb",
        "\ufe0fb",
        "✔\ufe00",
        "a\U000e0100",
        "a\U000e0041",
        "🏴\U000e0067\U000e0062\U000e0041\U000e007f",
        "ᅠ",
        "می\u200c",
        "می\u200ca",
    ],
)
def test_what_hides_is_found(text: str) -> None:
    """Controls of direction, empty letters, tags and joiners that join nothing are found."""
    assert 1 <= len(hidden_in(text))


def test_a_finding_tells_which_and_where() -> None:
    """The finding names the characters, how often and the first line, and how to remove them."""
    found = list(invisible_characters(with_file("run.py", "x = 1\ny = '\u200b\u202e\u2066\u00ad'\n".encode())()))

    assert [("review", "@ann/links@1.0.1: run.py", 2)] == [(one.level, one.path, one.line) for one in found]
    assert (
        "characters that nobody sees occur 4 times: U+00AD SOFT HYPHEN, U+200B ZERO WIDTH SPACE, "
        "U+202E RIGHT-TO-LEFT OVERRIDE and 1 more kinds"
    ) == found[0].message
    assert "remove them; in Python: re.sub('[\\xad\\u200b\\u202e]', '', text)" == found[0].hint


def test_very_many_are_not_counted_on() -> None:
    """A file full of them is told without counting all."""
    found = list(invisible_characters(with_file("run.py", "\u200b".encode() * 2000)()))

    assert "characters that nobody sees occur very often: U+200B ZERO WIDTH SPACE" == found[0].message


@pytest.mark.parametrize(
    ("path", "level"),
    [("SKILL.md", "fail"), ("more/NOTES.MD", "fail"), ("artifact.yaml", "fail"), ("run.py", "review")],
)
def test_instructions_are_refused_and_other_text_is_looked_at(path: str, level: str) -> None:
    """Where people and agents read what to do hidden characters are refused, elsewhere a person looks."""
    head = b"---\nname: links\ndescription: Finds them.\n---\n" if path == "SKILL.md" else b"# "
    found = list(invisible_characters(with_file(path, head + "a\u200bb\n".encode())()))

    assert [level] == [one.level for one in found]


def test_markdown_beside_another_native_file_is_looked_at() -> None:
    """Where the native file is no Markdown, or nothing was read, Markdown is text as any other."""
    made = with_candidate(with_file("a.md", "a\u200bb".encode())(), reading=None)

    assert ["review"] == [one.level for one in invisible_characters(made)]


@pytest.mark.parametrize("data", [b"\0\xe2\x80\x8b", b"\xff\xe2\x80\x8b"])
def test_what_is_no_text_is_not_read(data: bytes) -> None:
    """Bytes that are no UTF-8 text hide nothing from a reader."""
    assert [] == list(invisible_characters(with_file("a.bin", data)()))


def test_manifests_and_statements_are_read_too() -> None:
    """A title and a statement hide nothing either."""
    titled = change(lambda registry: skill(registry, "1.0.1", title="Li\u200bnks"))

    def noted(registry: RegistryInMemory) -> None:
        registry.event("@ann/links", "1.0.0", "yank", change=lambda value: value.update(note="bro\u202eken"))

    assert ["@ann/links@1.0.1"] == [one.path for one in invisible_characters(titled)]
    assert ["index/releases/an/ann/links/1.0.0/events/1.json"] == [
        one.path for one in invisible_characters(change(noted))
    ]
    assert [] == list(invisible_characters(with_candidate(update(), payload=None)))
