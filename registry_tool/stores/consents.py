"""What this person installed on this machine, for the gate before a start.

    <folder>/<digest of what was agreed to>      an empty file

A receipt lies in the project, and so came perhaps with a clone of it. What starts is what somebody verified and
agreed to here: its files, what it was granted and how it is started, all of it under one digest.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from registry_tool.core.canonical import encode
from registry_tool.core.digest import Hex, sha256

_FACTS: Final = ("id", "version", "kind", "registry", "manifest", "permissions", "run", "inputs")


def agreed(record: Mapping[str, Any], trees: Sequence[Mapping[str, str]]) -> Hex:  # Any: JSON, of a receipt
    """What one install stands for. `record` is what its receipt has under `record`; `trees` are its folders of files,
    each with paths and the SHA-256 of what was written.
    """
    facts = {name: record[name] for name in _FACTS if name in record}
    return sha256(encode({**facts, "files": sorted({sha256(encode(dict(tree))) for tree in trees})}))


class Consents:
    """What was agreed to, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, what: Hex) -> None:
        """Remembers it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / what).touch()

    def has(self, what: Hex) -> bool:
        """Whether it was agreed to here."""
        return (self._folder / what).is_file()
