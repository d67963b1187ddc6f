"""A report as GitHub's workflow commands, which a job prints and the pull request shows beside its files.

    ::error file=skills/pdf/SKILL.md,line=3,title=agent-text::it tells an agent to …%0Aread the sentence

A runner obeys lines that begin so, wherever they come from. So each line here begins with our own command, foreign
text stands behind it with everything escaped that could end it, and nothing else is printed.
(docs.github.com, "Workflow commands", "Setting a notice, warning or error message".)
"""

from collections.abc import Iterable, Iterator
from typing import Final

from registry_tool.core.findings import Finding, Level
from registry_tool.core.places import repository_path
from registry_tool.core.reports.words import visible
from registry_tool.core.review import Report, Verdict

_COMMANDS: Final[dict[Level, str]] = {"fail": "error", "review": "warning", "warn": "warning", "note": "notice"}
_VERDICTS: Final[dict[Verdict, tuple[Level, str]]] = {
    "pass": ("note", "Nothing stands against it."),
    "review": ("note", "A person looks at what is marked review."),
    "fail": ("fail", "It cannot be taken in: mend what fails, and publish it again."),
    "undecided": ("fail", "It could not be decided; that is not the author's fault. Run it again."),
}


def to_annotations(report: Report) -> str:
    """The report on a submission, each finding at its path in the registry's repository; ends with the verdict."""
    rows = ((one, repository_path(report.change, one.path)) for one in report.findings)
    return "\n".join([*_lines(rows), *_rest(report.verdict, report.undecided)]) + "\n"


def folder_annotations(rows: Iterable[tuple[Finding, str]], verdict: Verdict, undecided: Iterable[str]) -> str:
    """Findings with the path of each in the author's own checkout, and the verdict."""
    return "\n".join([*_lines(rows), *_rest(verdict, undecided)]) + "\n"


def annotation(level: Level, title: str, message: str, *, path: str = "", line: int | None = None) -> str:
    """One workflow command on one line; nothing in its words can end it or begin another."""
    places = [f"file={_member(path)}"] if path else []
    places += [f"line={line}"] if path and line else []
    body = "\n".join(visible(one) for one in message.splitlines())
    return f"::{_COMMANDS[level]} {','.join([*places, f'title={_member(title)}'])}::{_data(body)}"


def _lines(rows: Iterable[tuple[Finding, str]]) -> Iterator[str]:
    for finding, path in rows:
        about = "" if path.endswith(finding.path) else finding.path
        words = f"{about}: {finding.message}" if about else finding.message
        title = f"{finding.check} (review)" if finding.level == "review" else finding.check
        yield annotation(finding.level, title, f"{words}\n{finding.hint}".strip(), path=path, line=finding.line)


def _rest(verdict: Verdict, undecided: Iterable[str]) -> Iterator[str]:
    yield from (annotation("fail", "undecided", one) for one in undecided)
    level, words = _VERDICTS[verdict]
    yield annotation(level, f"registry: {verdict}", words)


def _data(text: str) -> str:
    """Text behind the command: what the runner unescapes again (`escapeData` of its toolkit)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _member(text: str) -> str:
    """Text of a property (`escapeProperty`), which a comma or colon would end; invisible characters written out."""
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
