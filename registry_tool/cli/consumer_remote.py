"""`registry add` and `registry remote`: which registries this person trusts."""

import re
from typing import Any
from urllib.parse import urlsplit

import click

from registry_tool.cli.consumer_ground import Options, demo_option, kind_of_place, offline_option, stale_option
from registry_tool.cli.contacting import forgotten_unless_kept, open_contact, open_source, same_place, settled_here
from registry_tool.cli.show import ask, dry_run_option, json_option, result, world
from registry_tool.core.addresses import is_site
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.wiring import World


@click.command()
@click.argument("where", metavar="URL|CLONE|FOLDER")
@click.option("--root", metavar="ID", help="The registry's id, 64 hex digits, from its operator.")
@click.option("--name", help="What you call it; default: its host or folder.")
@demo_option
@offline_option
@stale_option
@dry_run_option
@json_option
@click.pass_context
def add(ctx: click.Context, /, where: str, **given: Any) -> None:  # Any: click's values
    """Trust a registry from now on, by its id.

    Its root, moderators and policy are verified first. Ask the operator for the id by another way than
    this address. Example: registry add https://registry.example/ --root ID
    """
    from registry_tool.core import layout, limits
    from registry_tool.core.digest import is_hex
    from registry_tool.core.times import from_seconds
    from registry_tool.services.answers import first_root, told
    from registry_tool.services.look import about

    here = world(ctx)
    root = given["root"]
    if root is not None and not is_hex(root):
        raise WrongUsage(f"an id is 64 of 0-9 and a-f, --root has {len(root)} characters", code="bad-id")
    place = same_place(here, where)
    source = open_source(here, place if is_site(where) else where, offline=given["offline"])
    with told(source.where):
        chains = source.fetch(layout.REGISTRY_CHAINS, limit=limits.CHAIN_FILE_BYTES)
    found = first_root(chains, source.where)
    registry = root or found
    options = Options(demo=given["demo"], offline=given["offline"], allow_stale=given["allow_stale"])
    settled_here(here, options).refuse_registry(registry)
    with forgotten_unless_kept(here, registry) as keep:
        contact = open_contact(here, source, registry, options, demo=options.demo, chains=chains or b"")
        facts = about(contact.government)
        name = given["name"] or default_name(place)
        row = {"name": name, "id": registry, "where": place, "kind": kind_of_place(where, here.path(where)), **facts}
        if root is None:
            _ask_for_id(here, registry, facts)
        if not given["dry_run"]:
            here.state.add(
                name=name,
                id=registry,
                where=place,
                kind=str(row["kind"]),
                demo=bool(facts["demonstration"]),
                added=from_seconds(here.now()),
            )
            keep()
    result(
        {"added": row, "dry_run": given["dry_run"]},
        as_json=given["as_json"],
        text=lambda: _added_words(row, dry_run=given["dry_run"]),
    )


def _ask_for_id(here: World, registry: str, facts: dict[str, Any]) -> None:  # Any: JSON
    if not here.terminal:
        raise WrongUsage(
            "nothing says which id this registry should have, and there is no terminal to ask on",
            code="needs-answer",
            hint="add --root ID, with the id that its operator tells you",
        )
    click.echo(f"This registry says that its id is\n  {registry}\n", err=True)
    click.echo(f"Its moderators are {', '.join(facts['moderators'])}.", err=True)
    ask(
        here,
        "Is that the id that its operator told you, by another way than this address?",
        flag="--root ID",
        yes=False,
    )


def _added_words(row: dict[str, Any], *, dry_run: bool) -> str:  # Any: JSON
    verb = "Would trust" if dry_run else "From now on you trust"
    lines = [
        f"{verb} {row['name']} at {row['where']}.",
        f"  id          {row['id']}",
        f"  moderators  {', '.join(row['moderators'])}",
    ]
    if row["demonstration"]:
        lines.append("  It is a demonstration: some of its keys are published, so it proves nothing.")
    return "\n".join([*lines, f"Undo: registry remote remove {row['name']}"])


def default_name(where: str) -> str:
    """A short name for the registry at `where`: the host's, or the folder's."""
    text = urlsplit(where).netloc if is_site(where) else where.rstrip("/").rpartition("/")[2].removesuffix(".git")
    name = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    if not name:
        raise InvalidInput("no name can be made of this address", where=where, code="bad-name", hint="add --name NAME")
    return name


@click.group()
def remote() -> None:
    """List and remove the registries that you trust.

    Example: registry remote list
    """


@remote.command(name="list")
@json_option
@click.pass_context
def remote_list(ctx: click.Context, as_json: bool) -> None:
    """List the registries that you trust.

    Example: registry remote list --json
    """
    entries = [dict(entry) for entry in world(ctx).state.registries()]
    lines = [f"{entry['name']:<20} {entry['where']}\n{'':<20} {entry['id']}" for entry in entries]
    result(
        {"registries": entries},
        as_json=as_json,
        text=lambda: "\n".join(lines) or "You trust no registry yet. Begin with: registry add WHERE --root ID",
    )


@remote.command(name="remove")
@click.argument("name")
@json_option
@click.pass_context
def remote_remove(ctx: click.Context, name: str, as_json: bool) -> None:
    """Trust a registry no more. What was seen of it is kept, so that it cannot go back in time.

    Example: registry remote remove example
    """
    entry = dict(world(ctx).state.remove(name))
    result(
        {"removed": entry},
        as_json=as_json,
        text=lambda: f"You trust {name} no more.\nUndo: registry add {entry['where']} --root {entry['id']}",
    )
