"""Foreign text as people see it."""

import pytest

from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.release import Status
from registry_tool.core.showing import STATUS_WORDS, counted, line, readme_of, visible
from registry_tool.core.status import TREATMENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\u202eb", "a\\u202eb"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("a\x1b[2J", "a\\u001b[2J"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("\ud800", "\\ud800"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_what_hides_is_written_out(text: str, expected: str) -> None:
    """Control, bidirectional and invisible characters are shown by their number; joiners in emoji stay."""
    assert expected == visible(text)


@pytest.mark.parametrize(("text", "expected"), [(" a \n b ", "a b"), ("   ", "(no text)"), ("\u2028", "(no text)")])
def test_a_title_stays_on_one_line(text: str, expected: str) -> None:
    """White space becomes single spaces, and nothing but white space says so."""
    assert expected == line(text)


@pytest.mark.parametrize(("count", "expected"), [(0, "0 things"), (1, "1 thing"), (2, "2 things")])
def test_one_thing_is_not_many(count: int, expected: str) -> None:
    """The number decides the word."""
    assert expected == counted(count, "thing", "things")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"SKILL.md": b"skill", "ReadMe.md": b"readme"}, "readme"),
        ({"SKILL.md": b"skill", "docs/README.md": b"deeper"}, "skill"),
        ({"README": b"\xff"}, "\ufffd"),
        ({"index.js": b"0"}, ""),
    ],
)
def test_the_text_of_an_author_is_found(files: dict[str, bytes], expected: str) -> None:
    """README comes before SKILL.md, letter case makes no difference, and folders are not looked into."""
    payload: Payload = {path: PayloadFile(data) for path, data in files.items()}

    assert expected == readme_of(payload)


@pytest.mark.parametrize("status", sorted(TREATMENT))
def test_every_status_has_words(status: Status) -> None:
    """What a release can be is told in words, which begin with it where it is one word."""
    assert STATUS_WORDS[status].startswith("in quarantine" if status == "quarantined" else status)
