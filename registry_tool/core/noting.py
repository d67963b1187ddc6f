"""A tree that notes what was looked at, so that what follows from it need not be found again.

    what was read                                     what is noted
    index/releases/an/ann/solar/1.0.0/release.json    index/releases/an/ann/solar       everything about a name
    index/authors/an/ann/keys/1.json                  index/authors/an/ann              everything about an author
    index/policy/1.json                               index/policy
    index/registry.yaml                               index/registry.yaml

A place is a folder with an id that changes when anything below it does. What was found stays found as long as
the ids of all places are what they were.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from registry_tool.core.tree import Tree, TreeEntry

_DEPTHS: Final[Mapping[str, int]] = {
    "authors": 4,  # index/authors/<aa>/<id>
    "entitlements": 3,
    "moderation": 4,  # index/moderation/<year>/<submission>
    "releases": 5,  # index/releases/<aa>/<scope>/<name>
    "reviews": 5,
    "scopes": 4,
}
_OTHERS: Final = 2


def place_of(path: str) -> str:
    """The folder (or file) that stands for a path; empty for the whole tree."""
    parts = path.split("/", 6)
    depth = _DEPTHS.get(parts[1], _OTHERS) if parts[0] == "index" and len(parts) > 1 else _OTHERS
    return "/".join(parts[:depth])


class Noting:
    """A `Tree` that keeps the places that were asked for; what lies in `passed_over` itself is not noted."""

    def __init__(self, tree: Tree, *, passed_over: Iterable[str] = ()) -> None:
        self._tree = tree
        self._passed_over = frozenset(passed_over)
        self.places: set[str] = set()

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`."""
        self.places.add(place_of(path))
        return self._tree.read(path)

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`."""
        self.places.add(place_of(path))
        return self._tree.entry(path)

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder`."""
        if folder not in self._passed_over:
            self.places.add(place_of(folder))
        return self._tree.list(folder)


def ids_of(tree: Tree, places: Iterable[str]) -> dict[str, str]:
    """The id of what lies at each place; empty where nothing does."""
    found: dict[str, str] = {}
    for place in sorted(set(places)):
        entry = tree.entry(place)
        found[place] = entry.id if entry is not None else ""
    return found
