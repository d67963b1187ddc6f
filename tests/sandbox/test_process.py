"""Starting programs: what they see, what they give, and what is missing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.core.errors import NotFound, Unreachable
from registry_tool.sandbox.process import cleared, find_program, need_program, python_program, start

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
    with pytest.raises(NotFound, match="@ann/words needs no-such-program"):
        need_program("no-such-program", ENV, what_for="@ann/words")
    with pytest.raises(NotFound, match="cannot be started"):
        start([str(tmp_path / "text")], cwd=tmp_path, env={})


def environment(folder: Path, *scripts: str) -> Path:
    """A Python environment at `folder` with a distribution `words` that has `scripts`, made ready."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    info = site / "words-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: words\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text("[console_scripts]\n" + "".join(f"{one} = words:main\n" for one in scripts))
    (folder / "complete").write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [(["words", "other"], "words"), (["words-server"], "words-server"), (["one", "two"], None), ([], None)],
)
def test_a_distributions_program_is_found(tmp_path: Path, scripts: list[str], expected: str | None) -> None:
    """The program with the distribution's name is taken, else the only one; among several none is guessed."""
    folder = environment(tmp_path / "ready", *scripts)

    if expected is None:
        with pytest.raises(NotFound, match="words has no program of its name"):
            python_program("words", "1.0.0", folder=folder, env=ENV)
    else:
        assert str(folder / "bin" / expected) == python_program("words", "1.0.0", folder=folder, env=ENV)


def test_what_cannot_be_made_ready_is_told(tmp_path: Path) -> None:
    """Where the environment cannot be made the error says so, and nothing counts as complete."""
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python3"
    python.write_text("#!/bin/sh\necho 'no venv here' >&2\nexit 1\n")
    python.chmod(0o755)

    with pytest.raises(Unreachable, match="words could not be made ready: no venv here"):
        python_program("words", "1.0.0", folder=tmp_path / "env", env={"PATH": str(tmp_path / "bin")})
    assert not (tmp_path / "env" / "complete").exists()
