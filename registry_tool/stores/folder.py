"""A built site in a folder, read as a registry to install from."""

import os
from collections.abc import Sequence
from pathlib import Path

from registry_tool.core.errors import Unreachable
from registry_tool.stores.rooted import Rooted


class FolderSource:
    """The files below `path` as a `Source`: a USB stick, a mirror, a build's output.

    Links below it are not followed; the folder itself may be one.
    """

    def __init__(self, path: Path) -> None:
        self._files = Rooted(path)

    @property
    def where(self) -> str:
        """The folder, for messages."""
        return str(self._files.root)

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The bytes at `path`, `None` where no file is.

        `InvalidInput` over `limit` bytes, for a path out of the folder and for a link; `Unreachable`
        where the disk does not answer.
        """
        if not self._files.root.is_dir():
            raise Unreachable("there is no such folder", where=self.where, hint="is the disk there, the path right?")
        try:
            if self._files.kind(path) == "folder":
                return None
            return self._files.read(path, limit=limit)
        except OSError as error:
            where = str(self._files.root / path)
            raise Unreachable(f"it cannot be read: {error.strerror or error}", where=where) from error

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths with their limits, in order."""
        return tuple(self.fetch(path, limit=limit) for path, limit in paths)

    def paths(self) -> tuple[str, ...]:
        """Every file and link below the folder, sorted; names at the top that begin with a dot are not of the site."""
        found: list[str] = []
        todo = [""]
        while todo:
            prefix = todo.pop()
            try:
                with os.scandir(self._files.root / prefix) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            todo += [f"{prefix}{entry.name}/"] if prefix or not entry.name.startswith(".") else []
                        elif prefix or not entry.name.startswith("."):
                            found.append(prefix + entry.name)
            except OSError as error:
                where = str(self._files.root / prefix)
                raise Unreachable(f"it cannot be read: {error.strerror or error}", where=where) from error
        return tuple(sorted(found))
