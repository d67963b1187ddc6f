"""Starting programs: what they see, what they give, and what is missing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.core.errors import NotFound
from registry_tool.sandbox.process import cleared, find_program, find_programs, need_program, start

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def test_only_the_harmless_variables_are_kept() -> None:
    """A token in the person's environment never reaches a program; what it declares does."""
    env = {"PATH": "/bin", "HOME": "/home/x", "LANG": "C", "TOKEN": "secret", "LD_PRELOAD": "x.so"}

    assert {"PATH": "/bin", "HOME": "/home/x", "LANG": "C", "WANTED": "1"} == cleared(env, {"WANTED": "1"})
    assert {"WANTED": "1"} == cleared({}, {"WANTED": "1"})


def test_the_programs_exit_code_is_given(tmp_path: Path) -> None:
    """What is started runs in its folder with its environment alone, and its exit code comes back."""
    code = "import os, sys; open('here', 'w').close(); sys.exit(int(os.environ['CODE']))"

    assert 5 == start([sys.executable, "-c", code], cwd=tmp_path, env={"CODE": "5"})
    assert (tmp_path / "here").exists()


STARTER = """
import sys
from pathlib import Path
from registry_tool.sandbox.process import start
told = "import sys, time; print('up', flush=True); time.sleep(60)"
sys.exit(128 - start([sys.executable, "-c", told], cwd=Path(), env={}))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_agents_signal_ends_the_program_too(number: signal.Signals) -> None:
    """What is sent to the process that an agent started reaches the program; its end closes the output."""
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert b"up\n" == started.stdout.readline()
        started.send_signal(number)
        rest, _ = started.communicate(timeout=20)

    assert (b"", 128 + number) == (rest, started.returncode)


def test_the_callers_own_signals_are_as_before(tmp_path: Path) -> None:
    """Once the program has ended a signal means again what it meant."""
    before = signal.getsignal(signal.SIGTERM)
    start([sys.executable, "-c", ""], cwd=tmp_path, env={})

    assert before == signal.getsignal(signal.SIGTERM)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A program that is not on the PATH, or cannot be started, is told by its name."""
    (tmp_path / "text").write_text("no program")

    assert find_program("no-such-program", ENV) is None
    assert [] == list(find_programs("no-such-program", ENV))
    with pytest.raises(NotFound, match="@ann/words needs no-such-program"):
        need_program("no-such-program", ENV, what_for="@ann/words")
    with pytest.raises(NotFound, match="cannot be started"):
        start([str(tmp_path / "text")], cwd=tmp_path, env={})


def test_every_program_on_the_path_is_found_in_its_order(tmp_path: Path) -> None:
    """Links are followed; empty parts of the PATH and files that are no programs are passed by."""
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "one/tool").chmod(0o755)
    (tmp_path / "three/tool").unlink()
    (tmp_path / "three/tool").symlink_to(tmp_path / "one/tool")
    path = f"{tmp_path}/two::{tmp_path}/three:{tmp_path}/one"

    assert [tmp_path / "one/tool"] * 2 == list(find_programs("tool", {"PATH": path}))
