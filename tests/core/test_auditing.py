"""A line of the audit log."""

import json
from typing import Any

import pytest

from registry_tool.core.auditing import TEXT_CHARACTERS, audited, grants, of_record, read_line
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Kinds
from tests.builders import KINDS

TIME = "2026-11-21T09:00:00Z"
RECORD = {
    "id": "@ann/solar",
    "version": "1.0.0",
    "kind": "theme",
    "manifest": "sha256:" + "ab" * 32,
    "registry": "cd" * 32,
    "permissions": ["network:a.example", "fly"],
    "title": "left out",
}


def test_a_line_is_one_line_that_is_read_as_it_was_written() -> None:
    """What an install gives is in it, with the words of each grant, and nothing else."""
    line = audited(TIME, "install", "begun", where="here", **of_record(RECORD, KINDS))
    data = line.line()

    assert (1, True) == (data.count(b"\n"), data.endswith(b"\n"))
    assert line == read_line(data)
    assert {
        "schema": "registry.audit/1",
        "at": TIME,
        "event": "install",
        "outcome": "begun",
        "artifact": "@ann/solar",
        "version": "1.0.0",
        "kind": "theme",
        "manifest": RECORD["manifest"],
        "registry": RECORD["registry"],
        "where": "here",
        "grants": [
            {"permission": "network:a.example", "words": "reach a.example"},
            {"permission": "fly", "words": "unknown"},
        ],
    } == json.loads(data)


@pytest.mark.parametrize("text", ["a\nb", "\r\x1b[2J", "\u2028\u202e\x85", "\ud800", '"},{"', "\x00\x7f"])
def test_nothing_in_a_text_breaks_a_line(text: str) -> None:
    """Line ends, terminal codes, invisible characters and halves of characters are written as escapes, in ASCII."""
    data = audited(TIME, "refuse", "refused", artifact="", message=text, where=text, code=text).line()

    assert 1 == len(data.splitlines())
    assert data.isascii()
    assert not set(data[:-1]) & {*range(0x20), 0x7F}
    whole = text.encode("utf-8", "backslashreplace").decode()
    assert (whole, whole) == (json.loads(data)["message"], json.loads(data)["where"])


def test_a_long_text_is_cut() -> None:
    """Whoever writes a long message does not keep the line from being noted."""
    line = audited(TIME, "refuse", "refused", artifact="x" * 9999, message="y" * 9999)

    assert [TEXT_CHARACTERS] * 2 == [len(line.artifact), len(line.message)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"schema":"registry.audit/2"}',
        b'{"schema":"registry.audit/1","at":"2026-11-21T09:00:00Z","event":"look","artifact":"","outcome":"done"}',
        b'{"at":"2026-11-21T09:00:00Z","at":"x"}',
    ],
)
def test_another_line_is_none_of_ours(data: bytes) -> None:
    """What another tool wrote there is refused, never taken for a line with defaults."""
    with pytest.raises(InvalidInput):
        read_line(data)


@pytest.mark.parametrize("kinds", [KINDS, Kinds.of([])])
def test_what_has_no_words_is_called_unknown(kinds: Any) -> None:
    """A permission, or a kind, that this tool does not know is noted all the same."""
    assert [{"permission": "fly", "words": "unknown"}] == grants(kinds, "theme", ["fly"])
