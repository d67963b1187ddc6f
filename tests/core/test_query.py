"""The language in which artifacts are searched, and what it finds by looking at every row."""

from typing import Any

import pytest

from registry_tool.core.errors import WrongUsage
from registry_tool.core.query import (
    MOST_TERMS,
    SORTS,
    Query,
    Sort,
    by_rating,
    fold,
    matches,
    parse_query,
    rating_score,
    search,
    sought,
    terms_of,
    words_of,
)
from registry_tool.core.release import CatalogueRow


def row(artifact: str = "@ann/pdf-tools", **more: Any) -> CatalogueRow:  # Any: members of a row
    """A row of the catalogue."""
    values: dict[str, Any] = {
        "kind": "skill",
        "version": "1.0.0",
        "title": "Read PDF",
        "description": "Turns paper into text.",
        "author": "ann",
        "tags": ("paper", "pdf"),
        "permissions": ("fs:tmp", "network:a.example"),
        "status": "active",
        "published": "2026-01-01T00:00:00Z",
        "updated": "2026-01-01T00:00:00Z",
        "hooks": (),
        "search": {},
        **more,
    }
    return CatalogueRow(artifact=artifact, **values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Query()),
        ("  Read\tPDF ", Query(words=("read", "pdf"))),
        ("pdf-tools, (now)", Query(words=("pdf", "tools", "now"))),
        ("KIND:Skills tag:PDF", Query(kind=("skill",), tag=("pdf",))),
        ("hook:useMap author:ann", Query(hook=("usemap",), author=("ann",))),
        ("permission:network -permission:fs:tmp", Query(permission=("network",), without=("fs:tmp",))),
        ("verified:YES tag:a tag:b", Query(tag=("a", "b"), verified=True)),
        ("12:30 - --", Query(words=("12", "30"))),
        ("x" * 40, Query(words=("x" * 32,))),
    ],
)
def test_a_query_is_words_and_filters(text: str, expected: Query) -> None:
    """Case makes no difference, signs part words, and kinds are read in the plural too."""
    assert expected == parse_query(text)


def test_filters_can_be_said_besides() -> None:
    """What a form or a flag says is joined to what the words say."""
    found = parse_query("pdf tag:paper", tag=["dark"], without=["network"], verified=["yes"], kind=["skills"])

    assert Query(("pdf",), kind=("skill",), tag=("paper", "dark"), without=("network",), verified=True) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour:red", "unknown-filter"),
        ("https://example.org", "unknown-filter"),
        ("without:network", "unknown-filter"),
        ("tag:", "bad-filter"),
        ("verified:no", "bad-filter"),
        ("-tag:pdf", "bad-filter"),
        ("-pdf", "bad-filter"),
        ("x" * 1001, "long-query"),
        ("x " * 21, "long-query"),
        ("tag:x " * 21, "long-query"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(text: str, code: str) -> None:
    """A mistyped filter never becomes a search for something else."""
    with pytest.raises(WrongUsage) as refused:
        parse_query(text)

    assert (code, True) == (refused.value.code, bool(refused.value.hint))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u00dcber-Caf\u00e9", ["uber", "cafe"]),
        ("\u0130stanbul \ufb01le \uff30\uff24\uff26", ["istanbul", "file", "pdf"]),
        ("\u03a3\u039f\u03a6\u039f\u03a3 \u03c3\u03bf\u03c6\u03bf\u03c3", ["\u03c3\u03bf\u03c6\u03bf\u03c3"] * 2),
        ("\u5929\u6c14 ab", ["\u5929", "\u6c14", "ab"]),
        (
            "\u0645\u0631\u062d\u0628\u0627\u060c \u202eevil\u202c \U0001f600",
            ["\u0645\u0631\u062d\u0628\u0627", "evil"],
        ),
        ("__proto__ <img src=x>", ["proto", "img", "src", "x"]),
    ],
)
def test_words_are_found_without_accents_and_in_any_script(text: str, expected: list[str]) -> None:
    """Scripts without spaces give a word for each sign; what cannot be seen gives none."""
    assert expected == list(words_of(text))


def test_folding_leaves_ascii_as_it_is_but_for_case() -> None:
    """The common case needs no tables."""
    assert "network:a.example" == fold("Network:A.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("pdf", True),
        ("read pap", True),
        ("rea pdf", False),
        ("tool ann", False),
        ("ann tool", True),
        ("moon", False),
        ("kind:skill", True),
        ("kind:theme", False),
        ("tag:pdf tag:paper", True),
        ("tag:pd", False),
        ("author:ann", True),
        ("author:an", False),
        ("permission:network", True),
        ("permission:network:a.example", True),
        ("permission:network:b.example", False),
        ("-permission:network", False),
        ("-permission:network:b.example", True),
        ("-permission:fs pdf", False),
        ("verified:yes", False),
        ("hook:useMap", False),
    ],
)
def test_everything_that_is_asked_must_hold(text: str, expected: bool) -> None:
    """Words are joined by AND, and only the last one may be a beginning; a permission is its group or the whole."""
    assert expected == matches(parse_query(text), sought(row()))


@pytest.mark.parametrize(
    ("status", "expected"),
    [("active", True), ("deprecated", True), ("yanked", False), ("quarantined", False), ("revoked", False)],
)
def test_what_nobody_installs_is_not_found(status: str, expected: bool) -> None:
    """A search lists what can be taken."""
    assert expected == matches(Query(), sought(row(status=status)))


def test_hooks_and_marks_are_found() -> None:
    """A hook whatever its case, by filter and by word; who is verified."""
    one = sought(row(kind="gadget", hooks=("useMap", "Chart"), author_verified=True))

    assert all(matches(parse_query(text), one) for text in ("hook:usemap", "hook:Chart", "usem", "verified:yes"))


def test_the_last_word_can_be_asked_for_whole() -> None:
    """As the search page does where too much begins with it."""
    assert not matches(Query(words=("rea",), whole=True), sought(row()))
    assert matches(Query(words=("read",), whole=True), sought(row()))


def test_a_long_text_has_an_end() -> None:
    """Of a description with thousands of words the first ones are found."""
    one = terms_of(row(description=" ".join(f"w{number}" for number in range(5000))))

    assert (MOST_TERMS, True, False) == (len(one), "w100" in one, "w4999" in one)


ROWS = [
    sought(one)
    for one in (
        row("@ann/paper", title="Other", updated="2026-03-01T00:00:00Z", rating={"count": 1, "mean": "5.00"}),
        row("@ann/reader", title="Paper", published="2025-01-01T00:00:00Z", rating={"count": 20, "mean": "4.50"}),
        row("@bob/moon", title="Moon", description="A paperback.", tags=(), published="2024-01-01T00:00:00Z"),
        row("@bob/sun", title="Sun", description="Of paper.", tags=(), rating={"count": 9, "mean": "1.50"}),
    )
]
INSTALLS = {"@bob/sun": 500, "@bob/moon": 20}


@pytest.mark.parametrize(
    ("text", "sort", "expected"),
    [
        ("", None, ["sun", "moon", "reader", "paper"]),
        ("paper", None, ["reader", "paper", "sun", "moon"]),
        ("paper", "relevance", ["reader", "paper", "sun", "moon"]),
        ("paper", "popular", ["sun", "moon", "reader", "paper"]),
        ("", "recent", ["paper", "reader", "moon", "sun"]),
        ("", "rating", ["reader", "paper", "sun", "moon"]),
    ],
)
def test_what_is_found_has_four_orders(text: str, sort: Sort | None, expected: list[str]) -> None:
    """By where the words stand, by installs, by the last version, by stars: few reviews count less, none is last."""
    found = search(parse_query(text), ROWS, sort=sort, installs=INSTALLS)

    assert expected == [one.artifact.partition("/")[2] for one in found]
    assert sort is None or sort in SORTS


def test_a_rating_is_drawn_to_the_middle() -> None:
    """Ten thousandths of a star, as if five people more had given three."""
    given = [row(rating={"count": 1, "mean": "5.00"}), row(rating={"count": 5, "mean": "5.00"}), row()]

    assert [3_333_333, 4_000_000, 0] == [rating_score(one) for one in given]
    assert [given[1], given[0], given[2]] == by_rating(given)
