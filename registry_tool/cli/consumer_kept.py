"""`registry list` and `registry update`: what is installed, and what is newer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_ground import (
    Options,
    ground_of,
    place_options,
    public_address,
    reading_options,
    root_of,
    writing_options,
)
from registry_tool.cli.consumer_install import finish
from registry_tool.cli.contacting import contact_by_id
from registry_tool.cli.noting import refusals
from registry_tool.cli.show import plain, result, world
from registry_tool.core.errors import NotFound, RegistryError, WrongUsage
from registry_tool.core.names import ArtifactId, Wanted, parse_artifact
from registry_tool.core.which import Choice
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.closure import Closure
    from registry_tool.services.audit import Item, Row
    from registry_tool.services.contact import Contact
    from registry_tool.services.project import Receipt
    from registry_tool.stores.disk import DiskTarget


@click.command(name="list")
@click.option("--outdated", is_flag=True, help="Only what has a newer version; asks the registries.")
@click.option("--format", "form", type=click.Choice(["cyclonedx"]), help="A bill of materials (CycloneDX 1.6, JSON).")
@reading_options
@place_options
@click.pass_context
def list_(ctx: click.Context, /, outdated: bool, form: str | None, **given: Any) -> None:  # Any: click's values
    """List what is installed here.

    Example: registry list --outdated
    """
    here, options = world(ctx), Options(**given)
    if form is not None:
        if outdated:
            raise WrongUsage("a bill of materials says what is there, and not what is newer", hint="leave one out")
        _bill(here, root_of(here, options))
        return
    _list(here, options, outdated=outdated)


def _bill(here: World, root: Path) -> None:
    """Prints the bill of materials, the same bytes for the same installs."""
    from registry_tool import __version__
    from registry_tool.core.cyclonedx import bill_of_materials
    from registry_tool.services.project import installed

    receipts = installed(here.target(root))
    records = [receipt["record"] for receipt in receipts.values()]
    found = ((name, _closure(here, root, receipt)) for name, receipt in receipts.items())
    closures = {name: closure for name, closure in found if closure is not None}
    value = bill_of_materials(records, here.kinds, closures=closures, version=__version__)
    click.echo(json.dumps(value, indent=2, sort_keys=True).replace("##[", "#\\u0023["))  # see `show.json_line`


def _closure(here: World, root: Path, receipt: "Receipt") -> "Closure | None":
    """The packages of an installed plugin, as its own lock or the one that was agreed to says; `None` without one."""
    from registry_tool.cli.closing import closures_of, lock_in
    from registry_tool.core.closure import LOCKS, manager_of, read_closure

    run = receipt["record"].get("run")
    manager = manager_of(run) if isinstance(run, Mapping) else None
    if manager is None:
        return None
    release = str(receipt["record"]["manifest"]).removeprefix("sha256:")
    data = lock_in(root, receipt) or closures_of(here).kept_lock(release, manager)
    return read_closure(manager, data, LOCKS[manager]) if data else None


def _list(here: World, options: Options, *, outdated: bool) -> None:
    from registry_tool.services.look import updates
    from registry_tool.services.project import installed

    target = here.target(root_of(here, options))
    newer: dict[str, str] = {}
    if outdated:
        for contact, _ in _contacts(here, options, target, ()):
            newer.update({str(one.artifact): new for one, _, new in updates(contact, target, ())})
    rows = []
    told = _told(here, options, target)
    for receipt in installed(target).values():
        record = receipt["record"]
        if outdated and record["id"] not in newer:
            continue
        said = told[record["id"]]
        row = {key: record[key] for key in ("id", "version", "kind", "title", "registry", "manifest", "permissions")}
        rows.append(
            {
                **row,
                "edited": list(target.edited(receipt)),
                **{key: said.value()[key] for key in ("status", "reason", "note", "since", "as_of")},
                **({"why": said.words} if said.state not in ("active", "unknown") else {}),
                **({"newest": newer[record["id"]]} if outdated else {}),
            }
        )
    result({"installed": rows}, as_json=options.as_json, text=lambda: _list_words(rows, outdated=outdated))


def _list_words(rows: Sequence[dict[str, Any]], *, outdated: bool) -> str:  # Any: JSON
    if not rows:
        return "Everything is at its newest version." if outdated else "Nothing is installed here."
    lines = [
        f"{row['id']} {row['version']} ({row['kind']})"
        + (f", newest {row['newest']}" if outdated else "")
        + (f", you changed {', '.join(row['edited'])}" if row["edited"] else "")
        + (f"\n  {row['why']}" if "why" in row else "")
        for row in rows
    ]
    if any(row["status"] == "unknown" for row in rows):
        lines.append("What became of some of them is not known here; ask their registries: registry audit")
    return "\n".join(lines)


def _told(here: World, options: Options, target: "DiskTarget") -> "dict[str, Row]":
    """What is known here, without a network, of everything that is installed; a registry that is gone hides no list."""
    from registry_tool.cli.audit import rows_of
    from registry_tool.services.audit import items_of, unknown

    found: dict[str, Row] = {}
    items = [one for one in items_of(target) if one.installed]
    for registry in sorted({one.registry for one in items}):
        mine = [one for one in items if one.registry == registry]
        try:
            rows = rows_of(here, replace(options, offline=True), mine)[0]
        except RegistryError as error:
            rows = list(unknown(mine, {}, error.message))
        found.update({row.item.artifact: row for row in rows})
    return found


@click.command()
@click.argument("artifacts", metavar="[@SCOPE/NAME]...", nargs=-1)
@writing_options
@click.pass_context
def update(ctx: click.Context, /, artifacts: tuple[str, ...], **given: Any) -> None:  # Any: click's values
    """Install newer versions of what is installed, all of it or what you name.

    What a new version may do and the old one may not is shown, and asked for.
    Example: registry update @acme/solar
    """
    here, options = world(ctx), Options(**given)
    names = [parse_artifact(one) for one in artifacts]
    with refusals(here, root_of(here, options), "update", artifacts):
        _update(here, options, names)


def _update(here: World, options: Options, names: Sequence[ArtifactId]) -> None:
    from registry_tool.services.audit import held_against, items_of
    from registry_tool.services.consumer import Prepared, prepare
    from registry_tool.services.look import updates

    target = here.target(root_of(here, options))
    work = []
    notes: list[dict[str, Any]] = []  # Any: JSON
    for contact, mine in _contacts(here, options, target, names):
        ground = ground_of(here, options, address=public_address(contact))
        newer = {str(one.artifact): new for one, _, new in updates(contact, target, mine)}
        rows = held_against(contact, [one for one in items_of(target) if one.installed and _among(one, mine)])
        told = [_note(row, newer.get(row.item.artifact), ground.flags) for row in rows if row.state != "active"]
        notes += told
        _tell(told)
        asked = [Wanted(parse_artifact(name), None) for name in newer]
        work.append((contact, ground, prepare(contact, asked, ground=ground) if asked else Prepared(())))
    if not work:
        raise NotFound("nothing is installed here", code="not-installed", hint="see: registry list")
    if not any(prepared.steps for _, _, prepared in work) and not options.as_json:
        click.echo("Everything is at its newest version.")
        return
    finish(here, options, work, Choice(work[0][0].source.where, "what is installed"), notes=notes)


def _among(item: "Item", names: Sequence[ArtifactId]) -> bool:
    return not names or item.artifact in [str(one) for one in names]


def _note(row: "Row", newer: str | None, flags: str) -> dict[str, Any]:  # Any: JSON
    """What is with a version that is installed now, and what to do about it where no newer one takes its place."""
    said = row.value()
    return {
        **{key: said[key] for key in ("id", "version", "status", "reason", "note", "since")},
        "why": row.words,
        "replaced_by": newer,
        "command": row.command + flags if row.goes and newer is None else "",
    }


def _tell(notes: Sequence[dict[str, Any]]) -> None:  # Any: JSON
    """The same on stderr, before anything is asked."""
    for one in notes:
        then = f"{one['replaced_by']} takes its place." if one["replaced_by"] else one["command"]
        click.echo(plain(f"{one['why']}\n  {then}".rstrip()), err=True)


def _contacts(
    here: World, options: Options, target: "DiskTarget", names: Sequence[ArtifactId]
) -> "list[tuple[Contact, tuple[ArtifactId, ...]]]":
    """Contact with each registry that something is installed from, with the names that were asked for."""
    from registry_tool.services.project import installed

    by_registry: dict[str, list[ArtifactId]] = {}
    there = {name: str(receipt["record"]["registry"]) for name, receipt in installed(target).items()}
    for name in names:
        if str(name) not in there:
            raise NotFound(f"{name} is not installed here", code="not-installed", hint="see: registry list")
        by_registry.setdefault(there[str(name)], []).append(name)
    wanted = by_registry or {registry: [] for registry in there.values()}
    if options.where and len(wanted) > 1:
        raise WrongUsage("what is installed here came from several registries", hint="name the artifacts to update")
    return [(contact_by_id(here, registry, options), tuple(wanted[registry])) for registry in sorted(wanted)]
