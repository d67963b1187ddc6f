"""What a program may add to the person's conversation: lines through one pipe, few and short.

The text is a stranger's: whoever shows it says so.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from registry_tool.sandbox.output import plain

LINE_CHARACTERS: Final = 2000
LINES_A_MINUTE: Final = 20
LINES: Final = 100
DROPPED: Final = "more text than may be added was left out"
"""Said once, in place of all that was too much."""

_CHUNK: Final = 4096
_LINE_BYTES: Final = LINE_CHARACTERS * 4


class Chat:
    """Counts lines and gives those that may be added to `say`."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._begun: list[float] = []
        self._told = False

    def line(self, data: bytes, *, at: float) -> None:
        """Takes one line, at a moment in seconds; a line that is empty without its control characters is none."""
        text = plain(data.decode("utf-8", "replace")).replace("\t", " ").strip()
        if not text:
            return
        recent = [moment for moment in self._begun[-LINES_A_MINUTE:] if moment > at - 60]
        if len(self._begun) >= LINES or len(recent) >= LINES_A_MINUTE:
            self.drop()
            return
        self._begun.append(at)
        self._say(text[:LINE_CHARACTERS])
        if len(text) > LINE_CHARACTERS:
            self.drop()

    def drop(self) -> None:
        """Says, the first time, that something was left out."""
        if not self._told:
            self._told = True
            self._say(DROPPED)


class Listening(threading.Thread):
    """Reads a program's chat pipe to its end, however much comes."""

    def __init__(self, source: int, say: Callable[[str], None]) -> None:
        super().__init__(daemon=True)
        self._source, self._chat = source, Chat(say)

    def finish(self) -> None:
        """Waits until all that was said is heard; whoever could say more is gone by then."""
        if self.ident is None:
            self.start()
        self.join()

    def run(self) -> None:
        """Holds one line at most; of a longer one the beginning counts."""
        held, skipping = b"", False
        while chunk := os.read(self._source, _CHUNK):
            *ended, rest = chunk.split(b"\n")
            for one in ended:
                if not skipping:
                    self._chat.line(held + one, at=time.monotonic())
                held, skipping = b"", False
            held += b"" if skipping else rest
            if len(held) > _LINE_BYTES:
                self._chat.line(held, at=time.monotonic())
                held, skipping = b"", True
        if held:
            self._chat.line(held, at=time.monotonic())
        os.close(self._source)
