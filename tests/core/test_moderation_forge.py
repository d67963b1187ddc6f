"""What the gate writes down for a review in a forge, and what of all that was said still stands."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.moderation import (
    mentions,
    read_decisions,
    said_in,
    standing_words,
    submissions_in,
)
from tests.builders import RegistryInMemory
from tests.core.test_moderation import AT, M1, M2, ONE, OTHER, decide
from tests.proving import MEANS, refusal

REVIEW = {"forge": "forge.example", "review": 12, "account": 7}


def forge(*, mode: str = "forge") -> RegistryInMemory:
    """Policy counts reviews; `mod` has the account 7, and there is a gate."""
    registry = RegistryInMemory()
    registry.root()

    def change(value: dict[str, Any]) -> None:
        account = {"forge": "forge.example", "number": 7, "name": "mod", "status": "active"}
        value["people"][0]["accounts"] = [account]

    registry.moderators({"mod": None}, gate=("gate",), change=change)
    registry.policy(mode=mode)
    return registry


def by_review(registry: RegistryInMemory, action: str = "reject", **more: Any) -> None:
    """The gate writes down what a review says."""
    said = {"by": ("gate",), "review": REVIEW, **more}
    review, edit = said.pop("review"), said.pop("edit", None)

    def change(value: dict[str, Any]) -> None:
        value["under"]["policy"] = registry.head("policy")
        if review is not None:
            value["review"] = review
        if edit is not None:
            edit(value)

    decide(registry, ONE, action, at=AT, change=change, **said)


def end(registry: RegistryInMemory, what: str, since: str) -> None:
    """The next moderators, in which the account or the gate's key ended."""

    def change(value: dict[str, Any]) -> None:
        account = {"forge": "forge.example", "number": 7, "name": "mod", "status": "active"}
        value["people"][0]["accounts"] = [account]
        over = {"status": "retired", "since": since}
        (value["gate"][0] if what == "gate" else value["people"][0]["accounts"][0]).update(over)

    registry.moderators({"mod": None}, gate=("gate",), by=("mod",), under=(), change=change)


@pytest.mark.parametrize("action", ["reject", "flag"])
def test_a_review_becomes_a_decision(action: str) -> None:
    """It is told whose review it is."""
    registry = forge()
    by_review(registry, action)
    (word,) = said_in(registry.tree(), ONE, registry.government(), means=MEANS)

    assert (action, "mod (review 12 in a forge)", 12) == (word.action, word.by, word.review and word.review.review)
    assert {"action": action, "by": word.by, "reason": "broken", "note": action, "at": AT} == word.value()


def other_account(registry: RegistryInMemory) -> None:
    by_review(registry, review={**REVIEW, "account": 8})


def other_forge(registry: RegistryInMemory) -> None:
    by_review(registry, review={**REVIEW, "forge": "other.example"})


def no_policy_named(registry: RegistryInMemory) -> None:
    by_review(registry, edit=lambda value: value["under"].pop("policy"))


@pytest.mark.parametrize(
    ("registry", "build", "expected"),
    [
        (forge(mode="signed"), by_review, "not-authorised"),
        (forge(), lambda r: by_review(r, "objection"), "not-authorised"),
        (forge(), lambda r: by_review(r, "notice"), "not-authorised"),
        (forge(), lambda r: by_review(r, by=("mod",)), "not-authorised"),
        (forge(), lambda r: by_review(r, by=("stranger",)), "not-authorised"),
        (forge(), lambda r: by_review(r, review=None), "not-authorised"),
        (forge(), other_account, "not-authorised"),
        (forge(), other_forge, "not-authorised"),
        (forge(), no_policy_named, "bad-under"),
    ],
)
def test_the_gate_says_nothing_else(
    registry: RegistryInMemory, build: Callable[[RegistryInMemory], None], expected: str
) -> None:
    """Only rejections and flags, only by its own key, only for an account that is listed, only where policy lets it."""
    build(registry)

    assert (4, expected) == refusal(lambda: read_decisions(registry.tree(), ONE, registry=registry.id, means=MEANS))


@pytest.mark.parametrize("what", ["gate", "account"])
@pytest.mark.parametrize(("since", "expected"), [(AT, 0), ("2026-05-01T00:00:01Z", 1)])
def test_what_ended_says_nothing_any_more(what: str, since: str, expected: int) -> None:
    """A decision at or after the end of the gate's key or of the account counts for nothing."""
    registry = forge()
    by_review(registry)
    end(registry, what, since)

    assert expected == len(read_decisions(registry.tree(), ONE, registry=registry.id, means=MEANS))


def stands(registry: RegistryInMemory, submission: str = ONE, *manifests: str) -> list[str]:
    words = standing_words(registry.tree(), submission, manifests, registry=registry.id, means=MEANS)
    return [word.note for word in words]


DAY1, DAY2, DAY3 = "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z", "2026-05-03T00:00:00Z"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], []),
        ([(ONE, "flag", DAY1)], ["1"]),
        ([(ONE, "objection", DAY1), (ONE, "flag", DAY2)], ["1", "2"]),
        ([(ONE, "flag", DAY1), (ONE, "reject", DAY2)], []),
        ([(ONE, "flag", DAY1), (ONE, "reject", DAY2), (ONE, "flag", DAY3)], ["3"]),
        ([(ONE, "reject", DAY1), (ONE, "flag", DAY1)], ["2"]),
        ([(ONE, "flag", DAY1), (ONE, "reject", DAY1)], []),
        ([(OTHER, "objection", DAY1)], ["1"]),
        ([(OTHER, "objection", DAY1), (ONE, "reject", DAY2)], []),
        ([(OTHER, "objection", DAY2), (ONE, "reject", DAY2)], ["1"]),
    ],
)
def test_a_rejection_settles_what_was_said_before_it(said: list[tuple[str, str, str]], expected: list[str]) -> None:
    """About the submission or its manifests; of two submissions in one second nothing is settled."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": None})
    registry.policy()
    for number, (submission, action, at) in enumerate(said, start=1):
        decide(registry, submission, action, at=at, note=str(number))

    assert expected == stands(registry, ONE, M1)


def test_what_is_said_about_other_manifests_is_not_about_this() -> None:
    """And who asks about many reads the list once."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": None})
    registry.policy()
    decide(registry, OTHER, "flag", at=DAY1, manifests=(M2,))
    known = mentions(registry.tree())

    assert (OTHER,) == submissions_in(registry.tree())
    assert {M2: frozenset({OTHER})} == {key: value for key, value in known.items() if key in (M1, M2)}
    assert [] == stands(registry, ONE, M1)
    found = standing_words(registry.tree(), ONE, [M2], registry=registry.id, means=MEANS, known=known)
    assert ["mod"] == [word.by for word in found]


def test_an_author_s_objection_is_told_as_theirs() -> None:
    """By the keyring that it names."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": None})
    registry.policy()
    registry.with_author("ann")

    def under(value: dict[str, Any]) -> None:
        value["under"] = {"authors/ann": registry.head("authors/ann")}

    decide(registry, ONE, "objection", at=DAY1, by=("ann control",), change=under)
    (word,) = said_in(registry.tree(), ONE, registry.government(), means=MEANS)

    assert "the author ann" == word.by
