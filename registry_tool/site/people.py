"""Authors and reviews on pages: who somebody says to be, what of it was confirmed, and what people think.

Everything that people wrote is shown as text on lines of its own, and never becomes a link unless it is an https
address that the author signed as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.artifact_reviews import MOST_STARS, author_of, rating, rating_words
from registry_tool.core.index import About, Name
from registry_tool.core.profiles import Standing, claim_value
from registry_tool.core.release import CatalogueRow
from registry_tool.site.views import Card, Frame, frame
from registry_tool.site.words import counted, day, line, visible

SHOWN: Final = 20
"""Reviews on an artifact's page; the site's file about them has more."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review."""

    stars: str
    """`★★★★☆`."""
    words: str
    """`4 of 5 stars`."""
    author: str
    version: str
    date: str
    text: tuple[str, ...]
    """Paragraphs."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """What people think of an artifact."""

    rating: str
    """`4.33 of 5 stars (3 reviews)`, or that there are none yet."""
    lines: tuple[ReviewLine, ...]
    more: str
    """How many are not on the page; empty where all are."""


@dataclass(frozen=True, slots=True)
class Seals:
    """The marks of an artifact on its page."""

    verified: str
    """What a moderator confirmed of its author; empty where that is nothing."""
    official: bool
    imported: str
    """Where it was taken from; empty where its author published it."""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim of an author."""

    text: str
    confirmed: str
    """Who confirmed it and when; empty where nobody did."""


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """Everything about one author."""

    frame: Frame
    author: str
    name: str
    """What they call themselves; empty where they said nothing."""
    about: tuple[str, ...]
    verified: bool
    claims: tuple[ClaimView, ...]
    links: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    scopes: tuple[str, ...]
    count: str
    cards: tuple[Card, ...]


def opinions(name: Name) -> Opinions:
    """What people think of an artifact, the newest first."""
    shown = name.reviews[:SHOWN]
    left = len(name.reviews) - len(shown)
    return Opinions(
        rating_words(rating(name.reviews)),
        tuple(
            ReviewLine(
                "★" * one.stars + "☆" * (MOST_STARS - one.stars),
                f"{one.stars} of {MOST_STARS} stars",
                author_of(one),
                visible(one.version),
                day(one.at),
                paragraphs(one.text),
            )
            for one in shown
        ),
        counted(left, "older review", "older reviews") if left else "",
    )


def seals(name: Name) -> Seals:
    """The marks of an artifact."""
    imported = name.shown.manifest.imported
    return Seals(
        _confirmed(name.author) if name.marks.author_verified and name.author else "",
        name.marks.official,
        line(imported.from_) if imported else "",
    )


def _confirmed(standing: Standing) -> str:
    """The confirmed claims in a few words."""
    return ", ".join(_claim(claim_value(one.claim, standing)) for one in standing.confirmed)


def author_page(
    about: About, author: str, rows: Sequence[CatalogueRow], told: Mapping[str, Any], cards: tuple[Card, ...]
) -> AuthorPage:
    """The page of one author; `told` is what they say of themselves (`people.AuthorFile`), empty where nothing."""
    name = line(told["name"]) if told else ""
    return AuthorPage(
        frame=frame(about, "../../", title=name or author, description=f"What {author} published"),
        author=author,
        name=name,
        about=paragraphs(told.get("about", "")),
        verified=bool(told.get("verified")),
        claims=tuple(
            ClaimView(
                _claim(one),
                f"confirmed by {', '.join(one['by'])} on {day(one['at'])}" if one["verified"] else "",
            )
            for one in told.get("claims", ())
        ),
        links=tuple((line(word), link) for word, link in sorted(told.get("links", {}).items())),
        removed=tuple(
            f"{line(one['claim'])}: taken away on {day(one['at'])}: “{line(one['note'])}”"
            for one in told.get("removed", ())
        ),
        scopes=tuple(f"@{one['scope']} ({one['role']})" for one in told.get("scopes", ())),
        count=counted(len(rows), "artifact", "artifacts"),
        cards=cards,
    )


def _claim(value: Mapping[str, Any]) -> str:  # Any: JSON
    if value["claim"] == "domain":
        return visible(value["domain"])
    return f"{line(value['name'])} ({value['claim']} in {line(value['forge'])})"


def paragraphs(text: str) -> tuple[str, ...]:
    """Foreign text as lines that have something on them."""
    return tuple(visible(one.strip()) for one in text.splitlines() if one.strip())
