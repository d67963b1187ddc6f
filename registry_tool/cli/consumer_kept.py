"""`registry list` and `registry update`: what is installed, and what is newer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_ground import (
    Options,
    contact_by_id,
    ground_of,
    place_options,
    public_address,
    reading_options,
    root_of,
    writing_options,
)
from registry_tool.cli.consumer_install import finish
from registry_tool.cli.show import result, world
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.core.names import ArtifactId, parse_artifact
from registry_tool.core.which import Choice
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.contact import Contact
    from registry_tool.stores.disk import DiskTarget


@click.command(name="list")
@click.option("--outdated", is_flag=True, help="Only what has a newer version; asks the registries.")
@reading_options
@place_options
@click.pass_context
def list_(ctx: click.Context, /, outdated: bool, **given: Any) -> None:  # Any: click's values
    """List what is installed here.

    Example: registry list --outdated
    """
    from registry_tool.services.look import updates
    from registry_tool.services.project import installed

    here, options = world(ctx), Options(**given)
    target = here.target(root_of(here, options))
    newer: dict[str, str] = {}
    if outdated:
        for contact, _ in _contacts(here, options, target, ()):
            newer.update({str(one.artifact): new for one, _, new in updates(contact, target, ())})
    rows = []
    for receipt in installed(target).values():
        record = receipt["record"]
        if outdated and record["id"] not in newer:
            continue
        row = {key: record[key] for key in ("id", "version", "kind", "title", "registry", "manifest", "permissions")}
        rows.append(
            {
                **row,
                "edited": list(target.edited(receipt)),
                **({"newest": newer[record["id"]]} if outdated else {}),
            }
        )
    result({"installed": rows}, as_json=options.as_json, text=lambda: _list_words(rows, outdated=outdated))


def _list_words(rows: Sequence[dict[str, Any]], *, outdated: bool) -> str:  # Any: JSON
    if not rows:
        return "Everything is at its newest version." if outdated else "Nothing is installed here."
    return "\n".join(
        f"{row['id']} {row['version']} ({row['kind']})"
        + (f", newest {row['newest']}" if outdated else "")
        + (f", you changed {', '.join(row['edited'])}" if row["edited"] else "")
        for row in rows
    )


@click.command()
@click.argument("artifacts", metavar="[@SCOPE/NAME]...", nargs=-1)
@writing_options
@click.pass_context
def update(ctx: click.Context, /, artifacts: tuple[str, ...], **given: Any) -> None:  # Any: click's values
    """Install newer versions of what is installed, all of it or what you name.

    What a new version may do and the old one may not is shown, and asked for.
    Example: registry update @acme/solar
    """
    from registry_tool.services.consumer import Prepared, prepare
    from registry_tool.services.look import updates

    here, options = world(ctx), Options(**given)
    names = [parse_artifact(one) for one in artifacts]
    target = here.target(root_of(here, options))
    work = []
    for contact, mine in _contacts(here, options, target, names):
        ground = ground_of(here, options, address=public_address(contact))
        asked = [one for one, _, _ in updates(contact, target, mine)]
        work.append((contact, ground, prepare(contact, asked, ground=ground) if asked else Prepared(())))
    if not work:
        raise NotFound("nothing is installed here", code="not-installed", hint="see: registry list")
    if not any(prepared.steps for _, _, prepared in work) and not options.as_json:
        click.echo("Everything is at its newest version.")
        return
    finish(here, options, work, Choice(work[0][0].source.where, "what is installed"))


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
