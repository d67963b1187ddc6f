"""The things of a small GitHub, and what people do with them; repositories are real ones, bare, on disk."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from registry_tool.core.forge import ForgeAccount
from registry_tool.core.times import from_seconds

START: Final = 1_800_000_000
JOB: Final = "github-actions[bot]"
"""Who writes with a job's token."""
GHOST_ACCOUNT: Final = ForgeAccount(10137, "ghost", "user")
"""Who is shown for an account that is gone."""


@dataclass(eq=False)
class Account:
    id: int
    login: str
    type: Literal["User", "Organization", "Bot"] = "User"


@dataclass(eq=False)
class Repository:
    id: int
    owner: Account
    name: str
    folder: Path
    created: str
    parent: "Repository | None" = None
    branch: str = "main"
    archived: bool = False
    writers: set[int] = field(default_factory=set)
    """Numbers of the accounts that may push, its owner apart."""
    looks: int = 0
    """How often somebody looks for its first branch in vain: forks take a while."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def may_push(self, account: Account | None) -> bool:
        return account is not None and (account is self.owner or account.id in self.writers)


@dataclass(eq=False)
class Pull:
    repository: Repository
    number: int
    title: str
    body: str | None
    author: Account | None
    head_repository: Repository | None
    branch: str
    base: str
    created: str
    head: str
    base_commit: str
    opened: bool = True
    seen: set[tuple[str, str | None]] = field(default_factory=set)
    """Where its branch and its base were when they were looked at."""
    labels: set[str] = field(default_factory=set)
    reviews: "list[Review]" = field(default_factory=list)
    comments: "list[Comment]" = field(default_factory=list)


@dataclass(eq=False)
class Review:
    id: int
    author: Account | None
    state: str
    commit: str | None
    body: str
    at: str


@dataclass(eq=False)
class Comment:
    id: int
    author: Account | None
    body: str
    at: str


@dataclass(eq=False)
class CheckRun:
    id: int
    repository: Repository
    head: str
    name: str
    conclusion: str
    title: str
    summary: str
    at: str


@dataclass(eq=False)
class Asset:
    id: int
    name: str
    data: bytes
    state: str = "uploaded"


@dataclass(eq=False)
class Release:
    id: int
    repository: Repository
    tag: str
    at: str
    draft: bool = False
    assets: list[Asset] = field(default_factory=list)


class Things:
    """All there is below `folder`; numbers are given once, names may come back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accounts: list[Account] = []
        self.repositories: list[Repository] = []
        self.pulls: list[Pull] = []
        self.checks: list[CheckRun] = []
        self.releases: list[Release] = []
        self.tokens: dict[str, Account] = {}
        self.moved: dict[str, Repository] = {}
        """Names that repositories had before."""
        self.fork_looks = 0
        """How often somebody looks into a new fork in vain."""
        self._last = 0
        self.begins = START
        """Its clock."""
        self.job = self.account(JOB, kind="Bot")

    # ---------------------------------------------------------------------------- what people do

    def number(self) -> int:
        """A new one."""
        self._last += 1
        return self._last

    @property
    def time(self) -> str:
        """Now, which is later for each thing that was made."""
        return from_seconds(self.begins + self._last)

    def account(self, login: str, *, kind: Literal["User", "Organization", "Bot"] = "User") -> Account:
        """A new account; its token is `token-of-LOGIN`."""
        assert not any(one.login.lower() == login.lower() for one in self.accounts)
        made = Account(self.number(), login, kind)
        self.accounts.append(made)
        if kind == "User":
            self.tokens[f"token-of-{login}"] = made
        return made

    def delete(self, account: Account) -> None:
        """Their account is gone: what they wrote is the ghost's, and their name can be taken again."""
        self.accounts.remove(account)
        self.tokens = {token: one for token, one in self.tokens.items() if one is not account}
        for repository in [one for one in self.repositories if one.owner is account]:
            self.remove(repository)
        for pull in self.pulls:
            written: list[Pull | Review | Comment] = [pull, *pull.reviews, *pull.comments]
            for one in written:
                one.author = None if one.author is account else one.author

    def repository(self, owner: Account, name: str, *, bare: Path | None = None) -> Repository:
        """A new repository: empty, or a bare one that is there already."""
        number = self.number()
        folder = bare or self.folder / f"{number}.git"
        if bare is None:
            _git("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
        _prepared(folder)
        made = Repository(number, owner, name, folder, self.time)
        self.repositories.append(made)
        return made

    def fork(self, repository: Repository, owner: Account) -> Repository:
        """The owner's fork; the one there is."""
        for one in self.repositories:
            if one.parent is repository and one.owner is owner:
                return one
        number = self.number()
        folder = self.folder / f"{number}.git"
        _git("clone", "--quiet", "--bare", "--single-branch", str(repository.folder), str(folder))
        _prepared(folder)
        taken = {one.full_name for one in self.repositories}
        name = repository.name if f"{owner.login}/{repository.name}" not in taken else f"{repository.name}-1"
        made = Repository(number, owner, name, folder, self.time, parent=repository, looks=self.fork_looks)
        self.repositories.append(made)
        return made

    def remove(self, repository: Repository) -> None:
        """A repository is deleted; pull requests from it stay."""
        self.repositories.remove(repository)
        for pull in self.pulls:
            if pull.head_repository is repository:
                pull.head_repository, pull.opened = None, False

    def rename(self, repository: Repository, name: str) -> None:
        """The number stays; the old name leads to the new one."""
        self.moved[repository.full_name] = repository
        repository.name = name

    def open(
        self, repository: Repository, head: Repository, branch: str, *, author: Account, title: str, body: str = ""
    ) -> Pull:
        """A pull request for a branch of a repository."""
        commit, base = commit_of(head, branch), commit_of(repository, "main")
        assert commit is not None
        assert base is not None
        pull = Pull(
            repository, self.number(), title, body, author, head, branch, "main", self.time, commit, base_commit=base
        )
        self.pulls.append(pull)
        self.refresh()
        return pull

    def review(self, pull: Pull, author: Account, state: str, body: str = "", *, commit: str | None = None) -> Review:
        """Somebody says something of a pull request, as it is now."""
        made = Review(self.number(), author, state, commit or pull.head, body, self.time)
        pull.reviews.append(made)
        return made

    def comment(self, pull: Pull, author: Account, body: str) -> Comment:
        """Somebody writes a comment."""
        made = Comment(self.number(), author, body, self.time)
        pull.comments.append(made)
        return made

    def release(self, repository: Repository, tag: str, files: dict[str, bytes], *, draft: bool = False) -> Release:
        """A release with files."""
        made = Release(self.number(), repository, tag, self.time, draft)
        made.assets = [Asset(self.number(), name, data) for name, data in files.items()]
        self.releases.append(made)
        return made

    # ------------------------------------------------------------------------------ what it knows

    def find(self, full_name: str) -> Repository | None:
        """The repository that is called so now."""
        rows = (one for one in self.repositories if one.full_name.lower() == full_name.lower())
        return next(rows, None)

    def refresh(self) -> None:
        """Brings every open pull request to where its branch is, as a push does."""
        waiting = [one for one in self.pulls if one.opened and one.head_repository is not None]
        places = {one.folder: one for pull in waiting for one in (pull.repository, pull.head_repository) if one}
        branches = {folder: _branches(folder) for folder in places}
        for pull in waiting:
            assert pull.head_repository is not None
            commit = branches[pull.head_repository.folder].get(pull.branch)
            base = branches[pull.repository.folder].get(pull.base)
            if commit is None:
                pull.opened = False  # its branch was deleted
            elif commit != pull.head or (commit, base) not in pull.seen:
                pull.seen.add((commit, base))
                pull.head = commit
                ref, source = f"refs/pull/{pull.number}/head", str(pull.head_repository.folder)
                fetch = ("fetch", "--quiet", "--no-write-fetch-head", source, f"+{commit}:{ref}")
                _git("-C", str(pull.repository.folder), *fetch)
                if base is not None and _is_ancestor(pull.repository, commit, base):
                    pull.opened = False  # it landed

    def sync(self, fork: Repository) -> bool:
        """Whether the fork's main branch could be brought to its parent's."""
        assert fork.parent is not None
        here, there = commit_of(fork, "main"), commit_of(fork.parent, "main")
        assert here is not None
        _git("-C", str(fork.folder), "fetch", "--quiet", "--no-write-fetch-head", str(fork.parent.folder), "main")
        assert there is not None
        if not _is_ancestor(fork, here, there):
            return False
        _git("-C", str(fork.folder), "update-ref", "refs/heads/main", there)
        return True


def _branches(folder: Path) -> dict[str, str]:
    command = ["git", "-C", str(folder), "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return dict(line.split(" ") for line in said.splitlines())


def commit_of(repository: Repository, branch: str) -> str | None:
    """The commit of a branch."""
    return commit_at(repository, f"refs/heads/{branch}")


def commit_at(repository: Repository, ref: str) -> str | None:
    """The commit of a ref, or of a commit's name."""
    command = ["git", "-C", str(repository.folder), "rev-parse", "--quiet", "--verify", f"{ref}^{{commit}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() or None


def file_at(repository: Repository, path: str) -> tuple[bytes, str] | None:
    """A file of the default branch, and its blob's name."""
    folder = str(repository.folder)
    command = ["git", "-C", folder, "ls-tree", "-z", repository.branch, "--", path]
    row = subprocess.run(command, capture_output=True, check=False, timeout=60).stdout.decode()
    if not row or " blob " not in row:
        return None
    blob = row.partition("\t")[0].split()[2]
    command = ["git", "-C", folder, "cat-file", "blob", blob]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout, blob


def _is_ancestor(repository: Repository, one: str, other: str) -> bool:
    command = ["git", "-C", str(repository.folder), "merge-base", "--is-ancestor", one, other]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def _prepared(folder: Path) -> None:
    """As a forge's repositories are: pushes over http, fetches in part and by commit."""
    rows = {"http.receivepack": "true", "uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}
    for name, value in rows.items():
        _git("config", "--file", str(folder / "config"), name, value)


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True, timeout=60)
