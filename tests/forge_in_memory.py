"""A forge in memory: pull requests, reviews and comments of one repository, as its people make them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from registry_tool.core.errors import NotFound
from registry_tool.core.forge import (
    ForgeAccount,
    ForgeRelease,
    ForgeRepository,
    PullRequest,
    PullReview,
    ReleaseFile,
    Reported,
    ReviewState,
)
from registry_tool.core.times import from_seconds

NAME = "forge.example"


class ForgeInMemory:
    """One repository of a forge; `now` is its clock. Accounts are by their number."""

    name = NAME
    where = "https://forge.example/acme/registry"

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._pulls: dict[int, PullRequest] = {}
        self._reviews: dict[int, list[PullReview]] = {}
        self._count = 0
        self.comments: dict[tuple[int, str], str] = {}
        """By pull request and mark."""
        self.checks: dict[tuple[str, str], Reported] = {}
        self.labelled: dict[int, set[str]] = {}

    # What people do there.

    def open(self, head: str, *, by: int = 100, branch: str = "patch-1") -> PullRequest:
        """Somebody opens a pull request for a commit."""
        number = len(self._pulls) + 1
        account = ForgeAccount(by, f"account-{by}", "user")
        url = f"{self.where}/pull/{number}"
        made = PullRequest(number, head, account, "a title", url, True, None, branch, self._time())
        self._pulls[number] = made
        return made

    def push(self, number: int, head: str) -> None:
        """Its branch moves."""
        self._pulls[number] = replace(self._pulls[number], head=head)

    def review(self, number: int, state: ReviewState, *, by: int, text: str = "", commit: str = "") -> PullReview:
        """Somebody reviews what it asks for now, or another commit."""
        self._count += 1
        account = ForgeAccount(by, f"account-{by}", "user")
        head = commit or self._pulls[number].head
        made = PullReview(self._count, account, head, state, text, self._time())
        self._reviews.setdefault(number, []).append(made)
        return made

    def _time(self) -> str:
        return from_seconds(self._now())

    # What the port has.

    def pull_requests(self) -> Sequence[PullRequest]:
        """Those that wait, oldest first."""
        return tuple(one for one in self._pulls.values() if one.opened)

    def pull_request(self, number: int) -> PullRequest:
        """One of them."""
        if number not in self._pulls:
            raise NotFound(f"there is no pull request {number}", code="no-pull-request")
        return self._pulls[number]

    def pull_requests_of(self, commit: str) -> Sequence[PullRequest]:
        """Those whose head is `commit`."""
        return tuple(one for one in self._pulls.values() if one.head == commit)

    def reviews(self, number: int) -> Sequence[PullReview]:
        """Every review, oldest first."""
        return tuple(self._reviews.get(number, ()))

    def comment(self, number: int, text: str, *, mark: str) -> None:
        """Writes or updates a comment."""
        self.comments[number, mark] = text

    def labels(self, number: int, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Sets and takes off labels."""
        self.labelled[number] = self.labelled.get(number, set()) - set(remove) | set(add)

    def check(self, head: str, name: str, reported: Reported) -> None:
        """Sets a check."""
        self.checks[head, name] = reported

    def close(self, number: int) -> None:
        """Closes a pull request."""
        self._pulls[number] = replace(self._pulls[number], opened=False)

    def me(self) -> ForgeAccount | None:
        """A job's token is nobody's."""
        return None

    def fork(self) -> ForgeRepository:
        """There are no forks here."""
        raise NotFound("no forks in this forge", code="no-fork")

    def open_pull_request(self, *, repository: ForgeRepository, branch: str, title: str, text: str) -> PullRequest:
        """Asks for a branch."""
        raise NotFound("no forks in this forge", code="no-fork")

    def links(self, branch: str) -> tuple[str, str]:
        """Where people fork, and where they open a pull request."""
        return f"{self.where}/fork", f"{self.where}/compare/{branch}"

    def repository(self, name: str | int) -> ForgeRepository:
        """No other repository is here."""
        raise NotFound(f"there is no repository {name}", code="no-repository")

    def account(self, name: str) -> ForgeAccount:
        """An account by the name that it has here."""
        return ForgeAccount(int(name.removeprefix("account-")), name, "user")

    def release(self, repository: ForgeRepository, tag: str) -> ForgeRelease:
        """There are no releases here."""
        raise NotFound(f"there is no release {tag}", code="no-release")

    def releases(self, repository: ForgeRepository) -> Sequence[ForgeRelease]:
        """There are no releases here."""
        return ()

    def fetch(self, repository: ForgeRepository, file: ReleaseFile, *, limit: int) -> bytes:
        """There are no files here."""
        raise NotFound(f"there is no file {file.name}", code="no-file")

    def file(self, repository: ForgeRepository, path: str, *, limit: int) -> bytes | None:
        """There are no files here."""
        return None
