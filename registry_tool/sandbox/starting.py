"""A confined program that runs: its pipes, its end, and that nothing of it stays."""

import os
import platform
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Final

from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.core.job import Job
from registry_tool.sandbox import bubblewrap, cgroups, launching, seccomp, streams
from registry_tool.sandbox.chat import Listening
from registry_tool.sandbox.diagnosis import unusable
from registry_tool.sandbox.output import Inward, Outward
from registry_tool.sandbox.watching import Watch

UNCOUNTED_NOTE: Final = "how many processes it starts is not bounded here"
_BOUNDS: Final = "over-bounds"
_FAILED: Final = 1  # bubblewrap's own, when it cannot do what it was told


class Running:
    """A confined program, until the context that started it is left."""

    def __init__(
        self, job: Job, launched: launching.Launched, watch: Watch, life: ExitStack, notes: tuple[str, ...]
    ) -> None:
        self.notes = notes
        """What is not bounded on this machine, in words."""
        self.outputs: int | None = None
        """A descriptor of the folder of outputs, where one was asked for."""
        self._job, self._watch, self._life = job, watch, life
        self._process, self._bubblewrap = launched.process, launched.bubblewrap
        self._outward: list[Outward] = []
        self._ended_for = ""

    @property
    def pid(self) -> int:
        """The process that ends when it does; while it was not waited for, nobody else has the number."""
        return self._process.pid

    @property
    def stdin(self) -> IO[bytes] | None:
        """A pipe to it, where that was asked for."""
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        """A pipe of what it prints, where that was asked for; whoever reads it bounds it."""
        return self._process.stdout

    @property
    def stderr(self) -> IO[bytes] | None:
        """The same of what it says about its work."""
        return self._process.stderr

    @property
    def pipes(self) -> tuple[int, ...]:
        """The descriptors of all three, as far as there are."""
        return tuple(pipe.fileno() for pipe in (self.stdin, self.stdout, self.stderr) if pipe is not None)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; 128 and the signal's number where a signal ended it.

        `subprocess.TimeoutExpired` after `timeout` seconds. `StateForbids` where we ended it for its bounds, or it
        could not be confined; `NotFound` where there is no such program inside.
        """
        code = self._process.wait(timeout)
        for one in self._outward:
            one.join()
        if code == -signal.SIGALRM:
            self._ended_for = f"it took longer than {self._job.bounds.wall:g} seconds"
        if self._ended_for:
            raise StateForbids(f"{self._job.command[0]} was ended: {self._ended_for}", code=_BOUNDS)
        if code == _FAILED and not self._watch.began():
            raise self._not_begun()
        return code if code >= 0 else 128 - code

    def kill(self) -> None:
        """Ends it and all that it started, at once."""
        self._watch.kill()
        self._life.close()  # its keeper then ends the rest

    def flooded(self) -> None:
        """Ends it for what it prints; `wait` says so."""
        most = self._job.bounds.output_bytes
        self._ended_for = self._ended_for or f"it printed more than {most} bytes"
        self.kill()

    def settle(self) -> None:
        """Waits until bubblewrap made its namespaces; `StateForbids` where it could not."""
        if not self._watch.settle(self._bubblewrap, self._process.pid):
            self.kill()
            self._process.wait()
            raise self._not_begun()
        if not self._watch.counted:
            self.notes = (*self.notes, cgroups.NONE_NOTE)

    def carry(self, outward: Outward) -> None:
        """Begins to carry what it prints; `wait` waits for the rest of it."""
        outward.start()
        self._outward.append(outward)

    def close(self) -> None:
        """Ends what is left of it and waits until nothing is."""
        self.kill()
        self._process.wait()
        self._watch.close()
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass  # what was not written yet is for nobody
        for one in self._outward:
            one.join()

    def _not_begun(self) -> NotFound | StateForbids:
        if not self._watch.made():
            said = self.stderr.read(2000).decode("utf-8", "replace").strip() if self.stderr else ""
            return unusable(said or "bubblewrap could not make its namespaces")
        return NotFound(
            f"{self._job.command[0]} cannot be started where it is confined",
            code="no-program",
            hint="bubblewrap says above what is missing; registry doctor says whether it works here at all",
        )


@contextmanager
def start(
    job: Job,
    confinement: Confinement,
    *,
    stdin: int | None,
    stdout: int | None,
    stderr: int | None,
    chat: Callable[[str], None] | None = None,
    upstream: str = "",
    outputs: bool = False,
) -> Iterator[Running]:
    """The program of `job`, running with what `confinement` allows; leaving the context ends all of it.

    `stdin`, `stdout` and `stderr` are as `subprocess` takes them; `None` is this process's own. What is no pipe is
    carried through one, bounded, and harmless where a terminal reads. `chat` gets the lines that it adds to the
    conversation. `upstream` is the address of the proxy that this machine needs to reach the Internet, if any.
    With `outputs` it has a folder for what it makes, which `Running.outputs` holds.

    `StateForbids` with code `no-sandbox` where this machine cannot confine it; `NotFound` for files that are missing.
    """
    found = bubblewrap.find()
    bubblewrap.check(job)
    with ExitStack() as stack:
        with ExitStack() as lent:
            wired = streams.wire(stdin, stdout, stderr, lent=lent)
            unused = stack.enter_context(ExitStack())
            for one in wired.ours:
                unused.callback(os.close, one)
            launched, running = _launch(found, job, confinement, wired.streams, _Asked(chat, outputs), lent, stack)
        sent = list(launched.sent)
        for descriptor in sent:
            stack.callback(os.close, descriptor)
        stack.callback(running.close)
        _open_to_nobody([*wired.ours, *running.pipes])
        running.settle()
        if confinement.egress:
            from registry_tool.sandbox.egress import serving

            stack.enter_context(serving(os.dup(sent.pop(0)), confinement.egress, upstream=upstream))
        if outputs:
            running.outputs = sent.pop(0)
        unused.pop_all()  # the carriers close what they carry
        _carry(running, wired, job.bounds.output_bytes, stack)
        stack.callback(running.close)  # before all that serves it
        yield running


@dataclass(frozen=True, slots=True)
class _Asked:
    chat: Callable[[str], None] | None
    outputs: bool


def _launch(
    found: bubblewrap.Bubblewrap,
    job: Job,
    confinement: Confinement,
    wired: streams.Streams,
    asked: _Asked,
    lent: ExitStack,
    stack: ExitStack,
) -> tuple[launching.Launched, Running]:
    """The process; what it inherits is closed with `lent`, what it leaves to do is done with `stack`."""
    joined = stack.enter_context(cgroups.group(job.bounds))
    status, telling = _pipe(stack, lent)
    listening, talk = _listen(asked.chat, lent, stack) if confinement.chat and asked.chat is not None else (None, None)
    _open_to_nobody([] if talk is None else [talk])
    going, go = _pipe(lent, stack)
    life = stack.enter_context(ExitStack())
    lifeline, _ = _pipe(lent, life)
    given = bubblewrap.Descriptors(_memory(seccomp.program(platform.machine()), lent), telling, going, talk)
    staged = bubblewrap.closed(job) if os.geteuid() == 0 else ()
    said = bubblewrap.arguments(found, job, confinement, staged=staged, outputs=asked.outputs, given=given)
    spec = launching.specify(
        job,
        launching.Asked(staged, bool(confinement.egress), asked.outputs, joined.files),
        bwrap=found.path,
        arguments=_memory(b"".join(text.encode("utf-8", "surrogateescape") + b"\0" for text in said), lent),
        lifeline=lifeline,
    )
    inherited = [one for one in (given.seccomp, given.status, given.go, given.chat) if one is not None]
    launched = launching.begin(spec, wired, inherited=inherited)
    if listening is not None:
        listening.start()  # a thread: not before the process is made
    notes = () if spec["processes"] is not None or joined.files else (UNCOUNTED_NOTE,)
    return launched, Running(job, launched, Watch(status, joined, go), life, (*joined.notes, *notes))


def _open_to_nobody(pipes: Iterable[int]) -> None:
    """Lets a program of root's open its own pipes as /dev/stderr and /dev/fd/N: they are root's, and it is nobody."""
    if os.geteuid() == 0:
        for one in pipes:
            os.fchmod(one, 0o666)


def _pipe(reading: ExitStack, writing: ExitStack) -> tuple[int, int]:
    """A pipe's two ends, each closed with its stack."""
    ends = os.pipe()
    reading.callback(os.close, ends[0])
    writing.callback(os.close, ends[1])
    return ends


def _memory(data: bytes, lent: ExitStack) -> int:
    """A file without a name that holds `data`."""
    descriptor = os.memfd_create("registry")
    lent.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _listen(say: Callable[[str], None], lent: ExitStack, stack: ExitStack) -> tuple[Listening, int]:
    reading, writing = os.pipe()
    lent.callback(os.close, writing)
    listening = Listening(reading, say)
    stack.callback(listening.finish)
    return listening, writing


def _carry(running: Running, wired: streams.Wired, most: int | None, stack: ExitStack) -> None:
    for one in wired.outward:
        running.carry(Outward(one.pipe, one.target, most=most, flooded=running.flooded))
    if wired.inward is not None:
        inward = Inward(wired.inward.target, wired.inward.pipe)
        inward.start()
        stack.callback(inward.stop)
