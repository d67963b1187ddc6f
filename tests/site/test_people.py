"""Authors and reviews on pages: the marks are told apart, and what people wrote stays text."""

import html
import re
from typing import Any

from registry_tool.core.tables import table_bytes
from registry_tool.site.opinions import SHOWN
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import ACCOUNT, DOMAIN, OTHER, profile, review
from tests.proving import SOLAR
from tests.sites import built, committed, files_of, named

ITEM, ANN, BOB = "themes/ann/solar/index.html", "authors/ann/index.html", "authors/bob/index.html"
CONFIRMED = ("ann control", "mod")
RIBBON = "nobody has checked who"


def page(registry: RegistryInMemory, path: str) -> str:
    """A page of its site."""
    return files_of(built(committed(registry.files)).made)[path].decode()


def words(text: str) -> str:
    """A page as it reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def with_solar() -> RegistryInMemory:
    """A release by ann, and bob."""
    return named(a_registry(demo=False)).release(SOLAR, "1.0.0").with_author("bob")


def test_an_author_who_is_not_verified_has_a_ribbon() -> None:
    """M6: on the artifact's page and on their own; a claim alone takes it off no page."""
    registry = with_solar()
    profile(registry, DOMAIN)
    before = [words(page(registry, path)) for path in (ITEM, ANN)]
    profile(registry, DOMAIN, by=CONFIRMED)
    after = [words(page(registry, path)) for path in (ITEM, ANN)]

    assert [True, True, False, False] == [RIBBON in one for one in (*before, *after)]
    assert "Says to be example.org" in before[1]
    assert "author verified example.org" in after[0]
    assert re.search(r"Confirmed example\.org confirmed by mod on 2026-03-01", after[1])


def test_the_three_marks_are_told_apart() -> None:
    """M14: official is the operator's word about the scope and verifies nobody; imported says from where."""
    registry = with_solar()
    registry.files["index/registry.yaml"] = table_bytes({"name": "Here", "official": ["ann"]})
    registry.release(
        "@bob/found", "1.0.0", change=lambda value: value.update(imported={"from": "https://other.example/\u202e"})
    )
    official, found = words(page(registry, ITEM)), words(page(registry, "themes/bob/found/index.html"))

    assert ("official" in official, RIBBON in official, "Imported" in official) == (True, True, False)
    assert r"Imported from https://other.example/\u202e. Its author has not claimed it here." in found


def test_an_author_s_page_says_who_they_are() -> None:
    """Their name, words, links and scopes; what a moderator took away, and why."""
    registry = with_solar()
    told: dict[str, Any] = {
        "name": "Ann <b>Lee</b>",
        "about": "Makes things.\n\n@everybody\u200b",
        "links": {"home": "https://a.example/"},
    }
    profile(registry, DOMAIN, OTHER, ACCOUNT, by=CONFIRMED, **told)
    profile(registry, ACCOUNT, by=("mod",), under=("moderators",), note="sold", **told)
    raw = page(registry, ANN)
    text = words(raw)

    assert ("<b>Lee" in raw, "Ann <b>Lee</b>" in text) == (False, True)
    assert "Makes things. @everybody\\u200b" in text
    assert "Confirmed ann (account in forge.example) confirmed by mod" in text
    assert "example.org: taken away on 2026-03-01: “sold”" in text
    assert "Publishes in @ann (owner)" in text
    assert '<a href="https://a.example/" rel="nofollow noopener noreferrer">' in raw


def test_an_author_without_artifacts_has_a_page_where_they_have_a_profile() -> None:
    """A link to an author leads somewhere; who said and published nothing has no page."""
    registry = with_solar()
    site = files_of(built(committed(registry.files)).made)
    profile(registry, author="bob")

    assert BOB not in site
    assert "Bob 0 artifacts" in words(page(registry, BOB))


def test_reviews_are_on_the_page_newest_first() -> None:
    """Stars as people see and hear them, the version, and the text as text."""
    registry = with_solar()
    empty = words(page(registry, ITEM))
    review(registry, SOLAR, 4, text="Fine.\n\n<img src=x onerror=alert(1)> [a](https://evil.example) \u202e!")
    registry.keyring("eve")
    review(registry, SOLAR, 5, author="eve", text="")
    raw = page(registry, ITEM)
    text = words(raw)

    assert ("no reviews yet" in empty, "There are no reviews yet" in empty, "0.00" in empty) == (True, True, False)
    assert "4.50 of 5 stars (2 reviews)" in text
    assert 'aria-label="4 of 5 stars">★★★★☆<' in raw
    assert text.index("eve on 1.0.0") < text.index("bob on 1.0.0")
    assert ("<img" in raw, 'href="https://evil.example"' in raw, "\u202e" in raw) == (False, False, False)


def test_a_page_shows_the_newest_twenty() -> None:
    """The rating is of all of them, and the page says how many it leaves out."""
    registry = with_solar()
    for number in range(SHOWN + 1):
        registry.keyring(f"eve{number}")
        review(registry, SOLAR, 3, author=f"eve{number}", text=f"Number {number}.")
    text = words(page(registry, ITEM))

    assert ("Number 0." in text, f"Number {SHOWN}." in text) == (False, True)
    assert f"3.00 of 5 stars ({SHOWN + 1} reviews)" in text
    assert "And 1 older review." in text
