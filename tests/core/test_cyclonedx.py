"""The bill of materials of what is installed."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from registry_tool.core.closure import Closure, Package
from registry_tool.core.cyclonedx import bill_of_materials, purl_of
from registry_tool.kinds import all_kinds

HEX = "ab" * 32
RECORD: dict[str, Any] = {
    "id": "@ann/solar",
    "version": "1.0.0",
    "kind": "theme",
    "title": "Solar",
    "registry": "cd" * 32,
    "manifest": f"sha256:{'ef' * 32}",
    "bundle": f"sha256:{HEX}",
    "author": "ann",
    "license": "MIT OR Apache-2.0",
    "links": {
        "homepage": "https://example.org/",
        "repository": "https://example.org/git",
        "x": "https://example.org/x",
    },
    "permissions": [],
    "dependencies": {},
}
WORDS = {
    **RECORD,
    "id": "@ann/words",
    "kind": "plugin",
    "permissions": ["mcp:count", "network:a.example"],
    "dependencies": {"@ann/solar": "^1.0.0", "@ann/gone": "*"},
    "run": {"type": "pypi", "identifier": "Two_Words", "version": "1.0.0+x"},
}
NODE = {**RECORD, "id": "@bob/node", "kind": "plugin", "run": {"type": "npm", "identifier": "@a/b", "version": "2.0.0"}}
OWN = {**RECORD, "id": "@bob/own", "kind": "plugin", "run": {"type": "payload", "entry": "server.py"}}
APP, WIDGET = {**RECORD, "id": "@bob/app", "kind": "app"}, {**RECORD, "id": "@bob/widget", "kind": "widget"}
LATER = {**RECORD, "id": "@bob/later", "kind": "robot"}


def bill(*records: dict[str, Any], **closures: Closure) -> dict[str, Any]:
    named = {f"@ann/{name}": closure for name, closure in closures.items()}
    return bill_of_materials(records, all_kinds(), closures=named, version="1.2.3")


@pytest.mark.parametrize(
    "records",
    [
        (),
        (RECORD,),
        (WORDS, RECORD),
        (NODE, OWN, APP, WIDGET, LATER),
        ({**RECORD, "license": "", "links": {}},),
        ({name: value for name, value in RECORD.items() if name not in ("license", "links", "bundle")},),
        ({**RECORD, "links": ["a"], "license": 7, "bundle": "sha256:x", "run": 3},),
        ({**RECORD, "links": {"a": 7, "b": "javascript:alert(1)", "c": "https://a b"}},),
        ({**RECORD, "version": "1.0.0+build/../x?y#z", "title": "\x1b[2J"},),
    ],
)
def test_other_peoples_validator_takes_it(records: tuple[dict[str, Any], ...]) -> None:
    """It fits the strict schema of CycloneDX 1.6, whatever a receipt holds; and references lead somewhere."""
    value = bill(*records)
    refs = [one["bom-ref"] for one in value["components"]]

    assert None is JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(value))
    assert sorted(set(refs)) == refs == [one["ref"] for one in value["dependencies"]]
    assert all(set(one["dependsOn"]) <= set(refs) for one in value["dependencies"])


def test_the_same_installs_give_the_same_bytes() -> None:
    """No clock and no chance is in it; another order changes nothing, another install the serial number."""
    one, other = bill(WORDS, RECORD), bill(RECORD, WORDS)

    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert one["serialNumber"] != bill(RECORD)["serialNumber"]
    assert "timestamp" not in one["metadata"]


def test_a_component_says_what_was_installed() -> None:
    """Digest of the bundle, licence, links, and each permission that it was granted."""
    (solar, words, package) = bill(WORDS, RECORD)["components"]

    assert ("data", "@ann", "solar", "1.0.0") == (solar["type"], solar["group"], solar["name"], solar["version"])
    assert [{"alg": "SHA-256", "content": HEX}] == solar["hashes"]
    assert [{"expression": "MIT OR Apache-2.0"}] == solar["licenses"]
    assert [
        ("other", "https://example.org/x"),
        ("vcs", "https://example.org/git"),
        ("website", "https://example.org/"),
    ] == [(one["type"], one["url"]) for one in solar["externalReferences"]]
    assert ["mcp:count", "network:a.example"] == [
        one["value"] for one in words["properties"] if one["name"] == "registry-tool:permission"
    ]
    assert ("application", "pkg:pypi/two-words@1.0.0%2Bx") == (words["type"], package["purl"])


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        (f"sha256:{HEX}", [{"alg": "SHA-256", "content": HEX}]),
        ("sha512-" + "q6ur" * 21 + "qw==", [{"alg": "SHA-512", "content": "ab" * 64}]),
        (f"files-sha256:{HEX}", None),
        ("", None),
    ],
)
def test_every_locked_package_is_a_component(digest: str, expected: list[dict[str, str]] | None) -> None:
    """What a plugin's lock names is all there, each with its digest where it is that of one file."""
    packages = (Package("@a/b", "2.0.0", digest), Package("c", "1.0.0", digest))
    value = bill(WORDS, words=Closure("npm", packages, {}))
    found = {one["purl"]: one.get("hashes") for one in value["components"]}
    edges = {one["ref"]: one["dependsOn"] for one in value["dependencies"]}

    assert {purl_of(WORDS), "pkg:npm/%40a/b@2.0.0", "pkg:npm/c@1.0.0"} == found.keys()
    assert [expected] * 2 == [found["pkg:npm/%40a/b@2.0.0"], found["pkg:npm/c@1.0.0"]]
    assert ["pkg:npm/%40a/b@2.0.0", "pkg:npm/c@1.0.0"] == edges[purl_of(WORDS)]
    assert None is JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(value))


def test_needs_are_of_what_is_there() -> None:
    """What is installed depends on what else is, and on the package that it starts."""
    edges = {one["ref"]: one["dependsOn"] for one in bill(WORDS, RECORD)["dependencies"]}

    assert [purl_of(RECORD), "pkg:pypi/two-words@1.0.0%2Bx"] == edges[purl_of(WORDS)]
    assert [] == edges[purl_of(RECORD)]


@pytest.mark.parametrize("record", [RECORD, WORDS, {**RECORD, "version": "1.0.0+a"}, {**RECORD, "bundle": "?"}])
def test_a_package_url_is_read_by_others(record: dict[str, Any]) -> None:
    """The library of others reads it and writes the same text."""
    purl = purl_of(record)
    read = PackageURL.from_string(purl)

    assert purl == read.to_string()
    assert ("generic", "ann", record["version"]) == (read.type, read.namespace, read.version)
    assert "pkg:npm/%40a/b@2.0.0" == PackageURL.from_string(bill(NODE)["components"][1]["purl"]).to_string()
