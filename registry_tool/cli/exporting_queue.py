"""`registry queue export`: what waits as one file, for a build and for whoever counts."""

import re
from pathlib import Path

import click

from registry_tool.cli.deciding import bench_of
from registry_tool.cli.show import Talk, dry_run_option, json_option, registry_option, result, world
from registry_tool.core.digest import digest_of
from registry_tool.core.errors import StateForbids
from registry_tool.stores.output import write_file
from registry_tool.stores.rooted import told

_OURS = re.compile(rb'\{"as_of":"[^"]{20}",')
_BEGINNING = 64


@click.command("export", epilog="Example: registry queue export -o queue.json --registry reg")
@click.option("-o", "--output", "out", required=True, metavar="FILE", help="The file to write.")
@click.option("--force", is_flag=True, help="Replace a file that is no queue.")
@registry_option
@json_option
@dry_run_option
@click.pass_context
def export(ctx: click.Context, out: str, force: bool, where: str | None, as_json: bool, dry_run: bool) -> None:
    """Write all that waits into one file: ages, states, what each needs, and how long decisions take.

    It is as of now. Whoever decides here has it remembered too since when each waits, on the branch
    registry/queue. Show it to everybody with: registry build --queue FILE
    """
    from registry_tool.services.queued import export_queue
    from registry_tool.services.rehearsing import rehearsal

    here = world(ctx)
    parent = ctx.parent.params.get("where") if ctx.parent else None
    bench, path = bench_of(here, where or parent), here.path(out)
    _refuse_other(path, force=force)
    queue, note = export_queue(rehearsal(bench) if dry_run else bench)
    data = queue.to_bytes()
    if not dry_run:
        try:
            write_file(str(path), data)
        except OSError as error:
            raise told(error, str(path)) from error
    if note:
        Talk(quiet=as_json).say(f"mind: {note}")
    value = {
        "file": str(path),
        "bytes": len(data),
        "sha256": digest_of(data),
        "registry": queue.registry,
        "as_of": queue.as_of,
        "waiting": len(queue.waiting),
        "statistics": queue.statistics.value(),
        "note": note,
        "dry_run": dry_run,
    }
    count = "1 submission" if len(queue.waiting) == 1 else f"{len(queue.waiting)} submissions"
    verb = "Would write" if dry_run else "Wrote"
    text = f"{verb} {count} as of {queue.as_of} to {path}.\nShow it with: registry build --queue {out}"
    result({"exported": value}, as_json=as_json, text=lambda: text)


def _refuse_other(path: Path, *, force: bool) -> None:
    """Refuses to replace what is no queue of ours."""
    if path.is_dir():
        raise StateForbids("a folder is there", where=str(path), code="exists", hint="name a file with -o")
    if force or not path.exists():
        return
    try:
        with path.open("rb") as file:
            ours = _OURS.match(file.read(_BEGINNING)) is not None
    except OSError as error:
        raise told(error, str(path)) from error
    if not ours:
        raise StateForbids("another file is there", where=str(path), code="exists", hint="say --force to lose it")
