"""`registry audit`: what is installed, held against the newest state of its registries."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_ground import Options, place_options, reading_options, root_of, where_flags
from registry_tool.cli.contacting import contact_by_id, index_value
from registry_tool.cli.noting import uninstalling
from registry_tool.cli.show import result, world
from registry_tool.core.errors import NotTrusted, Unreachable
from registry_tool.core.findings import Finding
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.audit import Item, Row
    from registry_tool.services.contact import Contact
    from registry_tool.stores.disk import DiskTarget


@click.command()
@click.option("--remove", is_flag=True, help="Uninstall what must not stay, also where others need it.")
@click.option("--log", "show_log", is_flag=True, help="Show the audit log instead: what was done here, and when.")
@reading_options
@place_options
@click.pass_context
def audit(ctx: click.Context, /, remove: bool, show_log: bool, **given: Any) -> None:  # Any: click's values
    """Compare what is installed with the newest state of its registries.

    Ends with 4 where something must go: quarantined, revoked, withheld, or not there any more. With
    --offline it goes by the newest state that this machine has. Example: registry audit --remove
    """
    here, options = world(ctx), Options(**given)
    if show_log:
        from registry_tool.cli.audit_log import show_lines

        show_lines(here, options, remove=remove)
        return
    _audit(here, options, remove=remove)


def _audit(here: World, options: Options, *, remove: bool) -> None:
    from registry_tool.services.audit import items_of
    from registry_tool.services.consumer import remember

    # What is known to be bad is bad also after the index that says so expired.
    options = replace(options, allow_stale=options.allow_stale or options.offline)
    target = here.target(root_of(here, options))
    items = items_of(target)
    rows, contacts = rows_of(here, options, items)
    for contact in contacts:
        remember(contact, here.state)
    flags = where_flags(here, options)
    removed = _removed(here, target, rows, root_of(here, options)) if remove else []
    gone = {one["id"] for one in removed}
    left = [row for row in rows if row.goes and not (row.item.installed and row.item.artifact in gone)]
    unsure = [row for row in rows if row.state == "unknown"]
    if left or unsure:
        _refuse(left, rows, flags, removed)
    index = index_value(here, contacts)
    value = {"audited": [row.value() for row in rows], "removed": removed, "index": index}
    result(value, as_json=options.as_json, text=lambda: _words(rows, removed, flags))


def rows_of(here: World, options: Options, items: "Sequence[Item]") -> "tuple[list[Row], list[Contact]]":
    """What the registries of these items say of them, sorted, and who was asked; `unknown` where nobody answers."""
    from registry_tool.services.audit import held_against, unknown

    rows: list[Row] = []
    contacts: list[Contact] = []
    for registry in sorted({one.registry for one in items}):
        mine = [one for one in items if one.registry == registry]
        try:
            contact = contact_by_id(here, registry, options)
            rows += held_against(contact, mine)
            contacts.append(contact)
        except Unreachable as error:
            rows += unknown(mine, here.state.seen(registry), error.message)
    return sorted(rows, key=lambda row: (row.item.artifact, row.item.version)), contacts


def _removed(here: World, target: "DiskTarget", rows: "Sequence[Row]", root: Path) -> list[dict[str, Any]]:  # Any: JSON
    """Uninstalls what must go; what each was needed by, what of it the person had changed, what was gone."""
    from registry_tool.core.names import parse_artifact
    from registry_tool.services.consumer import uninstall
    from registry_tool.services.project import installed

    found = []
    for row in rows:
        receipts = installed(target)
        receipt = receipts.get(row.item.artifact)
        if not row.goes or not row.item.installed or receipt is None:
            continue
        needed = [name for name, one in receipts.items() if row.item.artifact in one["record"]["dependencies"]]
        other = target.edited(receipt)
        edited = [path for path in other if os.path.lexists(root / path)]
        with uninstalling(here, root, row.item.artifact):
            uninstall(target, parse_artifact(row.item.artifact), force=True)
        found.append(
            {
                "id": row.item.artifact,
                "version": row.item.version,
                "why": row.words,
                "needed_by": sorted(needed),
                "edited": edited,
                "missing": [path for path in other if path not in edited],
            }
        )
    return found


def _refuse(left: "Sequence[Row]", rows: "Sequence[Row]", flags: str, removed: Sequence[dict[str, Any]]) -> None:
    """Everything that is wrong as one error, the gravest kind first."""
    shown = [row for row in rows if row in left or row.state in ("unknown", "yanked", "deprecated")]
    findings = tuple(
        Finding(
            row.state,
            "fail" if row in left or row.state == "unknown" else "warn",
            row.words,
            "",
            _command(row, flags),
        )
        for row in shown
    )
    done = f", {len(removed)} removed" if removed else ""
    if left:
        raise NotTrusted(
            f"{len(left)} of {len(rows)} must not stay{done}",
            code="must-go",
            hint="remove what was installed: registry audit --remove" + flags,
            findings=findings,
        )
    raise Unreachable(
        f"{len([row for row in rows if row.state == 'unknown'])} of {len(rows)} could not be checked{done}",
        code="not-checked",
        hint="ask again with a network, or name a clone of the registry: --registry CLONE",
        findings=findings,
    )


def _command(row: "Row", flags: str) -> str:
    """What to type next, for the folder that was audited."""
    return row.command + flags if row.command.startswith("registry ") else row.command


def _words(rows: "Sequence[Row]", removed: Sequence[dict[str, Any]], flags: str) -> str:
    if not rows:
        return "Nothing is installed here."
    lines = []
    for one in removed:
        lines.append(f"Removed {one['id']} {one['version']}: {one['why']}")
        lines += [f"  {', '.join(one['needed_by'])} needs it, and may not work now"] if one["needed_by"] else []
        lines += [f"  your changes went with it: {', '.join(one['edited'])}"] if one["edited"] else []
        lines += [f"  these were gone already: {', '.join(one['missing'])}"] if one["missing"] else []
    gone = {one["id"] for one in removed}
    told = [row for row in rows if row.item.artifact not in gone and row.state != "active"]
    lines += [f"{row.words}\n  {_command(row, flags)}" for row in told]
    as_of = sorted({row.as_of for row in rows if row.as_of})
    stays = "What is left may stay" if removed else f"{len(rows)} of {len(rows)} may stay"
    lines.append(stays + (f", as of {as_of[0]}." if as_of else "."))
    return "\n".join(lines)
