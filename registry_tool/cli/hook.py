"""What git's hooks of a bare repository ask: whether a push may be kept, and what is to be remembered of it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry_tool.cli import show
from registry_tool.core.errors import RegistryError, StateForbids, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.pushes import INPUT_BYTES, Update, only_withdraw, read_updates
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.ports import History
    from registry_tool.services.bench import Bench
    from registry_tool.services.receiving import Refused

_FINDINGS = 12
"""How many are told of one branch: somebody may have sent ten thousand files."""
_LINE = 300
"""Characters of a line."""


@click.group()
def hook() -> None:
    """Judge what is pushed to a bare repository, for git's hooks.

    Example: registry hook install reg.git
    """


@hook.command(epilog="Example: registry hook install reg.git")
@click.argument("directory", metavar="REPOSITORY")
@show.dry_run_option
@show.json_option
@click.pass_context
def install(ctx: click.Context, directory: str, dry_run: bool, as_json: bool) -> None:
    """Let a bare repository refuse what its registry's rules refuse.

    `init --forge bare` does it for a new one. Run it again where the tool moved to another place.
    """
    from registry_tool.cli.founding import write_setup
    from registry_tool.forges import setup_of
    from registry_tool.forges.setup import Ground
    from registry_tool.stores.git.layout import find_layout

    world = show.world(ctx)
    path = world.path(directory)
    if find_layout(path).work_tree is not None:
        hint = "people push to one without a work tree: git clone --bare, or registry init --forge bare"
        raise StateForbids(f"{path} has a work tree", code="not-bare", hint=hint)
    bench = bench_on(world, world.history(path))
    setup = setup_of("bare", Ground(registry_on(bench), path.name, "", "", "", sys.executable))
    if not dry_run:
        write_setup(path, setup)
    value = {"where": str(path), "files": sorted(setup.kept), "dry_run": dry_run}
    said = "Would write" if dry_run else "Wrote"
    lines = [f"{said} {', '.join(sorted(setup.kept))} and git's settings of {path}.", *setup.words]
    show.result(value, as_json=as_json, text=lambda: "\n".join(lines))


@hook.command("pre-receive", epilog="Example: exec registry hook pre-receive   (in hooks/pre-receive)")
@click.pass_context
def pre_receive(ctx: click.Context) -> int:
    """Say whether a push may be kept; git tells it on standard input.

    1 with the reasons on stderr where it may not: git then keeps nothing of it, not even the objects.
    """
    world = show.world(ctx)
    updates, repository = _told(), _repository(world)
    if only_withdraw(updates):
        return 0
    from registry_tool.services.receiving import Refused, received
    from registry_tool.stores.git.quarantine import Incoming

    try:
        incoming = Incoming.of(repository, world.env)
        incoming.weigh(world.env)
        refused = received(bench_on(world, incoming.history()), updates)
    except RegistryError as error:  # it is about the push as a whole
        refused = tuple(Refused(one.ref, error) for one in updates)
    for one in refused:
        click.echo("\n".join(_short(show.plain(line)) for line in _lines(one)), err=True)
    return 1 if refused else 0


@hook.command("post-receive", epilog="Example: exec registry hook post-receive   (in hooks/post-receive)")
@click.pass_context
def post_receive(ctx: click.Context) -> None:
    """Remember since when submissions wait that a push brought, and say what is due.

    The push is kept already: whatever goes wrong here, the next `registry queue` makes up for it.
    """
    from registry_tool.services.receiving import submitted
    from registry_tool.services.waitlist import first_seen

    world = show.world(ctx)
    bench = bench_on(world, world.history(_repository(world)))
    ids = submitted(bench, _told())
    if not ids:
        return
    first_seen(bench, ids)
    for one in ids:
        click.echo(f"{one[:12]} waits to be looked at; `registry status` says what becomes of it.", err=True)
    if gate_works(bench):
        click.echo("What needs no person goes through with the next `registry admit` there.", err=True)


def bench_on(world: World, history: "History") -> "Bench":
    """What the services need, over a history."""
    from registry_tool.cli.deciding import bench_on as made

    return made(world, history)


def registry_on(bench: "Bench") -> str:
    """The id of the registry in a repository; `NotFound` where it holds none."""
    from registry_tool.core.stored import registry_of
    from registry_tool.services.bench import tip_of

    return registry_of(tip_of(bench.history)[1])


def gate_works(bench: "Bench") -> bool:
    """Whether the gate's key is on this machine, and policy lets it do anything."""
    from registry_tool.core.keys import k16
    from registry_tool.core.standing import government_at
    from registry_tool.services.bench import tip_of

    registry, (_, tip) = registry_on(bench), tip_of(bench.history)
    government = government_at(tip, registry=registry, check=bench.means.check)
    policy, gate = government.policy.head.body, government.moderators.head.body.gate
    works = policy.gate.releases != "none" or bool(policy.gate.statements) or policy.approvals.mode == "forge"
    active = {row.k16 for row in gate if row.active}
    return works and any(k16(one.key) in active for one in bench.keys.every(f"registry:{registry[:16]}", "gate"))


def _told() -> tuple[Update, ...]:
    return read_updates(sys.stdin.buffer.read(INPUT_BYTES + 1))


def _repository(world: World) -> Path:
    """Where git runs the hook; `WrongUsage` where it was not git that started it."""
    folder = world.env.get("GIT_DIR")
    if not folder:
        raise WrongUsage(
            "this is for git to call, as hooks/pre-receive and hooks/post-receive of a bare repository",
            code="no-git-dir",
            hint="registry hook install REPOSITORY",
        )
    return world.path(folder)


def _lines(refused: "Refused") -> Iterator[str]:
    """What somebody reads whose push was refused, and in the last line what their tool reads (`stores/remote.py`)."""
    error = refused.error
    where = f" ({error.where})" if error.where else ""
    yield f"error: {refused.ref}: {error.message}{where}"
    faults = error.findings[:_FINDINGS]
    yield from _finding_lines(faults)
    if len(error.findings) > len(faults):
        yield f"  and {len(error.findings) - len(faults)} more"
    hint = error.hint or ("" if any(one.hint for one in faults) else _next(error))
    if hint:
        yield f"  {hint}"
    yield f"refused {refused.ref} {error.exit_code} {error.code}"


def _short(line: str) -> str:
    return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"


def _finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    for one in findings:
        place = one.path.replace("\n", "\\n")
        yield f"  {one.level:<6} {place + ': ' if place else ''}{one.message}"
        if one.hint:
            yield f"         {one.hint}"


def _next(error: RegistryError) -> str:
    return "mend that, then push it again" if error.exit_code == 1 else "look at what you send before you go on"
