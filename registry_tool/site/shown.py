"""What lists show: every artifact that has a page, in each order, and a key that says when its card is another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core.counts import coarse
from registry_tool.core.index import Listing
from registry_tool.core.query import FEW_REVIEWS, FOUND, MIDDLE, by_popularity, by_rating, by_time
from registry_tool.core.release import CatalogueRow
from registry_tool.core.tables import CategoryRow
from registry_tool.site.cards import Card, card

Order = Literal["popular", "recent", "rating", "new"]

_GONE: Final = " What new installs do not take stands last."


@dataclass(frozen=True, slots=True)
class Entry:
    """One artifact that has a page."""

    row: CatalogueRow
    category: CategoryRow
    installs: int | None
    """As `Name.installs`."""
    key: str
    """Changes whenever its card might."""
    name: str
    """What it is looked up by in an alphabet: its own name, then its scope."""
    places: Mapping[Order, int]
    """Where it stands in each order."""

    def card(self, root: str) -> Card:
        """Its card on a page that lies `root` below."""
        return card(self.row, self.category, root, installs=self.installs)


def entries(listing: Listing) -> tuple[Entry, ...]:
    """Everything that has a page, the most popular first; what is of a kind without a tab has none."""
    tabs = {kind: tab.row for kind in {row.kind for row in listing.rows} if (tab := listing.about.category_of(kind))}
    rows = [row for row in listing.rows if row.kind in tabs]
    installs = _installs(listing, rows)
    popular = by_popularity(rows, installs)
    by: Mapping[Order, Sequence[CatalogueRow]] = {
        "popular": popular,
        "recent": by_time(rows),
        "rating": by_rating(popular),
        "new": sorted(rows, key=lambda row: row.published, reverse=True),
    }
    places: dict[str, dict[Order, int]] = {row.artifact: {} for row in rows}
    for order, ordered_rows in by.items():
        for place, row in enumerate(sorted(ordered_rows, key=is_gone)):
            places[row.artifact][order] = place
    made = []
    for row in sorted(popular, key=is_gone):
        scope, _, name = row.artifact[1:].partition("/")
        told = installs.get(row.artifact)
        key = f"{listing.row_key(row)}{told}"
        made.append(Entry(row, tabs[row.kind], told, key, f"{name}!{scope}", places[row.artifact]))
    return tuple(made)


def _installs(listing: Listing, rows: Sequence[CatalogueRow]) -> Mapping[str, int]:
    counts = listing.counts
    return {row.artifact: coarse(counts.total(row.artifact)) for row in rows} if counts is not None else {}


def is_gone(row: CatalogueRow) -> bool:
    """Whether new installs do not take it: such things stand last in every order."""
    return row.status not in FOUND


def groups(shown: Sequence[Entry], members: Callable[[Entry], Sequence[str]]) -> dict[str, list[Entry]]:
    """The entries of each word that `members` tells, in the order of `shown`; the words sorted."""
    found: dict[str, list[Entry]] = {}
    for entry in shown:
        for word in members(entry):
            found.setdefault(word, []).append(entry)
    return {word: found[word] for word in sorted(found)}


def ordered(shown: Sequence[Entry], order: Order, most: int) -> Sequence[Entry]:
    """The first `most` of the entries in another order; they come with the most popular first."""
    return (shown if order == "popular" else sorted(shown, key=lambda entry: entry.places[order]))[:most]


def why(order: Order, *, counted: bool, gone: bool) -> str:
    """Why a list has its order: whether installs are `counted`, and whether something in it is not taken any more."""
    words = {
        "popular": "What is installed most stands first; installs are rounded down to 1, 2 or 5 and zeros, and of"
        " equals the one that has been here longest comes first."
        if counted
        else "Installs are not measured here, so what has been here longest stands first.",
        "recent": "What got a new version last stands first.",
        "rating": f"By the mean of their stars, as if {FEW_REVIEWS} people more had given {MIDDLE} to each: a single"
        " review moves little. What nobody has reviewed comes last.",
        "new": "What came here last stands first.",
    }
    return words[order] + (_GONE if gone else "")
