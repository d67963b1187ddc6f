"""What a noted submission brings, in words."""

from typing import Any

import pytest

from registry_tool.services.submissions import title_of

EVENT = "index/releases/an/ann/pdf/1.0.0/events/2.json"
KEYRING = "index/authors/an/ann/keys/3"


@pytest.mark.parametrize(
    ("noted", "expected"),
    [
        ({"releases": [{"artifact": "@ann/pdf", "version": "1.0.0"}], "statements": {EVENT: "0"}}, "@ann/pdf@1.0.0"),
        ({"releases": [], "words": ["yank @ann/pdf@1.0.0"], "statements": {EVENT: "0"}}, "yank @ann/pdf@1.0.0"),
        ({"releases": [], "statements": {EVENT: "0"}}, "event 2 of @ann/pdf@1.0.0"),
        (
            {"releases": [], "statements": {f"{one}.json": "" for one in ("index/scopes/an/ann/1", KEYRING)}},
            "number 3 of the keyring of ann, number 1 of the scope @ann",
        ),
        ({"releases": [], "statements": {"index/policy/2.json": "0", "odd": "0"}}, "index/policy/2.json, odd"),
        ({"releases": [], "words": "damaged"}, ""),
    ],
)
def test_it_is_told_in_words_and_not_in_paths(noted: dict[str, Any], expected: str) -> None:
    """Releases go first, then what was noted, then what the paths of its statements mean."""
    assert expected == title_of(noted)
