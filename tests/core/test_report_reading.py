"""A report of somebody else's run: read strictly, and shown so that nothing in it is alive."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import PayloadFile
from registry_tool.core.reports.diff import diff
from registry_tool.core.reports.markdown import MARKDOWN_CHARACTERS, summary_markdown
from registry_tool.core.reports.plain import summary, to_json
from registry_tool.core.reports.reading import NOTES, REPORT_BYTES, read_report
from registry_tool.core.review import Report, review
from tests.core.test_report import ALIVE, REPORTS
from tests.reports.inert import alive

WORDS = {*NOTES, "pass", "review", "fail", "undecided", "warn", "note", "new", "same", "changed", "removed", "added"}


def written(name: str) -> tuple[Report, dict[str, Any]]:
    """A report and its JSON."""
    report = review(REPORTS[name](), all_checks())
    return report, json.loads(json.dumps(to_json(report)))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_what_was_written_is_read(name: str) -> None:
    """The summary is the same, and so is the Markdown; members that are not known here change nothing."""
    report, value = written(name)
    value |= {"newer": {"deep": [1.5, None]}}
    value["releases"][0]["newer"] = 7

    found = read_report(json.dumps(value, indent=2).encode())

    assert replace(summary(report), why=()) == replace(found, why=())
    assert summary_markdown(summary(report)) == summary_markdown(replace(found, why=summary(report).why))


def test_why_it_takes_people_is_read() -> None:
    """Where the report says it; one that says nothing of it needs nothing there."""
    _, value = written("update")

    for need, why in (({"why": ["one", "two"]}, ("one", "two")), ({}, ()), (None, ()), (4, ())):
        assert why == read_report(json.dumps({**value, "need": need}).encode()).why
    value.pop("need", None)
    assert () == read_report(json.dumps(value).encode()).why


def test_what_is_said_of_a_file_is_what_we_say() -> None:
    """Every note that a difference has is known here, and any other is refused: it would be shown as prose."""
    was, program = PayloadFile(b"text"), PayloadFile(b"\0", executable=True)
    before, after = {"a": was, "b": program, "c": program}, {"a": program, "b": was, "d": program, "e": was}
    files = diff(before, after, first="", lines=0).files
    assert NOTES == {note for file in files for note in file.note.split(", ")}

    _, value = written("update")
    value["releases"][0]["files"][0]["note"] = "not text, **approved** by @ann"
    with pytest.raises(InvalidInput, match=r"never says: '\*\*approved\*\* by @ann'") as refused:
        read_report(json.dumps(value).encode())
    assert "bad-report" == refused.value.code


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda value: value.update(verdict="approved"), "verdict"),
        (lambda value: value.update(submission=5), "submission"),
        (lambda value: value.update(next=None), "next"),
        (lambda value: value.pop("findings"), "findings"),
        (lambda value: value.update(findings={}), "findings"),
        (lambda value: value.update(undecided=[1]), "undecided[0]"),
        (lambda value: value.update(releases="all"), "releases"),
        (lambda value: value.update(releases=["one"]), "releases[0]"),
        (lambda value: value["releases"][0].pop("diff"), "releases[0].diff.lines"),
        (lambda value: value["releases"][0].update(diff_left_off="0"), "releases[0].diff.left_off"),
        (lambda value: value["releases"][0]["files"][0].update(change="**ok**"), "releases[0].diff.files[0].change"),
        (lambda value: value["releases"][0]["permissions"].append({}), "releases[0].permissions[1].permission"),
        (lambda value: value["findings"][0].update(level="fine"), "findings[0].level"),
        (lambda value: value["findings"][0].update(line="1"), "findings[0].line"),
        (lambda value: value.update(need={"why": "because"}), "why"),
    ],
)
def test_a_member_that_is_not_so_is_refused_by_its_name(change: Change, place: str) -> None:
    """Nothing is guessed, and the hint says what writes such a report."""
    _, value = written("update")
    change(value)

    with pytest.raises(InvalidInput) as refused:
        read_report(json.dumps(value).encode())
    assert ("bad-report", True) == (refused.value.code, "--format json" in refused.value.hint)
    assert place in {one.message.partition(": ")[0] for one in refused.value.findings}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[]", "bad-report"),
        (b"", "not-canonical"),
        (b'{"verdict": "pass", "verdict": "fail"}', "not-canonical"),
        (b'{"a": ' * 40 + b"1" + b"}" * 40, "not-canonical"),
        (b'{"next": "\\ud800"}', "not-canonical"),
        (b" " * (REPORT_BYTES + 1), "too-large"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, code: str) -> None:
    """Before anything in it is looked at."""
    with pytest.raises(InvalidInput) as refused:
        read_report(data)
    assert code == refused.value.code


def test_nothing_in_a_forged_report_is_alive() -> None:
    """Every text of it may try to speak for the registry; none becomes a mention, a link, a heading or HTML."""
    _, value = written("hostile")
    value |= {"need": {"why": [ALIVE, "# Approved", "ok: registry queue approve x`\n\n@ann"]}, "undecided": [ALIVE]}
    value["statements"] = [{"path": "p", "words": "w", "signatures": ["s"]}]
    forged = _spoiled(value)

    markdown = summary_markdown(read_report(json.dumps(forged).encode()), foreign=True)

    assert [] == alive(markdown)
    assert 3 == len(re.findall("^###", markdown, re.MULTILINE))


def test_a_flood_stays_within_a_comment() -> None:
    """However much of everything somebody writes, the comment has room for it."""
    _, value = written("hostile")
    many = ["\u202e" * 300] * 2000
    value |= {"need": {"why": many}, "undecided": many, "next": many[0] * 20}
    value["releases"] = value["releases"] * 400
    value["findings"] = value["findings"] * 400
    value["statements"] = [{"path": "p", "words": many[0], "signatures": many[:50]}] * 20

    markdown = summary_markdown(read_report(json.dumps(value, ensure_ascii=False).encode()), foreign=True)

    assert len(markdown) <= MARKDOWN_CHARACTERS


def _spoiled(value: Any) -> Any:  # Any: JSON
    """The same JSON with every text that may be anything made hostile."""
    if isinstance(value, dict):
        return {name: _spoiled(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_spoiled(member) for member in value]
    return f"{ALIVE}\n# {value}\n```\n@ann" if isinstance(value, str) and value not in WORDS else value
