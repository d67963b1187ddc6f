"""News of the registry: names that are new, releases, and what is dangerous; of everything and of each category.

    feeds/new.xml         feeds/<category>/new.xml         names that were not there before
    feeds/updated.xml     feeds/<category>/updated.xml     releases, with what they newly ask for
    feeds/security.xml    feeds/<category>/security.xml    advisories

Each lies there as `.json` too (`syndication.py`). Nothing is called new that an install without a version would not
take. Of one name at most its last 20 releases are told, so that nobody fills the feed with one name.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from typing import Any, Final

from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Category, Listing, Name, Planned
from registry_tool.core.release import CatalogueRow
from registry_tool.core.showing import counted, line
from registry_tool.core.status import TREATMENT
from registry_tool.feeds.advisories import FOLDER, Notice, entries, newest_first
from registry_tool.feeds.release_news import NOTHING, Item, Told, gained_lines, release_entry, told
from registry_tool.feeds.syndication import ENTRIES, Entry, Feed, planned

FACTS: Final = "news"
"""The id under which `news_facts` is asked for."""
KEPT: Final = 20
"""Releases of one name, the newest."""


def news_facts(name: Name, about: About) -> list[list[Any]] | None:  # Any: JSON
    """The newest releases of a name that may be told as news, the newest first; `None` where there is none."""
    found = [one.value() for one in told(name) if TREATMENT[one.status].chosen][:KEPT]
    return found or None


@dataclass(frozen=True, slots=True)
class _Newest:
    """What is told of everything, or of one category."""

    names: Sequence[CatalogueRow]
    releases: Sequence[tuple[CatalogueRow, Told]]
    notices: Sequence[Notice]

    @classmethod
    def of(
        cls, names: Iterable[CatalogueRow], releases: Iterable[tuple[CatalogueRow, Told]], notices: Iterable[Notice]
    ) -> "_Newest":
        """The newest of these."""
        return cls(
            nlargest(ENTRIES, names, key=lambda row: (row.published, row.artifact)),
            nlargest(ENTRIES, releases, key=lambda one: (one[1].at, one[0].artifact)),
            newest_first(notices)[:ENTRIES],
        )


def news(listing: Listing) -> Iterable[Planned]:
    """All of these feeds."""
    about, facts = listing.about, listing.facts.get(FACTS, {})
    rows: dict[str, list[CatalogueRow]] = {}
    for row in listing.rows:
        rows.setdefault(row.kind, []).append(row)
    notices: dict[str, list[Notice]] = {}
    for notice in listing.notices:
        notices.setdefault(str(notice["kind"]), []).append(notice)
    kinds = sorted(rows.keys() | notices.keys())
    by_kind = {kind: _of_kind(rows.get(kind, ()), facts, notices.get(kind, ())) for kind in kinds}
    # The newest of all are among the newest of each kind.
    parts = by_kind.values()
    everything = _Newest.of(
        (one for part in parts for one in part.names),
        (one for part in parts for one in part.releases),
        (one for part in parts for one in part.notices),
    )
    yield from _feeds(about, None, everything)
    for category in about.categories:
        part = by_kind.get(category.kind.id) if category.kind else None
        yield from _feeds(about, category, part or _Newest((), (), ()))


def _of_kind(rows: Sequence[CatalogueRow], facts: Mapping[str, Any], notices: Sequence[Notice]) -> _Newest:  # Any: JSON
    there = (row for row in rows if row.artifact in facts)
    # Whatever is among the newest releases is of a name that is among those with the newest release.
    latest = nlargest(ENTRIES, there, key=lambda row: (facts[row.artifact][0][1], row.artifact))
    releases = ((row, Told.of(value)) for row in latest for value in facts[row.artifact])
    return _Newest.of((row for row in rows if TREATMENT[row.status].chosen), releases, notices)


def _feeds(about: About, category: Category | None, part: _Newest) -> Iterable[Planned]:
    names = [
        [row.artifact, row.kind, row.title, row.description, row.author, list(row.permissions), row.published]
        for row in part.names
    ]
    releases = [[row.artifact, row.kind, row.title, row.author, one.value()] for row, one in part.releases]
    notices = [dict(one) for one in part.notices]
    feed = partial(_feed, about, category)
    yield from planned(feed("new", "New in"), json.dumps(names), partial(_new_names, about, part.names))
    yield from planned(feed("updated", "Updates in"), json.dumps(releases), partial(_releases, about, part.releases))
    key = json.dumps(notices, sort_keys=True)
    yield from planned(feed("security", "Security news of", page=FOLDER), key, partial(entries, part.notices))


def _feed(about: About, category: Category | None, what: str, words: str, page: str = "") -> Feed:
    """Where the news of everything, or of a category, lie."""
    registry = line(about.table.name)
    where = f"{line(category.row.name)}, {registry}" if category else registry
    tab = f"{category.row.id}/" if category else ""
    digest = sha256(f"{about.id} feeds/{tab}{what}".encode())
    return Feed(digest, f"{words} {where}", registry, about.table.url, f"feeds/{tab}{what}", page or tab)


def _new_names(about: About, rows: Sequence[CatalogueRow]) -> list[Entry]:
    return [_new_name(row, about) for row in rows]


def _new_name(row: CatalogueRow, about: About) -> Entry:
    item = Item(row.artifact, row.kind, row.title, row.author)
    category = about.category_of(row.kind)
    kind = category.kind if category else None
    gains = [f"permission {one}" for one in row.permissions]
    said = "\n".join(f"> {line(one)}" for one in row.description.splitlines())
    asks = f"It asks for {counted(len(gains), 'permission', 'permissions')}: it"
    lines = [asks, *gained_lines(gains, kind)] if gains else [NOTHING]
    return Entry(
        sha256(f"{about.id} new {row.artifact}".encode()),
        title=f"{row.artifact} is new: “{line(row.title)}”",
        text="\n".join([*lines, "", f"Its author {row.author} says:", "", said]),
        published=row.published,
        updated=row.published,
        page=item.page(about),
        tags=(row.kind,),
    )


def _releases(about: About, newest: Sequence[tuple[CatalogueRow, Told]]) -> list[Entry]:
    return [release_entry(one, Item(row.artifact, row.kind, row.title, row.author), about) for row, one in newest]
