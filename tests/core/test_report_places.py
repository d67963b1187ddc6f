"""Where a finding's place lies in the repository, SARIF, and the words of a report."""

import re
from typing import Final

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.findings import Finding
from registry_tool.core.gained import gain_words
from registry_tool.core.places import repository_path
from registry_tool.core.reports.sarif import to_sarif
from registry_tool.core.reports.words import permission_words, size_words, visible
from registry_tool.core.review import Report
from tests.checks.changes import KINDS, with_candidate
from tests.checks.fixtures import update

CHECKS: Final = all_checks()
PLACES: Final = (
    ("@ann/links@1.0.1", "release.json"),
    ("@ann/links@1.0.1: SKILL.md", "/blobs/"),
    ("@ann/links@1.0.1: gone.md", "release.json"),
    ("index/policy/2.json", "index/policy/2.json"),
    ("", ""),
)


@pytest.mark.parametrize(("path", "expected"), PLACES)
def test_a_place_has_a_path_in_the_repository(path: str, expected: str) -> None:
    """A payload's file lies in its blob, a release in its pointer, all else where it says."""
    assert expected in repository_path(update(), path)


def test_a_place_in_an_unreadable_release_is_its_pointer() -> None:
    """Without a manifest nobody knows the blob."""
    made = with_candidate(update(), manifest=None)

    assert repository_path(made, "@ann/links@1.0.1: SKILL.md").endswith("1.0.1/release.json")


def test_a_sarif_log_has_the_form_that_the_standard_demands() -> None:
    """Version, rules, indices, levels, addresses and lines are as SARIF 2.1.0 wants them."""
    finding = Finding("names", "warn", "odd\u202e name", "@ann/links@1.0.1: SKILL.md", "one\n two", 3)
    log = to_sarif(Report(update(), (finding, Finding("new", "note", "x"))), CHECKS, version="1.2.3")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    told, bare = run["results"]

    assert ("2.1.0", 1) == (log["version"], len(log["runs"]))
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert ("warning", "odd\\u{202e} name. one two") == (told["level"], told["message"]["text"])
    place = told["locations"][0]
    assert {"startLine": 3} == place["physicalLocation"]["region"]
    assert re.fullmatch(r"[A-Za-z0-9/._@-]+", place["physicalLocation"]["artifactLocation"]["uri"])
    assert "@ann/links@1.0.1: SKILL.md" == place["logicalLocations"][0]["fullyQualifiedName"]
    assert "locations" not in bare


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        ("permission network:h.example", "may reach h.example (network:h.example)"),
        ("unpinned npm x", "fetches npm x later without a digest"),
        ("permission fly", "asks for fly, which this tool does not know"),
        ("executable run.sh", "installs run.sh as a program"),
        ("dependency @a/b ^1", "depends on @a/b ^1"),
        ("surprise {rest}", "surprise {rest}"),
    ],
)
def test_gains_have_words(gain: str, expected: str) -> None:
    """Each sort of gain is told in words, an unknown one as it is."""
    assert expected == gain_words(gain, KINDS["skill"])


def test_an_unknown_permission_says_so() -> None:
    """What a kind does not know, or no kind, is told as unknown."""
    assert "not known to this tool" == permission_words("fly", KINDS["skill"])
    assert "not known to this tool" == permission_words("network", None)


@pytest.mark.parametrize(("size", "expected"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (5_500_000, "5.5 MB")])
def test_sizes_have_units(size: int, expected: str) -> None:
    """Bytes are told in the unit that people read."""
    assert expected == size_words(size)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("ä\t", "ä\t"),
        ("\x1b[31m", "\\u{1b}[31m"),
        ("\u2800\ufe0f\u3164", "\\u{2800}\\u{fe0f}\\u{3164}"),
    ],
)
def test_nothing_stays_invisible(text: str, expected: str) -> None:
    """Controls, selectors and empty letters are written out; a tab stays."""
    assert expected == visible(text)
