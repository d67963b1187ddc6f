"""Standard input, output and error of a confined program: pipes of ours, whatever this process has."""

import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass

from registry_tool.sandbox.output import needs_carrying


@dataclass(frozen=True, slots=True)
class Streams:
    """What the new process gets, as `subprocess` takes it."""

    stdin: int | None
    stdout: int | None
    stderr: int | None


@dataclass(frozen=True, slots=True)
class Carried:
    """A pipe of ours, and where its other end leads."""

    pipe: int
    target: int


@dataclass(frozen=True, slots=True)
class Wired:
    """The streams of one program, and what has to be carried once it runs."""

    streams: Streams
    inward: Carried | None
    outward: tuple[Carried, ...]

    @property
    def ours(self) -> tuple[int, ...]:
        """Our ends of the pipes."""
        return tuple(one.pipe for one in (self.inward, *self.outward) if one is not None)


def wire(stdin: int | None, stdout: int | None, stderr: int | None, *, lent: ExitStack) -> Wired:
    """Pipes where the program may not hold what was given; its ends are closed with `lent`, ours by who carries."""
    into, inward = _inward(stdin, lent)
    carried: list[Carried] = []
    outer = _outward(stdout, 1, carried, lent)
    errors = subprocess.STDOUT if stderr == subprocess.STDOUT else _outward(stderr, 2, carried, lent)
    return Wired(Streams(into, outer, errors), inward, tuple(carried))


def _inward(given: int | None, lent: ExitStack) -> tuple[int | None, Carried | None]:
    source = 0 if given is None else given
    if source < 0 or not needs_carrying(source):
        return given, None
    reading, writing = os.pipe()
    lent.callback(os.close, reading)
    return reading, Carried(writing, source)


def _outward(given: int | None, own: int, carried: list[Carried], lent: ExitStack) -> int:
    if given is not None and (given < 0 or not needs_carrying(given)):
        return given
    reading, writing = os.pipe()
    lent.callback(os.close, writing)
    carried.append(Carried(reading, own if given is None else given))
    return writing
