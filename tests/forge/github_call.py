"""A request to the small GitHub's API, and how it is answered other than with success."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.forge.github_things import Account, Pull, Repository, Things

if TYPE_CHECKING:
    from tests.forge.github_fake import GitHub


class Said(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str = "", **more: Any) -> None:  # Any: JSON
        super().__init__(message)
        self.status = status
        self.value = {"message": message, "documentation_url": "https://docs.github.com/rest", **more}
        self.headers: dict[str, str] = {}


@dataclass
class Call:
    """A request, and who makes it."""

    github: "GitHub"
    account: Account | None
    job: bool
    query: Mapping[str, str]
    said: Any  # JSON
    headers: Mapping[str, str]

    @property
    def things(self) -> Things:
        return self.github.things

    def repository(self, owner: str, name: str) -> Repository:
        found = self.github.things.find(f"{owner}/{name}")
        if found is None:
            raise Said(404, "Not Found")
        return found

    def pull(self, repository: Repository, number: str) -> Pull:
        for one in self.github.things.pulls:
            if one.repository is repository and str(one.number) == number:
                return one
        raise Said(404, "Not Found")

    def signed_in(self) -> Account:
        if self.account is None:
            raise Said(401, "Requires authentication")
        return self.account

    def may_write(self, repository: Repository) -> None:
        self.signed_in()
        if not self.github.may_push(repository, self.account, job=self.job):
            raise Said(403, "Resource not accessible by integration" if self.job else "Must have push access")

    def page(self, rows: list[Any]) -> list[Any]:  # Any: JSON
        size, number = int(self.query.get("per_page", "30")), int(self.query.get("page", "1"))
        return rows[(number - 1) * size : number * size]
