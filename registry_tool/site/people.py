"""Authors on pages: who somebody says to be, and what of it was confirmed.

Everything that people wrote is shown as text on lines of its own, and never becomes a link unless it is an https
address that the author signed as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_tool.site.words import claim_words, day, line, paragraphs


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim of an author."""

    text: str
    confirmed: str
    """Who confirmed it and when; empty where nobody did."""


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """Everything about one author."""

    author: str
    name: str
    """What they call themselves; empty where they said nothing."""
    about: tuple[str, ...]
    verified: bool
    claims: tuple[ClaimView, ...]
    links: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    scopes: tuple[str, ...]


def author_page(author: str, told: Mapping[str, Any]) -> AuthorPage:  # Any: JSON
    """What is told of an author; `told` is what they say of themselves (`people.AuthorFile`), empty where nothing."""
    return AuthorPage(
        author=author,
        name=line(told["name"]) if told else "",
        about=paragraphs(told.get("about", "")),
        verified=bool(told.get("verified")),
        claims=tuple(
            ClaimView(
                claim_words(one),
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
    )
