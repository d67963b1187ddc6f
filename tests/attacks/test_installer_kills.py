"""`registry install` as a person runs it, killed at whatever it does to the disk, not only in the project."""

import io
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Final

import pytest

from registry_tool.cli import main
from tests.builders import a_registry
from tests.cli.desk import PDF, Desk, added, skill_release
from tests.stores.targets import Picture, picture

pytestmark = pytest.mark.slow

VERBS: Final = {
    "install": ("install", PDF, "--yes"),
    "update": ("update", "--yes"),
    "uninstall": ("uninstall", PDF, "--yes"),
}
EVERY: Final = 5
"""Of so many things that are done to the disk one is the last; `test_disk_faults` stops the project's at each."""
_CHANGES: Final = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")


class Count:
    """Counts what this process is about to do to the disk, and ends it before the one with the number `at`."""

    def __init__(self, at: int) -> None:
        self.count = 0
        self.at = at
        self.on = True

    def __call__(self, event: str, told: tuple[Any, ...]) -> None:  # Any: what Python tells its auditors
        writes = event in _CHANGES or (event == "open" and isinstance(told[2], int) and told[2] & os.O_ACCMODE)
        if writes and self.on:
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)


def called(desk: Desk, *args: str) -> tuple[int, str]:
    """How a verb ends, and all it says."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            main(list(args), desk.world)
        except SystemExit as ended:
            return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()


def in_child(desk: Desk, at: int, *args: str) -> tuple[int, int]:
    """The status of a process that runs a verb and is killed before its change number `at`; how many it counted."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = Count(at)
        sys.addaudithook(count)
        code, _ = called(desk, *args)
        count.on = False
        os.write(writer, str(count.count).encode())
        os._exit(code)
    os.close(writer)
    with open(reader, "rb") as told:
        counted = told.read()
    return os.waitpid(child, 0)[1], int(counted or 0)


def state(desk: Desk) -> Picture:
    """The project, without what the next verb that writes sweeps away, and without where this machine lies."""
    rubbish = (".registry/lock", ".registry/staging", ".registry/journal.new")
    return {
        path: (kind, mode, data.replace(os.fsencode(desk.folder), b"/machine"))
        for path, (kind, mode, data) in picture(desk.work).items()
        if not path.startswith(rubbish) and path not in (".registry", ".registry/receipts")
    }


def machine(folder: Path, verb: str) -> Desk:
    """A person who is about to call `verb`."""
    desk = Desk(folder)
    built = skill_release(a_registry(demo=False), PDF, "1.0.0")
    added(desk, built)
    if verb != "install":
        assert called(desk, *VERBS["install"])[0] == 0
    if verb == "update":
        desk.put("reg", skill_release(built, PDF, "1.1.0").files)
    return desk


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_killed_anywhere_is_done_by_calling_it_again(tmp_path: Path, verb: str) -> None:
    """Whatever it was killed in, the project can be listed, and the verb called again leaves what one call leaves."""
    whole = machine(tmp_path / "whole", verb)
    before = state(whole)
    status, steps = in_child(whole, 0, *VERBS[verb])
    after = state(whole)
    assert (0, True) == (status, before != after)
    wrong = []
    for number in range(1, steps + 1, EVERY):
        desk = machine(tmp_path / str(number), verb)
        killed, _ = in_child(desk, number, *VERBS[verb])
        listed, words = called(desk, "list")
        found = state(desk)
        again, said = called(desk, *VERBS[verb])
        done = again == 0 or "is not installed" in said
        if not (killed == signal.SIGKILL and listed == 0 and found in (before, after) and done):
            wrong.append((number, words, said))
        elif state(desk) != after:
            wrong.append((number, words, "another end"))

    assert [] == wrong
