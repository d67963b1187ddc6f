"""The search page, which works on the files of `feeds/search_index.py`; without scripting its links lead to everything.

/find/?q=pdf&kind=skill&tag=…&hook=…&author=…&permission=…&without=…&verified=yes&sort=recent&page=2
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from registry_tool.core.digest import sha256
from registry_tool.core.index import Listing, Planned
from registry_tool.core.permissions import group_of
from registry_tool.core.query import FOUND
from registry_tool.core.release import CatalogueRow
from registry_tool.core.tables import CategoryRow
from registry_tool.site.cards import card
from registry_tool.site.templates import render, static_file
from registry_tool.site.views import frame
from registry_tool.site.words import counted, line, visible

PAGE: Final = "find/index.html"
OFFERED: Final = 50
"""Tags, hooks and permissions that the form suggests, the commonest; others can be typed."""


def card_value(row: CatalogueRow, category: CategoryRow, installs: int | None) -> list[str]:
    """A card as the page's script fills it in: address, class of its stars, then each text in the template's order."""
    one = card(row, category, "../", installs=installs)
    marks = (
        "" if one.verified else "not verified",
        "author verified" if one.verified else "",
        "official" if one.official else "",
        "imported" if one.imported else "",
        one.status,
    )
    rating = (one.rating, "") if one.stars else ("", one.rating)
    facts = (one.installs, one.category, one.asks, f"updated {one.updated}")
    return [one.href, one.stars, one.title, one.artifact, one.version, one.description, *marks, *rating, *facts]


def find_page(listing: Listing) -> Iterable[Planned]:
    """The search page, its script and its styles."""
    code, styles = script(), static_file("find.css")
    yield Planned("search.js", sha256(code), lambda: code)
    yield Planned("find.css", sha256(styles), lambda: styles)
    kinds = [row.kind for row in listing.rows]
    there = [row for row in listing.rows if row.status in FOUND]
    offered = {
        "tags": _commonest(tag for row in there for tag in row.tags),
        "hooks": _commonest(hook for row in there for hook in row.hooks),
        "permissions": _commonest(group for row in there for group in {group_of(one) for one in row.permissions}),
    }
    tabs = [
        {
            "id": tab.kind.id if tab.kind else tab.row.id,
            "name": line(tab.row.name),
            "href": f"../{tab.row.id}/",
            "count": counted(kinds.count(tab.kind.id) if tab.kind else 0, "entry", "entries"),
        }
        for tab in listing.about.categories
    ]
    yield Planned(PAGE, repr((offered, tabs)), partial(_page, listing, offered, tabs))


def _page(listing: Listing, offered: dict[str, list[str]], tabs: Sequence[dict[str, Any]]) -> bytes:  # Any: template
    around = frame(
        listing.about,
        "../",
        title="Find",
        description="Search by words, kind, tag, hook, author and permission",
        path="find/",
    )
    return render("find.html", frame=around, kinds=tabs, **offered)


def _commonest(words: Iterable[str]) -> list[str]:
    found = Counter(words)
    return sorted(visible(word) for word in sorted(found, key=lambda word: (-found[word], word))[:OFFERED])


def script() -> bytes:
    """The script without its comments and indentation, which a browser has no use for."""
    lines = (one.strip() for one in static_file("search.js").decode("utf-8").splitlines())
    return "".join(f"{one}\n" for one in lines if one and not one.startswith("//")).encode("utf-8")
