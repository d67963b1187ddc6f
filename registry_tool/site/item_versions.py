"""The versions of an artifact: the newest on its page, and all of them on pages of a hundred, counted from the oldest.

Counted like this a new version touches the last of those pages alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core import layout
from registry_tool.core.gained import gain_words
from registry_tool.core.index import About, Category, Name, Release
from registry_tool.core.kind import Kind
from registry_tool.core.payload import Files
from registry_tool.site.item_permissions import PermissionChange, change
from registry_tool.site.templates import render
from registry_tool.site.views import STATUS_WORDS, Frame, event_words, frame
from registry_tool.site.words import counted, day, line, size, visible

SHOWN: Final = 50
"""Versions on the artifact's own page."""
PAGE: Final = 100
"""Versions on each further page."""
EVENTS: Final = 5
"""Of one version that are told; the file about the name has all."""
GAINS: Final = 10


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One release in the list of versions."""

    version: str
    status: str
    words: str
    date: str
    admitted: str
    size: str
    digest: str
    object: str
    """Address of its manifest."""
    events: tuple[str, ...]
    change: PermissionChange | None
    """Of its permissions; `None` where nothing of them changed."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The part of a page that lists versions."""

    lines: tuple[VersionLine, ...]
    pages: tuple[tuple[str, str], ...]
    """Address and words of each page of older ones; empty where all are here."""
    count: str
    data: str
    """Address of the file about the name, which has all of them."""


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """A page of versions."""

    frame: Frame
    title: str
    artifact: str
    words: str
    versions: Versions


def versions(name: Name, category: Category, root: str) -> Versions:
    """The newest versions, for the artifact's own page."""
    releases = name.releases
    pages = _parts(name) if len(releases) > SHOWN else ()
    return Versions(
        tuple(_line(one, name, category, root) for one in releases[:SHOWN]),
        tuple((f"versions/{number}/", _words(part)) for number, part in reversed(tuple(enumerate(pages, start=1)))),
        counted(len(releases), "version", "versions"),
        f"{root}{layout.name_path(name.artifact)}",
    )


def older_pages(name: Name, category: Category, about: About, folder: str) -> Files:
    """The further pages, below `folder`; none where the artifact's own page has all."""
    if len(name.releases) <= SHOWN:
        return {}
    return {
        f"{folder}versions/{number}/index.html": _page(name, part, category, about, f"{folder}versions/{number}/")
        for number, part in enumerate(_parts(name), start=1)
    }


def _parts(name: Name) -> tuple[Sequence[Release], ...]:
    """A hundred each, the oldest first; in each of them the newest first."""
    count = len(name.releases)
    return tuple(name.releases[max(0, count - end) : count - end + PAGE] for end in range(PAGE, count + PAGE, PAGE))


def _words(part: Sequence[Release]) -> str:
    newest, oldest = part[0].manifest.version, part[-1].manifest.version
    return f"{oldest} to {newest}" if len(part) > 1 else newest


def _page(name: Name, part: Sequence[Release], category: Category, about: About, path: str) -> bytes:
    root, title = "../../../../../", line(name.shown.manifest.title)
    words = _words(part)
    around = frame(
        about,
        root,
        title=f"{title}: versions {words}",
        description=f"Versions {words} of {name.artifact}",
        current=category.row.id,
        path=path,
    )
    lines = tuple(_line(one, name, category, root) for one in part)
    found = Versions(lines, (), counted(len(part), "version", "versions"), f"{root}{layout.name_path(name.artifact)}")
    return render("versions.html", page=VersionsPage(around, title, str(name.artifact), words, found))


def _line(release: Release, name: Name, category: Category, root: str) -> VersionLine:
    changed = change(release, name.releases, category, root)
    left = len(release.events) - EVENTS
    more = (f"And {counted(left, 'earlier notice', 'earlier notices')}, in the data.",) if left > 0 else ()
    return VersionLine(
        version=release.manifest.version,
        status=release.status,
        words=STATUS_WORDS[release.status],
        date=day(str(release.admitted["at"])),
        admitted=admitted_words(release, category.kind),
        size=size(release.manifest.bundle.size),
        digest=release.digest,
        object=f"{root}{layout.object_path(release.digest)}",
        events=(*more, *(event_words(event) for event in release.events[-EVENTS:])),
        change=changed if changed and (changed.added or changed.removed) else None,
    )


def admitted_words(release: Release, kind: Kind | None) -> str:
    """Who let a release in, and how, in one or two sentences."""
    facts = release.admitted
    when = day(str(facts["at"]))
    if facts["path"] == "owner":
        return f"Let in on {when} as its owner's update: it asks for nothing that was not granted before."
    people = [str(person) for person in facts["approved_by"]] or [str(facts["by"])]
    who = ", ".join(people[:-1]) + (" and " if len(people) > 1 else "") + people[-1]
    gains = [gain_words(one, kind) for one in release.gained[:GAINS]]
    gains += [f"{len(release.gained) - GAINS} more"] if len(release.gained) > GAINS else []
    new = f" New in it: it {visible('; '.join(gains))}." if gains else ""
    return f"Looked at and let in by {who} on {when}.{new}"
