"""Checks, and the report that they make of a change.

A check is a record: an id that never changes, why it exists, and a pure function from the change to
findings. The verdict is the gravest finding: `fail` refuses, `review` asks for a person.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding, Level

Verdict = Literal["pass", "fail", "review", "undecided"]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule about submissions."""

    id: str
    """Stable: scripts, waivers and links use it."""
    number: int
    """Its row in the survey of pull-request checks, for orientation."""
    title: str
    """What it demands, in one line."""
    why: str
    """What went wrong elsewhere without it."""
    level: Level
    """The gravest that it finds."""
    run: Callable[[Change], Iterable[Finding]]
    """Its findings; never raises for what came in."""


@dataclass(frozen=True, slots=True)
class Report:
    """What all checks said about a change."""

    change: Change
    findings: tuple[Finding, ...]
    """Gravest first, then by check and path."""
    undecided: tuple[str, ...] = ()
    """Checks that could not decide, with why; they block."""
    waits: str = ""
    """What it waits for, where that is more than policy's approvals, with the command for the step that is due."""

    @property
    def verdict(self) -> Verdict:
        """One word for all of it."""
        levels = {finding.level for finding in self.findings}
        if "fail" in levels:
            return "fail"
        if self.undecided:
            return "undecided"
        return "review" if "review" in levels else "pass"


_ORDER: dict[Level, int] = {"fail": 0, "review": 1, "warn": 2, "note": 3}


def review(change: Change, checks: Sequence[Check]) -> Report:
    """The report on `change`: every check's findings, and what verification says beyond them."""
    found: set[Finding] = set()
    for check in checks:
        found.update(check.run(change))
    told = {(finding.check, finding.path) for finding in found if finding.level == "fail"}
    found.update(finding for finding in change.trusted if (finding.check, finding.path) not in told)
    return Report(change, tuple(sorted(found, key=_place)))


def _place(finding: Finding) -> tuple[int, str, str, int, str]:
    return _ORDER[finding.level], finding.check, finding.path, finding.line or 0, finding.message
