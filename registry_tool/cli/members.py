"""Who publishes in a scope, and what a release there needs: invite, accept, remove, needs, identity."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.folders import desk_of
from registry_tool.cli.sending import acting, documents_in, opened, push, submit
from registry_tool.core.errors import NotFound
from registry_tool.core.names import parse_scope
from registry_tool.core.submission import submission_id
from registry_tool.services import membership
from registry_tool.wiring import Access, World


@click.group()
def scope() -> None:
    """Say who publishes in a scope, and what a release there needs.

    Example: registry scope invite @acme bob --as acme --registry reg
    """


@scope.command("invite", epilog="Example: registry scope invite @acme bob --registry reg")
@click.argument("name", metavar="@SCOPE")
@click.argument("author")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The owner that you are.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def invite(ctx: click.Context, /, name: str, author: str, by: str, where: str | None, **how: bool) -> None:
    """Let an author publish in your scope; they accept, then a moderator agrees."""
    world = show.world(ctx)
    access, tip = opened(world, where)
    desk = desk_of(world, tip=tip)
    step = membership.invite(tip, parse_scope(name), author, by=acting(world, by), desk=desk)
    _send(world, access, step, acting(world, by), **how)


@scope.command("accept", epilog="Example: registry scope accept @acme --as bob --registry reg")
@click.argument("name", metavar="@SCOPE")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The author that you are.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def accept(ctx: click.Context, /, name: str, by: str, where: str | None, **how: bool) -> None:
    """Accept an invitation: adds your signature and submits it."""
    world = show.world(ctx)
    access, tip = opened(world, where)
    part = parse_scope(name)
    waiting = access.branches(f"invite/scopes/{part}/")
    if not waiting:
        hint = f"an owner makes one with: registry scope invite @{part} {by or 'YOUR-ID'}"
        raise NotFound(f"no invitation into @{part} waits", code="no-invitation", hint=hint)
    branch = max(waiting, key=lambda one: int(one.rpartition("/")[2]))
    history = access.history if access.remote is None else access.remote.fetch_branch(branch)[0]
    desk = desk_of(world, tip=tip)
    step = membership.accept(tip, history.tree(waiting[branch]), part, by=acting(world, by), desk=desk)
    _send(world, access, step, acting(world, by), **how)
    if not how["dry_run"]:
        access.delete(branch, waiting[branch])


@scope.command("remove", epilog="Example: registry scope remove @acme bob --registry reg")
@click.argument("name", metavar="@SCOPE")
@click.argument("author")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The owner, or the member who leaves.")
@click.option("--reason", default="left", help="Why; it is public.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def remove(ctx: click.Context, /, name: str, author: str, by: str, reason: str, where: str | None, **how: bool) -> None:
    """End a membership from now on; what was published stays good."""
    world = show.world(ctx)
    access, tip = opened(world, where)
    desk = desk_of(world, tip=tip)
    step = membership.remove(tip, parse_scope(name), author, by=acting(world, by), desk=desk, reason=reason)
    _send(world, access, step, acting(world, by), **how)


@scope.command("needs", epilog="Example: registry scope needs @acme both --registry reg")
@click.argument("name", metavar="@SCOPE")
@click.argument("needs", type=click.Choice(["key", "identity", "both"]))
@click.option("--as", "by", default="", metavar="AUTHOR", help="The owner that you are.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def needs_(ctx: click.Context, /, name: str, needs: membership.Needs, by: str, where: str | None, **how: bool) -> None:
    """Say whether a release needs a key, a keyless identity, or both."""
    world = show.world(ctx)
    access, tip = opened(world, where)
    desk = desk_of(world, tip=tip)
    step = membership.set_needs(tip, parse_scope(name), needs, by=acting(world, by), desk=desk)
    _send(world, access, step, acting(world, by), **how)


def _identity_options(function: Any) -> Any:  # Any: click's decorators
    """Which identity is meant."""
    number = click.IntRange(min=1)
    for option in (
        click.option("--owner-id", type=number, metavar="N", help="The number of the account that owns it."),
        click.option("--repository-id", type=number, metavar="N", help="The number of the repository: names move on."),
        click.option("--subject", required=True, help="The whole address: of a person's mail, or of a workflow."),
        click.option("--issuer", required=True, help="Who vouches for it, as https://accounts.google.com"),
    ):
        function = option(function)
    return function


@scope.command(
    "identity",
    epilog="Example: registry scope identity add @acme --issuer https://accounts.google.com --subject ann@example.org",
)
@click.argument("deed", type=click.Choice(["add", "remove"]))
@click.argument("name", metavar="@SCOPE")
@_identity_options
@click.option("--as", "by", default="", metavar="AUTHOR", help="The owner that you are.")
@click.option("--reason", default="left", help="Why it is removed; it is public.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def identity(
    ctx: click.Context, /, deed: str, name: str, by: str, where: str | None, **options: Any
) -> None:  # Any: flags
    """Name who may sign releases without a key, or end that; what was signed stays good."""
    world = show.world(ctx)
    access, tip = opened(world, where)
    desk, who, part = desk_of(world, tip=tip), acting(world, by), parse_scope(name)
    numbers = options["repository_id"], options["owner_id"]
    meant = membership.Identity(options["issuer"], options["subject"], *numbers)
    if deed == "add":
        step = membership.add_identity(tip, part, meant, by=who, desk=desk)
    else:
        step = membership.remove_identity(tip, part, meant, by=who, desk=desk, reason=options["reason"])
    _send(world, access, step, who, dry_run=options["dry_run"], as_json=options["as_json"])


def _send(world: World, access: Access, step: membership.Step, by: str, *, dry_run: bool, as_json: bool) -> None:
    """Sends a step, or only says what it would be."""
    identity = submission_id(step.files)
    branch = step.branch or f"submit/{identity[:12]}"
    value = {
        "submission": identity,
        "branch": branch,
        "where": access.where,
        "author": by,
        "statements": sorted(step.files),
        "dry_run": dry_run,
    }
    if dry_run:
        text = f"Nothing was written. It would go to {access.where} as {branch}, and say: {step.words}"
        show.result(value, as_json=as_json, text=lambda: text)
        return
    message = step.words.partition(";")[0] + "\n"
    if step.branch:
        push(access, step.files, branch=branch, by=by, message=message, at=world.now())
    else:
        statements = documents_in(step.files)
        submit(world, access, step.files, id=identity, branch=branch, by=by, message=message, statements=statements)
    show.result(value, as_json=as_json, text=lambda: step.words)
