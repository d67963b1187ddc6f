"""News: what is told, of what, in which order, and what is never called new."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from registry_tool.core.digest import sha256
from registry_tool.core.index import Listing, Name
from registry_tool.core.kind import Kinds
from registry_tool.core.names import parse_artifact
from registry_tool.feeds.news import FACTS, KEPT, news, news_facts
from registry_tool.feeds.release_news import GAINS, Told, item_news
from registry_tool.feeds.syndication import ENTRIES
from registry_tool.kinds import all_kinds
from tests.builders import RegistryInMemory, a_registry
from tests.feeds.atom_rules import ATOM, atom_faults
from tests.feeds.feed_sites import published, seen
from tests.feeds.json_feed_schema import JSON_FEED
from tests.feeds.news_registry import CLOCK, LINKS, SOLAR, eventful, eventful_site, news_site, with_table

FEEDS = ("new", "updated", "security")


def titles(data: bytes) -> list[str]:
    """The titles of a feed's entries."""
    return [str(one.findtext(f"{ATOM}title")) for one in ElementTree.fromstring(data).iter(f"{ATOM}entry")]


def told(registry: RegistryInMemory, path: str) -> list[dict[str, Any]]:  # Any: JSON
    """The items of a JSON feed of a registry."""
    found = published(registry, names=(item_news,), whole=(news,), facts={FACTS: news_facts})
    items: list[dict[str, Any]] = json.loads(found[path])["items"]
    return items


def many(name: Name, count: int) -> Name:
    """`name` with `count` versions, one let in each minute."""
    shown = name.releases[0]
    releases = [
        replace(
            shown,
            manifest=shown.manifest.model_copy(update={"version": f"1.{number}.0"}),
            proof=replace(shown.proof, manifest=str(number).encode()),
            admitted={
                **shown.admitted,
                "at": f"2026-03-{number // 1440 + 1:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00Z",
            },
        )
        for number in range(count)
    ]
    return replace(name, releases=tuple(reversed(releases)))


def test_every_feed_is_one_that_programs_can_read() -> None:
    """All feeds, of everything, of each category, of each name, keep RFC 4287 and JSON Feed 1.1."""
    site = eventful_site()
    atoms = {path: atom_faults(data) for path, data in site.items() if path.endswith(("feed.xml", *_forms("xml")))}
    validator = jsonschema.Draft202012Validator(JSON_FEED)
    jsons = [path for path in site if path.endswith(("feed.json", *_forms("json")))]

    assert {} == {path: found for path, found in atoms.items() if found}
    assert [] == [error.message for path in jsons for error in validator.iter_errors(json.loads(site[path]))]
    assert (8 * 3 + 1 + 3, 8 * 3 + 1) == (len(atoms), len(jsons))


def _forms(form: str) -> tuple[str, ...]:
    return tuple(f"/{name}.{form}" for name in FEEDS)


def test_a_release_that_asks_for_more_says_so_in_its_title() -> None:
    """Title and first lines tell, in words, what a version newly asks for; nothing is said of what it always did."""
    first, _ = told(eventful(), "feeds/updated.json")

    assert "@ann/links 1.1.0 newly asks for 1 permission" == first["title"]
    assert first["content_text"].startswith(
        "It newly\n- may reach any host on the public Internet (network)\n- installs"
    )
    assert "fs:tmp" not in first["content_text"]


def test_nothing_is_advertised_that_nobody_should_take() -> None:
    """What is yanked, in quarantine, revoked or withheld is neither new nor updated; a category shows its own."""
    site = eventful_site()

    assert [f"{LINKS} 1.1.0", f"{SOLAR} 1.0.0,"] == [
        " ".join(one.split()[:2]) for one in titles(site["feeds/updated.xml"])
    ]
    assert [SOLAR, LINKS] == [one.split()[0] for one in titles(site["feeds/new.xml"])]
    assert [] == titles(site["feeds/widgets/new.xml"]) + titles(site["feeds/widgets/updated.xml"])
    assert [SOLAR] == [one.split()[0] for one in titles(site["feeds/themes/new.xml"])]


def test_security_news_are_the_advisories() -> None:
    """They have the entries of the advisories with the same ids, and each category has its own."""
    site = eventful_site()
    ids = {
        path: [one["id"] for one in json.loads(site[path])["items"]] for path in site if path.endswith("security.json")
    }

    assert [one["id"] for one in json.loads(site["advisories/feed.json"])["items"]] == ids["feeds/security.json"]
    assert (3, 1, 1, 1, 0) == tuple(
        len(ids[f"feeds/{part}security.json"]) for part in ("", "skills/", "themes/", "widgets/", "apps/")
    )


def test_a_name_tells_all_that_became_of_it() -> None:
    """Its own feed has releases and events, the newest first, and says of a release what it is by now."""
    site = eventful_site()

    assert [
        "@ann/links 1.0.0 yanked: security",
        "@ann/links 1.1.0 newly asks for 1 permission",
        "@ann/links 1.0.0, the first release, asks for 2 permissions (yanked)",
    ] == titles(site["skills/ann/links/feed.xml"])


def test_a_release_is_one_entry_wherever_it_is_told() -> None:
    """The entry of a release in the feed of its name is that of the feed of everything, the id too."""
    site = eventful_site()
    whole, own = (
        {
            ElementTree.tostring(one)
            for one in ElementTree.fromstring(site[path]).iter(f"{ATOM}entry")
            if "newly" in str(one.findtext(f"{ATOM}title"))
        }
        for path in ("feeds/updated.xml", "skills/ann/links/feed.xml")
    )

    assert whole == own
    assert 1 == len(whole)


def test_a_lifted_event_is_told_with_what_lifted_it() -> None:
    """A quarantine that was lifted says so; the release is told as news again."""
    registry = with_table(a_registry(demo=False)).release(SOLAR, "1.0.0")
    first = registry.event(SOLAR, "1.0.0", "quarantine", reason="reported")
    registry.event(SOLAR, "1.0.0", "restore", lifts=first, by=("mod",), reason="cleared")
    site = news_site(registry)

    assert ["@ann/solar 1.0.0, the first release"] == titles(site["feeds/updated.xml"])
    assert [
        "@ann/solar 1.0.0 restored: cleared",
        "@ann/solar 1.0.0 quarantined: reported (lifted)",
        "@ann/solar 1.0.0, the first release",
    ] == titles(site["themes/ann/solar/feed.xml"])


def test_a_name_with_2000_versions_stays_bounded() -> None:
    """What is remembered of it, its own feed and its share of everybody's are as long as of one with a hundred."""
    names, about = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    name = many(names[SOLAR], 2000)
    facts = news_facts(name, about)
    feed = item_news(name, about)["themes/ann/solar/feed.xml"]
    listing = Listing(about, [name.row()], [], facts={FACTS: {SOLAR: facts}})
    made = {one.path: one.make() for one in news(listing)}

    assert facts is not None
    assert (KEPT, "1.1999.0") == (len(facts), facts[0][0])
    assert [f"@ann/solar 1.{number}.0" for number in range(1999, 1999 - ENTRIES, -1)] == titles(feed)
    assert KEPT == len(titles(made["feeds/updated.xml"]))
    assert len(feed) < 60_000


def test_the_newest_hundred_are_told() -> None:
    """Of more names than a feed holds the newest stand in it, in order, and those of equal time by their names."""
    names, about = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    row = names[SOLAR].row()
    rows = [
        row.model_copy(
            update={"artifact": f"@ann/n{number:03d}", "published": f"2026-01-{number // 20 + 1:02d}T00:00:00Z"}
        )
        for number in range(150)
    ]
    facts = {
        one.artifact: [["1.0.0", one.published, one.published, sha256(one.artifact.encode()), "active", True, 0, 0]]
        for one in rows
    }
    made = {one.path: one.make() for one in news(Listing(about, rows, [], facts={FACTS: facts}))}
    expected = [f"@ann/n{number:03d}" for number in range(149, 49, -1)]

    assert expected == [one.split()[0] for one in titles(made["feeds/new.xml"])]
    assert expected == [one.split()[0] for one in titles(made["feeds/updated.xml"])]
    assert expected == [one.split()[0] for one in titles(made["feeds/themes/updated.xml"])]


def test_an_artifact_with_every_permission_stays_readable() -> None:
    """Its first entries tell at most twenty permissions one by one, and how many there are."""
    asks = [f"network:h{number:03d}.example.org" for number in range(60)]
    registry = with_table(a_registry(demo=False))
    registry.release(LINKS, "1.0.0", {"SKILL.md": b"x"}, kind="skill", permissions=asks)

    for path in ("feeds/new.json", "feeds/updated.json"):
        one = told(registry, path)[0]

        assert GAINS == one["content_text"].count("- may reach")
        assert "- and 40 more, which its page lists" in one["content_text"]
        assert "60 permissions" in one["title"] + one["content_text"].partition("\n")[0]


def test_a_kind_without_a_tab_has_no_feed_of_its_names() -> None:
    """Where the tool does not know the kind, a name has no page, no feed, and links to none."""
    names, about = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    bare = replace(about, categories=())
    listing = Listing(bare, [names[SOLAR].row()], [], facts={FACTS: {SOLAR: news_facts(names[SOLAR], bare)}})
    made = {one.path: one.make() for one in news(listing)}

    assert {} == item_news(names[SOLAR], bare)
    assert {f"feeds/{name}.{form}" for name in FEEDS for form in ("json", "xml")} == set(made)
    assert ["https://registry.example/"] == [one["url"] for one in json.loads(made["feeds/new.json"])["items"]]


def test_a_name_of_which_nothing_is_good_is_no_news() -> None:
    """No fact is remembered of a name whose only release is revoked."""
    names, about = seen(eventful())

    assert None is news_facts(names[CLOCK], about)
    assert [["1.1.0", "active"]] == [[one[0], one[4]] for one in news_facts(names[LINKS], about) or []]


def test_what_is_remembered_reads_back() -> None:
    """A fact that went through JSON is the same fact."""
    names, about = seen(eventful())
    facts = news_facts(names[LINKS], about)
    again = json.loads(json.dumps(facts))

    assert facts == [Told.of(one).value() for one in again]


def test_only_what_changed_is_made_anew() -> None:
    """Another release of a skill changes the feeds of skills and of everything; those of themes keep their keys."""
    registry = eventful()
    before = _keys(registry)
    registry.release(LINKS, "1.2.0", {"SKILL.md": b"y"}, kind="skill", permissions=["fs:tmp"])
    after = _keys(registry)

    assert {
        f"feeds/{part}{name}.{form}"
        for part in ("", "skills/")
        for name in ("new", "updated")
        for form in ("json", "xml")
    } == {path for path in after if before[path] != after[path]}


def _keys(registry: RegistryInMemory) -> dict[str, str]:
    names, about = seen(registry)
    rows = [name.row() for _, name in sorted(names.items())]
    facts = {artifact: news_facts(name, about) for artifact, name in sorted(names.items())}
    notices = [one for _, name in sorted(names.items()) for one in name.notices()]
    kept = {artifact: value for artifact, value in facts.items() if value is not None}
    return {one.path: one.key for one in news(Listing(about, rows, [], notices, facts={FACTS: kept}))}


@pytest.mark.parametrize("kind", sorted(Kinds.of(all_kinds()).by_id))
def test_every_kind_explains_what_it_asks_for(kind: str) -> None:
    """The example of each rule of each kind is told in words, with the raw permission behind them."""
    asks = sorted({rule.accepts[0] for rule in all_kinds()[kind].grammar.rules})
    names, about = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    artifact = parse_artifact(SOLAR)
    row = names[str(artifact)].row().model_copy(update={"kind": kind, "permissions": tuple(asks)})
    made = {one.path: one.make() for one in news(Listing(about, [row], []))}
    text = json.loads(made["feeds/new.json"])["items"][0]["content_text"]

    assert (text.count("- may "), "does not know" in text) == (len(asks), False)
    assert all(f"({one})" in text for one in asks)
