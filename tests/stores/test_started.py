"""What a person agreed to, and what tools said of themselves: kept in their own folder."""

from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.stores.consents import Consents, agreed
from registry_tool.stores.seentools import SeenTools

RECORD: dict[str, Any] = {
    "id": "@ann/words",
    "version": "1.0.0",
    "kind": "plugin",
    "registry": "r",
    "manifest": "sha256:a",
    "permissions": ["mcp:count"],
    "run": {"type": "payload", "entry": "server.py"},
    "inputs": [],
    "title": "Words",
}
FILES = {"server.py": "aa", "LICENSE": "bb"}


@pytest.mark.parametrize(
    ("record", "trees", "same"),
    [
        ({}, [FILES], True),
        ({"title": "Other", "agents": ["x"]}, [FILES], True),
        ({}, [FILES, FILES], True),
        ({}, [dict(reversed(FILES.items()))], True),
        ({"permissions": ["mcp:count", "network"]}, [FILES], False),
        ({"run": {"type": "payload", "entry": "LICENSE"}}, [FILES], False),
        ({"manifest": "sha256:b"}, [FILES], False),
        ({"registry": "s"}, [FILES], False),
        ({"inputs": [{"name": "X"}]}, [FILES], False),
        ({}, [{**FILES, "server.py": "cc"}], False),
        ({}, [FILES, {"other.py": "dd"}], False),
        ({}, [], False),
    ],
)
def test_what_was_agreed_to_is_the_files_the_grants_and_the_start(
    tmp_path: Path, record: dict[str, Any], trees: list[dict[str, str]], *, same: bool
) -> None:
    """Whatever decides what runs and what it may is part of it; words for people are not."""
    consents = Consents(tmp_path / "started")
    assert not consents.has(agreed(RECORD, [FILES]))

    consents.keep(agreed(RECORD, [FILES]))

    assert same == consents.has(agreed({**RECORD, **record}, trees))


def test_a_tools_first_words_stay(tmp_path: Path) -> None:
    """New tools are added; what was seen is not replaced until it is forgotten."""
    seen = SeenTools(tmp_path / "tools")
    assert {} == seen.of("ab")

    seen.add("ab", {"count": "1"})
    seen.add("ab", {"count": "2", "other": "3"})

    assert {"count": "1", "other": "3"} == seen.of("ab")
    assert {} == seen.of("cd")
    seen.forget("ab")
    seen.forget("ab")
    assert {} == seen.of("ab")


@pytest.mark.parametrize("text", ["", "[]", '{"count": 1}', "{" * 50, " " * (1 << 20) + "{} "])
def test_damaged_pins_are_told(tmp_path: Path, text: str) -> None:
    """A change of a tool would go unseen."""
    (tmp_path / "ab.json").write_text(text)

    with pytest.raises(InvalidInput):
        SeenTools(tmp_path).of("ab")
