"""`registry dist`: the branch that agents' own tools install from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.operator import repository_of
from registry_tool.cli.show import Talk, dry_run_option, json_option, registry_option, result, world
from registry_tool.core.distributed import BRANCH
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.wiring import BRANCH as MAIN
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.dist import Distribution
    from registry_tool.stores.git import GitHistory
    from registry_tool.stores.remote import Remote

THERE = "the registry's address"
"""What `--push` without an address stands for."""


@click.command(epilog="Example: registry dist --registry reg")
@registry_option
@click.option("--branch", default=BRANCH, show_default=True, metavar="NAME", help="The branch that is replaced.")
@click.option(
    "--push",
    is_flag=False,
    flag_value=THERE,
    metavar="[ADDRESS]",
    help="Replace it there instead of here; without an address, where index/registry.yaml says that git is.",
)
@json_option
@dry_run_option
@click.pass_context
def dist(ctx: click.Context, where: str | None, branch: str, push: str | None, as_json: bool, dry_run: bool) -> None:
    """Lay out the newest releases for tools that install from repositories.

    Skills and servers, verified as a build verifies them, and the lists that agents read, as one commit
    without a past on a branch of its own. The same registry gives the same commit. A branch that holds
    anything else is left alone.
    """
    from registry_tool.cli.building import build_of
    from registry_tool.feeds.dist import dist_feeds
    from registry_tool.services.dist import distribution_of

    here = world(ctx)
    if branch == MAIN or branch.startswith(("submit/", "registry/")):
        message = f"the branch {branch} is the registry's own"
        raise WrongUsage(message, code="bad-branch", hint="name another: --branch dist")
    repository = repository_of(here, where)
    build = build_of(here, repository, feeds=dist_feeds())
    distribution = distribution_of(build)
    address = build.about.table.git if push == THERE else push
    value = _put(here, repository, distribution, branch, address, dry_run=dry_run)
    if build.left_out:
        Talk(quiet=as_json).say(f"{len(build.left_out)} that lie there without an admission were left out")
    kinds = [row.kind for row in distribution.table.releases]
    value |= {
        "registry": distribution.registry,
        "branch": branch,
        "skills": kinds.count("skill"),
        "plugins": kinds.count("plugin"),
        "files": len(distribution.files),
        "dry_run": dry_run,
    }
    result({"dist": value}, as_json=as_json, text=lambda: _words(value))


def _put(
    here: World, repository: Path, distribution: "Distribution", branch: str, address: str | None, *, dry_run: bool
) -> dict[str, Any]:  # Any: JSON
    """Moves the branch from where it is to the new commit, where it is not there already."""
    from registry_tool.services.dist import commit_of, demand_ours
    from registry_tool.stores.git import GitHistory

    remote, history = None, here.history(repository)
    before = history.resolve(f"refs/heads/{branch}")
    if address is not None:
        remote = _remote(here, address)
        history, before = _there(remote, branch)
    demand_ours(history, before, branch=branch, registry=distribution.registry)
    commit = commit_of(distribution, GitHistory.memory() if dry_run else history)
    changed = commit != before
    if changed and not dry_run:
        if remote is None:
            history.move(branch, old=before, new=commit)
        else:
            remote.push(commit, branch, old=before)
    where = remote.where if remote is not None else str(repository)
    return {"where": where, "commit": commit, "before": before or "", "changed": changed, "pushed": remote is not None}


def _remote(here: World, address: str) -> "Remote":
    if not address:
        raise WrongUsage(
            "index/registry.yaml names no git address to push to",
            code="no-git-address",
            hint="write it there after git:, or give it here: --push=ADDRESS",
        )
    return here.remote(address)


def _there(remote: "Remote", branch: str) -> "tuple[GitHistory, str | None]":
    """The repository over there, and where the branch is in it; `None` where there is no such branch."""
    try:
        return remote.fetch_branch(branch)
    except NotFound as error:
        if error.code != "no-branch":
            raise
        return remote.fetch_tip(MAIN)[0], None


def _words(value: dict[str, Any]) -> str:  # Any: JSON
    held = f"{_count(value['skills'], 'skill')} and {_count(value['plugins'], 'server')} in {value['files']} files"
    place = f"the branch {value['branch']} of {value['where']}"
    if not value["changed"]:
        return f"Nothing changed: {place} has {held} already."
    verb = "Would put" if value["dry_run"] else "Put"
    return f"{verb} {held} on {place}, as {value['commit'][:12]}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
