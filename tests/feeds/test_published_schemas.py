"""Published schemas: what other people's tools check our documents with."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from registry_tool.core.index import Listing
from registry_tool.core.schemas import schema_names, schemas
from registry_tool.feeds.schemas import describes, schema_files
from registry_tool.kinds import all_kinds
from tests.builders import a_registry
from tests.demo_registry import URL, index_files
from tests.feeds.feed_sites import published, seen
from tests.feeds.news_registry import SOLAR, eventful, eventful_site, with_table
from tests.sites import built, committed, files_of

APART = {
    "chains/registry.json": "chains-registry.json",
    "chains/scopes/": "chains-scope.json",
    "chains/authors/": "chains-author.json",
}
"""Documents that do not name their schema, by where they lie."""


@cache
def demo() -> dict[str, bytes]:
    """The site of this repository's own registry."""
    return files_of(built(committed(index_files())).made)


@cache
def happened() -> dict[str, bytes]:
    """The site of a registry in which something happened, but for manifests, which have no real spec there."""
    site = files_of(built(committed(eventful().files)).made)
    return {path: data for path, data in site.items() if not path.startswith("objects/")}


def of_site(site: dict[str, bytes]) -> dict[str, Any]:
    """The schemas that a site publishes, by the names of their files."""
    paths = (path for path in site if path.startswith("schemas/") and path != "schemas/index.json")
    return {path.removeprefix("schemas/"): json.loads(site[path]) for path in paths}


def documents(site: dict[str, bytes]) -> Iterator[tuple[str, Any, str]]:
    """Every document of ours on a site: path, value, and the name of its schema."""
    for path, data in site.items():
        apart = next((schema for start, schema in APART.items() if path.startswith(start)), "")
        if apart:
            yield path, json.loads(data), apart
        elif path.endswith(".json") or path.startswith("objects/"):
            try:
                value = json.loads(data)
            except ValueError:  # a bundle
                continue
            said = value.get("schema") if isinstance(value, dict) else None
            if isinstance(said, str) and said.startswith("registry."):
                yield path, value, f"{said.replace('/', '-')}.json"


@pytest.mark.parametrize("site", [demo, happened])
def test_every_document_of_a_site_fits(site: Callable[[], dict[str, bytes]]) -> None:
    """Each document that a built site has is valid by the schema which that site publishes for it."""
    found = of_site(site())
    known: Registry[Any] = Registry().with_resources(
        (one["$id"], Resource.from_contents(one)) for one in found.values()
    )
    validators = {name: Draft202012Validator(schema, registry=known) for name, schema in found.items()}
    checked = list(documents(site()))
    used = {schema for _, _, schema in checked}

    assert [] == [
        f"{path}: {error.message}"
        for path, value, schema in checked
        if schema in validators
        for error in validators[schema].iter_errors(value)
    ]
    assert used >= {"registry.name-1.json", "registry.revoked-1.json", "chains-registry.json", "chains-scope.json"}
    assert {"registry.routes-1.json"} >= used - validators.keys()  # which only our own server reads


def test_each_schema_names_its_address() -> None:
    """`$id` is where it lies, so that one schema finds the other; where the site has no address, its file's name."""
    plain = published(with_table(a_registry(demo=False), url="").release(SOLAR, "1.0.0"), whole=(schema_files,))

    assert {f"{URL}schemas/{name}": name for name in of_site(demo())} == {
        schema["$id"]: name for name, schema in of_site(demo()).items()
    }
    assert all(schema["$id"] == name for name, schema in of_site(plain).items())


def test_the_index_lists_every_schema() -> None:
    """Each stands in it once, with its title and the documents that it describes."""
    listed = json.loads(eventful_site()["schemas/index.json"])["schemas"]
    by_file = {one["file"]: one for one in listed}

    assert list(of_site(eventful_site())) == [one["file"] for one in listed]
    assert "registry.manifest/1" == by_file["registry.manifest-1.json"]["describes"]
    assert "describes" not in by_file["spec-theme.json"]
    assert all(one["title"] for one in listed)


@pytest.mark.parametrize("name", sorted(schema_names(all_kinds())))
def test_a_published_schema_is_the_derived_one(name: str) -> None:
    """Nothing but its address is changed, and it is a valid schema of its dialect."""
    schema = of_site(eventful_site())[name]
    Draft202012Validator.check_schema(schema)

    assert {**schemas(all_kinds())[name], "$id": schema["$id"]} == schema
    assert describes(schema) in ("", name.removesuffix(".json").replace("-1", "/1"))


def test_names_of_schemas_are_known_without_making_them() -> None:
    """The names are those of the schemas, sorted, and planning makes none of them."""
    _, about = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    planned = list(schema_files(Listing(about, [], [])))

    assert tuple(schemas(all_kinds())) == schema_names(all_kinds())
    assert [f"schemas/{name}" for name in (*schema_names(all_kinds()), "index.json")] == [one.path for one in planned]
