"""The page of an artifact: what it says of permissions, versions, installs, trust, and of what is odd about it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.payload import PayloadFile
from registry_tool.kinds import all_kinds
from registry_tool.site import item_versions
from tests.builders import RegistryInMemory
from tests.proving import SOLAR
from tests.site.items import ADDRESS, named, page, pages, part, registry, words

SKILL = {"SKILL.md": b"---\nname: links\ndescription: x\n---\n# Links\n"}


def with_versions(*asked: tuple[str, list[str]]) -> RegistryInMemory:
    """A skill whose versions ask for these."""
    made = registry()
    for version, permissions in asked:
        made.release("@ann/links", version, {**SKILL, "v": version.encode()}, kind="skill", permissions=permissions)
    return made


# What it may do.


def test_permissions_stand_in_words_and_lead_to_others_like_them() -> None:
    """Each has its words, its raw string, and a link to all that ask for the like."""
    shown = page(with_versions(("1.0.0", ["network:a.example", "network:b.example"])), "@ann/links")
    words_of = all_kinds()["skill"].grammar.explain("network:a.example") or "?"

    assert f'<a href="../../../permissions/network/">{words_of[:1].upper()}{words_of[1:]}</a>' in shown
    assert "<code>network:b.example</code>" in shown


@pytest.mark.parametrize("raw", ["something:new", "../up", "<b>:x", "\u202ex"])
def test_a_permission_that_nobody_knows_leads_nowhere(raw: str) -> None:
    """What no kind knows is told as it is, inert, without a link."""
    shown = part(page(with_versions(("1.0.0", [raw])), "@ann/links"), "permissions")
    whole = page(with_versions(("1.0.0", [raw])), "@ann/links")

    assert "Something that this registry's tool does not know" in shown
    assert ("permissions/something" in whole, "permissions/.." in whole, "\u202e" in whole) == (False, False, False)


@pytest.mark.parametrize(
    ("before", "after", "expected", "is_open"),
    [
        (["fs:tmp"], ["chat_inject"], ["+ Added: Add text", "− Gone: Write files"], True),
        (["fs:tmp", "chat_inject"], ["chat_inject"], ["− Gone: Write files", "= 1 unchanged"], False),
        (["fs:tmp"], ["fs:tmp"], ["The same as in 1.0.0."], False),
        ([], [], ["It asks for nothing.", "The same as in 1.0.0."], False),
    ],
)
def test_what_changed_is_told(before: list[str], after: list[str], expected: list[str], is_open: bool) -> None:
    """What came and what went since the version before, with signs; open where something came."""
    shown = page(with_versions(("1.0.0", before), ("1.1.0", after)), "@ann/links")
    said = part(shown, "permissions")

    assert [] == [one for one in expected if one not in said]
    assert is_open == ('<details class="since" open>' in shown)


def test_the_first_version_changed_nothing() -> None:
    """Where there is no version before, nothing is said of a change."""
    shown = page(with_versions(("1.0.0", ["fs:tmp"])), "@ann/links")

    assert ("Changed since" in shown, "The same as" in shown) == (False, False)


def test_a_change_that_came_in_a_pre_release_is_told_of_the_release() -> None:
    """People come to 2.0.0 from 1.0.0, whatever a pre-release asked for between them; that is told of itself."""
    made = with_versions(("1.0.0", []), ("2.0.0-rc.1", ["fs:tmp"]), ("2.0.0", ["fs:tmp"]))
    shown = page(made, "@ann/links")

    assert "Changed since 1.0.0 + Added: Write files" in part(shown, "permissions")
    assert 2 == part(shown, "versions").count("changed since 1.0.0:")


def test_each_version_tells_its_own_change() -> None:
    """In the list of versions stands what each brought; where nothing changed, nothing."""
    made = with_versions(("1.0.0", []), ("1.1.0", ["fs:tmp"]), ("1.2.0", ["fs:tmp"]), ("1.3.0", []))
    said = part(page(made, "@ann/links"), "versions")

    assert ("changed since 1.2.0:", "changed since 1.0.0:") == tuple(re.findall(r"changed since [0-9.]+:", said))


@pytest.mark.parametrize("kind", ["skill", "app", "widget"])
def test_an_artifact_with_every_permission_has_a_page(kind: str) -> None:
    """Each form of permission of a kind is told in words."""
    every = sorted({one for rule in all_kinds()[kind].grammar.rules for one in rule.accepts})
    made = registry().release("@ann/links", "1.0.0", SKILL, kind=kind, permissions=every)
    shown = page(made, "@ann/links")

    assert len(every) == shown.partition('aria-labelledby="permissions"')[2].partition("</ul>")[0].count("<li>")
    assert "does not know" not in shown


# Versions.


def test_a_page_of_many_versions_stays_small() -> None:
    """Of 2,000 versions a page shows fifty, further pages a hundred each; all of them are there, each once."""
    name, about = named(registry().release(SOLAR, "1.0.0"))[SOLAR]
    (one,) = name.releases
    many = tuple(
        replace(one, manifest=one.manifest.model_copy(update={"version": f"1.{number}.0"}))
        for number in reversed(range(2000))
    )
    found = pages(replace(name, releases=many), about)
    listed = [version for text in found.values() for version in re.findall(r'<li id="v(1\.\d+\.0)"', text)]
    main = found["themes/ann/solar/index.html"]

    assert (21, 2050) == (len(found), len(listed))
    assert {f"1.{number}.0" for number in range(2000)} == set(listed)
    assert 100_000 > max(len(text) for text in found.values())
    assert '<a href="versions/20/">1.1900.0 to 1.1999.0</a>' in main
    assert "index/an/ann/solar.json" in main


def test_one_more_version_touches_the_last_page_of_versions_alone() -> None:
    """Older pages are counted from the oldest, so they stay as they are."""
    name, about = named(registry().release(SOLAR, "1.0.0"))[SOLAR]
    (one,) = name.releases
    many = tuple(
        replace(one, manifest=one.manifest.model_copy(update={"version": f"1.{number}.0"}))
        for number in reversed(range(251))
    )
    before = pages(replace(name, releases=many[1:]), about)
    after = pages(replace(name, releases=many), about)

    assert ["themes/ann/solar/index.html", "themes/ann/solar/versions/3/index.html"] == sorted(
        path for path in after if before.get(path) != after[path]
    )


def test_the_events_of_a_version_are_bounded() -> None:
    """A version that was yanked and restored all day shows the newest notices, and says how many more there are."""
    made = registry().release(SOLAR, "1.0.0")
    for _ in range(4):
        digest = made.event(SOLAR, "1.0.0", "yank")
        made.event(SOLAR, "1.0.0", "restore", lifts=digest, reason="fixed")
    said = part(page(made, SOLAR), "versions")

    assert "And 3 earlier notices, in the data." in said
    assert item_versions.EVENTS == len(re.findall(r"\d (yank|restore) \(", said))


def test_what_a_version_brought_is_told_where_it_was_let_in() -> None:
    """In words, and not more of it than people read."""
    made = registry()
    made.publish("@ann/links", "1.0.0", SKILL, kind="skill")
    made.admit("@ann/links", "1.0.0")
    made.publish("@ann/links", "1.1.0", {**SKILL, "b": b"2"}, kind="skill", permissions=["network:a.example"])
    gained = ["permission network:a.example", *(f"executable run-{number}.sh" for number in range(12))]
    made.admit("@ann/links", "1.1.0", compared="1.0.0", gained=gained)
    name, about = named(made)["@ann/links"]
    newest = replace(name.releases[0], gained=tuple(gained))
    said = words(pages(replace(name, releases=(newest, *name.releases[1:])), about)["skills/ann/links/index.html"])

    assert "New in it: it may " in said
    assert "(network:a.example); installs run-0.sh as a program" in said
    assert "; 3 more." in said


# What is odd.


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("\u2003 \u2003", "(no text)"),
        ("👩‍🚀🌞", "👩‍🚀🌞"),
        ("قالب النور", "قالب النور"),
        ("\u202eevil", "\\u202eevil"),
        ("w" * 280, "w" * 280),
        ("<b>{{ 7*7 }}</b>", "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;"),
    ],
)
def test_a_title_is_shown_as_it_reads(title: str, expected: str) -> None:
    """Whatever it is made of, in the direction of its script, and never as markup."""
    shown = page(registry().release(SOLAR, "1.0.0", title=title), SOLAR)

    assert expected == re.findall(r'<h1 id="title" dir="auto"[^>]*>(.*)</h1>', shown)[0]


def test_long_things_are_cut_and_lead_to_the_whole() -> None:
    """Files and manifest beyond what people read; the whole manifest is one link away."""
    files = {f"f{number:04}.css": str(number).encode() for number in range(900)}
    made = registry().release(SOLAR, "1.0.0", files)
    shown = page(made, SOLAR)

    assert "900 files" in words(shown)
    assert "And 700 more, in the manifest." in words(shown)
    assert "It goes on: all of it ." in words(shown)
    assert 150_000 > len(shown)


def test_an_svg_is_nothing_but_a_file() -> None:
    """No page shows a picture that an author brought."""
    icon = PayloadFile(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script></svg>")
    files = {"icon.svg": icon, "README.md": PayloadFile(b"![x](icon.svg) <svg onload=alert(1)>")}
    shown = page(registry().release(SOLAR, "1.0.0", files), SOLAR)

    assert [] == re.findall(r"<svg|<img|<object|\sonload=", shown.partition("<main")[2].replace("&lt;svg onload=", ""))
    assert '<span class="picture">x</span>' in shown


def test_a_page_names_its_address_its_news_and_its_badge() -> None:
    """The whole address where the site has one; the feed lies beside the page; the badge is ready to paste."""
    made = registry().release(SOLAR, "1.0.0")
    shown = page(made, SOLAR)
    without = page(registry(url="").release(SOLAR, "1.0.0"), SOLAR)

    assert f'<link rel="canonical" href="{ADDRESS}themes/ann/solar/">' in shown
    assert 'type="application/atom+xml" href="feed.xml"' in shown
    assert f"[![@ann/solar]({ADDRESS}badges/ann/solar.svg)]({ADDRESS}themes/ann/solar/)" in shown
    assert ("canonical" in without, "badges" in without) == (False, False)


def test_what_it_needs_and_where_it_is_found_is_told() -> None:
    """Hosts, other artifacts, tags and hooks; the last two lead to others like it."""

    def more(value: dict[str, Any]) -> None:
        value.update(requires={"ggui": ">=1.0.0"}, dependencies={"@bob/other": "^1.0.0"})

    spec = {"entry": "index.js", "exports": [{"hook": "useClock"}]}
    made = registry().release(
        "@ann/clock", "1.0.0", {"index.js": b""}, kind="gadget", spec=spec, tags=["time"], change=more
    )
    shown = page(made, "@ann/clock")

    assert "Needs ggui >=1.0.0 Depends on @bob/other ^1.0.0" in part(shown, "facts")
    assert '<a href="../../../tags/time/">time</a>' in shown
    assert '<a href="../../../hooks/useClock/">useClock</a>' in shown
