"""`registry search`, `registry show` and `registry verify`: they look, and write nothing."""

from typing import Any

import click

from registry_tool.cli.consumer_ground import (
    Options,
    choose_registry,
    contact_by_id,
    contact_with,
    place_options,
    reading_options,
    root_of,
)
from registry_tool.cli.show import result, world
from registry_tool.core.errors import NotFound, NotTrusted
from registry_tool.core.findings import Finding
from registry_tool.core.names import Wanted, parse_wanted
from registry_tool.wiring import World


def search_verb(kind: str | None) -> click.Command:
    """`search`, locked to `kind` where one is given."""

    @click.command(name="search", help=_search_help(kind))
    @click.argument("query", nargs=-1)
    @click.option("--tag", help="Only with this tag.")
    @click.option("--author", help="Only by this author.")
    @click.option("--permission", metavar="P", help="Only what asks for this permission.")
    @click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
    @reading_options
    @click.pass_context
    def search(ctx: click.Context, /, query: tuple[str, ...], **given: Any) -> None:  # Any: click's values
        only = {name: given.pop(name) for name in ("tag", "author", "permission", "limit")}
        wanted = kind or given.pop("kind", None)
        _search(world(ctx), Options(**given), {"query": " ".join(query), "kind": wanted, **only}, locked=kind)

    if kind is None:
        search = click.option("--kind", help="Only of this kind.")(search)
    return search


def _search_help(kind: str | None) -> str:
    what = f"artifacts of the kind {kind}" if kind else "artifacts"
    example = f"registry {kind + ' ' if kind else ''}search dark --tag warm"
    return f"Find {what}. All that you say must fit.\n\nExample: {example}"


def _search(here: World, options: Options, only: dict[str, Any], *, locked: str | None) -> None:  # Any: click's values
    from registry_tool.services.look import Filters, search

    if only["kind"] is not None:
        only["kind"] = here.kinds[only["kind"]].id
    choice = choose_registry(here, options, "search", kind=locked or only["kind"])
    contact = contact_with(here, choice.where, options)
    total, rows = search(contact.source, contact.registry, Filters(**only))
    value = {
        "results": [
            {**{key: one for key, one in row.value().items() if key not in ("search", "artifact")}, "id": row.artifact}
            for row in rows
        ],
        "total": total,
        "registry": contact.registry,
        "where": contact.source.where,
        "chosen_by": choice.chosen_by,
    }
    lines = [f"{row.artifact} {row.version} ({row.kind}): {row.title}\n  {_short(row.description)}" for row in rows]
    if total > len(rows):
        lines.append(f"{total - len(rows)} more: say --limit {total}, or another word.")
    lines.append(f"{total} found in {contact.source.where} (chosen by {choice.chosen_by}).")
    result(value, as_json=options.as_json, text=lambda: "\n".join(lines))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else line[:99] + "…"


@click.command()
@click.argument("wanted", metavar="@SCOPE/NAME[@VERSION]")
@reading_options
@click.pass_context
def show(ctx: click.Context, /, wanted: str, **given: Any) -> None:  # Any: click's values
    """Show everything about an artifact, verified but for its files.

    Example: registry show @acme/solar
    """
    from registry_tool.services.consumer import remember
    from registry_tool.services.look import show as look

    here, options = world(ctx), Options(**given)
    asked = parse_wanted(wanted)
    choice = choose_registry(here, options, "install")
    contact = contact_with(here, choice.where, options)
    value = {**look(contact, asked, kinds=here.kinds), "where": contact.source.where, "chosen_by": choice.chosen_by}
    remember(contact, here.state)
    result(value, as_json=options.as_json, text=lambda: _show_words(value))


def _show_words(value: dict[str, Any]) -> str:  # Any: JSON
    admitted = value["admitted"]
    who = ", ".join(admitted["approved_by"]) or admitted["by"]
    rows = [
        ("author", value["author"]),
        ("licence", value["license"]),
        ("tags", ", ".join(value["tags"])),
        ("let in by", f"{who} at {admitted['at']}"),
        ("note", admitted["note"]),
        ("signed by", ", ".join(value["signed_by"])),
        ("manifest", value["manifest"]),
        ("bundle", f"sha256:{value['bundle']['sha256']}, {value['bundle']['size']} bytes"),
        ("files", ", ".join(file["path"] for file in value["files"][:10])),
        *((f"link {name}", url) for name, url in value["links"].items()),
        *((f"needs {name}", wanted) for name, wanted in value["dependencies"].items()),
    ]
    lines = [f"{value['id']} {value['version']} ({value['kind']}, {value['status']}): {value['title']}"]
    lines += ["", value["description"], ""]
    lines += [f"  {name:<10} {text}" for name, text in rows if text]
    lines.append("")
    lines.append("It may:" if value["permissions"] else "It asks for no permission.")
    lines += [f"  {one['words']}  ({one['permission']})" for one in value["permissions"]]
    lines += ["", "Versions:"]
    lines += [f"  {one['version']}  {one['status']}  {one['published']}" for one in value["versions"]]
    return "\n".join([*lines, "", f"Install it: registry install {value['id']}"])


@click.command()
@click.argument("what", metavar="[@SCOPE/NAME[@VERSION] | SITE]", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that is installed here.")
@reading_options
@place_options
@click.pass_context
def verify(ctx: click.Context, /, what: str | None, everything: bool, **given: Any) -> None:  # Any: click's values
    """Verify an artifact or a whole registry, and install nothing.

    With --all, or without anything, everything that is installed here: the files on the disk, and the
    releases that they came from. Example: registry verify @acme/solar
    """
    from registry_tool.services.consumer import remember
    from registry_tool.services.look import verify_one, verify_whole

    here, options = world(ctx), Options(**given)
    if what is None or everything:
        _verify_installed(here, options)
        return
    if not what.startswith("@"):
        contact = contact_with(here, what, options)
        value = {**verify_whole(contact), "where": contact.source.where}
        words = f"All {value['releases']} releases of {value['names']} artifacts in {what} hold."
    else:
        choice = choose_registry(here, options, "install")
        contact = contact_with(here, choice.where, options)
        found = verify_one(contact, parse_wanted(what))
        value = {**found, "where": contact.source.where, "chosen_by": choice.chosen_by}
        by, at = found["admission"]["by"], found["admission"]["at"]
        words = (
            f"{found['id']} {found['version']} holds: {found['files']} files, manifest {found['manifest']}, "
            f"signed by {', '.join(found['signed_by'])}, let in by {by} at {at}."
        )
    remember(contact, here.state)
    result({"verified": value}, as_json=options.as_json, text=lambda: words)


def _verify_installed(here: World, options: Options) -> None:
    from registry_tool.core.names import parse_artifact
    from registry_tool.services.consumer import remember
    from registry_tool.services.project import installed

    target = here.target(root_of(here, options))
    receipts = installed(target).values()
    if not receipts:
        raise NotFound("nothing is installed here", code="not-installed", hint="see: registry list")
    faults: list[Finding] = []
    rows = []
    contacts = {}
    for receipt in receipts:
        record = receipt["record"]
        hint = f"registry install {record['id']}@{record['version']} --force puts it back"
        faults += [
            Finding("edited", "fail", f"{record['id']}: it is not as it was installed", path, hint)
            for path in target.edited(receipt)
        ]
        if record["registry"] not in contacts:
            contacts[record["registry"]] = contact_by_id(here, record["registry"], options)
        contact = contacts[record["registry"]]
        (name,) = contact.names([parse_artifact(record["id"])])
        wanted = Wanted(name.artifact, record["version"])
        if record["version"] not in name.record.versions:
            faults.append(Finding("gone", "fail", f"{wanted} is not in its registry any more"))
            continue
        if name.record.versions[record["version"]].manifest != record["manifest"]:
            faults.append(Finding("other-release", "fail", f"{wanted} is another release in its registry"))
            continue
        contact.whole(name, record["version"])
        status = name.statuses[record["version"]]
        if status in ("quarantined", "revoked", "withheld"):
            faults.append(Finding(status, "fail", f"{wanted} is {status}", "", f"registry uninstall {name.artifact}"))
        rows.append({"id": record["id"], "version": record["version"], "status": status})
    if faults:
        raise NotTrusted("not all that is installed holds", code="not-trusted", findings=tuple(faults))
    for contact in contacts.values():
        remember(contact, here.state)
    result(
        {"verified": rows},
        as_json=options.as_json,
        text=lambda: "\n".join(f"{row['id']} {row['version']} holds, on the disk and in its registry." for row in rows),
    )


search = search_verb(None)
