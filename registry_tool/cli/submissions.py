"""What became of an author's submissions: status, withdraw."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_at
from registry_tool.cli.forging import forge_of, number_of, pull_of, take_back, was_sent
from registry_tool.core.errors import NotFound, NotTrusted, StateForbids
from registry_tool.core.forge import PullRequest
from registry_tool.services.bench import Bench, Waiting
from registry_tool.services.queueing import read_waiting, seen_so_far
from registry_tool.services.submissions import state_of, title_of
from registry_tool.wiring import World, open_repository

_TEXTS = ("id", "registry", "where", "branch", "commit", "author")


def noted(world: World) -> tuple[Mapping[str, Any], ...]:  # Any: JSON
    """The submissions made from here; `NotTrusted` (`state-damaged`) where the file does not say what it should."""
    rows = world.state.submissions()
    for row in rows:
        if not all(isinstance(row.get(key), str) for key in _TEXTS) or not isinstance(row.get("releases"), list):
            raise NotTrusted(
                f"what was remembered is damaged: a submission has other members than {', '.join(_TEXTS)}, releases",
                where=str(world.folder("trust") / "submissions.json"),
                code="state-damaged",
                hint="bring it back from a backup; the submissions themselves are in the registry, whatever it says",
            )
    return rows


@click.command(epilog="Example: registry status")
@show.registry_option
@show.json_option
@click.pass_context
def status(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """Show what became of your submissions.

    pending (for whom it waits, and until when), flagged, published, rejected and why, resubmitted, withdrawn, or
    merged by hand without an approval.
    """
    world = show.world(ctx)
    rows: list[dict[str, Any]] = []
    opened: dict[str, _Place] = {}
    every = noted(world)
    for one in every:
        place = str(one["where"])
        if where is not None and place != _place(world, where):
            continue
        if place not in opened:
            opened[place] = _Place(world, place)
        rows.append({**one, **opened[place].state(one, [row for row in every if row["where"] == place])})
    show.result(rows, as_json=as_json, text=lambda: "\n".join(map(_row, rows)) or "You submitted nothing yet.")


class _Place:
    """A registry that submissions went to, as it is now."""

    def __init__(self, world: World, where: str) -> None:
        self._world = world
        self._access = open_repository(world, where)
        self._tip = self._access.history.tree(self._access.tip)
        self._branches = self._access.branches("submit/")
        forge = world.forge(self._access.where) if self._access.remote is not None else None
        self._pulls = {pull.head: pull for pull in forge.pull_requests()} if forge is not None else {}
        self._forge = forge

    def state(self, one: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # Any: JSON
        """What became of one submission."""
        pull = self._pull(one)
        waits = pull is not None or one["branch"] in self._branches
        waiting = self._read(one, pull) if waits else None
        means = self._world.means
        state = state_of(one, self._tip, self._branches, means=means, waiting=waiting, others=others)
        if state["state"] == "withdrawn" and self._forge is not None and not was_sent(self._forge, one):
            return {"state": "prepared", "waits": "not sent yet; `registry publish` says how"}
        return {**state, **({"pull_request": pull.url} if pull else {})}

    def _pull(self, one: Mapping[str, Any]) -> PullRequest | None:  # Any: JSON
        """Its open pull request: the one that was noted, else the one that asks for its commit."""
        number = number_of(one)
        rows = (pull for pull in self._pulls.values() if number in (None, pull.number))
        return next((pull for pull in rows if number or pull.head == one["commit"]), None)

    def _read(self, one: Mapping[str, Any], pull: PullRequest | None) -> Waiting:  # Any: JSON
        head = pull.head if pull else self._branches.get(str(one["branch"]), str(one["commit"]))
        return read_waiting(
            self._bench, str(one["branch"]), head, self._access.tip, self._tip, pull=pull, seen=self._seen
        )

    @cached_property
    def _bench(self) -> Bench:
        return replace(bench_at(self._world, self._access), forge=self._forge)

    @cached_property
    def _seen(self) -> Mapping[str, int]:
        return seen_so_far(self._bench, self._tip)


def _place(world: World, where: str) -> str:
    """The address that a submission noted, for what the person wrote."""
    return open_repository(world, where).where


def _row(row: Mapping[str, Any]) -> str:
    line = f"{row['id'][:12]}  {row['state']:<10} {title_of(row)}"
    if row.get("pull_request"):
        line += f"\n    {row['pull_request']}"
    if row.get("since"):
        line += f"\n    since {row['since']}"
    if row.get("waits"):
        line += f"\n    {row['waits']}"
    if row["state"] == "rejected":
        line += f"\n    {row['reason']}: {row['note']}\n    mend it and publish again, the same version is fine"
    if row["state"] == "resubmitted":
        line += f"\n    it was rejected ({row['reason']}: {row['note']}), and came again as {row['as'][:12]}"
    if row["state"] == "merged":
        line += (
            "\n    merged without an approval, so nobody gets it; a moderator can still admit it: registry queue list"
        )
    return line


@click.command(epilog="Example: registry withdraw 1a2b3c")
@click.argument("name", metavar="ID")
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def withdraw(ctx: click.Context, name: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Take back a submission that is not decided yet."""
    world = show.world(ctx)
    found = [one for one in noted(world) if str(one["id"]).startswith(name)] if name else []
    if len(found) != 1:
        raise NotFound(
            f"none of your submissions begins with {name!r}", code="no-submission", hint="`registry status` lists them"
        )
    one = found[0]
    access = open_repository(world, str(one["where"]))
    branch, commit = str(one["branch"]), str(one["commit"])
    forge = forge_of(world, access) if isinstance(one.get("forge"), dict) else None
    pull = pull_of(forge, one) if forge else None
    waits = pull is not None and pull.opened if forge else access.branches(branch).get(branch) is not None
    if not waits:
        state = _Place(world, str(one["where"])).state(one, [one])["state"]
        hint = "a submission can be taken back only while it waits; what is published can be yanked"
        raise StateForbids(f"it waits no more: it is {state}", code="decided", hint=hint)
    if not dry_run:
        show.ask(world, f"Withdraw {one['id'][:12]} from {access.where}?", flag="--yes", yes=yes)
        if forge and pull:
            take_back(world, forge, one, pull)
        else:
            access.delete(branch, commit)
    value = {"submission": one["id"], "state": "withdrawn", "where": access.where, "dry_run": dry_run}
    said = "Would withdraw" if dry_run else "Withdrew"
    text = f"{said} {str(one['id'])[:12]} from {access.where}{'' if dry_run else '; nobody will see it any more'}."
    show.result(value, as_json=as_json, text=lambda: text)
