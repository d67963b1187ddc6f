"""A recovery: public, long enough, and nobody objected."""

from typing import Any

import pytest

from registry_tool.core.recovery import Recovery, days, may_object, objectors, recovery_of
from registry_tool.core.statements import Moderation
from registry_tool.core.times import to_seconds
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change
from tests.core.landings import both, rotated
from tests.core.test_moderation import decide
from tests.proving import MEANS, refusal

AT, LATER = "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"
"""A notice, and a day later, which is what the policy here waits."""


PUBLIC = (
    f"public since {AT}; from {LATER} it takes the signatures of 1 moderator(s), unless a control key objects before"
)


def recovers(registry: RegistryInMemory) -> None:
    """Ann's keys are new; nobody but they signed."""
    ended = {"status": "retired", "since": "2026-04-30T00:00:00Z", "reason": "lost"}
    old = [registry.row("ann control", use="control") | ended, registry.row("ann signing", use="signing") | ended]
    new = [registry.row("ann control 2", use="control")]
    by = ("ann control 2",)
    registry.keyring("ann", [*old, *new], by=by, change=lambda value: value.update(mode="recover"))


def recovers_scope(registry: RegistryInMemory) -> None:
    """Bob becomes the owner of ann's scope."""
    ended = {"author": "ann", "status": "retired", "since": "2026-04-30T00:00:00Z"}
    registry.scope("ann", owners=["bob", ended], by=("bob control",), change=lambda value: value.update(mode="recover"))


def bob(registry: RegistryInMemory) -> None:
    registry.keyring("bob")


def said(action: str, at: str = AT, *, author: str = "", build: Build = recovers, before: Build = bob) -> Build:
    """A decision about the recovery on the tip; by the control key of `author` where one is named."""
    submission = change(build, tip=before).submission

    def step(registry: RegistryInMemory) -> None:
        def named(value: dict[str, Any]) -> None:
            if author:
                value["under"] = {f"authors/{author}": registry.head(f"authors/{author}")}

        by = f"{author} control" if author else "mod"
        decide(registry, submission, action, at=at, manifests=(), by=(by,), change=named)

    return step


def recovery(*decisions: Build, build: Build = recovers) -> Recovery:
    """The recovery with these decisions on the tip."""
    found = recovery_of(change(build, tip=both(bob, *decisions)), means=MEANS)
    assert found is not None
    return found


def test_most_submissions_recover_nothing() -> None:
    """A rotation is no recovery, nor is a release."""
    assert recovery_of(change(rotated), means=MEANS) is None


@pytest.mark.parametrize(
    ("decisions", "at", "expected"),
    [
        ([], LATER, "recover-notice"),
        ([said("notice")], "2026-05-01T23:59:59Z", "recover-waits"),
        ([said("notice", LATER)], LATER, "recover-waits"),
        ([said("notice"), said("objection", LATER)], LATER, "objection"),
        ([said("notice"), said("objection", LATER, author="ann")], LATER, "objection"),
        ([said("objection", author="ann"), said("notice")], LATER, "objection"),
        ([said("notice"), said("objection", author="ann"), said("notice", LATER)], "2026-06-01T00:00:00Z", "objection"),
        ([said("notice"), said("reject")], LATER, "recover-notice"),
        ([said("notice"), said("reject"), said("notice", LATER)], LATER, "recover-waits"),
    ],
)
def test_a_recovery_does_not_land(decisions: list[Build], at: str, expected: str) -> None:
    """Without a notice, before its wait is over, after an objection or after a rejection without a new notice."""
    found = recovery(*decisions)

    assert (5, expected) == refusal(lambda: found.may_land(to_seconds(at)))


@pytest.mark.parametrize(
    "decisions",
    [
        [said("notice")],
        [said("notice"), said("notice", LATER)],
        [said("reject", "2026-04-30T00:00:00Z"), said("notice")],
        [said("notice"), said("objection", LATER, author="bob")],
        [said("notice"), said("flag", LATER)],
    ],
)
def test_a_recovery_lands_after_its_wait(decisions: list[Build]) -> None:
    """The first notice counts; somebody else's objection and a flag do not stop it."""
    recovery(*decisions).may_land(to_seconds(LATER))


def test_what_it_waits_for_is_said() -> None:
    """In words, with the time from which it may land."""
    words = [
        recovery(*steps).words
        for steps in ([], [said("notice")], [said("notice"), said("objection", LATER, author="ann")])
    ]

    assert [
        (
            "waits for a moderator to make it public; then 1 day(s) must pass, "
            "and then it takes the signatures of 1 moderator(s)"
        ),
        PUBLIC,
        f"somebody objected at {LATER}; it will not land, reject it",
    ] == words
    assert ["approve", "approve", "reject"] == [
        recovery(*steps).due.rpartition(" ")[2]
        for steps in ([], [said("notice")], [said("notice"), said("objection", LATER, author="ann")])
    ]
    assert (None, to_seconds(LATER)) == (recovery().until, recovery(said("notice")).until)


def test_the_owner_of_a_scope_objects_to_its_recovery() -> None:
    """Ann owned it, so her control key stops it; bob's, who is to own it, is one of its owners too."""
    found = recovery(said("objection", author="ann", build=recovers_scope), build=recovers_scope)

    assert (5, "objection") == refusal(lambda: found.may_land(to_seconds(LATER)))
    assert {"ann", "bob"} == may_object(found.joined.statement)
    assert frozenset() == may_object(None)


def test_a_moderator_s_decision_names_no_author() -> None:
    """Only what an author signed names authors."""
    value = {
        "schema": "registry.moderation/1",
        "registry": "0" * 64,
        "subject": "moderation/2026/x",
        "number": 1,
        "previous": None,
        "mode": "continue",
        "under": {"moderators": {"number": 1, "sha256": "0" * 64}},
        "action": "notice",
        "submission": "1" * 64,
        "manifests": [],
        "reason": "recover",
        "note": "",
        "at": AT,
    }

    assert frozenset() == objectors(Moderation.of(value))


def test_waits_are_said_as_people_say_them() -> None:
    """Whole days as days, everything else in seconds."""
    assert ("7 day(s)", "90 seconds") == (days(7 * 86_400), days(90))
