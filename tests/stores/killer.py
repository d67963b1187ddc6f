"""Runs a scenario again and again, each time killed one step later; a program of its own because it forks.

    python -m tests.stores.killer <scenario> <folder>

makes `<folder>/<n>` for every n, killed before step n, and prints how many there are.
"""

import errno
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from registry_tool.stores.disk import DiskTarget
from tests.stores.targets import GGUI, ID, RECORD, full_plan, write

Scenario = Callable[[DiskTarget], object]


def install(target: DiskTarget) -> object:
    """A first install with a lock file."""
    return target.apply(full_plan("1"), RECORD, lock_text='{"1": 1}\n')


def update(target: DiskTarget) -> object:
    """An update of everything."""
    new = {**RECORD, "version": "2.0.0"}
    return target.apply(full_plan("2"), new, lock_text='{"2": 2}\n', replaces=target.receipt(ID))


def remove(target: DiskTarget) -> object:
    """An uninstall of everything."""
    return target.remove(target.receipt(ID) or {}, lock_text="")


SCENARIOS: dict[str, Scenario] = {
    "install": install,
    "update": update,
    "update with own files": update,
    "remove": remove,
}


def prepare(name: str, root: Path) -> None:
    """Makes the folder as it is before the scenario `name`."""
    root.mkdir(parents=True)
    write(root, ggui_json=GGUI, README_md="mine\n")
    if name != "install":
        install(DiskTarget(root))
    if name == "update with own files":
        write(root, themes__own="mine")
        (root / ".agents/skills/solar/bin/own").write_text("mine")


class Stop:
    """A hook that does `what` before the step with the number `at`, and counts."""

    def __init__(self, at: int, what: Callable[[], None]) -> None:
        self.count = 0
        self._at = at
        self._what = what

    def __call__(self, word: str) -> None:
        self.count += 1
        if self.count == self._at:
            self._what()


def full_disk() -> None:
    """What the system raises when the disk is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt() -> None:
    """What a person's Ctrl-C raises."""
    raise KeyboardInterrupt


def kill() -> None:
    """Ends this process on the spot; nothing of Python runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed(run: Scenario, root: Path, at: int) -> bool:
    """Whether a process that runs `run` was killed before step `at`."""
    child = os.fork()
    if child == 0:
        try:
            run(DiskTarget(root, step=Stop(at, kill)))
            os._exit(0)
        except BaseException:  # noqa: BLE001  # the parent looks at the status
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    if status not in (0, signal.SIGKILL):
        raise SystemExit(f"{root}: the process ended with {status}")
    return status != 0


def main(name: str, folder: Path) -> None:
    """See the module."""
    before = folder / "before"
    prepare(name, before)
    number = 0
    alive = False
    while not alive:
        number += 1
        root = folder / str(number)
        shutil.copytree(before, root)
        alive = not killed(SCENARIOS[name], root, number)
        # The process that mends is killed too: first before its first step, then before its second, …
        again = 1
        while killed(DiskTarget.recover, root, again):
            again += 1
    print(number)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
