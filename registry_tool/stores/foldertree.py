"""An unpacked archive of a registry, read as a tree: a clone that lost its git."""

import os
import stat
from pathlib import Path

from registry_tool.core.digest import sha256
from registry_tool.core.tree import EntryType, TreeEntry


class FolderTree:
    """The files below a folder as a `Tree`; links are listed, never followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        """The bytes of the regular file at `path`."""
        entry = self.entry(path)
        if entry is None or entry.type not in ("file", "executable"):
            return None
        return (self._root / path).read_bytes()

    def entry(self, path: str) -> TreeEntry | None:
        """What lies at `path`; nothing where a part of the way is a link."""
        if ".." in path.split("/") or path.startswith("/"):
            return None
        place = self._root
        for part in path.split("/") if path else ():
            if place.is_symlink() and place != self._root:
                return None
            place = place / part
        try:
            mode = os.lstat(place).st_mode
        except OSError:
            return None
        return TreeEntry(place.name, _type(mode), sha256(f"{path} {os.lstat(place).st_mtime_ns}".encode()))

    def list(self, folder: str) -> tuple[TreeEntry, ...]:
        """What lies in `folder`."""
        entry = self.entry(folder)
        if entry is None or entry.type != "folder":
            return ()
        names = sorted(os.listdir(self._root / folder if folder else self._root))
        found = (self.entry(f"{folder}/{name}" if folder else name) for name in names)
        return tuple(one for one in found if one is not None)


def _type(mode: int) -> EntryType:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISREG(mode):
        return "executable" if mode & 0o100 else "file"
    return "link"
