"""A folder of files as a value, read only where somebody looks.

A commit, a work tree on the way to one, and a handful of files in a test are all `Tree`s. Only
regular files have bytes; what else git can hold (links, submodules) is listed, never followed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from registry_tool.core.digest import sha256
from registry_tool.core.payload import Files

EntryType = Literal["file", "executable", "folder", "link", "submodule"]


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One name in a folder."""

    name: str
    """The last part of its path."""
    type: EntryType
    """What git says it is."""
    id: str
    """Changes when the content below it changes; equal ids mean equal content."""


class Tree(Protocol):
    """Files below a root; paths use `/` and do not begin with it."""

    def read(self, path: str) -> bytes | None:
        """The bytes of the regular file at `path`; `None` where there is none."""
        ...

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`."""
        ...

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies directly in `folder`, sorted by name; empty where there is no such folder."""
        ...


def walk(tree: Tree, folder: str = "") -> Iterator[tuple[str, TreeEntry]]:
    """Every entry below `folder` that is not a folder, with its full path, in order."""
    for entry in tree.list(folder):
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.type == "folder":
            yield from walk(tree, path)
        else:
            yield path, entry


class MemoryTree:
    """Files in memory as a `Tree`."""

    def __init__(self, files: Files, *, executable: frozenset[str] = frozenset()) -> None:
        self._files = dict(files)
        self._executable = executable
        self._folders: dict[str, set[str]] = {"": set()}
        for path in self._files:
            parts = path.split("/")
            for depth, part in enumerate(parts):
                self._folders.setdefault("/".join(parts[:depth]), set()).add(part)

    def read(self, path: str) -> bytes | None:
        """The file at `path`."""
        return self._files.get(path)

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`."""
        name = path.rpartition("/")[2]
        if path in self._files:
            return TreeEntry(name, "executable" if path in self._executable else "file", sha256(self._files[path]))
        if path in self._folders:
            inside = "\n".join(f"{entry.type} {entry.id} {entry.name}" for entry in self.list(path))
            return TreeEntry(name, "folder", sha256(inside.encode()))
        return None

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder`."""
        names = sorted(self._folders.get(folder, ()))
        entries = (self.entry(f"{folder}/{name}" if folder else name) for name in names)
        return tuple(entry for entry in entries if entry is not None)

    @property
    def files(self) -> Mapping[str, bytes]:
        """All files, path to bytes."""
        return self._files


class Overlay:
    """A tree with additions laid over it: what a landing would give."""

    def __init__(self, base: Tree, additions: Files) -> None:
        self._base = base
        self._added = MemoryTree(additions)

    def read(self, path: str) -> bytes | None:
        """The added file at `path`, else the base's."""
        added = self._added.read(path)
        return self._base.read(path) if added is None else added

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`; a folder that both have is a mix of both."""
        added, below = self._added.entry(path), self._base.entry(path)
        if added is None or below is None or added.type != "folder":
            return added or below
        return TreeEntry(added.name, "folder", f"{below.id}+{added.id}")

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder` in either."""
        names = {entry.name for entry in self._base.list(folder)} | {entry.name for entry in self._added.list(folder)}
        entries = (self.entry(f"{folder}/{name}" if folder else name) for name in sorted(names))
        return tuple(entry for entry in entries if entry is not None)
