"""What a build step left in its folder of outputs, copied out: plain files, few enough, small enough."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from registry_tool.core.errors import InvalidInput
from registry_tool.core.limits import PATH_DEPTH, PAYLOAD_FILES

_CHUNK: Final = 1 << 20


def collect(folder: int, target: Path, *, most: int) -> tuple[str, ...]:
    """The paths of the files copied from the open `folder` into `target`, in order.

    Modes, owners and times stay behind. `InvalidInput` for a link, a device or the like, and for too much.
    """
    copied: list[str] = []
    room = most
    for path, descriptor in _files(folder, "", 0):
        with open(descriptor, "rb") as source:
            size = os.fstat(descriptor).st_size
            if size > room or len(copied) == PAYLOAD_FILES:
                raise _refused(path, f"more than {PAYLOAD_FILES} files or {most} bytes were left there")
            room -= size
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                while chunk := source.read(min(_CHUNK, size)):
                    file.write(chunk)
        copied.append(path)
    return tuple(copied)


def _files(folder: int, above: str, depth: int) -> Iterator[tuple[str, int]]:
    """Each file with a descriptor that the caller closes; nothing is followed."""
    if depth > PATH_DEPTH:
        raise _refused(above, "its folders are too deep")
    for name in sorted(os.listdir(folder)):
        path = f"{above}{name}"
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            try:
                yield from _files(below, f"{path}/", depth + 1)
            finally:
                os.close(below)
        elif stat.S_ISREG(mode):
            yield path, os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
        else:
            raise _refused(path, "this is a link, a device or the like")


def _refused(path: str, why: str) -> InvalidInput:
    return InvalidInput(f"ordinary files were expected from a build step: {why}", where=path, code="bad-output")
