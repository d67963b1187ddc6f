"""Every link of every page of a site leads to a file of it, and every fragment to a place there."""

import html
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from tests.demo_registry import on_disk
from tests.queues import typical
from tests.showroom import URL, counts, showroom
from tests.sites import built, committed, files_of

pytestmark = pytest.mark.slow

LINK = re.compile(r'\s(?:href|src|action)="([^"]*)"')
PLACE = re.compile(r'\s(?:id|name)="([^"]*)"')


def crowded() -> dict[str, bytes]:
    """A site with everything in it, and with a queue."""
    registry = showroom()
    return files_of(built(committed(registry.files), queue=typical(registry.id), counts=counts(registry.id)).made)


def plain() -> dict[str, bytes]:
    """This repository's own registry, as `registry build` makes it without a queue and without counts."""
    return files_of(built(committed(on_disk())).made)


def links(site: dict[str, bytes], base: str) -> Iterator[tuple[str, str, str]]:
    """Every link within the site: page, path that it asks for, fragment."""
    for path, data in sorted(site.items()):
        if not path.endswith(".html"):
            continue
        # Whoever asks for what is not there gets this page at any address; its links begin at the root.
        folder = "" if path == "404.html" else posixpath.dirname(path)
        for raw in LINK.findall(data.decode()):
            link = html.unescape(raw)
            inside = link.removeprefix(base) if link.startswith(base) else link
            parts = urlsplit(inside)
            if parts.scheme or parts.netloc:
                continue
            rooted = inside != link or parts.path.startswith("/")
            asked = posixpath.normpath(
                posixpath.join("" if rooted else folder, unquote(parts.path).lstrip("/" * rooted))
            )
            yield (
                path,
                path if not parts.path and inside == link else asked + "/" * parts.path.endswith("/"),
                parts.fragment,
            )


def target(site: dict[str, bytes], asked: str) -> str:
    """The file that a host answers with; empty where it has none."""
    path = asked.removeprefix("./").removesuffix("/")
    whole = f"{path}/index.html".removeprefix("./").lstrip("/")
    if asked in site:
        return asked
    return whole if path in ("", ".") and "index.html" in site else (whole if whole in site else "")


@pytest.mark.parametrize("make", [crowded, plain])
def test_every_link_leads_somewhere(make: object) -> None:
    """Pages, styles, scripts, feeds, data and places on pages; also the canonical address of each page."""
    assert callable(make)
    site = make()
    base = URL if make is crowded else "http://127.0.0.1:8080/"
    places = {path: set(PLACE.findall(data.decode())) for path, data in site.items() if path.endswith(".html")}
    broken = set()
    for path, asked, fragment in links(site, base):
        found = target(site, asked)
        if not found or (fragment and found in places and html.escape(fragment) not in places[found]):
            broken.add((path, asked, fragment))

    assert set() == broken


@pytest.mark.parametrize(
    "link", ["../skills/", "../skills/ann/x/#v1.0.0", "https://registry.example/skills/", "/skills/"]
)
def test_the_test_follows_links(link: str) -> None:
    """It sees where a link leads, with its fragment, and that a file is missing."""
    site = {"about/index.html": f'<a href="{link}">'.encode(), "index.html": b""}
    ((_, asked, fragment),) = links(site, URL)

    assert ("skills/ann/x/", "v1.0.0") == (asked, fragment) if "#" in link else ("skills/", "") == (asked, fragment)
    assert "" == target(site, asked)
