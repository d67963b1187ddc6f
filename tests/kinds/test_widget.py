"""Widgets: which modules a browser loads, what they ask for, and how they are installed."""

import pytest

from registry_tool.core.card import Card
from registry_tool.core.digest import sri
from registry_tool.core.kind import Reading
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import Place, PutTree, SetMember
from registry_tool.kinds.widget import KIND, covers
from tests.kinds.releases import verified_of

MOUNT = "export function mount(root, host) {}\n"


def payload_of(files: dict[str, str]) -> Payload:
    """A payload of these texts."""
    return {path: PayloadFile(text.encode()) for path, text in files.items()}


def reading_of(source: str, **more: str) -> Reading:
    """What a widget with this module says, beside `a.js`, `b.js`, …"""
    return KIND.read(payload_of({"widget.js": source, **{f"{name}.js": text for name, text in more.items()}}), Card())


@pytest.mark.parametrize(
    ("files", "entry", "expected"),
    [
        ({"widget.js": MOUNT, "index.js": MOUNT}, None, "widget.js"),
        ({"index.mjs": MOUNT}, None, "index.mjs"),
        ({"dist/index.js": MOUNT, "src/a.ts": ""}, None, "dist/index.js"),
        ({"lib/w.mjs": MOUNT, "index.js": MOUNT, "package.json": '{"module": "./lib/w.mjs"}'}, None, "lib/w.mjs"),
        ({"lib/w.js": MOUNT, "index.js": MOUNT}, "lib/w.js", "lib/w.js"),
        ({"index.js": "export default { mount() {} }", "package.json": '{"module": "none.js"}'}, None, "index.js"),
    ],
)
def test_the_module_is_found(files: dict[str, str], entry: str | None, expected: str) -> None:
    """The card, package.json, then the usual names decide."""
    reading = KIND.read(payload_of(files), Card(entry=entry) if entry else Card())

    assert expected == reading.spec["entry"]
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("files", "entry", "hint"),
    [
        ({"a.js": MOUNT, "b.mjs": MOUNT}, None, "write one of: entry: a.js, entry: b.mjs"),
        ({"src/widget.tsx": ""}, None, "bundle it into the file"),
        ({"src/widget.tsx": ""}, "src/widget.tsx", "compiled already?"),
        ({"a.js": MOUNT}, "b.js", "compiled already?"),
    ],
)
def test_a_folder_that_does_not_say_its_module_is_refused(files: dict[str, str], entry: str | None, hint: str) -> None:
    """The hint is the line to write, or how to compile."""
    finding = KIND.read(payload_of(files), Card(entry=entry) if entry else Card()).findings[0]

    assert ("widget-entry", "fail") == (finding.check, finding.level)
    assert finding.hint.startswith(hint)


def test_every_module_that_a_browser_loads_is_hashed() -> None:
    """Static, re-exported and dynamic imports are followed once each, from their own folder."""
    files = {
        "dist/index.js": "import './lib/a.js'; export * from './b.js'; import('./b.js');" + MOUNT,
        "dist/lib/a.js": "import * as b from '../b.js';",
        "dist/b.js": "export const b = 1;",
        "dist/unused.js": "no module at all (",
        "package.json": '{"name": "load"}',
    }

    reading = KIND.read(payload_of(files), Card())

    assert reading.findings == ()
    assert reading.spec == {
        "entry": "dist/index.js",
        "sri": {path: sri(files[path].encode()) for path in ("dist/b.js", "dist/index.js", "dist/lib/a.js")},
        "native_name": "load",
    }


@pytest.mark.parametrize(
    ("source", "check", "level", "words"),
    [
        ("import React from 'react';" + MOUNT, "widget-import", "fail", "'react'"),
        ("import './none.js';" + MOUNT, "widget-import", "fail", "'./none.js'"),
        ("import '../a.js';" + MOUNT, "widget-import", "fail", "'../a.js'"),
        ("import 'a.js';" + MOUNT, "widget-import", "fail", "'a.js'"),
        ("import 'https://evil.example/x.js';" + MOUNT, "widget-import", "fail", "evil.example"),
        ("import(window.name);" + MOUNT, "widget-code", "fail", "dynamic import"),
        ("const fs = require('fs');" + MOUNT, "widget-code", "fail", "require"),
        ("eval('1');" + MOUNT, "widget-code", "review", "eval"),
        ("new Function('1')();" + MOUNT, "widget-code", "review", "new Function"),
        ("export const x = 1;", "widget-mount", "fail", "neither mount nor a default"),
        ("export function mount(", "widget-module", "fail", "dist/widget.js"),
        ("const x = <b/>;" + MOUNT, "widget-module", "fail", "dist/widget.js"),
        ("host.read('Energy Solar');" + MOUNT, "widget-host", "fail", "'Energy Solar'"),
        ("host.read('energy.*');" + MOUNT, "widget-host", "fail", "'energy.*'"),
        ("host.every('100ms', f);" + MOUNT, "widget-host", "fail", "'100ms'"),
        ("root.innerHTML = x;" + MOUNT, "widget-markup", "warn", "innerHTML"),
        ("a.insertAdjacentHTML(x, y);" + MOUNT, "widget-markup", "warn", "insertAdjacentHTML"),
        ("document.write(x); a.outerHTML += b;" + MOUNT, "widget-markup", "warn", "document.write"),
    ],
)
def test_code_that_cannot_run_in_its_frame_is_told(source: str, check: str, level: str, words: str) -> None:
    """Foreign modules, code made at run time and wrong words for the host have a finding with a hint (G5)."""
    findings = [finding for finding in reading_of(source, a="").findings if finding.check == check]

    assert [(level, "widget.js")] == [(finding.level, finding.path) for finding in findings]
    assert words in findings[0].message + findings[0].hint


def test_bytes_that_are_no_text_are_refused() -> None:
    """A module is UTF-8."""
    findings = KIND.read({"widget.js": PayloadFile(b"\xff")}, Card()).findings

    assert [("widget-module", "save it as UTF-8")] == [(finding.check, finding.hint) for finding in findings]


def test_what_the_source_asks_its_host_for_is_needed() -> None:
    """Topics and intervals that stand there plainly are proposed, those in comments are not."""
    source = (
        'host.read("a.b"); host . subscribe(\'c.d\', f); host?.every(`30s`, f); a; // host.read("no")\n'
        ' * host.read("no")\n/* host.read("no") */\nhost.read(name); ghost.read("no"); host.read(`x${y}`);\n' + MOUNT
    )

    assert reading_of(source.replace(" * host", "// host")).needs == ("data:read.a.b", "data:read.c.d", "refresh:30s")
    assert KIND.read(payload_of({"widget.js": MOUNT, "a.js": 'host.read("x")'}), Card()).needs == ()


def test_text_that_is_read_or_only_talked_about_is_no_markup() -> None:
    """Comparing and reading are no writing, and comments are for people."""
    source = "// root.innerHTML = x\nif (a.innerHTML == b) c(a.outerHTML);\n" + MOUNT

    assert () == reading_of(source).findings


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("data:read.a", "data:read.a", True),
        ("data:read.a", "data:read.a.b", False),
        ("data:read.a.*", "data:read.a.b", True),
        ("data:read.a.*", "data:read.a.b.c", True),
        ("data:read.a.*", "data:read.a.b.*", True),
        ("data:read.a.*", "data:read.a", False),
        ("data:read.a.*", "data:read.ab.c", False),
        ("data:read.a.b.*", "data:read.a.*", False),
        ("data:read.*", "data:read.a.b", True),
        ("data:read.*", "data:read.a.*", True),
        ("data:read.*", "refresh:1s", False),
        ("refresh:30s", "refresh:1m", True),
        ("refresh:60s", "refresh:1m", True),
        ("refresh:1h", "refresh:59m", False),
        ("refresh:1s", "data:read.a", False),
    ],
)
def test_a_grant_covers_what_is_less(old: str, new: str, expected: bool) -> None:
    """A star covers all below it, an interval every longer one, and nothing else."""
    assert expected == covers(old, new)


def test_an_interval_is_at_most_a_day() -> None:
    """The refusal says so."""
    findings = KIND.grammar.findings(["refresh:1441m"], kind="widget")

    assert ["'refresh:1441m' cannot be granted: an interval is at most 24h"] == [
        finding.message for finding in findings
    ]


def test_a_widget_is_installed_beside_the_others() -> None:
    """Its files lie in a folder of its own; the index has entry, hashes and permissions for the page."""
    verified = verified_of(KIND, KIND.template(parse_artifact("@acme/load")), name="load")

    plan = KIND.plan(verified, Place())

    row = {
        "id": "@acme/load",
        "version": "1.0.0",
        "title": "A thing",
        "entry": "acme__load/widget.js",
        "sri": {"acme__load/widget.js": sri(verified.payload["widget.js"].data)},
        "permissions": ["data:read.metrics.load", "refresh:30s"],
    }
    assert plan.steps == (
        PutTree("widgets/acme__load", verified.payload),
        SetMember("widgets/index.json", ("widgets",), "acme__load", row),
    )
