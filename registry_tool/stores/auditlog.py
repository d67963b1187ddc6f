"""The audit log on disk: lines that are only ever added, for the person's eyes only.

One file, which is never rotated or cut by the tool: whoever moves it away begins a new one. Each line is written
in one step at the end (`O_APPEND`) under a lock, and is on the disk before the next step is taken.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from registry_tool.core.auditing import LINE_BYTES, Audited
from registry_tool.core.errors import RegistryError, StateForbids
from registry_tool.core.limits import MIB
from registry_tool.stores.rooted import told

SHOWN_BYTES: Final = 16 * MIB
"""How much of its end is read for people."""

_ADD: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class AuditLog:
    """The file at `path`; its folder is made at the first line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ready(self) -> None:
        """`StateForbids` (`no-audit-log`) where a line could not be added; asked before anything is changed."""
        with self._open():
            return

    def note(self, line: Audited) -> None:
        """Adds a line; it is on the disk when this returns, whole or not at all. `StateForbids` (`no-audit-log`)."""
        data = line.line()
        if len(data) > LINE_BYTES:
            raise _no_log(self.path, f"a line may have at most {LINE_BYTES} bytes, this one has {len(data)}")
        with self._open() as descriptor:
            before = os.fstat(descriptor).st_size
            # Somebody else's last words, or those of a machine that stopped: ours begin a line of their own.
            broken = before > 0 and os.pread(descriptor, 1, before - 1) != b"\n"
            data = b"\n" + data if broken else data
            try:
                if os.write(descriptor, data) != len(data):
                    raise OSError(errno.ENOSPC, "the disk is full")
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, before)
                raise

    def lines(self) -> tuple[bytes, ...]:
        """The lines in its last 16 MiB, oldest first, without their ends; none where there is no file."""
        try:
            descriptor = os.open(self.path, _READ)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise self._told(error) from error
        try:
            self._regular(descriptor)
            size = os.fstat(descriptor).st_size
            with open(descriptor, "rb", closefd=False) as stream:
                stream.seek(max(0, size - SHOWN_BYTES))
                data = stream.read(SHOWN_BYTES)
        finally:
            os.close(descriptor)
        lines = data.split(b"\n")
        return tuple(line for line in (lines if size <= SHOWN_BYTES else lines[1:]) if line)

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file, open for a line of ours; no other process adds one meanwhile."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, _ADD, 0o600)
            try:
                self._regular(descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX)  # dies with the process
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._told(error) from error

    def _regular(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _no_log(self.path, "it is no regular file, and links are not followed")

    def _told(self, error: OSError) -> RegistryError:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            return _no_log(self.path, "it is no regular file, and links are not followed")
        return _no_log(self.path, told(error, str(self.path)).message)


def _no_log(path: Path, why: str) -> StateForbids:
    return StateForbids(
        f"the audit log cannot be written: {why}",
        where=str(path),
        code="no-audit-log",
        hint="nothing is installed, removed or started without it; mend that, or name another file in "
        "REGISTRY_AUDIT_LOG",
    )
