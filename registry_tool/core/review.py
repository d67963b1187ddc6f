"""Checks, and the report that they make of a change.

A check is a record: an id that never changes, why it exists, and a pure function from the change to
findings. The verdict is the gravest finding: `fail` refuses, `review` asks for a person. A check that could
not read what it needs says nothing about the author: then the verdict is `undecided`, which blocks too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core.change import Change
from registry_tool.core.errors import Unreachable
from registry_tool.core.findings import Finding, Level
from registry_tool.core.need import Need
from registry_tool.core.places import repository_path

Verdict = Literal["pass", "fail", "review", "undecided"]

PAGE: Final = "about/checks/"
"""Where a site tells what each check is for."""


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
    """Its findings; never raises for what came in. `Unreachable` where it cannot read what it needs."""
    also: tuple[int, ...] = ()
    """More rows of the survey that it answers."""
    tells: tuple[str, ...] = ()
    """Codes of what verification finds (`Change.trusted`) that this rule is about, too."""
    waivable: bool = False
    """Whether a moderator can say that it does not count for one release: rules about content alone, never what
    clients verify, nor what a registry is made of."""


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
    need: Need | None = None
    """What it needs and from whom, where that was asked; `None` also where the checks refuse it."""

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
    undecided: list[str] = []
    for check in checks:
        try:
            found.update(check.run(change))
        except Unreachable as error:
            undecided.append(unread(error, check.id))
    told = {(finding.check, _where(change, finding)) for finding in found if finding.level == "fail"}
    rules = rules_of(checks)
    for finding in change.trusted:
        name = rules[finding.check].id if finding.check in rules else finding.check
        if not {(finding.check, _where(change, finding)), (name, _where(change, finding))} & told:
            found.add(finding)
    return Report(change, ordered(found), tuple(sorted(undecided)))


def unread(error: Unreachable, what: str) -> str:
    """Why `what` could not be decided, and what mends it, in one line."""
    where = f" ({error.where})" if error.where else ""
    return f"{what}: {error.message}{where}" + (f"; {error.hint}" if error.hint else "")


def rules_of(checks: Iterable[Check]) -> Mapping[str, Check]:
    """The check behind each id that a finding can have: its own, and what it tells of verification."""
    listed = tuple(checks)
    told = {code: check for check in listed for code in check.tells}
    return told | {check.id: check for check in listed}


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as every report lists them: the gravest first, then by check and path."""
    return tuple(sorted(findings, key=_place))


def _where(change: Change, finding: Finding) -> str:
    """The path in the repository: checks name a release, verification its file."""
    return repository_path(change, finding.path)


def _place(finding: Finding) -> tuple[int, str, str, int, str]:
    return _ORDER[finding.level], finding.check, finding.path, finding.line or 0, finding.message
