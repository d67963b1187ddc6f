"""The JSON Schemas of every document that the registry writes, for other people's tools.

schemas/<name>.json    as `registry.manifest-1.json`; draft 2020-12, `$id` is its address
schemas/index.json     all of them, with the document that each describes
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.index import About, Listing, Planned
from registry_tool.core.kind import Kinds
from registry_tool.core.schemas import DIALECT, schema_names, schemas

FOLDER: Final = "schemas/"
INDEX: Final = FOLDER + "index.json"

Schemas = Mapping[str, dict[str, Any]]  # Any: a JSON schema


def schema_files(listing: Listing) -> Iterable[Planned]:
    """A file for each schema, and the index; made only where another tool makes them, or the address changes."""
    about = listing.about
    kinds = Kinds.of(one.kind for one in about.categories if one.kind is not None)
    made = cache(partial(schemas, kinds))  # once for all files, and not where none is made
    for name in schema_names(kinds):
        yield Planned(f"{FOLDER}{name}", "schema", partial(_file, about, made, name))
    yield Planned(INDEX, "index", lambda: canonical.encode(index(made(), about)))


def _file(about: About, made: Callable[[], Schemas], name: str) -> bytes:
    # Not canonical JSON, which has no number as large as the bound of its own numbers; in an order for readers.
    text = json.dumps({**made()[name], "$id": _address(about, name)}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _address(about: About, name: str) -> str:
    """Where a schema lies; from the index where the site has no address, which references resolve as well."""
    return f"{about.table.url}{FOLDER}{name}" if about.table.url else name


def index(made: Schemas, about: About) -> dict[str, Any]:  # Any: JSON
    """What `schemas/index.json` says."""
    return {
        "dialect": DIALECT,
        "registry": about.id,
        "schemas": [
            {
                "id": _address(about, name),
                "file": name,
                "title": schema["title"],
                **({"describes": described} if (described := describes(schema)) else {}),
            }
            for name, schema in sorted(made.items())
        ],
    }


def describes(schema: Mapping[str, Any]) -> str:  # Any: a JSON schema
    """The value of the member `schema` of the documents that it fits; empty where they name none."""
    return str(schema["properties"].get("schema", {}).get("const", ""))
