"""`registry export`: one file with everything that an install needs."""

from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_ground import Options, choose_registry, public_address, reading_options
from registry_tool.cli.contacting import contact_with
from registry_tool.cli.show import dry_run_option, result, world
from registry_tool.core.names import parse_wanted

if TYPE_CHECKING:
    from registry_tool.services.exporting import Export


@click.command()
@click.argument("wanted", metavar="@SCOPE/NAME[@VERSION]")
@click.option("-o", "--output", "out", required=True, metavar="FILE", help="The file to write.")
@click.option("--no-dependencies", "alone", is_flag=True, help="Leave out what it needs.")
@click.option("--force", is_flag=True, help="Replace another file.")
@reading_options
@dry_run_option
@click.pass_context
def export(
    ctx: click.Context, /, wanted: str, out: str, alone: bool, force: bool, **given: Any
) -> None:  # Any: click's values
    """Write one file to install an artifact from without a network.

    It holds the release, what it needs, and all that proves them; everything is verified first. Whoever
    has the registry's id installs from it, and with the same check: registry install FILE.

    Example: registry export @acme/solar -o solar.tar
    """
    from registry_tool.core.digest import digest_of
    from registry_tool.services.consumer import remember
    from registry_tool.services.exporting import export as made
    from registry_tool.stores.exported import pack_export, write_export

    here, options = world(ctx), Options(**given)
    asked = parse_wanted(wanted)
    choice = choose_registry(here, options, "install")
    contact = contact_with(here, choice.where, options)
    found = made(contact, asked, means=here.means, dependencies=not alone, address=public_address(contact))
    data = pack_export(found.files)
    path = here.path(out)
    if not options.dry_run:
        write_export(path, found.files, force=force)
        remember(contact, here.state)
    value = {
        "file": str(path),
        "bytes": len(data),
        "sha256": digest_of(data),
        "registry": contact.registry,
        "releases": [row.value() for row in found.about.releases],
        "as_of": found.about.as_of,
        "where": contact.source.where,
        "chosen_by": choice.chosen_by,
        "dry_run": options.dry_run,
    }
    result({"exported": value}, as_json=options.as_json, text=lambda: _words(value, found, out))


def _words(value: dict[str, Any], found: "Export", out: str) -> str:  # Any: JSON
    release = found.releases[-1]
    verb = "Would write" if value["dry_run"] else "Wrote"
    needed = f" and {len(found.releases) - 1} that it needs" if len(found.releases) > 1 else ""
    lines = [
        f"{verb} {release.artifact} {release.manifest.version}{needed} to {value['file']}: {value['bytes']} bytes.",
        f"  as of {value['as_of']}, unproven by the index: it cannot show what happens later",
        f"  {value['sha256']}",
    ]
    if release.status == "yanked":
        lines.append("  it was yanked: only a lock file that names it installs it")
    return "\n".join([*lines, f"Install it anywhere, by the id {value['registry']}: registry install {out}"])
