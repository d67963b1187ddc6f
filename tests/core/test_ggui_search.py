"""The query of the ggui wire, as a function over rows."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui.search import Row, answer, entry, read_rows, rows_bytes
from tests.feeds import ggui_schemas as schemas


def a_row(name: str, kind: str = "gadget", at: int = 1, **members: Any) -> Row:
    """A row of `@ann/<name>`, published in second `at`."""
    base = {"artifactId": f"@ann/{name}", "latestVersion": "1.0.0", "kind": kind, "publishedBy": "ann"}
    return {**base, "publishedAt": f"2026-03-01T12:00:{at:02d}.000Z", **members}


def bound(*bindings: str) -> list[dict[str, str]]:
    """Bindings written as `tool` or `server/tool`."""
    parts = [one.rpartition("/") for one in bindings]
    return [{"tool": tool, **({"server": server} if server else {})} for server, _, tool in parts]


ROWS: Sequence[Row] = (
    a_row(
        "clock", at=3, hook="useClock", tags=["time", "hooks"], description="Tells the TIME of day.", authorName="Ann"
    ),
    a_row("card", "blueprint", at=5, mcpTools=bound("list", "todo/add"), tags=["time-series"]),
    a_row("map", at=3, hook="Map", publishedBy="zoe", authorName="Zoë of the Maps", mcpTools=bound("todo/list")),
    a_row("steps", "blueprint", at=4, description="Ünder way", publishedBy="annette"),
)
ALL = ["clock", "card", "map", "steps"]


def found(query: str, *, kind: str | None = None) -> list[str]:
    """Names of the rows that a query finds, in their order."""
    status, body = answer(query, ROWS, kind=kind)
    value = json.loads(body)

    assert (200, []) == (status, schemas.faults(value, schemas.SEARCH))
    return [str(one["artifactId"]).partition("/")[2] for one in value["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("q=", ALL),
        ("hook=&tag=&author=&cursor=&tool=&server=", ALL),
        ("unknown=1", ALL),
        ("q=CLOCK", ["clock"]),
        ("q=time", ["clock", "card"]),
        ("q=%C3%BCnder+WAY", ["steps"]),
        ("q=ann", []),
        ("q=@ann/clock", []),
        ("q=ClOck&q=card", ["clock"]),
        ("kind=gadget", ["clock", "map"]),
        ("kind=blueprint&q=time", ["card"]),
        ("hook=useClock", ["clock"]),
        ("hook=useclock", []),
        ("hook=Map", ["map"]),
        ("tag=time", ["clock"]),
        ("tag=Time", []),
        ("author=ann", ["clock", "card"]),
        ("author=ANN", ["clock"]),
        ("author=zo%C3%AB+OF", ["map"]),
        ("author=annette", ["steps"]),
        ("author=annet", []),
        ("tool=list", ["card", "map"]),
        ("server=todo", ["card", "map"]),
        ("tool=list&server=todo", ["map"]),
        ("tool=add&server=todo", ["card"]),
        ("tool=LIST", []),
        ("kind=gadget&tool=list&author=zoe", ["map"]),
        ("sort=recent", ["card", "steps", "clock", "map"]),
        ("limit=2", ["clock", "card"]),
        ("limit=200", ALL),
        ("limit=2&cursor=2", ["map", "steps"]),
        ("cursor=9", []),
    ],
)
def test_everything_that_is_asked_is_joined_by_and(query: str, expected: list[str]) -> None:
    """Part 7, member by member: what is exact, what looks into texts, and what an empty value means."""
    assert expected == found(query)


@pytest.mark.parametrize(
    "query",
    [
        "kind=",
        "kind=plugin",
        "kind=Gadget",
        "limit=",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=ten",
        "limit=1e1",
        "limit=%D9%A1",
        "limit=99999999999999999999",
        "sort=",
        "sort=popular",
        "tool=a+b",
        "tool=%00",
        "server=" + "s" * 129,
        "server=%0A",
        "cursor=-1",
        "cursor=x",
        "q=" + "a" * 2000,
        "&".join(f"a{number}=1" for number in range(51)),
    ],
)
def test_what_says_nothing_is_refused(query: str) -> None:
    """400, `invalid_request` and a sentence, whatever rows there are."""
    answers = [answer(query, rows) for rows in (ROWS, ())]

    assert answers[0] == answers[1]
    assert 400 == answers[0][0]
    assert [] == schemas.faults(json.loads(answers[0][1]), schemas.ERROR)


@pytest.mark.parametrize("sort", ["", "&sort=recent"])
def test_page_after_page_gives_every_row_once(sort: str) -> None:
    """Who follows the cursor reads what one answer would have held, and comes to an end."""
    pages, cursor = [], ""
    for _ in ROWS:
        value = json.loads(answer(f"limit=1{sort}{cursor}", ROWS)[1])
        pages += value["results"]
        cursor = f"&cursor={value['nextCursor']}" if "nextCursor" in value else ""

    assert "" == cursor
    assert json.loads(answer(f"limit=4{sort}", ROWS)[1])["results"] == pages


def test_an_address_of_one_kind_answers_that_alone() -> None:
    """Whatever kind the query names; one that names the other finds nothing."""
    assert (["clock", "map"], [], ["card"]) == (
        found("", kind="gadget"),
        found("kind=blueprint", kind="gadget"),
        found("tag=time-series", kind="blueprint"),
    )


def test_a_row_is_answered_without_what_only_a_query_looks_at() -> None:
    """Hook, author and the author's name are not members of the wire."""
    assert {"hook", "publishedBy", "authorName"} == ROWS[0].keys() - entry(ROWS[0]).keys()


def test_rows_come_back_from_their_file() -> None:
    """What is written is read; and rows with the least that a query needs are enough."""
    assert ROWS == read_rows(rows_bytes(ROWS))
    assert () == read_rows(rows_bytes(()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"rows":{}}',
        b'{"rows":[1]}',
        b'{"rows":[{}]}',
        rows_bytes([a_row("x", description=[])]),
        rows_bytes([a_row("x", hook=1)]),
        rows_bytes([a_row("x", authorName=1)]),
        rows_bytes([a_row("x", tags="time")]),
        rows_bytes([a_row("x", mcpTools={})]),
        rows_bytes([a_row("x", tags=[1])]),
        rows_bytes([a_row("x", mcpTools=[1])]),
    ],
)
def test_a_file_that_no_query_can_be_held_against_is_refused(data: bytes) -> None:
    """Whoever serves a folder may be given any; a fault is told when it is read, not at some query."""
    with pytest.raises(InvalidInput):
        read_rows(data)
