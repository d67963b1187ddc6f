"""A report as a comment in a forge, in which nothing that others wrote is alive.

Foreign text stands in code spans and fenced blocks only: forges make no mentions, links, pictures,
issue numbers or HTML of what stands there. A span or fence is longer than any in what it holds, and
what cannot be seen is written out.
"""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.findings import Finding
from registry_tool.core.reports.plain import SHOWN_FILES, ReleaseView, Summary, count, finding_place, summary
from registry_tool.core.reports.words import size_words, visible
from registry_tool.core.review import Report

MARKDOWN_CHARACTERS: Final = 60_000  # GitHub takes 65,536 in a comment
_HEAD_CHARACTERS: Final = 40_000
_FINDINGS: Final = 100
_ROWS: Final = 100
_SPAN_CHARACTERS: Final = 1000
_VERDICTS: Final = {
    "pass": "✅ Nothing stands against it",
    "review": "👀 A person has to look",
    "fail": "❌ It cannot be taken in",
    "undecided": "⏳ Undecided",
}


def to_markdown(report: Report) -> str:
    """The report as GitHub-flavoured Markdown, at most 60,000 characters.

    Where there is too much, differences are left off first, then whole releases; it says so.
    """
    view = summary(report)
    head = "\n".join(_within(_head(view), _HEAD_CHARACTERS))
    tail = f"\n\n{_sentence(view.next)}\n"
    room = MARKDOWN_CHARACTERS - len(head) - len(tail) - 200
    parts: list[str] = []
    left_off = 0
    for release in view.releases:
        whole, short = "\n".join(_release(release, diff=True)), "\n".join(_release(release, diff=False))
        part = next((part for part in (whole, short) if len(part) <= room), None)
        if part is None:
            left_off += 1
            continue
        room -= len(part) + 1
        parts.append(part)
    if left_off:
        parts.append(
            f"\nThere is no room here for {count(left_off, 'release')} more; `registry queue show` has all of it."
        )
    return "\n".join([head, *parts]) + tail


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


def _within(lines: Iterator[str], room: int) -> Iterator[str]:
    """As many of `lines` as fit into `room`; each stands by itself."""
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            yield "- and more, for which there is no room here"
            return
        yield line


def _head(view: Summary) -> Iterator[str]:
    yield f"### {_VERDICTS[view.verdict]}"
    yield ""
    yield f"Submission {span(view.submission[:12])}"
    if view.demonstration:
        yield ""
        yield "This registry is a demonstration: its keys are published, trust nothing in it."
    if view.statements:
        yield ""
        yield "**Statements**"
        yield ""
    for statement in view.statements[:_ROWS]:
        signed = ", ".join(map(span, statement.signatures)) or "nobody"
        yield f"- {span(statement.words)}, signed by {signed}"
    if len(view.statements) > _ROWS:
        yield f"- and {len(view.statements) - _ROWS} more"
    if view.findings or view.undecided:
        yield ""
        yield "**Findings**"
        yield ""
    for finding in view.findings[:_FINDINGS]:
        yield from _finding(finding)
    if len(view.findings) > _FINDINGS:
        yield f"- and {len(view.findings) - _FINDINGS} more"
    yield from (f"- **undecided** {span(one)}" for one in view.undecided[:_FINDINGS])


def _finding(finding: Finding) -> Iterator[str]:
    place = finding_place(finding)
    where = f" in {span(_cut(place))}" if place else ""
    yield f"- **{finding.level}** {span(finding.check)}{where}: {span(_cut(finding.message))}"
    yield from (f"  - {span(_cut(line))}" for line in finding.hint.splitlines()[:10] if line.strip())


def _cut(text: str) -> str:
    """What keeps a hundred findings within a comment."""
    return text if len(text) <= 200 else text[:200] + "…"


def _release(view: ReleaseView, *, diff: bool) -> Iterator[str]:
    yield ""
    yield f"#### {span(f'{view.artifact}@{view.version}')}"
    yield ""
    if not view.manifest:
        yield "Its manifest cannot be read."
        return
    signed = ", ".join(map(span, view.signatures)) or "no"
    yield f"{span(view.title)}, a {span(view.kind)} by {span(view.author)}, licence {span(view.license)}."
    yield f"Signed: {signed}."
    compared = f"compared with {span(view.previous)}" if view.previous else "the first version"
    yield f"Manifest {span(view.manifest)}, {compared}."
    yield ""
    yield "It may:" if view.permissions else "It may do nothing beyond what its kind does."
    yield ""
    for one in view.permissions[:_ROWS]:
        yield f"- {'**new** ' if one.new else ''}{span(one.words)} ({span(one.permission)})"
    if view.previous and view.gained:
        yield ""
        yield "Newly:"
        yield ""
        yield from (f"- {span(gain)}" for gain in view.gained[:_ROWS])
    yield ""
    yield from _files(view)
    if diff and view.diff.lines:
        yield ""
        yield from fence(view.diff.lines, "diff")
    if view.diff.left_off or (view.diff.lines and not diff):
        yield ""
        yield "Not all of the difference is shown here; `registry queue show` has more."


def _files(view: ReleaseView) -> Iterator[str]:
    yield f"{count(len(view.diff.files), 'file')}:"
    yield ""
    for file in view.diff.files[:SHOWN_FILES]:
        program = ", a program" if file.executable else ""
        note = f", {file.note}" if file.note else ""
        yield f"- {file.change} {span(file.path)}, {size_words(file.size)}{program}{note}"
    if len(view.diff.files) > SHOWN_FILES:
        yield f"- and {len(view.diff.files) - SHOWN_FILES} more"
