"""One good and one bad example per rule: read or refused by our readers, and by the JSON Schemas."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from registry_tool.core import canonical
from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest, flat_form, read_manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.schemas import OTHERS, SIGNED, schemas
from registry_tool.kinds import all_kinds
from tests.core import examples
from tests.core.examples import Example, documents
from tests.core.examples_rules import EXAMPLES
from tests.kinds.releases import card_of

pytestmark = pytest.mark.slow

SCHEMAS = schemas(all_kinds())
KINDS = [pytest.param(kind, id=kind.id) for kind in all_kinds()]


@cache
def validator(name: str) -> Draft202012Validator:
    """Validates against one schema, with the others at hand."""
    known: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(schema)) for file, schema in SCHEMAS.items()
    )
    return Draft202012Validator(SCHEMAS[f"{name}.json"], registry=known)


def read(name: str, value: dict[str, Any]) -> None:
    """Reads a document of the form `name` with our reader; raises where it is refused."""
    if name in examples.SIGNED:
        registry = documents()[name]["registry"]
        load(examples.SIGNED[name], canonical.encode(value), limit=10**6, registry=registry, what=name)
    else:
        examples.OTHERS[name].of(value)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_schema_is_one(name: str) -> None:
    """Every schema is a valid one of draft 2020-12, and names itself."""
    Draft202012Validator.check_schema(SCHEMAS[name])

    assert name == SCHEMAS[name]["$id"]


def test_schemas_are_the_same_each_time() -> None:
    """Making them twice gives the same text, in the same order."""
    assert json.dumps(schemas(all_kinds())) == json.dumps(SCHEMAS)


def test_every_document_has_a_schema_and_an_example() -> None:
    """Examples and schemas are of the same documents."""
    named = {"manifest-flat.json", *(f"spec-{kind.id}.json" for kind in all_kinds())}

    assert {f"{name}.json" for name in documents()} | named == set(SCHEMAS)
    assert set(documents()) == {*examples.SIGNED, *OTHERS}
    assert {Manifest, *SIGNED} == set(examples.SIGNED.values())
    assert examples.OTHERS == OTHERS


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_real_document_fits(name: str) -> None:
    """What a registry holds is read, and fits its schema."""
    read(name, documents()[name])

    assert [] == [error.message for error in validator(name).iter_errors(documents()[name])]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_good_example_is_read(example: Example) -> None:
    """Each rule lets its good example pass, here and in the schema."""
    value = example.with_value(example.good)
    read(example.document, value)

    assert [] == [error.message for error in validator(example.document).iter_errors(value)]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_bad_example_is_refused(example: Example) -> None:
    """Each rule refuses its bad example in words of its own."""
    with pytest.raises(RegistryError) as refused:
        read(example.document, example.with_value(example.bad))

    assert refused.value.exit_code in (1, 4)
    assert example.said in refused.value.message


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_schema_refuses_what_it_can_say(example: Example) -> None:
    """The schema refuses the bad example exactly where the table says that it can."""
    fits = validator(example.document).is_valid(example.with_value(example.bad))

    assert example.schema != fits


@pytest.mark.parametrize("kind", KINDS)
def test_a_kinds_spec_fits_its_schema(kind: Kind) -> None:
    """The spec that a kind reads from its own template is read and fits; one with a member more does neither."""
    payload = kind.template(parse_artifact("@ann/thing"))
    spec = dict(kind.read(payload, card_of(payload)).spec)
    manifest = {**documents()["registry.manifest-1"], "kind": kind.id, "reader": kind.reader}
    kind.spec.of(spec)
    fits = [validator("registry.manifest-1").is_valid({**manifest, "spec": one}) for one in (spec, {**spec, "x": 1})]

    assert [True, False] == fits
    with pytest.raises(RegistryError, match="x: is not a member"):
        kind.spec.of({**spec, "x": 1})


def test_a_kind_that_is_not_known_has_any_spec() -> None:
    """The schema of manifests lets a later kind pass, as the reader does."""
    value = {**documents()["registry.manifest-1"], "kind": "gizmo", "spec": {"x": 1}}

    assert validator("registry.manifest-1").is_valid(value)


@pytest.mark.parametrize(
    ("member", "given", "expected"),
    [
        ("manifest_signature", "AA==", True),
        ("kind", "themes", True),
        ("kind", "theme", False),
        ("name", "@ann/solar", False),
        ("version", "1.0", False),
        ("author_id", "Ann", False),
        ("package_sha256", "sha256:" + "ab" * 32, False),
        ("permissions", "network", False),
        ("schema", "registry.manifest/1", False),
    ],
)
def test_the_flat_manifest_fits_its_schema(member: str, given: object, expected: bool) -> None:
    """What we write for foreign readers fits, signed or not; it can be no document of ours."""
    manifest = read_manifest(
        canonical.encode(documents()["registry.manifest-1"]), registry=documents()["registry.manifest-1"]["registry"]
    )
    flat = flat_form(manifest, category="themes", permissions=("network",))

    assert [True, expected] == [validator("manifest-flat").is_valid(one) for one in (flat, {**flat, member: given})]
