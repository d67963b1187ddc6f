"""Starting a program of somebody else's, confined: the door of everything that runs as a process.

    Job + Confinement ──▶ launch ──▶ bubblewrap ──▶ the program, with what it was granted and nothing else

Namespaces hide the machine, a filter of system calls closes the kernel, limits bound what is used, and a proxy of ours
is the only way out. Where one of these cannot be had, nothing starts.
"""

import os
import select
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry_tool.core.confinement import Confinement
from registry_tool.core.job import Job
from registry_tool.sandbox.bubblewrap import OUTPUTS_TARGET, PROXY_ENV
from registry_tool.sandbox.collected import collect
from registry_tool.sandbox.probe import Probed, probe
from registry_tool.sandbox.starting import Running, start

__all__ = ["OUTPUTS_TARGET", "PROXY_ENV", "Captured", "Probed", "Running", "capture", "probe", "run", "start"]

_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Captured:
    """How a program ended, and what it printed."""

    code: int
    stdout: bytes
    stderr: bytes


def run(
    job: Job,
    confinement: Confinement,
    *,
    stdin: int | None = None,
    chat: Callable[[str], None] | None = None,
    upstream: str = "",
) -> int:
    """The exit code of a program that reads our input and prints to our output; raises as `Running.wait`.

    What it prints is bounded, and control characters in it are shown instead of obeyed where a terminal reads.
    """
    with start(job, confinement, stdin=stdin, stdout=None, stderr=None, chat=chat, upstream=upstream) as running:
        return running.wait()


def capture(
    job: Job,
    confinement: Confinement,
    *,
    stdin: bytes = b"",
    outputs: Path | None = None,
    upstream: str = "",
) -> Captured:
    """All that a program prints, for build steps; raises as `Running.wait`.

    With `outputs`, an empty folder, the program finds the empty folder `/outputs` to write to. When it has ended, the
    files that it left there are copied, ordinary files only; `InvalidInput` where it left anything else.
    """
    pipe = subprocess.PIPE
    given = pipe if stdin else subprocess.DEVNULL
    wanted = outputs is not None
    with start(job, confinement, stdin=given, stdout=pipe, stderr=pipe, upstream=upstream, outputs=wanted) as running:
        stdout, stderr = _exchange(running, stdin, job.bounds.output_bytes)
        code = running.wait()
        if outputs is not None and running.outputs is not None:
            running.kill()
            collect(running.outputs, outputs, most=job.bounds.temporary_bytes)
        return Captured(code, stdout, stderr)


def _exchange(running: Running, given: bytes, most: int | None) -> tuple[bytes, bytes]:
    """Hands in `given` and reads both outputs to their ends, in turn as each is ready."""
    got = {pipe.fileno(): bytearray() for pipe in (running.stdout, running.stderr) if pipe is not None}
    waiting = select.poll()
    for descriptor in got:
        waiting.register(descriptor, select.POLLIN)
    left, into = memoryview(given), running.stdin
    if into is not None:
        os.set_blocking(into.fileno(), False)
        waiting.register(into.fileno(), select.POLLOUT)
    ended = os.pidfd_open(running.pid)
    waiting.register(ended, select.POLLIN)
    open_ends = set(got)
    while open_ends:
        for descriptor, _ in waiting.poll():
            if descriptor == ended:
                waiting.unregister(ended)
                running.kill()  # whatever ended bubblewrap, nothing inside goes on
                continue
            if into is not None and descriptor == into.fileno():
                left = _hand_in(descriptor, left)
                if not left:
                    waiting.unregister(descriptor)
                    into.close()
                    into = None
                continue
            chunk = os.read(descriptor, _CHUNK)
            if not chunk:
                waiting.unregister(descriptor)
                open_ends.discard(descriptor)
            elif most is not None and len(got[descriptor]) + len(chunk) > most:
                running.flooded()
            else:
                got[descriptor] += chunk
    os.close(ended)
    stdout, stderr = got.values()
    return bytes(stdout), bytes(stderr)


def _hand_in(descriptor: int, left: memoryview) -> memoryview:
    try:
        return left[os.write(descriptor, left) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return memoryview(b"")
