"""The page of an artifact: how it is installed, with which tools, how often, and who stands for it."""

import re

import pytest

from tests.building_profiles import DOMAIN, profile, review
from tests.proving import SOLAR
from tests.site.items import ADDRESS, page, part, registry, words

SKILL = {"SKILL.md": b"---\nname: links\ndescription: x\n---\n# Links\n"}


@pytest.mark.parametrize(
    ("kind", "files", "expected"),
    [
        ("gadget", {"index.js": b""}, "ggui gadget install @ann/one@1.0.0 --registry https://registry.example/room"),
        ("blueprint", {"a": b""}, "ggui blueprint install @ann/one@1.0.0 --registry https://registry.example/room"),
        ("skill", SKILL, "npx skills add https://registry.example/room/skills/ann/one"),
        ("skill", {"skill.md": b"x"}, "npx skills add https://registry.example/room/skills/ann/one"),
        ("skill", SKILL, "git clone --branch dist 'https://forge.example/it&s.git'"),
        ("plugin", {"server.json": b"{}"}, "https://registry.example/room/v0.1/servers"),
        ("plugin", {"server.json": b"{}"}, "git clone --branch dist 'https://forge.example/it&s.git'"),
    ],
)
def test_other_tools_install_it_too(kind: str, files: dict[str, bytes], expected: str) -> None:
    """Each tool that reads the kind has its command, with the address of this site."""
    made = registry(git="https://forge.example/it&s.git").release("@ann/one", "1.0.0", files, kind=kind)

    assert expected in part(page(made, "@ann/one"), "install")


@pytest.mark.parametrize(
    ("kind", "url", "status"),
    [("theme", ADDRESS, ""), ("skill", "", ""), ("skill", ADDRESS, "yank"), ("widget", ADDRESS, "")],
)
def test_other_tools_are_not_named_where_they_cannot(kind: str, url: str, status: str) -> None:
    """A kind that they do not read, a site without an address, a release that new installs do not take."""
    made = registry(url=url).release("@ann/one", "1.0.0", SKILL, kind=kind)
    if status:
        made.event("@ann/one", "1.0.0", status)

    assert "With other tools" not in page(made, "@ann/one")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("deprecate", "registry install @ann/solar Copy"),
        ("yank", "registry install @ann/solar@1.0.0 Copy"),
        ("quarantine", "Nobody installs this version: it is quarantined."),
        ("revoke", "Nobody installs this version: it is revoked."),
        ("withhold", "Nobody installs this version: it is withheld."),
    ],
)
def test_the_command_follows_the_status(event: str, expected: str) -> None:
    """What new installs do not take is installed by its version alone, and what nobody may have not at all."""
    made = registry().release(SOLAR, "1.0.0")
    made.event(SOLAR, "1.0.0", event, reason="other")

    assert expected in part(page(made, SOLAR), "install")


@pytest.mark.parametrize(
    ("installs", "expected", "live"),
    [
        (None, "installs not measured", False),
        (0, "no installs yet", True),
        (1, "at least 1 install", True),
        (10_000, "at least 10,000 installs", True),
    ],
)
def test_not_measured_is_not_zero(installs: int | None, expected: str, live: bool) -> None:
    """Three things that are told apart; where somebody counted, a script may show the exact number."""
    shown = page(registry().release(SOLAR, "1.0.0"), SOLAR, installs=installs)

    assert expected in words(shown)
    assert live == (f'data-installs="{SOLAR}"' in shown)


# Who stands for it.


def test_who_the_author_is_and_how_that_is_known() -> None:
    """Not verified: a ribbon in words that leads to what it means. Verified: what was confirmed, by whom and when."""
    made = registry().release(SOLAR, "1.0.0")
    before = page(made, SOLAR)
    profile(made, DOMAIN, by=("ann control", "mod"))
    after = page(made, SOLAR)

    assert '<p class="ribbon"><a href="#trust">Not verified: nobody has checked who the author ann is.</a>' in before
    assert "Nobody has checked who that is" in part(before, "trust")
    assert ("ribbon" in after, "author verified" in after) == (False, True)
    assert "ann : example.org, confirmed by mod on 2026-03-01." in part(after, "trust")


def test_official_is_the_operator_s_word() -> None:
    """It stands beside the ribbon, and says that it verifies nobody."""
    shown = page(registry().release("@eve/one", "1.0.0"), "@eve/one")

    assert ("seal official" in shown, "ribbon" in shown) == (True, True)
    assert "It says nothing about who the author is." in part(shown, "trust")


@pytest.mark.parametrize(
    ("origin", "linked"),
    [
        ("https://elsewhere.example/a?b=c", True),
        ("javascript:alert(1)", False),
        ("http://plain.example/", False),
        ("https://a.example/\u202e", False),
        ("https://a b", False),
        ("list.txt", False),
    ],
)
def test_an_imported_artifact_says_from_where(origin: str, linked: bool) -> None:
    """As text; as a link only where it is an https address with nothing hidden in it."""
    made = registry().release("@bob/one", "1.0.0", change=lambda value: value.update(imported={"from": origin}))
    shown = page(made, "@bob/one")

    assert "Imported from" in words(shown)
    assert linked == (f'<a href="{origin}"' in shown)


def test_advisories_are_told_or_that_none_are_known() -> None:
    """Each leads to its place among all; what was lifted says so."""
    made = registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0", {"theme.css": b"b"})
    none = part(page(made, SOLAR), "trust")
    digest = made.event(SOLAR, "1.0.0", "quarantine", reason="reported")
    made.event(SOLAR, "1.0.0", "restore", by=("mod",), lifts=digest, reason="cleared")
    shown = page(made, SOLAR)

    assert "None known of any version." in none
    assert "1.0.0: quarantine on 2026-03-01 (reported), lifted on 2026-03-01" in part(shown, "trust")
    assert re.search(r'href="\.\./\.\./\.\./advisories/#REG-[0-9a-f]{32}"', shown)


def test_a_source_is_its_author_s_word() -> None:
    """Repository and commit, and that it is the author who says so."""
    source = {"repository": "https://forge.example/ann/solar", "commit": "a" * 40, "path": "themes/solar", "ref": "v1"}
    made = registry().release(SOLAR, "1.0.0", change=lambda value: value.update(source=source))
    said = part(page(made, SOLAR), "trust")

    assert f"the folder themes/solar, as v1, at {'a' * 40} . So says its author." in said


def test_reviews_are_counted_by_their_stars() -> None:
    """Bars whose lengths are tenths, rounded up so that one of many is seen."""
    made = registry().release(SOLAR, "1.0.0")
    for number, stars in enumerate((5, 5, 5, 1)):
        made.keyring(f"eve{number}")
        review(made, SOLAR, stars, author=f"eve{number}")
    shown = page(made, SOLAR)

    assert ["s8", "s0", "s0", "s0", "s3"] == re.findall(r'class="bar (s\d+)"', shown)
    assert "4.00 of 5 stars (4 reviews)" in part(shown, "reviews")
    assert 'class="stars s8"' in shown
