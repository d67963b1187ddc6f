"""What stands on many pages, as frozen values: templates hold no logic beyond lists and ifs.

All text in here is visible already (`words.visible`); only `html` of a text and nothing else is markup.
"""

from dataclasses import dataclass

from registry_tool.core.index import About, EventNote, Release
from registry_tool.core.reasons import reason_words
from registry_tool.site.words import day, line, visible

STATUS_WORDS = {
    "active": "active",
    "deprecated": "deprecated: it works, and its author advises something else",
    "yanked": "yanked: new installs do not take it",
    "quarantined": "in quarantine: a moderator is looking into it, nobody installs it",
    "revoked": "revoked: nobody should have it installed",
    "withheld": "withheld: its files are not published",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A link of the navigation."""

    href: str
    name: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it."""

    root: str
    """From the page back to the site's root: `../../`."""
    title: str
    description: str
    registry: str
    registry_id: str
    demonstration: bool
    tabs: tuple[Tab, ...]
    canonical: str = ""
    """The page's whole address; empty where the site has none, or the page is one of many like it."""
    feed: str = ""
    """From the page to the news of what it shows; empty where those are the registry's."""


def frame(
    about: About,
    root: str,
    *,
    title: str,
    description: str,
    current: str = "",
    path: str | None = None,
    feed: str = "",
) -> Frame:
    """What stands around a page that lies `root` below; `path` is its own from the site's root, where it is told."""
    return Frame(
        root=root,
        title=line(title),
        description=line(description)[:300],
        registry=line(about.table.name),
        registry_id=about.id,
        demonstration=about.demonstration,
        tabs=tuple(
            Tab(f"{root}{one.row.id}/", line(one.row.name), visible(one.row.icon), one.row.id == current)
            for one in about.categories
        ),
        canonical=f"{about.table.url}{path}" if about.table.url and path is not None else "",
        feed=feed,
    )


def why(release: Release) -> str:
    """Why a release is not active, in a sentence of ours and the words of who said it; empty where it is."""
    if release.status == "active":
        return ""
    if release.standing is None:
        return "Whoever signed it was taken back, and everything since with it."
    return event_words(release.standing)


def event_words(event: EventNote) -> str:
    """What became of a release, in one sentence."""
    return f"{day(event.at)} {event.action} ({event.reason}): {reason_and_note(event.action, event.reason, event.note)}"


def reason_and_note(action: str, reason: str, note: str) -> str:
    """The reason as a sentence of ours, and the note in quotes."""
    return visible(reason_words(action, reason)) + (f" “{line(note)}”" if note else "")
