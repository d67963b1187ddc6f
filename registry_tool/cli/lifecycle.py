"""What becomes of a release: yank, deprecate, quarantine, revoke, withhold, and restore."""

import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_at, landed_words
from registry_tool.cli.folders import desk_of
from registry_tool.cli.sending import documents_in, opened, submit
from registry_tool.core.errors import StateForbids, WrongUsage
from registry_tool.core.names import Wanted, parse_wanted
from registry_tool.core.published import registry_of
from registry_tool.core.reasons import REASONS, checked_reason, reason_words
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.services import lifecycle as service
from registry_tool.services.acts import Deed, acts_of, untold, versions_of
from registry_tool.wiring import World

F = TypeVar("F", bound=Callable[..., Any])

_DONE = {
    "yank": "Yanked",
    "deprecate": "Deprecated",
    "quarantine": "Put into quarantine:",
    "revoke": "Revoked",
    "withhold": "Withheld",
    "restore": "Restored",
}


def _options(action: str) -> Callable[[F], F]:
    """What every verb here takes."""

    def add(function: F) -> F:
        reasons = ", ".join(REASONS[action])
        default = "cleared" if action == "restore" else ""
        for option in (
            click.option("--reason", default=default, metavar="CODE", help=f"One of: {reasons}."),
            click.option("--note", default="", help="What people should know; it is signed and public."),
            click.option("--as", "who", default="", metavar="WHO", help="Who you are, where several of you are here."),
        ):
            function = option(function)
        function = show.registry_option(show.dry_run_option(show.json_option(function)))
        return click.argument("releases", metavar="@SCOPE/NAME@VERSION...", nargs=-1, required=True)(function)

    return add


def _verb(action: str, help_: str, example: str) -> click.Command:
    @click.command(name=action, help=f"{help_}\n\nExample: registry {example}")
    @_options(action)
    @click.option("--all-versions", "everything", is_flag=True, help="Every version of the names.")
    @click.pass_context
    def verb(ctx: click.Context, /, releases: tuple[str, ...], everything: bool, **given: Any) -> None:  # Any: click's
        if not given["note"].strip() and given["reason"] in REASONS[action]:
            raise WrongUsage(
                "nothing says why, in words", code="needs-note", hint='add --note "…"; people will read it'
            )
        _do(show.world(ctx), action, releases, everything=everything, **given)

    return verb


yank = _verb(
    "yank",
    "Take a version back: only lock files that name it still install it.\n\n"
    "For an owner or member of the scope; it goes out as a submission.",
    'yank @acme/solar@1.0.0 --reason broken --note "it needs 1.0.1" --registry reg',
)
deprecate = _verb(
    "deprecate",
    "Say that something else is better; it installs as before, and people are told.\n\n"
    "For an owner or member of the scope; it goes out as a submission.",
    'deprecate @acme/solar@1.0.0 --reason superseded --note "take @acme/moon" --registry reg',
)
quarantine = _verb(
    "quarantine",
    "Stop everybody from installing a version while you look into it.\n\nFor a moderator; it takes effect at once.",
    'quarantine @acme/solar@1.0.0 --reason suspected-malware --note "it reads keys" --registry reg',
)
revoke = _verb(
    "revoke",
    "Say that nobody should have a version, and that who has it should remove it.\n\n"
    "For a moderator; it takes effect at once.",
    'revoke @acme/solar --all-versions --reason malware --note "it sends keys away" --registry reg',
)
withhold = _verb(
    "withhold",
    "Stop publishing a version's files; what was signed about it stays readable.\n\n"
    "For a moderator; it takes effect at once. Then the files may be deleted from the repository.",
    'withhold @acme/solar@1.0.0 --reason copyright --note "its maker asked" --registry reg',
)


@click.command(help="Lift what was said of a version.\n\nExample: registry restore @acme/solar@1.0.0 --registry reg")
@_options("restore")
@click.option("--event", type=click.IntRange(1), help="The event to lift; default: the gravest that you may lift.")
@click.pass_context
def restore(ctx: click.Context, /, releases: tuple[str, ...], event: int | None, **given: Any) -> None:  # Any: click's
    """Lifts an event; what is below it stands again."""
    if event is not None and len(releases) > 1:
        raise WrongUsage("--event is of one release, and several are named", hint="name one")
    _do(show.world(ctx), "restore", releases, event=event, **given)


def _do(
    world: World,
    action: str,
    releases: tuple[str, ...],
    *,
    reason: str,
    note: str,
    who: str,
    where: str | None,
    dry_run: bool,
    as_json: bool,
    everything: bool = False,
    event: int | None = None,
) -> None:
    checked_reason(action, reason)
    asked = tuple(parse_wanted(one) for one in releases)
    access, tip = opened(world, where)
    desk = desk_of(world, tip=tip)
    wanted = _every(tip, action, asked, desk.means) if everything else asked
    deed = Deed(action, wanted, reason, note.strip(), who, event)
    acts = acts_of(tip, deed, desk=desk)
    value: dict[str, Any] = {"where": access.where, "dry_run": dry_run}  # Any: JSON
    after = ""
    if acts[0].person is None:
        prepared = service.prepare(tip, deed, acts, desk=desk)
        if not dry_run:
            submit(
                world,
                access,
                prepared.files,
                id=prepared.id,
                branch=prepared.branch,
                by=prepared.author,
                message=f"Events of {', '.join(act.words for act in prepared.acts)}\n",
                words=[f"{action} {act.words}" for act in prepared.acts],
                statements=documents_in(prepared.files),
            )
        value |= {**service.told(deed, acts), "state": "pending", "by": prepared.author}
        value |= {"submission": prepared.id, "branch": prepared.branch, "registry": prepared.registry}
    elif dry_run:
        value |= {**service.told(deed, acts), "state": "landed", "by": acts[0].person.id}
        value |= {"registry": registry_of(tip)}
    else:
        bench = bench_at(world, access)
        value |= service.land(bench, deed)
        after = landed_words(bench.history)
    show.result(value, as_json=as_json, text=lambda: _words(value, after))


def _every(tip: Tree, action: str, asked: tuple[Wanted, ...], means: Means) -> tuple[Wanted, ...]:
    """All versions of the names of which that is not said already."""
    named = [one for one in asked if one.version is not None]
    if named:
        raise WrongUsage(f"--all-versions is for names, and {named[0]} names a version", hint="leave the version out")
    found = tuple(one for name in asked for one in untold(tip, versions_of(tip, name.artifact), action, means=means))
    if not found:
        raise StateForbids("every version has that said of it already", code="already")
    return found


def _words(value: dict[str, Any], after: str) -> str:  # Any: JSON
    titles = ", ".join(f"{one['artifact']}@{one['version']}" for one in value["releases"])
    action, reason = value["action"], value["reason"]
    why = f"{reason}: {reason_words(action, reason)}"
    where = f" --registry {shlex.quote(value['where'])}"
    if value["dry_run"]:
        how = "submit for a moderator to approve" if value["state"] == "pending" else "say at once"
        return f"Would {how}, signed by {value['by']}: {action} {titles} ({why})"
    note = " ".join(value["note"].split())
    lines = [f"{_DONE[action]} {titles}, signed by {value['by']} ({why})"]
    if value["state"] == "pending":
        lines = [f"Submitted, signed by {value['by']}: {action} {titles} ({why})"]
    lines += [f"Its note, for everybody to read: “{note}”"] if note else []
    if value["state"] == "pending":
        lines.append(f"It waits as {value['branch']}; a moderator decides. What became of it: registry status")
    else:
        lines += after.splitlines()
    if action != "restore" and value["state"] == "landed":
        lines += [f"Undo: registry restore {one['artifact']}@{one['version']}{where}" for one in value["releases"]]
    if action == "withhold":
        lines.append("Its files may now be deleted from the repository; nothing needs them: see about/lifecycle/")
    return "\n".join(lines)
