"""What RFC 4287 asks of a feed, part by part, as checks of our own."""

import re
from typing import Final
from xml.etree import ElementTree

ATOM: Final = "{http://www.w3.org/2005/Atom}"

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ONCE: Final = ("id", "title", "updated")
_FEED: Final = {*_ONCE, "author", "link", "entry"}
_ENTRY: Final = {*_ONCE, "published", "link", "content"}


def atom_faults(data: bytes) -> list[str]:
    """Every rule that a feed breaks; `ParseError` where it is no XML."""
    feed = ElementTree.fromstring(data)
    entries = feed.findall(f"{ATOM}entry")
    faults = [] if feed.tag == f"{ATOM}feed" else ["2: the document element is atom:feed"]
    faults += _common(feed, _FEED, "4.1.1")
    if not (feed.findtext(f"{ATOM}author/{ATOM}name") or "").strip():
        faults.append("4.1.1: a feed has an author, or each of its entries does")
    for entry in entries:
        faults += _common(entry, _ENTRY, "4.1.2")
        if entry.find(f"{ATOM}content") is None:
            faults.append("4.1.2: an entry without content has a link rel=alternate")
        if not _TIME.fullmatch(entry.findtext(f"{ATOM}published") or ""):
            faults.append("3.3: published is a time of RFC 3339")
    ids = [one.findtext(f"{ATOM}id") for one in (feed, *entries)]
    if len(set(ids)) != len(ids):
        faults.append("4.2.6: ids are unique")
    updated = [str(one.findtext(f"{ATOM}updated")) for one in entries]
    if updated and feed.findtext(f"{ATOM}updated") != max(updated):
        faults.append("4.2.15: the feed is as new as its newest entry")
    return faults


def _common(element: ElementTree.Element, known: set[str], part: str) -> list[str]:
    """What feeds and entries have in common."""
    names = [child.tag.removeprefix(ATOM) for child in element]
    faults = [f"{part}: exactly one {name}" for name in _ONCE if names.count(name) != 1]
    faults += [f"{part}: {name} has no place here" for name in sorted(set(names) - known)]
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", element.findtext(f"{ATOM}id") or ""):
        faults.append("4.2.6: an id is an IRI, here of RFC 9562")
    if not _TIME.fullmatch(element.findtext(f"{ATOM}updated") or ""):
        faults.append("3.3: updated is a time of RFC 3339")
    if not (element.findtext(f"{ATOM}title") or "").strip():
        faults.append("4.2.14: a title says something")
    links = [
        (link.get("rel", "alternate"), link.get("type"), link.get("hreflang")) for link in element.iter(f"{ATOM}link")
    ]
    own = links if element.tag == f"{ATOM}entry" else links[: names.count("link")]
    if len(set(own)) != len(own):
        faults.append(f"{part}: one link of each relation and type")
    if any(not (link.get("href") or "").startswith(("http://", "https://")) for link in element.iter(f"{ATOM}link")):
        faults.append("4.2.7: a link has an address")
    return faults
