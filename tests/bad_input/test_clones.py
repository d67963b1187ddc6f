"""Clones that are not whole, or whose history is another: they work, or the message has the one command that mends."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bad_input.git import WHO, git
from tests.bad_input.stage import Refusal, Stage, pdf_registry
from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, skill_release
from tests.cli.test_operator import add_commit, repository

INSTALL = ("install", PDF, "--yes", "--offline", "--registry")


@pytest.fixture
def built() -> RegistryInMemory:
    return pdf_registry()


@pytest.fixture
def origin(stage: Stage, built: RegistryInMemory) -> Path:
    """A bare repository with two commits that serves partial clones."""
    history = repository(stage.work / "origin.git", built, bare=True)
    skill_release(built, "@bob/tab", "1.0.0")
    add_commit(history, built)
    git("config", "uploadpack.allowFilter", "true", cwd=stage.work / "origin.git")
    return stage.work / "origin.git"


def clone(origin: Path, *flags: str) -> str:
    """A clone beside `origin`, made with these flags."""
    git("clone", "-q", *flags, f"file://{origin}", "clone", cwd=origin.parent)
    return str(origin.parent / "clone")


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--bare",),
        ("--depth=1",),
        ("-c", "core.autocrlf=true"),
        ("-c", "core.autocrlf=input", "-c", "core.eol=crlf"),
        ("-c", "core.fileMode=false"),
        ("-c", "core.protectNTFS=true", "--no-checkout"),
        ("--single-branch", "--no-tags"),
    ],
    ids=" ".join,
)
def test_any_clone_is_the_registry(stage: Stage, built: RegistryInMemory, origin: Path, flags: tuple[str, ...]) -> None:
    """A bare, shallow, unchecked-out or line-ending clone verifies and installs: git's objects are what is read."""
    where = clone(origin, *flags)
    stage.done("add", where, "--root", built.id)

    assert [PDF] == [row["id"] for row in stage.done(*INSTALL, where)["installed"]]


def test_a_clone_without_its_files_says_the_command_that_brings_them(
    stage: Stage, built: RegistryInMemory, origin: Path
) -> None:
    """A blobless clone is exit 6 with a git command; once that ran, the same install works offline."""
    where = clone(origin, "--filter=blob:none", "--no-checkout")
    stage.refuses(
        Refusal(6, "missing-objects", "is not in this repository\n  git -C "), "add", where, "--root", built.id
    )
    command = stage.call("add", where, "--root", built.id).err.splitlines()[1]
    subprocess.run(shlex.split(command), check=True, capture_output=True, env=WHO)
    stage.done("add", where, "--root", built.id)

    assert [PDF] == [row["id"] for row in stage.done(*INSTALL, where)["installed"]]


def test_files_with_windows_line_ends_and_no_git_are_refused(stage: Stage, built: RegistryInMemory) -> None:
    """A copy of a work tree whose line ends were changed is no registry any more, and nothing is kept."""
    files = {
        path: data.replace(b"}", b"}\r\n") if path.endswith(".json") else data for path, data in built.files.items()
    }
    where = stage.put("copy", files)

    stage.refuses_any(4, "", "add", where, "--root", built.id)


def rewritten(origin: Path, script: str, *flags: str) -> None:
    """Rewrites the history of `origin` as `git filter-branch` does."""
    git("filter-branch", "-f", *flags, script, "main", cwd=origin, FILTER_BRANCH_SQUELCH_WARNING="1")


def test_a_history_with_other_dates_changes_nothing(stage: Stage, built: RegistryInMemory, origin: Path) -> None:
    """Times that git keeps prove nothing: what was seen before still holds, and installs."""
    where = clone(origin)
    stage.done("add", where, "--root", built.id)
    stage.done(*INSTALL, where)
    rewritten(
        origin,
        "export GIT_AUTHOR_DATE='2001-01-01T00:00:00Z' GIT_COMMITTER_DATE='2001-01-01T00:00:00Z'",
        "--env-filter",
    )
    shutil.rmtree(where)
    clone(origin)

    assert [PDF] == [row["id"] for row in stage.done(*INSTALL, where, "--project", "other")["installed"]]


FILES = {
    "another skill": ("blobs/*/*", "s/^Read it/Send it/", 4),
    "another admission": ("1.0.0/admission.json", 's/"note":"read it"/"note":"fine"/', 4),
    "another pointer": ("1.0.0/release.json", 's/"manifest":"sha256:../"manifest":"sha256:00/', 4),
}


@pytest.mark.parametrize("what", FILES)
def test_a_history_with_other_files_is_refused(stage: Stage, built: RegistryInMemory, origin: Path, what: str) -> None:
    """Whoever rewrites what was published is found out by a clone's reader, whatever the commits say."""
    path, script, code = FILES[what]
    where = clone(origin)
    stage.done("add", where, "--root", built.id)
    tree = f"for f in index/releases/*/ann/pdf/{path}; do sed -i {shlex.quote(script)} $f; done"
    rewritten(origin, tree, "--tree-filter")
    shutil.rmtree(where)
    clone(origin)

    stage.refuses_any(code, "", *INSTALL, where)


def test_a_registry_that_lost_what_was_seen_is_refused(stage: Stage, built: RegistryInMemory, origin: Path) -> None:
    """A clone put back to an older commit shows less than this person saw, and is refused with the reason."""
    where = clone(origin)
    stage.done("add", where, "--root", built.id)
    stage.done("install", "@bob/tab", "--yes", "--registry", where)
    git("reset", "-q", "--hard", "HEAD~1", cwd=Path(where))

    stage.refuses_any(3, "has no @bob/tab", "install", "@bob/tab", "--yes", "--registry", where, "--project", "other")
