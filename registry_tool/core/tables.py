"""The tables of words: `index/registry.yaml`, `index/categories.yaml` and `index/sources.yaml`.

Nothing that decides trust is read from them.
"""

from itertools import pairwise
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field

from registry_tool.core.document import ArtifactText, Document, IdText, LineText, NumberInt, Seq, TimeText
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Kinds

T = TypeVar("T", bound=Document)

REGISTRY_TABLE: Final = "index/registry.yaml"
CATEGORIES_TABLE: Final = "index/categories.yaml"
SOURCES_TABLE: Final = "index/sources.yaml"

REPOSITORY_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$"
"""`owner/name` in a forge."""

TAKEN: Final = frozenset(
    "about advisories api assets authors badges bundles chains counts cp dist feeds find ggui hooks hosting index "
    "objects permission permissions pkg publish queue schemas search submit tag tags trust tuf".split()
)
"""First parts of addresses of the site that are something else than a category."""

_ADDRESS: Final = r"^(https?://[A-Za-z0-9.:\[\]-]{1,255}/([A-Za-z0-9._~/-]{0,300}/)?)?$"


class SecurityRow(Document):
    """Where to report what is dangerous (`/.well-known/security.txt`, RFC 9116)."""

    contact: Annotated[str, Field(pattern=r"^(https://|mailto:)[!-~]{3,300}$")]
    expires: TimeText
    """Until when this is good; who writes it looks at it again once a year."""
    policy: Annotated[str, Field(pattern=r"^(https://[!-~]{3,300})?$")] = ""


class RegistryTable(Document):
    """What the operator says about the registry."""

    name: LineText = "A registry"
    description: Annotated[str, Field(max_length=1000)] = ""
    url: Annotated[str, Field(pattern=_ADDRESS)] = ""
    """Address of the built site, with a slash at its end; empty where it has none yet."""
    git: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x20\x7f]*$")] = ""
    """Where submissions go."""
    official: Annotated[Seq[IdText], Field(max_length=1000)] = ()
    """Scopes (without `@`) that the operator calls official: a word on their pages, and no trust."""
    old_slugs: Annotated[dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")], ArtifactText],
                         Field(max_length=2000)] = Field(default_factory=dict)  # fmt: skip
    """What an address of an older marketplace (`/api/v1/marketplace/skills/<slug>`) is called here."""
    security: SecurityRow | None = None


class CategoryRow(Document):
    """One tab of the gallery."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    """Plural, as in its address: `/skills/`."""
    name: LineText
    description: Annotated[str, Field(max_length=1000)] = ""
    icon: Annotated[str, Field(max_length=16)] = ""
    target: Annotated[str, Field(max_length=200)] = ""
    """Where installs go, for people."""


TAG_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._/*+-]{0,199}$"


class SourceRow(Document):
    """One repository whose releases the registry takes in by itself."""

    forge: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$")]
    """Its host, as `github.com`."""
    repository: NumberInt
    """By its number: a name can be given to somebody else."""
    name: Annotated[str, Field(pattern=REPOSITORY_PATTERN)]
    """`owner/name`, for people; it may be an old one."""
    tags: Annotated[str, Field(pattern=TAG_PATTERN)] = "v*"
    """Which tags are taken: `*` stands for any text."""


class SourcesTable(Document):
    """`index/sources.yaml`."""

    sources: Annotated[Seq[SourceRow], Field(max_length=1000)]


def read_sources(data: bytes | None) -> tuple[SourceRow, ...]:
    """The rows of `index/sources.yaml`; none where there is no such file. `InvalidInput` with all faults."""
    value = {"sources": []} if data is None else yaml_of(data, SOURCES_TABLE)
    if not isinstance(value, dict):
        hint = "write: sources: [{forge: github.com, repository: 1, name: owner/name}]"
        raise InvalidInput("it has no line `sources:`", where=SOURCES_TABLE, hint=hint, code="bad-table")
    rows = row_of(SourcesTable, value, SOURCES_TABLE).sources
    twice = [row.name for row, other in pairwise(sorted(rows, key=_numbered)) if _numbered(row) == _numbered(other)]
    if twice:
        message = f"the repository {twice[0]} is there twice"
        raise InvalidInput(message, where=SOURCES_TABLE, hint="one row, with a pattern for its tags", code="bad-table")
    return rows


def _numbered(row: SourceRow) -> tuple[str, int]:
    return row.forge, row.repository


def read_registry_table(data: bytes | None) -> RegistryTable:
    """What `index/registry.yaml` says; defaults where there is no such file. `InvalidInput` with all faults."""
    if data is None:
        return RegistryTable()
    value = yaml_of(data, REGISTRY_TABLE)
    if not isinstance(value, dict):
        raise InvalidInput(
            "it is no list of `key: value` lines", where=REGISTRY_TABLE, hint="write: name: …", code="bad-table"
        )
    return row_of(RegistryTable, value, REGISTRY_TABLE)


def read_categories(data: bytes | None, kinds: Kinds) -> tuple[CategoryRow, ...]:
    """The rows of `index/categories.yaml` in their order, then one for each kind that has none."""
    value = [] if data is None else yaml_of(data, CATEGORIES_TABLE)
    if isinstance(value, dict):
        value = value.get("categories")
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        hint = "begin each row with a line `- id: skills`"
        raise InvalidInput("it is no list of categories", where=CATEGORIES_TABLE, hint=hint, code="bad-table")
    rows = [row_of(CategoryRow, row, CATEGORIES_TABLE) for row in value]
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


def yaml_of(data: bytes, path: str) -> Any:  # Any: as YAML gives it
    """The value of a table; `InvalidInput` (`bad-table`) for what is no YAML, naming the file."""
    from registry_tool.core.native.yaml_text import load_yaml

    loaded = load_yaml(data, what=path)
    if not loaded.good:
        first = next(finding for finding in loaded.findings if finding.level == "fail")
        raise InvalidInput(first.message, where=path, hint=first.hint, code="bad-table", findings=loaded.findings)
    return loaded.value


def row_of(model: type[T], value: dict[str, Any], path: str) -> T:  # Any: as YAML gives it
    """The row, or the whole table, that `value` holds; `InvalidInput` (`bad-table`) with all faults otherwise."""
    try:
        return model.of(value)
    except InvalidInput as error:
        raise InvalidInput(error.message, where=path, code="bad-table", findings=error.findings) from error
