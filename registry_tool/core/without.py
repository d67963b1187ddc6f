"""A tree as it would be without some of its files: what lies on the main line, and nobody let in."""

from collections.abc import Collection
from dataclasses import replace

from registry_tool.core.digest import sha256
from registry_tool.core.tree import Tree, TreeEntry, walk


class Without:
    """`base` without the files at `hidden`; a folder in which nothing else lies is gone with them."""

    def __init__(self, base: Tree, hidden: Collection[str]) -> None:
        self._base = base
        self._hidden = frozenset(hidden)
        self._above = frozenset(
            "/".join(parts[:depth]) for parts in (path.split("/") for path in hidden) for depth in range(len(parts))
        )

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; `None` where it is hidden or not there."""
        return None if path in self._hidden else self._base.read(path)

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`."""
        found = self._base.entry(path)
        return None if found is None else self._seen(path, found)

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder`."""
        if folder not in self._above:
            return self._base.list(folder)
        below = f"{folder}/" if folder else ""
        seen = (self._seen(f"{below}{entry.name}", entry) for entry in self._base.list(folder))
        return tuple(entry for entry in seen if entry is not None)

    def _seen(self, path: str, found: TreeEntry) -> TreeEntry | None:
        if path in self._hidden:
            return None
        if path not in self._above:
            return found
        if all(one in self._hidden for one, _ in walk(self._base, path)):
            return None
        gone = "\n".join(sorted(one for one in self._hidden if one.startswith(f"{path}/")))
        return replace(found, id=f"{found.id}-{sha256(gone.encode('utf-8', 'surrogatepass'))}")
