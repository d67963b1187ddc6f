"""What an installed gadget or blueprint looks like in a ggui app."""

import pytest

from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui.install import blueprint_files, blueprint_folder, gadget_row, replaced_faults, row_faults
from registry_tool.core.ggui.manifest import BlueprintManifest, GadgetManifest, read_manifest
from tests.core.wire_vectors import blueprint, gadget

URL = "https://example.org/bundles/public/@test-scope/demo-hook/1.0.0/bundle.js"
SRI = "sha384-" + "A" * 64
OTHER = "sha384-" + "B" * 64


def read_gadget(**members: Json) -> GadgetManifest:
    """A gadget's manifest."""
    found = read_manifest(gadget(**members))
    assert isinstance(found, GadgetManifest)
    return found


def read_blueprint(**members: Json) -> BlueprintManifest:
    """A blueprint's manifest."""
    found = read_manifest(blueprint(**members))
    assert isinstance(found, BlueprintManifest)
    return found


def test_a_gadgets_row_holds_what_the_app_needs_and_no_more() -> None:
    """The row has the client's members in its order; hosts, styles, peers, tags and authors stay out (G11)."""
    export = {"hook": "useDemo", "description": "d", "usage": "u", "example": None, "gotchas": "g"}
    manifest = read_gadget(
        exports=[export],
        connect=["https://api.example.org"],
        requires=["GGUI_PUBLIC_APP_KEY"],
        peerDeps={"three": "1"},
        bundleHost="cdn.example.org",
        style="a.css",
        tags=["t"],
        mcpTools=[{"tool": "t"}],
        author={"name": "N"},
    )
    expected = {
        "exports": [export],
        "package": "@test-scope/demo-hook",
        "version": "1.0.0",
        "bundleUrl": URL,
        "bundleSri": SRI,
        "connect": ["https://api.example.org"],
        "requires": ["GGUI_PUBLIC_APP_KEY"],
    }
    found = gadget_row(manifest, bundle_url=URL, bundle_sri=SRI)

    assert list(expected.items()) == list(found.items())


def test_a_row_leaves_out_what_the_manifest_does_not_say() -> None:
    """Neither `connect` nor `requires` is made up, and an empty list stays one."""
    assert ["exports", "package", "version", "bundleUrl", "bundleSri"] == list(
        gadget_row(read_gadget(), bundle_url=URL, bundle_sri=SRI)
    )
    assert [] == gadget_row(read_gadget(requires=[]), bundle_url=URL, bundle_sri=SRI)["requires"]


@pytest.mark.parametrize(
    ("url", "sri"),
    [("/bundle.js", SRI), ("javascript:alert(1)", SRI), (URL + " ", SRI), (URL, "sha256-AAAA"), (URL, SRI + "\n")],
)
def test_a_row_needs_an_absolute_address_and_an_integrity(url: str, sri: str) -> None:
    """What the client could not fetch or check is not written."""
    with pytest.raises(InvalidInput):
        gadget_row(read_gadget(), bundle_url=url, bundle_sri=sri)


def row(package: str, *hooks: str, version: str = "1.0.0", sri: str = SRI) -> dict[str, Json]:
    """A row, as far as the lints look at it."""
    return {"package": package, "version": version, "bundleSri": sri, "exports": [{"hook": hook} for hook in hooks]}


DUPLICATE, MUTATED, TWICE = (
    "LINT_GADGET_DUPLICATE_PACKAGE",
    "LINT_GADGET_IMMUTABLE_MUTATION",
    "LINT_GADGET_DUPLICATE_EXPORT_IN_CATALOG",
)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([row("@a/b", "useA"), row("@a/c", "useB")], []),
        ([row("@a/b", "useA"), row("@a/b", "useB")], [(DUPLICATE, "gadgets[1]")]),
        ([row("@a/b", "useA"), row("@a/b", sri=OTHER)], [(DUPLICATE, "gadgets[1]"), (MUTATED, "gadgets[1]")]),
        ([row("@a/b", "useA"), row("@a/b", version="2.0.0", sri=OTHER)], [(DUPLICATE, "gadgets[1]")]),
        ([row("@a/b", "useA"), row("@a/c", "useA")], [(TWICE, "gadgets[1]")]),
        ([row("@a/b", "useA", "useA")], [(TWICE, "gadgets[0]")]),
        ([row("@a/b", "useCamera")], [(TWICE, "gadgets[0]")]),
        ([row("@ggui-ai/gadgets", "useCamera")], []),
        ([{**row("@a/b"), "exports": [{"component": "Map"}, {"component": "Map"}]}], [(TWICE, "gadgets[0]")]),
        ([None, {}, {"package": 1}, {"package": "@a/b", "exports": "x"}, {"package": "@a/c", "exports": [1]}], []),
    ],
)
def test_rows_that_break_the_app_are_told(rows: list[Json], expected: list[tuple[str, str]]) -> None:
    """The client's fatal lints are found, under its codes, at the later of two rows."""
    assert expected == [(fault.code, fault.path) for fault in row_faults(rows)]


@pytest.mark.parametrize(
    ("old", "expected"),
    [([row("@a/b", sri=OTHER)], [MUTATED]), ([row("@a/b")], []), ([row("@a/b", version="0.9.0", sri=OTHER)], [])],
)
def test_a_version_never_changes_its_bytes(old: list[Json], expected: list[str]) -> None:
    """A row may take the place of its package's row, unless it is the same version with another integrity."""
    assert expected == [fault.code for fault in replaced_faults([row("@x/y"), *old], row("@a/b", "useA"))]


def test_a_blueprint_without_contract_installs_nothing() -> None:
    """No contract, no files."""
    assert {} == blueprint_files(read_blueprint())


@pytest.mark.parametrize("words", [{}, {"description": "caf\u00e9"}])
def test_a_blueprints_files_are_the_clients(words: dict[str, str]) -> None:
    """The source is there to the byte, and the card has the client's members in its order (G12)."""
    source = "export default () => '\u00fc\u2028';"
    manifest = read_blueprint(source=source, contract={"z": {}, "propsSpec": {"properties": {}}}, **words)
    description = '  "description": "caf\u00e9",\n' if words else ""
    card = (
        '{\n  "id": "test-scope:demo-card:1.0.0",\n  "name": "@test-scope/demo-card",\n'
        + description
        + '  "contract": {\n'
        '    "z": {},\n    "propsSpec": {\n      "properties": {}\n    }\n  }\n}\n'
    )

    assert {"index.tsx": source.encode(), "ggui.ui.json": card.encode()} == blueprint_files(manifest)
    assert "test-scope__demo-card__1.0.0" == blueprint_folder(manifest)
