"""What a bare repository is given to guard itself with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.forges import SETUPS, bare, setup_of
from registry_tool.forges.setup import Ground
from registry_tool.stores.git import GitHistory
from tests.bad_input.git import WHO, git
from tests.cli.desk import Desk
from tests.cli.test_startup import _WATCH, SLOW

pytestmark = pytest.mark.slow

GROUND = Ground("0" * 64, "Example", "", "", "personal", "/opt/it's here/python")


def test_a_setup_is_a_value() -> None:
    """The same ground gives the same files; they name nothing but the interpreter."""
    made = setup_of("bare", GROUND)

    assert made == setup_of("bare", GROUND) == bare.setup(GROUND)
    assert ({"hooks/pre-receive", "hooks/post-receive"}, True, {}) == (set(made.kept), made.bare, dict(made.committed))
    assert all(file.executable and GROUND.registry.encode() not in file.data for file in made.kept.values())
    assert "bare" in SETUPS


@pytest.mark.parametrize("name", bare.HOOKS)
def test_a_hook_without_its_tool_takes_nothing(tmp_path: Path, name: str) -> None:
    """Where the interpreter is gone it refuses, and says what its keeper does."""
    hook = tmp_path / name
    hook.write_bytes(bare.hook(name, str(tmp_path / "gone")))
    done = subprocess.run(["sh", str(hook)], input=b"", env=WHO, capture_output=True, check=False)

    assert (1, True) == (done.returncode, b"registry hook install" in done.stderr)


@pytest.mark.parametrize("name", bare.HOOKS)
def test_a_hook_starts_its_tool_by_its_own_path(tmp_path: Path, name: str) -> None:
    """Whatever the environment, the folder and the name of that path; what git says is handed on."""
    python = tmp_path / "it's $HOME/python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$@" >&2\ncat >&2\n')
    python.chmod(0o755)
    hook = tmp_path / name
    hook.write_bytes(bare.hook(name, str(python)))
    line = f"{'0' * 40} {'1' * 40} refs/heads/submit/0123456789ab\n"
    env = {**WHO, "PYTHONPATH": str(tmp_path), "REGISTRY_HOME": "elsewhere"}
    done = subprocess.run(["sh", str(hook)], input=line.encode(), env=env, capture_output=True, check=False)

    assert (0, f"-P -E -m registry_tool hook {name}\n{line}") == (done.returncode, done.stderr.decode())


@pytest.mark.parametrize(
    "line",
    ["", f"{'0' * 40} {'1' * 40} refs/heads/main\n", f"{'1' * 40} {'0' * 40} refs/heads/submit/0123456789ab\n"],
)
def test_after_most_pushes_nothing_is_started(tmp_path: Path, line: str) -> None:
    """Only a submission that came is remembered; `false` would fail if it ran."""
    hook = tmp_path / "post-receive"
    hook.write_bytes(bare.hook("post-receive", "/bin/false"))
    done = subprocess.run(["sh", str(hook)], input=line.encode(), env=WHO, capture_output=True, check=False)

    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_init_makes_a_repository_that_guards_itself(desk: Desk) -> None:
    """Bare, with hooks that run, git's settings, and words about how it is served."""
    said = desk.json("init", "reg.git", "--forge", "bare", "--bins", "8", "--yes")
    where = Path(said["where"])
    settings = git("config", "--list", "--local", cwd=where).splitlines()

    assert ("bare", False, True) == (said["forge"], (where / ".git").exists(), bool(said["words"]))
    assert [True, True] == [os.access(where / "hooks" / name, os.X_OK) for name in bare.HOOKS]
    assert f"python={sys.executable}\n" in (where / "hooks/pre-receive").read_text()
    assert {"core.bare=true", "core.hookspath=hooks", "receive.fsckobjects=true", "uploadpack.allowfilter=true"} <= set(
        settings
    )
    assert said["commit"] == GitHistory.open(where).resolve("main")


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    """Neither for a new registry nor for one that is there."""
    desk.run("init", "reg.git", "--forge", "bare", "--dry-run")
    assert [] == list(desk.work.iterdir())
    desk.run("init", "old.git", "--bare", "--bins", "8", "--yes")

    assert "Would write hooks/" in desk.run("hook", "install", "old.git", "--dry-run")
    assert not (desk.work / "old.git/hooks/pre-receive").exists()


def test_a_registry_that_is_there_can_begin_to_guard_itself(desk: Desk) -> None:
    """And be told again where the tool lies."""
    desk.run("init", "old.git", "--bare", "--bins", "8", "--yes")
    first = desk.json("hook", "install", "old.git")
    again = desk.json("hook", "install", "old.git")

    assert (first, ["hooks/post-receive", "hooks/pre-receive"]) == (again, first["files"])
    assert os.access(desk.work / "old.git/hooks/pre-receive", os.X_OK)


def test_only_a_registry_is_guarded(desk: Desk) -> None:
    """A repository of something else, and no repository, are told."""
    GitHistory.init(desk.work / "other.git", bare=True)

    assert (3, "not-a-registry") == desk.refused("hook", "install", "other.git")
    assert (3, "no-folder") == desk.refused("hook", "install", "none.git")
    desk.run("init", "reg", "--bins", "8", "--yes")
    assert (5, "not-bare") == desk.refused("hook", "install", "reg")


class Guarded:
    """A registry whose hooks are started by hand."""

    def __init__(self, desk: Desk, *options: str) -> None:
        desk.run("init", "reg.git", "--forge", "bare", "--bins", "8", *options, "--yes")
        self.path = desk.work / "reg.git"
        self.head = GitHistory.open(self.path).resolve("main")
        self._env = {**WHO, "REGISTRY_HOME": str(desk.folder / "home"), "HOME": str(desk.folder)}

    def hook(self, name: str, line: str, **env: str) -> tuple[int, str]:
        """How a hook's verb ends that is started with `line`, and what it says."""
        command = [sys.executable, "-P", "-m", "registry_tool", "hook", name]
        env = {"GIT_DIR": str(self.path), **env, **self._env}
        given = {key: value for key, value in env.items() if value}
        done = subprocess.run(command, input=line.encode(), env=given, capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout.decode() + done.stderr.decode()


@pytest.fixture
def guarded(desk: Desk) -> Guarded:
    return Guarded(desk)


def test_the_verbs_are_for_git(guarded: Guarded) -> None:
    """Without its environment, and without its lines, they say who calls them."""
    code, said = guarded.hook("pre-receive", "", GIT_DIR="")
    assert (2, True) == (code, "registry hook install REPOSITORY" in said)
    code, said = guarded.hook("pre-receive", "what\n")

    assert (1, True) == (code, "a line `old new ref` was expected" in said)


def test_each_ref_is_told_in_words_and_for_tools(guarded: Guarded) -> None:
    """One message for each that is refused; nothing for what may be kept."""
    head = guarded.head
    rows = ("refs/tags/v1", "refs/heads/submit/0123456789ab", "refs/heads/other")
    code, said = guarded.hook("pre-receive", "".join(f"{'0' * 40} {head} {ref}\n" for ref in rows))
    last = [line for line in said.splitlines() if line.startswith("refused ")]
    why = ("not-by-push", "landed", "not-by-push")

    assert (1, 3) == (code, said.count("error: refs/"))
    assert [f"refused {ref} 5 {code}" for ref, code in zip(rows, why, strict=True)] == last
    assert (0, "") == guarded.hook("pre-receive", f"{head} {'0' * 40} refs/heads/submit/0123456789ab\n")


def test_taking_something_back_starts_nothing_slow(guarded: Guarded) -> None:
    """Most pushes of moderators are of that kind; nothing is opened for them, and nothing large is imported."""
    line = f"{guarded.head} {'0' * 40} refs/heads/submit/0123456789ab\n"
    command = [sys.executable, "-P", "-c", _WATCH, "hook", "pre-receive"]
    env = {**WHO, "GIT_DIR": str(guarded.path)}
    done = subprocess.run(command, input=line.encode(), env=env, capture_output=True, check=False, timeout=60)
    imported = {name.partition(".")[0] for name in done.stderr.decode().split()}

    assert (0, set()) == (done.returncode, imported & set(SLOW))


def test_what_keeps_a_push_from_being_read_is_told_of_each_ref(guarded: Guarded) -> None:
    """A quarantine that is none is nobody's fault who pushes; still nothing is kept."""
    line = f"{'0' * 40} {'1' * 40} refs/heads/submit/0123456789ab\n"
    code, said = guarded.hook("pre-receive", line, GIT_QUARANTINE_PATH="/tmp")

    assert (1, True) == (code, "refused refs/heads/submit/0123456789ab 1 bad-quarantine" in said)


def test_nothing_is_remembered_of_what_waits_no_more(guarded: Guarded) -> None:
    """After a push the branch may be gone, or be no submission."""
    head = guarded.head

    assert (0, "") == guarded.hook("post-receive", f"{'0' * 40} {head} refs/heads/main\n")


def test_whoever_pushed_reads_when_something_happens_by_itself(desk: Desk) -> None:
    """Where policy lets the gate decide, and its key is on that machine."""
    guarded = Guarded(desk, "--template", "community")
    folder = desk.put("skill", {"SKILL.md": b"---\nname: one\ndescription: Finds things.\nlicense: MIT\n---\nLook.\n"})
    publish = ("publish", folder, "--id", "@ann/one", "--version", "1.0.0", "--as", "ann", "--yes")
    branch = desk.json(*publish, "--registry", str(guarded.path))["branch"]
    head = GitHistory.open(guarded.path).branches()[branch]
    code, said = guarded.hook("post-receive", f"{'0' * 40} {head} refs/heads/{branch}\n")

    assert (0, 2) == (code, len(said.splitlines())), said
    assert f"{branch[7:]} waits to be looked at" in said
    assert "goes through with the next `registry admit`" in said


def test_the_help_names_both_hooks(desk: Desk) -> None:
    """With an example."""
    said = desk.run("hook", "--help")

    assert all(word in said for word in ("install", "pre-receive", "post-receive", "Example:"))
