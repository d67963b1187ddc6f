"""An export's file: written in one step, and read as a registry to install from.

Its files are found by their headers when it is opened, and each is read when it is asked for. Nothing
in it is compressed, so it can be no larger in memory than on the disk.
"""

import os
import stat
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from registry_tool.core import ustar
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids, Unreachable
from registry_tool.core.export import (
    ABOUT,
    ABOUT_BYTES,
    EXPORT_BYTES,
    EXPORT_FILES,
    ExportAbout,
    demand_exportable,
    demand_whole,
    read_about,
)
from registry_tool.core.payload import Files
from registry_tool.stores.rooted import told

_LARGEST: Final = EXPORT_BYTES + 2 * ustar.BLOCK * (EXPORT_FILES + 1)


def pack_export(files: Files) -> bytes:
    """The bytes of the export that holds `files`."""
    parts: list[bytes] = []
    for path in sorted(files, key=str.encode):
        size = len(files[path])
        parts += (ustar.header(path.encode(), size, False), files[path], bytes(-size % ustar.BLOCK))
    return b"".join((*parts, ustar.END))


def write_export(path: Path, files: Files, *, force: bool = False) -> int:
    """Writes the export that holds `files`, whole or not at all; its size in bytes.

    `StateForbids` (`exists`) where something else is there, unless `force`, and for what the disk says.
    """
    data = pack_export(files)
    try:
        if path.is_dir():
            raise StateForbids("a folder is there", where=str(path), code="exists", hint="name a file with -o")
        if path.exists() and not force and path.read_bytes() != data:
            raise StateForbids("another file is there", where=str(path), code="exists", hint="say --force to lose it")
        new = path.with_name(f".{path.name[:100]}.{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
            os.replace(new, path)
        except BaseException:
            os.unlink(new)
            raise
    except OSError as error:
        raise told(error, str(error.filename or path)) from error
    return len(data)


class ExportedSource:
    """The export at `path` as a `Source`.

    `NotTrusted` (`bad-export`) where the file is none, `Unreachable` where the disk does not answer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                    raise InvalidInput(f"a file of at most {_LARGEST} bytes is expected", code="bad-archive")

                def read(at: int, size: int) -> bytes:
                    file.seek(at)
                    return file.read(size)

                entries = ustar.entries(read, status.st_size, files=EXPORT_FILES)
                self._entries = {entry.path: entry for entry in entries}
                self._look()
        except InvalidInput as error:
            raise self._bad(error.message) from error
        except OSError as error:
            raise self._unread(error) from error

    def _look(self) -> None:
        for path, entry in self._entries.items():
            demand_exportable(path)
            if entry.executable:
                raise InvalidInput(f"{path} is executable", code="bad-archive")
        demand_whole(frozenset(self._entries))

    def _bad(self, reason: str) -> NotTrusted:
        return NotTrusted(
            f"this is not an export of a registry: {reason}",
            where=self.where,
            code="bad-export",
            hint="have it made again with `registry export`, and compare its SHA-256 after copying",
        )

    def _unread(self, error: OSError) -> Unreachable:
        return Unreachable(f"it cannot be read: {error.strerror or error}", where=self.where)

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self._path)

    @property
    def address(self) -> str:
        """The registry's public address, as the export says; empty where it has none."""
        return self.about.address

    @cached_property
    def about(self) -> ExportAbout:
        """What it was made for; nobody vouches for it."""
        try:
            return read_about(self.fetch(ABOUT, limit=ABOUT_BYTES) or b"")
        except InvalidInput as error:
            raise self._bad(error.message) from error

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """The bytes at `path`, `None` where it holds no such file; `InvalidInput` over `limit` bytes."""
        entry = self._entries.get(path)
        if entry is None:
            return None
        if entry.size > limit:
            raise InvalidInput(f"{path} may have at most {limit} bytes", where=self.where, code="too-large")
        try:
            with self._path.open("rb") as file:
                file.seek(entry.start)
                data = file.read(entry.size)
        except OSError as error:
            raise self._unread(error) from error
        if len(data) != entry.size:
            raise self._bad("it became shorter while it was read")
        return data

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths with their limits, in order."""
        return tuple(self.fetch(path, limit=limit) for path, limit in paths)
