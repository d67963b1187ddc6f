"""GitHub by its REST API: one repository, with the rights of one token.

Requests are those of its published description, which the tests hold them against. The repository's name
is asked for once: it may have been renamed, and what writes follows no redirect.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlsplit

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids, Unreachable
from registry_tool.core.forge import (
    ForgeAccount,
    ForgeRelease,
    ForgeRepository,
    PullRequest,
    PullReview,
    ReleaseFile,
    Reported,
)
from registry_tool.core.ports import Clock, Exchange
from registry_tool.core.review import Verdict
from registry_tool.forges import github_answers as answers
from registry_tool.forges.asking import PAGE, Api
from registry_tool.forges.finding import Place

MOST: Final = 1000  # pull requests, reviews, comments
TEXT_CHARACTERS: Final = 65_536  # of a comment or a pull request's text
SUMMARY_BYTES: Final = 65_535  # of a check run
FORK_TRIES: Final = 20
FORK_SECONDS: Final = 2.0  # between two looks at a fork that is being made
HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

_CONCLUSIONS: Final[Mapping[Verdict, str]] = {
    "pass": "success",
    "review": "neutral",  # it holds what it must; that a person looks is the queue's business, not this check's
    "fail": "failure",
    "undecided": "action_required",
}


class GitHubForge:
    """The repository of GitHub at `place`, as a `Forge`.

    `branch` is the branch that submissions are taken into; pull requests to another one are not seen.
    `pause` waits for that many seconds while a fork is being made.
    """

    def __init__(
        self,
        exchange: Exchange,
        place: Place,
        *,
        branch: str,
        now: Clock,
        pause: Callable[[float], None],
    ) -> None:
        self._api = Api(exchange, base=place.api, headers=HEADERS, token=place.token, now=now)
        self._server = place.server
        self._given = place.name
        self._branch = branch
        self._token = place.token
        self._pause = pause

    # -------------------------------------------------------------------------------- where

    @property
    def name(self) -> str:
        """The host's name."""
        return urlsplit(self._server).hostname or ""

    @property
    def where(self) -> str:
        """The repository's address."""
        return f"{self._server}/{self._given}"

    @cached_property
    def _here(self) -> answers.Repository:
        return self._api.get(answers.Repository, "repos", *self._given.split("/"))

    @cached_property
    def _path(self) -> tuple[str, ...]:
        """The beginning of every path."""
        return ("repos", *self._here.full_name.split("/"))

    def _pull(self, answer: answers.Pull) -> PullRequest:
        return answer.pull_request(f"{self._server}/{self._here.full_name}")

    # ------------------------------------------------------------------------ pull requests

    def pull_requests(self) -> Sequence[PullRequest]:
        """Those that wait, oldest first, at most 1,000."""
        asked = {"state": "open", "base": self._branch, "sort": "created", "direction": "asc"}
        return tuple(self._pull(one) for one in self._api.pages(answers.Pull, *self._path, "pulls", most=MOST, **asked))

    def pull_request(self, number: int) -> PullRequest:
        """One of them; `NotFound` also for one that asks another branch."""
        found = self._api.get(answers.Pull, *self._path, "pulls", number)
        if found.base.ref != self._branch:
            message = f"pull request {number} asks to be taken into another branch than {self._branch}"
            raise NotFound(message, where=self.where, code="other-branch")
        return self._pull(found)

    def pull_requests_of(self, commit: str) -> Sequence[PullRequest]:
        """Those whose head is `commit`, open or not; of forks too."""
        try:
            rows = tuple(self._api.pages(answers.Pull, *self._path, "commits", commit, "pulls", most=PAGE))
        except (NotFound, StateForbids):  # it knows no such commit
            rows = ()
        found = [self._pull(one) for one in rows if one.head.sha == commit and one.base.ref == self._branch]
        # The forge does not always connect a fork's commit with its pull request.
        return tuple(found or [one for one in self.pull_requests() if one.head == commit])

    def reviews(self, number: int) -> Sequence[PullReview]:
        """Every review, oldest first; `StateForbids` (`too-many`) where some would be left out."""
        rows = tuple(self._api.pages(answers.Review, *self._path, "pulls", number, "reviews", most=MOST))
        if len(rows) == MOST:
            # A later one may take back an earlier one: half of them is worth nothing.
            message = f"pull request {number} has {MOST} reviews or more"
            raise StateForbids(message, where=self.where, code="too-many", hint="open a new one")
        return tuple(one for one in (row.review() for row in rows) if one is not None)

    def close(self, number: int) -> None:
        """Closes a pull request."""
        self._api.tell("PATCH", *self._path, "pulls", number, value={"state": "closed"})

    # ------------------------------------------------------------------------ what we write

    def comment(self, number: int, text: str, *, mark: str) -> None:
        """Writes or updates the one comment of ours that begins with `mark`, which is an HTML comment.

        Somebody else's with that mark is theirs. A job's token cannot ask whose it is; then bots count.
        """
        body = f"{mark}\n{text}"
        if len(body) > TEXT_CHARACTERS:
            raise InvalidInput(f"a comment has at most {TEXT_CHARACTERS} characters", code="too-large")
        rows = self._api.pages(answers.Comment, *self._path, "issues", number, "comments", most=MOST)
        mine = next((row for row in rows if row.body.startswith(mark) and self._is_ours(row.user)), None)
        if mine is None:
            self._api.tell("POST", *self._path, "issues", number, "comments", value={"body": body})
        elif _lines(mine.body) != _lines(body):
            self._api.tell("PATCH", *self._path, "issues", "comments", mine.id, value={"body": body})

    def _is_ours(self, user: answers.User | None) -> bool:
        me = self.me()
        if user is None:
            return False
        return user.account().kind == "bot" if me is None else user.id == me.number

    def labels(self, number: int, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Sets and takes off labels; those that are as they should be are left alone."""
        at: tuple[str | int, ...] = (*self._path, "issues", number, "labels")
        there = {row.name for row in self._api.pages(answers.Label, *at, most=PAGE)}
        new = [name for name in add if name not in there]
        if new:
            self._api.tell("POST", *at, value={"labels": new})
        for name in remove:
            if name in there:
                self._api.tell("DELETE", *at, name)

    def check(self, head: str, name: str, reported: Reported) -> None:
        """Sets the check `name` of a commit; of several the newest counts. Only an app's token may."""
        value = {
            "name": name,
            "head_sha": head,
            "status": "completed",
            "conclusion": _CONCLUSIONS[reported.verdict],
            "output": {"title": reported.title, "summary": _bounded(reported.text)},
        }
        self._api.tell("POST", *self._path, "check-runs", value=value)

    # ---------------------------------------------------------------------------- submitting

    @cached_property
    def _me(self) -> ForgeAccount | None:
        if self._token is None:
            return None
        try:
            return self._api.get(answers.User, "user").account()
        except StateForbids as error:
            if error.code != "no-right":
                raise
            return None

    def me(self) -> ForgeAccount | None:
        """Whose token it is; `None` for a job's token, and for none."""
        return self._me

    def fork(self) -> ForgeRepository:
        """The repository itself where the token may push there; else the token's own fork, up to date.

        A job's token has no account that could own a fork, and is not told that it may push: git will say it.
        """
        if self._here.archived:
            raise StateForbids("the repository is archived: it takes nothing in", where=self.where, code="archived")
        if self._here.permissions.push or (self._token is not None and self.me() is None):
            return self._here.repository(self._server)
        value = {"default_branch_only": True}
        made = self._api.send(answers.Repository, "POST", *self._path, "forks", value=value)
        if made.id == self._here.id:
            raise InvalidInput("the forge calls the repository its own fork", where=self.where, code="bad-answer")
        fork = made.repository(self._server)
        there, newest = self._awaited(fork), self._tip(self._here.full_name)
        if there != newest:
            self._follow(fork)
        return fork

    def _awaited(self, fork: ForgeRepository) -> str:
        """The newest commit of a fork, which takes a while to be made."""
        for _ in range(FORK_TRIES):
            try:
                return self._tip(fork.name)
            except (NotFound, StateForbids):
                self._pause(FORK_SECONDS)
        message = f"the fork {fork.name} is still being made"
        raise Unreachable(message, where=self.where, code="fork-not-ready", hint="run this again in a minute")

    def _tip(self, name: str) -> str:
        return self._api.get(answers.Ref, "repos", *name.split("/"), "git", "ref", f"heads/{self._branch}").object.sha

    def _follow(self, fork: ForgeRepository) -> None:
        """Brings the fork's branch to where the repository's is, so that little has to be sent."""
        try:
            self._api.tell("POST", "repos", *fork.name.split("/"), "merge-upstream", value={"branch": self._branch})
        except StateForbids as error:
            if error.code != "refused":
                raise
            message = f"the branch {self._branch} of {fork.name} has commits of its own"
            hint = f"make it equal to {self._given} again ({self._server}/{fork.name}), or delete the fork"
            raise StateForbids(message, where=fork.git, code="fork-differs", hint=hint) from error

    def open_pull_request(self, *, repository: ForgeRepository, branch: str, title: str, text: str) -> PullRequest:
        """Asks for `branch` of `repository` to be taken in; the one that is open already, where there is one."""
        head = f"{repository.owner.name}:{branch}"
        asked = {"state": "open", "base": self._branch, "head": head}
        for one in self._api.pages(answers.Pull, *self._path, "pulls", most=PAGE, **asked):
            if one.head.ref == branch and one.head.repo is not None and one.head.repo.id == repository.number:
                return self._pull(one)
        value = {"title": title, "body": text, "head": head, "base": self._branch, "maintainer_can_modify": False}
        return self._pull(self._api.send(answers.Pull, "POST", *self._path, "pulls", value=value))

    def links(self, branch: str) -> tuple[str, str]:
        """Where a person makes a fork, and where they open the pull request for `branch`, as `owner:branch`."""
        compare = f"{self.where}/compare/{quote(self._branch)}...{quote(branch, safe='/:')}?expand=1"
        return f"{self.where}/fork", compare

    # -------------------------------------------------------------------- other repositories

    def repository(self, name: str | int) -> ForgeRepository:
        """Any repository, by `owner/name` or by number."""
        if isinstance(name, int):
            # Not in the published description, yet where the redirect of a renamed repository leads.
            return self._api.get(answers.Repository, "repositories", name).repository(self._server)
        owner, _, rest = name.partition("/")
        if not owner or not rest or "/" in rest:
            raise InvalidInput(f"a repository is written as owner/name, this is {name!r}", code="bad-repository")
        return self._api.get(answers.Repository, "repos", owner, rest).repository(self._server)

    def account(self, name: str) -> ForgeAccount:
        """Any account, by its name of today."""
        return self._api.get(answers.User, "users", name).account()

    def release(self, repository: ForgeRepository, tag: str) -> ForgeRelease:
        """A release that was published."""
        at = ("repos", *repository.name.split("/"), "releases", "tags", tag)
        return self._api.get(answers.Release, *at).release(repository)

    def releases(self, repository: ForgeRepository) -> Sequence[ForgeRelease]:
        """The newest, drafts left out, at most 100."""
        at = ("repos", *repository.name.split("/"), "releases")
        rows = self._api.pages(answers.Release, *at, most=PAGE)
        return tuple(one.release(repository) for one in rows if not one.draft)

    def fetch(self, repository: ForgeRepository, file: ReleaseFile, *, limit: int) -> bytes:
        """The bytes of a file; where they lie elsewhere, the token stays here."""
        at: tuple[str | int, ...] = ("repos", *repository.name.split("/"), "releases", "assets", file.number)
        return self._api.bytes_at(*at, accept="application/octet-stream", limit=limit)

    def file(self, repository: ForgeRepository, path: str, *, limit: int) -> bytes | None:
        """A file of the default branch, at most a megabyte; `None` where there is none."""
        at = ("repos", *repository.name.split("/"), "contents", path)
        try:
            found = self._api.get(answers.Content, *at)
        except NotFound:
            return None
        where = self._api.address(*at)
        if found.size > limit or found.encoding == "none":
            message = f"it may have at most {limit} bytes, it has {found.size}"
            raise InvalidInput(message, where=where, code="too-large")
        try:
            data = base64.b64decode("".join(found.content.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput("its content is no base64", where=where, code="bad-answer") from error
        if len(data) > limit:
            raise InvalidInput(f"it may have at most {limit} bytes, more came", where=where, code="too-large")
        return data


def _lines(text: str) -> list[str]:
    """A text without what a forge changes in it: ends of lines, and space at the end."""
    return text.rstrip().splitlines()


def _bounded(text: str) -> str:
    """`text` cut to what a check takes, at the end of a line: a code span that is cut open lets out what it holds."""
    if len(text.encode("utf-8", "replace")) <= SUMMARY_BYTES:
        return text
    note = "\n\nand more, for which there is no room here\n"
    room = SUMMARY_BYTES - len(note)
    kept = text.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return kept.rpartition("\n")[0] + note
