"""What the ggui client searches (ggui wire facts, parts 7 and 11).

    search                every gadget and blueprint; static hosts ignore the query, so the client lists them all
    ggui/<kind>/search    those of one kind, for a base address that knows one kind only
    ggui/rows.json        the same rows, with what a query looks at: for hosts that can answer one
                          (`core/ggui/search.answer`)

There is never a cursor: a static file would repeat itself forever. Nothing yanked and nothing taken back is in it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from registry_tool.core.canonical import Json, encode
from registry_tool.core.digest import sha256
from registry_tool.core.ggui.package import row
from registry_tool.core.ggui.search import ROWS, Row, entry, rows_bytes
from registry_tool.core.index import About, Listing, Name, Planned

FACTS: Final = "ggui"
"""The id under which `Listing.facts` has the rows."""
SEARCH: Final = "search"

_Make = Callable[[Iterable[Row]], bytes]


def ggui_row(name: Name, about: About) -> dict[str, Json] | None:
    """What is remembered of a name: its row, `None` where it is not on the wire."""
    return row(name, about)


def searches(listing: Listing) -> Iterable[Planned]:
    """All three; nothing where the site has no address."""
    if not listing.about.table.url:
        return
    rows = listing.facts.get(FACTS, {})
    yield _planned(listing, SEARCH, list(rows), _answer)
    for category in sorted(listing.about.categories, key=lambda one: one.row.id):
        if category.kind is not None and category.kind.wire is not None:
            kind = category.kind.id
            of_kind = [artifact for artifact in rows if rows[artifact]["kind"] == kind]
            yield _planned(listing, f"ggui/{kind}/{SEARCH}", of_kind, _answer)
    yield _planned(listing, ROWS, list(rows), rows_bytes)


def _planned(listing: Listing, path: str, artifacts: Sequence[str], make: _Make) -> Planned:
    keys = "".join(listing.fact_key(FACTS, artifact) for artifact in artifacts)
    return Planned(path, sha256(keys.encode()), partial(_made, listing, artifacts, make))


def _made(listing: Listing, artifacts: Sequence[str], make: _Make) -> bytes:
    rows: Iterator[Row] = (listing.facts[FACTS][artifact] for artifact in artifacts)
    return make(rows)


def _answer(rows: Iterable[Row]) -> bytes:
    return encode({"results": [entry(row) for row in rows]})
