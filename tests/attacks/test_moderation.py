"""Attacks on who decides: what gets in without those who must look, and what stops the gate for everybody."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.core.forge import PullRequest, PullReview
from registry_tool.core.layout import locate
from registry_tool.core.submission import submission_id
from registry_tool.services.gate import admit
from registry_tool.services.moderator import queue
from tests.builders import RegistryInMemory
from tests.forge_in_memory import NAME
from tests.services.gated import ANN, MOD, TWO, Place
from tests.services.office import LINKS

ASKS = ("network:api.example.org",)
DAY = 86_400
SECOND_ACCOUNT = 70
GONE = 0
"""The number that stands for an account that was deleted (`forges/github_answers.py`)."""


def without_files(additions: Mapping[str, bytes]) -> dict[str, bytes]:
    """A submission without its payload: its id is the same."""
    pointers = [data for path, data in additions.items() if locate(path).role == "pointer"]
    kept = {
        path: data
        for path, data in additions.items()
        if locate(path).role != "blob" or any(locate(path).hex.encode() in pointer for pointer in pointers)
    }
    assert len(kept) < len(additions)
    assert submission_id(additions) == submission_id(kept)
    return kept


def test_a_wait_is_not_served_by_what_nobody_can_read() -> None:
    """A submission whose files come only when its wait is over begins to wait when they come."""
    place = Place(owner_update=3 * DAY).begun()
    made = place.office.prepared(LINKS, "1.1.0", {"more.md": b"evil\n"})
    pull = place.forge.open(place.office.push(without_files(made.additions), branch="submit/x"), by=ANN)
    hidden = place.round()
    place.office.now += 3 * DAY
    place.forge.push(pull.number, place.office.push(made.additions, branch="submit/x"))
    shown = place.round()
    place.office.now += 3 * DAY
    done = place.round()

    assert ["waits", "waits", "published"] == [one.state for one in (hidden, shown, done)]
    assert ("the checks refuse it" in hidden.words, "goes through by itself from" in shown.words) == (True, True)


def two_accounts(registry: RegistryInMemory) -> None:
    """`mod` is listed with two accounts."""

    def change(value: dict[str, Any]) -> None:
        for person, numbers in zip(value["people"], ((MOD, SECOND_ACCOUNT), (TWO,)), strict=True):
            rows = [{"forge": NAME, "number": number, "name": "x", "status": "active"} for number in numbers]
            person["accounts"] = rows

    registry.moderators({"mod": None, "two": None}, gate=("gate",), by=("mod", "two"), under=(), change=change)


@pytest.mark.parametrize(("opener", "reviewer"), [(SECOND_ACCOUNT, MOD), (MOD, SECOND_ACCOUNT), (MOD, MOD)])
def test_who_opened_a_pull_request_approves_it_by_no_account_of_theirs(opener: int, reviewer: int) -> None:
    """A moderator who is listed with two accounts is one person; somebody else's review lets it in."""
    place = Place().begun()
    place.office.land(place.office.evolve(two_accounts))
    pull = place.submit("1.1.0", by=opener, permissions=ASKS)
    place.forge.review(pull.number, "approved", by=reviewer)
    own = place.round().state
    place.forge.review(pull.number, "approved", by=TWO)

    assert ("waits", "published") == (own, place.round().state)


Trouble = Callable[[Place, PullRequest], None]


def reviewed_by_the_gone(place: Place, pull: PullRequest) -> None:
    """Somebody reviews it, and their account is deleted."""
    place.forge.review(pull.number, "approved", by=GONE)


def answering(place: Place, pull: PullRequest, error: RegistryError) -> None:
    """The forge says something else of this pull request's reviews."""
    real = place.forge.reviews

    def reviews(number: int) -> Sequence[PullReview]:
        if number == pull.number:
            raise error
        return real(number)

    place.forge.reviews = reviews  # type: ignore[method-assign]  # the forge, about one pull request


def a_thousand_reviews(place: Place, pull: PullRequest) -> None:
    answering(place, pull, StateForbids("pull request 1 has 1000 reviews or more", code="too-many"))


def an_answer_that_is_none(place: Place, pull: PullRequest) -> None:
    answering(place, pull, InvalidInput("what the forge answered cannot be read", code="bad-answer"))


def for_another_branch(place: Place, pull: PullRequest) -> None:
    """Between two looks it asks for another branch."""
    answering(place, pull, NotFound("it asks to be taken into another branch", code="other-branch"))


@pytest.mark.parametrize(
    "trouble", [reviewed_by_the_gone, a_thousand_reviews, an_answer_that_is_none, for_another_branch]
)
def test_one_pull_request_does_not_stop_the_gate(trouble: Trouble) -> None:
    """Anybody may open one and do to it what they like: the next one goes in all the same."""
    place = Place().begun()
    bad = place.submit("1.1.0", permissions=ASKS)
    good = place.submit("1.2.0", permissions=ASKS)
    trouble(place, bad)
    place.forge.review(good.number, "approved", by=MOD)

    assert ["waits", "published"] == [one.state for one in admit(place.gate)]


def test_the_same_bytes_under_another_commit_land_once() -> None:
    """Two pull requests bring the same; both are approved, one commit lands, and the other one is closed."""
    place = Place().begun()
    pull = place.submit("1.1.0", permissions=ASKS)
    (waiting,) = queue(place.gate)
    again = place.forge.open(place.office.push(waiting.change.additions, branch="submit/again"), by=ANN)
    for one in (pull, again):
        place.forge.review(one.number, "approved", by=MOD)
    before = place.office.commit
    states = [one.state for one in admit(place.gate)]
    line = list(place.office.history.line(place.office.commit))

    assert (["published", "closed"], 1) == (states, line.index(before))
    assert [False, False] == [place.forge.pull_request(one.number).opened for one in (pull, again)]


def test_a_pull_request_that_cannot_be_closed_is_told_and_holds_up_nobody() -> None:
    """What landed is said to have landed, with what the forge refused."""
    place = Place().begun()
    for number in (1, 2):
        pull = place.submit(f"1.{number}.0", permissions=(f"network:{number}.example.org",))
        place.forge.review(pull.number, "approved", by=MOD)

    def close(number: int) -> None:
        raise StateForbids("the forge does not allow it", code="no-right")

    place.forge.close = close  # type: ignore[method-assign]  # the forge, for good
    found = [(one.state, one.words.partition("; ")[2]) for one in admit(place.gate)]

    assert [("published", "its pull request stays open: the forge does not allow it")] * 2 == found
