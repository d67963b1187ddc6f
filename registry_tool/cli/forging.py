"""Submitting where a registry's repository is in a forge: through a fork, as a pull request.

With a token the fork is made, the branch is pushed and the pull request opened, each only where it is not
there yet. Without one nothing is sent: what the person does is told, with lines that can be pasted.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.core.forge import Forge, PullRequest
from registry_tool.core.reports.markdown import span
from registry_tool.core.reports.words import visible
from registry_tool.core.statements import Account
from registry_tool.services.submissions import title_of
from registry_tool.wiring import Access, World

TITLE_CHARACTERS: Final = 200  # GitHub takes 256


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a submission on its way."""

    commit: str
    url: str = ""
    """Its pull request; empty where there is none."""
    todo: str = ""
    """What the person does, where nothing could be sent."""

    def value(self) -> dict[str, str]:
        """For `--json`."""
        return {
            "state": "prepared" if self.todo else "pending",
            "commit": self.commit,
            **({"pull_request": self.url} if self.url else {}),
            **({"todo": self.todo} if self.todo else {}),
        }


def forge_of(world: World, access: Access) -> Forge | None:
    """The forge that submissions go through; `None` for a repository on this machine or a plain git address."""
    return None if access.remote is None else world.forge(access.where)


def own_account(world: World, access: Access) -> Account | None:
    """The account of the token in the environment, by its number; `None` without one, or for a job's."""
    from registry_tool.forges.finding import token_of

    forge = forge_of(world, access)
    found = forge.me() if forge is not None and token_of(world.env) is not None else None
    if forge is None or found is None or found.kind != "user":
        return None
    return Account(forge=forge.name, number=found.number, name=found.name)


def send_by_pull_request(
    world: World,
    access: Access,
    forge: Forge,
    commit: str,
    noted: Mapping[str, Any],  # Any: JSON
) -> Sent:
    """Sends a commit through the forge and notes the submission; a second time finds what the first one did."""
    from registry_tool.forges.finding import token_of

    before = noted_before(world, noted)
    told: dict[str, Any] = {"name": forge.name, "number": None, "url": "", "fork": ""}  # Any: JSON
    if token_of(world.env) is None:
        kept = str(before["commit"]) if before else commit
        world.state.note_submission({**noted, "commit": kept, "forge": told})
        return Sent(kept, todo=_by_hand(access, forge, kept, str(noted["branch"])))
    fork, branch = forge.fork(), str(noted["branch"])
    place = world.remote(fork.git, of=access.where)
    there = place.list_branches(branch).get(branch)
    if there is None or before is None or there != before["commit"]:
        place.push(commit, branch, old=there)
    else:
        commit = there
    told["fork"] = fork.git
    world.state.note_submission({**noted, "commit": commit, "forge": told})
    row = {**noted, "commit": commit}
    pull = forge.open_pull_request(repository=fork, branch=branch, title=_title(row), text=_text(row))
    told |= {"number": pull.number, "url": pull.url}
    world.state.note_submission({**row, "forge": told})
    return Sent(commit, url=pull.url)


def noted_before(world: World, noted: Mapping[str, Any]) -> Mapping[str, Any] | None:  # Any: JSON
    """The same submission, where it was noted already."""
    key = (noted["registry"], noted["id"])
    rows = (one for one in world.state.submissions() if (one.get("registry"), one.get("id")) == key)
    return next((one for one in rows if isinstance(one.get("commit"), str)), None)


def number_of(noted: Mapping[str, Any]) -> int | None:  # Any: JSON
    """The number of the pull request that was noted; `None` where none was opened from here."""
    told = noted.get("forge")
    number = told.get("number") if isinstance(told, dict) else None
    return number if isinstance(number, int) and number > 0 else None


def pull_of(forge: Forge, noted: Mapping[str, Any]) -> PullRequest | None:  # Any: JSON
    """The pull request of a noted submission; one that somebody opened by hand is found by its commit."""
    number = number_of(noted)
    try:
        if number is not None:
            return forge.pull_request(number)
        found = forge.pull_requests_of(str(noted["commit"]))
    except NotFound:
        return None
    return next((one for one in found if one.opened), found[0] if found else None)


def was_sent(forge: Forge, noted: Mapping[str, Any]) -> bool:  # Any: JSON
    """Whether there ever was a pull request for it, or it went another way than through a forge."""
    return not isinstance(noted.get("forge"), dict) or number_of(noted) is not None or pull_of(forge, noted) is not None


def take_back(world: World, forge: Forge, noted: Mapping[str, Any], pull: PullRequest) -> None:  # Any: JSON
    """Closes the pull request, and deletes its branch where we pushed it."""
    from registry_tool.forges.finding import token_of

    if token_of(world.env) is None:
        hint = f"close it at {pull.url}, or set GITHUB_TOKEN and run this again"
        message = f"there is no token for {forge.name} in the environment"
        raise StateForbids(message, code="needs-token", hint=hint)
    forge.close(pull.number)
    fork = dict(noted["forge"]).get("fork")
    if isinstance(fork, str) and fork:
        try:
            world.remote(fork, of=str(noted["where"])).delete_branch(str(noted["branch"]))
        except NotFound:
            return  # the fork is gone already


def _title(noted: Mapping[str, Any]) -> str:  # Any: JSON
    return visible(f"Submit {title_of(noted) or noted['id'][:12]}")[:TITLE_CHARACTERS]


def _text(noted: Mapping[str, Any]) -> str:  # Any: JSON
    """What the pull request says by itself; nothing in it is alive, and nothing in it counts."""
    return (
        f"Submission {span(str(noted['id']))} by {span(str(noted['author']))}: {span(title_of(noted))}.\n\n"
        "The report on it comes as a comment. What counts is in the commit and signed, not in this text.\n"
    )


def _by_hand(access: Access, forge: Forge, commit: str, branch: str) -> str:
    fork, opened = forge.links(f"YOU:{branch}")
    address = f"{forge.where.rpartition('/')[2]}.git"
    server = forge.where.rsplit("/", 2)[0]
    push = f"git -C {shlex.quote(access.history.where)} push"
    return (
        f"There is no token for {forge.name} in the environment, so nothing was sent. Set GITHUB_TOKEN and run this\n"
        "again, or send it yourself, with the name of your account for YOU:\n"
        f"  1. make a fork, or bring yours up to date: {fork}\n"
        f"  2. YOU=your-account\n"
        f'     {push} "{server}/$YOU/{address}" {commit}:refs/heads/{branch}\n'
        f"  3. open the pull request: {opened}"
    )
