"""Sending a signed statement to a registry: as a submission, or on its way to whoever signs next."""

from collections.abc import Mapping
from typing import Any

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.forging import Sent, forge_of, send_by_pull_request
from registry_tool.core.digest import sha256
from registry_tool.core.errors import StateForbids, WrongUsage
from registry_tool.core.published import registry_of
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Tree
from registry_tool.services.author import signature_of
from registry_tool.wiring import Access, World, open_repository


def opened(world: World, where: str | None) -> tuple[Access, Tree]:
    """The repository that statements go to, and the files of its newest commit."""
    access = open_repository(world, choose_registry(world, Options(where=where), "publish").where)
    access.read_ahead()
    return access, access.history.tree(access.tip)


def acting(world: World, author: str) -> str:
    """Who acts: `--as`, else the only author with a control key on this machine."""
    if author:
        return author
    owners = sorted({str(one["owner"]) for one in world.keys.list() if one["use"] == "control"})
    if len(owners) != 1:
        raise WrongUsage("nothing says who you are", code="needs-author", hint="add --as AUTHOR")
    return owners[0]


def submit(
    world: World,
    access: Access,
    files: Mapping[str, bytes],
    *,
    id: str,  # noqa: A002  # the submission's, as everywhere
    branch: str,
    by: str,
    message: str,
    **more: Any,  # Any: JSON
) -> str:
    """Sends a submission and remembers it, with `more`, for `registry status`; the commit.

    `StateForbids` (`needs-token`) where only the person can send it: it is prepared, and the hint says how.
    """
    sent = send(world, access, files, id=id, branch=branch, by=by, message=message, **more)
    if sent.todo:
        raise StateForbids("it is prepared, and not sent", code="needs-token", where=access.where, hint=sent.todo)
    if sent.url:
        show.Talk(quiet=False).say(f"pull request: {sent.url}")
    return sent.commit


def send(
    world: World,
    access: Access,
    files: Mapping[str, bytes],
    *,
    id: str,  # noqa: A002  # the submission's, as everywhere
    branch: str,
    by: str,
    message: str,
    **more: Any,  # Any: JSON
) -> Sent:
    """Puts a submission on its branch, in a forge through a fork as a pull request; what became of it."""
    at = world.now()
    noted = {
        "id": id,
        "registry": registry_of(access.history.tree(access.tip)),
        "where": access.where,
        "branch": branch,
        "author": by,
        "releases": [],
        "at": from_seconds(at),
        **more,
    }
    forge = forge_of(world, access)
    if forge is not None:
        commit = access.history.commit(files, onto=access.tip, message=message, author=signature_of(by), at=at)
        return send_by_pull_request(world, access, forge, commit, noted)
    hint = f"`registry status` shows it; `registry withdraw {id[:12]}` takes it back"
    commit = push(access, files, branch=branch, by=by, message=message, at=at, hint=hint)
    world.state.note_submission({**noted, "commit": commit})
    return Sent(commit)


def documents_in(files: Mapping[str, bytes]) -> dict[str, str]:
    """Digest of each signed document, by path: by them `registry status` sees that it landed."""
    return {path: sha256(data) for path, data in files.items() if path.endswith(".json")}


def push(
    access: Access,
    files: Mapping[str, bytes],
    *,
    branch: str,
    by: str,
    message: str,
    at: int,
    hint: str = "`registry status` shows yours",
) -> str:
    """Puts files on a new branch; the commit. `StateForbids` where something waits there already."""
    commit = access.history.commit(files, onto=access.tip, message=message, author=signature_of(by), at=at)
    try:
        access.push(commit, branch)
    except StateForbids as error:
        if error.code != "moved":
            raise
        raise StateForbids(f"this waits already as {branch}", code="already-submitted", hint=hint) from error
    return commit
