"""Annotations for a job: every line is a command of ours, and nothing foreign begins another."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.findings import Finding, Level
from registry_tool.core.reports.annotations import annotation, folder_annotations, to_annotations
from registry_tool.core.reports.sarif import to_sarif
from registry_tool.core.review import Check, Report
from tests.builders import RegistryInMemory
from tests.checks.changes import change, skill
from tests.checks.fixtures import update

COMMAND = re.compile(r"::(?:error|warning|notice) (?:[a-z]+=[^:,\r\n]*)(?:,[a-z]+=[^:,\r\n]*)*::[^\r\n]*")


@pytest.mark.parametrize(
    ("level", "path", "line", "expected"),
    [
        ("fail", "a.md", 3, "::error file=a.md,line=3,title=names::no%25%0Ahint"),
        ("review", "a,b:c.md", None, "::warning file=a%2Cb%3Ac.md,title=names::no%25%0Ahint"),
        ("warn", "", 3, "::warning title=names::no%25%0Ahint"),
        ("note", "a\u202e\n.md", None, "::notice file=a\\u{202e}\\u{a}.md,title=names::no%25%0Ahint"),
    ],
)
def test_a_finding_is_one_command(level: Level, path: str, line: int | None, expected: str) -> None:
    """Level, place, title and words stand where the runner looks, with what would end them escaped."""
    assert expected == annotation(level, "names", "no%\nhint", path=path, line=line)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_foreign_words_begin_no_command(path: str, title: str, message: str) -> None:
    """Whatever paths, ids and messages hold, what is printed is exactly one command."""
    said = annotation("fail", f"t{title}", message, path=path, line=1)

    assert COMMAND.fullmatch(said)
    assert 1 == len(said.splitlines())


def test_a_submission_is_annotated_where_its_files_lie() -> None:
    """A payload file is told at its blob, under its own name; the verdict is the last line."""
    made = update()
    findings = (
        Finding("secrets", "fail", "this is a token", "@ann/links@1.0.1: SKILL.md", "remove it", 2),
        Finding("gained", "review", "newly: x", "@ann/links@1.0.1"),
        Finding("one-author", "note", "somebody"),
    )
    lines = to_annotations(Report(made, findings)).splitlines()

    assert re.fullmatch(
        r"::error file=index/releases/an/ann/links/blobs/../[0-9a-f]{64},line=2,title=secrets"
        r"::@ann/links@1\.0\.1: SKILL\.md: this is a token%0Aremove it",
        lines[0],
    )
    assert lines[1].startswith("::warning file=index/releases/an/ann/links/1.0.1/release.json,title=gained (review)::")
    assert "::notice title=one-author::somebody" == lines[2]
    assert "::error title=registry%3A fail::It cannot be taken in: mend what fails, and publish it again." == lines[3]


def test_a_folder_is_annotated_where_its_author_has_it() -> None:
    """Paths are those that the caller gives; what could not be decided is an error of nobody's file."""
    rows = [(Finding("license", "warn", "few know it", "artifact.yaml", "", 1), "skills/pdf/artifact.yaml")]

    assert (
        "::warning file=skills/pdf/artifact.yaml,line=1,title=license::few know it\n"
        "::error title=undecided::names: no answer\n"
        "::error title=registry%3A undecided::It could not be decided; that is not the author's fault. Run it again.\n"
    ) == folder_annotations(rows, "undecided", ["names: no answer"])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (b"url: https://registry.example/\n", "https://registry.example/about/checks/"),
        (b"name: No address\n", None),
        (b"url: [\n", None),
    ],
)
def test_a_rule_leads_to_its_page(table: bytes, expected: str | None) -> None:
    """SARIF links each rule to the page of checks of the registry's own site, where it has one."""

    def tip(registry: RegistryInMemory) -> None:
        registry.files["index/registry.yaml"] = table

    made = change(lambda registry: skill(registry, "1.0.1"), tip=tip)
    check = replace(Check("secrets", 34, "T", "W.", "fail", lambda change: ()), tells=("leak",))
    report = Report(made, (Finding("leak", "fail", "a token"), Finding("else", "fail", "x")))
    rules = to_sarif(report, [check], version="1")["runs"][0]["tool"]["driver"]["rules"]

    assert [("else", None), ("leak", expected), ("secrets", expected)] == [
        (rule["id"], rule.get("helpUri")) for rule in rules
    ]
    assert "T." == rules[1]["shortDescription"]["text"]
