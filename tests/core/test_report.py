"""Reports: the same story in four forms, in which nothing that others wrote is alive.

Golden files lie in `tests/golden`; `python -m tests.core.test_report` writes them anew, to be read.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.layout import statement_path
from registry_tool.core.payload import PayloadFile
from registry_tool.core.reports.markdown import MARKDOWN_CHARACTERS, fence, span, to_markdown
from registry_tool.core.reports.plain import summary, to_json, to_text
from registry_tool.core.reports.sarif import to_sarif
from registry_tool.core.review import Report, review
from tests.builders import RegistryInMemory
from tests.checks.changes import change, newcomer, skill, with_candidate
from tests.reports.inert import alive

GOLDEN: Final = Path(__file__).resolve().parent.parent / "golden"
CHECKS: Final = all_checks()
SCRIPT: Final = PayloadFile(b"#!/bin/sh\ncurl -s https://api.example.org/links\n", executable=True)
ALIVE: Final = "@ann #1 https://evil.example <img src=x> ![p](http://e.example/p.png) [l](http://e.example) `` ` \u202e"
TAKEOVER: Final = f"```\n````\n{ALIVE}\n</details>\n# Approved\n~~~\n".encode()


def updated() -> Change:
    """An update that asks for the network and brings a program."""
    more: dict[str, bytes | PayloadFile] = {
        "look.sh": SCRIPT,
        "SKILL.md": b"---\nname: links\ndescription: Finds all links.\n---\n\nRun look.sh.\n",
    }
    asked = ["network:api.example.org"]
    return change(lambda registry: skill(registry, "1.1.0", more, permissions=asked, title="Links"))


def first() -> Change:
    """An author's first submission."""

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry)
        skill(registry, "1.0.0", name="@bob/tables")

    return change(build)


def hostile() -> Change:
    """A release that tries to speak for the registry, beside one that cannot be read, in a demonstration."""

    def build(registry: RegistryInMemory) -> None:
        skill(registry, "1.1.0", {"a.md": TAKEOVER}, title=ALIVE, description=ALIVE, permissions=["fly`` @ann"])
        skill(registry, "1.2.0", change=lambda manifest: manifest.update(surprise=1))

    return replace(change(build), demonstration=True)


def passing() -> Change:
    """An update that asks for nothing new."""
    return change(lambda registry: skill(registry, "1.0.1"))


REPORTS: Final[Mapping[str, Callable[[], Change]]] = {
    "first": first,
    "hostile": hostile,
    "pass": passing,
    "update": updated,
}


def forms(name: str) -> dict[str, str]:
    """File name to text, for each form of a report; digests, which the tests' keys decide, left out."""
    report = review(REPORTS[name](), CHECKS)
    written = {
        "txt": to_text(report),
        "md": to_markdown(report),
        "json": json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n",
        "sarif.json": json.dumps(to_sarif(report, CHECKS, version="1.2.3"), indent=2, ensure_ascii=False) + "\n",
    }
    return {f"report-{name}.{form}": _without_digests(text) for form, text in written.items()}


def _without_digests(text: str) -> str:
    text = re.sub(r"/blobs/[0-9a-f]{2}/", "/blobs/xx/", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)
    return re.sub(r"\b(?:[0-9a-f]{16}|[0-9a-f]{12})\b", "ID", text)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_is_written_as_it_was(name: str) -> None:
    """Each form of each report equals its golden file."""
    written = forms(name)

    assert {path: (GOLDEN / path).read_text(encoding="utf-8") for path in written} == written


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_markdown_makes_nothing_alive(name: str) -> None:
    """No link, picture, HTML, heading or mention comes to life outside of code."""
    assert [] == alive(to_markdown(review(REPORTS[name](), CHECKS)))


def test_headings_are_ours() -> None:
    """A payload adds no heading to the comment."""
    headings = [line for line in to_markdown(review(hostile(), CHECKS)).splitlines() if line.startswith("# ")]

    assert [] == headings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a ", "` a  `"),
        ("``` x", "```` ``` x ````"),
        ("a\nb\tc", "`a\\u{a}b c`"),
        ("", "(nothing)"),
        ("  ", "(nothing)"),
        ("x" * 1001, f"`{'x' * 1000}…`"),
    ],
)
def test_a_span_holds_what_it_holds(text: str, expected: str) -> None:
    """A code span is longer than any run of backticks in it and stays on one line."""
    assert expected == span(text)


def test_a_fence_cannot_be_ended() -> None:
    """A fenced block is longer than any run of backticks in it."""
    assert ["`````diff", "````", "x", "`````"] == list(fence(("````", "x"), "diff"))
    assert ["```diff", "```"] == list(fence((), "diff"))


def test_a_comment_stays_within_its_size() -> None:
    """Differences are left off first, then releases, and the comment says so."""

    def build(registry: RegistryInMemory) -> None:
        lines = "".join(f"{number} {'x' * 150}\n" for number in range(250)).encode()
        asked = [f"network:{'a' * 60}.{'b' * 60}.{'c' * 60}.h{number:03}.example.org" for number in range(20)]
        for number in range(1, 5):
            skill(registry, f"1.{number}.0", {"long.md": lines}, permissions=asked)

    text = to_markdown(review(change(build), CHECKS))

    assert len(text) <= MARKDOWN_CHARACTERS
    assert "Not all of the difference is shown here" in text
    assert 4 == text.count("\n#### ")


def test_releases_without_room_are_counted() -> None:
    """Where not even what is new of all of them fits, the rest is counted."""

    def build(registry: RegistryInMemory) -> None:
        asked = [f"network:{'a' * 60}.{'b' * 60}.{'c' * 60}.h{number:03}.example.org" for number in range(100)]
        for number in range(1, 5):
            skill(registry, f"1.{number}.0", permissions=[*asked, "network:example.org"])

    text = to_markdown(review(change(build), CHECKS))

    assert len(text) <= MARKDOWN_CHARACTERS
    assert "- and 1 more\n" in text
    assert re.search(r"There is no room here for [123] releases? more", text)


def test_the_findings_of_a_comment_stay_within_their_size() -> None:
    """Findings with very long hints are cut where a comment has no more room for them."""
    findings = tuple(Finding("names", "fail", f"{number}", hint=f"{'x' * 300}\n\n" * 10) for number in range(50))
    text = to_markdown(Report(passing(), findings))

    assert len(text) <= MARKDOWN_CHARACTERS
    assert "- and more, for which there is no room here" in text
    assert "registry queue" not in text


def test_long_lists_are_cut() -> None:
    """Hundreds of findings, statements and files are counted, not listed; JSON has all of them."""

    def build(registry: RegistryInMemory) -> None:
        for number in range(101):
            registry.keyring(f"author-{number}", by=(f"author-{number} control",))
        skill(registry, "1.1.0", {f"f{number:03}~": b"x\n" for number in range(130)})

    made = change(build)
    report = Report(made, review(made, CHECKS).findings, ("names: no answer",))
    text, markdown = to_text(report), to_markdown(report)

    assert "    and 90 more\n" in text
    assert "- and 90 more\n" in markdown
    assert f"- and {len(summary(report).grave) - 100} more\n" in markdown
    assert "- and 1 more\n" in markdown
    assert "- **undecided** `names: no answer`" in markdown
    assert "  UNDECIDED names: no answer" in text
    assert 132 == len(to_json(report)["releases"][0]["files"])


def test_undecided_blocks_and_says_whose_fault_it_is() -> None:
    """A check that could not decide is told apart from the author's faults."""
    report = Report(passing(), (), ("names: no answer",))

    assert "A check could not decide; that is not the author's fault. Run it again." == summary(report).next
    assert not to_sarif(report, (), version="1")["runs"][0]["invocations"][0]["executionSuccessful"]


def test_what_is_next_follows_a_recovery() -> None:
    """Where something else is waited for than policy's approvals, the report says that."""
    report = Report(passing(), (), waits="A recovery; it waits: registry queue approve 1234")

    assert report.waits == summary(report).next
    assert report.waits in to_text(report)


@pytest.mark.parametrize("data", [None, b"{}"])
def test_without_policy_somebody_approves_by_hand(data: bytes | None) -> None:
    """Where no policy can be read, the report makes no number up."""

    def tip(registry: RegistryInMemory) -> None:
        del registry.files[statement_path("policy", 1)]
        if data is not None:
            registry.files[statement_path("policy", 1)] = data

    made = change(lambda registry: skill(registry, "1.0.1"), tip=tip)

    assert "it is approved by hand" in summary(Report(made, ())).next


def test_what_cannot_be_read_is_said() -> None:
    """A release without files, reading, kind, digest or signatures is still told."""
    made = with_candidate(updated(), payload=None, reading=None, kind=None, signatures={})
    text, markdown = to_text(Report(made, ())), to_markdown(Report(made, ()))

    assert "signed by nobody" in text
    assert "Signed by nobody." in markdown
    assert "removed" not in text


def test_a_statement_without_signatures_is_said_to_have_none() -> None:
    """A statement that nobody signed is told as such."""

    def build(registry: RegistryInMemory) -> None:
        registry.keyring("zoe", by=())

    report = Report(change(build), ())

    assert "signed by nobody" in to_text(report)
    assert "signed by nobody" in to_markdown(report)


if __name__ == "__main__":
    for report_name in REPORTS:
        for file_name, content in forms(report_name).items():
            (GOLDEN / file_name).write_text(content, encoding="utf-8")
