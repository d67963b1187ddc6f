"""Feeds that readers of news can read, whatever strangers put into them."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.digest import sha256
from registry_tool.feeds.syndication import Entry, Feed, atom, both, planned, urn
from tests.feeds.atom_rules import ATOM, atom_faults
from tests.feeds.json_feed_schema import JSON_FEED

FEED = Feed(sha256(b"feed"), "News", "A registry", "https://registry.example/", "feeds/new", "")
TIME = "2026-03-01T12:00:00Z"
HOSTILE = (
    "]]>",
    "</title><script>alert(1)</script>",
    "\x00\x01\x1b[2J\x7f\x85",
    "\u202egnp.exe\u2066",
    "\U0001f469\u200d\U0001f4bb \U0001f6a8",
    "\u05d0\u05d1\u05d2 \u0627\u0628",
    "\ufffe\uffff\ufdd0",
    "&amp; &#0; &nope; <![CDATA[ x",
    "\n\r\n\t",
    '" onload="x',
    "x" * 4000,
)


def entry(title: str, text: str, *, at: str = TIME) -> Entry:
    return Entry(sha256(f"{title}{text}".encode("utf-8", "surrogatepass")), f"T{title}", f"C{text}", at, at, "a/")


def faults(feed: Feed, *entries: Entry) -> list[str]:
    """What is wrong with both files."""
    files = both(feed, entries)
    validator = jsonschema.Draft202012Validator(JSON_FEED)
    told = [error.message for error in validator.iter_errors(json.loads(files["feeds/new.json"]))]
    return told + atom_faults(files["feeds/new.xml"])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Markup, ends of sections, control characters and directions break neither form, and become no element."""
    assert [] == faults(replace(FEED, title=f"N{text}", author=f"A{text}"), entry(text, text))


@given(title=st.text(alphabet=st.characters(exclude_categories=["Cs"])), text=st.text())
def test_any_text_at_all_stays_text(title: str, text: str) -> None:
    """Whatever text comes, the XML is well formed, keeps RFC 4287, and reads back but for what XML cannot say."""
    root = ElementTree.fromstring(atom(FEED, [entry(title, text)]).encode("utf-8"))
    found = root.findtext(f"{ATOM}entry/{ATOM}title") or ""

    assert [] == atom_faults(ElementTree.tostring(root))
    assert len(found.replace("\n", "")) <= len(title) + 1
    if title.isascii() and title.isprintable():
        assert f"T{title}" == found


def test_a_feed_without_entries_is_one() -> None:
    """Both forms are valid where nothing is told, and say that nothing was updated since 1970."""
    assert [] == faults(FEED)
    assert "<updated>1970-01-01T00:00:00Z</updated>" in atom(FEED, [])


def test_without_an_address_nothing_links_anywhere() -> None:
    """A registry that named no address has feeds without any address in them."""
    files = both(replace(FEED, site=""), [entry("a", "b")])

    assert [] == atom_faults(files["feeds/new.xml"])
    assert b"href" not in files["feeds/new.xml"]
    assert {"id", "title", "content_text", "date_published", "date_modified", "tags"} == set(
        json.loads(files["feeds/new.json"])["items"][0]
    )


def test_a_move_of_the_site_is_no_news() -> None:
    """The ids of feed and entries are the same at another address."""
    sites = (FEED, replace(FEED, site="http://127.0.0.1:8080/deep/"))
    ids = [
        [one.text for one in ElementTree.fromstring(atom(site, [entry("a", "b")])).iter(f"{ATOM}id")] for site in sites
    ]

    assert ids[0] == ids[1]


def test_what_is_planned_is_what_is_made() -> None:
    """The planned files are the same two, under the key that was given."""
    entries = [entry("a", "b"), entry("c", "d", at="2026-02-01T12:00:00Z")]
    files = planned(FEED, "key", lambda: entries)

    assert dict(both(FEED, entries)) == {one.path: one.make() for one in files}
    assert {"key"} == {one.key for one in files}


def test_an_id_is_a_uuid_of_version_8() -> None:
    """Version and variant stand where RFC 9562 part 5.8 wants them."""
    made = urn(sha256(b"x"))

    assert ("urn:uuid:", "8", True) == (made[:9], made[23], made[28] in "89ab")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("<id>urn:uuid:1</id>", "4.2.6: an id"),
        ("<title>twice</title>", "exactly one title"),
        ("<subtitle/>", "has no place here"),
    ],
)
def test_the_rules_see_what_is_wrong(wrong: str, expected: str) -> None:
    """The checks of these tests refuse a feed with a second title, a bad id or a member that is not known."""
    broken = atom(FEED, [entry("a", "b")]).replace("</feed>", f"{wrong}</feed>")
    if wrong.startswith("<id>"):
        broken = broken.replace(f"<id>{urn(FEED.digest)}</id>", wrong).replace(f"{wrong}</feed>", "</feed>")

    assert any(expected in fault for fault in atom_faults(broken.encode()))
