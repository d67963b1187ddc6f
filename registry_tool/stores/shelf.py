"""Files under their digests, kept between runs: a cache that decides nothing."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from registry_tool.core.digest import Hex, sha256


class DiskShelf:
    """The files in `folder` as a `Shelf`; made at the first write, and anybody may empty it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: Hex) -> bytes | None:
        """The file with this digest, looked at again; `None` where it is not there."""
        try:
            data = (self._folder / digest[:2] / digest).read_bytes()
        except OSError:
            return None
        return data if sha256(data) == digest else None

    def put(self, digest: Hex, data: bytes) -> None:
        """Keeps a file; a full or missing disk is no error."""
        folder = self._folder / digest[:2]
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, new = tempfile.mkstemp(dir=folder)
            try:
                with open(descriptor, "wb") as file:
                    file.write(data)
                os.replace(new, folder / digest)
            except OSError:
                os.unlink(new)
                raise
