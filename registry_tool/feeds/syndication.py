"""News for readers of news: Atom (RFC 4287) and JSON Feed 1.1, both from the same entries.

An entry is known by a digest, never by the site's address: a registry that moves tells nothing twice. Whoever
makes entries makes foreign text fit for people first (`core/showing.py`); here it is only written so that it
stays text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.digest import Hex
from registry_tool.core.index import Planned
from registry_tool.core.payload import Files

ENTRIES: Final = 100
"""In one feed, the newest; readers ask again long before so many are new."""

_NEVER: Final = "1970-01-01T00:00:00Z"  # Atom wants a time also of a feed without entries
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 part 2.2 has no way to write."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news."""

    digest: Hex
    """By which it is known: the same wherever it is made, and another one for each entry of a feed."""
    title: str
    text: str
    """Plain text; may have several lines."""
    published: str
    updated: str
    page: str
    """The page about it, from the site's root."""
    tags: tuple[str, ...] = ()
    name: str = ""
    """Its id in JSON Feed; the one of Atom where it is empty."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where some news lies and what it is called."""

    digest: Hex
    """By which it is known."""
    title: str
    author: str
    """The registry's name: it speaks, whoever wrote what it quotes."""
    site: str
    """The site's address; empty where it has none: then nothing links anywhere."""
    path: str
    """From the site's root, without its extension."""
    page: str
    """The page that people see instead, from the site's root."""


def both(feed: Feed, entries: Sequence[Entry]) -> Files:
    """The feed's two files, `.json` and `.xml`; `entries` are sorted, the newest first."""
    return {
        f"{feed.path}.json": canonical.encode(json_feed(feed, entries)),
        f"{feed.path}.xml": atom(feed, entries).encode("utf-8"),
    }


def planned(feed: Feed, key: str, entries: Callable[[], Sequence[Entry]]) -> tuple[Planned, Planned]:
    """The same, made only where `key` changed: it says all that `entries` depends on, the registry's tables apart."""
    return (
        Planned(f"{feed.path}.json", key, lambda: canonical.encode(json_feed(feed, entries()))),
        Planned(f"{feed.path}.xml", key, lambda: atom(feed, entries()).encode("utf-8")),
    )


def json_feed(feed: Feed, entries: Sequence[Entry]) -> dict[str, Any]:  # Any: JSON
    """The document of JSON Feed 1.1."""
    site = feed.site
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        **({"home_page_url": f"{site}{feed.page}", "feed_url": f"{site}{feed.path}.json"} if site else {}),
        "language": "en",
        "items": [
            {
                "id": one.name or urn(one.digest),
                **({"url": f"{site}{one.page}"} if site else {}),
                "title": one.title,
                "content_text": one.text,
                "date_published": one.published,
                "date_modified": one.updated,
                "tags": list(one.tags),
            }
            for one in entries
        ],
    }


def atom(feed: Feed, entries: Sequence[Entry]) -> str:
    """The document of Atom; a feed without entries was never updated."""
    link = partial(_link, feed.site)
    updated = max((one.updated for one in entries), default=_NEVER)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{urn(feed.digest)}</id>",
        f"<title>{_text(feed.title)}</title>",
        f"<updated>{updated}</updated>",
        f"<author><name>{_text(feed.author)}</name></author>",
        *([link(f"{feed.path}.xml", ' rel="self"'), link(feed.page)] if feed.site else []),
    ]
    for one in entries:
        lines += [
            "<entry>",
            f"<id>{urn(one.digest)}</id>",
            f"<title>{_text(one.title)}</title>",
            f"<published>{one.published}</published>",
            f"<updated>{one.updated}</updated>{link(one.page)}",
            f'<content type="text">{_text(one.text)}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def urn(digest: Hex) -> str:
    """A UUID made of a digest (RFC 9562 part 5.8), since an id must not change with the site's address."""
    variant = "89ab"[int(digest[16], 16) % 4]
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def _link(site: str, path: str, relation: str = "") -> str:
    return f'<link{relation} href="{_text(site + path)}"/>' if site else ""


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))
