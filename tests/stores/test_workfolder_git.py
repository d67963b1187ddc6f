"""What git says about a folder that somebody else made: nothing in it is run."""

import os
import subprocess
from pathlib import Path

import pytest

from registry_tool.stores.workfolder import GitSays, git_says

WHO = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
REMOTE = "https://git.example/acme/pdf"
HEAD = f"""[core]
	repositoryformatversion = 0
	bare = false
[remote "origin"]
	url = {REMOTE}
"""


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *WHO, *words], cwd=folder, check=True, capture_output=True).stdout.decode().strip()


def folder_of(tmp_path: Path, attributes: str = "") -> Path:
    """A folder with one commit, whose file looks changed to git: it has to read it again."""
    folder = tmp_path / "pdf"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / ".git" / "config").write_text(HEAD)
    (folder / "SKILL.md").write_text("Read it.\n")
    (folder / ".gitattributes").write_text(attributes)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    os.utime(folder / "SKILL.md", (1, 1))
    return folder


def test_a_folder_says_where_it_is_from(tmp_path: Path) -> None:
    """Its remote, and HEAD where nothing was changed; a filter that is left out changes nothing."""
    folder = folder_of(tmp_path, "*.bin filter=lfs\n")
    (folder / ".git" / "config").write_text(
        HEAD + '[filter "lfs"]\n\tclean = false\n\tprocess = false\n\trequired = true\n'
    )

    assert GitSays("acme", "", REMOTE, git(folder, "rev-parse", "HEAD")) == git_says(folder)

    (folder / "SKILL.md").write_text("Read it twice.\n")

    assert GitSays("acme", "", REMOTE, "") == git_says(folder)


@pytest.mark.parametrize("name", ["x", "a b", "a=b", "a.b", "\\u00fc"])
@pytest.mark.parametrize("member", ["clean", "process"])
def test_a_filter_is_not_run(tmp_path: Path, name: str, member: str) -> None:
    """Whatever it is called: a folder that came as an archive has settings of whoever packed it."""
    folder, mark = folder_of(tmp_path, "* filter=x\n"), tmp_path / "run"
    (folder / ".git" / "info" / "attributes").write_text(f'* "filter={name}"\n* filter={name}\n')
    (folder / ".git" / "config").write_text(HEAD + f'[filter "{name}"]\n\t{member} = "touch {mark}; cat"\n')
    git_says(folder)

    assert not mark.exists()


def test_a_repository_in_plain_files_is_none(tmp_path: Path) -> None:
    """Anybody can commit the files of a repository into another one, and a clone brings them."""
    folder, mark = folder_of(tmp_path, "* filter=x\n"), tmp_path / "run"
    for entry in (folder / ".git").iterdir():
        entry.rename(folder / entry.name)
    (folder / ".git").rmdir()
    settings = f'\tworktree = .\n\tfsmonitor = "touch {mark}"\n[filter "x"]\n\tclean = "touch {mark}; cat"\n'
    (folder / "config").write_text(HEAD.replace("\tbare = false\n", f"\tbare = false\n{settings}"))

    assert (GitSays(), False) == (git_says(folder), mark.exists())


@pytest.mark.parametrize("really", ["ext::touch {mark}", "ssh://git.example/x", "file://{folder}"])
def test_nothing_is_fetched(tmp_path: Path, really: str) -> None:
    """A partial clone would ask its remote for what is missing, by a program that its settings name."""
    folder, mark = folder_of(tmp_path), tmp_path / "run"
    (folder / ".git" / "config").write_text(
        f'''[core]
	repositoryformatversion = 1
	sshCommand = "touch {mark}; false"
[remote "origin"]
	url = {REMOTE}
	promisor = true
	uploadpack = "touch {mark}; false"
[url "{really.format(mark=mark, folder=folder)}"]
	insteadOf = {REMOTE}
[extensions]
	partialClone = origin
[protocol]
	allow = always
[protocol "ext"]
	allow = always
'''
    )
    head = git(folder, "rev-parse", "HEAD")
    (folder / ".git" / "objects" / head[:2] / head[2:]).unlink()
    git_says(folder)

    assert not mark.exists()
