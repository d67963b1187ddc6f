"""A tree of which everything is read once: many submissions are held against one tip."""

from typing import Final

from registry_tool.core.tree import Tree, TreeEntry

REMEMBERED_BYTES: Final = 64 * 1024
"""Of one file; larger ones are read each time."""


class Remembering:
    """`base`, whose small files and folders are kept from their first reading; it must not change."""

    def __init__(self, base: Tree) -> None:
        self._base = base
        self._files: dict[str, bytes | None] = {}
        self._entries: dict[str, TreeEntry | None] = {}
        self._folders: dict[str, tuple[TreeEntry, ...]] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; `None` where there is none."""
        if path in self._files:
            return self._files[path]
        data = self._base.read(path)
        if data is None or len(data) <= REMEMBERED_BYTES:
            self._files[path] = data
        return data

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`."""
        if path not in self._entries:
            self._entries[path] = self._base.entry(path)
        return self._entries[path]

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder`."""
        if folder not in self._folders:
            self._folders[folder] = self._base.list(folder)
        return self._folders[folder]
