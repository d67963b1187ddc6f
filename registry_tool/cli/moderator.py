"""The moderator's verbs: the queue."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_of, is_clone, landed_words, send_words
from registry_tool.cli.reports import FORMATS, render
from registry_tool.core.errors import NotFound
from registry_tool.services import moderator as service
from registry_tool.services.rehearsing import rehearsal

REASONS = ("broken", "incomplete", "licence", "malicious", "misleading-name", "permissions", "quality", "spam", "other")
"""Why a submission is rejected, in one word that scripts can count."""


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
    empty = "Nothing waits."
    if is_clone(bench.history):
        empty = "Nothing waits in this clone. What waits where it is from: registry queue list --registry ADDRESS"
    show.result(rows, as_json=as_json, text=lambda: "\n".join(map(_row, rows)) or empty)


def _where(ctx: click.Context, where: str | None) -> str | None:
    """`--registry` of the verb, else of the group before it."""
    parent = ctx.parent.params.get("where") if ctx.parent else None
    return where or parent


def _row(row: dict[str, Any]) -> str:
    what = ", ".join(f"{one['artifact']}@{one['version']}" for one in row["releases"]) or "; ".join(row["statements"])
    waits = f"\n    {row['waits']}" if row["waits"] else ""
    who = f"{row['author']}: " if row["author"] else ""  # what is said of a version names no author
    return f"{row['id'][:12]}  {row['verdict']:<9} {row['submitted']}  {who}{what}{waits}"


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
@show.dry_run_option
@show.json_option
@click.pass_context
def approve(
    ctx: click.Context, name: str, note: str, where: str | None, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Admit a submission: sign it in, and land it on the registry's newest state."""
    bench = bench_of(show.world(ctx), _where(ctx, where))
    value = _decided(service.approve(rehearsal(bench) if dry_run else bench, name, note=note), dry_run)
    titles = ", ".join(f"{one['artifact']}@{one['version']}" for one in value["releases"]) or "the statements"
    text = {
        "published": f"Admitted {titles}, signed by {value['by']}.\n{landed_words(bench.history)}",
        "approved": f"Approved {titles} as {value['by']}; it waits for another moderator.\n"
        f"{send_words(bench.history)}".rstrip(),
        "noticed": f"Made the recovery public. Let the notice be seen now.\n{landed_words(bench.history)}\n"
        f"Ask its owner by another way. Approve it again from {value.get('until')}, if no control key objects.",
    }[value["state"]]
    signed = "".join(f"\nCountersigned: {words}" for words in value["countersigned"])
    if dry_run:
        does = {"published": "admit", "approved": "approve", "noticed": "make public the recovery in"}[value["state"]]
        text = f"Would {does} {titles} as {value['by']}; every check of a landing passed, and nothing was written."
    show.result(value, as_json=as_json, text=lambda: text + signed)


def _decided(value: dict[str, Any], dry_run: bool) -> dict[str, Any]:
    """The result; a dry run made no commit."""
    return {**value, "dry_run": dry_run, **({"commit": ""} if dry_run else {})}


@queue.command("reject", epilog='Example: registry queue reject 1a2b3c --reason incomplete --note "no licence text"')
@click.argument("name", metavar="ID")
@click.option("--reason", type=click.Choice(REASONS), default="other", help="One word that scripts can count.")
@click.option("--note", required=True, help="What the author should do; they will read it.")
@show.registry_option
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def reject(
    ctx: click.Context, name: str, reason: str, note: str, where: str | None, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Refuse a submission, with words that its author will find; they can submit again."""
    bench = bench_of(show.world(ctx), _where(ctx, where))
    value = _decided(service.reject(rehearsal(bench) if dry_run else bench, name, reason=reason, note=note), dry_run)
    would = f"Would reject {value['submission'][:12]} ({reason}): {note}\nNothing was written."
    lines = [f"Rejected {value['submission'][:12]} ({reason}): {note}"]
    lines += ["The author reads this with `registry status`.", send_words(bench.history)]
    show.result(value, as_json=as_json, text=lambda: would if dry_run else "\n".join(filter(None, lines)))
