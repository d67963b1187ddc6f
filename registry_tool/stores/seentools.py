"""What tools said of themselves when they were first seen, by release, in the person's own folder.

<folder>/<digest of the release>.json      {tool: digest of its definition}
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput
from registry_tool.core.limits import MIB

_BYTES: Final = 1 * MIB


class SeenTools:
    """The definitions that were seen of plugins' tools, in `folder`, which no plugin can write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, release: str) -> dict[str, str]:
        """Tool to digest, for the release with the manifest's hex digest; empty where none was seen.

        `InvalidInput` where the file is damaged: a change of a tool would go unseen.
        """
        path = self._path(release)
        try:
            with path.open("rb") as file:
                data = file.read(_BYTES + 1)
        except FileNotFoundError:
            return {}
        value = parse_loose(data, limit=_BYTES, what=str(path))
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise InvalidInput(
                "it is no table of tools and digests", where=str(path), code="bad-state", hint="remove it"
            )
        return value

    def add(self, release: str, seen: Mapping[str, str]) -> None:
        """Keeps definitions that were not seen before; what is there already stays."""
        path = self._path(release)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        value = {**seen, **self.of(release)}
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            file.write(json.dumps(value, sort_keys=True).encode())
        Path(file.name).replace(path)

    def forget(self, release: str) -> None:
        """Takes the next definitions as the first ones."""
        self._path(release).unlink(missing_ok=True)

    def _path(self, release: str) -> Path:
        return self._folder / f"{release}.json"
