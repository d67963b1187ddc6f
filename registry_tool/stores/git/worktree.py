"""The files that a person has checked out: looked at and changed without ever following a link.

A commit may have been made by anybody, and a work tree may hold links that point anywhere. So a
path is touched only where all folders above it are real folders, and never where git itself
keeps its own files (CVE-2014-9390: `.GIT`, `git~1`, invisible characters).
"""

import os
import stat
import unicodedata
from pathlib import Path
from typing import Final

_GIT_NAMES: Final = frozenset((".git", "git~1"))


class Blocked(Exception):
    """Something other than a folder lies above the path, or the path is git's own."""


def is_git_name(name: str) -> bool:
    """Whether some file system takes `name` for git's own folder."""
    visible = "".join(character for character in name if unicodedata.category(character) != "Cf")
    plain = unicodedata.normalize("NFKC", visible).casefold().split(":")[0].rstrip(". ")
    return plain in _GIT_NAMES


def is_safe(path: str) -> bool:
    """Whether `path` may be written below a work tree on this system."""
    refused = "\\:" if os.name == "nt" else ""
    if "\0" in path or any(character in path for character in refused):
        return False
    return all(part not in ("", ".", "..") and not is_git_name(part) for part in path.split("/"))


class WorkTree:
    """The folder `root` with files in it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def look(self, path: str) -> os.stat_result | None:
        """What lies at `path` itself, `None` where nothing does; `Blocked` where it may not be touched."""
        try:
            return os.lstat(self._real(path))
        except FileNotFoundError:
            return None

    def read(self, path: str) -> bytes:
        """The bytes of the regular file at `path`; `Blocked` where it is anything else."""
        place = self._real(path)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(place, flags)
        except OSError as error:
            raise Blocked(path) from error
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Blocked(path)
            return file.read()

    def write(self, path: str, data: bytes, *, executable: bool) -> os.stat_result:
        """What the file at `path` looks like after it was replaced by `data`.

        The new file is written beside the old one and takes its name in one step, so a link that
        lies at `path` is replaced and never written through.
        """
        place = self._real(path, make=True)
        new = place.with_name(f"{place.name[:200]}.registry-new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        new.unlink(missing_ok=True)
        try:
            with open(os.open(new, flags, 0o777 if executable else 0o666), "wb") as file:
                file.write(data)
            os.replace(new, place)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise Blocked(path) from error
        return os.lstat(place)

    def remove(self, path: str) -> None:
        """Removes the file at `path`, and the folders above it that are empty then."""
        place = self._real(path)
        place.unlink()
        for folder in place.parents:
            if folder == self._root:
                return
            try:
                folder.rmdir()
            except OSError:
                return

    def _real(self, path: str, *, make: bool = False) -> Path:
        """The place of `path`, when all folders above it are folders."""
        if not is_safe(path):
            raise Blocked(path)
        place = self._root
        for part in path.split("/")[:-1]:
            place = place / part
            try:
                if make:
                    place.mkdir(exist_ok=True)
                if not stat.S_ISDIR(os.lstat(place).st_mode):
                    raise Blocked(path)
            except FileNotFoundError:
                break
            except OSError as error:  # a file lies where a folder should be made
                raise Blocked(path) from error
        return self._root / path
