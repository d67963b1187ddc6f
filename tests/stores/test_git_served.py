"""Files and settings in git's own folder."""

import os
from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids
from registry_tool.core.payload import PayloadFile
from registry_tool.stores.git import GitHistory
from registry_tool.stores.git.served import configure, write_kept
from tests.bad_input.git import git

MARK = b"# ours\n"
HOOK = {"hooks/pre-receive": PayloadFile(MARK + b"exit 1\n", executable=True)}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    GitHistory.init(tmp_path / "reg.git", bare=True)
    return tmp_path / "reg.git"


def test_files_are_written_and_written_again(repository: Path) -> None:
    """With their modes; ours are replaced by newer ones."""
    for data in (HOOK["hooks/pre-receive"].data, MARK + b"exit 2\n"):
        write_kept(
            repository, {"hooks/pre-receive": PayloadFile(data, executable=True), "x": PayloadFile(MARK)}, mark=MARK
        )
        hook = repository / "hooks/pre-receive"

        assert (data, True, False) == (
            hook.read_bytes(),
            os.access(hook, os.X_OK),
            os.access(repository / "x", os.X_OK),
        )
    assert ["pre-receive"] == [path.name for path in (repository / "hooks").iterdir()]


@pytest.mark.parametrize("link", [False, True])
def test_somebody_else_s_hook_stays(repository: Path, link: bool) -> None:
    """What this tool did not write it does not replace, nor what a link leads to."""
    hook = repository / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    if link:
        hook.symlink_to(repository / "config")
    else:
        hook.write_bytes(b"#!/bin/sh\n")
    with pytest.raises(StateForbids, match="which this tool did not write"):
        write_kept(repository, HOOK, mark=MARK)

    assert link or hook.read_bytes() == b"#!/bin/sh\n"


def test_settings_are_what_git_reads_then(repository: Path) -> None:
    """Ours come last; one that is only a proposal leaves another choice alone, and nothing is written twice."""
    config = repository / "config"
    config.write_bytes(config.read_bytes() + b"# mine\n[receive]\n\tmaxInputSize = 1m\n\tfsckObjects = false")
    wanted = [
        ("receive", "fsckObjects", "true", False),
        ("receive", "maxInputSize", "192m", True),
        ("core", "hooksPath", "hooks", False),
    ]
    configure(repository, wanted)
    once = config.read_bytes()
    configure(repository, wanted)
    told = [git("config", "--get", f"{section}.{name}", cwd=repository) for section, name, _, _ in wanted]

    assert (["true", "1m", "hooks"], once, True) == (told, config.read_bytes(), b"# mine\n" in once)


def test_settings_wait_for_git(repository: Path) -> None:
    """While git changes them nobody else does."""
    (repository / "config.lock").write_bytes(b"")

    with pytest.raises(StateForbids) as refused:
        configure(repository, [("core", "hooksPath", "hooks", False)])
    assert "locked" == refused.value.code


def test_a_repository_without_settings_gets_them(repository: Path) -> None:
    """Nothing is lost where nothing is there."""
    (repository / "config").unlink()
    configure(repository, [("core", "bare", "true", False)])

    assert b"[core]\n\tbare = true\n" == (repository / "config").read_bytes()
