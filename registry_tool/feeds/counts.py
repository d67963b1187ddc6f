"""Live counts: exact numbers of installs in small files, which change every day and no page with them.

    counts/<aa>.json     {"@ann/pdf": {"recent": 12, "total": 4020}}     by the first two letters of the scope
    counts/index.json    until when was counted, and which of these files there are

`recent` are the 30 days until the day that the index names. Pages say the same numbers rounded down.
A build that was given no counts publishes none of them: not measured is not zero.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from registry_tool.core import canonical, limits
from registry_tool.core.counts import BEFORE, Counts
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.index import Listing, Planned
from registry_tool.core.ports import Source

FOLDER: Final = "counts/"
INDEX: Final = FOLDER + "index.json"

_FILE: Final = re.compile(r"[a-z0-9-]{2}\.json")
_FILES: Final = 37 * 37  # as many as two letters, digits and hyphens make
_ANY: Final = "0.0.0"
"""Stands for all releases of a name: the live files do not tell them apart."""


def shard_path(artifact: str) -> str:
    """The file that has an artifact's numbers."""
    return f"{FOLDER}{artifact[1:3]}.json"


def live_counts(listing: Listing) -> Iterable[Planned]:
    """All of them; nothing where the build was given no counts."""
    counts = listing.counts
    if counts is None:
        return
    shards: dict[str, dict[str, dict[str, int]]] = {}
    for row in listing.rows:
        told = {"total": counts.total(row.artifact), "recent": counts.recent(row.artifact)}
        shards.setdefault(shard_path(row.artifact), {})[row.artifact] = told
    yield _planned(INDEX, _index(listing, counts, sorted(shards)))
    for path, told_of in sorted(shards.items()):
        yield _planned(path, told_of)


def _index(listing: Listing, counts: Counts, paths: Iterable[str]) -> dict[str, Any]:  # Any: JSON
    return {
        "schema": "registry.live-counts/1",
        "registry": listing.about.id,
        "until": counts.until,
        "files": [path.removeprefix(FOLDER) for path in paths],
    }


def counts_at(source: Source) -> Counts | None:
    """Counts from which a build makes the live files of a site; `None` where the site has none that can be read."""
    try:
        index = _fetched(source, INDEX)
        names = index["files"]
        if len(names) > _FILES or not all(_FILE.fullmatch(name) for name in names):
            return None
        rows = {artifact: told for name in names for artifact, told in _fetched(source, FOLDER + name).items()}
        releases = {artifact: {_ANY: _days(told, index["until"])} for artifact, told in rows.items()}
        value = {"schema": "registry.counts/1", "registry": index["registry"], "until": index["until"]}
        return Counts.of({**value, "names": releases})
    except (InvalidInput, KeyError, TypeError, AttributeError):
        return None  # the site's word: what it does not say well it does not say


def _days(told: Mapping[str, int], until: str) -> dict[str, int]:
    return {BEFORE: told["total"] - told["recent"], until: told["recent"]}


def _fetched(source: Source, path: str) -> Any:  # Any: JSON, of which nothing is believed
    data = source.fetch(path, limit=limits.NAME_RECORD_BYTES)
    return canonical.parse_loose(data or b"", limit=limits.NAME_RECORD_BYTES, what=path)


def _planned(path: str, value: Mapping[str, Any]) -> Planned:  # Any: JSON
    data = canonical.encode(dict(value))
    return Planned(path, sha256(data), lambda: data)
