"""The home page: what there is, what moved lately, what is looked at before anything is let in, and how to begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from registry_tool.core.index import About, Listing, Planned
from registry_tool.site.cards import Card
from registry_tool.site.shown import Entry, ordered
from registry_tool.site.templates import render
from registry_tool.site.views import frame
from registry_tool.site.words import counted, line, visible

SHOWN: Final = 6
"""In each of the lists of the home page."""


@dataclass(frozen=True, slots=True)
class Door:
    """A category on the home page."""

    href: str
    name: str
    icon: str
    description: str
    count: int


@dataclass(frozen=True, slots=True)
class Lately:
    """One of the lists."""

    title: str
    cards: tuple[Card, ...]


def home(listing: Listing, shown: Sequence[Entry]) -> Planned:
    """The page."""
    counts = {one.row.id: 0 for one in listing.about.categories}
    for entry in shown:
        counts[entry.category.id] += 1
    picked = _picked(listing, shown)
    queue = listing.queue
    waiting = "" if queue is None else counted(len(queue.waiting), "submission waits", "submissions wait")
    keys = [entry.key for _, members in picked for entry in members]
    key = "\n".join((repr(counts), waiting, str(len(picked)), *keys))
    return Planned("index.html", key, partial(_home, listing.about, counts, picked, waiting))


def _picked(listing: Listing, shown: Sequence[Entry]) -> list[tuple[str, Sequence[Entry]]]:
    """What the lists hold; of a small registry one is enough, and nothing is popular where nobody counts."""
    lists = [("Lately updated", ordered(shown, "recent", SHOWN))]
    if len(shown) > SHOWN:
        lists.append(("Newly added", ordered(shown, "new", SHOWN)))
        if listing.counts is not None:
            lists.insert(0, ("Popular", ordered(shown, "popular", SHOWN)))
    return lists if shown else []


def _home(about: About, counts: dict[str, int], picked: Sequence[tuple[str, Sequence[Entry]]], waiting: str) -> bytes:
    table = about.table
    demo = " --demo" if about.demonstration else ""
    return render(
        "home.html",
        frame=frame(about, "", title=table.name, description=table.description or table.name, path=""),
        description=visible(table.description),
        tabs=[
            Door(
                f"{one.row.id}/",
                line(one.row.name),
                visible(one.row.icon),
                line(one.row.description) if one.row.description else "",
                counts[one.row.id],
            )
            for one in about.categories
        ],
        lists=[Lately(title, tuple(entry.card("") for entry in members)) for title, members in picked],
        total=counted(sum(counts.values()), "artifact", "artifacts"),
        moderators=about.moderators,
        add=f"registry add {table.url} --root {about.id}{demo}" if table.url else "",
        waiting=waiting,
    )
