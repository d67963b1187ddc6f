"""What a build remembers for the next one, in the git folder and never in the site; and a queue likewise."""

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

from registry_tool.core.errors import RegistryError
from registry_tool.stores.git.layout import find_layout

LIBRARIES: Final = ("jinja2", "markdown_it_py", "nh3")
"""Their versions may change what a page looks like."""

_FOLDER: Final = "registry-tool"
_REST: Final = "rest"
_LARGE: Final = ("registry", "scopes", "names", "pages", "copies", "authors")
"""Of what a build remembers: one entry or more for each name."""
_ID: Final = re.compile(r"[0-9a-f]{40}\n?")
_INSTALLED: Final = re.compile(rf"({'|'.join(LIBRARIES)})-[^-]*\.(dist|egg)-info")


class StateFile:
    """A file of JSON that may be lost; without one nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def load(self) -> Mapping[str, Any]:  # Any: JSON
        """What was kept; empty where nothing was, or where it cannot be read."""
        return _object(self.read())

    def save(self, value: Mapping[str, Any]) -> bool:  # Any: JSON
        """Keeps `value` in one step; whether it could: a repository that is read-only builds all the same."""
        return self.write(_bytes(value))

    def read(self) -> bytes:
        """The file's bytes; none where it cannot be read."""
        try:
            return self._file.read_bytes() if self._file else b""
        except OSError:
            return b""

    def write(self, data: bytes) -> bool:
        """Keeps `data` in one step; whether it could."""
        if self._file is None:
            return False
        new = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(data)
            os.replace(new, self._file)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            return False
        return True


def _object(data: bytes) -> Mapping[str, Any]:  # Any: JSON
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _bytes(value: Mapping[str, Any]) -> bytes:  # Any: JSON
    return json.dumps(value, separators=(",", ":")).encode("ascii")


class BuildState:
    """What a build leaves in the folder `registry-tool` of the git folder of the repository at `path`.

    build.json         what is asked first: whether anything changed at all
    build-names.json   every name and every file, for a build that goes on from there
    build-site         how the site's folder looked (`stores/seen.py`)
    """

    def __init__(self, path: Path) -> None:
        self._common = _common(path)
        self._head, self._rest = StateFile(self._file("build.json")), StateFile(self._file("build-names.json"))
        self.seen = self._file("build-site")
        """The file that says how the site's folder looked."""

    def _file(self, name: str) -> Path | None:
        return self._common / _FOLDER / name if self._common else None

    def head(self) -> tuple[Mapping[str, Any], str]:  # Any: JSON
        """What is asked first, and an id that no other state has."""
        data = self._head.read()
        return _object(data), _id_of(data)

    def load(self) -> Mapping[str, Any]:  # Any: JSON
        """All that was kept; empty where a part of it is lost."""
        head, rest = dict(self.head()[0]), self._rest.read()
        if head.pop(_REST, "") != _id_of(rest):
            return {}
        return {**head, **_object(rest)}

    def save(self, value: Mapping[str, Any]) -> str:  # Any: JSON
        """Keeps `value` and gives its id; an empty one where it could not: a read-only repository builds all the same.

        Whoever is stopped in between leaves two files that do not belong together, which count for nothing.
        """
        rest = _bytes({name: member for name, member in value.items() if name in _LARGE})
        small = {name: member for name, member in value.items() if name not in _LARGE}
        head = _bytes({**small, _REST: _id_of(rest)})
        return _id_of(head) if self._rest.write(rest) and self._head.write(head) else ""

    def tip(self, branch: str) -> str | None:
        """The commit that `branch` is at, read without git's library; `None` where that must be asked."""
        try:
            text = (self._common / "refs" / "heads" / branch).read_text("ascii") if self._common else ""
        except (OSError, ValueError):
            return None
        return text[:40] if _ID.fullmatch(text) else None


class QueueState(StateFile):
    """What the last look at a queue left, for the tool in `package`."""

    def __init__(self, file: Path | None, package: Path) -> None:
        super().__init__(file)
        self._package = package

    @classmethod
    def at(cls, path: Path, package: Path) -> Self:
        """In the git folder of the repository at `path`."""
        common = _common(path)
        return cls(common / _FOLDER / "queue.json" if common else None, package)

    @cached_property
    def key(self) -> str:
        """Changes whenever the tool does."""
        return tool_key([self._package])


def _common(path: Path) -> Path | None:
    try:
        return find_layout(path).common
    except RegistryError:
        return None


def _id_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tool_key(folders: Iterable[Path]) -> str:
    """Changes whenever the code or the templates in `folders`, or a library that renders pages, do."""
    digest = hashlib.sha256()
    for name in _installed():
        digest.update(f"{name}\n".encode())
    for folder in folders:
        for path in sorted(_files(str(folder), "")):
            digest.update(f"{path}\n".encode())
            with open(f"{folder}/{path}", "rb", buffering=0) as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def _installed() -> Iterator[str]:
    """Names and versions of the libraries, as their folders say them: the library that reads them takes 30 ms."""
    for folder in sys.path:
        with suppress(OSError):
            yield from sorted(name for name in os.listdir(folder or ".") if _INSTALLED.fullmatch(name.lower()))


def _files(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(f"{folder}/{prefix}") as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(folder, f"{prefix}{entry.name}/")
            elif not entry.name.endswith(".pyc"):
                yield prefix + entry.name
