"""What became of an author's submissions: status, withdraw."""

from collections.abc import Mapping
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.core.errors import NotFound, NotTrusted, StateForbids
from registry_tool.services.submissions import state_of, title_of
from registry_tool.wiring import Access, World, open_repository

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
    """Show what became of your submissions: pending, published, rejected and why."""
    world = show.world(ctx)
    rows: list[dict[str, Any]] = []
    opened: dict[str, Access] = {}
    for one in noted(world):
        place = str(one["where"])
        if where is not None and place != _place(world, where):
            continue
        if place not in opened:
            opened[place] = open_repository(world, place)
        access = opened[place]
        state = state_of(one, access.history.tree(access.tip), access.branches("submit/"), means=world.means)
        rows.append({**one, **state})
    show.result(rows, as_json=as_json, text=lambda: "\n".join(map(_row, rows)) or "You submitted nothing yet.")


def _place(world: World, where: str) -> str:
    """The address that a submission noted, for what the person wrote."""
    return open_repository(world, where).where


def _row(row: Mapping[str, Any]) -> str:
    line = f"{row['id'][:12]}  {row['state']:<10} {title_of(row)}"
    if row.get("waits"):
        line += f"\n    {row['waits']}"
    if row["state"] == "rejected":
        line += f"\n    {row['reason']}: {row['note']}\n    mend it and publish again, the same version is fine"
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
    if access.branches(branch).get(branch) is None:
        state = state_of(one, access.history.tree(access.tip), {}, means=world.means)["state"]
        hint = "a submission can be taken back only while it waits; what is published can be yanked"
        raise StateForbids(f"it waits no more: it is {state}", code="decided", hint=hint)
    if not dry_run:
        show.ask(world, f"Withdraw {one['id'][:12]} from {access.where}?", flag="--yes", yes=yes)
        access.delete(branch, commit)
    value = {"submission": one["id"], "state": "withdrawn", "where": access.where, "dry_run": dry_run}
    said = "Would withdraw" if dry_run else "Withdrew"
    text = f"{said} {str(one['id'])[:12]} from {access.where}{'' if dry_run else '; nobody will see it any more'}."
    show.result(value, as_json=as_json, text=lambda: text)
