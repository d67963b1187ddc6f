"""A folder on disk whose files are reached without ever following a link.

Every path is walked from the root one name at a time (`openat` with O_NOFOLLOW), so a link that
somebody put in the way cannot lead a read or a write elsewhere, not even between a look and a write.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, Literal

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.core.quoting import quoted

EntryKind = Literal["file", "folder", "link", "other"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not make us wait
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
WALK_DEPTH: Final = 64  # folders in folders that `walk` looks into; a payload has at most 16

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_ABSENT = frozenset((errno.ENOENT, errno.ENAMETOOLONG))  # what cannot be named is not there either
_FORBIDDEN = frozenset((errno.EACCES, errno.EPERM, errno.EROFS))
_NO_LINK = "put a real folder there, or install to another place with --target"


def told(error: OSError, where: str) -> RegistryError:
    """The error of the disk in our words; `where` is the path that it is about."""
    if error.errno in _FULL:
        return StateForbids("the disk is full", where=where, code="disk-full", hint="make room and do it again")
    if error.errno in _FORBIDDEN:
        message = "it cannot be written or read: permission is missing or the disk is read-only"
        return StateForbids(message, where=where, code="read-only", hint="give yourself permission and do it again")
    if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
        return StateForbids("something else lies there already", where=where, code="exists", hint="move it away")
    if error.errno == errno.ELOOP:
        return StateForbids("a link lies there, and links are not followed", where=where, code="link", hint=_NO_LINK)
    if error.errno == errno.EXDEV:
        message = "a folder in it lies on another disk, where nothing can be moved to in one step"
        return StateForbids(message, where=where, code="other-disk", hint="install there itself, with --target")
    if error.errno == errno.ENOENT:
        return NotFound("there is no such file or folder", where=where, code="no-such-path")
    if error.errno == errno.ENAMETOOLONG:
        hint = "choose a folder with a shorter path, with --target"
        return InvalidInput("the path is too long for this disk", where=where, code="bad-path", hint=hint)
    return StateForbids(f"the disk failed: {error.strerror or error}", where=where, code="disk", hint="try again")


def checked(path: str) -> str:
    """`path` from a document, which stays below the root and out of `.git`; `InvalidInput` otherwise."""
    for part in _parts(path):
        if "\\" in part or part.lower() in (".git", "git~1"):
            raise InvalidInput(f"nothing is installed to a place like {quoted(path)}", code="bad-path")
    return path


def _parts(path: str) -> tuple[str, ...]:
    parts = tuple(path.split("/"))
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise InvalidInput(f"a path stays inside its folder, {quoted(path)} does not", code="bad-path")
    return parts


class Rooted:
    """What lies below `root`; paths are relative, with `/` between the names.

    Methods raise `OSError` as the system does, and `StateForbids` with code `link` where a link or a
    file lies where a folder is needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def folder(self, path: str) -> Iterator[int]:
        """A descriptor of the folder at `path` (the root itself where it is empty)."""
        parts = _parts(path) if path else ()
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for depth, part in enumerate(parts):
                deeper = self._deeper(descriptor, part, "/".join(parts[: depth + 1]))
                os.close(descriptor)
                descriptor = deeper
            yield descriptor
        finally:
            os.close(descriptor)

    def _deeper(self, descriptor: int, part: str, path: str) -> int:
        try:
            return os.open(part, _FOLDER, dir_fd=descriptor)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            raise self._in_the_way(path) from error

    def _in_the_way(self, path: str) -> StateForbids:
        return StateForbids(
            "a link or a file lies where a folder is needed, and links are not followed",
            where=str(self.root / path),
            code="link",
            hint=_NO_LINK,
        )

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        folder, _, name = path.rpartition("/")
        _parts(name)
        with self.folder(folder) as descriptor:
            yield descriptor, name

    def status(self, path: str) -> os.stat_result | None:
        """What the system says about `path` itself; `None` where nothing is."""
        try:
            with self._parent(path) as (descriptor, name):
                return os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
            return None

    def kind(self, path: str) -> EntryKind | None:
        """What lies at `path`; `None` where nothing does."""
        status = self.status(path)
        return None if status is None else _kind(status.st_mode)

    def read(self, path: str, *, limit: int) -> bytes | None:
        """The bytes of the regular file at `path`, `None` where nothing is.

        `StateForbids` for a link, a folder or a pipe (`not-a-file`); `InvalidInput` over `limit` bytes.
        """
        try:
            with self._parent(path) as (descriptor, name):
                file = os.open(name, _READ, dir_fd=descriptor)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            if error.errno not in (errno.ELOOP, errno.ENXIO):
                raise
            raise self._no_file(path) from error
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise self._no_file(path)
        with open(file, "rb") as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            where, hint = str(self.root / path), "move it to another place, then do it again"
            raise InvalidInput(f"it may have at most {limit} bytes", where=where, code="too-large", hint=hint)
        return data

    def demand_file(self, path: str) -> None:
        """`StateForbids` where something else than a regular file lies at `path`: `not-a-file`, `link` for a link."""
        kind = self.kind(path)
        if kind == "link":
            raise self._in_the_way(path)
        if kind not in (None, "file"):
            raise self._no_file(path)

    def _no_file(self, path: str) -> StateForbids:
        message = "it is no regular file, and links are not followed"
        return StateForbids(message, where=str(self.root / path), code="not-a-file", hint="put a real file there")

    def walk(self, path: str, *, depth: int = WALK_DEPTH) -> Iterator[tuple[str, EntryKind]]:
        """Everything below the folder `path`, by its path below it, sorted; folders before what they hold.

        What lies deeper than `depth` folders is left out; the folder that holds it is named.
        """
        with self.folder(path) as descriptor:
            names = sorted(os.listdir(descriptor))
            entries = [(name, _kind(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode)) for name in names]
        for name, kind in entries:
            yield name, kind
            if kind == "folder" and depth > 1:
                below = self.walk(f"{path}/{name}", depth=depth - 1)
                yield from ((f"{name}/{one}", what) for one, what in below)

    def names(self, path: str) -> tuple[str, ...]:
        """The names in the folder `path`, sorted; empty where there is none."""
        try:
            with self.folder(path) as descriptor:
                return tuple(sorted(os.listdir(descriptor)))
        except FileNotFoundError:
            return ()

    def write_new(self, path: str, data: bytes, *, mode: int) -> None:
        """Makes a file with exactly `mode` and its bytes on the disk; nothing may be there yet."""
        with self._parent(path) as (descriptor, name):
            file = os.open(name, _WRITE, mode, dir_fd=descriptor)
        with open(file, "wb", buffering=0) as stream:
            _set_mode(file, mode)
            rest = memoryview(data)
            while rest:
                rest = rest[stream.write(rest) :]
            os.fsync(file)

    def make_folder(self, path: str, *, mode: int = 0o755) -> None:
        """Makes the folder `path` where it is missing."""
        with self._parent(path) as (descriptor, name):
            try:
                os.mkdir(name, mode, dir_fd=descriptor)
            except FileExistsError:
                if not stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                    raise self._in_the_way(path) from None
                return
            # By a descriptor: a link put in its place by now must not have the mode of what it leads to changed.
            made = self._deeper(descriptor, name, path)
            try:
                _set_mode(made, mode)
            finally:
                os.close(made)

    def move(self, old: str, new: str) -> None:
        """Renames `old` to `new` in one step; a file there is replaced."""
        with self._parent(old) as (from_folder, from_name), self._parent(new) as (to_folder, to_name):
            os.rename(from_name, to_name, src_dir_fd=from_folder, dst_dir_fd=to_folder)

    def unlink(self, path: str) -> None:
        """Removes a file or link where there is one."""
        try:
            with self._parent(path) as (descriptor, name):
                os.unlink(name, dir_fd=descriptor)
        except OSError as error:
            if error.errno not in _ABSENT:
                raise

    def remove_empty(self, path: str) -> None:
        """Removes the folder `path` if it is there and empty."""
        try:
            with self._parent(path) as (descriptor, name):
                os.rmdir(name, dir_fd=descriptor)
        except OSError as error:
            if error.errno not in (*_ABSENT, errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise

    def remove_tree(self, path: str) -> None:
        """Removes whatever is at `path`, folders with all they hold; links themselves, never their targets."""
        kind = self.kind(path)
        if kind == "folder":
            with self._parent(path) as (descriptor, name):
                _remove(descriptor, name)
        elif kind is not None:
            self.unlink(path)

    def sync_folder(self, path: str) -> None:
        """Puts the names in the folder `path` on the disk; nothing where it is gone, or a file by now."""
        try:
            with self.folder(path) as descriptor:
                os.fsync(descriptor)
        except StateForbids:
            return
        except OSError as error:
            if error.errno not in (*_ABSENT, errno.EINVAL):  # some disks cannot sync a folder
                raise


def _kind(mode: int) -> EntryKind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def _set_mode(descriptor: int, mode: int) -> None:
    """Gives what was made just now its mode, whatever the umask; disks that keep no modes (FAT) are left alone."""
    try:
        os.fchmod(descriptor, mode)
    except PermissionError:
        pass  # it is ours, so the disk has no such mode


def _remove(parent: int, name: str) -> None:
    """Removes the folder `name` in the folder with the descriptor `parent`, with all that it holds.

    Folders in it are moved up into it and emptied there, so that neither the stack nor the number of open files
    grows with their depth.
    """
    top = os.open(name, _FOLDER, dir_fd=parent)
    try:
        numbers = count()
        while entries := os.listdir(top):
            for entry in entries:
                _empty_into(top, entry, numbers)
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=parent)


def _empty_into(top: int, name: str, numbers: Iterator[int]) -> None:
    """Removes `name` in the folder `top`; folders in it come to lie in `top`, under names that are free there."""
    try:
        folder = os.open(name, _FOLDER, dir_fd=top)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        os.unlink(name, dir_fd=top)
        return
    try:
        for below in os.listdir(folder):
            if stat.S_ISDIR(os.stat(below, dir_fd=folder, follow_symlinks=False).st_mode):
                _move_up(folder, below, top, numbers)
            else:
                os.unlink(below, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def _move_up(folder: int, name: str, top: int, numbers: Iterator[int]) -> None:
    for number in numbers:
        try:
            os.rename(name, f"moved-{number}", src_dir_fd=folder, dst_dir_fd=top)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
        else:
            return
