"""A report as people in a terminal and machines read it.

What a reviewer must know is put together once, in `view.summary`; the renderings only write it down.
"""

from collections.abc import Iterator
from typing import Any

from registry_tool.core.findings import Finding, Level
from registry_tool.core.reports.view import (
    Granted,
    ReleaseView,
    Said,
    StatementView,
    Summary,
    is_waived,
    summary,
)
from registry_tool.core.reports.words import size_words, visible
from registry_tool.core.review import Report

__all__ = [
    "LINE_CHARACTERS",
    "SHOWN_FILES",
    "Granted",
    "ReleaseView",
    "Said",
    "StatementView",
    "Summary",
    "asks_nothing",
    "count",
    "cut",
    "files_words",
    "finding_place",
    "marks",
    "summary",
    "to_json",
    "to_text",
    "too",
    "unprefixed",
]

LINE_CHARACTERS = 200
SHOWN_FILES = 40
"""Files of a release that are listed by name in text and Markdown; JSON has them all."""


def to_json(report: Report) -> dict[str, Any]:  # Any: JSON
    """The report as JSON values; members are added over time, none changes its meaning."""
    view = summary(report)
    return {
        "submission": view.submission,
        "registry": view.registry,
        "demonstration": view.demonstration,
        "verdict": view.verdict,
        "next": view.next,
        **({"need": report.need.value(report.change.at)} if report.need is not None else {}),
        "said": [
            {"action": one.action, "by": one.by, "reason": one.reason, "note": one.note, "at": one.at}
            for one in view.said
        ],
        "releases": [_release_json(release) for release in view.releases],
        "statements": [
            {
                "path": one.path,
                "words": one.words,
                "signatures": list(one.signatures),
                "signed_by": list(one.signed_by),
                "changes": list(one.changes),
                "details": list(one.details),
                "countersigned": one.countersigned,
            }
            for one in view.statements
        ],
        "findings": [_finding_json(finding) for finding in view.findings],
        "undecided": list(view.undecided),
    }


def to_text(report: Report) -> str:
    """The report for a terminal: nothing in it is invisible or obeyed. What is to be done stands last."""
    return "\n".join(visible(line) for line in _text(summary(report))) + "\n"


def finding_place(finding: Finding) -> str:
    """Path and line of a finding, as far as they are known."""
    return f"{finding.path}:{finding.line}" if finding.line else finding.path


def unprefixed(finding: Finding) -> str:
    """A finding's message; of a waived one without the word that renderings put before it."""
    return finding.message.removeprefix("waived ") if is_waived(finding) else finding.message


def cut(text: str) -> str:
    """As much of a text as stands in one line of a report."""
    return text if len(text) <= LINE_CHARACTERS else text[:LINE_CHARACTERS] + "…"


def count(number: int, what: str) -> str:
    """A number with its noun: `1 file`, `3 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def files_words(view: ReleaseView) -> str:
    """What becomes of a release's files, in numbers: `3 files, 1.2 kB: 1 added, 2 as before`."""
    files = view.diff.files
    if not files:
        return "its files cannot be read"
    kept = [file for file in files if file.change != "removed"]
    parts = [
        f"{number} {words}"
        for change, words in (("added", "added"), ("changed", "changed"), ("removed", "removed"), ("same", "as before"))
        if (number := sum(file.change == change for file in files))
    ]
    told = f": {', '.join(parts)}" if view.previous else ""
    return f"{count(len(kept), 'file')}, {size_words(sum(file.size for file in kept))}{told}"


def marks(view: ReleaseView) -> tuple[str, ...]:
    """What sets a release apart, in words of ours; the address of an import is not in them."""
    found = (("private", view.private), ("official", view.official), ("imported", bool(view.imported)))
    return tuple(word for word, there in found if there)


def too(statement: StatementView) -> str:
    """Behind who signed a statement: that whoever approves it signs it too."""
    return "; who approves it signs it too" if statement.countersigned else ""


def asks_nothing(view: ReleaseView) -> str:
    """The sentence for a release that gains nothing, without what it is compared with."""
    return "It asks for nothing new" if view.previous else "The first version, so all of it is new. It asks for nothing"


def _release_json(view: ReleaseView) -> dict[str, Any]:  # Any: JSON
    return {
        "artifact": view.artifact,
        "version": view.version,
        "kind": view.kind,
        "title": view.title,
        "description": view.description,
        "author": view.author,
        "license": view.license,
        "private": view.private,
        "official": view.official,
        "imported": view.imported,
        "manifest": view.manifest,
        "signatures": list(view.signatures),
        "signed_by": list(view.signed_by),
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
_SAID = {"flag": "flagged", "objection": "objected to"}


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
        yield f"    {statement.path}, signed by {', '.join(statement.signed_by) or 'nobody'}{too(statement)}"
        yield from (f"    {one}" for one in statement.changes)
        yield from (f"      | {one}" for one in statement.details)
    yield from _findings_text(view)
    yield ""
    for one in view.said:
        yield f"{_SAID[one.action].capitalize()} by {one.by} at {one.at} ({one.reason}): {one.note}"
    yield view.next
    yield from (f"  {one}" for one in view.why)


def _findings_text(view: Summary) -> Iterator[str]:
    shown = (*view.grave, *view.remarks)
    if shown or view.undecided or not view.findings:
        yield ""
        yield "Findings" if shown or view.undecided else "Findings: none"
    for finding in shown:
        place, waived = finding_place(finding), is_waived(finding)
        mark = "WAIVED" if waived else _MARKS[finding.level]
        yield f"  {mark:<6} {finding.check}: {place + ': ' if place else ''}{unprefixed(finding)}"
        yield from (f"         {line}" for line in (() if waived else finding.hint.splitlines()))
    yield from (f"  UNDECIDED {one}" for one in view.undecided)


def _release_text(view: ReleaseView) -> Iterator[str]:
    yield f"{view.artifact}@{view.version}"
    if not view.manifest:
        yield "  its manifest cannot be read"
        return
    yield f"  {view.kind}: {view.title} ({view.license})"
    yield f"  {cut(view.description)}"
    yield f"  by {view.author}, signed by {', '.join(view.signed_by) or 'nobody'}"
    yield from (f"  {word}" + (f" from {view.imported}" if word == "imported" else "") for word in marks(view))
    yield from _may_text(view)
    yield f"  {files_words(view)}"
    shown = [file for file in view.diff.files if file.change != "same"]
    for file in shown[:SHOWN_FILES]:
        program = ", program" if file.executable else ""
        note = f", {file.note}" if file.note else ""
        yield f"    {file.change:<8} {file.path} ({size_words(file.size)}{program}{note})"
    if len(shown) > SHOWN_FILES:
        yield f"    and {len(shown) - SHOWN_FILES} more"
    yield f"  manifest {view.manifest}"
    if view.diff.lines:
        yield "  Difference:"
        yield from (f"    {line}" for line in view.diff.lines)
    if view.diff.left_off:
        yield f"    and more in {count(view.diff.left_off, 'file')} that is not shown here"


def _may_text(view: ReleaseView) -> Iterator[str]:
    """What it newly may, then what it may as before; of a first version all of it."""
    if view.gained:
        yield f"  NEW since {view.previous}:" if view.previous else "  The first version, so all of it is NEW:"
        yield from (f"    {gain}" for gain in view.gained)
    else:
        yield f"  {asks_nothing(view)}{f' since {view.previous}' if view.previous else ''}."
    before = [one for one in view.permissions if not one.new]
    if before:
        yield "  As before it may:"
        yield from (f"    {one.words} ({one.permission})" for one in before)
