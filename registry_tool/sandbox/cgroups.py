"""Limits on all processes of one job together, where this machine lets us set them (cgroups 2, then 1)."""

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from registry_tool.core.job import Bounds
from registry_tool.core.limits import MIB

WHOLE_MEMORY: Final = 2048 * MIB
"""For programs whose processes have no bound of their own."""
_SLACK: Final = 2  # the keeper and the reaper
_PREFIX: Final = "registry-"
_ROOT: Final = "/sys/fs/cgroup"
_LEVELS: Final = 4
_count = itertools.count()

NONE_NOTE: Final = "memory is bounded for each process, not for all together: no cgroup can be written here"


@dataclass(frozen=True, slots=True)
class Joined:
    """Groups that were made for a job."""

    files: tuple[str, ...]
    """To write a process's number into."""
    notes: tuple[str, ...]
    """What is not bounded, in words."""

    def join(self, pid: int) -> None:
        """Puts a process into all of them; `OSError` where that is not possible."""
        for path in self.files:
            with open(path, "w", encoding="ascii") as file:
                file.write(str(pid))


@contextmanager
def group(bounds: Bounds) -> Iterator[Joined]:
    """Groups for one job, which are removed when its processes are gone."""
    with ExitStack() as stack:
        memory = str(bounds.memory or WHOLE_MEMORY)
        pids = str(bounds.processes + _SLACK)
        one = _first(_unified(), {"memory.max": memory, "pids.max": pids}, stack)
        if one is not None:
            yield Joined((one,), ())
            return
        of_memory = _first(_old("memory"), {"memory.limit_in_bytes": memory}, stack)
        of_pids = _first(_old("pids"), {"pids.max": pids}, stack)
        files = tuple(path for path in (of_memory, of_pids) if path is not None)
        yield Joined(files, () if of_memory is not None else (NONE_NOTE,))


def _own() -> dict[str, str]:
    """Which group this process is in, by controller; the unified one has an empty name."""
    try:
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            rows = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return {}
    return {name: path for _, names, path in rows for name in names.split(",")}


def _unified() -> Iterator[str]:
    """Folders in which a group of ours may be made: beside this process's own, else further up (cgroups 2).

    A group with processes in it has no groups below it that limit anything, so it is never our own.
    """
    path = _own().get("")
    for _ in range(_LEVELS):
        if path is None or path == "/":
            return
        path = os.path.dirname(path)
        yield f"{_ROOT}{path}"


def _old(controller: str) -> Iterator[str]:
    path = _own().get(controller)
    if path is not None:
        yield f"{_ROOT}/{controller}{path}"


def _first(folders: Iterator[str], limits: Mapping[str, str], stack: ExitStack) -> str | None:
    for folder in folders:
        made = f"{folder.rstrip('/')}/{_PREFIX}{os.getpid()}-{next(_count)}"
        if not os.access(folder, os.W_OK) or not os.path.exists(f"{folder}/cgroup.procs"):
            continue
        _sweep(folder)
        try:
            os.mkdir(made)
        except OSError:
            continue
        try:
            for name, value in limits.items():
                with open(os.open(f"{made}/{name}", os.O_WRONLY), "w", encoding="ascii") as file:
                    file.write(value)
        except OSError:  # there is no such controller here
            _remove(made)
            continue
        stack.callback(_remove, made)
        return f"{made}/cgroup.procs"
    return None


def _sweep(folder: str) -> None:
    """Removes what a launcher left that was killed."""
    for name in os.listdir(folder):
        if name.startswith(_PREFIX) and not os.path.exists(f"/proc/{name.removeprefix(_PREFIX).partition('-')[0]}"):
            _remove(f"{folder}/{name}")


def _remove(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        pass  # the next start sweeps
