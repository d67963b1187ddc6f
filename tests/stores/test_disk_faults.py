"""Whatever stops an install, an update or an uninstall, the folder is as before or as after."""

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids
from registry_tool.core.plan import Plan
from registry_tool.stores.disk import DiskTarget
from tests.stores.killer import SCENARIOS, Stop, full_disk, interrupt, prepare
from tests.stores.targets import RECORD, Picture, full_plan, picture, tree, write

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]


def both(name: str, folder: Path) -> tuple[Picture, Picture, int]:
    """The folder before and after the scenario, and its number of steps."""
    prepare(name, folder / "both")
    before = picture(folder / "both")
    counter = Stop(0, interrupt)
    SCENARIOS[name](DiskTarget(folder / "both", step=counter))
    return before, picture(folder / "both"), counter.count


@pytest.mark.parametrize("what", [full_disk, interrupt])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_fault_at_any_step_leaves_old_or_new(tmp_path: Path, name: str, what: Callable[[], None]) -> None:
    """A full disk or Ctrl-C before step n, for every n: whole before the commit, whole after it, nothing left over."""
    old, new, steps = both(name, tmp_path)
    outcomes = []
    for number in range(1, steps + 1):
        root = tmp_path / str(number)
        prepare(name, root)
        told = ""
        try:
            SCENARIOS[name](DiskTarget(root, step=Stop(number, what)))
        except StateForbids as error:
            told = error.code
        except KeyboardInterrupt:
            told = "interrupted"
        outcomes.append((picture(root) == old, picture(root) == new, told))

    assert all(is_old or is_new for is_old, is_new, _ in outcomes)
    assert all(told in ("disk-full", "interrupted") for is_old, _, told in outcomes if is_old)
    # One instant: once new, new for every later step.
    assert [is_new for _, is_new, _ in outcomes] == sorted(is_new for _, is_new, _ in outcomes)
    assert any(is_new for _, is_new, _ in outcomes)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_at_any_step_leaves_old_or_new(tmp_path: Path, name: str) -> None:
    """SIGKILL before step n for every n, with the mending killed at its every step too: all old or all new."""
    old, new, _ = both(name, tmp_path)
    command = [sys.executable, "-m", "tests.stores.killer", name, str(tmp_path / "kills")]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)

    pictures = [picture(tmp_path / "kills" / str(number)) for number in range(1, int(done.stdout) + 1)]

    assert [] == [number for number, found in enumerate(pictures, 1) if found not in (old, new)]
    assert old == pictures[0]
    assert new == pictures[-1]


def test_a_read_only_folder_is_one_clear_error(tmp_path: Path) -> None:
    """A system that refuses to write (here by the hook, since root may write anywhere) gives code read-only."""

    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(StateForbids) as caught:
        DiskTarget(tmp_path, step=Stop(3, refuse)).apply(full_plan(), RECORD)

    assert ("read-only", {}) == (caught.value.code, picture(tmp_path))


def test_an_install_waits_no_longer_than_its_patience(tmp_path: Path) -> None:
    """While somebody else has the lock, an install ends with code busy and has written nothing."""
    write(tmp_path, _registry__lock="")
    with open(tmp_path / ".registry/lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = picture(tmp_path)

        with pytest.raises(StateForbids) as caught:
            DiskTarget(tmp_path, patience_seconds=0.1).apply(full_plan(), RECORD)

        assert ("busy", before) == (caught.value.code, picture(tmp_path))


def test_installs_at_once_come_one_after_another(tmp_path: Path) -> None:
    """Eight installs from eight threads are all whole and have all their receipts."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            plan = Plan(steps=(tree(f"a/x{number}", f="1"), *full_plan().steps[-1:]))
            DiskTarget(tmp_path, patience_seconds=60).apply(plan, {"id": f"@acme/x{number}"})
        except BaseException as error:  # noqa: BLE001  # told below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == failures
    assert 8 == len(DiskTarget(tmp_path).receipts()) == len(os.listdir(tmp_path / "a"))


def test_a_reader_mends_what_was_left(tmp_path: Path) -> None:
    """Looking at the receipts after a kill shows the state before, not a torn one."""
    prepare("install", tmp_path / "x")
    before = picture(tmp_path / "x")
    command = [sys.executable, "-c", _KILLED_AT_COMMIT, str(tmp_path / "x")]
    done = subprocess.run(command, cwd=REPOSITORY, check=False)
    assert -9 == done.returncode
    assert before != picture(tmp_path / "x")

    assert () == DiskTarget(tmp_path / "x").receipts()
    assert before == picture(tmp_path / "x")


_KILLED_AT_COMMIT = """
import sys
from pathlib import Path
from registry_tool.stores.disk import DiskTarget
from tests.stores.killer import install, kill
install(DiskTarget(Path(sys.argv[1]), step=lambda word: kill() if word == "commit" else None))
"""


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"entries":[{"mode":0,"op":"drop","path":"../x"}],"schema":"registry.journal/1"}'],
)
def test_a_journal_from_outside_does_nothing(tmp_path: Path, text: str) -> None:
    """A journal that is damaged, or that reaches out of the folder, stops with a clear error."""
    write(tmp_path, _registry__journal_json=text)
    before = picture(tmp_path)

    with pytest.raises(StateForbids) as caught:
        DiskTarget(tmp_path).receipts()

    assert "journal-damaged" == caught.value.code
    assert before == {path: entry for path, entry in picture(tmp_path).items() if path != ".registry/lock"}
