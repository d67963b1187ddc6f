"""Files at fixed places: llms.txt, the site map, robots.txt, security.txt, the web manifest."""

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from registry_tool.core.index import About, Listing
from registry_tool.core.tables import SecurityRow
from registry_tool.core.times import to_seconds
from registry_tool.feeds.llms import llms
from registry_tool.feeds.sitemap import PART_ADDRESSES, parts, sitemap
from registry_tool.feeds.texts import robots, security, texts, web_manifest
from tests.builders import a_registry
from tests.feeds.feed_sites import published, seen
from tests.feeds.news_registry import SECURITY, SOLAR, URL, eventful, eventful_site, with_table
from tests.sites import built, committed, files_of

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def about(**table: Any) -> About:
    """A registry of such a table, as feeds see it."""
    return seen(with_table(a_registry(demo=False), **table).release(SOLAR, "1.0.0"))[1]


def addresses(data: bytes) -> list[str]:
    """What a part of the site map, or its index, lists."""
    return [str(one.text) for one in ElementTree.fromstring(data).iter(f"{MAPS}loc")]


def test_what_is_listed_exists() -> None:
    """Every address of llms.txt and of the site map is a file of the whole site."""
    site = files_of(built(committed(eventful().files)).made)
    maps = [one.removeprefix(URL) for one in addresses(site["sitemap.xml"])]
    listed = [one for path in maps for one in addresses(site[path])]
    listed += re.findall(r"\]\(([^)]+)\)", site["llms.txt"].decode())
    files = {one.removeprefix(URL) for one in listed}

    assert set() == {path for path in files if path not in site and f"{path}index.html" not in site}
    assert len(listed) > 30


def test_llms_txt_has_the_form_that_is_asked_for() -> None:
    """A heading, a summary in a quotation, text without headings, then sections that are lists of links."""
    tokens = MarkdownIt("commonmark").parse(eventful_site()["llms.txt"].decode())
    kinds = [token.tag for token in tokens if token.level == 0 and token.nesting == 1]
    sections = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]

    assert (["h1", "blockquote"], 1) == (kinds[:2], kinds.count("h1"))
    assert ["bullet_list_open"] * 4 == [tokens[place + 3].type for place in sections]
    links = [token for token in tokens if token.type == "inline" and token.level == 3]
    assert all((token.children or [])[0].type == "link_open" for token in links)


@pytest.mark.parametrize(("names", "most"), [(3, 6_000), (5000, 6_000)])
def test_llms_txt_is_bounded(names: int, most: int) -> None:
    """It is as long with many names as with few: it counts them."""
    known, of = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    (page,) = llms(Listing(of, [known[SOLAR].row()] * names, []))
    text = page.make().decode()

    assert len(text) < most
    assert f"- [Themes]({URL}themes/): {names} artifacts. " in text


def test_hostile_words_of_a_table_make_no_markup() -> None:
    """A name and a description with Markdown and line breaks stay a heading and a quotation."""
    table = {"name": "A [b](c) <i>", "description": "One.\n\n# Two\n> three"}
    text = published(with_table(a_registry(), **table), whole=(llms,))["llms.txt"].decode()
    tokens = MarkdownIt("commonmark").parse(text)

    assert ["A [b](c) <i>", "One. # Two > three"] == [
        "".join(child.content for child in token.children or ()) for token in tokens if token.type == "inline"
    ][:2]
    assert ("registry add" in text, "--demo" in text, "demonstration" in text) == (True, True, True)


def test_without_an_address_there_is_no_site_map() -> None:
    """A registry that named no address has no site map, a robots.txt without one, and links from its root."""
    site = published(with_table(a_registry(demo=False), url="").release(SOLAR, "1.0.0"), whole=(llms, sitemap, texts))
    text = site["llms.txt"].decode()

    assert {"llms.txt", "manifest.webmanifest", "robots.txt"} == set(site)
    assert ("http" in text, "](themes/)" in text, "sitemap" in text) == (False, True, False)
    assert b"User-agent: *\nDisallow:\n" == site["robots.txt"]


def test_the_site_map_leads_to_what_may_be_installed() -> None:
    """It lists artifacts with the time of their last release; one that nobody should have is left out."""
    site = eventful_site()

    assert [f"{URL}themes/ann/solar/"] == addresses(site["sitemap-themes.xml"])
    assert "sitemap-widgets.xml" not in site
    assert [f"{URL}authors/ann/", f"{URL}authors/bob/"] == addresses(site["sitemap-authors.xml"])
    times = [str(one.text) for one in ElementTree.fromstring(site["sitemap-skills.xml"]).iter(f"{MAPS}lastmod")]
    assert ["2026-03-01T12:03:00Z"] == times


def test_an_author_without_artifacts_is_listed_too() -> None:
    """Who has a profile has a page; nobody knows when it changed."""
    _, of = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    made = {one.path: one.make() for one in sitemap(Listing(of, [], [], authors={"zoe": {}}))}

    assert f"<url><loc>{URL}authors/zoe/</loc></url>" in made["sitemap-authors.xml"].decode()


def test_a_large_group_is_split_and_stays_so() -> None:
    """No part holds too many addresses, none is lost, and one more address changes one part."""
    pages = [(f"skills/ann/n{number}/", "") for number in range(500)]
    before, after = parts(pages, most=100), parts([*pages, ("skills/ann/new/", "")], most=100)

    assert {""} == set(parts(pages, most=500))
    assert sorted(pages) == sorted(page for part in before.values() for page in part)
    assert max(map(len, before.values())) <= 100
    assert 1 == sum(after[digits] != before.get(digits) for digits in after)
    assert {} != {digits: part for digits, part in before.items() if len(digits) == 1}


def test_a_large_registry_has_parts_that_can_be_read() -> None:
    """50,000 artifacts of one category are in several files, each named by digits, all in the index."""
    known, of = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    row = known[SOLAR].row()
    rows = [row.model_construct(**{**dict(row), "artifact": f"@ann/n{number:05d}"}) for number in range(50_000)]
    made = {one.path: one for one in sitemap(Listing(of, rows, []))}
    split = sorted(path for path in made if path.startswith("sitemap-themes"))

    assert [f"sitemap-themes.{digit}.xml" for digit in "0123456789abcdef"] == split
    counts = [len(addresses(made[path].make())) for path in split]
    assert (50_000, True) == (sum(counts), max(counts) <= PART_ADDRESSES)
    assert set(split) < {one.removeprefix(URL) for one in addresses(made["sitemap.xml"].make())}


def test_security_txt_says_what_rfc_9116_asks_for() -> None:
    """Contact and one Expires, each field once on its line, and where it lies if that is an https address."""
    lines = eventful_site()[".well-known/security.txt"].decode().splitlines()
    fields = dict(line.split(": ", 1) for line in lines)

    assert ["Contact", "Expires", "Preferred-Languages", "Canonical", "Policy"] == [
        line.split(":")[0] for line in lines
    ]
    assert (SECURITY["contact"], f"{URL}.well-known/security.txt") == (fields["Contact"], fields["Canonical"])
    assert to_seconds(fields["Expires"]) > 0


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8080/"])
def test_security_txt_is_canonical_only_over_https(url: str) -> None:
    """Elsewhere it does not say where it lies (part 2.5.2); a policy that nobody wrote is left out."""
    row = SecurityRow(contact="mailto:a@example.org", expires="2027-03-01T00:00:00Z")
    of = about(url=url)

    assert "Contact: mailto:a@example.org\nExpires: 2027-03-01T00:00:00Z\nPreferred-Languages: en\n" == security(
        replace(of, table=of.table.model_copy(update={"security": row}))
    )
    assert "" == security(of)


def test_robots_txt_lets_everybody_read() -> None:
    """It forbids nothing and names the site map."""
    assert f"User-agent: *\nDisallow:\n\nSitemap: {URL}sitemap.xml\n" == robots(about())


def test_the_web_manifest_moves_with_the_site() -> None:
    """Its addresses are seen from where it lies, it asks for nothing, and its icon is the site's own."""
    made = web_manifest(about(description="Books.\n\u202eMore."))

    assert ("./", "./", "minimal-ui") == (made["start_url"], made["scope"], made["display"])
    assert "Books. \\u202eMore." == made["description"]
    assert ["icon.svg"] == [icon["src"] for icon in made["icons"]]
    assert "description" not in json.loads(eventful_site()["manifest.webmanifest"])
