"""Carries lines between an agent and a server through a gate, and ends with either of them.

    stdin  ──▶ Lines ──▶ gate.from_client ──▶ server's stdin
    stdout ◀── gate.from_server ◀── Lines ◀── server's stdout
    stderr ◀── what the gate says, and the server's stderr where it is a pipe of ours

One thread waits for all of them. A side that does not read makes the other one wait, and never the end: the agent's
end of input, or a signal, closes the server's input; what still runs some seconds later is killed.
"""

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO, Final, Protocol

from registry_tool.core.limits import KIB, MIB
from registry_tool.core.toolgate import LINE_BYTES, Gate, Lines, Moved
from registry_tool.sandbox.output import neutralised

GRACE_SECONDS: Final = 3.0
"""How long a server may take to end by itself when its input ends; also how long a reader may stand still then."""
HURRY_SECONDS: Final = 1.0
"""The same after a signal: agents kill us some two seconds after it."""
FULL_BYTES: Final = 1 * MIB
"""What may wait to be written to one side before the other one is not read on."""
TALK_BYTES: Final = 64 * KIB
"""What may wait to be written to stderr; the rest is dropped."""
MOST_TALK_BYTES: Final = 1 * MIB
"""What a server may say on its stderr in one session."""

_CHUNK: Final = 64 * KIB
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Served(Protocol):
    """A server that runs; `sandbox.confined.Running` is one, `subprocess.Popen` too."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """A pipe to it."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """A pipe of its messages."""
        ...

    @property
    def stderr(self) -> IO[bytes] | None:
        """A pipe of what else it says, or `None` where that goes its own way."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; `subprocess.TimeoutExpired` after so many seconds."""
        ...

    def kill(self) -> None:
        """Ends it at once."""
        ...


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


def serve(
    running: Served,
    gate: Gate,
    *,
    stdin: int | _HasFileno,
    stdout: int | _HasFileno,
    stderr: int | _HasFileno,
    grace: float = GRACE_SECONDS,
) -> int:
    """The server's exit code (128 and the number of a signal), when the session is over.

    `running` was started with pipes for its input and output. `grace` is in seconds. SIGTERM, SIGHUP and SIGINT end
    the session where this is the main thread. Raises what the gate's callbacks and `running.wait` raise.
    """
    ends = [one if isinstance(one, int) else one.fileno() for one in (stdin, stdout, stderr)]
    with _signalled() as wake:
        return _Session(running, gate, ends, wake, grace).run()


class _Outgoing:
    """Bytes that wait to be written to one descriptor; at most `at_once` of them in one go."""

    def __init__(self, descriptor: int, *, at_once: int) -> None:
        self.descriptor = descriptor
        self.broken = False
        """Whether nobody reads it any more."""
        self.waiting = bytearray()
        self._at_once = at_once
        self._ready = select.poll()
        self._ready.register(descriptor, select.POLLOUT)

    def put(self, lines: Sequence[bytes]) -> None:
        """Adds lines, unless nobody reads them."""
        if not self.broken:
            for line in lines:
                self.waiting += line

    def close(self) -> None:
        """Drops what waits and takes no more."""
        self.broken = True
        self.waiting.clear()

    def write(self) -> bool:
        """Writes what fits now, and not for long; whether anything did."""
        written = 0
        while self.waiting and written < _CHUNK and self._ready.poll(0):
            try:
                with memoryview(self.waiting)[: self._at_once] as some:
                    count = os.write(self.descriptor, some)
            except BlockingIOError:
                break
            except OSError:
                self.close()
                break
            del self.waiting[:count]
            written += count
        return written > 0


class _Session:
    def __init__(self, running: Served, gate: Gate, ends: Sequence[int], wake: int, grace: float) -> None:
        if running.stdin is None or running.stdout is None:
            raise ValueError("a server is started with pipes for its input and its output")
        self._running, self._gate = running, gate
        self._server_input = running.stdin
        self._client, self._server = ends[0], running.stdout.fileno()
        self._talk = -1 if running.stderr is None else running.stderr.fileno()
        self._wake, self._grace, self._hurry = wake, grace, min(grace, HURRY_SECONDS)
        os.set_blocking(running.stdin.fileno(), False)  # a pipe that is ours alone
        self._to_server = _Outgoing(running.stdin.fileno(), at_once=_CHUNK)
        # Theirs may be shared with others, so they stay blocking: a ready pipe takes this much at once (pipe(7)).
        self._to_client = _Outgoing(ends[1], at_once=select.PIPE_BUF)
        self._to_person = _Outgoing(ends[2], at_once=select.PIPE_BUF)
        self._from_client, self._from_server = Lines(LINE_BYTES), Lines(LINE_BYTES)
        self._reads_client = self._reads_server = True
        self._hung_up = False
        self._deadline: float | None = None
        self._signal = 0
        self._talked = 0

    def run(self) -> int:
        """The exit code, when it is over."""
        while self._reads_server or (self._to_client.waiting and not self._late()):
            if self._late():
                self._running.kill()
                self._server_ended("the server was ended, since it did not end by itself")
                continue
            doors = self._doors()
            polled = select.poll()
            for descriptor, (events, _) in doors.items():
                polled.register(descriptor, events)
            for descriptor, _ in polled.poll(self._left()):
                doors[descriptor][1]()
            if not self._reads_client and not self._to_server.waiting and not self._gate.holds:
                self._close_server()
        self._to_person.write()
        return self._code()

    def _doors(self) -> dict[int, tuple[int, Callable[[], object]]]:
        """What is waited for now: descriptor, events, and what is done then."""
        found: dict[int, tuple[int, Callable[[], object]]] = {self._wake: (select.POLLIN, self._signalled)}
        room = len(self._to_client.waiting) < FULL_BYTES
        if self._reads_client and room and len(self._to_server.waiting) < FULL_BYTES:
            found[self._client] = (select.POLLIN, self._read_client)
        elif self._reads_client and not self._hung_up:
            found[self._client] = (0, self._hang_up)
        if self._reads_server and room:
            found[self._server] = (select.POLLIN, self._read_server)
        if self._talk >= 0:
            found[self._talk] = (select.POLLIN, self._read_talk)
        if self._to_server.waiting:
            found[self._to_server.descriptor] = (select.POLLOUT, self._write_server)
        if self._to_client.waiting:
            found[self._to_client.descriptor] = (select.POLLOUT, self._write_client)
        if self._to_person.waiting:
            found[self._to_person.descriptor] = (select.POLLOUT, self._to_person.write)
        return found

    def _read_client(self) -> None:
        data = _read(self._client)
        for line in self._from_client.feed(data) if data else self._from_client.last():
            self._move(self._gate.from_client(line))
        if not data:
            self._client_gone()

    def _read_server(self) -> None:
        data = _read(self._server)
        for line in self._from_server.feed(data) if data else self._from_server.last():
            self._move(self._gate.from_server(line))
        if not data:
            self._server_ended("the server ended")

    def _read_talk(self) -> None:
        data = _read(self._talk)
        if not data:
            self._talk = -1
        elif self._talked < MOST_TALK_BYTES:
            self._talked += len(data)
            self._tell(neutralised(data.decode("utf-8", "backslashreplace")))
            if self._talked >= MOST_TALK_BYTES:
                self._tell("\nregistry: the server says too much, the rest is not shown\n")

    def _write_server(self) -> None:
        self._to_server.write()
        if self._to_server.broken:  # who reads no more will answer no more
            self._end_within(self._grace)

    def _write_client(self) -> None:
        if self._to_client.write() and not self._reads_server:
            self._deadline = time.monotonic() + self._grace  # who reads slowly still gets all
        if self._to_client.broken:
            self._client_gone()

    def _hang_up(self) -> None:
        """The client closed its end while there is no room; what it sent before is still read when there is."""
        self._hung_up = True
        self._end_within(self._grace)

    def _signalled(self) -> None:
        self._signal = os.read(self._wake, 1)[0]
        self._reads_client = False
        self._close_server()
        self._end_within(self._hurry)

    def _client_gone(self) -> None:
        self._reads_client = False
        self._end_within(self._grace)

    def _server_ended(self, why: str) -> None:
        self._reads_server = False
        self._move(self._gate.ended(why))
        self._deadline = time.monotonic() + (self._hurry if self._signal else self._grace)

    def _close_server(self) -> None:
        """Ends the server's input, which tells it to end."""
        self._to_server.close()
        try:
            self._server_input.close()
        except BrokenPipeError:  # pragma: no cover - nothing is ever in its buffer
            pass

    def _end_within(self, seconds: float) -> None:
        """Ends the session so soon; what was said before may be sooner."""
        end = time.monotonic() + seconds
        self._deadline = end if self._deadline is None else min(self._deadline, end)

    def _left(self) -> float | None:
        """Milliseconds until the end, where there is one."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic()) * 1000 + 1

    def _late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _move(self, moved: Moved) -> None:
        self._to_server.put(moved.to_server)
        self._to_client.put(moved.to_client)
        if len(self._to_server.waiting) < FULL_BYTES:
            self._to_server.put(moved.replies)
        for text in moved.said:
            self._tell(f"registry: {' '.join(neutralised(text).split())}\n")

    def _tell(self, text: str) -> None:
        if len(self._to_person.waiting) < TALK_BYTES:
            self._to_person.put([text.encode("utf-8", "backslashreplace")])

    def _code(self) -> int:
        """How the server ended; it is killed where it goes on without its output."""
        self._close_server()
        try:
            code = self._running.wait(self._hurry)
        except subprocess.TimeoutExpired:
            self._running.kill()
            code = self._running.wait()
        if self._signal:
            return 128 + self._signal
        return code if code >= 0 else 128 - code


def _read(descriptor: int) -> bytes:
    """What is there; nothing at the end, which a connection that broke is too."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""


@contextmanager
def _signalled() -> Iterator[int]:
    """A descriptor that can be read once a signal came: its number. Only the main thread gets signals."""
    woken, wake = os.pipe()

    def hand_on(number: int, frame: FrameType | None) -> None:
        os.write(wake, bytes([number]))

    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, hand_on) for number in _SIGNALS} if main else {}
    try:
        yield woken
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(wake)
