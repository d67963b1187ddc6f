"""Advisories: what people who have a release installed must hear of, for programs and for readers of news.

    advisories/<id>.json    one OSV document (Open Source Vulnerability format 1.7) for each event that alarms
    advisories/all.json     all of them in one line each, the newest first
    advisories/feed.json    JSON Feed 1.1            advisories/feed.xml    Atom (RFC 4287)

An id comes from the event's digest, and every time from an event: the same repository gives the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.payload import Files
from registry_tool.core.reasons import reason_words
from registry_tool.core.status import GRAVEST_FIRST

FOLDER: Final = "advisories/"
INDEX: Final = FOLDER + "all.json"
JSON_FEED: Final = FOLDER + "feed.json"
ATOM: Final = FOLDER + "feed.xml"
OSV_VERSION: Final = "1.7.0"
ENTRIES: Final = 100
"""In the feeds; the index has all."""

Notice = Mapping[str, Any]  # Any: JSON, as `Name.notices` makes it

_STATUS = dict(GRAVEST_FIRST)
_NEVER: Final = "1970-01-01T00:00:00Z"  # Atom wants a time also of a feed without entries
_XML: Final = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\N{REPLACEMENT CHARACTER}"
)
"""What XML 1.0 part 2.2 has no way to write."""


def advisory_path(notice: Notice) -> str:
    """Where it lies on the site."""
    return f"{FOLDER}{notice['id']}.json"


def osv(name: Name, about: About) -> Files:
    """One OSV document for each event of a name that alarms."""
    return {advisory_path(one): canonical.encode(document(one, about)) for one in name.notices()}


def advisories(listing: Listing) -> Iterable[Planned]:
    """The index and the feeds about all of them."""
    about = listing.about
    newest = sorted(listing.notices, key=lambda one: (str(one["at"]), str(one["id"])), reverse=True)
    index = {
        "schema": "registry.advisories/1",
        "registry": about.id,
        "advisories": [_line(one) for one in newest],
    }
    shown = newest[:ENTRIES]
    for path, data in {
        INDEX: canonical.encode(index),
        JSON_FEED: canonical.encode(_json_feed(shown, about)),
        ATOM: _atom(shown, about).encode("utf-8"),
    }.items():
        yield _planned(path, data)


def _planned(path: str, data: bytes) -> Planned:
    return Planned(path, sha256(data), lambda: data)


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
    return f"{notice['artifact']} {notice['version']} {_STATUS[notice['action']]}: {notice['reason']}{lifted}"


def _details(notice: Notice) -> str:
    """The reason in our words, and the note quoted, as Markdown: whoever wrote it cannot pass for us."""
    sentence = reason_words(str(notice["action"]), str(notice["reason"]))
    note = "\n".join(f"> {line}" for line in str(notice["note"]).splitlines())
    return f"{sentence}\n\n{note}" if note else sentence


def _json_feed(notices: Sequence[Notice], about: About) -> dict[str, Any]:  # Any: JSON
    url = about.table.url
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Advisories of {about.table.name}",
        **({"home_page_url": f"{url}{FOLDER}", "feed_url": f"{url}{JSON_FEED}"} if url else {}),
        "language": "en",
        "items": [
            {
                "id": one["id"],
                **({"url": f"{url}{FOLDER}#{one['id']}"} if url else {}),
                "title": _summary(one),
                "content_text": _details(one),
                "date_published": one["at"],
                "date_modified": _modified(one),
                "tags": [one["action"], one["reason"]],
            }
            for one in notices
        ],
    }


def _atom(notices: Sequence[Notice], about: About) -> str:
    url = about.table.url
    updated = max((_modified(one) for one in notices), default=_NEVER)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_urn(about.id)}</id>",
        f"<title>{_text(f'Advisories of {about.table.name}')}</title>",
        f"<updated>{updated}</updated>",
        f"<author><name>{_text(about.table.name)}</name></author>",
    ]
    lines += [f'<link rel="self" href="{_text(url + ATOM)}"/>', f'<link href="{_text(url + FOLDER)}"/>'] if url else []
    for one in notices:
        address = _text(f"{url}{FOLDER}#{one['id']}")
        link = f'<link href="{address}"/>' if url else ""
        lines += [
            "<entry>",
            f"<id>{_urn(str(one['event']))}</id>",
            f"<title>{_text(_summary(one))}</title>",
            f"<published>{one['at']}</published>",
            f"<updated>{_modified(one)}</updated>{link}",
            f'<content type="text">{_text(_details(one))}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def _text(text: str) -> str:
    return escape(text.translate(_XML))


def _urn(digest: str) -> str:
    """A UUID made of a digest (RFC 9562 part 5.8), since an entry's id must not change with the site's address."""
    variant = "89ab"[int(digest[16], 16) % 4]
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
