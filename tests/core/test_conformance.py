"""The conformance gate, against what the ggui client's gate answers."""

import pytest

from registry_tool.core.canonical import Json
from registry_tool.core.ggui.conformance import conformance
from registry_tool.core.limits import WIRE_BUNDLE_BYTES
from tests.core.wire_vectors import blueprint, gadget, named, vectors

STRICTER = {
    # The client does not look at re-exports: they load a module just as an import does.
    "export * from evil + named": ["disallowed_import"],
    # The client passes `eval` and `new Function`: they run text that nobody can look at. `fetch` stays free.
    "eval/fetch": ["disallowed_import", "disallowed_import"],
}
"""What we answer where the client's gate has a hole. Nothing else may differ."""

HOOK = "export const useDemo = 1;"
SHIM = (
    "var __require = ((x) => typeof require !== 'undefined' ? require : typeof Proxy !== 'undefined' ? new Proxy(x, {"
    "get: (a, b) => (typeof require !== 'undefined' ? require : a)[b]}) : x)(function(x) {"
    "if (typeof require !== 'undefined') return require.apply(this, arguments);"
    "throw Error('Dynamic require of \"' + x + '\" is not supported');});"
)
"""What bundlers put before code that was CommonJS."""


def codes_of(manifest: Json, bundle: str | None) -> list[str]:
    """The gate's answer as words."""
    return [fault.code for fault in conformance(manifest, bundle)]


@pytest.mark.parametrize("case", vectors("conformance-cases"), ids=named)
def test_the_gate_answers_as_the_clients(case: Json) -> None:
    """Codes and their order are as recorded, but for the table above (G6)."""
    found = codes_of(case["request"]["manifest"], case["request"].get("bundle"))

    assert STRICTER.get(case["name"], case["codes"]) == found


@pytest.mark.parametrize(
    "case",
    [case for case in vectors("conformance-cases") if case["details"] and case["name"] not in STRICTER],
    ids=named,
)
def test_a_fault_has_the_clients_line(case: Json) -> None:
    """Where the client tells a line, ours is the same."""
    faults = conformance(case["request"]["manifest"], case["request"].get("bundle"))

    for detail, fault in zip(case["details"], faults, strict=True):
        assert detail.get("line") == fault.line


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        (None, ["bundle_parse_error"]),
        ("", ["bundle_parse_error"]),
        ("export const useDemo = <a/>", ["bundle_parse_error"]),
        ("export enum useDemo {}", ["bundle_parse_error"]),
        ("export const useDemo = x as any", ["bundle_parse_error"]),
        ("export function useDemo(a?) {}", ["bundle_parse_error"]),
        ("import type a from 'react'; " + HOOK, ["bundle_parse_error"]),
        ("interface A {} " + HOOK, ["bundle_parse_error"]),
        ("<!-- x\n" + HOOK, ["bundle_parse_error"]),
        ("if (a) { import 'react' } " + HOOK, ["bundle_parse_error"]),
        (HOOK + "'\ud800'", ["bundle_parse_error"]),
        (HOOK + "//" + "x" * WIRE_BUNDLE_BYTES, ["bundle_parse_error"]),
        ("f(a<b,c>(d)); " + HOOK, []),
        (SHIM + HOOK, []),
        (SHIM + "__require('react');" + HOOK, []),
        ("export * from 'react'; " + HOOK, []),
        ("export { x as useDemo } from 'evil'", ["disallowed_import"]),
        ("require('react'); " + HOOK, []),
        ("require('evil'); " + HOOK, ["disallowed_import"]),
        ("require(x); " + HOOK, ["disallowed_import"]),
        ("import(`react`); " + HOOK, []),
        ("import(`re${x}`); " + HOOK, ["disallowed_import"]),
        ("import('re\\u0061ct'); " + HOOK, ["disallowed_import"]),
        ("import 're\\u0061ct'; " + HOOK, ["disallowed_import"]),
        ("globalThis.eval(x); " + HOOK, ["disallowed_import"]),
        ("a\n<!--b,import('evil')\n" + HOOK, ["disallowed_import"]),
        ("import('evil'); import 'worse'", ["disallowed_import", "disallowed_import", "missing_default_export"]),
        ("import 'three'; import 'three/x'; import '@a/b/c'; " + HOOK, []),
        ("import 'three/../evil'; import '@a/b/../evil'; " + HOOK, ["disallowed_import"] * 2),
        ("import 'thre'; import '@a/x'; import 'https://evil.example.org/x.js'; " + HOOK, ["disallowed_import"] * 3),
    ],
)
def test_a_bundle_is_what_it_says_or_is_refused(bundle: str | None, expected: list[str]) -> None:
    """Types, hidden imports and code from text are refused; what bundlers write passes."""
    manifest = gadget(peerDeps={"three": "1", "@a/b": "1", "https://evil.example.org/x.js": "1"})

    assert expected == codes_of(manifest, bundle)


def test_static_imports_are_told_before_dynamic_ones() -> None:
    """The client looks at static imports first, whatever the order of the text."""
    found = conformance(gadget(), "import('evil');\nimport 'worse';\n" + HOOK)

    assert [2, 1] == [fault.line for fault in found]


def test_every_declared_export_must_be_there() -> None:
    """Each one that is missing is told by itself; `export default` stands for all."""
    base = {"description": "d", "usage": "u", "example": 1}
    manifest = gadget(exports=[{"hook": "useA", **base}, {"component": "Map", **base}])

    assert ["missing_default_export"] * 2 == codes_of(manifest, "export const useB = 1")
    assert ["missing_default_export"] == codes_of(manifest, "const q = 1; export { q as Map }")
    assert [] == codes_of(manifest, "export default {}")


REQUIRED = {"propsSpec": {"properties": {"a": {"schema": {}, "required": True}, "b": {"schema": {}}}}}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"source": "export const A = 1"}, ["blueprint_missing_default_export"]),
        ({"source": "x" * (WIRE_BUNDLE_BYTES + 1)}, ["blueprint_source_too_large"]),
        ({"source": "export default <a>"}, ["blueprint_compile_error"]),
        ({"source": "/** @jsxImportSource evil */ export default () => <a/>"}, ["blueprint_disallowed_import"]),
        ({"source": "/** @jsxImportSource react */ export default () => <a/>"}, []),
        ({"source": "// plain\nexport default () => <a/>"}, []),
        ({"source": "export * from 'evil'; export default 1"}, ["blueprint_disallowed_import"]),
        ({"source": "import x = require('evil'); export default 1"}, ["blueprint_disallowed_import"]),
        ({"source": "(eval as any)('x'); export default 1"}, ["blueprint_disallowed_import"]),
        ({"source": "import a from 'evil'", "contract": REQUIRED, "fixtureProps": {}}, [
            "blueprint_disallowed_import", "blueprint_missing_default_export", "fixture_props_shape_mismatch"]),
        ({"contract": REQUIRED, "fixtureProps": {"a": None}}, []),
        ({"contract": REQUIRED, "fixtureProps": None}, ["fixture_props_shape_mismatch"]),
        ({"contract": REQUIRED}, []),
        ({"contract": {}, "fixtureProps": 1}, []),
    ],
)  # fmt: skip
def test_a_blueprint_is_what_it_says_or_is_refused(members: dict[str, Json], expected: list[str]) -> None:
    """Size and syntax end the look; imports, the default export and fixture properties are told together."""
    assert expected == codes_of(blueprint(**members), None)


def test_every_fault_of_a_manifest_is_told() -> None:
    """The gate gives each fault of the manifest its own entry and place."""
    found = conformance(gadget(name="X", extra=1), HOOK)

    assert [("manifest_invalid", "name"), ("manifest_invalid", "extra")] == [(one.code, one.path) for one in found]
