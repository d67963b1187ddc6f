"""The tables of words: `index/registry.yaml` and `index/categories.yaml`.

Nothing that decides trust is read from them.
"""

from typing import Annotated, Any, Final, TypeVar

from pydantic import Field

from registry_tool.core.document import Document, LineText
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Kinds

T = TypeVar("T", bound=Document)

REGISTRY_TABLE: Final = "index/registry.yaml"
CATEGORIES_TABLE: Final = "index/categories.yaml"

TAKEN: Final = frozenset(
    "about api assets authors bundles chains cp index objects permission pkg publish queue search tag tuf".split()
)
"""First parts of addresses of the site that are something else than a category."""

_ADDRESS: Final = r"^(https?://[A-Za-z0-9.:\[\]-]{1,255}/([A-Za-z0-9._~/-]{0,300}/)?)?$"


class RegistryTable(Document):
    """What the operator says about the registry."""

    name: LineText = "A registry"
    description: Annotated[str, Field(max_length=1000)] = ""
    url: Annotated[str, Field(pattern=_ADDRESS)] = ""
    """Address of the built site, with a slash at its end; empty where it has none yet."""
    git: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x20\x7f]*$")] = ""
    """Where submissions go."""


class CategoryRow(Document):
    """One tab of the gallery."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    """Plural, as in its address: `/skills/`."""
    name: LineText
    description: Annotated[str, Field(max_length=1000)] = ""
    icon: Annotated[str, Field(max_length=16)] = ""
    target: Annotated[str, Field(max_length=200)] = ""
    """Where installs go, for people."""


def read_registry_table(data: bytes | None) -> RegistryTable:
    """What `index/registry.yaml` says; defaults where there is no such file. `InvalidInput` with all faults."""
    if data is None:
        return RegistryTable()
    value = _yaml(data, REGISTRY_TABLE)
    if not isinstance(value, dict):
        raise InvalidInput(
            "it is no list of `key: value` lines", where=REGISTRY_TABLE, hint="write: name: …", code="bad-table"
        )
    return _row(RegistryTable, value, REGISTRY_TABLE)


def read_categories(data: bytes | None, kinds: Kinds) -> tuple[CategoryRow, ...]:
    """The rows of `index/categories.yaml` in their order, then one for each kind that has none."""
    value = [] if data is None else _yaml(data, CATEGORIES_TABLE)
    if isinstance(value, dict):
        value = value.get("categories")
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        hint = "begin each row with a line `- id: skills`"
        raise InvalidInput("it is no list of categories", where=CATEGORIES_TABLE, hint=hint, code="bad-table")
    rows = [_row(CategoryRow, row, CATEGORIES_TABLE) for row in value]
    names = [row.id for row in rows]
    for name in sorted(set(names)):
        if name in TAKEN or names.count(name) > 1:
            why = "is an address of something else" if name in TAKEN else "is there twice"
            raise InvalidInput(f"the category {name} {why}", where=CATEGORIES_TABLE, code="bad-table")
    rows += [derived for derived in derived_categories(kinds) if derived.id not in names]
    return tuple(rows)


def derived_categories(kinds: Kinds) -> tuple[CategoryRow, ...]:
    """The rows that the kinds themselves give, in the order of their ids."""
    return tuple(
        CategoryRow(id=kind.category, name=kind.title, description=kind.summary, icon=kind.icon, target=kind.target)
        for kind in kinds
    )


def table_bytes(value: object) -> bytes:
    """A table as YAML, for a new registry: the same value gives the same bytes."""
    import yaml

    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000)
    return text.encode("utf-8")


def _yaml(data: bytes, path: str) -> Any:  # Any: as YAML gives it
    from registry_tool.core.native.yaml_text import load_yaml

    loaded = load_yaml(data, what=path)
    if not loaded.good:
        first = next(finding for finding in loaded.findings if finding.level == "fail")
        raise InvalidInput(first.message, where=path, hint=first.hint, code="bad-table", findings=loaded.findings)
    return loaded.value


def _row(model: type[T], value: dict[str, Any], path: str) -> T:  # Any: as YAML gives it
    try:
        return model.of(value)
    except InvalidInput as error:
        raise InvalidInput(error.message, where=path, code="bad-table", findings=error.findings) from error
