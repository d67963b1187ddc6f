"""What a program prints, on its way to somebody: counted, and harmless to a terminal.

A program never holds the person's own terminal or file: through /proc/self/fd it could open that again, to write
where it was given something to read. It holds a pipe, and we carry.
"""

import os
import re
import select
import stat
import threading
from collections.abc import Callable
from typing import Final

_CHUNK: Final = 1 << 16
_CONTROL: Final = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def neutralised(text: str) -> str:
    r"""The text with control and bidirectional characters as `\x1b` and the like; newlines and tabs stay."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def plain(text: str) -> str:
    """The text without control and bidirectional characters."""
    return _CONTROL.sub("", text)


def needs_carrying(descriptor: int) -> bool:
    """Whether a program may not hold this itself: all but pipes and the null device."""
    found = os.fstat(descriptor)
    null = stat.S_ISCHR(found.st_mode) and found.st_rdev == os.stat(os.devnull).st_rdev
    return not (stat.S_ISFIFO(found.st_mode) or null)


class Outward(threading.Thread):
    """Carries what a program prints from a pipe to `target`, until it ends."""

    def __init__(self, source: int, target: int, *, most: int | None, flooded: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._source, self._target = source, target
        self._most, self._flooded = most, flooded
        self._terminal = os.isatty(target)

    def run(self) -> None:
        """Ends when every writer is gone, or nobody reads on; beyond the bound, nothing is carried."""
        from codecs import getincrementaldecoder

        decoder = getincrementaldecoder("utf-8")("backslashreplace")
        carried = 0
        try:
            while chunk := os.read(self._source, _CHUNK):
                room = len(chunk) if self._most is None else max(0, self._most - carried)
                kept, carried = chunk[:room], carried + len(chunk)
                if self._terminal:
                    kept = neutralised(decoder.decode(kept)).encode("utf-8", "backslashreplace")
                _write(self._target, kept)
                if len(chunk) > room:
                    self._flooded()
        except OSError:
            pass  # nobody reads on: the program hears of it as it would without us
        finally:
            os.close(self._source)


class Inward(threading.Thread):
    """Carries what the person types or hands in from `source` to a program's pipe."""

    def __init__(self, source: int, target: int) -> None:
        super().__init__(daemon=True)
        self._source, self._target = source, target
        self._woken, self._wake = os.pipe()

    def run(self) -> None:
        """Ends with the input, or when nobody needs it any more."""
        try:
            while self._woken not in select.select([self._source, self._woken], [], [])[0]:
                chunk = os.read(self._source, _CHUNK)
                if not chunk:
                    break
                _write(self._target, chunk)
        except OSError:
            pass  # the program closed its input
        finally:
            os.close(self._target)
            os.close(self._woken)

    def stop(self) -> None:
        """Takes no more from the person: what they type next is for others."""
        os.close(self._wake)
        self.join(timeout=1.0)


def _write(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]
