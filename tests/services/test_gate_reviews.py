"""Reviews in a forge: which count, and what they become."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.forge import PullRequest
from registry_tool.core.moderation import latest_decision, read_decisions
from registry_tool.services.gate import admit
from registry_tool.services.moderator import approve, flag, queue
from tests.services.gated import ANN, MOD, STRANGER, TWO, Place, with_people
from tests.services.office import LINKS, MEANS, an_office, verified

pytestmark = pytest.mark.slow

ASKS = ("network:api.example.org",)


def waiting(**policy: Any) -> tuple[Place, PullRequest]:
    """An update that asks for the network."""
    place = Place(**policy).begun()
    return place, place.submit("1.1.0", permissions=ASKS)


def test_a_review_of_the_head_that_was_checked_lets_it_in() -> None:
    """The gate signs, and the admission names the review and the account's number."""
    place, pull = waiting()
    review = place.forge.review(pull.number, "approved", by=MOD)
    done = place.round()
    found = verified(place.office, "1.1.0")
    (evidence,) = found.admission.approvals

    assert ("published", "person", f"approved by mod (review {review.number})") == (done.state, done.path, done.words)
    assert ("gate", ("mod",), "person") == (found.by, found.approved_by, found.admission.path)
    assert not isinstance(evidence, str)
    assert ("forge.example", review.number, MOD) == (evidence.forge, evidence.review, evidence.account)
    assert not place.forge.pull_request(pull.number).opened


def test_a_first_submission_lands_by_reviews_alone() -> None:
    """No moderator's key is on any machine: the gate countersigns the keyring and the scope, as policy lets it."""
    place = Place(new_name=3 * 86_400)
    pull = place.submit("1.0.0")
    place.forge.review(pull.number, "approved", by=MOD)
    early = place.round()
    place.office.now += 3 * 86_400
    done = place.round()

    assert ("waits", True) == (early.state, "waits for one person, and until" in early.words)
    assert ("published", 2) == (done.state, len(done.countersigned))
    assert ("gate", ("mod",)) == (verified(place.office).by, verified(place.office).approved_by)


def nobody(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=STRANGER)


def the_opener(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=ANN)


def another_head(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD, commit="0" * 40)


def dismissed(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD)
    place.forge.review(pull.number, "dismissed", by=MOD)


def changed_their_mind(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD)
    place.forge.review(pull.number, "changes", by=MOD, text="wait a moment")


def another_blocks(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD)
    place.forge.review(pull.number, "changes", by=TWO, text="what is this host?", commit="0" * 40)


def commented(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "comment", by=MOD, text="approved")


def before_a_flag(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD)
    flag(place.office.bench("two"), queue(place.gate)[0].change.submission, reason="spam", note="odd")


def account_ended(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD)
    place.office.land(place.office.evolve(lambda r: with_people(r, ended="mod", since="2027-01-15T08:00:00Z")))


def thirty_days_ago(place: Place, pull: PullRequest) -> None:
    place.forge.review(pull.number, "approved", by=MOD)
    place.office.now += 31 * 86_400


def the_branch_moved(place: Place, pull: PullRequest) -> None:
    """The checks saw the head that was approved, and meanwhile the branch is elsewhere."""
    place.forge.review(pull.number, "approved", by=MOD)
    real, seen = place.forge.pull_request, []

    def pull_request(number: int) -> PullRequest:
        seen.append(number)
        place.forge.push(number, "1" * 40)
        return real(number)

    place.forge.pull_request = pull_request  # type: ignore[method-assign]  # the forge, at one moment


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (nobody, "waits for one person"),
        (the_opener, "waits for one person"),
        (another_head, "waits for one person"),
        (dismissed, "waits for one person"),
        (changed_their_mind, "mod asked for changes in the forge"),
        (another_blocks, "two asked for changes in the forge"),
        (commented, "waits for one person"),
        (before_a_flag, "is flagged by two, and waits for one person"),
        (account_ended, "waits for one person"),
        (thirty_days_ago, "waits for one person"),
        (the_branch_moved, "its branch moved on while it was looked at"),
    ],
)
def test_a_review_that_does_not_count_lets_nothing_in(act: Callable[[Place, PullRequest], None], expected: str) -> None:
    """By nobody who is listed, by the author, of another commit, taken back, from before a flag, or too old."""
    place, pull = waiting()
    act(place, pull)
    before = place.office.commit
    found = place.round()

    assert ("waits", before) == (found.state, place.office.commit)
    assert expected in found.words


def test_the_account_of_the_author_does_not_approve_under_another_pull_request() -> None:
    """A moderator who is the author is counted as nobody, whoever opened it."""
    place = Place()
    office = place.office = an_office(
        "mod", "two", author_of={"mod": "ann"}, accounts={"mod": MOD, "two": TWO}, gate=True, mode="forge"
    )
    place.forge._now = office.tick
    place.office.publish(LINKS, "1.0.0")
    (one,) = queue(office.bench("two"))
    approve(office.bench("two"), one.change.submission, note="")
    pull = place.submit("1.1.0", by=STRANGER)
    place.forge.review(pull.number, "approved", by=MOD)

    assert "waits" == place.round().state

    place.forge.review(pull.number, "approved", by=TWO)

    assert "published" == place.round().state
    assert ("two",) == verified(office, "1.1.0").approved_by


def test_where_policy_wants_signatures_no_review_counts() -> None:
    """The gate reads none of them, and clients would refuse such an admission."""
    place, pull = waiting(mode="signed")
    place.forge.review(pull.number, "approved", by=MOD)

    assert "waits" == place.round().state


def test_reviews_and_signed_approvals_count_together() -> None:
    """Two people: one with a key, the other in the forge; two reviews by one account are one person."""
    place, pull = waiting(gain=2)
    for _ in range(2):
        place.forge.review(pull.number, "approved", by=TWO)
    alone = place.round()
    approve(place.office.bench("mod"), queue(place.gate)[0].change.submission, note="read it")
    done = place.round()

    assert ("waits", True) == (alone.state, "waits for two people" in alone.words)
    assert "published" == done.state
    assert ("mod", "two") == verified(place.office, "1.1.0").approved_by


def test_after_a_flag_a_new_review_counts() -> None:
    """Whoever approves then has seen it."""
    place, pull = waiting()
    before_a_flag(place, pull)
    place.forge.review(pull.number, "approved", by=MOD)

    assert "published" == place.round().state


@pytest.mark.parametrize(
    ("text", "action", "reason", "note"),
    [
        ("reject incomplete: no licence text", "reject", "incomplete", "no licence text"),
        ("Reject: this is not for us", "reject", "other", "this is not for us"),
        ("REJECT spam", "reject", "spam", ""),
        ("flag malicious, look at line 3", "flag", "malicious", "look at line 3"),
        ("flag", "flag", "other", ""),
    ],
)
def test_what_a_listed_account_says_becomes_a_signed_record(text: str, action: str, reason: str, note: str) -> None:
    """The gate signs it and names the review; the word after it is the reason, where it is one of the list."""
    place, pull = waiting()
    review = place.forge.review(pull.number, "changes", by=MOD, text=text)
    submission = queue(place.gate)[0].change.submission
    done = place.round()
    said = latest_decision(place.office.tip, submission, registry=place.office.registry.id, means=MEANS)
    assert said is not None
    assert said.review is not None

    assert (action, reason, note) == (said.action, said.reason, said.note)
    assert (review.number, MOD) == (said.review.review, said.review.account)
    assert {"reject": "rejected", "flag": "flagged"}[action] == done.state
    assert (action == "flag") == place.forge.pull_request(pull.number).opened


def test_a_review_is_written_down_once() -> None:
    """The next round says only that it blocks."""
    place, pull = waiting()
    place.forge.review(pull.number, "changes", by=MOD, text="flag spam: odd")
    submission = queue(place.gate)[0].change.submission
    found = [place.round().state for _ in range(2)]
    links = read_decisions(place.office.tip, submission, registry=place.office.registry.id, means=MEANS)

    assert (["flagged", "waits"], 1) == (found, len(links))


def test_a_rejection_is_of_the_bytes_that_were_read() -> None:
    """What is pushed afterwards is another submission, and nothing is said about that."""
    place, pull = waiting()
    place.forge.review(pull.number, "changes", by=MOD, text="reject broken: it does not start")
    made = place.office.prepared(LINKS, "1.1.0", {"b.md": b"mended\n"}, permissions=ASKS)
    place.forge.push(pull.number, place.office.push(made.additions, branch="submit/again"))
    for branch, head in place.office.history.branches("submit/").items():
        if branch != "submit/again":
            place.office.history.move(branch, old=head, new=None)
    found = place.round()

    assert ("waits", "mod asked for changes in the forge") == (found.state, found.words)


def test_what_was_rejected_in_the_forge_may_come_again() -> None:
    """The same bytes in a new pull request wait anew, and the old review says nothing about them."""
    place, pull = waiting()
    place.forge.review(pull.number, "changes", by=MOD, text="reject other: not now")
    place.round()
    head = pull.head
    place.office.history.move("submit/again", old=None, new=head)
    again = place.forge.open(head, by=ANN)
    place.forge.review(again.number, "approved", by=MOD)

    assert "published" == place.round().state


def test_statements_that_the_gate_may_not_sign_wait_for_a_key() -> None:
    """Policy lets it sign none: a review alone registers nobody."""
    place = Place(gate_statements=())
    pull = place.submit("1.0.0")
    place.forge.review(pull.number, "approved", by=MOD)
    found = place.round()

    assert ("waits", True) == (found.state, "a moderator's own key" in found.words)


def test_two_pull_requests_of_one_commit_are_one_submission() -> None:
    """The older one is read; the other is closed once it landed."""
    place, pull = waiting()
    other = place.forge.open(pull.head, by=STRANGER)
    place.forge.review(other.number, "approved", by=MOD)

    assert ["waits"] == [one.state for one in admit(place.gate)]

    place.forge.review(pull.number, "approved", by=MOD)

    assert ["published"] == [one.state for one in admit(place.gate)]
