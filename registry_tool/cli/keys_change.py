"""Keys that change: `registry keys rotate | revoke | recover | object`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from registry_tool.cli import show
from registry_tool.cli.folders import desk_of
from registry_tool.cli.sending import acting, documents_in, opened, push, submit
from registry_tool.core.errors import NotFound
from registry_tool.core.names import parse_author
from registry_tool.core.times import to_seconds
from registry_tool.core.tree import Tree
from registry_tool.services import keyrings
from registry_tool.services.author import Desk
from registry_tool.services.keyrings import Step
from registry_tool.services.objecting import Waits, objection, recoveries
from registry_tool.wiring import Access, World

F = TypeVar("F", bound=Callable[..., Any])


def _options(function: F) -> F:
    """What every change takes: whose keys, which registry, and how."""
    whose = click.option(
        "--as", "author", default="", metavar="AUTHOR", help="Whose keys; default: the only author here."
    )
    return whose(show.registry_option(show.yes_option(show.dry_run_option(show.json_option(function)))))


def _change(
    ctx: click.Context,
    where: str | None,
    author: str,
    make: Callable[[Tree, str, Desk], Step],
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Says what a change needs, asks, signs with keys that are kept, and submits."""
    world = show.world(ctx)
    access, tip = opened(world, where)
    by = parse_author(acting(world, author))
    # Nothing is kept, no key either, before all of it is known to be fine.
    step = make(tip, by, desk_of(world, throwaway=True))
    if not dry_run:
        talk = show.Talk(quiet=as_json)
        talk.say(_plan(step))
        show.ask(world, f"Submit this to {access.where}?", flag="--yes", yes=yes)
        step = make(tip, by, desk_of(world))
        message, statements = step.words[:72] + "\n", documents_in(step.files)
        submit(world, access, step.files, id=step.id, branch=step.branch, by=by, message=message, statements=statements)
    value = {**step.value(), "dry_run": dry_run, "where": access.where}
    show.result(value, as_json=as_json, text=lambda: _done(world, step, dry_run=dry_run))


def _plan(step: Step) -> str:
    lines = [f"This {step.words}.", "It needs:", *(f"  {one}" for one in step.needs)]
    if step.takes_back:
        lines += ["Clients will refuse from then on:", *(f"  {one}" for one in step.takes_back)]
    else:
        lines.append("It takes no release back.")
    return "\n".join([*lines, *step.events.words])


def _done(world: World, step: Step, *, dry_run: bool) -> str:
    if dry_run:
        new = "; new keys are made when you submit it" if step.makes_keys else ""
        return f"{_plan(step)}\nNothing was written{new}."
    folder = world.keys.path_of(step.author, "control").parent
    return (
        f"Submitted as {step.branch}: {step.words}.\n"
        f"Your keys are in {folder}. Keep a copy of all of them; the old ones count until it lands.\n"
        "What became of it: registry status"
    )


@click.command("rotate", epilog="Example: registry keys rotate --use signing --as ann --registry reg")
@click.option("--use", "use", type=click.Choice(["signing", "control"]), default="signing", help="Which key.")
@click.option("--key", "old", default="", metavar="K16", help="The key that retires; default: the one on this machine.")
@_options
@click.pass_context
def rotate(ctx: click.Context, /, use: keyrings.Use, old: str, author: str, where: str | None, **how: bool) -> None:
    """Make a new key and retire the old one; what the old one signed stays good.

    Needs your control key, the new key (both sign here), and a moderator.
    """

    def make(tip: Tree, by: str, desk: Desk) -> Step:
        return keyrings.rotate(tip, by, use=use, old=old, desk=desk)

    _change(ctx, where, author, make, **how)


@click.command("revoke", epilog="Example: registry keys revoke 1a2b3c4d --reason stolen --as ann --registry reg")
@click.argument("key", metavar="K16")
@click.option("--since", default="", metavar="TIME", help="When it was stolen, as 2026-11-21T09:00:00Z; default: now.")
@click.option("--reason", required=True, help="Why; it is public.")
@_options
@click.pass_context
def revoke(
    ctx: click.Context, /, key: str, since: str, reason: str, author: str, where: str | None, **how: bool
) -> None:
    """Say that a key is compromised, from now or since a time.

    From now needs your control key alone. Since a time takes back what was admitted and said since; that
    is listed first, and a moderator has to agree. A key that you rotated already can be revoked, too.
    """
    if since:
        to_seconds(since)

    def make(tip: Tree, by: str, desk: Desk) -> Step:
        return keyrings.revoke(tip, by, key, since=since, reason=reason, desk=desk)

    _change(ctx, where, author, make, **how)


@click.command("recover", epilog="Example: registry keys recover --as ann --registry reg")
@_options
@click.pass_context
def recover(ctx: click.Context, /, author: str, where: str | None, **how: bool) -> None:
    """Ask for new keys after you lost every control key.

    Needs a moderator's public notice, the wait that policy sets, no objection by an old control key,
    and then as many moderators as sign for the registry. Make yourself known to them by another way.
    """

    def make(tip: Tree, by: str, desk: Desk) -> Step:
        return keyrings.recover(tip, by, desk=desk)

    _change(ctx, where, author, make, **how)


@click.command("account", epilog="Example: registry keys account ann-codes --as ann --registry reg")
@click.argument("name", metavar="ACCOUNT")
@click.option("--number", type=click.IntRange(1), default=None, help="Its number; default: the forge is asked.")
@click.option("--forge", default="", metavar="HOST", help="Where it is; default: where the registry is.")
@_options
@click.pass_context
def account(
    ctx: click.Context,
    /,
    name: str,
    number: int | None,
    forge: str,
    author: str,
    where: str | None,
    **how: bool,
) -> None:
    """List your account in a forge, by its number, in your keyring.

    With your key it is a second sign of who you are: updates that ask for nothing new can go through by
    themselves, where the registry lets them. Needs your control key, and a moderator's agreement.
    """
    from registry_tool.cli.deciding import account_in
    from registry_tool.services.accounts import list_account

    listed = account_in(show.world(ctx), where, name, number=number, forge=forge)
    _change(ctx, where, author, lambda tip, by, desk: list_account(tip, by, listed, desk=desk), **how)


def waiting_recoveries(world: World, access: Access, tip: Tree, author: str) -> tuple[Waits, ...]:
    """The recoveries of an author's keys that wait in a registry."""
    heads = {}
    for branch, commit in access.branches("submit/").items():
        history = access.history if access.remote is None else access.remote.fetch_branch(branch)[0]
        heads[branch] = history.tree(commit)
    return recoveries(tip, heads, author, desk=desk_of(world))


@click.command("object", epilog="Example: registry keys object 1a2b3c --as ann --registry reg")
@click.argument("name", metavar="ID")
@click.option("--note", default="", help="What moderators should know; it is public.")
@_options
@click.pass_context
def object_(
    ctx: click.Context,
    name: str,
    note: str,
    author: str,
    where: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Stop a recovery of your keys that you did not ask for.

    Needs your control key alone. It ends that recovery for good: moderators cannot land it any more.
    """
    world = show.world(ctx)
    access, tip = opened(world, where)
    by = parse_author(acting(world, author))
    found = [one for one in waiting_recoveries(world, access, tip, by) if name and one.submission.startswith(name)]
    if len(found) != 1:
        raise NotFound(
            f"no recovery of the keys of {by} begins with {name!r}",
            code="no-submission",
            hint=f"`registry keys list --as {by} --registry …` shows those that wait",
        )
    made = objection(tip, found[0], by, note=note, desk=desk_of(world))
    value = {"submission": made.submission, "branch": made.branch, "author": by, "where": access.where}
    if not dry_run:
        show.ask(world, f"Object to the recovery {made.submission[:12]}, for good?", flag="--yes", yes=yes)
        push(access, made.files, branch=made.branch, by=by, message="Object to a recovery\n", at=world.now())
    said = "Would object" if dry_run else "Objected"
    text = f"{said} to the recovery {made.submission[:12]}; the next moderator who looks at it puts that on record."
    show.result({**value, "dry_run": dry_run}, as_json=as_json, text=lambda: text)
