"""Who guards a main line holds each landing against what its submission needs."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from registry_tool.core.change import Change
from registry_tool.core.errors import StateForbids
from registry_tool.core.hearing import Heard
from registry_tool.core.need import Need
from registry_tool.services.admitting import as_needed, decide
from registry_tool.services.bench import gate, me
from registry_tool.services.gating import gate_decision
from registry_tool.services.moderator import find, queue
from tests.services.gated import Place
from tests.services.office import LINKS, MEANS, an_office, with_links
from tests.services.test_agreeing import waiting as owners_wait

PERSON = Need("person", 1, 0, ("asks",))


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        (PERSON, None),
        (replace(PERSON, people=2), (5, "not-as-needed")),
        (replace(PERSON, wait=600), (5, "not-as-needed")),
        (replace(PERSON, wait=600, since=4 * 10**9), (5, "not-as-needed")),
        (replace(PERSON, wait=600, since=0), None),
        (Need("owner", 0, 600, ()), None),
    ],
)
def test_people_land_it_in_the_number_and_at_the_time_that_it_needs(need: Need, expected: object) -> None:
    """One approved it; a person may always look at what would go through by itself."""
    office = with_links(an_office())
    bench = office.bench()
    one = find(bench, office.publish(LINKS, "1.1.0").id)
    person, signer = me(bench, office.tip)
    made = decide(one.change, office.tip, person, signer, at=office.now, note="", means=MEANS)

    assert expected == outcome(one.change, made.files, need, office.now)


def outcome(change: Change, files: Mapping[str, bytes], need: Need, at: int) -> tuple[int, str] | None:
    """How it is refused; `None` where it is as needed."""
    try:
        as_needed(change, files, need, at=at, means=MEANS)
    except StateForbids as error:
        return error.exit_code, error.code
    return None


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        (Need("owner", 0, 0, ()), None),
        (Need("owner", 0, 600, (), since=4 * 10**9), (5, "not-as-needed")),
        (PERSON, (5, "not-as-needed")),
    ],
)
def test_the_gate_lands_only_what_goes_by_itself(need: Need, expected: object) -> None:
    """What a person must look at does not come in as its owner's, nor before its wait is over."""
    place = Place(owner_update=0).begun()
    place.submit("1.0.1")
    (one,) = queue(place.gate)
    assert one.report.need is not None
    signer = gate(place.gate, place.office.tip)
    at = place.office.now
    made = gate_decision(one.change, one.change.tip, signer, one.report.need, Heard(), forge="", at=at, means=MEANS)

    assert expected == outcome(one.change, made.files, need, at)


def test_two_people_sign_what_changes_the_owners() -> None:
    """One moderator's signature beside the statement is not enough."""
    office, name = owners_wait("mod", "two")
    one = find(office.bench("mod"), name)
    person, signer = me(office.bench("mod"), office.tip)
    made = decide(one.change, office.tip, person, signer, at=office.now, note="", means=MEANS)
    assert one.report.need is not None

    assert (5, "not-as-needed") == outcome(one.change, made.files, one.report.need, office.now)
