"""What lands: on a tip that moves, with a clock, and only what the admission says."""

from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.tree import Overlay
from registry_tool.services.admitting import decide, verify_landed
from registry_tool.services.bench import TRIES, me
from registry_tool.services.moderator import approve, find, queue, reject
from registry_tool.stores.git import GitHistory
from tests.core.landings import rotated
from tests.proving import refusal
from tests.services.office import LATER, LINKS, MEANS, START, an_office, verified, with_links


def test_a_clock_that_is_behind_admits_nothing() -> None:
    """No admission of a name is before the one before it."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    office.now = START - 500

    assert (5, "clock-behind") == refusal(lambda: approve(office.bench(), made.id, note=""))


class Busy:
    """A history in which others land first, so and so often."""

    def __init__(self, history: GitHistory, times: int, *, code: str = "moved", branch: str = "main") -> None:
        self._history = history
        self.times = times
        self._code = code
        self._branch = branch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._history, name)

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        if branch.startswith(self._branch) and self.times:
            self.times -= 1
            raise StateForbids("somebody else was faster", code=self._code)
        self._history.move(branch, old=old, new=new)


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_landing_starts_again_where_the_tip_moved(act: str) -> None:
    """Somebody else landed in between: everything is looked at again on the new tip."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")

    def run(times: int, code: str = "moved") -> dict[str, Any]:
        bench = office.bench(history=Busy(office.history, times, code=code))
        if act == "approve":
            return approve(bench, made.id, note="")
        return reject(bench, made.id, reason="other", note="no")

    assert (5, "moved") == refusal(lambda: run(TRIES))
    assert (5, "dirty") == refusal(lambda: run(1, "dirty"))
    assert run(1)["state"] in ("published", "rejected")


def test_a_branch_that_moved_on_is_left_alone() -> None:
    """What was approved landed; what was pushed there meanwhile waits as something new."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")
    landed = approve(office.bench(history=Busy(office.history, 1, branch="submit/")), made.id, note="")

    assert "published" == landed["state"]
    assert [made.branch] == list(office.history.branches("submit/"))
    assert () == queue(office.bench())

    other = office.publish(LINKS, "1.1.0")
    bench = office.bench(history=Busy(office.history, 1, code="locked", branch="submit/"))

    assert (5, "locked") == refusal(lambda: approve(bench, other.id, note=""))


def test_a_release_lands_while_a_rotation_waits() -> None:
    """The rotation that waits changes nothing; it lands afterwards."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    office.push(office.evolve(lambda r: rotated(r, "ann laptop", since=LATER)))
    approve(office.bench(), made.id, note="")
    (rotation,) = queue(office.bench())

    assert "published" == approve(office.bench(), rotation.change.submission, note="")["state"]
    assert "1.1.0" == verified(office, "1.1.0").manifest.version


def test_a_release_whose_key_was_retired_while_it_waited_is_to_be_signed_again() -> None:
    """The other way round: the rotation landed first."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    office.push(office.evolve(lambda r: rotated(r, "ann laptop", since=LATER)))
    rotation = next(one for one in queue(office.bench()) if one.change.statements)
    approve(office.bench(), rotation.change.submission, note="")

    with pytest.raises(InvalidInput) as refused:
        approve(office.bench(), made.id, note="")
    assert "sign-again" in {finding.check for finding in refused.value.findings}
    assert "sign again" in " ".join(finding.hint for finding in refused.value.findings)


def test_an_event_lands_without_a_signature_of_the_moderator() -> None:
    """A yank is signed by its publisher alone; approving only lands it."""
    office = with_links(an_office())
    office.push(office.evolve(lambda r: r.event(LINKS, "1.0.0", "yank", at="2027-01-15T09:00:00Z")))
    waiting = queue(office.bench())[0]
    landed = approve(office.bench(), waiting.change.submission, note="")

    assert ("published", []) == (landed["state"], landed["signed"])


def changed_admission(members: dict[str, Any]) -> tuple[int, str]:
    """How landing refuses an admission whose signer changed these members."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    bench = office.bench()
    waiting = find(bench, made.id)
    person, signer = me(bench, office.tip)
    decision = decide(waiting.change, office.tip, person, signer, at=office.now, note="", means=MEANS)
    path = next(path for path in decision.files if path.endswith("admission.json"))
    value = canonical.parse(decision.files[path], limit=10**5, what="the admission")
    office.registry.files = {}
    office.registry.document(path, {**value, **members}, ("mod",))
    extra = office.registry.files
    at = office.now
    return refusal(lambda: verify_landed(waiting.change, office.tip, extra, at=at, means=MEANS))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"at": "2027-01-15T09:00:00Z"}, "bad-clock"),
        ({"at": "2027-01-15T08:00:01Z"}, "bad-clock"),
        ({"compared": None}, "bad-comparison"),
        ({"gained": ["permission files"]}, "bad-comparison"),
        ({"manifest": f"sha256:{'0' * 64}"}, "other-release"),
        ({"version": "1.0.0"}, "other-release"),
    ],
)
def test_an_admission_that_does_not_say_what_is_does_not_land(members: dict[str, Any], expected: str) -> None:
    """Its time is now and after the one before, its comparison the registry's own, its release this one."""
    assert (4, expected) == changed_admission(members)


def test_an_admission_names_the_newest_state() -> None:
    """One that was signed under an older policy lands on no newer one."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    bench = office.bench()
    waiting, (person, signer) = find(bench, made.id), me(bench, office.tip)
    decision = decide(waiting.change, office.tip, person, signer, at=office.now, note="", means=MEANS)
    policy = office.evolve(lambda r: r.policy(new_name=1, count=1))
    newer = Overlay(office.tip, policy)
    at = office.now

    assert (4, "bad-under") == refusal(lambda: verify_landed(waiting.change, newer, decision.files, at=at, means=MEANS))


def test_a_statement_that_cannot_be_read_does_not_land() -> None:
    """Also where no check looked at it."""
    office = with_links(an_office())
    office.push({"index/authors/an/ann/keys/2.json": b"{}"})
    change = queue(office.bench())[0].change

    assert (1, "document") == refusal(lambda: verify_landed(change, office.tip, {}, at=office.now, means=MEANS))


def test_what_cannot_be_read_is_not_decided() -> None:
    """A release without a manifest is refused also where no check ran."""
    office = with_links(an_office())
    office.push({"index/releases/an/ann/links/1.1.0/release.json": b"{}"})
    bench = office.bench()
    change = queue(bench)[0].change
    person, signer = me(bench, office.tip)
    row = queue(bench)[0].value()["releases"]

    assert [{"artifact": LINKS, "version": "1.1.0"}] == row
    assert (1, "document") == refusal(
        lambda: decide(change, office.tip, person, signer, at=office.now, note="", means=MEANS)
    )
