"""The report that checks and verification make of a submission."""

from dataclasses import replace

import pytest

from registry_tool.core.change import Change
from registry_tool.core.errors import Unreachable
from registry_tool.core.findings import Finding, Level
from registry_tool.core.review import Check, Report, review, rules_of
from tests.checks.changes import change
from tests.core.landings import update


@pytest.fixture(scope="module")
def made() -> Change:
    return change(update)


def a_check(*levels: Level, path: str = "p") -> Check:
    """A check that finds one thing of each of these levels."""
    found = [Finding("c", level, f"{level}!", path) for level in levels]
    return Check("c", 1, "title", "why", "fail", lambda change: found)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((), "pass"), (("note", "warn"), "pass"), (("note", "review"), "review"), (("review", "fail"), "fail")],
)
def test_the_gravest_finding_is_the_verdict(made: Change, levels: tuple[Level, ...], expected: str) -> None:
    """Notes and warnings refuse nothing."""
    assert expected == review(made, [a_check(*levels)]).verdict


def test_what_nobody_could_decide_blocks(made: Change) -> None:
    """Undecided is no pass; a failure says more."""
    failed = Report(made, (Finding("c", "fail", "no"),), ("x",))

    assert ("undecided", "fail") == (Report(made, (), ("x",)).verdict, failed.verdict)


@pytest.mark.parametrize(
    ("where", "hint", "expected"),
    [
        ("", "", "a: an object is not here"),
        ("reg", "git fetch", "a: an object is not here (reg); git fetch"),
    ],
)
def test_a_check_that_cannot_read_is_undecided(made: Change, where: str, hint: str, expected: str) -> None:
    """What a check could not read is told with what mends it; and it is no pass."""

    def blind(change: Change) -> list[Finding]:
        raise Unreachable("an object is not here", where=where, hint=hint)

    blocked = Check("a", 1, "title", "why", "fail", blind)
    report = review(made, [blocked, a_check("note")])

    assert ("undecided", (expected,), 1) == (report.verdict, report.undecided, len(report.findings))
    assert "fail" == review(made, [blocked, a_check("fail")]).verdict


def test_verification_is_told_under_the_check_that_is_about_it(made: Change) -> None:
    """A code that a check claims is not told again where that check failed at the same release."""
    check = replace(a_check("fail", path="@ann/links@1.1.0"), tells=("sign-again",))
    path = made.releases[0].path
    faults = [Finding("sign-again", "fail", "sign again", path), Finding("other", "fail", "else", path)]
    told = [one.check for one in review(replace(made, trusted=tuple(faults)), [check]).findings]

    assert ["c", "other"] == told
    assert {"c": check, "sign-again": check} == dict(rules_of([check]))


def test_the_gravest_come_first(made: Change) -> None:
    """The order never depends on the order of checks."""
    report = review(made, [a_check("note"), a_check("fail", path="q"), a_check("review")])

    assert ["fail", "review", "note"] == [one.level for one in report.findings]


def test_verification_says_nothing_twice(made: Change) -> None:
    """A fault that a check told about this place already is left out; a remark hides no fault."""
    trusted = tuple(Finding("c", "fail", "the same in other words", path) for path in ("p", "q"))
    changed = replace(made, trusted=trusted)

    told = [(one.path, one.message) for one in review(changed, [a_check("fail"), a_check("note", path="q")]).findings]

    assert [("p", "fail!"), ("q", "the same in other words"), ("q", "note!")] == told
