"""A report as a comment in a forge, in which nothing that others wrote is alive.

Foreign text stands in code spans and fenced blocks only: forges make no mentions, links, pictures,
issue numbers or HTML of what stands there. A span or fence is longer than any in what it holds, and
what cannot be seen is written out. The only HTML is ours: a block that folds a difference away.

    verdict ─▶ what is needed ─▶ who said what ─▶ findings ─▶ statements ─▶ releases: what is new, who signs, files
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from registry_tool.core.findings import Finding
from registry_tool.core.reports.plain import (
    SHOWN_FILES,
    asks_nothing,
    count,
    cut,
    files_words,
    finding_place,
    marks,
    too,
    unprefixed,
)
from registry_tool.core.reports.view import ReleaseView, Said, StatementView, Summary, is_waived, summary
from registry_tool.core.reports.words import size_words, visible
from registry_tool.core.review import Report

MARKDOWN_CHARACTERS: Final = 60_000  # GitHub takes 65,536 in a comment
FOLDED_LINES: Final = 40
"""A difference of more lines is folded away: some screens of a first version would hide what follows."""
_FINDINGS_CHARACTERS: Final = 20_000
_STATEMENTS_CHARACTERS: Final = 18_000
_WHY_CHARACTERS: Final = 6_000
_REMARKS_CHARACTERS: Final = 4_000
_FINDINGS: Final = 100
_ROWS: Final = 100
_SPAN_CHARACTERS: Final = 1000
_VERDICTS: Final = {
    "pass": "✅ Nothing stands against it",
    "review": "👀 A person has to look",
    "fail": "❌ It cannot be taken in",
    "undecided": "⏳ Undecided",
}
_FLAGGED: Final = "🚩 Somebody asks for a second look"
_OBJECTED: Final = "✋ Somebody objects: nobody lands it"
_SAID: Final = {"flag": "flagged", "objection": "objected to"}
_MORE: Final = "- and more, for which there is no room here"


def to_markdown(report: Report) -> str:
    """The report as GitHub-flavoured Markdown, at most 60,000 characters.

    Where there is too much, differences are left off first, then whole releases; it says so.
    """
    return summary_markdown(summary(report))


def summary_markdown(view: Summary, *, foreign: bool = False) -> str:
    """The same of a summary; of a `foreign` one, which somebody else wrote, no sentence is ours."""
    top = "\n".join(_top(view, foreign=foreign))
    findings = _within(_findings(view), _FINDINGS_CHARACTERS)
    body = "\n".join((*findings, *_within(_statements(view), _STATEMENTS_CHARACTERS)))
    tail = "\n".join((*_within(_remarks(view.remarks), _REMARKS_CHARACTERS), "", _last(view)))
    room = MARKDOWN_CHARACTERS - len(top) - len(body) - len(tail) - 200
    parts = [one for one in (top, body, *_releases(view, room), tail) if one]
    return "\n".join(parts) + "\n"


def span(text: str) -> str:
    """`text` as a code span on one line, in which nothing is alive."""
    shown = visible(text).replace("\t", " ")
    if len(shown) > _SPAN_CHARACTERS:
        shown = shown[:_SPAN_CHARACTERS] + "…"
    if not shown.strip():
        return "(nothing)"
    ticks = "`" * (_longest(shown) + 1)
    # A renderer takes one space away at both ends, where both have one (CommonMark 6.1).
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: tuple[str, ...], info: str) -> Iterator[str]:
    """`lines` as a fenced block that they cannot end."""
    ticks = "`" * max(3, max(map(_longest, lines), default=0) + 1)
    yield f"{ticks}{info}"
    yield from map(visible, lines)
    yield ticks


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _sentence(text: str) -> str:
    """Our own sentence, with the command behind its colon as code."""
    words, colon, command = text.partition(": registry ")
    return f"{words}: {span('registry ' + command)}" if colon else text


def _within(lines: Iterable[str], room: int) -> Iterator[str]:
    """As many of `lines` as fit into `room`; each stands by itself."""
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            yield _MORE
            return
        yield line


def _spans(texts: Sequence[str], nothing: str) -> str:
    """Several texts in one line, the first twenty of them."""
    more = f" and {len(texts) - 20} more" if len(texts) > 20 else ""
    return ", ".join(span(cut(one)) for one in texts[:20]) + more or nothing


def _top(view: Summary, *, foreign: bool) -> Iterator[str]:
    """The verdict, and what is needed now."""
    actions = {one.action for one in view.said}
    yield f"### {_OBJECTED if 'objection' in actions else _FLAGGED if 'flag' in actions else _VERDICTS[view.verdict]}"
    yield ""
    yield span(view.next) if foreign else _sentence(view.next)
    if view.demonstration:
        yield ""
        yield "This registry is a demonstration: its keys are published, trust nothing in it."
    if view.said:
        yield ""
        yield from _within((_said(one) for one in view.said), _WHY_CHARACTERS)
    if view.why:
        yield ""
        yield from _within((f"- {span(cut(one))}" for one in view.why), _WHY_CHARACTERS)


def _said(one: Said) -> str:
    who = f"by {span(cut(one.by))}, {span(one.at)}, {span(one.reason)}"
    return f"- **{_SAID[one.action]}** {who}: {span(cut(one.note))}"


def _findings(view: Summary) -> Iterator[str]:
    """How much it is, and what the checks say."""
    if len(view.releases) > 1:
        beside = f" and {count(len(view.statements), 'statement')}" if view.statements else ""
        yield ""
        yield f"It brings {count(len(view.releases), 'release')}{beside}."
    if view.grave or view.undecided:
        yield ""
        yield "**Findings**"
        yield ""
    for finding in view.grave[:_FINDINGS]:
        yield from _finding(finding)
    if len(view.grave) > _FINDINGS:
        yield f"- and {len(view.grave) - _FINDINGS} more"
    yield from (f"- **undecided** {span(cut(one))}" for one in view.undecided[:_FINDINGS])


def _statements(view: Summary) -> Iterator[str]:
    """What is signed beside releases."""
    if view.statements:
        yield ""
        yield "**Statements**"
        yield ""
    for statement in view.statements[:_ROWS]:
        yield "\n".join(_statement(statement))
    if len(view.statements) > _ROWS:
        yield f"- and {len(view.statements) - _ROWS} more"


def _finding(finding: Finding) -> Iterator[str]:
    """One finding with its place and what mends it; of a waived one nothing is to be mended."""
    place, waived = finding_place(finding), is_waived(finding)
    where = f" in {span(cut(place))}" if place else ""
    # What a waiver lifts stands behind its reason, and both are to be read.
    message = unprefixed(finding) if waived else cut(finding.message)
    yield f"- **{'waived' if waived else finding.level}** {span(message)}{where} ({span(finding.check)})"
    lines = () if waived else finding.hint.splitlines()[:10]
    yield from (f"  - {span(cut(line))}" for line in lines if line.strip())


def _statement(one: StatementView) -> Iterator[str]:
    yield f"- {span(one.words)}, signed by {_spans(one.signed_by, 'nobody')}{too(one)}"
    if one.details:
        yield from (f"  {line}" for line in fence(tuple(cut(visible(line)) for line in one.details), "text"))
    yield from (f"  - {span(cut(row))}" for row in one.changes)


def _remarks(findings: Sequence[Finding]) -> Iterator[str]:
    """What decides nothing."""
    if findings:
        yield ""
        yield "Remarks:"
        yield ""
    for finding in findings[:_FINDINGS]:
        yield from _finding(finding)


def _last(view: Summary) -> str:
    return f"Submission {span(view.submission[:12])}"


def _releases(view: Summary, room: int) -> Iterator[str]:
    """As many releases as fit into `room`, then as many of their differences."""
    shown: list[tuple[ReleaseView, str]] = []
    # Who mends it has the files; who decides need not read what fails.
    most = 0 if view.verdict == "fail" else FOLDED_LINES
    for release in view.releases:
        short = "\n".join((*_release(release), *_folded(release, (), most)))
        if len(short) < room:
            room -= len(short) + 1
            shown.append((release, short))
    for release, short in shown:
        whole = "\n".join((*_release(release), *_folded(release, release.diff.lines, most)))
        if len(whole) - len(short) <= room:
            room -= len(whole) - len(short)
            yield whole
        else:
            yield short
    if len(shown) < len(view.releases):
        left_off = count(len(view.releases) - len(shown), "release")
        yield f"\nThere is no room here for {left_off} more; `registry queue show` has all of it."


def _release(view: ReleaseView) -> Iterator[str]:
    """What a release is, what it newly may, and who signs it."""
    yield ""
    yield f"#### {span(f'{view.artifact}@{view.version}')}"
    yield ""
    if not view.manifest:
        yield "Its manifest cannot be read."
        return
    a = "an" if view.kind[:1] in ("a", "e", "i", "o", "u") else "a"
    yield f"{span(view.title)}, {a} {span(view.kind)} by {span(view.author)}: {span(cut(view.description))}"
    yield ""
    yield from _may(view)
    yield ""
    told = [f"**{one}**" + (f" from {span(view.imported)}" if one == "imported" else "") for one in marks(view)]
    yield f"Signed by {_spans(view.signed_by, 'nobody')}. Licence {span(view.license)}." + "".join(
        f" {one}." for one in told
    )


def _may(view: ReleaseView) -> Iterator[str]:
    """What it newly may comes first, what it may as before stands in one line; of a first version all is new."""
    since = f" since {span(view.previous)}" if view.previous else ""
    if view.gained:
        yield f"**New**{since}:" if since else "The first version, so all of it is **new**:"
        yield ""
        yield from (f"- {span(gain)}" for gain in view.gained[:_ROWS])
        if len(view.gained) > _ROWS:
            yield f"- and {len(view.gained) - _ROWS} more"
    else:
        yield f"{asks_nothing(view)}{since}."
    before = [f"{one.words} ({one.permission})" for one in view.permissions if not one.new]
    if before:
        yield ""
        yield f"As before it may {_spans(before, '')}."


def _folded(view: ReleaseView, lines: tuple[str, ...], most: int) -> Iterator[str]:
    """The files and their difference, in a block that is folded where it has more than `most` lines."""
    if not view.manifest or not view.diff.files:
        yield from ("", "Its files cannot be read.") if view.manifest else ()
        return
    shown = [file for file in view.diff.files if file.change != "same"]
    yield ""
    yield f"<details{'' if len(lines) > most else ' open'}><summary>{files_words(view)}</summary>"
    yield ""
    for file in shown[:SHOWN_FILES]:
        program = ", a program" if file.executable else ""
        note = f", {file.note}" if file.note else ""
        yield f"- {file.change} {span(file.path)}, {size_words(file.size)}{program}{note}"
    if len(shown) > SHOWN_FILES:
        yield f"- and {len(shown) - SHOWN_FILES} more"
    if shown:
        yield ""
    if lines:
        yield from fence(lines, "diff")
        yield ""
    if view.diff.left_off or (view.diff.lines and not lines):
        yield "Not all of the difference is shown here; `registry queue show` has more."
        yield ""
    yield f"Manifest {span(view.manifest)}"
    yield ""
    yield "</details>"
