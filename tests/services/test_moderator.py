"""What a moderator does: the queue, approving, rejecting, landing."""

from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import admitted_at, authorities_at, government_at
from registry_tool.core.tree import Overlay
from registry_tool.core.trust import Admitted
from registry_tool.services.admitting import decide, verify_landed
from registry_tool.services.moderator import TRIES, approve, decision_files, find, me, queue, reject, tip_of
from registry_tool.services.submissions import state_of
from registry_tool.signing.ed25519 import check
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory
from tests.core.landings import rotated
from tests.proving import refusal
from tests.services.office import MEANS, START, Office

LINKS = "@ann/links"
LATER = "2027-02-01T00:00:00Z"


def an_office(*people: str, author_of: dict[str, str] | None = None, **policy: Any) -> Office:
    """A registry in git with these moderators, `mod` where none is named."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    names = people or ("mod",)
    registry.moderators({name: (author_of or {}).get(name) for name in names})
    registry.policy(by=names[:1], **policy)
    return Office(registry)


def with_links(office: Office) -> Office:
    """The same with `@ann/links` 1.0.0 in it."""
    approve(office.bench(), office.publish(LINKS, "1.0.0").id, note="read it")
    return office


def verified(office: Office, version: str = "1.0.0") -> Admitted:
    """A release of the main line, verified."""
    government = government_at(office.tip, registry=office.registry.id, check=check)
    authorities = authorities_at(office.tip, government, "ann", check=check)
    return admitted_at(office.tip, parse_artifact(LINKS), version, authorities, means=MEANS)


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
    """An id that two submissions share is too short."""
    office = with_links(an_office())
    made = office.prepared(LINKS, "1.1.0")
    office.push(made.additions, branch="submit/one")
    office.push(made.additions, branch="submit/two")

    with pytest.raises(NotFound, match="several"):
        find(office.bench(), made.id)


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


def objection(office: Office, *, submission: bool) -> None:
    """A moderator's objection to the submission that waits, or to one with the same manifest."""
    bench = office.bench()
    change = queue(bench)[0].change
    words = {"action": "objection", "reason": "other", "note": "ask ann first"}
    files = decision_files(change, office.tip, office.registry.hand("mod"), **words, at=office.tick())
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


def test_who_moderates_is_told_by_a_key() -> None:
    """Without an active moderator's key of this registry there is nothing to approve with."""
    office = an_office()

    assert "mod" == me(office.bench(), office.tip)[0].id
    assert (3, "key-missing") == refusal(lambda: me(office.bench("stranger"), office.tip))
    assert (3, "key-missing") == refusal(lambda: me(office.bench(""), office.tip))
    assert (3, "not-a-registry") == refusal(lambda: tip_of(GitHistory.memory()))


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
