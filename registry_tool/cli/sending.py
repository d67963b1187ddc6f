"""Sending a signed statement to a registry: as a submission, or on its way to whoever signs next."""

from collections.abc import Mapping
from typing import Any

from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.core.digest import sha256
from registry_tool.core.errors import StateForbids, WrongUsage
from registry_tool.core.published import registry_of
from registry_tool.core.submission import submission_id
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


def submit_statement(world: World, access: Access, files: Mapping[str, bytes], *, by: str, words: str) -> str:
    """Submits a statement and remembers it for `registry status`; the branch that it waits on."""
    identity, at = submission_id(files), world.now()
    branch = f"submit/{identity[:12]}"
    commit = push(access, files, branch=branch, by=by, words=words, at=at)
    documents = {path: sha256(data) for path, data in files.items() if path.endswith(".json")}
    noted: dict[str, Any] = {
        "id": identity,
        "registry": registry_of(access.history.tree(access.tip)),
        "where": access.where,
        "branch": branch,
        "commit": commit,
        "author": by,
        "releases": [],
        "statements": documents,
        "at": from_seconds(at),
    }
    world.state.note_submission(noted)
    return branch


def push(access: Access, files: Mapping[str, bytes], *, branch: str, by: str, words: str, at: int) -> str:
    """Puts files on a new branch; the commit. `StateForbids` where something waits there already."""
    commit = access.history.commit(files, onto=access.tip, message=words[:72] + "\n", author=signature_of(by), at=at)
    try:
        access.push(commit, branch)
    except StateForbids as error:
        if error.code != "moved":
            raise
        raise StateForbids(
            f"something waits already as {branch}", code="already-submitted", hint="`registry status` shows yours"
        ) from error
    return commit
