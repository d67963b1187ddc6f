"""Statements that change who publishes, or for whom: two people and a wait."""

from typing import Any

from registry_tool.core import layout
from registry_tool.core.keys import k16
from registry_tool.services.moderator import approve, queue
from tests.builders import RegistryInMemory
from tests.proving import refusal
from tests.services.office import Office, an_office, with_links
from tests.services.test_admitting import Busy

DAY = 86_400


def other_owners(registry: RegistryInMemory) -> None:
    """Bob is an owner of ann's scope, both signed."""
    registry.scope("ann", owners=["ann", "bob"], by=("ann control", "bob control"))


def waiting(*people: str, **more: Any) -> tuple[Office, str]:
    office = with_links(an_office(*people, **more))
    for one in queue(office.bench(people[0])):  # a new name waits
        office.now += 3 * DAY
        approve(office.bench(people[0]), one.change.submission, note="")
    office.land(office.evolve(lambda r: r.keyring("bob")))
    office.push(office.evolve(other_owners), branch="submit/owners")
    (one,) = queue(office.bench(people[0]))
    return office, one.change.submission


def owners(office: Office) -> bool:
    return "index/scopes/an/ann/2.json" in office.files()


def test_two_people_agree_to_other_owners() -> None:
    """The first signature waits where the next one finds it; with the second it lands, with both beside it."""
    office, name = waiting("mod", "two", "three")
    (listed,) = queue(office.bench("mod"))
    first = approve(office.bench("mod"), name, note="")
    again = refusal(lambda: approve(office.bench("mod"), name, note=""))
    between = owners(office)
    second = approve(office.bench("two"), name, note="")
    signed = [path for path in office.files() if path.startswith("index/scopes/an/ann/2.") and path.endswith(".sig")]

    assert "@ann gets other owners" in listed.waits
    assert ("approved", (5, "approved-already"), False) == (first["state"], again, between)
    assert ("waits for two people", "published") == (first["waits"], second["state"])
    assert ["changes the scope @ann"] == [one.partition(":")[0] for one in second["countersigned"]]
    assert (True, 4) == (owners(office), len(signed))
    assert {} == dict(office.history.branches("invite/"))


def test_it_waits_as_a_new_name_does() -> None:
    """Two are enough, and it is early: whoever comes once the time is over lands it."""
    office, name = waiting("mod", "two", waits={"new_name": 3 * DAY})
    states = [approve(office.bench(who), name, note="")["state"] for who in ("mod", "two")]
    office.now += 3 * DAY
    states.append(approve(office.bench("mod"), name, note="")["state"])

    assert ["approved", "approved", "published"] == states
    assert owners(office)


def test_the_author_is_not_one_of_the_two() -> None:
    """A moderator whose scope it is agrees to nothing there; one other person is enough where there is only one."""
    office, name = waiting("mod", "two", author_of={"two": "ann"})

    assert (5, "self-approval") == refusal(lambda: approve(office.bench("two"), name, note=""))
    assert "published" == approve(office.bench("mod"), name, note="")["state"]


def test_a_forged_signature_that_waits_counts_for_nothing() -> None:
    """What lies on the branch is verified when it is counted."""
    office, name = waiting("mod", "two", "three")
    approve(office.bench("mod"), name, note="")
    (branch,) = office.history.branches("invite/")
    tree = office.history.tree(office.history.branches("invite/")[branch])
    path = "index/scopes/an/ann/2.json"
    other = office.registry.hand("two")
    forged = {path: tree.read(path) or b"", layout.signature_path(path, k16(other.key)): b"0" * 64}
    office.push(forged, branch=branch)

    assert "approved" == approve(office.bench("mod"), name, note="")["state"]


def test_where_somebody_else_landed_first_it_is_looked_at_again() -> None:
    """The signatures that were gathered stay."""
    office, name = waiting("mod", "two")
    approve(office.bench("mod"), name, note="")

    assert "published" == approve(office.bench("two", history=Busy(office.history, 1)), name, note="")["state"]
