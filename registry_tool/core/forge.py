"""A forge as this tool sees it: pull requests, reviews by account number, releases.

A forge is where people read and talk; nothing in it is trusted by clients. What counts is read from here by the
gate's job, bound to the very commit that was checked, and becomes a signed record. The next forge is one file in
`forges/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from registry_tool.core.review import Verdict

ReviewState = Literal["approved", "changes", "comment", "dismissed"]


@dataclass(frozen=True, slots=True)
class ForgeAccount:
    """Somebody in a forge; the number stays theirs, a name may be given to others."""

    number: int
    name: str
    kind: Literal["user", "organisation", "bot"]


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """A repository in a forge."""

    number: int
    name: str
    """`owner/name`, as it is called now."""
    owner: ForgeAccount
    git: str
    """Where git reads it."""
    branch: str
    """Its default branch."""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A submission as its forge shows it."""

    number: int
    head: str
    """The commit that it asks for."""
    author: ForgeAccount
    title: str
    url: str
    opened: bool
    """Whether it waits."""
    head_repository: int | None
    """Where its branch lies; `None` where that is gone."""
    branch: str
    """Its branch there."""
    created: str
    """Time, as the forge's clock says."""
    ref: str = ""
    """Where git finds its head in the repository, as `refs/pull/7/head`; empty for just that form."""


@dataclass(frozen=True, slots=True)
class PullReview:
    """What somebody said about a pull request."""

    number: int
    account: ForgeAccount
    commit: str
    """The head that they looked at."""
    state: ReviewState
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file attached to a release in a forge."""

    number: int
    name: str
    size: int
    """Bytes, as the forge says."""


@dataclass(frozen=True, slots=True)
class ForgeRelease:
    """A release in a forge, which is a tag with files."""

    repository: ForgeRepository
    tag: str
    files: tuple[ReleaseFile, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """What a job writes beside a commit."""

    verdict: Verdict
    title: str
    """One line."""
    text: str
    """Markdown in which nothing foreign is alive."""


class Forge(Protocol):
    """One repository of a forge, seen with the rights of one token.

    Every method raises `Unreachable` (down, slow, too many requests), `NotFound`, `StateForbids` (no right to) and
    `InvalidInput` (an answer that is none), naming the address.
    """

    @property
    def name(self) -> str:
        """What accounts and reviews call this forge, as `github.com`."""
        ...

    @property
    def where(self) -> str:
        """The repository, for messages."""
        ...

    def pull_requests(self) -> Sequence[PullRequest]:
        """Those that wait, oldest first, at most 1,000."""
        ...

    def pull_request(self, number: int) -> PullRequest:
        """One of them, open or not."""
        ...

    def pull_requests_of(self, commit: str) -> Sequence[PullRequest]:
        """Those whose head is `commit`, from any fork."""
        ...

    def reviews(self, number: int) -> Sequence[PullReview]:
        """Every review, oldest first."""
        ...

    def comment(self, number: int, text: str, *, mark: str) -> None:
        """Writes the one comment that begins with the invisible `mark`; updates it where it is there."""
        ...

    def labels(self, number: int, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Sets and takes off labels of a pull request."""
        ...

    def check(self, head: str, name: str, reported: Reported) -> None:
        """Sets the check `name` of a commit; a second call with the same name replaces it."""
        ...

    def close(self, number: int) -> None:
        """Closes a pull request: it landed, or was rejected."""
        ...

    def me(self) -> ForgeAccount | None:
        """Whose token it is; `None` for a job's token, which is nobody's."""
        ...

    def fork(self) -> ForgeRepository:
        """Where the token may push a branch: the repository itself, else its own fork, made where there is none yet."""
        ...

    def open_pull_request(self, *, repository: ForgeRepository, branch: str, title: str, text: str) -> PullRequest:
        """Asks for `branch` of `repository` (this one or a fork) to be taken in; the one there is, where it is open."""
        ...

    def links(self, branch: str) -> tuple[str, str]:
        """Where a person without a token makes a fork, and where they open the pull request for `owner:branch`."""
        ...

    def repository(self, name: str | int) -> ForgeRepository:
        """Any repository of the forge, by `owner/name` or by number."""
        ...

    def account(self, name: str) -> ForgeAccount:
        """Any account of the forge."""
        ...

    def release(self, repository: ForgeRepository, tag: str) -> ForgeRelease:
        """A release and its files."""
        ...

    def releases(self, repository: ForgeRepository) -> Sequence[ForgeRelease]:
        """The newest releases, at most 100."""
        ...

    def fetch(self, repository: ForgeRepository, file: ReleaseFile, *, limit: int) -> bytes:
        """The bytes of a file of a release, at most `limit`."""
        ...

    def file(self, repository: ForgeRepository, path: str, *, limit: int) -> bytes | None:
        """A file of a repository's default branch; `None` where there is none."""
        ...
