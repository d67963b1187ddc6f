"""What holds for every check: it has two fixtures, tells where and what to do, and never depends on order."""

import re

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.findings import Level
from registry_tool.core.review import Check, review
from tests.checks.fixtures import FIXTURES, first, update

CHECKS = all_checks()
BY_ID = {check.id: check for check in CHECKS}
GRAVER: dict[Level, int] = {"note": 0, "warn": 1, "review": 2, "fail": 3}


def test_every_check_has_its_two_fixtures() -> None:
    """The table of fixtures names exactly the checks that there are, and ids are sorted and stand once."""
    assert [check.id for check in CHECKS] == sorted(FIXTURES)


@pytest.mark.parametrize("name", sorted(FIXTURES))
def test_a_check_finds_fault_with_its_bad_fixture(name: str) -> None:
    """A check finds, at its own level, what its bad fixture has wrong; each finding says where or what to do."""
    found = list(BY_ID[name].run(FIXTURES[name][0]()))

    assert BY_ID[name].level == max((finding.level for finding in found), key=GRAVER.__getitem__)
    assert all(finding.message and (finding.path or finding.hint) for finding in found)


@pytest.mark.parametrize("name", sorted(FIXTURES))
def test_a_check_lets_its_good_fixture_through(name: str) -> None:
    """A check has nothing to say against its good fixture."""
    assert [] == [finding for finding in BY_ID[name].run(FIXTURES[name][1]()) if finding.level != "note"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_can_be_read(check: Check) -> None:
    """A check has a kebab-case id, a title of one line without a full stop, and a reason in a sentence."""
    assert re.fullmatch("[a-z]+(-[a-z]+)*", check.id)
    assert check.title
    assert "\n" not in check.title
    assert not check.title.endswith(".")
    assert check.why.endswith((".", ")."))
    assert 1 <= check.number <= 50


def test_an_ordinary_update_passes() -> None:
    """Against an update that asks for nothing new, no check has anything to say."""
    assert () == review(update(), CHECKS).findings


def test_a_first_submission_only_asks_for_a_person() -> None:
    """A newcomer's first release is looked at by a person and nothing else stands against it."""
    report = review(first(), CHECKS)

    assert "review" == report.verdict
    assert {"countersigned-statement", "gained"} == {finding.check for finding in report.findings}


@pytest.mark.parametrize("name", sorted(FIXTURES))
def test_the_order_of_checks_changes_nothing(name: str) -> None:
    """Checks in the other order give the same report."""
    made = FIXTURES[name][0]()

    assert review(made, CHECKS) == review(made, CHECKS[::-1])
