"""Between what was prepared and what is written: what the person agrees to, and the log that it is noted in."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from registry_tool.cli.consumer_ground import Options, root_of
from registry_tool.cli.contacting import settled_here
from registry_tool.cli.noting import noted
from registry_tool.cli.show import Talk, ask, plain
from registry_tool.core.errors import WrongUsage
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.consumer import Ground, Prepared, Step
    from registry_tool.services.contact import Contact

    Work = Sequence[tuple[Contact, Ground, Prepared]]


def ready(here: World, options: Options, work: "Work", gone: Sequence[str] = ()) -> None:
    """Refuses what cannot be done anyway, before anybody is asked; `gone` are the names of what goes with it."""
    _room(here, options, work, gone)
    if not options.dry_run and (gone or any(prepared.steps for _, _, prepared in work)):
        here.audit.ready()


def agree(here: World, options: Options, work: "Work") -> "Work":
    """Everything that is asked or fetched before the first byte is written; `work` with what was answered.

    Raises where something is missing. What costs the person a question comes before what costs time.
    """
    from registry_tool.cli.closing import fetch_closures
    from registry_tool.cli.inputs import ask_inputs

    _grant(here, options, work)
    work = ask_inputs(here, options, work)
    return fetch_closures(here, options, work)


def write(here: World, options: Options, work: "Work") -> None:
    """Writes what was prepared, each release with its lines in the audit log; nothing on a dry run."""
    from registry_tool.cli.closing import remember_agreed
    from registry_tool.services.consumer import commit

    root = root_of(here, options)
    for contact, ground, prepared in work:
        if not options.dry_run:
            commit(
                contact,
                prepared,
                ground=ground,
                memory=here.state,
                noted=lambda step: noted(here, root, step.record, "update" if _other(step) else "install"),
            )
            remember_agreed(here, options, prepared)


def _other(step: "Step") -> bool:
    """Whether it takes the place of another version."""
    return step.replaces is not None and step.replaces["record"]["version"] != step.record["version"]


def _room(here: World, options: Options, work: "Work", gone: Sequence[str]) -> None:
    """Refuses what the person's tier has no room for, where a registry has tiers."""
    if any(contact.tiers is not None for contact, _, _ in work):
        from registry_tool.cli.tiers import demand_room

        demand_room(here, options, work, gone)


def _grant(here: World, options: Options, work: "Work") -> None:
    """Shows in words what will be allowed, and asks; `WrongUsage` naming the flag where nobody can be asked."""
    _known(here, options.allow)
    steps = [step for _, _, prepared in work for step in prepared.steps if step.permissions]
    if not steps or options.dry_run:
        return
    settled, talk = settled_here(here, options), Talk(quiet=options.as_json or not here.terminal)
    left: dict[str, dict[str, str]] = {}
    for step in steps:
        kind = here.kinds[step.verified.manifest.kind]
        for permission, words in step.permissions:
            if kind.grammar.covered(options.allow, permission):
                continue
            file = settled.granted(kind, permission)
            if file is not None:
                talk.say(f"{step.verified.artifact} may {words} ({permission}): {file} grants it.")
                continue
            left.setdefault(step.verified.artifact, {})[permission] = words
    if not left:
        return
    for artifact, asked in left.items():
        click.echo(f"{artifact} may then:", err=True)
        for permission, words in asked.items():
            click.echo(plain(f"  {words}  ({permission})"), err=True)
    every = dict.fromkeys(permission for asked in left.values() for permission in asked)
    flags = " ".join(f"--allow {shlex.quote(one)}" for one in every)
    ask(here, "Is that all right?", flag=f"--yes, or {flags}", yes=options.yes)


def _known(here: World, allow: Sequence[str]) -> None:
    """Refuses `--allow` of what no kind can have; what is known and not asked for is allowed for nothing."""
    for one in allow:
        if all(kind.grammar.explain(one) is None for kind in here.kinds):
            forms = ", ".join(f"{kind.id}: {rule.accepts[0]}" for kind in here.kinds for rule in kind.grammar.rules[:1])
            raise WrongUsage(
                f"--allow {shlex.quote(one)} is no permission that anything can have",
                code="unknown-permission",
                hint=f"write it as the question does; for example {forms}",
            )
