"""A change of moderators or policy on its way: read, signed by one after the other, or dropped."""

from collections.abc import Callable
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_of, landed_words, send_words
from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.services import governing
from registry_tool.services.bench import Bench, tip_of
from registry_tool.services.governing import Draft
from registry_tool.wiring import World

Plan = Callable[[Bench, Draft], str]
"""What a draft changes, in words, against what holds now."""

_ASK = "Sign this?"


def writing(function: Any) -> Any:  # Any: click's decorators
    """The options of verbs that write."""
    for option in (show.json_option, show.dry_run_option, show.yes_option, show.registry_option):
        function = option(function)
    return function


def show_draft(bench: Bench, made: Draft, *, plan: Plan, as_json: bool) -> None:
    """The result of a rehearsal."""
    value = {**made.value(), "state": "dry-run", "dry_run": True}
    show.result(value, as_json=as_json, text=lambda: plan(bench, made))


def send_draft(bench: Bench, made: Draft, *, subject: str, as_json: bool) -> None:
    """Lands a draft, or puts it where the next one who must sign finds it; says which."""
    value = governing.send(bench, made)
    if value["state"] == "published":
        text = f"Landed: {value['words']}.\n{landed_words(bench.history)}"
    else:
        text = (
            f"Signed; it waits as {value['branch']} for {'; '.join(value['missing'])}.\n"
            f"They sign with: registry {subject} sign\n{send_words(bench.history, value['branch'])}"
        ).rstrip()
    show.result({**value, "dry_run": False}, as_json=as_json, text=lambda: text)


def ask_to_sign(bench: Bench, made: Draft, *, plan: Plan, yes: bool, as_json: bool, world: World) -> None:
    """Says what would change, and asks."""
    show.Talk(quiet=as_json).say(plan(bench, made))
    show.ask(world, _ASK, flag="--yes", yes=yes)


def sign_verb(subject: str, plan: Plan, words: str) -> click.Command:
    """`registry SUBJECT sign`; `words` say what it does."""

    @click.command("sign", help=words, epilog=f"Example: registry {subject} sign --registry reg")
    @writing
    @click.pass_context
    def sign(ctx: click.Context, where: str | None, yes: bool, dry_run: bool, as_json: bool) -> None:
        world = show.world(ctx)
        bench = bench_of(world, where)
        _, tip = tip_of(bench.history)
        waits = governing.waiting(bench, tip, subject)
        if dry_run:
            try:
                waits = governing.sign(bench, tip, waits)
            except (NotFound, StateForbids):
                pass  # who has no key to sign with may read it all the same
            show_draft(bench, waits, plan=plan, as_json=as_json)
            return
        signed = governing.sign(bench, tip, waits)
        ask_to_sign(bench, signed, plan=plan, yes=yes, as_json=as_json, world=world)
        send_draft(bench, signed, subject=subject, as_json=as_json)

    return sign


def drop_verb(subject: str, words: str) -> click.Command:
    """`registry SUBJECT drop`; `words` say what it does."""

    @click.command("drop", help=words, epilog=f"Example: registry {subject} drop --registry reg")
    @show.registry_option
    @show.yes_option
    @show.json_option
    @click.pass_context
    def drop(ctx: click.Context, where: str | None, yes: bool, as_json: bool) -> None:
        world = show.world(ctx)
        bench = bench_of(world, where)
        _, tip = tip_of(bench.history)
        show.ask(world, "Drop the change that waits?", flag="--yes", yes=yes)
        value = governing.drop(bench, tip, subject)
        told = f"Dropped {value['branch']}; nobody is asked to sign it any more."
        show.result(value, as_json=as_json, text=lambda: told)

    return drop
