"""A recovery from its request to its landing."""

from typing import Any

import pytest

from registry_tool.core.standing import government_at
from registry_tool.services.keyrings import KeysHere, Step, recover
from registry_tool.services.moderator import approve, queue, reject
from registry_tool.services.objecting import objection, recoveries
from registry_tool.services.submissions import state_of
from registry_tool.signing.ed25519 import check
from tests.proving import refusal
from tests.services.office import LINKS, MEANS, Cabinet, Office, an_office, verified, with_links
from tests.services.test_admitting import Busy

pytestmark = pytest.mark.slow

DAY = 86_400


def two_people() -> Office:
    """Two moderators who both sign for the registry, and ann's first release."""
    office = with_links(an_office("mod", "two"))
    office.land(
        office.evolve(lambda r: r.moderators({"mod": None, "two": None}, threshold=2, under=(), by=("mod", "two")))
    )
    return office


def asked(office: Office) -> Step:
    """Ann lost her keys and asks for new ones."""
    for use in ("control", "signing"):
        office.cabinet.lose("ann", use)
    step = recover(office.tip, "ann", desk=office.desk())
    office.push(step.files, branch=step.branch)
    return step


def object_to(office: Office, step: Step, *, author: str = "ann") -> None:
    """Somebody with ann's old control key objects."""
    desk = office.desk()
    keys = KeysHere(Cabinet(office.registry, authors=(author,)), office.tip)
    heads = {branch: office.history.tree(head) for branch, head in office.history.branches("submit/").items()}
    desk = type(desk)(desk.kinds, desk.checks, desk.means, keys, desk.now)
    (waits,) = recoveries(office.tip, heads, "ann", desk=desk)
    made = objection(office.tip, waits, "ann", note="", desk=desk)
    office.push(made.files, branch=made.branch)


def noted(step: Step) -> dict[str, Any]:
    """What its author remembers."""
    return {"id": step.id, "branch": step.branch, "releases": [], "statements": {}}


def test_a_recovery_takes_notice_wait_and_every_signature() -> None:
    """The first approval makes it public, later ones sign it, and it lands with as many as sign for the registry."""
    office = two_people()
    step = asked(office)
    states = [approve(office.bench("mod"), step.id, note="she called me")["state"]]
    waits = refusal(lambda: approve(office.bench("two"), step.id, note=""))
    said = state_of(noted(step), office.tip, office.history.branches("submit/"), means=MEANS)
    office.now += DAY
    states.append(approve(office.bench("two"), step.id, note="")["state"])
    again = refusal(lambda: approve(office.bench("two"), step.id, note=""))
    states.append(approve(office.bench("mod"), step.id, note="")["state"])
    approve(office.bench(), office.publish(LINKS, "1.1.0").id, note="")

    assert ["noticed", "approved", "published"] == states
    assert ((5, "recover-waits"), (5, "approved-already")) == (waits, again)
    assert "moderators may sign it from" in said["waits"]
    assert [] == list(office.history.branches("invite/")) + list(office.history.branches("submit/"))
    assert ("1.0.0", "1.1.0") == (verified(office).manifest.version, verified(office, "1.1.0").manifest.version)


def test_the_queue_says_what_it_waits_for() -> None:
    """Before the notice, and with the time after it."""
    office = two_people()
    step = asked(office)
    words = [queue(office.bench())[0].waits]
    before = state_of(noted(step), office.tip, office.history.branches("submit/"), means=MEANS)
    approve(office.bench(), step.id, note="")
    words.append(str(queue(office.bench())[0].value()["waits"]))

    assert ["waits for a moderator", "public since 2027-01"] == [
        one[:20] if one[0] == "p" else one[:21] for one in words
    ]
    assert {"state": "pending"} == before


def test_an_objection_ends_it_for_good() -> None:
    """The next approval puts it on record and refuses, as does every later one; the author reads why."""
    office = two_people()
    step = asked(office)
    approve(office.bench(), step.id, note="")
    object_to(office, step)
    office.now += DAY
    refused = [refusal(lambda: approve(office.bench("two"), step.id, note="")) for _ in range(2)]
    said = state_of(noted(step), office.tip, office.history.branches("submit/"), means=MEANS)

    assert [(5, "objection")] * 2 == refused
    assert "somebody objected" in said["waits"]
    assert "rejected" == reject(office.bench(), step.id, reason="other", note="not lost")["state"]


def test_an_objection_before_the_notice_counts() -> None:
    """Nothing is made public then."""
    office = two_people()
    step = asked(office)
    object_to(office, step)

    assert (5, "objection") == refusal(lambda: approve(office.bench(), step.id, note=""))


def test_an_objection_to_an_older_state_counts_all_the_same() -> None:
    """It was signed before the notice landed, so it cannot be put on record, and it stops the recovery."""
    office = two_people()
    step = asked(office)
    object_to(office, step)
    (branch, head) = next(iter(office.history.branches("objection/").items()))
    office.history.move(branch, old=head, new=None)
    approve(office.bench(), step.id, note="")
    office.history.move(branch, old=None, new=head)
    office.now += DAY

    assert (5, "objection") == refusal(lambda: approve(office.bench(), step.id, note=""))


@pytest.mark.parametrize(
    "build",
    [
        lambda files: {path: b"{}" if path.endswith(".json") else data for path, data in files.items()},
        lambda files: {path: data for path, data in files.items() if path.endswith(".json")},
        lambda files: {path: data.replace(b'"objection"', b'"reject"') for path, data in files.items()},
        lambda files: {"index/other": b"x"},
    ],
)
def test_what_is_no_objection_stops_nothing(build: Any) -> None:  # Any: a function of files
    """Whoever may push could stop every recovery with a file otherwise."""
    office = two_people()
    step = asked(office)
    object_to(office, step)
    (branch, head) = next(iter(office.history.branches("objection/").items()))
    tree = office.history.tree(head)
    folder = f"index/moderation/2027/{step.id}"
    files = {f"{folder}/{one.name}": tree.read(f"{folder}/{one.name}") or b"" for one in tree.list(folder)}
    office.push(build(files), branch=branch)

    assert "noticed" == approve(office.bench(), step.id, note="")["state"]


def test_only_a_control_key_objects() -> None:
    """Without one on this machine there is nothing to sign with."""
    office = two_people()
    step = asked(office)

    assert (3, "key-missing") == refusal(lambda: object_to(office, step, author="bob"))


def test_signatures_under_other_bytes_count_for_nothing() -> None:
    """What lies on the branch where signatures gather is looked at again each time."""
    office = two_people()
    step = asked(office)
    approve(office.bench(), step.id, note="")
    office.now += DAY
    approve(office.bench("two"), step.id, note="")
    path = next(path for path in step.files if path.endswith(".json"))
    office.push({path: b"{}"}, branch="invite/authors/ann/2")

    assert "approved" == approve(office.bench("mod"), step.id, note="")["state"]


def test_a_recovery_starts_again_where_the_tip_moved() -> None:
    """Somebody else landed in between, at the notice, the objection and the landing."""
    office = two_people()
    step = asked(office)

    def once(who: str) -> Any:  # Any: JSON
        return approve(office.bench(who, history=Busy(office.history, 1)), step.id, note="")["state"]

    states = [once("mod")]
    office.now += DAY
    approve(office.bench("mod"), step.id, note="")
    states.append(once("two"))
    second = two_people()
    again = asked(second)
    object_to(second, again)
    refused = refusal(lambda: approve(second.bench(history=Busy(second.history, 1)), again.id, note=""))

    assert (["noticed", "published"], (5, "objection")) == (states, refused)


def test_fewer_moderators_than_it_takes_recover_nothing() -> None:
    """Landed by hand with one signature where two are needed it verifies nowhere."""
    office = two_people()
    step = asked(office)
    path = next(path for path in step.files if path.endswith(".json"))
    office.registry.files = {path: step.files[path]}
    office.registry.sign(path, ("mod",))
    office.land({**step.files, **office.registry.files})

    assert (4, "not-authorised") == refusal(lambda: verified(office))
    assert 2 == government_at(office.tip, registry=office.registry.id, check=check).moderators.head.body.threshold
