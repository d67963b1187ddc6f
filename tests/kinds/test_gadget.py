"""Gadgets: one ES module, what is read of it, what the ggui wire gets, and what installing writes."""

import json
import re
from collections.abc import Mapping

import pytest

from registry_tool.core.canonical import Json
from registry_tool.core.describe import Said
from registry_tool.core.digest import sri
from registry_tool.core.errors import InvalidInput, StateForbids, WrongUsage
from registry_tool.core.ggui.manifest import read_manifest
from registry_tool.core.kind import Reading
from registry_tool.core.names import parse_artifact
from registry_tool.core.native.gadget_module import bundling
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import Place, PutTree, SetRow
from registry_tool.kinds.gadget import KIND, wire_manifest_of, wire_payload
from tests.kinds.folders import described, fails, files
from tests.kinds.releases import card_of, manifest_of, verified_of

ADDRESS = "https://registry.example.org/"
MODULE = 'import { useState } from "react";\r\nexport const useDemo = () => useState(0);\n'
EXPORT = {"hook": "useDemo", "description": "A demo.", "usage": "useDemo()", "example": None}


def native(**members: Json) -> dict[str, Json]:
    """A full ggui.gadget.json with `members` put over it."""
    base = {"kind": "gadget", "scope": "@acme", "name": "thing", "version": "1.0.0", "visibility": "public"}
    more = {"description": "What it is.", "license": "MIT", "bundle": "./src/index.js", "exports": [EXPORT]}
    return {**base, **more, **members}


def gadget(module: str | bytes = MODULE, card: str = "", **members: Json) -> Payload:
    """A gadget's folder."""
    return files(ggui_gadget_json=native(**members), src__index_js=module, **({"artifact_yaml": card} if card else {}))


def read(payload: Payload) -> Reading:
    """What everybody reads of it."""
    return KIND.read(payload, card_of(payload))


def test_a_gadget_is_read_from_its_own_file() -> None:
    """Id, texts and links are proposed, and the spec holds what reviewers and the gallery need (G1)."""
    payload = gadget(
        tags=["time", "a-b"],
        homepage="https://example.org/",
        mcpTools=[{"tool": "t", "server": "s"}],
        peerDeps={"three": "^0.170"},
        requires=["GGUI_PUBLIC_APP_B", "GGUI_PUBLIC_APP_A"],
        connect=["https://api.example.org/v1"],
        exports=[{**EXPORT, "example": {"a": [1.5]}, "gotchas": "g"}, {**EXPORT, "hook": "useOther", "example": "x"}],
    )
    module = MODULE + "export const useOther = 1;"
    payload = {**payload, "src/index.js": PayloadFile(module.encode())}
    reading = read(payload)

    assert reading.findings == ()
    assert reading.fields == {
        "id": "@acme/thing",
        "name": "thing",
        "version": "1.0.0",
        "visibility": "public",
        "description": "What it is.",
        "license": "MIT",
        "tags": ["a-b", "time"],
        "links": {"homepage": "https://example.org/"},
    }
    assert reading.spec == {
        "native_name": "thing",
        "entry": "src/index.js",
        "exports": [
            {**EXPORT, "example": '{"a":[1.5]}', "gotchas": "g"},
            {**EXPORT, "hook": "useOther", "example": "x"},
        ],
        "hooks": ["useDemo", "useOther"],
        "peerDeps": {"three": "^0.170"},
        "requires": ["GGUI_PUBLIC_APP_A", "GGUI_PUBLIC_APP_B"],
        "connect": ["https://api.example.org/v1"],
        "mcpTools": [{"tool": "t", "server": "s"}],
        "sri": {"src/index.js": sri(module.encode())},
    }
    assert reading.needs == ("connect:https://api.example.org",)


def test_a_template_is_described_without_a_remark() -> None:
    """What `create` writes gives a manifest, and nothing is to be said about it."""
    found = described(KIND, KIND.template(parse_artifact("@acme/thing")))

    assert found.findings == ()
    assert found.manifest is not None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (files(ggui_gadget_json="{"), ("ggui-json", "ggui.gadget.json")),
        (files(ggui_gadget_json="[]"), ("ggui-json", "ggui.gadget.json")),
        (files(ggui_gadget_json='{"a": 1, "a": 2}'), ("ggui-json", "ggui.gadget.json")),
        (gadget(kind="blueprint"), ("ggui-json", "ggui.gadget.json")),
        (gadget(surprise=1), ("wire-manifest", "ggui.gadget.json")),
        (gadget(scope=1, tags="x"), ("wire-manifest", "ggui.gadget.json")),
        (gadget(version="1.0.0-a-b"), ("wire-manifest", "ggui.gadget.json")),
        (gadget(card="version: 1.0.0-a-b"), ("wire-manifest", "ggui.gadget.json")),
        (gadget(bundle="dist/index.js"), ("gadget-entry", "ggui.gadget.json")),
        (gadget(card="entry: no.js"), ("gadget-entry", "ggui.gadget.json")),
        (gadget(b"\xff"), ("gadget-module", "src/index.js")),
        (gadget("export const ="), ("gadget-module", "src/index.js")),
        (gadget("export const useDemo: number = 1"), ("gadget-source", "src/index.js")),
        (gadget("export const useDemo = () => <div/>"), ("gadget-source", "src/index.js")),
        (gadget('import "./other.js"; export const useDemo = 1'), ("gate-disallowed-import", "src/index.js")),
        (gadget("export const useDemo = (x) => import(x)"), ("gate-disallowed-import", "src/index.js")),
        (gadget("export const useDemo = () => eval('1')"), ("gate-disallowed-import", "src/index.js")),
        (gadget("export const useDemo = new Function('1')"), ("gate-disallowed-import", "src/index.js")),
        (gadget('export const useDemo = require("react")'), ("ggui-require", "src/index.js")),
        (gadget("export const useOther = 1"), ("gate-missing-default-export", "src/index.js")),
        (
            gadget("export const useCamera = 1", exports=[{**EXPORT, "hook": "useCamera"}]),
            ("gadget-clash", "ggui.gadget.json"),
        ),
        (gadget(connect=["http://api.example.org"]), ("connect", "ggui.gadget.json")),
        (gadget(exports=[{**EXPORT, "gotchas": "x" * 65536}]), ("ggui-size", "ggui.gadget.json")),
        (files(unrelated_bin="1"), ("gadget-entry", "artifact.yaml")),
        (files(artifact_yaml="entry: i.ts", i_ts="type A = 1"), ("gadget-source", "i.ts")),
        (files(artifact_yaml="entry: i.js", i_js="module.exports = { useX() {} }"), ("gadget-exports", "i.js")),
        (
            files(artifact_yaml="{entry: i.js, version: 1.0.0-a-b}", i_js="export const useX = 1"),
            ("gate-manifest-invalid", "artifact.yaml"),
        ),
    ],
)
def test_a_fault_is_one_finding_with_what_to_do(payload: Payload, expected: tuple[str, str]) -> None:
    """Each bad gadget is refused for one reason, at its file, with a hint (G5)."""
    findings = [one for one in read(payload).findings if one.level == "fail"]

    assert [expected] == fails(KIND, payload)
    assert all(one.message and (one.hint or one.check == "wire-manifest") for one in findings)


def test_source_is_refused_with_the_line_that_compiles_it() -> None:
    """TypeScript is refused with an esbuild command whose path is quoted for a shell, and where to name the output."""
    finding = read(files(artifact_yaml='entry: "a b;c.ts"', **{"a b;c_ts": "let a: number"})).findings[0]

    assert "esbuild 'a b;c.ts' --bundle --format=esm" in finding.hint
    assert "entry: dist/gadget.js" in finding.hint
    assert "--outfile=dist/module.js" in bundling("dist/gadget.js")


def test_one_fault_of_the_file_hides_no_id() -> None:
    """A file with a broken export still says its id, so that nobody is asked for it."""
    found = described(KIND, gadget(exports=[]))

    assert found.missing == ()
    assert [one.check for one in found.findings] == ["wire-manifest"]


@pytest.mark.parametrize(
    ("members", "check", "level"),
    [
        ({"tags": ["-x", "good"]}, "ggui-tag", "warn"),
        ({"homepage": "http://example.org"}, "ggui-homepage", "warn"),
        ({"style": "no.css"}, "gadget-style", "warn"),
        ({"style": "./src/index.js"}, "gadget-style", "note"),
    ],
)
def test_what_is_harmless_is_told_and_passes(members: Mapping[str, Json], check: str, level: str) -> None:
    """What foreign readers take and we leave out is said, and refuses nothing."""
    found = described(KIND, gadget(**members))

    assert [(check, level)] == [(one.check, one.level) for one in found.findings]
    assert found.manifest is not None


def test_the_card_says_what_the_file_leaves_open() -> None:
    """Without scope, name, version and visibility in the file, artifact.yaml says them, and the wire gets them."""
    value = {key: member for key, member in native().items() if key in ("exports", "bundle")}
    card = 'id: "@acme/thing"\nversion: 2.0.0\ndescription: D\nlicense: MIT\nentry: ./src/index.js\ntags: [a]\n'
    payload = files(ggui_gadget_json=value, src__index_js=MODULE, artifact_yaml=card)
    found = described(KIND, payload)

    assert found.findings == ()
    assert found.manifest is not None
    assert wire_manifest_of(found.manifest, payload) == native(
        version="2.0.0", description="D", tags=["a"], bundle="src/index.js"
    )


def test_what_was_signed_stands_over_what_the_file_says() -> None:
    """The wire says the id, version, texts and licence that the author signed, not those of the file."""
    payload = gadget(license="ISC", tags=["z", "a"], card="description: Ours.\nlicense: MIT\ntags: [more]\n")
    found = described(KIND, payload, Said(author="ann", artifact="@ann/mine", version="3.0.0"))
    assert found.manifest is not None
    wired = wire_manifest_of(found.manifest, payload)

    assert {"scope": "@ann", "name": "mine", "version": "3.0.0"}.items() <= wired.items()
    assert {"description": "Ours.", "license": "MIT", "tags": ["a", "more", "z"]}.items() <= wired.items()


def test_a_module_alone_is_described_by_its_exports() -> None:
    """A module of the kind that people have, without our file, is a gadget of its hooks and components."""
    package = {
        "name": "use-demo",
        "version": "10.0.4",
        "description": "d" * 400,
        "module": "./dist/index.mjs",
        "peerDependencies": {"react": "*", "three": ">=0.1", "odd": 1},
    }
    module = MODULE + 'import "three"; export const VERSION = "1"; export class Demo {}; export const helper = 1;'
    payload = files(artifact_yaml="{kind: gadget, license: MIT}", package_json=package, dist__index_mjs=module)
    found = described(KIND, payload, Said(author="ann", scope="acme"))

    assert found.findings == ()
    assert found.manifest is not None
    assert found.manifest.spec["exports"] == [{"component": "Demo"}, {"hook": "useDemo"}]
    assert found.manifest.spec["peerDeps"] == {"react": "*", "three": ">=0.1"}
    wired = wire_manifest_of(found.manifest, payload)
    assert read_manifest(wired).artifact_id == "@acme/use-demo"
    assert wired["description"] == "d" * 279 + "…"
    assert wired["exports"][1] == {
        "hook": "useDemo",
        "description": "use-demo",
        "usage": 'import { useDemo } from "@acme/use-demo"',
        "example": None,
    }


@pytest.mark.parametrize("package", ["{", "[]", '{"peerDependencies": 1}', "[" * 9999])
def test_a_broken_package_json_refuses_nothing(package: str) -> None:
    """A file that is no gadget's own cannot make a good module a bad one."""
    payload = files(artifact_yaml="entry: i.js", i_js=MODULE, package_json=package)

    assert fails(KIND, payload) == []
    assert read(payload).spec["peerDeps"] == {}
    manifest = verified_of(KIND, payload).manifest
    assert "peerDeps" not in wire_manifest_of(manifest, payload)


def test_a_description_is_cut_between_characters() -> None:
    """The wire counts UTF-16 units, so a text of emoji is cut at half as many."""
    payload = gadget(card="description: " + "🌍" * 200)
    manifest = manifest_of(KIND, payload, scope="acme", name="thing", spec=read(payload).spec, permissions=())
    value = {key: member for key, member in native().items() if key != "description"}
    payload = {**payload, "ggui.gadget.json": PayloadFile(json.dumps(value).encode())}
    long = manifest.model_copy(update={"description": "🌍" * 200})

    assert wire_manifest_of(long, payload)["description"] == "🌍" * 139 + "…"


def test_a_long_description_leaves_the_wire_the_author_s_short_one() -> None:
    """Where ours does not fit on the wire, the file's own stays."""
    payload = gadget(card="description: " + "d" * 300)
    found = described(KIND, payload)
    assert found.manifest is not None

    assert wire_manifest_of(found.manifest, payload)["description"] == "What it is."


def test_permissions_stand_in_for_addresses_that_the_file_does_not_list() -> None:
    """What was granted is what the app is told to allow, unless the file lists it."""
    payload = gadget(card='permissions: ["connect:https://api.example.org:8443"]')
    found = described(KIND, payload)
    assert found.manifest is not None

    assert wire_manifest_of(found.manifest, payload)["connect"] == ["https://api.example.org:8443"]


def test_a_gadget_that_asks_for_too_little_is_refused() -> None:
    """An address in `connect` without its permission gives the line to add."""
    found = described(KIND, gadget(card="permissions: []", connect=["https://api.example.org"]))

    assert [one.check for one in found.findings] == ["permission-needed"]


def test_the_wire_signs_the_module_alone() -> None:
    """The signature covers exactly the module's bytes, CRLF included (G5)."""
    verified = verified_of(KIND, gadget())

    assert wire_payload(verified.manifest, verified.payload) == MODULE.encode()
    assert KIND.wire is wire_payload


def test_a_version_that_no_client_installs_is_not_signed() -> None:
    """A version from a flag that the wire cannot install is refused before anything is signed."""
    found = described(KIND, gadget(), Said(author="ann", version="1.0.0-a-b"))
    assert found.manifest is not None

    with pytest.raises(InvalidInput, match="hyphen"):
        wire_payload(found.manifest, found.payload)


def test_a_broken_file_is_not_sent() -> None:
    """A payload whose file is not JSON has no form on the wire."""
    manifest = verified_of(KIND, gadget()).manifest

    with pytest.raises(InvalidInput, match="not JSON"):
        wire_manifest_of(manifest, files(ggui_gadget_json="{", src__index_js=MODULE))


def test_an_install_is_a_row_and_a_copy() -> None:
    """The row has the public address and the integrity of the verified bytes; the copy has all files (G8, G11)."""
    payload = gadget(requires=["GGUI_PUBLIC_APP_KEY"], connect=["https://api.example.org"])
    plan = KIND.plan(verified_of(KIND, payload), Place(address=ADDRESS))
    row = {
        "exports": [EXPORT],
        "package": "@acme/thing",
        "version": "1.0.0",
        "bundleUrl": f"{ADDRESS}bundles/public/@acme/thing/1.0.0/bundle.js",
        "bundleSri": sri(MODULE.encode()),
        "connect": ["https://api.example.org"],
        "requires": ["GGUI_PUBLIC_APP_KEY"],
    }

    assert plan.steps == (
        PutTree(".ggui/installed-gadgets/acme__thing__1.0.0", payload),
        SetRow("ggui.json", ("app", "gadgets"), "package", row),
    )
    assert plan.seen_by == ("ggui",)
    assert plan.notes == ("Set GGUI_PUBLIC_APP_KEY in app.publicEnv of ggui.json before the gadget is used.",)


def test_a_registry_without_an_address_installs_no_gadget() -> None:
    """A row needs an address that a browser can load from; without one nothing is planned."""
    with pytest.raises(StateForbids, match="public address"):
        KIND.plan(verified_of(KIND, gadget()), Place())


def test_a_gadget_keeps_its_name() -> None:
    """`--name` is refused: apps import a gadget by its id."""
    with pytest.raises(WrongUsage, match="called 'other'"):
        KIND.plan(verified_of(KIND, gadget()), Place(address=ADDRESS, name="other"))


def test_what_people_read_says_none_of_three_words() -> None:
    """No title, summary, finding or hint of a gadget says plugin, library or package (G1)."""
    payloads = [gadget(kind="x"), gadget(bundle="x"), gadget("export const =")]
    payloads += [gadget('import "x"'), gadget("let a: b"), files(a="")]
    findings = [one for payload in payloads for one in read(payload).findings]
    words = [KIND.title, KIND.summary, *(f"{one.message} {one.hint}" for one in findings)]

    assert [text for text in words if re.search(r"\b(plugin|library|package)s?\b", text, re.IGNORECASE)] == []
