"""`registry widget host`: the files with which a dashboard of somebody's own shows its widgets, each in a frame."""

from pathlib import Path
from typing import Final

import click

from registry_tool.cli import show
from registry_tool.core import limits
from registry_tool.wiring import World

YOURS: Final = ("index.html", "page.css", "page.js")
"""A page to begin with; once there, it is its owner's. The others are the tool's own and are replaced."""


@click.command(name="host")
@click.argument("directory", metavar="[DIR]", default="widgets")
@show.dry_run_option
@show.json_option
@click.pass_context
def host(ctx: click.Context, /, directory: str, dry_run: bool, as_json: bool) -> None:
    """Write what a dashboard needs to show its widgets: host.js, frames, and a page to begin with.

    DIR is `widgets` by default. Written again, it brings host.js and the frames up to date and leaves your page.

    Example: registry widget host
    """
    write_host(show.world(ctx), directory, dry_run=dry_run, as_json=as_json)


def write_host(world: World, directory: str, *, dry_run: bool, as_json: bool) -> None:
    """Writes the files, each at one instant; raises as `Rooted` does."""
    from registry_tool.site.preview import host_files

    target = world.path(directory)
    files = host_files()
    written = [name for name in files if _differs(target, name, files[name])]
    if written and not dry_run:
        _write(target, {name: files[name] for name in written})
    value = {"folder": str(target), "written": written, "kept": [name for name in files if name not in written]}
    result = {**value, "dry_run": dry_run}
    did = "Would write" if dry_run else "Wrote"
    text = f"{did} {', '.join(written)} to {target}." if written else f"{target} is up to date."
    more = f"\nServe the folder and open {YOURS[0]}; its widgets are those of index.json beside it."
    show.result(result, as_json=as_json, text=lambda: text + more)


def _differs(target: Path, name: str, data: bytes) -> bool:
    from registry_tool.stores.rooted import Rooted

    if not target.is_dir():
        return True
    there = Rooted(target).read(name, limit=limits.MIB)
    return there is None or (name not in YOURS and there != data)


def _write(target: Path, files: dict[str, bytes]) -> None:
    from registry_tool.stores.rooted import Rooted

    target.mkdir(parents=True, exist_ok=True)
    folder = Rooted(target)
    for name, data in files.items():
        new = f".{name}.new"
        if folder.kind(new) is not None:
            folder.unlink(new)  # of a time before that was stopped
        folder.write_new(new, data, mode=0o644)
        folder.move(new, name)
