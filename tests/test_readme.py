"""README: its tour runs, and its tables say what the code says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.cli import VERBS, kind_names
from registry_tool.core import errors
from registry_tool.kinds import all_kinds
from tests.forking import program

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_the_tour_runs_as_it_is_written(tmp_path: Path) -> None:
    """Every command of the four-person tour succeeds when pasted into one shell, in order."""
    commands = "\n".join(re.findall(r"```sh tour\n(.*?)```", README, re.DOTALL))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(tmp_path / "home"), "REGISTRY_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", commands],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (0, "") == (done.returncode, "" if done.returncode == 0 else done.stdout + done.stderr)
    assert (tmp_path / "work/.agents/skills/link-check/SKILL.md").read_bytes() == (
        tmp_path / "elsewhere/.agents/skills/link-check/SKILL.md"
    ).read_bytes()


def test_the_table_of_exit_codes_is_the_code_s() -> None:
    """README lists exactly the exit codes that errors have, and 0."""
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    real = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.RegistryError)
    }

    assert real | {0} == listed


def test_the_table_of_kinds_names_every_kind_and_its_native_file() -> None:
    """Each kind has a row with the file that tells it, or with artifact.yaml."""
    rows = dict(re.findall(r"^\| (\w+) \| `([\w.]+)` \|", README, re.MULTILINE))

    assert {kind.id: (kind.native or ("artifact.yaml",))[0] for kind in all_kinds()} == rows
    assert tuple(sorted(rows)) == kind_names()


def test_the_environment_table_names_what_the_tool_reads() -> None:
    """Every variable that the package's sources read by name stands in README."""
    source = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "registry_tool").rglob("*.py")))
    read = set(re.findall(r"""env(?:ironment)?(?:\.get\(|\[)["']([A-Z_]+)["']""", source)) - {
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
    }
    read |= set(re.findall(r'"(REGISTRY_[A-Z_]*[A-Z])"', source))  # names that stand as constants
    listed = set(re.findall(r"`([A-Z][A-Z_]+)`", README))

    assert set() == read - listed


def test_the_table_of_verbs_names_every_verb() -> None:
    """Each verb stands in the table of who uses it, and nothing else does."""
    table = README.partition("## The verbs")[2].partition("## ")[0]
    rows = re.findall(r"^\| (?:author|moderator|operator|consumer) \| (.*) \|$", table, re.MULTILINE)

    assert set(VERBS) == {verb for row in rows for verb in re.findall(r"`([a-z]+)`", row)}


def test_every_verb_has_one_screen_of_help_with_an_example() -> None:
    """`registry VERB --help` succeeds, fits on a screen, and shows an example."""
    env = {**os.environ, "COLUMNS": "100"}
    for verb in VERBS:
        done = subprocess.run(
            [*program(), verb, "--help"],
            env=env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

        assert (verb, 0, True, True) == (
            verb,
            done.returncode,
            "Example:" in done.stdout,
            done.stdout.count("\n") <= 50,
        )
