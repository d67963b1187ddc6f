"""Searching a catalogue on this machine: SQLite's FTS5 holds its words, and answers as looking at every row would.

One database for each catalogue that was read, by the digest of its bytes, in a folder of the cache that anybody may
empty. A damaged one is made again; where nothing can be written it is made in memory.
"""

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from registry_tool.core.digest import sha256
from registry_tool.core.query import (
    FOUND,
    Query,
    Sort,
    by_popularity,
    by_time,
    default_sort,
    filters_of,
    rating_score,
    terms_of,
)
from registry_tool.core.release import CatalogueRow

KEPT: Final = 8
"""Databases in the folder, those that were used last."""
_FORMAT: Final = 1
"""Counts up whenever what is written changes."""
_TABLES: Final = """
CREATE TABLE names (id INTEGER PRIMARY KEY, artifact TEXT, recent INTEGER, rating INTEGER, row TEXT);
CREATE VIRTUAL TABLE words USING fts5(place0, place1, place2, filters, content='', detail=column,
    tokenize="unicode61 remove_diacritics 0 tokenchars '_'");
"""

Rows = Callable[[], Iterable[CatalogueRow]]


class LocalSearch:
    """Searches of catalogues, with a `folder` for what was made of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(
        self,
        catalogue: bytes,
        rows: Rows,
        query: Query,
        *,
        sort: Sort | None,
        installs: Mapping[str, int],
        limit: int,
    ) -> tuple[int, tuple[CatalogueRow, ...]]:
        """How many rows are asked for, and the first `limit` of them, as `query.search` orders them.

        `rows` reads the `catalogue`; it is asked only where nothing was kept of it.
        """
        path = self._folder / f"{sha256(catalogue)}-{_FORMAT}.sqlite"
        with suppress(sqlite3.Error, ValueError), _opened(path) as database:
            return _answer(database, query, sort=sort, installs=installs, limit=limit)
        with closing(sqlite3.connect(":memory:")) as database:
            _fill(database, rows())
            self._keep(path, database)
            return _answer(database, query, sort=sort, installs=installs, limit=limit)

    def _keep(self, path: Path, database: sqlite3.Connection) -> None:
        """Writes a database for the next time; a full or missing disk is no error."""
        with suppress(OSError, sqlite3.Error):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, new = tempfile.mkstemp(dir=self._folder)
            try:
                with open(descriptor, "wb") as file:
                    file.write(database.serialize())
                os.replace(new, path)
            except BaseException:
                os.unlink(new)
                raise
            there = sorted(self._folder.iterdir(), key=lambda one: (one.stat().st_mtime_ns, one.name))
            for old in there[:-KEPT]:
                old.unlink()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that is only read; whatever is wrong with it is a `sqlite3.Error`."""
    if not path.is_file():
        raise sqlite3.OperationalError("there is none")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("it is damaged")
        with suppress(OSError):
            os.utime(path)
        yield database


def _fill(database: sqlite3.Connection, rows: Iterable[CatalogueRow]) -> None:
    """Everything that can be found, numbered as popularity orders what nobody counted."""
    there = by_popularity([row for row in rows if row.status in FOUND], {})
    recent = {row.artifact: place for place, row in enumerate(by_time(there))}
    database.executescript(_TABLES)
    for number, row in enumerate(there):
        places: list[list[str]] = [[], [], []]
        for term, place in terms_of(row).items():
            places[place].append(token(term))
        filters = " ".join(sorted({sha256(one.encode()) for one in filters_of(row)}))
        name = (number, row.artifact, recent[row.artifact], -rating_score(row), json.dumps(row.value()))
        database.execute("INSERT INTO names VALUES (?, ?, ?, ?, ?)", name)
        database.execute(
            "INSERT INTO words (rowid, place0, place1, place2, filters) VALUES (?, ?, ?, ?, ?)",
            (number, *(" ".join(place) for place in places), filters),
        )
    database.commit()


def token(term: str) -> str:
    """A word as FTS5 takes it whole: of ASCII letters, digits and `_`, with the same beginnings."""
    return "".join(one if one in _PLAIN else f"_{ord(one):06x}" for one in term)


_PLAIN: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


def _answer(
    database: sqlite3.Connection, query: Query, *, sort: Sort | None, installs: Mapping[str, int], limit: int
) -> tuple[int, tuple[CatalogueRow, ...]]:
    found = _found(database, query)
    chosen = sort or default_sort(query)
    names = {number: rest for number, *rest in database.execute("SELECT id, artifact, recent, rating FROM names")}

    def order(number: int) -> tuple[int, int, int]:
        artifact, recent, rating = names[number]
        first = {"relevance": found[number], "popular": 0, "recent": recent, "rating": rating}[chosen]
        return first, -installs.get(artifact, 0), number

    first = sorted(found, key=order)[:limit]
    return len(found), tuple(_row(database, number) for number in first)


def _row(database: sqlite3.Connection, number: int) -> CatalogueRow:
    (text,) = database.execute("SELECT row FROM names WHERE id = ?", (number,)).fetchone()
    return CatalogueRow.of(json.loads(text))


def _found(database: sqlite3.Connection, query: Query) -> Mapping[int, int]:
    """What is asked for, each with the score of its words (`query.relevance`)."""
    found: dict[int, int] | None = None
    for place, word in enumerate(query.words, start=1):
        begins = place == len(query.words) and not query.whole
        scores = _scores(database, token(word), begins=begins)
        found = scores if found is None else {one: found[one] + scores[one] for one in found.keys() & scores.keys()}
    if found is None:
        found = dict.fromkeys((number for (number,) in database.execute("SELECT id FROM names")), 0)
    wanted = [_having(database, "filters", one) for one in sorted(query.wanted)]
    unwanted = [_having(database, "filters", one) for one in sorted(query.unwanted)]
    return {
        number: score
        for number, score in found.items()
        if all(number in one for one in wanted) and not any(number in one for one in unwanted)
    }


def _scores(database: sqlite3.Connection, word: str, *, begins: bool) -> dict[int, int]:
    """The names that have a word, each with the best score of all places; the best are looked for last."""
    found: dict[int, int] = {}
    for place in (2, 1, 0):
        for score, text in ((place * 2 + 1, f'"{word}" *'), (place * 2, f'"{word}"'))[not begins :]:
            found |= dict.fromkeys(_matching(database, f"place{place} : {text}"), score)
    return found


def _having(database: sqlite3.Connection, column: str, text: str) -> frozenset[int]:
    return frozenset(_matching(database, f'{column} : "{sha256(text.encode())}"'))


def _matching(database: sqlite3.Connection, match: str) -> Sequence[int]:
    return [number for (number,) in database.execute("SELECT rowid FROM words WHERE words MATCH ?", (match,))]
