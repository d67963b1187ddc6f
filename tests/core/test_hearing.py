"""Which reviews in a forge count, and what they say."""

import pytest

from registry_tool.core.forge import ForgeAccount, PullRequest, PullReview, ReviewState
from registry_tool.core.hearing import NOTE_CHARACTERS, Heard, heard
from registry_tool.core.statements import Moderators
from registry_tool.core.times import from_seconds, to_seconds
from tests.building_chains import Chains

NOW = to_seconds("2026-11-21T09:00:00Z")
DAY = 86_400
HEAD, OLD = "1" * 40, "2" * 40
ANN, MOD, TWO, NOBODY = 100, 7, 8, 9
PULL = PullRequest(1, HEAD, ForgeAccount(ANN, "ann", "user"), "", "", True, None, "patch", from_seconds(NOW - 2 * DAY))


def people() -> Moderators:
    """`mod` and `two` with accounts; the account of `gone` has ended."""
    chains = Chains()

    def change(value: dict[str, object]) -> None:
        rows = {"mod": MOD, "two": TWO}
        for person in value["people"]:  # type: ignore[attr-defined]  # JSON
            row = {"forge": "f.example", "number": rows.get(person["id"], 10), "name": "x", "status": "active"}
            ended = {"status": "retired", "since": "2026-01-01T00:00:00Z"} if person["id"] == "gone" else {}
            person["accounts"] = [row | ended]

    chains.root()
    chains.moderators({"mod": None, "two": None, "gone": None}, change=change)
    return Moderators.model_validate_json(chains.files["index/moderators/1.json"])


PEOPLE = people()
_count = iter(range(1, 10_000))


def said(
    state: ReviewState, *, by: int = MOD, text: str = "", commit: str = HEAD, ago: int = DAY, number: int = 0
) -> PullReview:
    """One review; the numbers rise."""
    return PullReview(
        number or next(_count), ForgeAccount(by, "x", "user"), commit, state, text, from_seconds(NOW - ago)
    )


def hear(*reviews: PullReview, own: frozenset[str] = frozenset(), opener: int | None = ANN, after: str = "") -> Heard:
    return heard(PULL, reviews, PEOPLE, forge="f.example", own=own, opener=opener, after=after, at=NOW)


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ((), set()),
        ((said("approved"),), {"mod"}),
        ((said("approved"), said("approved", by=TWO)), {"mod", "two"}),
        ((said("approved"), said("approved")), {"mod"}),
        ((said("changes"), said("approved")), {"mod"}),
        ((said("approved"), said("changes")), set()),
        ((said("approved"), said("dismissed")), set()),
        ((said("approved"), said("comment")), {"mod"}),
        ((said("comment"),), set()),
        ((said("approved", by=NOBODY),), set()),
        ((said("approved", by=10),), set()),
        ((said("approved", commit=OLD),), set()),
        ((said("approved", ago=31 * DAY),), set()),
        ((said("approved", ago=-DAY),), set()),
    ],
)
def test_an_approval_counts_where_it_is_listed_and_of_this_commit(
    reviews: tuple[PullReview, ...], expected: set[str]
) -> None:
    """What an account said last decides; a comment decides nothing."""
    assert expected == hear(*reviews).people


def test_neither_author_nor_opener_approve_and_nothing_from_before_a_flag_counts() -> None:
    """Their own word, and one that did not know."""
    yes = said("approved", ago=DAY)

    assert set() == hear(yes, own=frozenset({"mod"})).people
    assert set() == hear(yes, opener=MOD).people
    assert {"mod"} == hear(yes, opener=None).people
    assert set() == hear(yes, after=from_seconds(NOW - DAY)).people
    assert {"mod"} == hear(yes, after=from_seconds(NOW - DAY - 1)).people


def test_who_asks_for_changes_blocks_whatever_commit_they_saw() -> None:
    """By somebody listed; what they want done is only done to the commit that they saw."""
    found = hear(said("changes", text="reject spam", commit=OLD), said("changes", by=NOBODY, text="reject spam"))

    assert [("mod",)] == [one.people for one in found.blocking]
    assert () == found.orders


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reject incomplete: no licence", ("reject", "incomplete", "no licence")),
        ("  Reject - Malicious", ("reject", "malicious", "")),
        ("reject\nbecause of this", ("reject", "other", "because of this")),
        ("reject because of this", ("reject", "other", "because of this")),
        ("flag: 123", ("flag", "other", "123")),
        ("FLAG spam.\r\nLook.", ("flag", "spam", "Look.")),
        ("flagged", None),
        ("please reject it", None),
        ("", None),
    ],
)
def test_the_first_words_of_a_review_say_what_to_do(text: str, expected: tuple[str, str, str] | None) -> None:
    """What, the reason where it is one of the list, and the note."""
    orders = hear(said("changes", text=text)).orders

    assert ([] if expected is None else [expected]) == [(one.action, one.reason, one.note) for one in orders]


def test_a_note_is_one_that_a_document_can_hold() -> None:
    """Cut after so many characters, and without halves of pairs."""
    (order,) = hear(said("changes", text="reject \ud800" + "x" * 5000)).orders

    assert (NOTE_CHARACTERS, "?") == (len(order.note), order.note[0])


def test_orders_come_in_the_order_of_reviews() -> None:
    """Whoever wrote first."""
    first, second = said("changes", by=TWO, text="flag", number=50_001), said("changes", text="reject", number=50_002)

    assert ["flag", "reject"] == [one.action for one in hear(first, second).orders]
