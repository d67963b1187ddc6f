"""What a site replaced lately and still holds: a client in the middle of an update must find it.

tuf/retired.json    [[paths that the index no longer names, sorted], …]    oldest first, the last ten
"""

import json
import re
from collections.abc import Collection, Iterable
from typing import Final

from registry_tool.core import canonical, layout, limits
from registry_tool.core.errors import InvalidInput

RETIRED: Final = layout.METADATA + "retired.json"
GENERATIONS: Final = 10
"""How many publishes what was replaced stays for; an update takes seconds, so this is for busy registries."""

_GENERATION: Final = re.compile(
    r"tuf/[0-9]{1,16}\.[a-z0-9-]{1,64}\.json|((index|chains)/(.*/)?|trust/)[0-9a-f]{64}\.[^/]+"
)


def retired(before: bytes | None, gone: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """The generations that stay, when the paths `gone` are in the folder and no longer of the site.

    `before` are the bytes of `RETIRED`; what is damaged there counts for nothing, and no path stays that
    is not of a replaced file's form.
    """
    able = {path for path in gone if _GENERATION.fullmatch(path)}
    kept = []
    for paths in _read(before):
        here = tuple(sorted(able & paths))
        able -= paths
        kept.append(here)
    if able:
        kept.append(tuple(sorted(able)))
    return tuple(kept[-GENERATIONS:])


def written(generations: Iterable[Iterable[str]]) -> bytes:
    """The bytes of `RETIRED`."""
    return json.dumps([list(paths) for paths in generations], separators=(",", ":")).encode("ascii")


def _read(data: bytes | None) -> list[set[str]]:
    try:
        value = canonical.parse_loose(data or b"[]", limit=limits.CATALOGUE_BYTES, what=RETIRED)
    except InvalidInput:
        return []
    rows = value if isinstance(value, list) else []
    return [{path for path in row if isinstance(path, str)} for row in rows if isinstance(row, list)]
