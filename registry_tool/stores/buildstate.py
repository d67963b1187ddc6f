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
from registry_tool.core.layout import by_digest, is_listed
from registry_tool.stores.git.layout import find_layout

LIBRARIES: Final = ("jinja2", "markdown_it_py", "nh3")
"""Their versions may change what a page looks like."""

_FOLDER: Final = "registry-tool"
_ID: Final = re.compile(r"[0-9a-f]{40}\n?")
_INSTALLED: Final = re.compile(rf"({'|'.join(LIBRARIES)})-[^-]*\.(dist|egg)-info")


class StateFile:
    """A file of JSON that may be lost; without one nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def load(self) -> Mapping[str, Any]:  # Any: JSON
        """What was kept; empty where nothing was, or where it cannot be read."""
        try:
            value = json.loads(self._file.read_bytes()) if self._file else {}
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def save(self, value: Mapping[str, Any]) -> bool:  # Any: JSON
        """Keeps `value` in one step; whether it could: a repository that is read-only builds all the same."""
        if self._file is None:
            return False
        new = self._file.with_name(f"{self._file.name}.{os.getpid()}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(value, separators=(",", ":")), "utf-8")
            os.replace(new, self._file)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            return False
        return True


class BuildState(StateFile):
    """The file `registry-tool/build.json` in the git folder of the repository at `path`."""

    def __init__(self, path: Path) -> None:
        self._common = _common(path)
        super().__init__(self._common / _FOLDER / "build.json" if self._common else None)

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


def site_of(remembered: Mapping[str, Any]) -> dict[str, str]:  # Any: JSON
    """Every file of the site that was remembered, with its digest."""
    files: dict[str, str] = dict(remembered["registry"])
    for family in ("scopes", "names"):
        for known in remembered[family].values():
            files |= known["files"]
    files |= {path: known[1] for path, known in remembered["pages"].items()}
    copies = {by_digest(path, digest): digest for path, digest in files.items() if is_listed(path)}
    return files | copies


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
