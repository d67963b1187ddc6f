"""The moderator's verbs: the queue."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_of, is_clone, landed_words, send_words, sharing
from registry_tool.cli.exporting_queue import export
from registry_tool.cli.reports import FORMATS, render
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.core.reasons import SUBMISSION_REASONS
from registry_tool.services import moderator as service
from registry_tool.services.listing import rows as listed
from registry_tool.services.rehearsing import rehearsal

REASONS = tuple(SUBMISSION_REASONS["reject"])
"""Why a submission is rejected, flagged or objected to, in one word that scripts can count."""


@click.group(invoke_without_command=True)
@show.registry_option
@show.json_option
@click.pass_context
def queue(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """List, show, approve, reject and flag submissions.

    Example: registry queue list --registry reg
    """
    if ctx.invoked_subcommand is None:
        _list(ctx, where, as_json)


queue.add_command(export)


@queue.command("list", epilog="Example: registry queue list --registry reg --json")
@show.registry_option
@show.json_option
@click.pass_context
def list_(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """Every submission that waits, oldest first."""
    _list(ctx, where, as_json)


def _list(ctx: click.Context, where: str | None, as_json: bool) -> None:
    here = show.world(ctx)
    bench = bench_of(here, _where(ctx, where))
    rows = listed(bench, share=sharing(here, bench))
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
    if row["state"] == "merged":
        waits = f"\n    merged without an approval, not admitted: nobody gets it{waits}"
    who = f"{row['author']}: " if row["author"] else ""  # what is said of a version names no author
    return f"{row['id'][:12]}  {row['verdict']:<9} {row['submitted']}  {who}{what}{waits}"


@queue.command("next", epilog="Example: registry queue next --registry reg")
@show.registry_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@click.pass_context
def next_(ctx: click.Context, where: str | None, form: str) -> None:
    """Show the submission that has waited longest."""
    here = show.world(ctx)
    bench = bench_of(here, _where(ctx, where))
    rows = listed(bench, share=sharing(here, bench))
    if not rows:
        raise NotFound("nothing waits", code="no-submission", hint="authors submit with: registry publish DIR")
    click.echo(render(service.find(bench, rows[0]["id"]).report, form))


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
@click.option("--despite-flag", is_flag=True, help="Also where somebody flagged it: you saw that.")
@show.registry_option
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def approve(
    ctx: click.Context,
    name: str,
    note: str,
    despite_flag: bool,
    where: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Admit a submission: sign it in, and land it on the registry's newest state.

    ID is the beginning of its id, or @SCOPE/NAME@VERSION of what was merged by hand and never admitted. Where it
    takes more people or more time, your approval is kept, and it is admitted when that is over.
    """
    bench = bench_of(show.world(ctx), _where(ctx, where))
    done = service.approve(rehearsal(bench) if dry_run else bench, name, note=note, despite_flag=despite_flag)
    value = _decided(done, dry_run)
    titles = ", ".join(f"{one['artifact']}@{one['version']}" for one in value["releases"]) or "the statements"
    text = {
        "published": f"Admitted {titles}, signed by {value['by']}.\n{landed_words(bench.history)}",
        "approved": f"Approved {titles} as {value['by']}; it {value.get('waits', 'waits for another moderator')}.\n"
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


def _deciding(function: Any) -> Any:  # Any: click's decorators
    options = (
        show.json_option,
        show.dry_run_option,
        show.yes_option,
        show.registry_option,
        click.option("--note", required=True, help="Why, in words that its author reads."),
        click.option("--reason", type=click.Choice(REASONS), default="other", help="One word that scripts can count."),
        click.argument("name", metavar="ID"),
    )
    for option in options:
        function = option(function)
    return function


@queue.command("reject", epilog='Example: registry queue reject 1a2b3c --reason incomplete --note "no licence text"')
@_deciding
@click.pass_context
def reject(ctx: click.Context, /, **said: Any) -> None:
    """Refuse a submission, with words that its author will find; they can submit again."""
    _say(ctx, service.reject, "reject", **said)


@queue.command("flag", epilog='Example: registry queue flag 1a2b3c --reason malicious --note "who is this host?"')
@_deciding
@click.pass_context
def flag(ctx: click.Context, /, **said: Any) -> None:
    """Ask for another look: it goes through by nobody's own light, and whoever approves it says that they saw this."""
    _say(ctx, service.flag, "flag", **said)


@queue.command("object", epilog='Example: registry queue object 1a2b3c --note "the name belongs to somebody else"')
@_deciding
@click.pass_context
def object_(ctx: click.Context, /, **said: Any) -> None:
    """Object to a submission: nobody can admit it before it is rejected and submitted again."""
    _say(ctx, service.objection, "object to", **said)


def _say(
    ctx: click.Context,
    act: Any,  # Any: one of the service's functions
    does: str,
    *,
    name: str,
    reason: str,
    note: str,
    where: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    if not note.strip():
        raise WrongUsage("nothing says why", code="no-note", hint="--note says it; the author reads it")
    bench = bench_of(show.world(ctx), _where(ctx, where))
    value = _decided(act(rehearsal(bench) if dry_run else bench, name, reason=reason, note=note), dry_run)
    what = f"{value['submission'][:12]} ({reason}): {note}"
    done = {"rejected": "Rejected", "flagged": "Flagged", "objected": "Objected to"}[value["state"]]
    lines = [f"Would {does} {what}", "Nothing was written."] if dry_run else [f"{done} {what}"]
    if not dry_run:
        lines += ["The author reads this with `registry status`.", send_words(bench.history)]
    show.result(value, as_json=as_json, text=lambda: "\n".join(filter(None, lines)))
