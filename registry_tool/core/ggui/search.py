"""`GET /search` of the ggui wire (ggui wire facts, part 7), as a pure function over rows.

    q        in name (without scope), description or a tag, whatever the letters' case
    kind     gadget | blueprint                       tag      exact
    hook     exact, the first export                  author   exact id, or in the author's name
    tool, server   both within one binding            sort     recent: newest first, then by id
    limit    1 to 200, 50 unless told                 cursor   what the answer before gave

Everything is joined by AND. Empty values are as if they were not there, but those of `kind`, `limit` and
`sort`, which are then bad. A folder of files cannot look at a query: there `search` lists everything, and
the rows with what a query needs besides lie in `ggui/rows.json`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from registry_tool.core import limits
from registry_tool.core.canonical import Json, encode, parse_loose
from registry_tool.core.errors import InvalidInput

Row = Mapping[str, Json]
"""One gadget or blueprint: members of an answer's row, and `publishedBy`, `hook?`, `authorName?`."""

KINDS: Final = ("gadget", "blueprint")
ROWS: Final = "ggui/rows.json"
"""Where the site has them."""
DEFAULT_LIMIT: Final = 50  # part 7
MOST: Final = 200  # part 7
QUERY_CHARACTERS: Final = 2000  # as long as an address may be that `registry serve` takes
QUERY_MEMBERS: Final = 50
_MEMBERS: Final = (
    "artifactId",
    "latestVersion",
    "kind",
    "description",
    "tags",
    "publishedAt",
    "mcpTools",
    "mcpToolsSource",
    "scopeVerification",
    "verifiedDomain",
)
_NEEDED: Final = ("artifactId", "latestVersion", "kind", "publishedAt", "publishedBy")
_TEXTS: Final = ("description", "hook", "authorName")
_NEVER_IGNORED: Final = ("kind", "limit", "sort")
_TOOL: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")

Matches = Callable[[Row], bool]


class _Refused(Exception):
    """A query that says nothing; its text is the answer's message."""


def answer(query: str, rows: Sequence[Row], *, kind: str | None = None) -> tuple[int, bytes]:
    """The status (200 or 400) and the JSON body for the query string `query`, which may be empty.

    `rows` are those of `read_rows`, in the order in which they are answered; `kind` narrows them first, for
    the base addresses `ggui/<kind>/`. Of members that stand twice the first counts; unknown ones are nothing.
    """
    try:
        asked = _asked(query)
        found = [row for row in rows if kind in (None, row["kind"])]
        for matches in _filters(asked):
            found = [row for row in found if matches(row)]
        limit = _number(asked, "limit", 1, MOST, DEFAULT_LIMIT)
        begin = _number(asked, "cursor", 0, 10**9, 0)
        if asked.get("sort", "recent") != "recent":
            raise _Refused("`sort` must be: recent")
    except _Refused as refused:
        return 400, encode({"error": "invalid_request", "message": str(refused)})
    if "sort" in asked:
        found.sort(key=lambda row: str(row["artifactId"]))
        found.sort(key=lambda row: str(row["publishedAt"]), reverse=True)
    end = begin + limit
    more = {"nextCursor": str(end)} if end < len(found) else {}
    return 200, encode({"results": [entry(row) for row in found[begin:end]], **more})


def entry(row: Row) -> dict[str, Json]:
    """A row as `/search` answers it: without what only a query looks at."""
    return {member: row[member] for member in _MEMBERS if member in row}


def rows_bytes(rows: Iterable[Row]) -> bytes:
    """The file `ggui/rows.json` with these rows."""
    return encode({"rows": [dict(row) for row in rows]})


def read_rows(data: bytes) -> tuple[Row, ...]:
    """The rows that `ggui/rows.json` holds; `InvalidInput` for no such file, or one larger than a catalogue may be."""
    value = parse_loose(data, limit=limits.CATALOGUE_BYTES, what=ROWS)
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise InvalidInput("it does not hold the rows of a search", where=ROWS, code="bad-rows", hint="build again")
    return tuple(rows)


def _is_row(row: object) -> bool:
    """Whether a query can be held against it: whoever serves a folder may be given any."""
    if not isinstance(row, dict) or not all(isinstance(row.get(member), str) for member in _NEEDED):
        return False
    tags, bindings = row.get("tags", []), row.get("mcpTools", [])
    return (
        all(isinstance(row.get(member, ""), str) for member in _TEXTS)
        and isinstance(tags, list)
        and all(isinstance(tag, str) for tag in tags)
        and isinstance(bindings, list)
        and all(isinstance(binding, dict) for binding in bindings)
    )


def _asked(query: str) -> dict[str, str]:
    """What a query says, by member, as browsers and servers read it."""
    if len(query) > QUERY_CHARACTERS:
        raise _Refused(f"a query may have at most {QUERY_CHARACTERS} characters")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=QUERY_MEMBERS)
    except ValueError:
        raise _Refused(f"a query may have at most {QUERY_MEMBERS} members") from None
    asked: dict[str, str] = {}
    for name, value in pairs:
        asked.setdefault(name, value)
    return {name: value for name, value in asked.items() if value or name in _NEVER_IGNORED}


def _number(asked: Mapping[str, str], name: str, least: int, most: int, otherwise: int) -> int:
    if name not in asked:
        return otherwise
    if _NUMBER.fullmatch(asked[name]) is None or not least <= int(asked[name]) <= most:
        said = f"be a whole number from {least} to {most}" if name == "limit" else "come from the answer before"
        raise _Refused(f"`{name}` must {said}")
    return int(asked[name])


def _filters(asked: Mapping[str, str]) -> Iterable[Matches]:
    """One function for each thing that is asked; raises `_Refused`."""
    if "kind" in asked and asked["kind"] not in KINDS:
        raise _Refused(f"`kind` must be one of: {', '.join(KINDS)}")
    for member in ("tool", "server"):
        if member in asked and _TOOL.fullmatch(asked[member]) is None:
            raise _Refused(f"`{member}` must be 1 to 128 letters, digits, `_`, `.` or `-`")
    for member in ("kind", "hook"):
        if member in asked:
            yield _is(member, asked[member])
    if "q" in asked:
        yield _says(asked["q"].lower())
    if "tag" in asked:
        yield _tagged(asked["tag"])
    if "author" in asked:
        yield _by(asked["author"])
    wanted = {member: asked[member] for member in ("tool", "server") if member in asked}
    if wanted:
        yield _bound_to(wanted)


def _is(member: str, value: str) -> Matches:
    return lambda row: row.get(member) == value


def _tagged(tag: str) -> Matches:
    return lambda row: tag in row.get("tags", ())


def _says(words: str) -> Matches:
    def matches(row: Row) -> bool:
        name = str(row["artifactId"]).partition("/")[2]
        texts = (name, row.get("description", ""), *row.get("tags", ()))
        return any(words in text.lower() for text in texts)

    return matches


def _by(author: str) -> Matches:
    part = author.lower()
    return lambda row: row["publishedBy"] == author or part in row.get("authorName", "").lower()


def _bound_to(wanted: Mapping[str, str]) -> Matches:
    """Whether one binding has all that is wanted; one without a server is of no server that somebody names."""
    return lambda row: any(
        all(binding.get(member) == value for member, value in wanted.items()) for binding in row.get("mcpTools", ())
    )
