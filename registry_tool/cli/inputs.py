"""The values that an app asks for: from `--input`, from the person, or left as its author wrote them."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from registry_tool.cli.consumer_ground import Options, root_of
from registry_tool.cli.show import plain
from registry_tool.core.answers import LINES, answered, answered_names, unanswered
from registry_tool.core.errors import WrongUsage
from registry_tool.core.plan import Ask, Plan, PutTree
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.consumer import Ground, Prepared
    from registry_tool.services.contact import Contact

    Work = Sequence[tuple[Contact, Ground, Prepared]]


def ask_inputs(here: World, options: Options, work: "Work") -> "list[tuple[Contact, Ground, Prepared]]":
    """`work` with the person's values in its plans.

    `--input NAME=VALUE` says one; on a terminal the others are asked for, once, and an update asks for new ones only.
    `--yes` leaves them at their defaults. Without a terminal and without `--yes`, `WrongUsage` names the flags of
    those that the app does not start without. Nothing is taken from the environment.
    """
    said = _said(options.inputs)
    plans = [step.plan for _, _, prepared in work for step in prepared.steps if step.plan.asks]
    known = {ask.name for plan in plans for ask in plan.asks}
    for name in said:
        if name not in known:
            hint = f"it asks for {', '.join(sorted(known))}" if known else "leave --input out"
            raise WrongUsage(f"nothing that is installed asks for {name}", code="unknown-input", hint=hint)
    if not plans:
        return list(work)
    found = []
    for contact, ground, prepared in work:
        steps = [
            replace(step, plan=_with_values(here, options, step.verified.artifact, step.plan, said))
            if step.plan.asks
            else step
            for step in prepared.steps
        ]
        found.append((contact, ground, replace(prepared, steps=tuple(steps))))
    return found


def _said(inputs: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise WrongUsage(f"--input is NAME=VALUE, this is {text!r:.60}", code="bad-input", hint="--input TZ=UTC")
        found[name] = value
    return found


def _with_values(here: World, options: Options, artifact: str, plan: Plan, said: Mapping[str, str]) -> Plan:
    """The plan with what was said, and with a note of what is still to be filled in."""
    there, file = _there(here, options, plan)
    values = {ask.name: said[ask.name] for ask in plan.asks if ask.name in said}
    repeated = sorted(there & values.keys())
    if repeated:
        hint = "change it in that file, which is yours"
        raise WrongUsage(f"{file} has a value for {', '.join(repeated)} already", code="input-there", hint=hint)
    open_asks = [ask for ask in plan.asks if ask.name not in values and ask.name not in there]
    if open_asks and not options.yes and not options.dry_run:
        values |= _asked(here, artifact, open_asks)
    left = [ask.name for ask in unanswered(open_asks, values)]
    filled = answered(plan, values)
    if not left:
        return filled
    note = f"Before you start it, fill in {', '.join(left)} in {file}."
    return replace(filled, notes=(note, *filled.notes))


def _asked(here: World, artifact: str, asks: Sequence[Ask]) -> dict[str, str]:
    if not here.terminal:
        needed = [f"--input {ask.name}=VALUE" for ask in unanswered(asks, {})]
        if not needed:
            return {}
        message = f"{artifact} does not start without some values. There is no terminal to ask on"
        hint = f"add {' '.join(needed)}; or --yes, and fill them in later"
        raise WrongUsage(message, code="needs-answer", hint=hint)
    click.echo(plain(f"{artifact} asks for {len(asks)} values; an empty line takes what is in brackets."), err=True)
    values = {}
    for ask in asks:
        if ask.description:
            click.echo(plain(f"  {ask.description}"), err=True)
        shown = "" if ask.default is None else f" [{'the default' if ask.secret else ask.default}]"
        words = plain(f"  {ask.name}{shown}")
        value = str(click.prompt(words, default="", show_default=False, hide_input=ask.secret, err=True))
        if value:
            values[ask.name] = value
    return values


def _there(here: World, options: Options, plan: Plan) -> tuple[frozenset[str], str]:
    """The names that the person's file has, and that file."""
    tree = next(step for step in plan.steps if isinstance(step, PutTree) and step.own)
    target = here.target(root_of(here, options))
    lines = answered_names(target.own(f"{tree.path}/{LINES}") or b"")
    files = {ask.name for ask in plan.asks if ask.file and target.own(f"{tree.path}/{ask.file}")}
    place = posixpath.dirname(next(iter(tree.own)))
    return lines | files, f"{tree.path}/{place or next(iter(tree.own))}"
