"""Many rows of a catalogue, and many queries, the same for the same seed: for everything that searches."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any, Final

from registry_tool.core.counts import Counts
from registry_tool.core.index import About, Category, Listing
from registry_tool.core.release import CatalogueRow, Status
from registry_tool.core.tables import CategoryRow, RegistryTable
from registry_tool.core.times import from_seconds
from registry_tool.feeds.search_index import FACTS, told
from registry_tool.kinds import all_kinds

REGISTRY: Final = "5e" * 32
VOCABULARY: Final = 12_000
SYLLABLES: Final = "ba co de fi ga ho in ka lo me no pa qui ra sto ti un va wer xy zen con pre ment ing er al".split()
TAGS: Final = [f"tag-{number}" for number in range(40)] + ["pdf", "data", "co", "c"]
HOOKS: Final = ["useMap", "useData", "Chart", "useCo", "Map", "useTime"]
PERMISSIONS: Final = [
    *(f"network:{name}.example.org" for name in ("a", "b", "api", "cdn")),
    *("network", "fs:tmp", "chat_inject", "mcp:Read", "mcp:read", "cap:NET_BIND_SERVICE", "port:8080/tcp"),
]
STATUSES: Final[tuple[Status, ...]] = ("active", "deprecated", "yanked", "revoked")
ODD: Final = (
    "<img src=x onerror=alert(1)> & \"quotes\" 'here'",
    "\u202eevil\u202c \u200fright to left \u0645\u0631\u062d\u0628\u0627\u060c \u05e9\u05dc\u05d5\u05dd",
    "\u5929\u6c14 \u9884\u62a5 \u30ab\u30ec\u30f3\u30c0\u30fc \uc548\ub155 \u0433\u043e\u0440\u043e\u0434",
    "\u00dcber caf\u00e9 \u0130stanbul \u03a3\u039f\u03a6\u039f\u03a3 \ufb01le \uff30\uff24\uff26 \u2460 \U0001f600",
    "x" * 280,
    "   \u00a0\u3000  ",
    "__proto__ constructor toString hasOwnProperty",
    "con prn aux nul com1 -x - -- :",
)
"""Titles as hostile people write them; what of it is a word is found like any other."""


@cache
def vocabulary() -> tuple[str, ...]:
    """Words, the commonest first."""
    random = Random(7)
    found = {"".join(random.choice(SYLLABLES) for _ in range(random.randint(1, 4))) for _ in range(VOCABULARY)}
    return tuple(sorted(found, key=lambda word: (len(word), sha(word), word)))


def sha(text: str) -> int:
    """A number for a text, the same everywhere."""
    total = sum(ord(one) * (31 + place) ** 3 for place, one in enumerate(text))
    return total % 10_007


def words(random: Random, count: int) -> str:
    """Prose in which a few words are in nearly everything and most in next to nothing."""
    known = vocabulary()
    return " ".join(known[min(int(random.paretovariate(0.35)) - 1, len(known) - 1)] for _ in range(count))


def row(number: int, random: Random) -> CatalogueRow:
    """The row with this number, which came here after those before it."""
    kind = random.choice(["skill", "skill", "skill", "app", "widget", "theme", "plugin", "gadget", "blueprint"])
    title = random.choice(ODD) if random.random() < 0.02 else words(random, random.randint(1, 4)).capitalize()
    published = 1_700_000_000 + number * 3600
    updated = published + (random.randint(0, 90) * 86_400 if random.random() < 0.3 else 0)
    scope = f"scope-{random.randint(0, 3 + number // 6)}"
    more: dict[str, Any] = {"author_verified": True} if random.random() < 0.4 else {}
    if random.random() < 0.1:
        more["rating"] = {"count": random.randint(1, 30), "mean": f"{random.randint(100, 500) / 100:.2f}"}
    return CatalogueRow(
        artifact=f"@{scope}/{random.choice(vocabulary()[:3000])}-{number}",
        kind=kind,
        version=f"1.{random.randint(0, 9)}.0",
        title=title,
        description=words(random, random.randint(6, 40)).capitalize() + ".",
        author=scope if random.random() < 0.8 else f"author-{random.randint(0, 30)}",
        tags=tuple(sorted(random.sample(TAGS, random.randint(0, 4)))),
        permissions=tuple(sorted(random.sample(PERMISSIONS, random.choice([0, 0, 0, 1, 1, 2, 4])))),
        status=random.choices(STATUSES, [94, 3, 2, 1])[0],
        published=from_seconds(published),
        updated=from_seconds(updated),
        hooks=tuple(random.sample(HOOKS, random.randint(1, 3))) if kind == "gadget" else (),
        search={},
        **more,
    )


@cache
def rows(count: int, seed: int = 1) -> tuple[CatalogueRow, ...]:
    """So many rows, sorted by artifact."""
    random = Random(seed)
    return tuple(sorted((row(number, random) for number in range(count)), key=lambda one: one.artifact))


def counts(given: Sequence[CatalogueRow], seed: int = 1) -> Counts:
    """Installs: a few names have many, most have none."""
    random = Random(seed)
    names: dict[str, dict[str, dict[str, int]]] = {
        one.artifact: {one.version: {"before": int(random.paretovariate(0.6))}}
        for one in given
        if random.random() < 0.3
    }
    return Counts(schema="registry.counts/1", registry=REGISTRY, until="2026-03-01", names=names)


def about() -> About:
    """A registry with a tab for each kind."""
    tabs = tuple(Category(CategoryRow(id=kind.category, name=kind.title), kind) for kind in all_kinds())
    return About(REGISTRY, RegistryTable(name="The Reading Room"), False, tabs, ("mod",))  # type: ignore[arg-type]  # an id of 64 digits


def listing(given: Sequence[CatalogueRow], counted: Counts | None = None) -> Listing:
    """What the build gives to feeds of the whole."""
    from registry_tool.core.index import fact_key

    facts = {one.artifact: told(one) for one in given}
    keys = {one.artifact: {"": fact_key(one.value()), FACTS: fact_key(facts[one.artifact])} for one in given}
    return Listing(about(), tuple(given), (), facts={FACTS: facts}, counts=counted, keys=keys)
