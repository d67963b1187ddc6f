"""Searching on this machine: the database answers as looking at every row would."""

import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from registry_tool.core.catalogue import catalogue_bytes, read_catalogue
from registry_tool.core.counts import coarse
from registry_tool.core.query import Query, Sort, parse_query, search, sought
from registry_tool.core.release import CatalogueRow
from registry_tool.stores.localsearch import KEPT, LocalSearch
from tests.search_queries import asked
from tests.search_rows import REGISTRY, counts, rows


class Reading:
    """A catalogue, and how often its rows were read."""

    def __init__(self, given: Sequence[CatalogueRow]) -> None:
        self.data = catalogue_bytes([one.value() for one in given], registry=REGISTRY)
        self.read = 0

    def rows(self) -> Sequence[CatalogueRow]:
        """All of them."""
        self.read += 1
        return read_catalogue(self.data, registry=REGISTRY).artifacts

    def find(
        self,
        where: Path,
        query: Query,
        *,
        sort: Sort | None = None,
        limit: int = 20,
        installs: dict[str, int] | None = None,
    ) -> tuple[int, list[str]]:
        """What is found by whoever keeps databases in `where`."""
        given = LocalSearch(where).find(self.data, self.rows, query, sort=sort, installs=installs or {}, limit=limit)
        return given[0], [row.artifact for row in given[1]]


@pytest.mark.slow
@pytest.mark.parametrize(("count", "searches"), [(1_000, 400), (10_000, 60)])
def test_the_database_finds_what_brute_force_finds(tmp_path: Path, count: int, searches: int) -> None:
    """So many searches: total and order are those of looking at every row; a beginning is never cut short here."""
    given, there, random = Reading(rows(count)), tuple(sought(one) for one in rows(count)), Random(count)
    counted = counts(rows(count))
    installs = {name: coarse(counted.total(name)) for name in counted.names}
    wrong = []
    for one in [asked(random, there) for _ in range(searches)]:
        expected = search(one.query, there, sort=one.sort, installs=installs)
        found = given.find(tmp_path, one.query, sort=one.sort, limit=60, installs=installs)
        if (len(expected), [row.artifact for row in expected[:60]]) != found:
            wrong.append(one.address)

    assert ([], 1) == (wrong, given.read)


def test_a_catalogue_is_read_once(tmp_path: Path) -> None:
    """What was made of it is kept by its digest; another one is another database, and a few are kept."""
    given = Reading(rows(50))
    first = given.find(tmp_path, Query())
    again = given.find(tmp_path, Query())
    others = [Reading(rows(50)[number:]) for number in range(1, KEPT + 3)]
    for number, other in enumerate(others):
        other.find(tmp_path, Query())
        for place, file in enumerate(sorted(tmp_path.iterdir(), key=lambda one: one.stat().st_mtime_ns)):
            os.utime(file, ns=(place, place + number))

    assert (first, 1) == (again, given.read)
    assert KEPT == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\x00" + bytes(5000)])
def test_a_damaged_database_is_made_again(tmp_path: Path, damage: bytes) -> None:
    """Whatever lies there, the answer is right, and the next one is quick again."""
    given = Reading(rows(50))
    right = given.find(tmp_path, Query())
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)

    assert [right, right] == [given.find(tmp_path, Query()), given.find(tmp_path, Query())]
    assert 2 == given.read


def test_a_database_that_lost_its_tables_is_made_again(tmp_path: Path) -> None:
    """A whole file of SQLite that holds something else is as good as none."""
    import sqlite3

    given = Reading(rows(50))
    right = given.find(tmp_path, parse_query("tag:pdf"))
    (file,) = tmp_path.iterdir()
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE names (id INTEGER)")
    database.close()

    assert right == given.find(tmp_path, parse_query("tag:pdf"))


def test_nothing_need_be_kept(tmp_path: Path) -> None:
    """Where no folder can be made the search works all the same."""
    (tmp_path / "file").write_bytes(b"")
    given = Reading(rows(50))

    assert given.find(tmp_path / "file" / "below", Query()) == given.find(tmp_path / "kept", Query())
    assert 2 == given.read


@pytest.mark.parametrize("text", ["__proto__", '"', "place0 : x", "a OR b", "NEAR(a b)", "*", "x*", "\u5929", "\u202e"])
def test_a_search_is_never_a_command(tmp_path: Path, text: str) -> None:
    """What means something to the database means nothing in a search."""
    given, query = Reading(rows(200)), parse_query(text.replace(":", " "))
    expected = search(query, [sought(one) for one in rows(200)])

    assert (len(expected), [row.artifact for row in expected[:20]]) == given.find(tmp_path, query)
