"""The installing steps of the workflows, for real: pip, a fresh environment, and a lock with hashes."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool import __version__
from registry_tool.forges.github_files import files_for, requirement_of
from tests.forge.runner import Runner
from tests.forge.workflow_place import Place, place_at

pytestmark = [pytest.mark.slow, pytest.mark.network]

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    line = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(line, cwd=REPOSITORY, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture
def pinned(tmp_path: Path, wheel: Path) -> Iterator[Place]:
    """A registry that pins that wheel."""
    with place_at(tmp_path, tool=requirement_of(wheel.name, wheel.read_bytes())) as there:
        yield there


def _installs(runner: Runner, *, wheels: Path) -> Runner:
    """The same machine, without a tool, on which pip finds the wheel."""
    links = f"{runner.env.get('PIP_FIND_LINKS', '')} {wheels}".strip()
    env = {**runner.env, "PIP_FIND_LINKS": links}
    return replace(runner, env=env, leave_out=frozenset(), ready=lambda temp: None)


def test_the_tool_that_main_pins_is_installed_and_checks(pinned: Place, wheel: Path) -> None:
    """`init --tool WHEEL` is enough: the job installs these bytes, and they hold all that `init` writes."""
    runner = _installs(pinned.runner(pinned.submitted()), wheels=wheel.parent)
    well = runner.job(pinned.workflow("validate"), "validate")
    tool = runner.temp / "tool" / "bin" / "registry"
    made = runner.folder / "another"
    line = [str(tool), "init", str(made), "--forge", "github", "--yes", "--bins", "2"]
    subprocess.run(line, env={**runner.env, "REGISTRY_HOME": str(runner.folder)}, check=True, capture_output=True)

    assert well, runner.steps
    assert (runner.artifacts / "report" / "report.json").is_file()
    assert {path: (made / path).read_bytes() for path in files_for()} == files_for()


def test_other_bytes_under_the_name_of_the_tool_are_not_installed(pinned: Place, wheel: Path, tmp_path: Path) -> None:
    """A wheel of that version whose hash main does not name stops the job before anything is looked at."""
    other = tmp_path / "other"
    other.mkdir()
    (other / wheel.name).write_bytes(wheel.read_bytes() + b"\0")
    runner = _installs(pinned.runner(pinned.submitted()), wheels=other)
    well = runner.job(pinned.workflow("validate"), "validate")

    assert not well
    assert "DO NOT MATCH THE HASHES" in runner.steps["Install the tool that main pins"].err
    assert "Check the submission" not in runner.steps


def test_a_registry_whose_tool_nobody_named_refuses_to_run(tmp_path: Path) -> None:
    """Until the lock is filled in every job stops at the installing step, and says which file to fill in."""
    with place_at(tmp_path, tool="") as place:
        runner = _installs(place.runner(place.submitted()), wheels=tmp_path)
        well = runner.job(place.workflow("validate"), "validate")

    assert not well
    assert "::error file=.github/registry-tool.txt::" in runner.steps["Install the tool that main pins"].out


def test_the_tools_own_repository_runs_what_main_has(pinned: Place) -> None:
    """There the tool is installed from the main line itself, with the lock that lies beside it."""
    clone = pinned.folder / "clone"
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run([*git, "clone", "--quiet", str(pinned.repository.folder), str(clone)], check=True)
    for name in ("registry_tool", "site_templates"):
        shutil.copytree(REPOSITORY / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "requirements.txt", clone)
    subprocess.run([*git, "add", "--all"], cwd=clone, check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "Add the tool"], cwd=clone, check=True)
    subprocess.run([*git, "push", "--quiet", "origin", "HEAD:main"], cwd=clone, check=True)
    runner = _installs(pinned.runner(pinned.submitted()), wheels=clone)
    well = runner.job(files_for(own=True)[".github/workflows/validate.yml"], "validate")
    line = [str(runner.temp / "tool" / "bin" / "registry"), "--version"]
    said = subprocess.run(line, env=runner.env, check=True, capture_output=True, text=True).stdout

    assert well, runner.steps
    assert f"registry, version {__version__}\n" == said
