"""Blueprints: what is read of them, the one value that is signed for the ggui wire, and what installing writes."""

import json
import re
from collections.abc import Mapping

import pytest

from registry_tool.core.canonical import Json
from registry_tool.core.describe import Said
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.ggui import wire
from registry_tool.core.kind import Reading
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import AddItem, Place, PutTree
from registry_tool.kinds.blueprint import KIND, wire_manifest_of, wire_payload
from tests.kinds.folders import described, fails, files
from tests.kinds.releases import card_of, verified_of

SOURCE = "export default function Card({ a }: { a: string }) {\r\n  return <p>{a}</p>;\r\n}\n"
CONTRACT: dict[str, Json] = {
    "propsSpec": {"properties": {"b": {"schema": {"default": 0.5}, "sourceTool": "t"}, "a": {"schema": {}}}},
    "actionSpec": {"go": {"label": "Go"}},
    "streamSpec": {"s": {"schema": {}}},
    "contextSpec": {"c": {"schema": {}}},
    "agentCapabilities": {"tools": {"get": {"toolInfo": {"inputSchema": {}}}}},
    "clientCapabilities": {"gadgets": {"@ggui-ai/gadgets": {"useCamera": {}}, "@acme/map": {"useMap": {}, "Map": {}}}},
}
PLAIN: dict[str, Json] = {"propsSpec": {"properties": {}}}


def native(**members: Json) -> dict[str, Json]:
    """A ggui.blueprint.json that says everything but source and contract, with `members` put over it."""
    base = {"kind": "blueprint", "scope": "@acme", "name": "thing", "version": "1.0.0", "visibility": "public"}
    return {**base, "description": "What it is.", "license": "MIT", **members}


def blueprint(
    source: str | bytes = SOURCE, contract: Mapping[str, Json] | str = PLAIN, card: str = "", **members: Json
) -> Payload:
    """A blueprint's folder, its source and contract in files of their own."""
    own = files(ggui_blueprint_json=native(**members), src__blueprint_tsx=source, contract_json=contract)
    return {**own, **files(artifact_yaml=card)} if card else own


def read(payload: Payload) -> Reading:
    """What everybody reads of it."""
    return KIND.read(payload, card_of(payload))


def test_a_blueprint_is_read_from_its_files() -> None:
    """The spec holds names alone, as a contract may hold fractions, which no signed document does (G1)."""
    payload = blueprint(
        contract=CONTRACT, intent="Show it.", variance={"persona": "p", "seedPrompt": "", "context": {"x": 1.5}}
    )
    reading = read(payload)

    assert [one.level for one in reading.findings] == ["note"]
    assert reading.needs == ()
    assert reading.fields["id"] == "@acme/thing"
    assert reading.spec == {
        "native_name": "thing",
        "entry": "src/blueprint.tsx",
        "contract": {
            "props": ["a", "b"],
            "actions": ["go"],
            "context": ["c"],
            "streams": ["s"],
            "tools": ["get"],
        },
        "gadgets": ["@acme/map", "@ggui-ai/gadgets"],
        "hooks": ["Map", "useCamera", "useMap"],
        "mcpTools": [{"tool": "t"}],
        "intent": "Show it.",
        "variance": {"persona": "p", "seedPrompt": ""},
    }
    assert KIND.spec.of(reading.spec).value() == reading.spec


def test_a_template_is_described_without_a_remark() -> None:
    """What `create` writes gives a manifest, and nothing is to be said about it."""
    found = described(KIND, KIND.template(parse_artifact("@acme/thing")))

    assert found.findings == ()
    assert found.manifest is not None


def test_source_and_contract_may_stand_in_the_file() -> None:
    """The wire's own form, one file with everything, is read as it is, and signed as it is (G5)."""
    value = native(source=SOURCE, contract=CONTRACT, fixtureProps={"a": "x", "b": 1e21}, tags=["z", "a"])
    payload = files(ggui_blueprint_json=value)
    verified = verified_of(KIND, payload)
    manifest = verified.manifest.model_copy(update={"tags": ("a", "z")})

    assert fails(KIND, payload) == []
    assert verified.manifest.spec["entry"] == ""
    assert wire_payload(manifest, payload) == wire.canonical(value)
    assert KIND.wire is wire_payload


@pytest.mark.parametrize("card", ["", "entry: ./src/blueprint.tsx"])
def test_both_forms_are_one_value_on_the_wire(card: str) -> None:
    """Files beside ggui.blueprint.json give the same signed bytes as the same texts inside it."""
    apart = blueprint(card=card)
    inside = files(ggui_blueprint_json=native(source=SOURCE, contract=PLAIN))
    first, second = verified_of(KIND, apart), verified_of(KIND, inside)

    assert wire_payload(first.manifest, apart) == wire_payload(second.manifest, inside)


def test_the_same_text_twice_is_no_fault() -> None:
    """A source and a contract that stand in the file and beside it are taken where they are equal."""
    both = {
        **blueprint(),
        "ggui.blueprint.json": PayloadFile(json.dumps(native(source=SOURCE, contract=PLAIN)).encode()),
    }

    assert fails(KIND, both) == []


def inline(source: str, contract: Json = None) -> Payload:
    """A folder whose ggui.blueprint.json holds a source, perhaps a contract, beside the files of `blueprint`."""
    value = native(source=source, **({"contract": contract} if contract is not None else {}))
    return {**blueprint(), **files(ggui_blueprint_json=value)}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (files(ggui_blueprint_json="nul"), ("ggui-json", "ggui.blueprint.json")),
        (files(ggui_blueprint_json="1"), ("ggui-json", "ggui.blueprint.json")),
        (blueprint(kind="gadget"), ("ggui-json", "ggui.blueprint.json")),
        (blueprint(contract="[]"), ("ggui-json", "contract.json")),
        (blueprint(contract={"propsSpec": 1}), ("wire-manifest", "ggui.blueprint.json")),
        (blueprint(surprise=1), ("wire-manifest", "ggui.blueprint.json")),
        (blueprint(source=b"\xff"), ("blueprint-source", "src/blueprint.tsx")),
        (blueprint(source=""), ("wire-manifest", "ggui.blueprint.json")),
        (files(ggui_blueprint_json=native()), ("blueprint-source", "ggui.blueprint.json")),
        (files(unrelated_bin="1"), ("blueprint-source", "artifact.yaml")),
        (blueprint(card="entry: no.tsx"), ("blueprint-source", "ggui.blueprint.json")),
        (blueprint(source="export default <div"), ("gate-blueprint-compile-error", "src/blueprint.tsx")),
        (blueprint(source="export const a = 1"), ("gate-blueprint-missing-default-export", "src/blueprint.tsx")),
        (blueprint(source=f'import "x";{SOURCE}'), ("gate-blueprint-disallowed-import", "src/blueprint.tsx")),
        (blueprint(source=f"eval('1');{SOURCE}"), ("gate-blueprint-disallowed-import", "src/blueprint.tsx")),
        (blueprint(source=f"import(x);{SOURCE}"), ("gate-blueprint-disallowed-import", "src/blueprint.tsx")),
        (blueprint(source=f'require("react");{SOURCE}'), ("ggui-require", "src/blueprint.tsx")),
        (blueprint(fixtureProps=[]), ("gate-fixture-props-shape-mismatch", "ggui.blueprint.json")),
        (blueprint(intent="x" * 65536), ("ggui-size", "ggui.blueprint.json")),
        (inline("export default 1"), ("blueprint-twice", "src/blueprint.tsx")),
        (inline(SOURCE, {}), ("blueprint-twice", "contract.json")),
    ],
)
def test_a_fault_is_one_finding_with_what_to_do(payload: Payload, expected: tuple[str, str]) -> None:
    """Each bad blueprint is refused for one reason, at its file, with a hint (G5)."""
    findings = [one for one in read(payload).findings if one.level == "fail"]

    assert [expected] == fails(KIND, payload)
    assert all(one.message and (one.hint or one.check == "wire-manifest") for one in findings)


def test_the_line_of_a_fault_is_told() -> None:
    """A forbidden import is found at its line of the source file."""
    finding = read(blueprint(source=f'\n\nimport "x";\n{SOURCE}')).findings[0]

    assert (3, "src/blueprint.tsx") == (finding.line, finding.path)


def test_a_card_and_a_source_are_enough() -> None:
    """A component without ggui.blueprint.json is a blueprint where artifact.yaml says so."""
    card = "{kind: blueprint, id: '@acme/thing', version: 1.0.0, description: D, license: MIT, entry: a.tsx}"
    payload = files(artifact_yaml=card, a_tsx=SOURCE, contract_json=PLAIN)
    found = described(KIND, payload)

    assert found.findings == ()
    assert found.manifest is not None
    assert wire_manifest_of(found.manifest, payload) == native(description="D", source=SOURCE, contract=PLAIN)


def test_a_blueprint_without_a_contract_is_told_so() -> None:
    """It can be published, and its author learns that no agent will find it."""
    payload = files(ggui_blueprint_json=native(source=SOURCE))
    found = described(KIND, payload)

    assert [(one.check, one.level) for one in found.findings] == [("blueprint-contract", "warn")]
    assert found.manifest is not None
    assert "contract" not in found.manifest.spec


def test_a_gadget_that_is_a_dependency_needs_no_remark() -> None:
    """A gadget that the contract names is noted until artifact.yaml lists it; the built-in ones never are."""
    card = 'dependencies: {"@acme/map": "^1.0.0"}'

    assert ["blueprint-gadget"] == [one.check for one in read(blueprint(contract=CONTRACT)).findings]
    assert [] == [one.check for one in read(blueprint(contract=CONTRACT, card=card)).findings]


def test_a_blueprint_is_granted_nothing() -> None:
    """Whatever it asks for is refused (M5)."""
    found = described(KIND, blueprint(card='permissions: ["network"]'))

    assert [one.check for one in found.findings] == ["permission-unknown"]


def test_the_signed_value_follows_flags() -> None:
    """Id and version from flags are what the wire's signature covers, not those of the file."""
    payload = blueprint()
    found = described(KIND, payload, Said(author="ann", artifact="@ann/mine", version="2.0.0-a-b"))
    assert found.manifest is not None
    signed = json.loads(wire_payload(found.manifest, payload))

    assert ("@ann", "mine", "2.0.0-a-b") == (signed["scope"], signed["name"], signed["version"])


@pytest.mark.parametrize(
    "payload",
    [files(ggui_blueprint_json="{"), blueprint(contract="{"), blueprint(source=b"\xff"), blueprint(source="")],
)
def test_what_is_broken_has_no_form_on_the_wire(payload: Payload) -> None:
    """Nothing is signed for files that cannot be composed."""
    manifest = verified_of(KIND, blueprint()).manifest

    with pytest.raises(InvalidInput):
        wire_payload(manifest, payload)


def test_an_install_is_a_folder_and_a_pattern() -> None:
    """The folder holds the source byte for byte and the card, and the pattern is added once (G12)."""
    plan = KIND.plan(verified_of(KIND, blueprint()), Place())
    card = {"id": "acme:thing:1.0.0", "name": "@acme/thing", "description": "What it is.", "contract": PLAIN}

    assert plan.steps == (
        PutTree(
            ".ggui/installed-blueprints/acme__thing__1.0.0",
            {
                "ggui.ui.json": PayloadFile((json.dumps(card, indent=2) + "\n").encode()),
                "index.tsx": PayloadFile(SOURCE.encode()),
            },
        ),
        AddItem("ggui.json", ("blueprints", "include"), ".ggui/installed-blueprints/**/ggui.ui.json"),
    )
    assert (("ggui",), ()) == (plan.seen_by, plan.notes)


def test_an_install_names_the_gadgets_to_come() -> None:
    """A gadget that is neither built in nor a dependency is named to the person."""
    plan = KIND.plan(verified_of(KIND, blueprint(contract=CONTRACT)), Place())

    assert plan.notes == ("It uses the gadget @acme/map; install that too, if the app does not have it.",)


def test_without_a_contract_the_source_is_written_and_nothing_else() -> None:
    """Its folder has the source alone, ggui.json stays as it is, and the plan says why."""
    plan = KIND.plan(verified_of(KIND, files(ggui_blueprint_json=native(source=SOURCE))), Place())
    folder = ".ggui/installed-blueprints/acme__thing__1.0.0"

    assert plan.steps == (PutTree(folder, {"index.tsx": PayloadFile(SOURCE.encode())}),)
    assert plan.seen_by == ()
    assert plan.notes == (f"It has no contract, so no agent finds it; its source is {folder}/index.tsx.",)


def test_a_blueprint_keeps_its_name() -> None:
    """`--name` is refused: agents find a blueprint by its id."""
    with pytest.raises(WrongUsage, match="called 'other'"):
        KIND.plan(verified_of(KIND, blueprint()), Place(name="other"))


def test_what_people_read_says_none_of_three_words() -> None:
    """No title, summary, finding, hint or note of a blueprint says plugin, library or package (G1)."""
    payloads = [blueprint(kind="x"), blueprint(source="x"), blueprint(contract=CONTRACT), files(a="")]
    payloads += [blueprint(source='import "x"'), inline("x", {}), files(ggui_blueprint_json=native(source=SOURCE))]
    findings = [one for payload in payloads for one in read(payload).findings]
    words = [KIND.title, KIND.summary, *(f"{one.message} {one.hint}" for one in findings)]

    assert [text for text in words if re.search(r"\b(plugin|library|package)s?\b", text, re.IGNORECASE)] == []
