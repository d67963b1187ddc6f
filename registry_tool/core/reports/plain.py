"""A report as people and machines read it: one value, and its text and JSON.

What a reviewer must know is put together once, in `summary`; the renderings only write it down, so
that a terminal, a script and a forge's comment never tell three stories.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry_tool.core import limits
from registry_tool.core.approvals import needed
from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding, Level
from registry_tool.core.published import chain_at
from registry_tool.core.reports.diff import DIFF_LINES, Diff, diff
from registry_tool.core.reports.places import label
from registry_tool.core.reports.words import gain_words, permission_words, size_words, visible
from registry_tool.core.review import Report, Verdict
from registry_tool.core.statements import Policy

SHOWN_FILES = 40
"""Files of a release that are listed by name in text and Markdown; JSON has them all."""


@dataclass(frozen=True, slots=True)
class Granted:
    """One permission that a release asks for."""

    permission: str
    words: str
    new: bool
    """Whether the previous version could not do it."""


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """What there is to know about one release."""

    artifact: str
    version: str
    kind: str
    title: str
    description: str
    author: str
    license: str
    manifest: str
    """Digest; empty where there is none that can be read."""
    signatures: tuple[str, ...]
    """Files beside the manifest, by suffix."""
    previous: str
    """The version that it is compared with; empty for the first."""
    permissions: tuple[Granted, ...]
    gained: tuple[str, ...]
    """In words."""
    diff: Diff


@dataclass(frozen=True, slots=True)
class StatementView:
    """What there is to know about one statement."""

    path: str
    words: str
    signatures: tuple[str, ...]
    """References of the keys that signed it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a rendering writes down."""

    submission: str
    registry: str
    demonstration: bool
    verdict: Verdict
    next: str
    """What is needed now, in a sentence."""
    releases: tuple[ReleaseView, ...]
    statements: tuple[StatementView, ...]
    findings: tuple[Finding, ...]
    undecided: tuple[str, ...]


def summary(report: Report) -> Summary:
    """What the report says, put together from its change."""
    change = report.change
    return Summary(
        change.submission,
        change.registry,
        change.demonstration,
        report.verdict,
        _next(report),
        tuple(_release(candidate) for candidate in change.releases),
        tuple(_statement(change, joined) for joined in change.statements),
        report.findings,
        report.undecided,
    )


def to_json(report: Report) -> dict[str, Any]:  # Any: JSON
    """The report as JSON values; members are added over time, none changes its meaning."""
    view = summary(report)
    return {
        "submission": view.submission,
        "registry": view.registry,
        "demonstration": view.demonstration,
        "verdict": view.verdict,
        "next": view.next,
        "releases": [_release_json(release) for release in view.releases],
        "statements": [
            {"path": one.path, "words": one.words, "signatures": list(one.signatures)} for one in view.statements
        ],
        "findings": [_finding_json(finding) for finding in view.findings],
        "undecided": list(view.undecided),
    }


def to_text(report: Report) -> str:
    """The report for a terminal: nothing in it is invisible or obeyed."""
    return "\n".join(visible(line) for line in _text(summary(report))) + "\n"


def finding_place(finding: Finding) -> str:
    """Path and line of a finding, as far as they are known."""
    return f"{finding.path}:{finding.line}" if finding.line else finding.path


def count(number: int, what: str) -> str:
    """A number with its noun: `1 file`, `3 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _release(candidate: Candidate) -> ReleaseView:
    manifest, kind, previous = candidate.manifest, candidate.kind, candidate.previous
    native = candidate.reading.native if candidate.reading else ""
    lines = DIFF_LINES if candidate.payload is not None else 0
    changes = diff(candidate.previous_payload or {}, candidate.payload or {}, first=native, lines=lines)
    gains = {gain.partition(" ")[2] for gain in candidate.gained if gain.startswith("permission ")}
    version = label(candidate).rpartition("@")[2]
    if manifest is None:
        return ReleaseView(str(candidate.artifact), version, "", "", "", "", "", "", (), "", (), (), changes)
    return ReleaseView(
        str(candidate.artifact),
        version,
        manifest.kind,
        manifest.title,
        manifest.description,
        manifest.author,
        manifest.license,
        prefixed(Hex(candidate.digest)),
        tuple(sorted(candidate.signatures)),
        previous.version if previous else "",
        tuple(Granted(one, permission_words(one, kind), one in gains) for one in manifest.permissions),
        tuple(gain_words(gain, kind) for gain in candidate.gained),
        changes,
    )


def _statement(change: Change, joined: Joined) -> StatementView:
    stem = joined.path.removesuffix("json")
    signed = (one.sig for one in change.located if one.sig is not None and one.path.startswith(stem))
    return StatementView(joined.path, joined.words, tuple(sorted(signed)))


def _next(report: Report) -> str:
    """What is needed now."""
    change = report.change
    match report.verdict:
        case "fail":
            return "The author mends what fails and publishes again; nothing was taken in."
        case "undecided":
            return "A check could not decide; that is not the author's fault. Run it again."
        case _ if report.waits:
            return report.waits
        case _:
            people = _people(change)
            by = (
                f"{people} {'person' if people == 1 else 'people'} must approve it"
                if people
                else "it is approved by hand"
            )
            seen = (
                "A person looks at what is marked review" if report.verdict == "review" else "Nothing stands against it"
            )
            return f"{seen}; {by}: registry queue approve {change.submission[:12]}"


def _people(change: Change) -> int:
    """How many people the policy of the tip wants; 0 where there is none that can be read."""
    chain = chain_at(change.tip, "policy")
    try:
        data = chain[-1].data if chain else b""
        policy = load(Policy, data, limit=limits.STATEMENT_BYTES, registry=change.registry, what="the policy")
    except RegistryError:
        return 0
    wanted = [
        needed(policy, compared=one.previous.version if one.previous else None, gained=bool(one.gained))
        for one in change.releases
    ]
    return max([1, *wanted])


def _release_json(view: ReleaseView) -> dict[str, Any]:  # Any: JSON
    return {
        "artifact": view.artifact,
        "version": view.version,
        "kind": view.kind,
        "title": view.title,
        "description": view.description,
        "author": view.author,
        "license": view.license,
        "manifest": view.manifest,
        "signatures": list(view.signatures),
        "previous": view.previous,
        "permissions": [{"permission": one.permission, "words": one.words, "new": one.new} for one in view.permissions],
        "gained": list(view.gained),
        "files": [
            {
                "path": file.path,
                "change": file.change,
                "size": file.size,
                "executable": file.executable,
                "note": file.note,
            }
            for file in view.diff.files
        ],
        "diff": list(view.diff.lines),
        "diff_left_off": view.diff.left_off,
    }


def _finding_json(finding: Finding) -> dict[str, Any]:  # Any: JSON
    return {
        "check": finding.check,
        "level": finding.level,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "hint": finding.hint,
    }


_MARKS: dict[Level, str] = {"fail": "FAIL", "review": "REVIEW", "warn": "warn", "note": "note"}


def _text(view: Summary) -> Iterator[str]:
    yield f"submission {view.submission[:12]}: {view.verdict}"
    if view.demonstration:
        yield "This registry is a demonstration: its keys are published, trust nothing in it."
    for release in view.releases:
        yield ""
        yield from _release_text(release)
    if view.statements:
        yield ""
        yield "Statements"
    for statement in view.statements:
        yield f"  {statement.words}"
        yield f"    {statement.path}, signed by {', '.join(statement.signatures) or 'nobody'}"
    yield ""
    yield f"Findings: {len(view.findings)}" if view.findings else "Findings: none"
    for finding in view.findings:
        place = finding_place(finding)
        yield f"  {_MARKS[finding.level]:<6} {finding.check}: {place + ': ' if place else ''}{finding.message}"
        yield from (f"         {line}" for line in finding.hint.splitlines())
    yield from (f"  UNDECIDED {one}" for one in view.undecided)
    yield ""
    yield view.next


def _release_text(view: ReleaseView) -> Iterator[str]:
    yield f"{view.artifact}@{view.version}"
    if not view.manifest:
        yield "  its manifest cannot be read"
        return
    yield f"  {view.kind}: {view.title} ({view.license})"
    yield f"  by {view.author}, signed: {', '.join(view.signatures) or 'no'}"
    yield f"  manifest {view.manifest}"
    yield f"  compared with {view.previous}" if view.previous else "  the first version"
    yield f"  It may:{'' if view.permissions else ' nothing'}"
    yield from (f"    {'NEW ' if one.new else ''}{one.words} ({one.permission})" for one in view.permissions)
    if view.previous and view.gained:
        yield "  Newly:"
        yield from (f"    {gain}" for gain in view.gained)
    files = view.diff.files
    size = size_words(sum(file.size for file in files if file.change != "removed"))
    yield f"  {count(sum(file.change != 'removed' for file in files), 'file')}, {size}:"
    for file in files[:SHOWN_FILES]:
        program = ", program" if file.executable else ""
        note = f", {file.note}" if file.note else ""
        yield f"    {file.change:<8} {file.path} ({size_words(file.size)}{program}{note})"
    if len(files) > SHOWN_FILES:
        yield f"    and {len(files) - SHOWN_FILES} more"
    if view.diff.lines:
        yield "  Difference:"
        yield from (f"    {line}" for line in view.diff.lines)
    if view.diff.left_off:
        yield f"    and more in {count(view.diff.left_off, 'file')} that is not shown here"
