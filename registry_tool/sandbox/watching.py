"""What bubblewrap tells about itself, and the first process inside: when that one is gone, all others are."""

import json
import os
import select
import signal
from typing import Final

from registry_tool.sandbox.cgroups import Joined

_CHUNK: Final = 4096


class Watch:
    """The status of one bubblewrap, read from an open descriptor that stays the caller's."""

    def __init__(self, status: int, group: Joined, go: int) -> None:
        self._status, self._group, self._go = status, group, go
        self._told = b""
        self._first: int | None = None
        self.counted = True
        """Whether its processes could be put into the group."""

    def settle(self, outer: int, keeper: int) -> bool:
        """Waits until the namespaces are made, puts the first process into its group, and lets it go on.

        `outer` is the process that is bubblewrap. False where it made none, and ended.
        """
        ended = os.pidfd_open(keeper)
        try:
            waiting = select.poll()
            for descriptor in (self._status, ended):
                waiting.register(descriptor, select.POLLIN)
            while b"\n" not in self._told:
                ready = [descriptor for descriptor, _ in waiting.poll()]
                chunk = os.read(self._status, _CHUNK) if self._status in ready else b""
                if not chunk:
                    return False
                self._told += chunk
        finally:
            os.close(ended)
        first = json.loads(self._told.split(b"\n")[0])["child-pid"]
        try:
            self._first = os.pidfd_open(first)
            if _parent_of(first) != outer:  # it ended, and this is another that took its number
                self.close()
        except ProcessLookupError:
            return True  # it ended already; how, is told by its code
        self._release(first)
        return True

    def _release(self, first: int) -> None:
        try:
            self._group.join(first)
        except OSError:
            self.counted = False
        os.write(self._go, b"1")

    def made(self) -> bool:
        """Whether it came as far as making namespaces."""
        return b"child-pid" in self._told

    def began(self) -> bool:
        """Whether the program itself was started: bubblewrap, which ended by now, told how that ended."""
        while chunk := os.read(self._status, _CHUNK):
            self._told += chunk
        return b"exit-code" in self._told

    def kill(self) -> None:
        """Ends all processes inside."""
        if self._first is not None:
            try:
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it ended by itself

    def close(self) -> None:
        """Lets go of the first process, which is gone by now: its keeper waited for it."""
        if self._first is not None:
            os.close(self._first)
            self._first = None


def _parent_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return -1
