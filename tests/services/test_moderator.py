"""What a moderator does: the queue, approving, rejecting, landing."""

from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.services.bench import advance, me, tip_of
from registry_tool.services.moderator import approve, find, queue, reject
from registry_tool.services.submissions import state_of
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory
from tests.core.landings import rotated
from tests.proving import refusal
from tests.services.office import LATER, LINKS, MEANS, START, an_office, verified, with_links


def test_a_first_submission_lands_with_all_that_it_needs() -> None:
    """Keyring and scope get the moderator's signature, the release its admission, and the branch is gone."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")

    (waiting,) = queue(office.bench())
    landed = approve(office.bench(), made.id[:8], note="read it")

    assert ("ann", "review", made.id) == (waiting.author, waiting.report.verdict, waiting.value()["id"])
    assert ("published", "mod", 2) == (landed["state"], landed["by"], len(landed["countersigned"]))
    assert ("mod", "read it") == (verified(office).by, verified(office).admission.note)
    assert () == queue(office.bench())


def test_an_update_is_compared_and_needs_one_signature() -> None:
    """Without statements nothing is countersigned, and the admission names the version before."""
    office = with_links(an_office())
    landed = approve(office.bench(), office.publish(LINKS, "1.1.0").id, note="")

    assert ([], 2) == (landed["countersigned"], len(landed["signed"]))
    assert ("1.0.0", ()) == (verified(office, "1.1.0").admission.compared, verified(office, "1.1.0").admission.gained)


def test_narrowing_is_not_countersigned() -> None:
    """Whoever ends an own key needs nobody; a new key needs the moderator, who is told what it says."""
    office = with_links(an_office())
    office.push(office.evolve(lambda r: rotated(r, since=LATER)))
    ended = approve(office.bench(), queue(office.bench())[0].change.submission, note="")
    office.push(office.evolve(a_laptop))
    waiting = queue(office.bench())[0]
    widened = approve(office.bench(), waiting.change.submission, note="")

    assert ([], []) == (ended["countersigned"], ended["signed"])
    assert ([waiting.change.statements[0].words], 1) == (widened["countersigned"], len(widened["signed"]))
    assert ("ann", ["changes the keys of ann"]) == (
        waiting.author,
        [one.partition(":")[0] for one in waiting.value()["statements"]],
    )


def a_laptop(registry: RegistryInMemory) -> None:
    """Ann gets another key."""
    rows = [*_rows(registry), registry.row("ann laptop", use="signing")]
    registry.keyring("ann", rows, by=("ann control", "ann laptop"))


def _rows(registry: RegistryInMemory) -> list[dict[str, Any]]:
    newest = max(path for path in registry.files if "authors/an/ann/keys" in path and path.endswith(".json"))
    rows: list[dict[str, Any]] = canonical.parse(registry.files[newest], limit=10**5, what="the keyring")["keys"]
    return rows


def test_a_rejection_keeps_its_reason_and_the_version_can_come_again() -> None:
    """The author finds the words; the same bytes have the same id, and land the second time."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")
    noted = {**made.value(), "id": made.id}

    assert "pending" == state_of(noted, office.tip, office.history.branches("submit/"), means=MEANS)["state"]

    said = reject(office.bench(), made.id, reason="incomplete", note="no licence text")
    state = state_of(noted, office.tip, office.history.branches("submit/"), means=MEANS)
    again = office.publish(LINKS, "1.0.0")
    second = reject(office.bench(), again.id, reason="quality", note="still none")
    newest = state_of(noted, office.tip, {}, means=MEANS)
    landed = approve(office.bench(), office.publish(LINKS, "1.0.0").id, note="")

    assert ("rejected", "rejected") == (said["state"], second["state"])
    assert ("rejected", "incomplete", "no licence text") == tuple(state[name] for name in ("state", "reason", "note"))
    assert ("quality", again.id) == (newest["reason"], made.id)
    assert "published" == landed["state"]
    assert {"state": "published"} == state_of(noted, office.tip, {}, means=MEANS)


def test_what_was_withdrawn_or_replaced_is_not_published() -> None:
    """A pointer to other bytes, or one that cannot be read, publishes nothing of this submission."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")
    noted = {**made.value(), "id": made.id}
    other = {**noted, "releases": [{**made.value()["releases"][0], "manifest": "0" * 64}]}
    statements = {**noted, "releases": [], "statements": {"index/policy/1.json": "0" * 64}}

    approve(office.bench(), made.id, note="")

    assert ["withdrawn"] * 2 == [state_of(one, office.tip, {}, means=MEANS)["state"] for one in (other, statements)]

    office.land({"index/releases/an/ann/links/1.0.0/release.json": b"{}"})

    assert "withdrawn" == state_of(noted, office.tip, {}, means=MEANS)["state"]


def test_a_submission_has_one_id_whatever_it_was_built_on() -> None:
    """Built on the first commit, with all its blobs or only the new ones, it is the same and lands."""
    office = an_office()
    first = office.commit
    with_links(office)
    made = office.publish(LINKS, "1.1.0", {"NEW.md": b"new\n"})
    blobs = {path: data for path, data in office.files().items() if "/blobs/" in path and path.count(".") == 0}
    office.push({**blobs, **made.additions}, onto=first, branch="submit/old-base")

    assert {made.id} == {one.change.submission for one in queue(office.bench())}

    office.history.move(made.branch, old=office.history.branches(made.branch)[made.branch], new=None)

    assert "published" == approve(office.bench(), made.id, note="")["state"]


def test_what_others_landed_meanwhile_keeps_the_name() -> None:
    """Two submissions claim one scope; the second is found by the id that its author knows, and refused as it is."""
    office = an_office()
    one = office.prepared(LINKS, "1.0.0")
    other = office.prepared(LINKS, "1.0.0", {"NEW.md": b"new\n"})
    office.push(one.additions, branch="submit/one")
    office.push(other.additions, branch="submit/other")
    approve(office.bench(), one.id, note="")

    waiting = find(office.bench(), other.id)

    assert other.id != waiting.change.submission
    assert "fail" == waiting.report.verdict


def test_a_name_is_of_content_and_never_of_a_branch() -> None:
    """Something else that was pushed under the name of a submission is not approved with it."""
    office = with_links(an_office())
    made = office.publish(LINKS, "1.1.0")
    evil = office.prepared(LINKS, "1.1.0", {"EVIL.md": b"evil\n"})
    office.push(evil.additions, branch=made.branch)

    assert (3, "no-submission") == refusal(lambda: approve(office.bench(), made.id, note=""))
    assert (3, "no-submission") == refusal(lambda: approve(office.bench(), made.branch, note=""))
    assert (3, "no-submission") == refusal(lambda: find(office.bench(), ""))


def test_two_that_begin_alike_are_told_apart() -> None:
    """The beginning of an id that two submissions share is too short."""
    office = with_links(an_office())
    ids: list[str] = []
    while not any(one[0] == ids[-1][0] for one in ids[:-1]):
        ids.append(office.publish(LINKS, f"1.{len(ids) + 1}.0").id)

    with pytest.raises(NotFound, match="several"):
        find(office.bench(), ids[-1][0])
    assert ids[-1] == find(office.bench(), ids[-1]).change.submission


def test_the_same_bytes_on_two_branches_are_one_submission() -> None:
    """Its id follows from what it brings; once it landed, the other branch brings nothing."""
    office = with_links(an_office())
    made = office.prepared(LINKS, "1.1.0")
    office.push(made.additions, branch="submit/one")
    office.push(made.additions, branch="submit/two")

    assert "published" == approve(office.bench(), made.id, note="")["state"]
    assert () == queue(office.bench())


def test_one_that_cannot_be_read_does_not_hide_the_others() -> None:
    """A branch that does not grow from the registry is shown with the reason, and can be rejected."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")
    alien = office.history.commit({"x": b"y"}, onto=None, message="alien\n", author="E <e@example.org>", at=START)
    office.history.move("submit/alien", old=None, new=alien)
    verdicts = {one.branch: one.report.verdict for one in queue(office.bench())}
    shown = next(one for one in queue(office.bench()) if one.branch == "submit/alien")

    assert {made.branch: "review", "submit/alien": "fail"} == verdicts
    assert ("", "no-common-history") == (shown.author, shown.report.findings[0].check)
    assert "rejected" == reject(office.bench(), shown.change.submission, reason="spam", note="not ours")["state"]


def test_checks_that_fail_are_told_with_all_they_found() -> None:
    """A submission that the checks refuse does not land."""
    office = with_links(an_office())
    office.push({"README.md": b"mine\n"})
    waiting = queue(office.bench())[0]

    with pytest.raises(InvalidInput) as refused:
        approve(office.bench(), waiting.change.submission, note="")
    assert "checks-failed" == refused.value.code
    assert refused.value.findings != ()


def test_who_moderates_is_told_by_a_key() -> None:
    """Without an active moderator's key of this registry there is nothing to approve with."""
    office = an_office()

    assert "mod" == me(office.bench(), office.tip)[0].id
    assert (3, "key-missing") == refusal(lambda: me(office.bench("stranger"), office.tip))
    assert (3, "key-missing") == refusal(lambda: me(office.bench(""), office.tip))
    assert (3, "not-a-registry") == refusal(lambda: tip_of(GitHistory.memory()))


def test_nothing_lands_under_too_long_a_path() -> None:
    """A path of more than 250 bytes in the repository is refused, and the main line stays where it was (part 5)."""
    office = an_office()
    bench = office.bench()
    commit, tip = tip_of(bench.history)
    person, _ = me(bench, tip)

    refused = refusal(lambda: advance(bench, commit, {"index/" + "a" * 245: b""}, message="x", by=person.id, at=START))

    assert (1, "path-too-long") == refused
    assert commit == tip_of(bench.history)[0]
