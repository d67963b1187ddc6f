"""The processes that are forked off for tests behave as the tool's own do."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.forking import CLOCK, alone, program

pytestmark = pytest.mark.slow

BOTH = pytest.mark.parametrize("words", [program, alone], ids=["forked off", "begun from nothing"])


def env_of(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.defpath, "REGISTRY_HOME": str(folder / "home"), **more}


def ran(words: tuple[str, ...], folder: Path, *line: str, told: str = "", **more: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a verb in `folder`."""
    done = subprocess.run(
        [*words, *line], cwd=folder, env=env_of(folder, **more), input=told, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_both_say_the_same(tmp_path: Path) -> None:
    """Exit code, stdout and stderr of verbs that succeed, find faults, are called wrongly and read what is piped in."""
    (tmp_path / "skill").mkdir()
    (tmp_path / "skill" / "SKILL.md").write_text("---\nname: one\n---\n")
    verbs = ["--version", "list --json", "check skill", "install", "nothing", "hook pre-receive"]
    lines = [verb.split() for verb in verbs]
    said = [[ran(words, tmp_path, *line, told="x y z\n") for line in lines] for words in (program(), alone())]

    assert said[0] == said[1]
    assert [0, 0, 1, 2, 2, 1] == [code for code, _, _ in said[0]]


@BOTH
def test_a_process_has_its_own_folder_variables_and_umask(words: object, tmp_path: Path) -> None:
    """What it makes lies where it was started, for whom its variables name, with the rights that its umask leaves."""
    assert callable(words)
    for number in (1, 2):
        here = tmp_path / str(number)
        here.mkdir()
        (here / "clock").write_text(str(1_700_000_000 + number))
        old = os.umask(0o077)
        try:
            code, out, err = ran(words(), here, "init", "reg", "--yes", "--json", **{CLOCK: str(here / "clock")})
        finally:
            os.umask(old)
        assert (0, 40) == (code, len(json.loads(out)["commit"])), err
        assert 0o700 == (here / "reg").stat().st_mode & 0o777
        assert (here / "home").is_dir()


@BOTH
def test_a_process_that_is_killed_is_gone(words: object, tmp_path: Path) -> None:
    """What it held open is closed, whatever it waited for; the next process works."""
    assert callable(words)
    (tmp_path / "reg.git").mkdir()
    command, env = [*words(), "hook", "pre-receive"], env_of(tmp_path, GIT_DIR="reg.git")
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as waiting:
        assert waiting.stdout is not None
        waiting.send_signal(signal.SIGKILL)
        assert b"" == waiting.stdout.read()

    assert -signal.SIGKILL == waiting.returncode
    assert 0 == ran(words(), tmp_path, "--version")[0]
