"""What a build remembers for the next one, in the git folder and never in the site."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from registry_tool.core.errors import RegistryError
from registry_tool.stores.git.layout import find_layout

LIBRARIES: Final = ("jinja2", "markdown-it-py", "nh3")
"""Their versions may change what a page looks like."""


class BuildState:
    """The file `registry-tool/build.json` in the git folder of the repository at `path`."""

    def __init__(self, path: Path) -> None:
        try:
            self._file: Path | None = find_layout(path).common / "registry-tool" / "build.json"
        except RegistryError:
            self._file = None

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
        new = self._file.with_name(f"build.json.{os.getpid()}.new")
        try:
            self._file.parent.mkdir(exist_ok=True)
            new.write_text(json.dumps(value, separators=(",", ":")), "utf-8")
            os.replace(new, self._file)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            return False
        return True


def tool_key(folders: Iterable[Path]) -> str:
    """Changes whenever the code or the templates in `folders`, or a library that renders pages, do."""
    digest = hashlib.sha256()
    for name in LIBRARIES:
        try:
            digest.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            digest.update(f"{name} ?\n".encode())
    for folder in folders:
        for path in sorted(_files(str(folder), "")):
            digest.update(f"{path}\n".encode())
            with open(f"{folder}/{path}", "rb", buffering=0) as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def _files(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(f"{folder}/{prefix}") as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(folder, f"{prefix}{entry.name}/")
            elif not entry.name.endswith(".pyc"):
                yield prefix + entry.name
