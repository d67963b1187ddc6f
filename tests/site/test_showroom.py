"""All pages of a site that has everything: words, links, weight."""

import gzip
import html
import re
from collections.abc import Iterator

import pytest

from registry_tool.core.routes import FRAMES
from tests.queues import typical
from tests.showroom import counts, showroom
from tests.sites import built, committed, files_of

pytestmark = pytest.mark.slow

FIXED = ("package.json",)
"""Names that a wire fixes."""


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    """Its files."""
    registry = showroom()
    return files_of(built(committed(registry.files), queue=typical(registry.id), counts=counts(registry.id)).made)


def pages(site: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every page with its path; what is only ever shown in a frame is none."""
    ours = (path for path in site if path.endswith(".html") and f"/{path}" not in FRAMES)
    return ((path, site[path].decode()) for path in ours)


def test_gadgets_and_blueprints_are_called_by_their_names(site: dict[str, bytes]) -> None:
    """G15: on none of their pages does plugin, library or package occur, but for the tab of another kind."""
    found, seen = [], 0
    for path, text in pages(site):
        if re.search(r"(^|/)(gadgets|blueprints)/", path):
            seen += 1
            shown = re.sub(r'<nav class="tabs".*?</nav>', "", text, flags=re.DOTALL)
            for name in FIXED:
                shown = shown.replace(name, "")
            found += [(path, word) for word in re.findall("plugin|librar|package", html.unescape(shown), re.IGNORECASE)]

    assert [] == found
    assert seen > 10


def test_every_link_leads_somewhere(site: dict[str, bytes]) -> None:
    """Pages, feeds, objects and data: whatever a page names by a relative address is a file of the site."""
    broken = set()
    for path, text in pages(site):
        if path == "404.html":
            continue
        folder = path.split("/")[:-1]
        for link in re.findall(r'(?:href|src|action)="([^"#?]+)', text):
            if link.startswith(("http", "mailto:")):
                continue
            parts = list(folder)
            for part in link.split("/"):
                parts = parts[:-1] if part == ".." else parts if part in (".", "") else [*parts, part]
            target = "/".join(parts)
            if target not in site and f"{target}/index.html".lstrip("/") not in site:
                broken.add((path.split("/")[0], link))

    assert set() == broken


def test_every_anchor_is_there(site: dict[str, bytes]) -> None:
    """A link to a part of its own page finds the part, and no page names two parts alike."""
    wrong = []
    for path, text in pages(site):
        ids = re.findall(r'\sid="([^"]*)"', text)
        wrong += [(path, one) for one in re.findall(r'href="#([^"]+)"', text) if html.unescape(one) not in ids]
        wrong += [(path, one) for one in set(ids) if ids.count(one) > 1]

    assert [] == wrong


def test_a_page_is_light(site: dict[str, bytes]) -> None:
    """A list with its style at most 12 kB compressed, all scripts 5 kB."""

    def weight(*paths: str) -> int:
        return sum(len(gzip.compress(site[path], 6, mtime=0)) for path in paths)

    lists = [path for path, text in pages(site) if '<ul class="cards">' in text]

    assert 12_000 >= max(weight(path, "style.css") for path in lists)
    assert 5_000 >= weight(*(path for path in site if path.endswith(".js") and "/" not in path))
    assert 1_800 >= weight("gallery.js")


def test_no_page_loads_or_runs_anything_of_its_own(site: dict[str, bytes]) -> None:
    """Scripts and styles come from the site's own files; nothing stands in a page that a policy would have to allow."""
    for path, text in pages(site):
        assert [] == re.findall(r"<script(?![^>]* src=)|<style|<iframe|<img|<object|\sstyle=|\son[a-z]+=", text), path
        assert [] == re.findall(
            r'<(?:script|link rel="(?:stylesheet|icon|manifest)")[^>]*(?:src|href)="[a-z]*:?//', text
        )
        assert "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'" in text
