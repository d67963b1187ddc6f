"""The site map (sitemaps.org 0.9): every page that people look for, in parts that seldom change.

    sitemap.xml                      the index of the parts
    sitemap-about.xml                home, documentation, advisories, categories
    sitemap-authors.xml              authors
    sitemap-<category>.xml           artifacts of one category

A group of more than 45,000 pages is split by the first hex digits of the SHA-256 of their addresses, as
`sitemap-skills.3f.xml`: one new page changes one part. A registry without an address has no site map.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from typing import Final

from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Listing, Planned
from registry_tool.core.release import CatalogueRow
from registry_tool.core.status import TREATMENT
from registry_tool.feeds.llms import DOCUMENTS

INDEX: Final = "sitemap.xml"
PART_ADDRESSES: Final = 45_000
"""Sitemaps 0.9 allows 50,000."""

_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>'

Page = tuple[str, str]
"""An address from the site's root, and when it last changed; empty where nobody knows."""


def sitemap(listing: Listing) -> Iterable[Planned]:
    """The index and its parts; nothing where the registry has no address."""
    about = listing.about
    if not about.table.url:
        return
    found: list[Page] = []
    for group, pages in (one for one in _groups(listing) if one[1]):  # an empty part is no site map
        for digits, part in parts(pages, most=PART_ADDRESSES).items():
            path = f"sitemap-{group}.{digits}.xml" if digits else f"sitemap-{group}.xml"
            found.append((path, max((time for _, time in part), default="")))
            yield Planned(path, _key(part), partial(_part, about, part))
    yield Planned(INDEX, _key(found), partial(_index, about, found))


def parts(pages: Sequence[Page], *, most: int) -> Mapping[str, Sequence[Page]]:
    """`pages` in parts of at most `most`, each under the hex digits that the digests of its addresses begin with."""
    split: dict[str, list[Page]] = {"": list(pages)}
    digests = {path: sha256(path.encode("utf-8")) for path, _ in pages} if len(pages) > most else {}
    digits = 0
    while max(map(len, split.values())) > most:
        digits += 1
        split = {}
        for page in pages:
            split.setdefault(digests[page[0]][:digits], []).append(page)
    return dict(sorted(split.items()))


def _groups(listing: Listing) -> Iterator[tuple[str, list[Page]]]:
    categories = listing.about.categories
    items: dict[str, list[Page]] = {one.row.id: [] for one in categories}
    by_kind = {one.kind.id: one.row.id for one in categories if one.kind}
    authors = dict.fromkeys(sorted(listing.authors), "")
    for row in listing.rows:
        authors[row.author] = max(row.updated, authors.get(row.author, ""))
        if row.kind in by_kind and TREATMENT[row.status].stays:
            items[by_kind[row.kind]].append((_item(by_kind[row.kind], row), row.updated))
    fixed: list[Page] = [("", ""), *((path, "") for path, _, _ in DOCUMENTS), ("advisories/", "")]
    yield "about", fixed + [(f"{name}/", max((time for _, time in pages), default="")) for name, pages in items.items()]
    yield "authors", [(f"authors/{author}/", time) for author, time in sorted(authors.items())]
    yield from items.items()


def _item(category: str, row: CatalogueRow) -> str:
    return f"{category}/{row.artifact[1:]}/"


def _key(pages: Sequence[Page]) -> str:
    return sha256("\n".join(f"{path} {time}" for path, time in pages).encode("utf-8"))


def _part(about: About, pages: Sequence[Page]) -> bytes:
    return _document("urlset", "url", about, pages)


def _index(about: About, found: Sequence[Page]) -> bytes:
    return _document("sitemapindex", "sitemap", about, found)


def _document(root: str, each: str, about: About, pages: Sequence[Page]) -> bytes:
    lines = [
        f"<{each}><loc>{escape(about.table.url + path)}</loc>{f'<lastmod>{time}</lastmod>' if time else ''}</{each}>"
        for path, time in pages
    ]
    return "\n".join([_HEAD, f'<{root} xmlns="{_NAMESPACE}">', *lines, f"</{root}>", ""]).encode("utf-8")
