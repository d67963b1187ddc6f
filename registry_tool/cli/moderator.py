"""The moderator's verbs: the queue."""

from pathlib import Path
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.reports import FORMATS, render
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.services import moderator as service
from registry_tool.services.moderator import Bench
from registry_tool.wiring import World, is_git_address, is_site

REASONS = ("broken", "incomplete", "licence", "malicious", "misleading-name", "permissions", "quality", "spam", "other")
"""Why a submission is rejected, in one word that scripts can count."""


def bench_of(world: World, where: str | None) -> Bench:
    """What the moderator's services need, on a repository of this machine."""
    from registry_tool.checks import all_checks

    choice = choose_registry(world, Options(where=where), "publish")
    known = {str(one["name"]): str(one["where"]) for one in world.state.registries()}
    place = known.get(choice.where, choice.where)
    if is_site(place) or is_git_address(place):
        raise WrongUsage(
            f"{place} is not a repository on this machine",
            code="not-local",
            hint="clone it, decide there, and push: git clone ADDRESS reg",
        )
    history = world.history(Path(world.path(place)))
    return Bench(
        history=history, kinds=world.kinds, checks=all_checks(), means=world.means, keys=world.keys, now=world.now
    )


@click.group(invoke_without_command=True)
@show.registry_option
@show.json_option
@click.pass_context
def queue(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """List, show, approve and reject submissions.

    Example: registry queue list --registry reg
    """
    if ctx.invoked_subcommand is None:
        _list(ctx, where, as_json)


@queue.command("list", epilog="Example: registry queue list --registry reg --json")
@show.registry_option
@show.json_option
@click.pass_context
def list_(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """Every submission that waits, oldest first."""
    _list(ctx, where, as_json)


def _list(ctx: click.Context, where: str | None, as_json: bool) -> None:
    bench = bench_of(show.world(ctx), _where(ctx, where))
    rows = [one.value() for one in service.queue(bench)]
    show.result(rows, as_json=as_json, text=lambda: "\n".join(map(_row, rows)) or "Nothing waits.")


def _where(ctx: click.Context, where: str | None) -> str | None:
    """`--registry` of the verb, else of the group before it."""
    parent = ctx.parent.params.get("where") if ctx.parent else None
    return where or parent


def _row(row: dict[str, Any]) -> str:
    what = ", ".join(f"{one['artifact']}@{one['version']}" for one in row["releases"]) or "; ".join(row["statements"])
    return f"{row['id'][:12]}  {row['verdict']:<9} {row['submitted']}  {row['author']}: {what}"


@queue.command("next", epilog="Example: registry queue next --registry reg")
@show.registry_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@click.pass_context
def next_(ctx: click.Context, where: str | None, form: str) -> None:
    """Show the submission that has waited longest."""
    bench = bench_of(show.world(ctx), _where(ctx, where))
    rows = service.queue(bench)
    if not rows:
        raise NotFound("nothing waits", code="no-submission", hint="authors submit with: registry publish DIR")
    click.echo(render(rows[0].report, form))


@queue.command("show", epilog="Example: registry queue show 1a2b3c --registry reg")
@click.argument("name", metavar="ID")
@show.registry_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@show.json_option
@click.pass_context
def show_(ctx: click.Context, name: str, where: str | None, form: str, as_json: bool) -> None:
    """What a submission brings, who signs, what it may newly do, and what the checks say."""
    bench = bench_of(show.world(ctx), _where(ctx, where))
    click.echo(render(service.find(bench, name).report, "json" if as_json else form))


@queue.command("approve", epilog='Example: registry queue approve 1a2b3c --registry reg --note "read it"')
@click.argument("name", metavar="ID")
@click.option("--note", default="", help="What you looked at; it is signed and public.")
@show.registry_option
@show.yes_option
@show.json_option
@click.pass_context
def approve(ctx: click.Context, name: str, note: str, where: str | None, yes: bool, as_json: bool) -> None:
    """Admit a submission: sign it in, and land it on the registry's newest state."""
    bench = bench_of(show.world(ctx), _where(ctx, where))
    value = service.approve(bench, name, note=note)
    titles = ", ".join(f"{one['artifact']}@{one['version']}" for one in value["releases"]) or "the statements"
    text = (
        f"Admitted {titles}, signed by {value['by']}.\nPublish it with: registry build --registry {bench.history.where}"
        if value["state"] == "published"
        else f"Approved {titles} as {value['by']}; it waits for another moderator."
    )
    signed = "".join(f"\nCountersigned: {words}" for words in value["countersigned"])
    show.result(value, as_json=as_json, text=lambda: text + signed)


@queue.command("reject", epilog='Example: registry queue reject 1a2b3c --reason incomplete --note "no licence text"')
@click.argument("name", metavar="ID")
@click.option("--reason", type=click.Choice(REASONS), default="other", help="One word that scripts can count.")
@click.option("--note", required=True, help="What the author should do; they will read it.")
@show.registry_option
@show.yes_option
@show.json_option
@click.pass_context
def reject(ctx: click.Context, name: str, reason: str, note: str, where: str | None, yes: bool, as_json: bool) -> None:
    """Refuse a submission, with words that its author will find; they can submit again."""
    bench = bench_of(show.world(ctx), _where(ctx, where))
    value = service.reject(bench, name, reason=reason, note=note)
    text = f"Rejected {value['submission'][:12]} ({reason}): {note}\nThe author reads this with `registry status`."
    show.result(value, as_json=as_json, text=lambda: text)
