"""What a report says is to be done next, and by whom."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from registry_tool.core.findings import Finding
from registry_tool.core.reports.steps import next_step
from registry_tool.core.review import Report, review
from tests.builders import RegistryInMemory
from tests.checks.changes import newcomer
from tests.reports.desk import CHECKS, Case, change_of, report_of
from tests.reports.typical import CASES, links, of


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (lambda: report_of(CASES["08-edits-what-is-published"]), "The author mends what fails"),
        (lambda: replace(of("03-new-host"), undecided=("names: no answer",)), "A check could not decide"),
        (lambda: replace(of("03-new-host"), waits="A recovery: registry queue approve 1"), "A recovery: "),
        (lambda: of("03-new-host"), "It waits for one person. To let it in, approve its pull request, or type: "),
        (lambda: of("02-owners-update"), "It goes through by itself from 2026-11-21T09:09:00Z, unless somebody "),
        (lambda: of("13-profile-and-review"), "It waits for one person. It takes a moderator's own key, no review "),
        (lambda: of("09-member-and-rotated-key"), "It waits for one person. To let it in, approve its pull request"),
        (
            lambda: report_of(Case(links("1.0.1", {}), lambda registry: registry.policy() and None)),
            "It waits for one person: registry queue approve ",
        ),
        (
            lambda: report_of(Case(newcomer, lambda registry: registry.policy(mode="forge") and None)),
            "It waits for one person. It takes a moderator's own key, no review in the forge: registry queue approve ",
        ),
        (lambda: of("16-flagged"), "It is flagged by eva, and waits for one person. To let it in, approve its pull "),
        (lambda: of("11-flagged-and-objected"), "It is objected to by mod: nobody lands it before it is rejected "),
        (lambda: of("10-yank"), "It waits for one person. To let it in, approve its pull request, or type: registry "),
    ],
)
def test_the_next_step_is_one_sentence_with_its_command(report: Callable[[], Report], expected: str) -> None:
    """Who must do what, and the line to type: by policy, by flags and objections, by what the gate may sign."""
    assert next_step(report()).startswith(expected)


def test_who_approves_a_flagged_one_says_so() -> None:
    """The command has the option that it takes."""
    assert next_step(of("16-flagged")).endswith(" --despite-flag")
    assert next_step(of("11-flagged-and-objected")).endswith(" --note WHY")


def wants_two(registry: RegistryInMemory) -> None:
    registry.policy(gain=2)


@pytest.mark.parametrize(
    ("build", "tip", "expected"),
    [
        (links("1.0.1", {}), None, "Nothing stands against it; 1 person must approve it: registry queue approve "),
        (
            links("1.1.0", {}, permissions=["network"]),
            wants_two,
            "A person looks at what is marked review; 2 people must approve it: registry queue approve ",
        ),
    ],
)
def test_where_nobody_asked_what_it_needs_policys_numbers_are_told(
    build: Callable[[RegistryInMemory], object], tip: Callable[[RegistryInMemory], object] | None, expected: str
) -> None:
    """As where a report is made without a look at what people said."""
    assert next_step(review(change_of(Case(build, tip)), CHECKS)).startswith(expected)


def test_a_statement_that_cannot_be_read_promises_nothing() -> None:
    """A need that nobody would ask for, since the checks refuse it: no word about the gate is made up."""
    report = of("09-member-and-rotated-key")
    unread = tuple(replace(one, statement=None) for one in report.change.statements)

    made = Report(replace(report.change, statements=unread), (Finding("x", "note", "y"),), need=report.need)
    assert "approve its pull request" in next_step(made)
