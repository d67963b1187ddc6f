"""The forge of these tests as our tool sees it, with somebody's rights."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from registry_tool.forges.finding import Place, place_at
from registry_tool.forges.github import GitHubForge
from registry_tool.stores.http import HttpExchange
from tests.forge.github_fake import GitHub
from tests.forge.github_things import START, Account, Repository, commit_of


def forge_of(
    github: GitHub,
    repository: Repository | str,
    login: str | None = None,
    *,
    api: str = "",
    job: bool = False,
    pause: Callable[[float], None] = lambda seconds: None,
) -> GitHubForge:
    """The forge as `login` sees it, or a job, or nobody in particular."""
    name = repository if isinstance(repository, str) else repository.full_name
    place = place_at(f"{github.server}/{name}.git", github.env(login, api=api, job=job))
    assert isinstance(place, Place)
    return GitHubForge(HttpExchange(env={}), place, branch="main", now=lambda: START, pause=pause)


def pushed(repository: Repository, branch: str, files: dict[str, bytes], *, onto: str | None = None) -> str:
    """Puts a commit on a branch of a repository, as a push does; its id."""
    git = ["git", "-C", str(repository.folder)]
    parent = commit_of(repository, onto or branch)
    rows = []
    for path, data in sorted(files.items()):
        blob = _said([*git, "hash-object", "-w", "--stdin"], data)
        rows.append(f"100644 blob {blob}\t{path}\n")
    tree = _said([*git, "mktree"], "".join(rows).encode())
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    before = ["-p", parent] if parent else []
    commit = _said([git[0], *who, *git[1:], "commit-tree", tree, *before, "-m", f"{branch} {sorted(files)}"], b"")
    subprocess.run([*git, "update-ref", f"refs/heads/{branch}", commit], check=True, timeout=60)
    return commit


def registry_at(github: GitHub, owner: str = "org") -> Repository:
    """A repository with one commit, and its owner."""
    account = github.things.account(owner)
    repository = github.things.repository(account, "reg")
    pushed(repository, "main", {"README.md": b"A registry.\n"})
    return repository


def forked(github: GitHub, repository: Repository, login: str, branch: str, text: bytes = b"new\n") -> Repository:
    """Somebody's fork with a commit of theirs on a branch."""
    fork = github.things.fork(repository, account_of(github, login))
    pushed(fork, branch, {"README.md": text}, onto="main")
    return fork


def account_of(github: GitHub, login: str) -> Account:
    """The account of that name, made where there is none."""
    for one in github.things.accounts:
        if one.login == login:
            return one
    return github.things.account(login)


def _said(command: list[str], given: bytes) -> str:
    done = subprocess.run(command, input=given, check=True, capture_output=True, timeout=60)
    return done.stdout.decode().strip()


def work_tree(folder: Path, repository: Repository) -> Path:
    """A clone of a repository."""
    subprocess.run(["git", "clone", "--quiet", str(repository.folder), str(folder)], check=True, timeout=60)
    return folder
