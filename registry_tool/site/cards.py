"""An artifact in a list: what its card says, in words.

`site_templates/cards.html` writes it down, and tells the markup that the search page's script builds as well.
"""

from dataclasses import dataclass
from typing import Final

from registry_tool.core.artifact_reviews import rating_words
from registry_tool.core.release import CatalogueRow
from registry_tool.core.tables import CategoryRow
from registry_tool.site.words import counted, day, line

SHOWN: Final = 240
"""Characters of a description on a card."""


@dataclass(frozen=True, slots=True)
class Card:
    """An artifact in a list."""

    href: str
    title: str
    artifact: str
    description: str
    """On one line, at most `SHOWN` characters."""
    version: str
    category: str
    asks: str
    updated: str
    status: str
    """Empty where it is active."""
    verified: bool
    official: bool
    imported: bool
    stars: str
    """`s0` to `s10`, by half stars; empty without reviews."""
    rating: str
    installs: str


def card(row: CatalogueRow, category: CategoryRow, root: str, *, installs: int | None) -> Card:
    """The card of `row` on a page that lies `root` below; `installs` as `Name.installs`."""
    return Card(
        href=f"{root}{address(row.artifact, category.id)}",
        title=line(row.title),
        artifact=row.artifact,
        description=shortened(line(row.description), SHOWN),
        version=row.version,
        category=line(category.name),
        asks=counted(len(row.permissions), "permission", "permissions") if row.permissions else "asks for nothing",
        updated=day(row.updated),
        status="" if row.status == "active" else row.status,
        verified=row.author_verified,
        official=row.official,
        imported=row.imported,
        stars=f"s{half_stars(row.rating['mean'])}" if row.rating else "",
        rating=rating_words(row.rating or {"count": 0}),
        installs=installs_words(installs),
    )


def address(artifact: str, category: str) -> str:
    """Where an artifact's page lies, from the site's root."""
    scope, _, name = artifact[1:].partition("/")
    return f"{category}/{scope}/{name}/"


def half_stars(mean: str) -> int:
    """The nearest number of half stars for a mean as `rating` writes it: 9 of `4.33`; a tie goes up."""
    whole, _, rest = mean.partition(".")
    return (int(whole) * 100 + int(rest) + 25) // 50


def installs_words(installs: int | None) -> str:
    """Installs for people; that nobody counted is not the same as none."""
    if installs is None:
        return "installs not measured"
    if not installs:
        return "no installs yet"
    return f"at least {installs:,} {'install' if installs == 1 else 'installs'}"


def shortened(text: str, most: int) -> str:
    """`text` with at most `most` characters, cut after a word where there is one to cut after."""
    if len(text) <= most:
        return text
    kept, _, _ = text[: most - 1].rpartition(" ")
    return (kept or text[: most - 1]).rstrip() + "…"
