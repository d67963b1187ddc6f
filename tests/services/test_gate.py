"""The gate lets in what may go by itself, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.services.gate import admit
from registry_tool.services.moderator import approve, flag, objection, queue
from registry_tool.services.rehearsing import rehearsal
from tests.proving import refusal
from tests.services.gated import ANN, STRANGER, Place
from tests.services.office import LINKS, verified


def test_an_owners_update_goes_through_by_itself_after_its_wait() -> None:
    """Nothing new, the key and the pull request's account say who it is: the gate alone admits it, once it is due."""
    place = Place().begun()
    pull = place.submit("1.0.1")
    first = place.round()
    place.office.now += 600
    done = place.round()
    found = verified(place.office, "1.0.1")

    assert ("waits", True) == (first.state, "goes through by itself from" in first.words)
    assert ("published", "owner") == (done.state, done.path)
    assert ("gate", "owner", "1.0.0") == (found.by, found.admission.path, found.admission.compared)
    assert ((), ()) == (found.admission.gained, found.admission.approvals)
    assert not place.forge.pull_request(pull.number).opened
    assert () == queue(place.gate)


def test_an_update_of_an_update_is_compared_with_what_a_person_saw() -> None:
    """The second one in a row names the release that a person let in."""
    place = Place(owner_update=0).begun()
    for version in ("1.0.1", "1.0.2"):
        place.submit(version)

    assert ["published", "published"] == [one.state for one in admit(place.gate)]
    assert "1.0.0" == verified(place.office, "1.0.2").admission.compared


def asks(place: Place) -> None:
    place.submit("1.0.1", permissions=("network:api.example.org",))


def by_a_stranger(place: Place) -> None:
    place.submit("1.0.1", by=STRANGER)


def no_pull_request(place: Place) -> None:
    place.office.publish(LINKS, "1.0.1")


def first_of_a_name(place: Place) -> None:
    made = place.office.publish("@ann/other", "1.0.0")
    place.forge.open(place.office.history.branches(made.branch)[made.branch], by=ANN)


def flagged(place: Place) -> None:
    place.submit("1.0.1")
    (waiting,) = queue(place.gate)
    flag(place.office.bench(), waiting.change.submission, reason="spam", note="looks odd")


def objected(place: Place) -> None:
    place.submit("1.0.1")
    (waiting,) = queue(place.gate)
    objection(place.office.bench("two"), waiting.change.submission, reason="other", note="ask ann")


def of_a_yanked_one(place: Place) -> None:
    place.office.land(place.office.evolve(lambda r: r.event(LINKS, "1.0.0", "yank", at="2027-01-15T09:00:00Z")))
    place.submit("1.0.1")


def failing(place: Place) -> None:
    made = place.office.prepared(LINKS, "1.0.1")
    stray = "index/releases/an/ann/links/1.0.1/admission.json"
    place.forge.open(place.office.push({**made.additions, stray: b"{}"}), by=ANN)


@pytest.mark.parametrize(
    ("submit", "policy", "expected"),
    [
        (asks, {}, "waits for one person: it may newly"),
        (by_a_stranger, {}, "only its author's key says that it is theirs"),
        (no_pull_request, {}, "only its author's key says that it is theirs"),
        (first_of_a_name, {}, "@ann/other is a new name"),
        (flagged, {}, "is flagged by mod, and waits for one person"),
        (objected, {}, "somebody objected: ask ann"),
        (of_a_yanked_one, {}, "no earlier version that a person looked at and that is active"),
        (failing, {}, "the checks refuse it: "),
        (lambda place: place.submit("1.0.1"), {"gate_releases": "none"}, "policy wants a person for every release"),
        (asks, {"mode": "signed"}, "waits for one person"),
    ],
)
def test_anything_else_waits_for_people(submit: Callable[[Place], object], policy: Any, expected: str) -> None:
    """The gate lands nothing of it, and says what it waits for."""
    place = Place(owner_update=0, **policy).begun()
    submit(place)
    before = place.office.commit
    found = place.round()

    assert ("waits", before) == (found.state, place.office.commit)
    assert expected in f"{found.words} {found.waiting.waits}"


def test_a_flag_is_only_overruled_by_name() -> None:
    """A person lets it in who says that they saw the flag."""
    place = Place(owner_update=0).begun()
    flagged(place)
    (waiting,) = queue(place.gate)
    name = waiting.change.submission

    assert "flagged" == waiting.state
    assert (5, "flagged") == refusal(lambda: approve(place.office.bench(), name, note=""))
    assert "published" == approve(place.office.bench(), name, note="", despite_flag=True)["state"]


def test_without_its_key_there_is_no_gate() -> None:
    """A key that is not the gate's, or ended, decides nothing."""
    place = Place(owner_update=0).begun()
    place.submit("1.0.1")

    assert (3, "key-missing") == refusal(lambda: admit(place.office.gate(place.forge, key="other")))


def test_a_rehearsal_writes_nothing_anywhere() -> None:
    """Not in the repository and not in the forge; it says what would be."""
    place = Place(owner_update=0).begun()
    pull = place.submit("1.0.1")
    before = place.office.commit
    (found,) = admit(rehearsal(place.gate))

    assert ("published", before) == (found.state, place.office.commit)
    assert place.forge.pull_request(pull.number).opened
    assert {} == place.forge.comments


def test_the_second_of_two_is_looked_at_where_the_first_one_landed() -> None:
    """Two updates with one version: one lands, the other is refused on the new tip; nobody else is held up."""
    place = Place(owner_update=0).begun()
    place.submit("1.0.1")
    other = place.office.prepared(LINKS, "1.0.1", {"b.md": b"b\n"})
    place.submit("1.0.2")
    place.forge.open(place.office.push(other.additions, onto=place.office.commit), by=ANN)
    found = sorted((one.state, one.words.partition(":")[0]) for one in admit(place.gate))

    assert ["published", "published", "waits"] == [state for state, _ in found]
    assert "the checks refuse it" == found[-1][1]


def test_a_pull_request_of_what_landed_otherwise_is_closed() -> None:
    """A moderator lets it in from their own machine, which knows nothing of the forge."""
    place = Place(owner_update=600).begun()
    pull = place.submit("1.0.1")
    (waiting,) = queue(place.office.bench())
    approve(place.office.bench(), waiting.change.submission, note="")
    bench = place.gate
    place.office.history.move(f"refs/pull/{pull.number}/head", old=None, new=pull.head)
    (closed,) = admit(bench)

    assert ("closed", "what it brings is published") == (closed.state, closed.words)
    assert not place.forge.pull_request(pull.number).opened
