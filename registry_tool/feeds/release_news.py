"""What there is to tell of one name: its releases, with what they newly ask for, and what became of them.

    <category>/<scope>/<name>/feed.xml    Atom (RFC 4287), the newest 100

A release that newly asks for permissions says so in its title. One that must not be installed stays, since who read
of it before must see what became of it; its title says that too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.gained import gain_words
from registry_tool.core.index import About, EventNote, Name, Release
from registry_tool.core.kind import Kind
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Files
from registry_tool.core.release import Status
from registry_tool.core.showing import STATUS_WORDS, counted, line
from registry_tool.feeds.advisories import entry
from registry_tool.feeds.syndication import ENTRIES, Entry, Feed, atom

GAINS: Final = 20
"""Of one release that are told one by one."""

NOTHING: Final = "It asks for nothing."

_PERMISSION: Final = "permission "


@dataclass(frozen=True, slots=True)
class Item:
    """Whose news it is."""

    artifact: str
    kind: str
    title: str
    author: str

    def page(self, about: About) -> str:
        """Its page, from the site's root; the first page of all where its kind has no tab."""
        category = about.category_of(self.kind)
        artifact = parse_artifact(self.artifact)
        return f"{category.row.id}/{artifact.scope}/{artifact.name}/" if category else ""


@dataclass(frozen=True, slots=True)
class Told:
    """A release as news, small enough to be remembered."""

    version: str
    at: str
    """When it was let in."""
    changed: str
    """When something last became of it; `at` where nothing did."""
    digest: Hex
    status: Status
    first: bool
    """Whether no release of the name was let in before."""
    permissions: int
    """How many it newly asks for."""
    more: int
    """How many gains are not told one by one."""
    gained: tuple[str, ...]
    """Lines as `gained.gained` writes them, the first `GAINS`."""

    def value(self) -> list[Any]:  # Any: JSON
        """As a list, which many names of a registry have."""
        head = [self.version, self.at, self.changed, self.digest, self.status]
        return [*head, self.first, self.permissions, self.more, *self.gained]

    @classmethod
    def of(cls, value: Sequence[Any]) -> Self:  # Any: JSON
        """What `value` made."""
        version, at, changed, digest, status, first, permissions, more, *gained = value
        return cls(version, at, changed, digest, status, first, permissions, more, tuple(gained))


def told(name: Name) -> list[Told]:
    """The releases of a name, the newest first."""
    newest = sorted(name.releases, key=lambda one: str(one.admitted["at"]), reverse=True)
    return [_told(one, first=one is newest[-1]) for one in newest]


def _told(release: Release, *, first: bool) -> Told:
    at = str(release.admitted["at"])
    # Whatever its admission lists, a first release asks for all of its permissions newly.
    asked = [f"{_PERMISSION}{one}" for one in release.manifest.permissions] if first else []
    gained = sorted({*release.gained, *asked}, key=lambda one: (not one.startswith(_PERMISSION), one))
    return Told(
        release.manifest.version,
        at,
        changed=max([at, *(event.at for event in release.events)]),
        digest=release.digest,
        status=release.status,
        first=first,
        permissions=sum(one.startswith(_PERMISSION) for one in gained),
        more=max(0, len(gained) - GAINS),
        gained=tuple(gained[:GAINS]),
    )


def item_news(name: Name, about: About) -> Files:
    """The feed of one name; none where its kind has no tab."""
    shown = name.shown.manifest
    item = Item(shown.artifact, name.kind, shown.title, shown.author)
    page = item.page(about)
    if not page:
        return {}
    table = about.table
    digest = sha256(f"{about.id} {item.artifact}".encode())
    title = f"{item.artifact} in {line(table.name)}: “{line(item.title)}”"
    feed = Feed(digest, title, line(table.name), table.url, f"{page}feed", page)
    found: list[Entry] = []
    by_digest = {release.digest: release for release in name.releases}
    for one in told(name):
        release = by_digest[one.digest]
        found += [_event(event, release, item, page) for event in reversed(release.events)]
        found.append(release_entry(one, item, about))
    newest = sorted(found, key=lambda one: one.published, reverse=True)[:ENTRIES]
    return {f"{feed.path}.xml": atom(feed, newest).encode("utf-8")}


def _event(event: EventNote, release: Release, item: Item, page: str) -> Entry:
    lifted = next((one.at for one in release.events if one.lifts == prefixed(event.sha256)), None)
    version = release.manifest.version
    notice = {
        "id": "",
        "artifact": item.artifact,
        "version": version,
        "action": event.action,
        "reason": event.reason,
        "note": event.note,
        "at": event.at,
        "event": event.sha256,
        "lifted": lifted,
    }
    return entry(notice, f"{page}#v{version}")


def release_entry(one: Told, item: Item, about: About) -> Entry:
    """A release as news, the same in every feed."""
    category = about.category_of(item.kind)
    asks = counted(one.permissions, "permission", "permissions")
    title = f"{item.artifact} {one.version}" + (", the first release" if one.first else "")
    if one.permissions:
        title += f", asks for {asks}" if one.first else f" newly asks for {asks}"
    lines = []
    if one.status != "active":
        title += f" ({one.status})"
        lines = [f"This version is {STATUS_WORDS[one.status]}.", ""]
    if one.gained:
        lines.append("This first release" if one.first else "It newly")
        lines += gained_lines(one.gained, category.kind if category else None, more=one.more)
    else:
        lines.append(NOTHING if one.first else "It asks for nothing that was not granted before.")
    return Entry(
        one.digest,
        title=title,
        text="\n".join([*lines, "", f"Its author {item.author} calls it “{line(item.title)}”."]),
        published=one.at,
        updated=one.changed,
        page=f"{item.page(about)}#v{one.version}",
        tags=(item.kind,),
    )


def gained_lines(gains: Sequence[str], kind: Kind | None, *, more: int = 0) -> list[str]:
    """Gains in words, a line each, at most `GAINS` of them; `more` are already left out."""
    left = more + max(0, len(gains) - GAINS)
    lines = [f"- {line(gain_words(one, kind))}" for one in gains[:GAINS]]
    return [*lines, f"- and {left} more, which its page lists"] if left else lines
