"""Themes: which stylesheet it is, what it says, and how it is installed."""

import json

import pytest

from registry_tool.core.card import Card
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import Place, PutTree, SetMember
from registry_tool.kinds.theme import KIND
from tests.kinds.releases import verified_of

ROOT = ":root{--a:1}"


def payload_of(**files: str) -> Payload:
    """A payload; `_` in a name stands for a dot, `__` for a slash."""
    return {name.replace("__", "/").replace("_", "."): PayloadFile(text.encode()) for name, text in files.items()}


@pytest.mark.parametrize(
    ("payload", "entry", "expected"),
    [
        (payload_of(theme_css=ROOT, other_css=ROOT), None, "theme.css"),
        (payload_of(theme_css=ROOT, other_css=ROOT), "other.css", "other.css"),
        (payload_of(a_css=ROOT, b_css=ROOT, package_json='{"style": "./b.css"}'), None, "b.css"),
        (payload_of(a_css=ROOT, dist__b_css=ROOT, package_json='{"style": "none.css"}'), None, "a.css"),
        (payload_of(css__a_css=ROOT), None, "css/a.css"),
    ],
)
def test_the_stylesheet_is_found(payload: Payload, entry: str | None, expected: str) -> None:
    """The card, the usual name, package.json, then the only one decide."""
    reading = KIND.read(payload, Card(entry=entry) if entry else Card())

    assert expected == reading.spec["entry"]
    assert [finding for finding in reading.findings if finding.level == "fail"] == []


@pytest.mark.parametrize(
    ("payload", "entry", "hint"),
    [
        (payload_of(a_css=ROOT, b_css=ROOT), None, "write one of: entry: a.css, entry: b.css"),
        (payload_of(a_css=ROOT), "b.css", "write one of: entry: a.css"),
        (payload_of(a_css=ROOT, a_js=""), "a.js", "write one of: entry: a.css"),
        (payload_of(readme_md="x"), None, "add a theme.css with: :root { --color-text: #222 }"),
    ],
)
def test_a_folder_that_does_not_say_its_stylesheet_is_refused(payload: Payload, entry: str | None, hint: str) -> None:
    """The hint is the line to write."""
    findings = KIND.read(payload, Card(entry=entry) if entry else Card()).findings

    assert [("theme-entry", "fail", hint)] == [(finding.check, finding.level, finding.hint) for finding in findings]


def test_a_reading_says_what_the_theme_is() -> None:
    """Counts, files and schemes stand in the spec; package.json proposes the rest; nothing is needed."""
    payload = payload_of(
        theme_css="@import 'm.css';@media (prefers-color-scheme: dark){:root{--a:url(b.png);--c:1}}",
        m_css=ROOT,
        b_png="",
        package_json=json.dumps({"name": "@acme/solar", "version": "1.0.0", "license": "MIT"}),
    )

    reading = KIND.read(payload, Card())

    assert reading.findings == ()
    assert reading.needs == ()
    assert reading.fields == {"name": "solar", "version": "1.0.0", "title": "solar", "license": "MIT"}
    assert reading.spec == {
        "entry": "theme.css",
        "properties": 2,
        "assets": ["b.png", "m.css"],
        "schemes": ["dark"],
        "native_name": "@acme/solar",
    }


@pytest.mark.parametrize(
    ("css", "checks"),
    [
        ("", ["theme-empty"]),
        (":root{color-scheme:dark}", ["theme-empty"]),
        ("body{color:red}", ["theme-css"]),
    ],
)
def test_a_theme_sets_custom_properties(css: str, checks: list[str]) -> None:
    """One without any is refused; one with another fault is told that fault."""
    findings = KIND.read(payload_of(theme_css=css), Card()).findings

    assert checks == [finding.check for finding in findings if finding.level == "fail"]


def test_stylesheets_that_are_not_loaded_are_told() -> None:
    """A person hears that the rest was not looked at; it refuses nothing."""
    findings = KIND.read(payload_of(theme_css=ROOT, x_css="@import '//evil.example'"), Card()).findings

    assert [("theme-other", "note")] == [(finding.check, finding.level) for finding in findings]


def test_a_theme_is_granted_nothing() -> None:
    """Whatever it asks for is refused, with the line to write (M5)."""
    findings = KIND.grammar.findings(["network"], kind="theme")

    assert [finding.hint for finding in findings] == ["remove it: permissions: []"]


def test_a_theme_is_installed_beside_the_others() -> None:
    """Its files lie in a folder of its own, and the index that dashboards read has a row for it (G8)."""
    verified = verified_of(KIND, KIND.template(parse_artifact("@acme/solar")), name="solar")

    plan = KIND.plan(verified, Place())

    row = {"id": "@acme/solar", "version": "1.0.0", "title": "A thing", "entry": "acme__solar/theme.css"}
    assert plan.steps == (
        PutTree("themes/acme__solar", verified.payload),
        SetMember("themes/index.json", ("themes",), "acme__solar", row),
    )
    assert "themes/acme__solar/theme.css" in plan.notes[0]
