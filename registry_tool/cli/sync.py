"""`registry sync`: the project made equal to its lock file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_agree import agree, ready, write
from registry_tool.cli.consumer_ground import Options, ground_of, public_address, root_of, writing_options
from registry_tool.cli.consumer_install import done_words, locked_registries
from registry_tool.cli.contacting import contact_by_id
from registry_tool.cli.noting import refusals, uninstalling
from registry_tool.cli.show import ask, result, world
from registry_tool.core.errors import WrongUsage
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.consumer import Ground, Prepared
    from registry_tool.services.contact import Contact

    Work = Sequence[tuple[Contact, Ground, Prepared]]


@click.command()
@click.option("--frozen", is_flag=True, help="Never write the lock file; exit 5 where it would have to change.")
@writing_options
@click.pass_context
def sync(ctx: click.Context, /, frozen: bool, **given: Any) -> None:  # Any: click's values
    """Make the project equal to registry.lock.json.

    What is missing, other or changed is installed, what the file does not name is removed, and what its
    artifacts need and it lacks is added. With --frozen the file stays as it is, and no signed index is
    needed. Example: registry sync --frozen --yes
    """
    here, options = world(ctx), Options(**given)
    if options.personal:
        raise WrongUsage("your own folder has no lock file", code="no-lock", hint="leave out -g")
    with refusals(here, root_of(here, options), "sync"):
        _sync(here, options, frozen=frozen)


def _sync(here: World, options: Options, *, frozen: bool) -> None:
    from registry_tool.services.syncing import prepare_sync, surplus

    restored: list[tuple[Contact, Ground, Prepared]] = []
    added: list[tuple[Contact, Ground, Prepared]] = []
    for registry in locked_registries(here, options):
        contact = contact_by_id(here, registry, options, frozen=frozen)
        ground = replace(ground_of(here, options, address=public_address(contact)), locks=not frozen)
        found = prepare_sync(contact, ground=ground, frozen=frozen)
        restored.append((contact, ground, found.restored))
        added.append((contact, ground, found.added))
    new = frozenset(step.verified.artifact for _, _, one in added for step in one.steps)
    target = here.target(root_of(here, options))
    gone = surplus(target, but=new, frozen=frozen, force=options.force)
    work: Work = [*restored, *added]
    ready(here, options, work, [str(one["artifact"]) for one in gone])
    _ask(here, options, gone)
    work = agree(here, options, work)
    removed = _removed(here, options, gone)
    write(here, options, work)
    value = _value(work, new, removed, frozen=frozen, dry_run=options.dry_run)
    result(value, as_json=options.as_json, text=lambda: _words(here, options, work, value))


def _ask(here: World, options: Options, gone: tuple[Mapping[str, Any], ...]) -> None:  # Any: JSON, receipts
    """Shows what will be removed, and asks."""
    if not gone or options.dry_run:
        return
    if not options.as_json:
        click.echo("registry.lock.json does not name these, so they will be removed:", err=True)
        for receipt in gone:
            click.echo(f"  {receipt['artifact']} {receipt['record']['version']}", err=True)
    names = ", ".join(str(receipt["artifact"]) for receipt in gone)
    ask(here, f"Remove {names}?", flag="--yes", yes=options.yes)


def _removed(
    here: World,
    options: Options,
    gone: tuple[Mapping[str, Any], ...],  # Any: JSON, receipts
) -> tuple[Mapping[str, Any], ...]:  # Any: JSON, receipts
    from registry_tool.services.syncing import remove_surplus

    if options.dry_run:
        return gone
    root = root_of(here, options)
    removed: list[Mapping[str, Any]] = []
    for one in gone:
        with uninstalling(here, root, str(one["artifact"])):
            removed += remove_surplus(here.target(root), [one], force=options.force)
    return tuple(removed)


def _value(
    work: "Work",
    new: frozenset[str],
    removed: tuple[Mapping[str, Any], ...],  # Any: JSON, receipts
    *,
    frozen: bool,
    dry_run: bool,
) -> dict[str, Any]:  # Any: JSON
    from registry_tool.services.consumer import installed_json

    return {
        "installed": [installed_json(step) for _, _, prepared in work for step in prepared.steps],
        "already": [one for _, _, prepared in work for one in prepared.already],
        "removed": [
            {
                "id": receipt["artifact"],
                "version": receipt["record"]["version"],
                "kind": receipt["record"]["kind"],
                "kept": list(receipt.get("kept", ())),
            }
            for receipt in removed
        ],
        "added": sorted(new),
        "frozen": frozen,
        "dry_run": dry_run,
    }


def _words(here: World, options: Options, work: "Work", value: dict[str, Any]) -> str:  # Any: JSON
    from registry_tool.core.reports.plain import count

    if not value["installed"] and not value["removed"]:
        return f"The project is what registry.lock.json says: {count(len(value['already']), 'artifact')}."
    verb = "Would remove" if options.dry_run else "Removed"
    lines = []
    for row in value["removed"]:
        lines.append(f"{verb} {row['id']} {row['version']} ({row['kind']}).")
        lines += [f"  your own file stayed: {path}" for path in row["kept"]]
    told = done_words(here, options, work)
    return "\n".join([*lines, *([told] if told else [])])
