"""A policy in words."""

from typing import Any

import pytest

from registry_tool.core.policy_words import differences, policy_lines
from registry_tool.core.statements import Policy
from registry_tool.services.founder import TEMPLATES


def policy(**more: Any) -> Policy:
    """The template `community`, with other members."""
    frame = {
        "schema": "registry.policy/1",
        "registry": "0" * 64,
        "subject": "policy",
        "number": 1,
        "previous": None,
        "mode": "continue",
        "under": {},
    }
    return Policy.of({**frame, **TEMPLATES["community"], **more})


def test_a_template_is_read_in_a_minute() -> None:
    """Ten sentences say who must look at what."""
    assert (
        (
            "An update that asks for nothing new goes through by itself after 10 minutes, where its owner signed "
            "it twice: with a key, and as a keyless identity or from the account that the keyring lists."
        ),
        "One that may do more than the version before: one person.",
        "A new name: one person, and 3 days.",
        "Another author, source or owner: two people where there are two, and 3 days.",
        (
            "A review in the forge counts: of exactly the commit that was checked, by an account that the moderators "
            "list by its number; the gate signs for it. People's own keys count too."
        ),
        "The gate signs, once people approved: new keys, who publishes in a scope.",
        (
            "Somebody who lost every key is let in again after a notice and 14 days, by as many moderators as sign for "
            "the registry."
        ),
        "Nobody approves what is their own.",
        "Private releases are not taken.",
        "At most 20 releases in one submission.",
    ) == policy_lines(policy())


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_template_says_who_looks_at_what(template: str) -> None:
    """Each has a line for an update, a gain, a new name and another owner."""
    lines = policy_lines(policy(**TEMPLATES[template]))

    assert 10 == len(lines)
    assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            {"gate": {"releases": "none", "statements": []}},
            [
                "An update that asks for nothing new: one person.",
                "New keys, and who publishes in a scope: signed by a moderator.",
            ],
        ),
        (
            {"waits": {"new_name": 0, "owner_update": 0, "recover": 60}},
            [
                (
                    "An update that asks for nothing new goes through by itself, where its owner signed it twice: "
                    "with a key, and as a keyless identity or from the account that the keyring lists."
                ),
                "A new name: one person.",
                "Another author, source or owner: two people where there are two.",
                (
                    "Somebody who lost every key is let in again after a notice and 1 minute, by as many moderators as "
                    "sign for the registry."
                ),
            ],
        ),
        (
            {"approvals": {"mode": "signed", "count": 2, "new_name": 1, "gain": 3}},
            [
                "One that may do more than the version before: three people.",
                "A new name: two people, and 3 days.",
                "People approve with their own keys; a review in a forge counts for nothing.",
            ],
        ),
        (
            {"self_approval": True, "private": True, "limits": {"odd": 3}},
            ["Moderators may approve what is their own.", "Private releases are taken.", "At most 3 odd."],
        ),
    ],
)
def test_a_change_is_told_in_the_sentences_that_become_others(members: dict[str, Any], expected: list[str]) -> None:
    """For whoever is asked to sign it."""
    assert expected == list(differences(policy(), policy(**members)))
