"""`registry install` and `registry uninstall`, for all kinds and locked to one."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_agree import agree, ready, write
from registry_tool.cli.consumer_ground import (
    Options,
    choose_registry,
    ground_of,
    identity_options,
    place_options,
    public_address,
    root_of,
    where_flags,
    writing_options,
)
from registry_tool.cli.contacting import contact_by_id, contact_with, index_value
from registry_tool.cli.noting import refusals, uninstalling
from registry_tool.cli.show import Talk, dry_run_option, json_option, project_option, result, world
from registry_tool.core.errors import WrongUsage
from registry_tool.core.names import Wanted, parse_artifact, parse_wanted
from registry_tool.core.which import Choice
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.consumer import Ground, Prepared
    from registry_tool.services.contact import Contact


def install_verb(kind: str | None) -> click.Command:
    """`install`, locked to `kind` where one is given."""

    @click.command(name="install", help=_install_help(kind))
    @click.argument("wanted", metavar="[@SCOPE/NAME[@VERSION] | FILE]...", nargs=-1)
    @click.option("--name", help="Install it under this name.")
    @identity_options
    @writing_options
    @click.pass_context
    def install(ctx: click.Context, /, wanted: tuple[str, ...], **given: Any) -> None:  # Any: click's values
        here, options = world(ctx), Options(**given)
        if len(wanted) == 1 and is_export(here, wanted[0]):
            if options.where is not None:
                raise WrongUsage(
                    f"{wanted[0]} is a registry of its own, and --registry names another one",
                    code="own-registry",
                    hint=f"leave --registry out: registry install {shlex.quote(wanted[0])}",
                )
            options = replace(options, where=wanted[0])
            wanted = asked_of(here, wanted[0])
        asked = [parse_wanted(one) for one in wanted]
        with refusals(here, root_of(here, options), "install", wanted):
            if asked:
                install_asked(here, options, asked, kind=kind)
            elif kind is not None:
                raise WrongUsage(f"say which {kind}", code="missing-id", hint=f"registry {kind} install @scope/name")
            else:
                install_locked(here, options)

    return install


def _install_help(kind: str | None) -> str:
    example = f"registry {kind + ' ' if kind else ''}install @acme/solar"
    if kind:
        return f"Verify and install artifacts of the kind {kind}.\n\nExample: {example}"
    return (
        "Verify and install artifacts; without a name, exactly what registry.lock.json pins, and FILE is what "
        "`registry export` wrote.\n\n"
        "Everything is verified before the first file is written, from the registry's id that you trust down "
        f"to the last byte.\n\nExample: {example}"
    )


def install_asked(here: World, options: Options, asked: Sequence[Wanted], *, kind: str | None) -> None:
    """Installs what was asked for, from the registry that wins."""
    from registry_tool.services.consumer import prepare

    choice = choose_registry(here, options, "install", kind=kind)
    contact = contact_with(here, choice.where, options)
    talk_of(here, options).say(f"Reading {contact.source.where} (chosen by {choice.chosen_by}).")
    ground = ground_of(here, options, address=public_address(contact))
    finish(here, options, [(contact, ground, prepare(contact, asked, ground=ground, kind=kind))], choice)


def install_locked(here: World, options: Options) -> None:
    """Installs exactly what the lock file pins, from the registries that it names."""
    from registry_tool.services.lockfile import NAME
    from registry_tool.services.syncing import prepare_locked

    if options.personal:
        raise WrongUsage("say what to install: your own folder has no lock file", code="missing-id")
    work = []
    for registry in locked_registries(here, options):
        contact = contact_by_id(here, registry, options, frozen=True)
        placed = ground_of(here, options, address=public_address(contact))
        work.append((contact, placed, prepare_locked(contact, ground=placed)))
    finish(here, options, work, Choice(work[0][0].source.where, NAME))


def locked_registries(here: World, options: Options) -> list[str]:
    """The ids of the registries that the project's lock file names; `WrongUsage` where it names none."""
    from registry_tool.services.lockfile import NAME, read_lock

    root = root_of(here, options)
    rows = read_lock(here.target(root).lock_text())
    if not rows:
        raise WrongUsage(
            f"say what to install: there is no {NAME} in {root}",
            code="missing-id",
            hint="registry install @scope/name",
        )
    return sorted({row.registry for row in rows.values()})


def is_export(here: World, text: str) -> bool:
    """Whether `text` names a file, which can only be an export."""
    return not text.startswith("@") and here.path(text).is_file()


def asked_of(here: World, file: str) -> tuple[str, ...]:
    """What an export was made for."""
    from registry_tool.stores.exported import ExportedSource

    return ExportedSource(here.path(file)).about.asked


def finish(
    here: World,
    options: Options,
    work: "Sequence[tuple[Contact, Ground, Prepared]]",
    choice: Choice,
    **more: Any,  # Any: JSON, members of the result
) -> None:
    """Asks for what is granted, writes, and says what was done and how to undo it."""
    from registry_tool.services.consumer import installed_json

    ready(here, options, work)
    work = agree(here, options, work)
    write(here, options, work)
    steps = [step for _, _, prepared in work for step in prepared.steps]
    value = {
        "installed": [installed_json(step) for step in steps],
        "already": [one for _, _, prepared in work for one in prepared.already],
        "registry": work[0][0].registry,
        "where": work[0][0].source.where,
        "chosen_by": choice.chosen_by,
        "dry_run": options.dry_run,
        "index": index_value(here, [contact for contact, _, _ in work]),
        **more,
    }
    result(value, as_json=options.as_json, text=lambda: done_words(here, options, work))


def done_words(here: World, options: Options, work: "Sequence[tuple[Contact, Ground, Prepared]]") -> str:
    """What was installed, by whom it was let in, and how to undo it."""
    from registry_tool.services.consumer import installed_json

    lines: list[str] = []
    undo: list[str] = []
    for contact, _, prepared in work:
        lines += [f"{one} is there already." for one in prepared.already]
        for step in prepared.steps:
            manifest = step.verified.manifest
            verified = installed_json(step)["verified"]
            who = ", ".join(verified["approved_by"]) or verified["admitted_by"]
            verb = "Would install" if options.dry_run else "Updated to" if step.replaces else "Installed"
            lines.append(
                f"{verb} {step.verified.artifact} {manifest.version} ({manifest.kind}) from {contact.source.where}: "
                f"signed by {manifest.author}, let in by {who}."
            )
            lines += [f"  {path}" for path in _shown(step.files)]
            if step.plan.seen_by:
                lines.append(f"  Seen by: {', '.join(step.plan.seen_by)}.")
            lines += [f"  {note}" for note in step.plan.notes]
            before = step.replaces["record"]["version"] if step.replaces else None
            undo.append(
                f"install {step.verified.artifact}@{before}" if before else f"uninstall {step.verified.artifact}"
            )
    if undo and not options.dry_run:
        lines += [f"Undo: registry {one}{where_flags(here, options)}" for one in reversed(undo)]
    return "\n".join(lines)


def _shown(files: Sequence[str]) -> list[str]:
    return [*files[:10], *([f"… and {len(files) - 10} more files"] if len(files) > 10 else [])]


def talk_of(here: World, options: Options) -> Talk:
    """Talk on stderr, where a person reads it."""
    return Talk(quiet=options.as_json or not here.terminal)


def uninstall_verb(kind: str | None) -> click.Command:
    """`uninstall`, locked to `kind` where one is given."""

    @click.command(name="uninstall", help=_uninstall_help(kind))
    @click.argument("artifacts", metavar="@SCOPE/NAME...", nargs=-1, required=True)
    @project_option
    @place_options
    @click.option("--yes", is_flag=True, help="Ask nothing; it never does.")
    @click.option("--force", is_flag=True, help="Lose your changes to its files, and what others need.")
    @dry_run_option
    @json_option
    @click.pass_context
    def uninstall(ctx: click.Context, /, artifacts: tuple[str, ...], **given: Any) -> None:  # Any: click's values
        from registry_tool.services.consumer import uninstall as take_away

        here, options = world(ctx), Options(**given)
        names = [parse_artifact(one) for one in artifacts]
        root = root_of(here, options)
        target = here.target(root)
        gone = []
        for one in names:
            with uninstalling(here, root, str(one), dry_run=options.dry_run):
                gone.append(take_away(target, one, kind=kind, force=options.force, dry_run=options.dry_run))
        value = {
            "uninstalled": [
                {
                    "id": receipt["artifact"],
                    "version": receipt["record"]["version"],
                    "kind": receipt["record"]["kind"],
                    "kept": list(receipt.get("kept", ())),
                }
                for receipt in gone
            ],
            "dry_run": options.dry_run,
        }
        result(value, as_json=options.as_json, text=lambda: _gone_words(value["uninstalled"], options, here))

    return uninstall


def _uninstall_help(kind: str | None) -> str:
    example = f"registry {kind + ' ' if kind else ''}uninstall @acme/solar"
    return f"Remove what an install wrote, exactly.\n\nFiles of your own that lie there stay.\n\nExample: {example}"


def _gone_words(rows: Any, options: Options, here: World) -> str:  # Any: JSON
    lines: list[str] = []
    verb = "Would remove" if options.dry_run else "Removed"
    for row in rows:
        lines.append(f"{verb} {row['id']} {row['version']} ({row['kind']}).")
        lines += [f"  your own file stayed: {path}" for path in row["kept"]]
        if not options.dry_run:
            lines.append(f"Undo: registry install {row['id']}@{row['version']}{where_flags(here, options)}")
    return "\n".join(lines)


install = install_verb(None)
uninstall = uninstall_verb(None)
