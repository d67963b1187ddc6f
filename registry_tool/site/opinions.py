"""What people think of an artifact, on its page: the rating, how the stars are spread, the newest reviews."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.artifact_reviews import MOST_STARS, author_of, rating, rating_words
from registry_tool.core.index import Name
from registry_tool.site.cards import half_stars
from registry_tool.site.words import counted, day, paragraphs, visible

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
    author_href: str
    version: str
    date: str
    text: tuple[str, ...]
    """Paragraphs."""


@dataclass(frozen=True, slots=True)
class StarsRow:
    """How many gave so many stars."""

    stars: str
    """`5 stars`."""
    count: int
    bar: str
    """The class of a bar of that length, `s0` to `s10`."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """What people think of an artifact."""

    rating: str
    """`4.33 of 5 stars (3 reviews)`, or that there are none yet."""
    stars: str
    """The class of a row of stars, `s0` to `s10` for half ones; empty where there are no reviews."""
    spread: tuple[StarsRow, ...]
    """Most stars first; empty where there are no reviews."""
    lines: tuple[ReviewLine, ...]
    more: str
    """How many are not on the page; empty where all are."""


def opinions(name: Name, root: str) -> Opinions:
    """What people think of an artifact, the newest first, for a page that lies `root` below."""
    shown = name.reviews[:SHOWN]
    left = len(name.reviews) - len(shown)
    told = rating(name.reviews)
    return Opinions(
        rating_words(told),
        f"s{half_stars(told['mean'])}" if told["count"] else "",
        _spread(told),
        tuple(
            ReviewLine(
                "★" * one.stars + "☆" * (MOST_STARS - one.stars),
                f"{one.stars} of {MOST_STARS} stars",
                author_of(one),
                f"{root}authors/{author_of(one)}/",
                visible(one.version),
                day(one.at),
                paragraphs(one.text),
            )
            for one in shown
        ),
        counted(left, "older review", "older reviews") if left else "",
    )


def _spread(told: Mapping[str, Any]) -> tuple[StarsRow, ...]:  # Any: JSON
    if not told["count"]:
        return ()
    rows = ((number, told["stars"][str(number)]) for number in range(MOST_STARS, 0, -1))
    return tuple(
        StarsRow(counted(number, "star", "stars"), count, f"s{-(-10 * count // told['count'])}")
        for number, count in rows
    )
