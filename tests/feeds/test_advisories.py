"""Advisories: which there are, that other programs can read them, and that they are the same everywhere."""

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.builders import RegistryInMemory, a_registry
from tests.feeds.osv_schema import OSV
from tests.sites import built, committed, files_of, named

SOLAR = "@ann/solar"
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "</content><script>\x1b[2J\x07 & “x” \ud83d\ude00"


def alarmed(*, url: str = "https://registry.example/", note: str = "it sends keys away") -> RegistryInMemory:
    """One event of each kind, one of them lifted, on three versions."""
    registry = named(a_registry(demo=False), url=url)
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        registry.release(SOLAR, version, {"theme.css": version.encode()})

    def noted(value: dict[str, Any]) -> None:
        value["note"] = note

    registry.event(SOLAR, "1.0.0", "deprecate", reason="superseded")
    registry.event(SOLAR, "1.0.0", "yank", reason="broken")
    registry.event(SOLAR, "1.0.0", "yank", reason="security", change=noted)
    first = registry.event(SOLAR, "1.1.0", "quarantine", reason="reported")
    registry.event(SOLAR, "1.1.0", "restore", lifts=first, by=("mod",), reason="cleared")
    registry.event(SOLAR, "2.0.0", "revoke", reason="malware")
    registry.event(SOLAR, "2.0.0", "withhold", reason="malware")
    return registry


def site_of(registry: RegistryInMemory) -> dict[str, bytes]:
    """What the build published below advisories/."""
    site = files_of(built(committed(registry.files)).made)
    return {path: data for path, data in site.items() if path.startswith("advisories/")}


def documents(site: dict[str, bytes]) -> list[dict[str, Any]]:
    """The OSV documents, the oldest first."""
    paths = [path for path in site if path.startswith("advisories/REG-")]
    return sorted((json.loads(site[path]) for path in paths), key=lambda one: str(one["published"]))


def test_every_alarm_has_a_document_that_programs_can_read() -> None:
    """Quarantine, revoke, withhold and a yank for security are each one valid OSV document; nothing else is."""
    site = site_of(alarmed())
    found = documents(site)
    validator = jsonschema.Draft202012Validator(OSV, format_checker=jsonschema.FormatChecker())

    assert [] == [error.message for one in found for error in validator.iter_errors(one)]
    assert [("yank", "1.0.0"), ("quarantine", "1.1.0"), ("revoke", "2.0.0"), ("withhold", "2.0.0")] == [
        (one["database_specific"]["action"], one["affected"][0]["versions"][0]) for one in found
    ]
    assert {f"advisories/{one['id']}.json" for one in found} == {path for path in site if "REG-" in path}


def test_a_document_says_what_why_and_of_which_registry() -> None:
    """The summary names release, status and reason; details hold our sentence and the note, quoted."""
    registry = alarmed()
    one = documents(site_of(registry))[0]

    assert "@ann/solar 1.0.0 yanked: security" == one["summary"]
    assert "It has a weakness that can be used against people.\n\n> it sends keys away" == one["details"]
    assert {"ecosystem": f"registry:{registry.id}", "name": SOLAR} == one["affected"][0]["package"]
    assert registry.proof(SOLAR, "1.0.0")
    assert one["affected"][0]["database_specific"]["manifest"].startswith("sha256:")
    assert f"https://registry.example/advisories/{one['id']}.json" == one["references"][0]["url"]


def test_what_was_lifted_stays_and_is_withdrawn() -> None:
    """A lifted quarantine keeps its id and says since when it stands no more; the others say nothing of it."""
    registry = alarmed()
    found = {one["database_specific"]["action"]: one for one in documents(site_of(registry))}

    lifted = found["quarantine"]
    assert lifted["withdrawn"] == lifted["modified"] > lifted["published"]
    assert lifted["summary"].endswith("(lifted)")
    assert ["revoke", "withhold", "yank"] == sorted(action for action, one in found.items() if "withdrawn" not in one)


def test_the_index_lists_all_newest_first() -> None:
    """`all.json` has one line for each document, and none without."""
    site = site_of(alarmed())
    index = json.loads(site["advisories/all.json"])

    assert [one["id"] for one in reversed(documents(site))] == [one["id"] for one in index["advisories"]]
    assert "registry.advisories/1" == index["schema"]


def test_readers_of_news_get_a_feed() -> None:
    """Atom and JSON Feed have the same entries, each with title, words, times and a link to the page."""
    site = site_of(alarmed())
    atom = ElementTree.fromstring(site["advisories/feed.xml"])
    feed = json.loads(site["advisories/feed.json"])
    titles = [one["summary"] for one in reversed(documents(site))]

    assert titles == [str(one.findtext(f"{ATOM}title")) for one in atom.iter(f"{ATOM}entry")]
    assert titles == [one["title"] for one in feed["items"]]
    assert "https://jsonfeed.org/version/1.1" == feed["version"]
    assert max(one["date_modified"] for one in feed["items"]) == atom.findtext(f"{ATOM}updated")
    ids = [str(one.findtext(f"{ATOM}id")) for one in (atom, *atom.iter(f"{ATOM}entry"))]
    assert len(set(ids)) == len(ids) == 5
    assert all(one.startswith("urn:uuid:") and len(one) == 45 for one in ids)
    page = site["advisories/index.html"].decode()
    assert all(f'id="{one["url"].partition("#")[2]}"' in page for one in feed["items"])


def test_words_of_strangers_stay_words() -> None:
    """A note with markup and control characters breaks no feed and no page, and says the same in each."""
    site = site_of(alarmed(note=HOSTILE.encode("utf-16", "surrogatepass").decode("utf-16")))
    atom = ElementTree.fromstring(site["advisories/feed.xml"])
    page = site["advisories/index.html"].decode()

    assert any("</content><script>" in str(one.text) for one in atom.iter(f"{ATOM}content"))
    assert "<script>" not in page
    assert "\x1b" not in page
    assert all("\x1b" not in data.decode() for data in site.values())


@pytest.mark.parametrize("path", ["advisories/all.json", "advisories/feed.json", "advisories/feed.xml"])
def test_a_quiet_registry_has_empty_feeds(path: str) -> None:
    """Where nothing alarms, index, feeds and page are there, readable and empty."""
    site = site_of(named(a_registry(demo=False)).release(SOLAR, "1.0.0"))

    assert {"advisories/all.json", "advisories/feed.json", "advisories/feed.xml", "advisories/index.html"} == set(site)
    assert b"Nothing was taken back." in site["advisories/index.html"]
    assert b"REG-" not in site[path]
    assert "1970-01-01T00:00:00Z" == ElementTree.fromstring(site["advisories/feed.xml"]).findtext(f"{ATOM}updated")


def test_a_registry_without_an_address_gives_none() -> None:
    """Where the operator named no address, nothing links anywhere."""
    site = site_of(alarmed(url=""))

    assert [[]] * 4 == [one["references"] for one in documents(site)]
    assert not any(b"http" in site[path].replace(b"http://www.w3.org", b"") for path in ("advisories/feed.xml",))
    assert "feed_url" not in json.loads(site["advisories/feed.json"])


def other_history(registry: RegistryInMemory) -> dict[str, bytes]:
    files = registry.files
    events = {path: data for path, data in files.items() if "/events/" in path}
    before = {path: data for path, data in files.items() if path not in events}
    made = files_of(built(committed(before, files, at=1_900_000_000)).made)
    return {path: data for path, data in made.items() if path.startswith("advisories/")}


@pytest.mark.parametrize("again", [site_of, other_history])
def test_advisories_are_the_same_everywhere(again: Callable[[RegistryInMemory], dict[str, bytes]]) -> None:
    """Another history with other dates gives the same bytes: every time in them is an event's."""
    registry = alarmed()

    assert site_of(registry) == again(registry)


def test_item_pages_say_what_became_of_a_release() -> None:
    """The page of an artifact whose newest version is revoked shows status, reason and note."""
    registry = named(a_registry(demo=False)).release(SOLAR, "1.0.0")

    def noted(value: dict[str, Any]) -> None:
        value["note"] = "it sends <b>keys</b> away"

    registry.event(SOLAR, "1.0.0", "revoke", reason="malware", change=noted)
    page = files_of(built(committed(registry.files)).made)["themes/ann/solar/index.html"].decode()

    assert "This version is revoked: nobody should have it installed." in page
    assert "(malware): It harms people on purpose. “it sends &lt;b&gt;keys&lt;/b&gt; away”" in page
