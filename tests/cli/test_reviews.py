"""Reviews from one desk to the other (M6)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.people import Town

pytestmark = pytest.mark.slow

ONE = "@ann/one"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A registry with ann's artifact in it."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    return town


def reviews(town: Town, stars: int, text: str = "", *, who: str = "bob", what: str = ONE, admit: bool = True) -> Any:
    """Somebody reviews, and the moderator lets it in."""
    line = ("review", what, "--stars", str(stars), "--text", text, "--as", who, "--registry", town.where)
    made = town.desk(who).json(*line)
    if admit:
        town.admit(made["submission"])
    return made


def reader(town: Town) -> Any:  # Any: a Desk
    """A stranger who knows the registry."""
    desk = town.desk("reader")
    if not desk.world.state.registries():
        desk.run("add", town.where, "--root", town.id)
    return desk


def test_a_review_is_written_admitted_and_read(town: Town) -> None:
    """The first brings its author; the second takes its place; both speak of a version."""
    first = reviews(town, 2, "Too loud.")
    town.publish("ann", "1.1.0")
    second = reviews(town, 5, "Much better.")
    third = reviews(town, 4, what=f"{ONE}@1.0.0", who="eve")
    desk = reader(town)
    found = desk.json("review", "list", ONE, "--registry", town.where)
    shown = desk.json("show", ONE, "--registry", town.where)

    assert [("1.0.0", 1), ("1.1.0", 2), ("1.0.0", 1)] == [
        (one["version"], one["number"]) for one in (first, second, third)
    ]
    expected = {"count": 2, "mean": "4.50", "stars": {"1": 0, "2": 0, "3": 0, "4": 1, "5": 1}}
    assert [expected, expected] == [found["rating"], shown["rating"]]
    assert [("eve", "1.0.0", 4, ""), ("bob", "1.1.0", 5, "Much better.")] == [
        (one["author"], one["version"], one["stars"], one["text"]) for one in found["reviews"]
    ]


def test_no_reviews_are_not_no_stars(town: Town) -> None:
    """What nobody reviewed has no rating at all."""
    desk = reader(town)
    found = desk.json("review", "list", ONE, "--registry", town.where)
    words = desk.run("review", "list", ONE, "--registry", town.where)

    assert ({"count": 0, "stars": dict.fromkeys("12345", 0)}, []) == (found["rating"], found["reviews"])
    assert f"{ONE}: no reviews yet\n" == words
    assert "no reviews yet" in desk.run("show", ONE, "--registry", town.where)


@pytest.mark.parametrize(
    ("line", "who", "expected"),
    [
        ((ONE, "--stars", "6"), "bob", (2, "")),
        ((ONE, "--stars", "0"), "bob", (2, "")),
        ((ONE,), "bob", (2, "")),
        ((ONE, "--stars", "4"), "ann", (1, "checks-failed")),
        ((f"{ONE}@3.0.0", "--stars", "4"), "bob", (3, "no-version")),
        (("@ann/nothing", "--stars", "4"), "bob", (3, "no-artifact")),
        ((ONE, "--stars", "4", "--text", "x" * 5000), "bob", (1, "invalid-document")),
    ],
)
def test_a_review_that_cannot_be_meant_is_refused(
    town: Town, line: tuple[str, ...], who: str, expected: tuple[int, str]
) -> None:
    """Before anything is sent: stars, one's own, and what is not there."""
    desk, whole = town.desk(who), ("review", *line, "--as", who, "--registry", town.where)
    if expected[0] == 2:
        desk.run(*whole)
        found = desk.code, ""
    else:
        found = desk.refused(*whole)

    assert expected == found


def test_words_say_what_happens_next(town: Town) -> None:
    """For people, with the text in quotes; a rehearsal sends nothing."""
    bob = town.desk("bob")
    line = ("review", ONE, "--stars", "3", "--text", "It \x1b[2J works.", "--as", "bob", "--registry", town.where)
    rehearsed = bob.run(*line, "--dry-run")
    nothing = town.at("mod", "queue", "list")
    sent = bob.run(*line)
    waiting = town.at("mod", "queue", "list")
    status = bob.run("status")
    town.admit(waiting[0]["id"])
    again = bob.run(*line[:3], "5", *line[4:])
    read = reader(town).run("review", "list", ONE, "--registry", town.where)

    assert ("Would submit" in rehearsed, []) == (True, nothing)
    assert r"3 of 5 stars for @ann/one@1.0.0: 'It \x1b[2J works.'" in sent
    assert any("bob gives @ann/one@1.0.0 3 of 5 stars" in one for one in waiting[0]["statements"])
    assert "a review of @ann/one@1.0.0" in status
    assert "It takes the place of what you said before" in again
    assert ("3.00 of 5 stars (1 review)" in read, "\x1b" in read) == (True, False)


def test_help_shows_both_ways(town: Town) -> None:
    """An artifact may stand where a verb does."""
    told = town.desk("bob").run("review", "--help")

    assert ("write" in told, "list" in told, "Example: registry review @" in told) == (True, True, True)


def test_a_built_site_says_the_same(town: Town, tmp_path: Path) -> None:
    """The file about an artifact's reviews is what a clone says, and the page shows it inert."""
    reviews(town, 1, "<script>alert(1)</script>\n@everybody look")
    town.desk("mod").run("build", "--registry", town.where, "--out", str(tmp_path / "site"))
    path = tmp_path / "site" / "index" / "reviews" / "an" / "ann" / "one.json"
    told = json.loads(path.read_text())
    page = (tmp_path / "site" / "skills" / "ann" / "one" / "index.html").read_text()
    found = reader(town).json("review", "list", ONE, "--registry", town.where)

    assert ("registry.reviews/1", found["reviews"]) == (told["schema"], told["reviews"])
    assert ("&lt;script&gt;alert(1)&lt;/script&gt;" in page, "<script>" in page) == (True, False)
    assert "1.00 of 5 stars (1 review)" in page
