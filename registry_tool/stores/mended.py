"""An author's own files, written anew: each the old one or the new one, never half of it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from registry_tool.core.errors import StateForbids


def write_back(root: Path, files: Mapping[str, bytes], *, before: Mapping[str, bytes]) -> None:
    """Writes `files` (path below `root` to bytes) where each is still as in `before`, or is still not there.

    Raises `StateForbids` for one that is a link or was changed meanwhile; then nothing is written.
    """
    for path in sorted(files):
        _unchanged(root / path, before.get(path))
    for path in sorted(files):
        place = root / path
        mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o644
        beside = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            beside.write_bytes(files[path])
            beside.chmod(mode)
            beside.replace(place)
        except OSError as error:
            beside.unlink(missing_ok=True)
            message = f"{place} cannot be written: {error.strerror}"
            raise StateForbids(message, code="not-writable", hint="it is as it was") from error


def _unchanged(place: Path, before: bytes | None) -> None:
    if place.is_symlink() or (place.read_bytes() if place.exists() else None) != before:
        raise StateForbids(f"{place} is not what was looked at", code="changed", hint="look again, then mend it")
