"""The lists of the gallery: four orders and the alphabet, complete, and no page is made again without need."""

import html
import re
from pathlib import Path

import pytest

from registry_tool.site.cards import half_stars, installs_words, shortened
from registry_tool.site.lists import CARDS, FEWER_PAGES, PAGES
from tests.site.listings import (
    a_listing,
    a_row,
    artifacts,
    counted,
    made,
    many,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "gallery"


def words(text: str) -> str:
    """A page as it reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def in_order(pages: dict[str, str], base: str, order: str) -> list[str]:
    """The artifacts of all pages of an order, one page after the other."""
    first = base if order == "popular" else f"{base}-/{order}/"
    paths = [f"{first}index.html", *(f"{base}-/{order}/{number}/index.html" for number in range(2, 20))]
    return [artifact for path in paths if path in pages for artifact in artifacts(pages[path])]


def test_each_order_is_what_it_says() -> None:
    """By installs, by the last version, by the stars of several people, by the first version; ties by who was first."""
    rows = [
        a_row("@ann/old", published="2026-01-01T00:00:00Z", updated="2026-01-01T00:00:00Z"),
        a_row("@ann/used", published="2026-01-02T00:00:00Z", updated="2026-01-05T00:00:00Z"),
        a_row("@ann/praised", published="2026-01-03T00:00:00Z", updated="2026-01-03T00:00:00Z",
              rating={"count": 40, "mean": "4.60"}),
        a_row("@ann/friend", published="2026-01-04T00:00:00Z", updated="2026-01-04T00:00:00Z",
              rating={"count": 1, "mean": "5.00"}),
        a_row("@ann/gone", published="2026-01-09T00:00:00Z", updated="2026-01-09T00:00:00Z", status="revoked",
              rating={"count": 90, "mean": "5.00"}),
    ]  # fmt: skip
    pages = made(a_listing(rows, counts=counted({"@ann/used": 700, "@ann/gone": 9000, "@ann/old": 600})), "skills/")
    by = {
        order: [one[5:] for one in in_order(pages, "skills/", order)]
        for order in ("popular", "recent", "rating", "new")
    }

    assert {
        "popular": ["old", "used", "praised", "friend", "gone"],
        "recent": ["used", "friend", "praised", "old", "gone"],
        "rating": ["praised", "friend", "old", "used", "gone"],
        "new": ["friend", "praised", "used", "old", "gone"],
    } == by


def test_where_nobody_counts_the_list_says_so() -> None:
    """Not measured is not zero, on the cards and in the reason for the order."""
    rows = [a_row("@ann/one"), a_row("@ann/two")]
    without = words(made(a_listing(rows), "skills/")["skills/index.html"])
    measured = words(made(a_listing(rows, counts=counted({"@ann/two": 1})), "skills/")["skills/index.html"])

    assert (2, "Installs are not measured here" in without) == (without.count("installs not measured"), True)
    assert ("no installs yet" in measured, "at least 1 install " in measured) == (True, True)
    assert "What is installed most stands first" in measured


@pytest.mark.parametrize(
    ("installs", "expected"),
    [
        (None, "installs not measured"),
        (0, "no installs yet"),
        (1, "at least 1 install"),
        (500, "at least 500 installs"),
        (20_000, "at least 20,000 installs"),
    ],
)
def test_installs_are_told_in_words(installs: int | None, expected: str) -> None:
    """Nobody counted, nobody installed, and how many there are at least."""
    assert expected == installs_words(installs)


@pytest.mark.parametrize(("mean", "expected"), [("1.00", 2), ("4.24", 8), ("4.25", 9), ("4.33", 9), ("5.00", 10)])
def test_stars_are_drawn_by_halves(mean: str, expected: int) -> None:
    """The nearest half star; the words beside it say the mean exactly."""
    assert expected == half_stars(mean)


def test_the_three_marks_and_the_ribbon_are_told_apart() -> None:
    """Official says nothing about the author, imported is a third word, and who is not verified is said in words."""
    told: dict[str, dict[str, object]] = {
        "@ann/plain": {},
        "@bob/official": {"official": True},
        "@cat/known": {"author_verified": True, "imported": True},
        "@dan/yanked": {"status": "yanked"},
    }
    page = made(a_listing([a_row(name, **more) for name, more in told.items()]), "skills/")["skills/index.html"]
    marks = dict(re.findall(r'class="id">(@\S+) .*?<p class="marks">(.*?)</p>', page, re.DOTALL))

    assert {
        "@ann/plain": "not verified",
        "@bob/official": "not verified official",
        "@cat/known": "author verified imported",
        "@dan/yanked": "not verified yanked",
    } == {name: words(text) for name, text in marks.items()}


def test_every_artifact_is_found_by_category_tag_author_hook_and_permission_without_a_script() -> None:
    """B12: of 600 names each is on a shelf of everything that it belongs to."""
    rows = many(600, hooks=("useMap",), kind="gadget")
    pages = made(a_listing(rows))
    found: dict[str, set[str]] = {}
    for path, page in pages.items():
        found.setdefault(path.partition("-/")[0].removesuffix("index.html"), set()).update(artifacts(page))
    missing = [
        (row.artifact, base)
        for row in rows
        for base in (
            "gadgets/",
            f"authors/{row.author}/",
            "hooks/useMap/",
            *(f"tags/{tag}/" for tag in row.tags),
            *(f"permissions/{raw.partition(':')[0]}/" for raw in row.permissions),
        )
        if row.artifact not in found[base]
    ]

    assert [] == missing


def test_an_order_ends_and_leads_to_the_alphabet() -> None:
    """At most ten pages of 24 in a category and three elsewhere; the last one says where the rest is."""
    pages = made(a_listing(many(300)), "skills/", "tags/all/")
    last = pages[f"skills/-/popular/{PAGES}/index.html"]

    assert (PAGES * CARDS, FEWER_PAGES * CARDS) == tuple(
        len(in_order(pages, base, "popular")) for base in ("skills/", "tags/all/")
    )
    assert ("This order ends here" in last, 'href="../../../../skills/-/all/"' in last) == (True, True)
    assert "This order ends here" not in pages["skills/-/popular/9/index.html"]


def test_an_empty_category_has_its_pages() -> None:
    """Nothing is in it, which each of its pages says; the way to publish is there."""
    pages = made(a_listing([]), "skills/", "index.html")
    expected = {f"skills/{rest}index.html" for rest in ("", "-/recent/", "-/rating/", "-/new/", "-/all/")}

    assert expected == {path for path in pages if path.startswith("skills/")}
    assert [] == [path for path in expected if "Nothing has been published here yet." not in pages[path]]
    assert "../submit/skills/" in pages["skills/index.html"]


TITLES = {
    "spaces": (" \u2003 ", "(no text)"),
    "emoji": ("👩‍🚀🌞" * 40, "👩‍🚀🌞" * 40),
    "right to left": ("قالب النور", "قالب النور"),
    "turned around": ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
    "long": ("W" * 280, "W" * 280),
    "markup": ("</a><script>alert(1)</script>", "&lt;/a&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
}


@pytest.mark.parametrize(("title", "expected"), TITLES.values(), ids=TITLES)
def test_odd_titles_are_shown_and_never_obeyed(title: str, expected: str) -> None:
    """On cards, on shelves and on the home page; the browser finds out by itself in which direction they run."""
    rows = [a_row("@ann/odd", title=title, description=title, tags=("odd",), hooks=("useOdd",))]
    pages = made(a_listing(rows))
    shown = (
        "index.html",
        "skills/index.html",
        "skills/-/all/index.html",
        "tags/odd/index.html",
        "hooks/useOdd/index.html",
    )

    assert [] == [path for path in shown if f'" dir="auto">{expected}</a>' not in pages[path]]
    assert [] == [path for path, page in pages.items() if "<script>" in page or "\u202e" in page]


def test_a_long_description_is_cut_on_a_card() -> None:
    """4,000 characters of one author do not fill a list; what has no space in it is cut all the same."""
    assert ("a b…", "aaaa…", "short") == (shortened("a b ccccc", 6), shortened("a" * 9, 5), shortened("short", 5))


ODD = ("..", "a/b", "", "use map", "\u202euse", "x" * 200, "-")


def test_what_cannot_be_an_address_has_no_page() -> None:
    """Hooks and permissions that no check lets through make no path out of the site's folders."""
    listing = a_listing([a_row("@ann/odd", hooks=ODD, permissions=ODD)])
    pages = made(listing, "hooks/", "permissions/")
    known = made(a_listing([a_row("@ann/odd")]), "hooks/", "permissions/")

    assert known.keys() == pages.keys()


def test_an_index_with_many_words_has_shelves() -> None:
    """500 tags are on shelves, and the page itself shows the most used."""
    rows = [a_row(f"@ann/name-{number}", tags=("all", f"t{number}")) for number in range(500)]
    pages = made(a_listing(rows), "tags/index.html", "tags/-/")
    listed = [
        tag
        for path, page in pages.items()
        if "/-/" in path
        for tag in re.findall(r'href="[./]*tags/([a-z0-9]+)/"', page)
    ]

    assert {"all", *(f"t{number}" for number in range(500))} == set(listed)
    assert (501, ">all</a>" in pages["tags/index.html"]) == (len(listed), True)
    assert "501 tags" in words(pages["tags/index.html"])


def test_permissions_are_told_in_the_words_of_the_kinds() -> None:
    """What an example means, who can ask for it, and how many do."""
    rows = [a_row("@ann/net", permissions=("network:api.example.org", "network:db.example.org:443"))]
    pages = made(a_listing(rows), "permissions/")
    said = words(pages["permissions/index.html"])

    assert "network 1 asks for it" in said
    assert "network:api.example.org reach api.example.org Plugins, Skills" in said
    assert "chat_inject 0 ask for it" in said
    assert ["@ann/net"] == artifacts(pages["permissions/network/index.html"])
    assert "Nothing has been published here yet." in pages["permissions/fs/index.html"]


def test_the_same_rows_make_the_same_pages() -> None:
    """Nothing of a page hangs on the order in which rows come, or on what was made before it."""
    rows = many(120)

    assert made(a_listing(rows)) == made(a_listing(list(reversed(rows))))


@pytest.mark.parametrize("path", ["index.html", "skills/index.html", "skills/-/all/index.html", "tags/index.html"])
def test_pages_are_as_they_were(path: str) -> None:
    """Golden files: home, a small list, its alphabet and the tags of a registry with two artifacts."""
    rows = [
        a_row("@ann/link-check", title="Link check", tags=("docs",), permissions=("network",), author_verified=True,
              official=True, rating={"count": 3, "mean": "4.33"}, version="1.2.0"),
        a_row("@bob/light", title="قالب النور", description="<b>x</b>", status="deprecated", imported=True,
              published="2026-03-02T12:00:00Z", updated="2026-03-04T12:00:00Z"),
    ]  # fmt: skip
    page = made(a_listing(rows, counts=counted({"@ann/link-check": 1234})))[path]
    main = page[page.index("<main") : page.index("</main>") + 8]

    assert (GOLDEN / path.replace("/", "_")).read_text("utf-8") == main
