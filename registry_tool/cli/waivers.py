"""What a moderator lets pass for one release: `waiver grant` and `waiver list`."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_of, landed_words
from registry_tool.services import waiving
from registry_tool.services.rehearsing import rehearsal


@click.group()
def waiver() -> None:
    """Let a release pass a check that is wrong about it, for a time, and see what passes.

    Example: registry waiver grant secrets 1a2b3c --until 2027-01-01T00:00:00Z --reason "an example of a token"
    """


@waiver.command(
    "grant",
    epilog='Example: registry waiver grant secrets @ann/pdf@1.0.0 --until 2027-01-01T00:00:00Z --reason "an example"',
)
@click.argument("check", metavar="CHECK")
@click.argument("target", metavar="SUBMISSION|@SCOPE/NAME@VERSION")
@click.option("--until", required=True, metavar="TIME", help="When it ends, at most a year from now.")
@click.option("--reason", required=True, help="Why the check is wrong here; it is signed and public.")
@click.option("--manifest", default="", metavar="DIGEST", help="Which bytes of it, where they did not arrive yet.")
@show.registry_option
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def grant(
    ctx: click.Context,
    check: str,
    target: str,
    until: str,
    reason: str,
    manifest: str,
    where: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say that a check does not count for a release; it is approved as any other.

    It counts for exactly these bytes. Where the checks keep the submission from arriving, its author tells the
    digest of the manifest (`registry check DIR`), and --manifest names it. What clients verify cannot be waived.
    """
    world = show.world(ctx)
    bench = bench_of(world, where)
    value = waiving.grant(rehearsal(bench), check, target, until=until, reason=reason, manifest=manifest)
    if not dry_run:
        show.ask(world, f"Waive {_words(value)}?", flag="--yes", yes=yes)
        value = waiving.grant(bench, check, target, until=until, reason=reason, manifest=manifest)
    value = {**value, "dry_run": dry_run, **({"commit": ""} if dry_run else {})}
    done = f"Would waive {_words(value)}.\nNothing was written."
    if not dry_run:
        done = f"Waived {_words(value)}.\n{landed_words(bench.history)}"
    show.result(value, as_json=as_json, text=lambda: done)


def _words(value: dict[str, Any]) -> str:  # Any: JSON
    what = ", ".join(f"{row['artifact']}@{row['version']}" for row in value["waivers"])
    return f"{value['check']} for {what} until {value['until']}"


@waiver.command("list", epilog="Example: registry waiver list --registry reg")
@show.registry_option
@show.json_option
@click.pass_context
def list_(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """Every waiver, who gave it and why; and why one does not count."""
    rows = waiving.listed(bench_of(show.world(ctx), where))
    show.result(list(rows), as_json=as_json, text=lambda: "\n".join(map(_row, rows)) or "Nothing is waived.")


def _row(row: dict[str, Any]) -> str:  # Any: JSON
    if row["artifact"] is None:
        return f"{row['id']}  {row['fault']}"
    state = f"does not count: {row['fault']}" if row["fault"] else f"until {row['until']}"
    who = f", by {', '.join(row['by'])}" if row["by"] else ""
    return f"{row['id']}  {row['artifact']}@{row['version']}  {state}{who}\n    {row['reason']}"
