"""`registry run`: starts what is installed, with what it was granted and nothing else."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import click

from registry_tool.cli.noting import note, refusals
from registry_tool.cli.run_started import Asked, Started
from registry_tool.cli.settled import settings_of
from registry_tool.cli.show import project_option, world
from registry_tool.core.errors import NotFound, NotTrusted, RegistryError, WrongUsage
from registry_tool.core.names import parse_artifact
from registry_tool.wiring import World

_LEVELS: Final = 16
"""How many folders up an install is looked for: an agent may start us below the project."""

Json = Mapping[str, Any]  # Any: JSON, of a receipt


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("artifact", metavar="@SCOPE/NAME")
@click.argument("args", nargs=-1, metavar="[SCRIPT] [-- ARGS]...", type=click.UNPROCESSED)
@click.option("--show", "shown", multiple=True, metavar="PATH", help="Let it read this, as /shown/NAME.")
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Something that it asks for.")
@click.option("--unconfined", is_flag=True, help="Start it with all your rights.")
@click.option("-g", "--global", "personal", is_flag=True, help="The one in your own folder.")
@project_option
@click.pass_context
def run(ctx: click.Context, /, artifact: str, args: tuple[str, ...], **given: Any) -> int:  # Any: click's values
    """Start a script of an installed skill, or an installed plugin.

    It sees its own files, what runs it, and what --show names; it reaches the hosts that it was granted. It cannot
    write, but for /tmp where it was granted that. Without SCRIPT the scripts of a skill are listed.
    Example: registry run @ann/links scripts/broken_links.py --show docs -- /shown/docs
    """
    here = world(ctx)
    name = str(parse_artifact(artifact))
    root, receipt = installed_in(here, name, given["project"], personal=given["personal"])
    record = receipt["record"]
    where = None if root == here.home else root
    with refusals(here, root, "start", (name,), record=record):
        unconfined = _unconfined(here, where, name, record, named=given["unconfined"])
        _agreed(here, root, receipt)
        asked = Asked(args, tuple(given["inputs"]), tuple(here.path(one) for one in given["shown"]), unconfined)
        ready = _ready(here, root, receipt, asked)
        code = _start(here, root, record, ready)
    ctx.exit(code)


def installed_in(here: World, name: str, project: str | None, *, personal: bool) -> tuple[Path, Json]:
    """The folder that has it installed, and its receipt."""
    from registry_tool.services.project import installed as receipts_of

    if personal:
        places = [here.home]
    elif project:
        places = [here.project(project)]
    else:
        places = [*(here.cwd, *here.cwd.parents)[:_LEVELS], here.home]
    for root in places:
        if (root / ".registry").is_dir():
            found = receipts_of(here.target(root))
            if name in found:
                return root, found[name]
    raise NotFound(f"{name} is not installed here", code="not-installed", hint=f"registry install {name}")


def _unconfined(here: World, where: Path | None, name: str, record: Json, *, named: bool) -> bool:
    """Whether it starts with all of the person's rights: only where they, or a settings file, say so by its name."""
    from registry_tool.core.settled import facts_of_record

    kind = here.kinds[str(record["kind"])]
    if kind.way != "process":
        raise WrongUsage(f"{name} is a {kind.id}, and nothing of it is started here", code="other-kind")
    settled = settings_of(here, where)
    settled.refuse_installed(kind, facts_of_record(record))
    if named:
        settled.refuse_unconfined(name)
        return True
    file = settled.unconfined(name)
    if file is not None:
        click.echo(f"{name} starts with all your rights: {file} says so.", err=True)
    return file is not None


def _agreed(here: World, root: Path, receipt: Json) -> None:
    """Refuses what was not installed on this machine, and files that are not those that were verified."""
    from registry_tool.cli.closing import consents_of
    from registry_tool.stores.consents import agreed

    record = receipt["record"]
    name, version = record["id"], record["version"]
    trees = [step["files"] for step in receipt["steps"] if step["step"] == "tree"]
    if not consents_of(here).has(agreed(record, trees)):
        raise NotTrusted(
            f"{name} was not installed on this machine by you: its receipt came with the folder, or was changed",
            where=str(root),
            code="not-agreed",
            hint=f"verify it, and see what it asks for: registry install {name}@{version} --force",
        )
    # What people add to files that others write too is theirs.
    own = tuple(f"{step['path']}/" for step in receipt["steps"] if step["step"] == "tree")
    changed = [path for path in here.target(root).edited(receipt) if path.startswith(own)]
    if changed:
        raise NotTrusted(
            f"{changed[0]} is not what was verified and installed",
            where=str(root),
            code="edited",
            hint=f"put it back: registry install {name}@{version} --force",
        )


def _ready(here: World, root: Path, receipt: Json, asked: Asked) -> Started:
    """What is started of an installed skill or plugin; raises where something that it needs is missing."""
    record = receipt["record"]
    confinement = here.kinds[str(record["kind"])].grammar.confine(record["permissions"], kind=str(record["kind"]))
    if isinstance(record.get("run"), Mapping):
        from registry_tool.cli.run_plugin import plugin_started

        return plugin_started(here, root, receipt, asked, confinement)
    from registry_tool.cli.run_script import script_started

    return script_started(here, root, receipt, asked, confinement)


@contextmanager
def _ending() -> Iterator[None]:
    """A signal that ends us ends what was started first, and its end is noted."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(here: World, root: Path, record: Json, ready: Started) -> int:
    """The exit code, with a line in the audit log before the start and one after the end."""
    how = ready.how
    note(here, root, record, "start", "begun", how=how)
    try:
        with _ending():
            code = ready.run()
    except RegistryError as error:
        note(here, root, record, "start", "failed", how=how, code=error.code)
        raise
    except BaseException:
        note(here, root, record, "start", "failed", how=how, code="stopped")
        raise
    note(here, root, record, "start", "ended", how=how, code=str(code))
    return code
