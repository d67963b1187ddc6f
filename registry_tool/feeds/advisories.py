"""Advisories: what people who have a release installed must hear of, for programs and for readers of news.

    advisories/<id>.json    one OSV document (Open Source Vulnerability format 1.7) for each event that alarms
    advisories/all.json     all of them in one line each, the newest first
    advisories/feed.json    JSON Feed 1.1            advisories/feed.xml    Atom (RFC 4287)

An id comes from the event's digest, and every time from an event: the same repository gives the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.payload import Files
from registry_tool.core.reasons import reason_words
from registry_tool.core.status import GRAVEST_FIRST
from registry_tool.feeds.syndication import ENTRIES, Entry, Feed, planned

FOLDER: Final = "advisories/"
INDEX: Final = FOLDER + "all.json"
FEED: Final = FOLDER + "feed"
OSV_VERSION: Final = "1.7.0"

Notice = Mapping[str, Any]  # Any: JSON, as `Name.notices` makes it

_BECAME: Final = {**dict(GRAVEST_FIRST), "restore": "restored"}


def advisory_path(notice: Notice) -> str:
    """Where it lies on the site."""
    return f"{FOLDER}{notice['id']}.json"


def osv(name: Name, about: About) -> Files:
    """One OSV document for each event of a name that alarms."""
    return {advisory_path(one): canonical.encode(document(one, about)) for one in name.notices()}


def advisories(listing: Listing) -> Iterable[Planned]:
    """The index and the feeds about all of them."""
    about = listing.about
    newest = newest_first(listing.notices)
    index = {
        "schema": "registry.advisories/1",
        "registry": about.id,
        "advisories": [_line(one) for one in newest],
    }
    data = canonical.encode(index)
    yield Planned(INDEX, sha256(data), lambda: data)
    title = f"Advisories of {about.table.name}"
    feed = Feed(about.id, title, about.table.name, about.table.url, FEED, FOLDER)
    yield from planned(feed, sha256(data), lambda: entries(newest))


def newest_first(notices: Iterable[Notice]) -> list[Notice]:
    """Notices as people read them."""
    return sorted(notices, key=lambda one: (str(one["at"]), str(one["id"])), reverse=True)


def entries(newest: Sequence[Notice]) -> list[Entry]:
    """The newest of these notices as news; `newest` is sorted so."""
    return [entry(one, f"{FOLDER}#{one['id']}") for one in newest[:ENTRIES]]


def entry(notice: Notice, page: str) -> Entry:
    """What became of a release, as news; `page` tells of it."""
    return Entry(
        Hex(str(notice["event"])),
        title=_summary(notice),
        text=_details(notice),
        published=str(notice["at"]),
        updated=_modified(notice),
        page=page,
        tags=(str(notice["action"]), str(notice["reason"])),
        name=str(notice["id"]),
    )


def document(notice: Notice, about: About) -> dict[str, Any]:  # Any: JSON
    """The OSV document about one event; `withdrawn` where it was lifted."""
    address = f"{about.table.url}{advisory_path(notice)}" if about.table.url else ""
    return {
        "schema_version": OSV_VERSION,
        "id": notice["id"],
        "published": notice["at"],
        "modified": _modified(notice),
        **({"withdrawn": notice["lifted"]} if notice["lifted"] else {}),
        "summary": _summary(notice),
        "details": _details(notice),
        "affected": [
            {
                "package": {"ecosystem": f"registry:{about.id}", "name": notice["artifact"]},
                "versions": [notice["version"]],
                "database_specific": {"kind": notice["kind"], "manifest": notice["manifest"]},
            }
        ],
        "references": [{"type": "ADVISORY", "url": address}] if address else [],
        "database_specific": {
            "registry": about.id,
            "action": notice["action"],
            "reason": notice["reason"],
            "note": notice["note"],
            "event": prefixed(notice["event"]),
        },
    }


def _line(notice: Notice) -> dict[str, Any]:  # Any: JSON
    return {
        "id": notice["id"],
        "artifact": notice["artifact"],
        "version": notice["version"],
        "action": notice["action"],
        "reason": notice["reason"],
        "published": notice["at"],
        "modified": _modified(notice),
        **({"withdrawn": notice["lifted"]} if notice["lifted"] else {}),
    }


def _modified(notice: Notice) -> str:
    return str(notice["lifted"] or notice["at"])


def _summary(notice: Notice) -> str:
    lifted = " (lifted)" if notice["lifted"] else ""
    return f"{notice['artifact']} {notice['version']} {_BECAME[str(notice['action'])]}: {notice['reason']}{lifted}"


def _details(notice: Notice) -> str:
    """The reason in our words, and the note quoted, as Markdown: whoever wrote it cannot pass for us."""
    sentence = reason_words(str(notice["action"]), str(notice["reason"]))
    note = "\n".join(f"> {line}" for line in str(notice["note"]).splitlines())
    return f"{sentence}\n\n{note}" if note else sentence
