"""What GitHub's REST API answers, as far as we read it, and what it means in our words.

Numbers say who and what; names are for people, and are given to others one day. Addresses are never
taken from an answer: they are built from the server's and the repository's name.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core.document import NumberInt, TimeText
from registry_tool.core.forge import (
    ForgeAccount,
    ForgeRelease,
    ForgeRepository,
    PullRequest,
    PullReview,
    ReleaseFile,
    ReviewState,
)
from registry_tool.forges.asking import Theirs

NOBODY: Final = ForgeAccount(0, "", "user")
"""Whose account is gone; nobody has this number."""

Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Login = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+(\[bot\])?$")]
RepositoryName = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")]
Line = Annotated[str, Field(max_length=1000)]

_STATES: Final[dict[str, ReviewState]] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes",
    "COMMENTED": "comment",
    "DISMISSED": "dismissed",
}


class User(Theirs):
    """An account."""

    id: NumberInt
    login: Login
    type: Line

    def account(self) -> ForgeAccount:
        """The account in our words."""
        match self.type:
            case "Bot":
                return ForgeAccount(self.id, self.login, "bot")
            case "Organization":
                return ForgeAccount(self.id, self.login, "organisation")
            case _:
                return ForgeAccount(self.id, self.login, "user")


class Rights(Theirs):
    """What the token may do with a repository."""

    push: bool = False


class Repository(Theirs):
    """A repository."""

    id: NumberInt
    full_name: RepositoryName
    owner: User
    default_branch: Line
    archived: bool = False
    permissions: Rights = Rights()

    def repository(self, server: str) -> ForgeRepository:
        """The repository in our words."""
        git = f"{server}/{self.full_name}.git"
        return ForgeRepository(
            self.id, self.full_name, self.owner.account(), git, self.default_branch, archived=self.archived
        )


class Place(Theirs):
    """A repository as others name it."""

    id: NumberInt


class Side(Theirs):
    """One side of a pull request."""

    sha: Commit
    ref: Line
    repo: Place | None = None


class Pull(Theirs):
    """A pull request."""

    number: NumberInt
    state: Literal["open", "closed"]
    title: Line
    user: User | None
    created_at: TimeText
    head: Side
    base: Side

    def pull_request(self, repository: str) -> PullRequest:
        """The pull request in our words; `repository` is the address of the one that it asks."""
        return PullRequest(
            self.number,
            self.head.sha,
            self.user.account() if self.user else NOBODY,
            self.title,
            f"{repository}/pull/{self.number}",
            self.state == "open",
            self.head.repo.id if self.head.repo else None,
            self.head.ref,
            self.created_at,
        )


class Review(Theirs):
    """What somebody said of a pull request."""

    id: NumberInt
    user: User | None
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]
    commit_id: Commit | None
    body: str
    submitted_at: TimeText | None = None

    def review(self) -> PullReview | None:
        """The review in our words; `None` for one that is not sent yet."""
        if self.state == "PENDING":
            return None
        return PullReview(
            self.id,
            self.user.account() if self.user else NOBODY,
            self.commit_id or "",
            _STATES[self.state],
            self.body,
            self.submitted_at or "",
        )


class Comment(Theirs):
    """A comment under a pull request."""

    id: NumberInt
    user: User | None
    body: str = ""


class Label(Theirs):
    """A label."""

    name: Line


class Asset(Theirs):
    """A file of a release."""

    id: NumberInt
    name: Line
    size: Annotated[int, Field(ge=0)]
    state: Line


class Release(Theirs):
    """A release."""

    tag_name: Line
    draft: bool
    assets: list[Asset]

    def release(self, repository: ForgeRepository) -> ForgeRelease:
        """The release in our words, with the files that were uploaded to their end."""
        files = [ReleaseFile(one.id, one.name, one.size) for one in self.assets if one.state == "uploaded"]
        return ForgeRelease(repository, self.tag_name, tuple(files))


class Content(Theirs):
    """A file of a repository."""

    type: Literal["file"]
    size: Annotated[int, Field(ge=0)]
    encoding: Literal["base64", "none"]
    content: str


class Object(Theirs):
    """What a branch points to."""

    sha: Commit


class Ref(Theirs):
    """A branch."""

    object: Object
