"""What moderators said about submissions."""

from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import digest_of
from registry_tool.core.moderation import decided_about, latest_decision, moderation_subject, read_decisions, said_about
from registry_tool.core.published import signed_at
from tests.builders import Change, RegistryInMemory, a_registry
from tests.proving import MEANS, refusal

ONE, OTHER = "1" * 64, "2" * 64
M1, M2 = (f"sha256:{letter * 64}" for letter in "ab")


def decide(
    registry: RegistryInMemory,
    submission: str,
    action: str,
    *,
    at: str,
    manifests: tuple[str, ...] = (M1,),
    by: tuple[str, ...] = ("mod",),
    note: str = "",
    change: Change = None,
) -> None:
    """The next decision about a submission."""
    folder = layout.moderation_folder(submission, at[:4])
    number = 1
    while f"{folder}/{number}.json" in registry.files:
        number += 1
    before = signed_at(registry.tree(), f"{folder}/{number - 1}.json")
    value: dict[str, Any] = {
        "schema": "registry.moderation/1",
        "registry": registry.id,
        "subject": moderation_subject(submission, at[:4]),
        "number": number,
        "previous": digest_of(before.data) if before else None,
        "mode": "continue",
        "under": {"moderators": registry.head("moderators")},
        "action": action,
        "submission": submission,
        "manifests": list(manifests),
        "reason": "broken",
        "note": note or action,
        "at": at,
    }
    registry.document(f"{folder}/{number}.json", value, by, change)


def last(registry: RegistryInMemory, submission: str = ONE, *manifests: str) -> str | None:
    said = decided_about(registry.tree(), submission, manifests, registry=registry.id, means=MEANS)
    return said.note if said else None


def test_the_last_word_counts() -> None:
    """Over years and numbers; of two in one second the later number."""
    registry = a_registry()
    decide(registry, ONE, "reject", at="2026-12-31T23:59:59Z", note="no licence")
    decide(registry, ONE, "flag", at="2027-01-01T00:00:01Z", note="first")
    decide(registry, ONE, "reject", at="2027-01-01T00:00:01Z", note="second")

    assert "second" == last(registry)
    assert 3 == len(read_decisions(registry.tree(), ONE, registry=registry.id, means=MEANS))


def test_nothing_was_said_about_most() -> None:
    """Without a decision there is none, with and without manifests."""
    registry = a_registry()

    assert latest_decision(registry.tree(), ONE, registry=registry.id, means=MEANS) is None
    assert last(registry) is None
    assert last(registry, ONE, M1) is None


def test_a_decision_is_found_by_its_manifests_too() -> None:
    """A submission whose id changed is known by exactly its manifests."""
    registry = a_registry()
    decide(registry, OTHER, "reject", at="2026-05-01T00:00:00Z", manifests=(M1, M2), note="about both")
    decide(registry, "3" * 64, "reject", at="2026-05-01T00:00:00Z", manifests=(), note="about none")

    assert "about both" == last(registry, ONE, M2, M1)
    assert last(registry, ONE, M1) is None
    assert last(registry, ONE) is None


def test_everything_about_a_manifest_is_found_in_order() -> None:
    """Objections to one of several manifests count too, oldest first."""
    registry = a_registry()
    decide(registry, OTHER, "objection", at="2026-06-01T00:00:00Z", manifests=(M1, M2))
    decide(registry, ONE, "reject", at="2026-05-01T00:00:00Z")
    decide(registry, ONE, "flag", at="2026-07-01T00:00:00Z", manifests=(M2,))
    said = said_about(registry.tree(), [M1], registry=registry.id, means=MEANS)

    assert ["reject", "objection"] == [one.action for one in said]


def ended(registry: RegistryInMemory, since: str) -> None:
    """The moderator's key ended, another moderator goes on."""

    def change(value: dict[str, Any]) -> None:
        value["people"][0]["keys"][0] |= {"status": "retired", "since": since}

    registry.moderators({"mod": None, "two": None}, by=("mod", "two"), under=())
    registry.moderators({"mod": None, "two": None}, by=("two",), under=(), change=change)


AT, BEFORE = "2026-05-01T00:00:00Z", "2025-05-01T00:00:00Z"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: decide(r, ONE, "reject", at=AT, by=()), "not-authorised"),
        (lambda r: decide(r, ONE, "reject", at=AT, by=("ann control",)), "not-authorised"),
        (lambda r: decide(r, ONE, "reject", at=AT, change=lambda v: v.update(submission=OTHER)), "other-subject"),
        (
            lambda r: decide(r, ONE, "reject", at=AT, change=lambda v: v.update(at="2025-05-01T00:00:00Z")),
            "other-subject",
        ),
        (lambda r: decide(r, ONE, "reject", at=AT, change=lambda v: v.update(subject="moderation/x")), "other-subject"),
        (lambda r: decide(r, ONE, "reject", at=AT, change=lambda v: v.update(number=2)), "chain-gap"),
    ],
)
def test_what_no_moderator_said_is_refused(build: Any, expected: str) -> None:  # Any: a build
    """A decision is signed by a moderator, and is about the submission in whose folder it lies."""
    registry = a_registry()
    build(registry)

    assert (4, expected) == refusal(lambda: last(registry))


def test_who_ended_cannot_decide_backwards() -> None:
    """A decision at or after the end of its signer counts for nothing, and hides no other; one before it stays."""
    before, after = a_registry(), a_registry()
    for registry, since in ((before, "2026-05-01T00:00:01Z"), (after, AT)):
        decide(registry, ONE, "reject", at=AT)
        ended(registry, since)
    said = [len(read_decisions(one.tree(), ONE, registry=one.id, means=MEANS)) for one in (before, after)]

    assert [1, 0] == said


def objected(
    registry: RegistryInMemory, *, by: str = "ann control", author: str = "ann", change: Change = None
) -> None:
    """Somebody objects with a control key."""

    def under(value: dict[str, Any]) -> None:
        value["under"] = {f"authors/{author}": registry.head(f"authors/{author}")}
        if change is not None:
            change(value)

    decide(registry, ONE, "objection", at=AT, by=(by,), change=under)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"by": "ann signing"}, (4, "not-authorised")),
        ({"by": "mod"}, (4, "not-authorised")),
        ({"by": "ann control", "author": "bob"}, (4, "not-authorised")),
        ({"change": lambda value: value.update(action="reject")}, (4, "bad-under")),
        (
            {"change": lambda value: value["under"].update({"authors/nobody": {"number": 1, "sha256": "0" * 64}})},
            (3, "no-author"),
        ),
    ],
)
def test_an_objection_is_signed_by_the_control_key_that_it_names(more: Any, expected: tuple[int, str]) -> None:
    """Neither a signing key nor another author's control key objects, and a control key says nothing else."""
    registry = a_registry().with_author("ann").with_author("bob")
    objected(registry, **more)

    assert expected == refusal(lambda: read_decisions(registry.tree(), ONE, registry=registry.id, means=MEANS))


def test_a_control_key_that_ended_objects_no_more() -> None:
    """An objection at or after the end of its key counts for nothing, one before stays."""
    counted = []
    for since in (AT, "2026-05-01T00:00:01Z"):
        registry = a_registry().with_author("ann")
        objected(registry)
        ended_key = registry.row("ann control", use="control") | {"status": "retired", "since": since}
        rows = [ended_key, registry.row("ann signing", use="signing"), registry.row("ann new", use="control")]
        registry.keyring("ann", rows, by=("ann control", "ann new", "mod"))
        counted.append(len(read_decisions(registry.tree(), ONE, registry=registry.id, means=MEANS)))

    assert [0, 1] == counted
