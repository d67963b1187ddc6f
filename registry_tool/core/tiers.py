"""What each tier lets people do, in words and numbers (M8). A registry without the table has no tiers.

    index/tiers.yaml ──▶ `tiers` in chains/registry.json ──▶ clients, who ask for nothing more

    marketplace_browse                   searching and showing: always on
    marketplace_install_<category>_cap   how many of a category may be installed from this registry
    marketplace_publish                  whether an author may publish

Caps decide what an install may add, never what is trusted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from registry_tool.core.document import Document
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kinds
from registry_tool.core.tables import row_of, yaml_of

TIERS_TABLE: Final = "index/tiers.yaml"
FREE: Final = "free"
"""The tier of everybody who has no other."""
ALIAS: Final = "marketplace_install_cap"
"""How one cap for every category was written before each had its own."""
ALIAS_GOES: Final = "0.2.0"
"""The version of this tool that reads the alias no more."""
UNCAPPED: Final = frozenset({"blueprints", "gadgets"})
"""Categories that never have a cap: their clients know no tiers."""
BROWSE: Final = "marketplace_browse"
PUBLISH: Final = "marketplace_publish"
MOST_TIERS: Final = 50
MOST_CAPS: Final = 100

TierName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


def _cappable(caps: dict[str, int]) -> dict[str, int]:
    never = sorted(UNCAPPED & caps.keys())
    if never:
        raise ValueError(f"{never[0]} never have a cap")
    return caps


Caps = Annotated[
    dict[
        Annotated[str, Field(pattern=rf"^([a-z][a-z0-9-]{{1,30}}|{ALIAS})$")],
        Annotated[int, Field(ge=0, le=1_000_000)],
    ],
    Field(max_length=MOST_CAPS),
    AfterValidator(_cappable),
]
"""By category, how many may be installed; a category that is missing has no cap."""


class Tier(Document):
    """What one tier allows."""

    caps: Caps
    publish: bool
    """Whether an author who has it may publish."""


def _whole(tiers: dict[str, Tier]) -> dict[str, Tier]:
    if FREE not in tiers:
        raise ValueError(f"there is no tier {FREE}, which everybody has who has no other")
    return tiers


Tiers = Annotated[dict[TierName, Tier], Field(max_length=MOST_TIERS), AfterValidator(_whole)]
"""Every tier by its name; `free` is one of them."""


class TiersTable(Document):
    """`index/tiers.yaml`."""

    tiers: Tiers


DEFAULT: Final[Mapping[str, Mapping[str, object]]] = {
    FREE: {"caps": {"apps": 3, "skills": 5, "widgets": 10, "themes": 3, "plugins": 3}, "publish": False},
    "pro": {"caps": {}, "publish": True},
    "team": {"caps": {}, "publish": True},
    "enterprise": {"caps": {}, "publish": True},
}
"""What `init --tiers` begins with."""


def read_tiers(data: bytes | None) -> dict[str, Tier] | None:
    """What `index/tiers.yaml` says; `None` where there is no such file. `InvalidInput` with all faults."""
    if data is None:
        return None
    value = yaml_of(data, TIERS_TABLE)
    if not isinstance(value, dict):
        hint = "write: tiers: {free: {caps: {skills: 5}, publish: false}}"
        raise InvalidInput("it has no line `tiers:`", where=TIERS_TABLE, hint=hint, code="bad-table")
    return row_of(TiersTable, value, TIERS_TABLE).tiers


def tiers_value(tiers: Mapping[str, Tier]) -> dict[str, object]:
    """Tiers as JSON, for `chains/registry.json`."""
    return {name: tiers[name].value() for name in sorted(tiers)}


def table_faults(tiers: Mapping[str, Tier], kinds: Kinds) -> Iterator[Finding]:
    """What a table says that no reader can be meant to follow: a cap for what is no category, the old alias."""
    categories = {kind.category for kind in kinds}
    for name in sorted(tiers):
        for category in sorted(tiers[name].caps.keys() - categories - {ALIAS}):
            hint = "one of: " + ", ".join(sorted(categories - UNCAPPED))
            yield Finding("table", "fail", f"the tier {name} has a cap for {category}, no category", TIERS_TABLE, hint)
        if ALIAS in tiers[name].caps:
            yield Finding("table", "warn", alias_notice(f"the tier {name}"), TIERS_TABLE, "write a cap by category")


def alias_notice(who: str) -> str:
    """What people are told who still write, or are given, the old alias."""
    return f"{who} still says {ALIAS}; registry-tool {ALIAS_GOES} reads it no more, and only caps by category then"


def cap_gate(category: str) -> str:
    """What the gate of a category is called."""
    return f"marketplace_install_{category}_cap"


def caps_by_category(caps: Mapping[str, int], categories: Iterable[str]) -> dict[str, int]:
    """The cap of each of `categories` that has one; the old alias counts for those that have none of their own."""
    found = {}
    for category in sorted(set(categories) - UNCAPPED):
        cap = caps.get(category, caps.get(ALIAS))
        if cap is not None:
            found[category] = cap
    return found


def gates(caps: Mapping[str, int], *, publish: bool, categories: Iterable[str]) -> dict[str, bool | int | None]:
    """Every gate by its name; `None` is a cap that there is not."""
    names = sorted(set(categories) - UNCAPPED)
    by_category = caps_by_category(caps, names)
    return {BROWSE: True, **{cap_gate(one): by_category.get(one) for one in names}, PUBLISH: publish}


@dataclass(frozen=True, slots=True)
class Excess:
    """A category of which an install would add too many."""

    category: str
    cap: int
    there: tuple[str, ...]
    """What is installed of it, by artifact."""
    added: tuple[str, ...]
    """What the install would add."""


def excess(
    caps: Mapping[str, int], *, there: Mapping[str, Sequence[str]], added: Mapping[str, Sequence[str]]
) -> Excess | None:
    """The first category of which there would be more than its cap; `None` where all of `added` fits.

    `caps`, `there` and `added` are by category. What adds nothing is never too much, however much there is.
    """
    for category in sorted(caps.keys() & added.keys()):
        old, new = tuple(sorted(there.get(category, ()))), tuple(sorted(added[category]))
        if new and len(old) + len(new) > caps[category]:
            return Excess(category, caps[category], old, new)
    return None
