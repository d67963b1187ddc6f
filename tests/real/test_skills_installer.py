"""The unmodified `skills` installer from npm (B8), against our site over loopback and against the `dist` branch."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.line import Shell, tree
from tests.real.packages import NODE, SKILLS_INSTALLER, NodePackage
from tests.stores.gitservers import http_backend

pytestmark = pytest.mark.network

SECONDS = 120
ONE = "---\nname: one-file\ndescription: Says one thing. Use when asked.\nlicense: MIT\n---\n\nDo it.\n"
MANY = "---\nname: many-files\ndescription: Runs a script. Use when asked.\nlicense: MIT\n---\n\nRun scripts/run.py.\n"


@pytest.fixture
def installer(tmp_path: Path) -> Callable[..., str]:
    """The installer, as npm would put it; runs it in the project and gives what it says."""
    modules = tmp_path / "npm/node_modules"
    for package in (*SKILLS_INSTALLER, NODE):
        _placed(package, modules)
    script = modules / "skills/bin/cli.mjs"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "person"), "DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    (tmp_path / "person").mkdir()

    def run(*args: str) -> str:
        done = subprocess.run(
            [str(modules / NODE.name / "bin/node"), str(script), *args],
            cwd=tmp_path / "work",
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def _placed(package: NodePackage, modules: Path) -> None:
    place = modules / package.name
    place.parent.mkdir(parents=True, exist_ok=True)
    package.unpacked(modules / ".unpacked").rename(place)
    (modules / ".unpacked").rmdir()


@pytest.fixture
def authored(shell: Shell, tmp_path: Path) -> Path:
    """The folders of ann, who publishes a skill of one file and one of several, let in."""
    folders = tmp_path / "author"
    (folders / "many-files/scripts").mkdir(parents=True)
    (folders / "one-file").mkdir()
    (folders / "one-file/SKILL.md").write_text(ONE)
    (folders / "many-files/SKILL.md").write_text(MANY)
    (folders / "many-files/scripts/run.py").write_text("print('hello')\n")
    for name in ("one-file", "many-files"):
        admitted(shell, folders / name, f"@ann/{name}")
    return folders


def admitted(shell: Shell, folder: Path, artifact: str) -> None:
    said = ("--id", artifact, "--version", "1.0.0", "--as", artifact[1:4], "--registry", "reg", "--yes", "--json")
    submission = json.loads(shell.registry("publish", str(folder), *said))["submission"]
    shell.registry("queue", "approve", submission, "--registry", "reg", "--note", "read it")


def installed(shell: Shell) -> dict[str, dict[str, bytes]]:
    """The skills in the project, as an agent finds them."""
    folder = shell.folder / "work/.claude/skills"
    return {one.name: {path: data for path, (data, _) in tree(one).items()} for one in sorted(folder.iterdir())}


def written(folder: Path) -> dict[str, bytes]:
    return {path: data for path, (data, _) in tree(folder).items()}


AGENT = ("--agent", "claude-code", "--copy", "-y")


def test_it_adds_both_sorts_of_skills_from_our_site(
    shell: Shell, served: Callable[[], str], installer: Callable[..., str], authored: Path
) -> None:
    """Through the discovery index it finds both, and what it writes is what their author wrote."""
    url = served()
    listed = installer("add", url, "--list")
    installer("add", url, *AGENT)

    assert all(name in listed for name in ("one-file", "many-files"))
    assert {name: written(authored / name) for name in ("one-file", "many-files")} == installed(shell)


@pytest.mark.parametrize("name", ["one-file", "many-files"])
def test_the_address_of_a_skills_page_adds_that_skill_alone(
    shell: Shell, served: Callable[[], str], installer: Callable[..., str], authored: Path, name: str
) -> None:
    """Nobody has to fetch every skill of a registry to have one."""
    installer("add", f"{served()}skills/ann/{name}", *AGENT)

    assert {name: written(authored / name)} == installed(shell)


@pytest.fixture
def branch(shell: Shell) -> Iterator[Callable[[], str]]:
    """Lays out what was let in on `dist`, and gives the address of that branch on a git server on loopback."""
    base = shell.folder / "git"

    def lay_out() -> str:
        subprocess.run(["git", "clone", "--quiet", "--bare", "reg", "git/reg.git"], cwd=shell.folder, check=True)
        shell.registry("dist", "--registry", "git/reg.git")
        return f"{server}/reg.git#dist"

    base.mkdir()
    with http_backend(base) as server:
        yield lay_out


def test_it_adds_a_skill_from_the_branch_of_a_repository(
    shell: Shell, branch: Callable[[], str], installer: Callable[..., str], authored: Path
) -> None:
    """`dist` holds what was let in, laid out as it looks for it."""
    address = branch()
    listed = installer("add", address, "--list")
    installer("add", address, "--skill", "many-files", *AGENT)

    assert "one-file" in listed
    assert {"many-files": written(authored / "many-files")} == installed(shell)


def test_a_later_skill_of_the_same_name_does_not_get_in_its_place(
    shell: Shell, branch: Callable[[], str], installer: Callable[..., str], authored: Path, tmp_path: Path
) -> None:
    """The installer takes the first of several with one name in SKILL.md: on the branch that is who had it first."""
    (tmp_path / "aaa").mkdir()
    (tmp_path / "aaa/SKILL.md").write_text(ONE + "Or not.\n")
    admitted(shell, tmp_path / "aaa", "@aaa/one-file")
    installer("add", branch(), "--skill", "one-file", *AGENT)

    assert {"one-file": written(authored / "one-file")} == installed(shell)
