"""The manifests of gadgets and blueprints, against what the ggui client takes."""

import json

import pytest

from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui import wire
from registry_tool.core.ggui.manifest import BlueprintManifest, GadgetManifest, read_manifest, tool_bindings
from tests.core.wire_vectors import blueprint, gadget, named, vectors

pytestmark = pytest.mark.slow

STRICTER = {
    "g: bundle absolute": "the path leads out of the author's folder, and `..` would too",
    "g: version prerelease hyphens": "the client installs no gadget of such a version, and its server refuses it later",
    "g: version build": "the same: a hyphen inside the build part",
    "g: own __proto__ at root": "the member would not be in what is signed",
    "b: own __proto__ in fixtureProps": "the same, deeper down",
}
"""The recorded manifests that the client takes and we refuse, and why. Nothing else may differ."""


def text_of(case: Json) -> bytes:
    """The manifest of a case as it came."""
    text: str = case["manifestJson"] if "manifestJson" in case else json.dumps(case["manifest"])
    return text.encode("utf-8")


def places_of(value: Json) -> list[str]:
    """The places of all faults of a manifest, none where it is good."""
    try:
        read_manifest(value)
    except InvalidInput as error:
        return [finding.path for finding in error.findings if finding.check == "wire-manifest"]
    return []


def expected_place(issue: Json) -> str:
    """The client's place of a fault as we write it: items in brackets, an unknown member by its own name."""
    place = ""
    rest = str(issue["path"])
    for part in [*rest.split("."), *issue.get("keys", [])] if rest else issue.get("keys", []):
        place = wire.inside(place, int(part) if part.isdecimal() else part)
    return place


@pytest.mark.parametrize("case", vectors("manifest-cases"), ids=named)
def test_a_manifest_is_judged_as_the_client_judges_it(case: Json) -> None:
    """What the client takes we take, what it refuses we refuse, but for the table above (G1)."""
    found = places_of(wire.parse_wire(text_of(case)))

    assert (case["accepted"] and case["name"] not in STRICTER) == (found == [])


@pytest.mark.parametrize("case", [case for case in vectors("manifest-cases") if not case["accepted"]], ids=named)
def test_the_place_of_a_fault_is_the_clients(case: Json) -> None:
    """Every place that the client complains about is among ours, or holds one of ours."""
    found = places_of(wire.parse_wire(text_of(case)))

    for issue in case["issues"]:
        assert any(place.startswith(expected_place(issue)) for place in found), (issue, found)


@pytest.mark.parametrize(
    "case", [case for case in vectors("manifest-cases") if case.get("canonicalUnchangedByParse")], ids=named
)
def test_reading_changes_nothing_that_is_signed(case: Json) -> None:
    """The value that was judged is the value that is signed, byte for byte."""
    value = wire.parse_wire(text_of(case))
    before = wire.canonical(value)
    places_of(value)

    assert before == wire.canonical(value)


@pytest.mark.parametrize("case", [case for case in vectors("manifest-cases") if "toolBindings" in case], ids=named)
def test_tool_bindings_are_the_clients(case: Json) -> None:
    """The bindings that a search uses, and where they come from, are as recorded."""
    bindings, source = tool_bindings(read_manifest(case["manifest"]))

    assert case["toolBindings"] == {"source": source, "bindings": list(bindings)}


def contract(**members: Json) -> dict[str, Json]:
    """A contract in a blueprint."""
    return blueprint(contract=members)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (gadget(), []),
        (gadget(homepage="https://example.org/a?b#c", author={"name": "N", "email": "a.b@example.org"}), []),
        (gadget(homepage="http://[::1]:8080/", connect=["wss://api.example.org/x", "https://example.org"]), []),
        (gadget(bundle="./src/a b.ts", style="style.css", bundleHost="cdn.example.org:8080"), []),
        # Stricter than the client:
        (gadget(homepage="javascript:alert(1)"), ["homepage"]),
        (gadget(homepage="ftp://example.org"), ["homepage"]),
        (gadget(homepage=" https://example.org"), ["homepage"]),
        (gadget(homepage="https://example.org\n"), ["homepage"]),
        (gadget(author={"name": "N", "url": "javascript:alert(1)"}), ["author.url"]),
        (gadget(author={"name": "N", "email": "a..b@example.org"}), ["author.email"]),
        (gadget(bundle="../x.ts"), ["bundle"]),
        (gadget(bundle="C:x.ts"), ["bundle"]),
        (gadget(bundle="a\\b.ts"), ["bundle"]),
        (gadget(style="/x.css"), ["style"]),
        (gadget(connect=["api.example.org"]), ["connect[0]"]),
        (gadget(connect=["javascript:alert(1)"]), ["connect[0]"]),
        (gadget(exports=gadget()["exports"] * 2), ["exports"]),
        (gadget(exports=[{**gadget()["exports"][0], "example": "\ud800"}]), ["exports[0].example"]),
        # As strict:
        (gadget(exports=[]), ["exports"]),
        (gadget(exports={}), ["exports"]),
        (gadget(exports=[1]), ["exports[0]"]),
        (gadget(peerDeps=[]), ["peerDeps"]),
        (gadget(visibility="secret"), ["visibility"]),
        (gadget(tags=["a" * 65]), ["tags[0]"]),
        (gadget(version=1, name=True, extra=1.5), ["name", "version", "extra"]),
        (blueprint(version="1.0.0-a-b", fixtureProps=None, variance={"seedPrompt": ""}), []),
        (contract(clientCapabilities={"gadgets": {"a": {}}}), ["contract.clientCapabilities.gadgets.a"]),
        (contract(contextSpec={"c": {"schema": {}, "debounceMs": 5.0}}), []),
        (contract(contextSpec={"c": {"schema": {}, "debounceMs": True}}), ["contract.contextSpec.c.debounceMs"]),
        (contract(actionSpec={"go": {"label": "", "confirm": 1}}), ["contract.actionSpec.go.confirm"]),
        (contract(contextSpec={"c": {"schema": {"type": ["string", "null"], "additionalProperties": False}}}), []),
        (
            contract(contextSpec={"c": {"schema": {"additionalProperties": {"items": {"type": 1}}}}}),
            ["contract.contextSpec.c.schema.additionalProperties.items.type"],
        ),
        (
            contract(contextSpec={"c": {"schema": {"additionalProperties": 1}}}),
            ["contract.contextSpec.c.schema.additionalProperties"],
        ),
        ([], [""]),
        (None, [""]),
        ({"kind": []}, ["kind"]),
    ],
)
def test_a_fault_has_its_place(value: Json, expected: list[str]) -> None:
    """All faults are told at once, each with its place; what is good has none."""
    assert expected == places_of(value)


def test_every_message_says_what_came_and_quotes_it() -> None:
    """Foreign text is quoted and cut, so that it can neither flood nor steer a terminal."""
    with pytest.raises(InvalidInput) as caught:
        read_manifest(gadget(name="\x1b[2J" + "x" * 500, tags={"a": 1}, author=[], license=float("inf")))
    told = [finding.message for finding in caught.value.findings]

    assert told[0].startswith("name has not the form it needs, as solar-map, it is '\\x1b[2Jxxx")
    assert "tags must be a list, it is an object" == told[1]
    assert "author must be an object, it is a list of 0" == told[2]
    assert "license must be a text, it is Infinity" == told[3]
    assert "(and 3 more)" in caught.value.message


def test_the_models_hold_what_the_manifest_says() -> None:
    """Both kinds are told apart, and a contract is kept as its author wrote it."""
    raw = {"futureSpec": {"b": 1.0, "a": None}, "propsSpec": {"properties": {}}}
    found = read_manifest(blueprint(contract=raw))
    export = {"component": "DemoMap", "description": "d", "usage": "u", "example": 1}
    made = read_manifest(gadget(exports=[export]))

    assert isinstance(found, BlueprintManifest)
    assert isinstance(made, GadgetManifest)
    assert raw == found.contract
    assert "DemoMap" == made.exports[0].name
    assert "@test-scope/demo-hook" == made.artifact_id


PROPS = {"propsSpec": {"properties": {"a": {"schema": {}, "sourceTool": "one"}, "b": {"schema": {}}}}}
STREAMS = {
    "streamSpec": {"s": {"schema": {}, "source": {"tool": "two"}}, "t": {"schema": {}, "source": {"tool": "one"}}}
}
MANY = {"propsSpec": {"properties": {f"p{n}": {"schema": {}, "sourceTool": f"t{n}"} for n in range(20)}}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (gadget(), ((), "none")),
        (blueprint(), ((), "none")),
        (contract(), ((), "none")),
        (contract(**PROPS, **STREAMS), (({"tool": "one"}, {"tool": "two"}), "derived")),
        (contract(**MANY), (tuple({"tool": f"t{n}"} for n in range(16)), "derived")),
        (contract(streamSpec={"s": {"schema": {}, "source": {"tool": "not a name"}}}), ((), "none")),
        (blueprint(contract=PROPS, mcpTools=[{"tool": "x"}]), (({"tool": "x"},), "declared")),
    ],
)
def test_bindings_come_from_the_contract_where_none_are_declared(value: Json, expected: Json) -> None:
    """Declared ones win outright; derived ones keep their order, each once, the first 16."""
    assert expected == tool_bindings(read_manifest(value))
