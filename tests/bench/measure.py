"""Processes with a time limit, measured; runs of ours and the peer in turn; rows and the table."""

import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT_SECONDS = 60.0
"""Of any process here."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process took."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    out: str


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, seconds: float = TIMEOUT_SECONDS) -> Ran:
    """Runs a command to its end; `RuntimeError` with what it said where it fails, or takes too long."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as talk:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=talk, start_new_session=True
        )
        timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode("utf-8", "replace")
        if process.returncode:
            talk.seek(0)
            words = talk.read().decode("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)[:300]} ended with {process.returncode}:\n{said[-2000:]}{words}")
    return Ran(took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def in_turn(
    *runs: Callable[[int], float], rounds: int, budget_seconds: float, warm: bool = True
) -> tuple[tuple[float, ...], ...]:
    """What each of `runs` gave (called with the round's number), one after the other, so that a busy moment hits all.

    `warm`: a first round does not count. After `budget_seconds` no other round begins.
    """
    end = time.perf_counter() + budget_seconds
    if warm:
        for one in runs:
            one(-1)
    got: list[tuple[float, ...]] = []
    while not got or (len(got) < rounds and time.perf_counter() < end):
        got.append(tuple(one(len(got)) for one in runs))
    return tuple(zip(*got, strict=True))


def fresh(folder: Path) -> Path:
    """An empty folder at `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    ours: Sequence[float]
    """Each run, in `unit`."""
    unit: str
    peer: str = ""
    theirs: Sequence[float] = ()
    target: str = ""
    """In words."""
    limit: float | None = None
    """The most that the median of ours may be, in `unit`."""
    most_times: float | None = None
    """The most that the ratio to the peer may be."""
    note: str = field(default="")

    @property
    def ratio(self) -> float | None:
        """Ours to theirs, by medians."""
        return statistics.median(self.ours) / statistics.median(self.theirs) if self.theirs else None

    @property
    def met(self) -> str:
        """Whether the target is met; empty where there is none."""
        verdicts = []
        if self.limit is not None:
            verdicts.append(statistics.median(self.ours) <= self.limit)
        if self.most_times is not None and self.ratio is not None:
            verdicts.append(self.ratio <= self.most_times)
        return "" if not verdicts else "met" if all(verdicts) else "NOT MET"


def table(rows: Sequence[Row]) -> str:
    """All rows, in columns that line up."""
    head = ("what", "ours: median (min)", "peer: median (min)", "ratio", "target", "")
    cells = [head] + [
        (
            row.what,
            _numbers(row.ours, row.unit),
            f"{row.peer} {_numbers(row.theirs, row.unit)}" if row.theirs else row.peer,
            f"{row.ratio:.2f}" if row.ratio is not None else "",
            row.target,
            row.met,
        )
        for row in rows
    ]
    widths = [max(len(line[place]) for line in cells) for place in range(len(head))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines += [f"{row.what}: {row.note}" for row in rows if row.note]
    return "\n".join(lines)


def _numbers(values: Sequence[float], unit: str) -> str:
    return f"{_number(statistics.median(values), unit)} ({_number(min(values), unit)})"


def _number(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
    if unit == "B":
        return f"{value / 1000:.1f} kB"
    return f"{value:.0f}{' ' + unit if unit else ''}"
