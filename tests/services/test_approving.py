"""Whose yes counts: approvals, objections, the author's own."""

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import StateForbids
from registry_tool.services.bench import decision_files
from registry_tool.services.moderator import approve, queue, reject
from tests.proving import refusal
from tests.services.office import LINKS, Office, an_office, verified


def test_two_people_approve_where_policy_wants_two() -> None:
    """The first yes waits on the main line, the second admits and counts it."""
    office = an_office("mod", "two", count=2)
    made = office.publish(LINKS, "1.0.0")
    first = approve(office.bench("mod"), made.id, note="")

    assert (5, "approved-already") == refusal(lambda: approve(office.bench("mod"), made.id, note=""))

    second = approve(office.bench("two"), made.id, note="")

    assert ("approved", "published") == (first["state"], second["state"])
    assert ("two", ("mod", "two")) == (verified(office).by, verified(office).approved_by)


def test_an_approval_is_void_after_a_rejection() -> None:
    """The same bytes need new approvals; the old one stays where it is, and counts for nothing."""
    office = an_office("mod", "two", count=2)
    approve(office.bench("mod"), office.publish(LINKS, "1.0.0").id, note="")
    reject(office.bench("two"), queue(office.bench())[0].change.submission, reason="other", note="wait")
    again = office.publish(LINKS, "1.0.0").id
    states = [approve(office.bench(who), again, note="")["state"] for who in ("two", "mod")]

    assert ["approved", "published"] == states
    assert ("mod", "two") == verified(office).approved_by


def test_an_approval_is_void_after_thirty_days_and_for_other_bytes() -> None:
    """Old approvals, and those of another manifest of this version, count for nothing; each stays."""
    office = an_office("mod", "two", count=2)
    made = office.publish(LINKS, "1.0.0")
    approve(office.bench("mod"), made.id, note="")
    office.now += 31 * 86_400
    states = [approve(office.bench("two"), made.id, note="")["state"]]
    reject(office.bench("two"), made.id, reason="other", note="other bytes, please")
    other = office.publish(LINKS, "1.0.0", {"NEW.md": b"new\n"})
    states += [approve(office.bench(who), other.id, note="")["state"] for who in ("mod", "two")]
    kept = [path for path in office.files() if "/approvals/" in path and path.endswith(".json")]

    assert ["approved", "approved", "published"] == states
    assert ["mod-2.json", "mod.json", "two.json"] == sorted(path.rpartition("/")[2] for path in kept)


def test_a_forged_approval_counts_for_nothing() -> None:
    """Approvals that wait on the main line are verified when they are counted."""
    office = an_office("mod", "two", count=2)
    made = office.publish(LINKS, "1.0.0")
    approve(office.bench("mod"), made.id, note="")
    folder = "index/releases/an/ann/links/1.0.0/approvals"
    files = {path: data for path, data in office.files().items() if path.startswith(folder)}
    forged = {path.replace("/mod.", "/two."): data for path, data in files.items() if path.endswith(".json")}
    office.land(forged)

    assert "published" == approve(office.bench("two"), made.id, note="")["state"]
    assert ("mod", "two") == verified(office).approved_by


def test_nobody_approves_what_is_their_own() -> None:
    """Unless policy says so."""
    strict = an_office("mod", author_of={"mod": "ann"})
    personal = an_office("mod", author_of={"mod": "ann"}, self_approval=True)

    with pytest.raises(StateForbids) as refused:
        approve(strict.bench(), strict.publish(LINKS, "1.0.0").id, note="")
    assert "self-approval" == refused.value.code
    assert "published" == approve(personal.bench(), personal.publish(LINKS, "1.0.0").id, note="")["state"]


def objection(office: Office, *, submission: bool) -> None:
    """A moderator's objection to the submission that waits, or to one with the same manifest."""
    bench = office.bench()
    change = queue(bench)[0].change
    files = decision_files(
        change,
        office.tip,
        office.registry.hand("mod"),
        action="objection",
        reason="other",
        note="ask ann first",
        at=office.tick(),
    )
    if not submission:
        path = next(path for path in files if path.endswith(".json"))
        value = canonical.parse(files[path], limit=10**5, what="the objection")
        other = "5" * 64
        value |= {"submission": other, "subject": value["subject"].replace(change.submission, other)}
        office.registry.files = {}
        office.registry.document(path.replace(change.submission, other), value, ("mod",))
        files = office.registry.files
    office.land(files)


@pytest.mark.parametrize("submission", [True, False])
def test_an_objection_stops_a_submission(submission: bool) -> None:
    """Whether it names the submission or its manifest; once it is settled by another word, it lands."""
    office = an_office()
    made = office.publish(LINKS, "1.0.0")
    objection(office, submission=submission)

    with pytest.raises(StateForbids, match="ask ann first"):
        approve(office.bench(), made.id, note="")


def test_a_word_that_cannot_be_signed_changes_nothing() -> None:
    """A reason out of form, a note that is too long: nothing is written."""
    office = an_office("mod", "two", count=2)
    made = office.publish(LINKS, "1.0.0")
    before = office.commit

    assert (1, "invalid-document") == refusal(lambda: reject(office.bench(), made.id, reason="No!", note=""))
    assert (1, "invalid-document") == refusal(lambda: approve(office.bench(), made.id, note="x" * 5000))
    assert before == office.commit
