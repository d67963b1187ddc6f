"""The packages of plugins: locked by their author, fetched when one is installed, never when one starts."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from registry_tool.cli.consumer_ground import Options, root_of
from registry_tool.cli.show import Talk, ask, dry_run_option, json_option, plain, result, world
from registry_tool.core.closure import LOCKS, Closure, Manager, manager_of, read_closure
from registry_tool.core.errors import InvalidInput, NotFound, StateForbids, Unreachable, WrongUsage
from registry_tool.core.plan import PutTree
from registry_tool.sandbox.closures import User
from registry_tool.stores.receipts import RECEIPT_BYTES, receipt_path
from registry_tool.wiring import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from registry_tool.sandbox.closures import Closures
    from registry_tool.sandbox.runtimes import Runtime
    from registry_tool.services.consumer import Ground, Prepared, Step
    from registry_tool.services.contact import Contact
    from registry_tool.stores.consents import Consents
    from registry_tool.stores.seentools import SeenTools

    Work = Sequence[tuple[Contact, Ground, Prepared]]

SHOWN: Final = 12
"""Packages that are named in a question."""

Record = Mapping[str, Any]  # Any: JSON, what an install notes in its receipt


def fetch_closures(here: World, options: Options, work: "Work") -> "Work":
    """Fetches the packages of the plugins in `work` that are not here yet, before anything is written.

    Where a release brings no lock, what it is made of is looked up now, shown and asked for, and stays so. What
    cannot be fetched now is installed all the same, with a note that says so: it does not start until it was. For what
    is installed already that is `Unreachable`.
    """
    if options.dry_run:
        return work
    talk = Talk(quiet=options.as_json or not here.terminal)
    found = [
        (contact, ground, replace(prepared, steps=tuple(_ready(here, options, step, talk) for step in prepared.steps)))
        for contact, ground, prepared in work
    ]
    for what, record, lock in _already(here, options, work):
        _fetch(here, options, what, record, lock, talk)
    _sweep(here, options, work)
    return found


def _ready(here: World, options: Options, step: "Step", talk: Talk) -> "Step":
    """The step, with what it starts on this machine, or a note that it is not."""
    run = step.record.get("run")
    if not isinstance(run, Mapping):
        return step
    what = f"{step.verified.artifact}@{step.record['version']}"
    lock = step.verified.payload[str(run["lock"])].data if "lock" in run else None
    try:
        _fetch(here, options, what, step.record, lock, talk)
    except (NotFound, StateForbids, Unreachable) as error:
        note = f"It does not start yet: {error.message} ({error.hint})."
        return replace(step, plan=replace(step.plan, notes=(*step.plan.notes, note)))
    return step


def _fetch(here: World, options: Options, what: str, record: Record, lock: bytes | None, talk: Talk) -> None:
    manager = manager_of(record["run"])
    if record["run"].get("type") == "oci":
        _pull(here, options, what, record)
    if manager is None:
        return
    data = lock if lock is not None else _resolved(here, options, manager, what, record)
    if data is None:
        return
    closure = read_closure(manager, data, LOCKS[manager])
    runtime = runtime_of(here.env, manager)
    closures = closures_of(here)
    closures.use(closure, runtime.tag, by=_user(here, options, record))
    if closures.place(closure, runtime.tag).is_dir():
        return
    if options.offline:
        raise Unreachable(
            f"the packages of {what} are not on this machine, and --offline was said",
            code="not-fetched",
            hint=f"once with a network: registry install {what.rpartition('@')[0]}",
        )
    talk.say(f"Fetching the {len(closure.packages)} packages of {what}.")
    closures.fetch(closure, runtime.tag, python=runtime.host, inside=runtime.packages, what=what)


def image_of(record: Record) -> str:
    """The image of a release by its digest; `StateForbids` where its author pinned none."""
    run = record["run"]
    if not str(run.get("digest", "")).startswith("sha256:"):
        raise StateForbids(
            f"{record['id']} is started from the image {run.get('identifier')}, which its author did not pin",
            code="unpinned",
            hint="ask its author for a version whose server.json names the image with @sha256:…",
        )
    return f"{run['identifier']}@{run['digest']}"


def _pull(here: World, options: Options, what: str, record: Record) -> None:
    """Fetches the image of a release where an engine is there; a start fetches nothing."""
    from registry_tool.sandbox.engines import need_engine, pull

    image = image_of(record)
    engine = need_engine(here.env, what_for=what)
    if not options.offline:
        pull(engine, image, here.env, what=what)


def _already(here: World, options: Options, work: "Work") -> "Iterator[tuple[str, Record, bytes | None]]":
    """What was asked for and is there: `@scope/name@version`, its record, and the lock it brought."""
    from registry_tool.services.project import installed

    for _, _, prepared in work:
        if not prepared.already:
            continue
        root = root_of(here, options)
        receipts = installed(here.target(root))
        for what in prepared.already:
            receipt = receipts.get(what.rpartition("@")[0], {})
            if isinstance(receipt.get("record", {}).get("run"), Mapping):
                yield what, receipt["record"], lock_in(root, receipt)


def lock_in(root: Path, receipt: Mapping[str, Any]) -> bytes | None:  # Any: JSON
    """The lock that an installed release brought; `None` where it brought none."""
    name = receipt["record"]["run"].get("lock")
    if not isinstance(name, str):
        return None
    tree = next((step["path"] for step in receipt["steps"] if name in step.get("files", ())), None)
    if tree is None:
        raise InvalidInput(f"the receipt of {receipt['artifact']} names no file {name}", code="bad-receipt")
    data: bytes = (root / str(tree) / name).read_bytes()
    return data


def _resolved(here: World, options: Options, manager: Manager, what: str, record: Record) -> bytes | None:
    """The lock of a release that brings none, made now where it was not made before; `None` where it needs none."""
    run = record["run"]
    if run["type"] == "payload":
        return None
    closures, release = closures_of(here), str(record["manifest"]).removeprefix("sha256:")
    kept = closures.kept_lock(release, manager)
    if kept is not None:
        return kept
    if options.offline:
        raise Unreachable(
            f"{what} does not pin what it is made of, and --offline was said",
            code="not-fetched",
            hint="once with a network: registry install " + what.rpartition("@")[0],
        )
    wanted = {str(run["identifier"]): str(run["version"])}
    data = _lock_of(here, manager, wanted, what)
    closure = read_closure(manager, data, LOCKS[manager])
    click.echo(plain(_question(what, closure)), err=True)
    ask(here, "Fetch them, and stay with them?", flag="--yes", yes=options.yes)
    closures.keep_lock(release, manager, data)
    return data


def _question(what: str, closure: Closure) -> str:
    named = [f"{one.name} {one.version}" for one in closure.packages]
    more = f", and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return (
        f"{what} fetches packages from {closure.manager}, and its author did not pin them; nobody looked at these.\n"
        f"As of now they are {len(named)}: {', '.join(named[:SHOWN])}{more}."
    )


def remember_agreed(here: World, options: Options, prepared: "Prepared") -> None:
    """Keeps what was installed for the gate before a start; with --force tools may say something else of themselves."""
    from registry_tool.core.digest import sha256
    from registry_tool.stores.consents import agreed

    for step in prepared.steps:
        trees = [one.files for one in step.plan.steps if isinstance(one, PutTree)]
        digests = [{path: str(sha256(file.data)) for path, file in tree.items()} for tree in trees]
        if here.kinds[str(step.record["kind"])].way == "process":
            consents_of(here).keep(agreed(step.record, digests))
        if options.force:
            seen_tools(here).forget(str(step.record["manifest"]).removeprefix("sha256:"))


def _user(here: World, options: Options, record: Record) -> User:
    """Who uses packages: a release, installed in a folder."""
    return str(root_of(here, options)), str(record["id"]), str(record["manifest"])


def _sweep(here: World, options: Options, work: "Work") -> None:
    """Removes packages that nothing uses any more, where this is about anything that has some."""
    coming = {_user(here, options, step.record) for _, _, one in work for step in one.steps if "run" in step.record}
    if coming:
        closures_of(here).sweep(lambda user: user in coming or installed_still(user))


def installed_still(user: User) -> bool:
    """Whether a release is still installed where it was."""
    root, artifact, manifest = user
    path = Path(root, receipt_path(artifact))
    try:
        with path.open("rb") as file:
            return manifest.encode() in file.read(RECEIPT_BYTES)
    except OSError:
        return False


def consents_of(here: World) -> "Consents":
    """What was agreed to on this machine."""
    from registry_tool.stores.consents import Consents

    return Consents(here.folder("trust") / "started")


def seen_tools(here: World) -> "SeenTools":
    """What tools said of themselves when they were first seen on this machine."""
    from registry_tool.stores.seentools import SeenTools

    return SeenTools(here.folder("trust") / "tools")


def closures_of(here: World) -> "Closures":
    """The packages of plugins on this machine."""
    from registry_tool.sandbox.closures import Closures

    return Closures(here.folder("closures"), here.env)


def runtime_of(env: Mapping[str, str], manager: Manager) -> "Runtime":
    """What runs programs whose packages come from `manager`."""
    from registry_tool.sandbox.runtimes import node_runtime, python_runtime

    return node_runtime(env) if manager == "npm" else python_runtime(env)


@click.command(name="lock")
@click.argument("folder", metavar="DIR", default=".")
@dry_run_option
@json_option
@click.pass_context
def lock(ctx: click.Context, /, folder: str, dry_run: bool, as_json: bool) -> None:
    """Pin every package that a plugin is made of, by hashes.

    Writes requirements.lock.txt or package-lock.json beside server.json, with pip-compile, pip or npm as they are
    set up here. For a program of your own it reads requirements.txt or package.json.
    Example: registry plugin lock my-server
    """
    here = world(ctx)
    root = here.path(folder)
    manager, wanted, what = _wanted(here, root)
    data = _lock_of(here, manager, wanted, what)
    closure = read_closure(manager, data, LOCKS[manager])
    path = root / LOCKS[manager]
    if not dry_run:
        path.write_bytes(data)
    value = {
        "lock": str(path),
        "packages": [{"name": one.name, "version": one.version, "digest": one.digest} for one in closure.packages],
        "dry_run": dry_run,
    }
    result(value, as_json=as_json, text=lambda: _lock_words(here, path, closure, dry_run=dry_run))


def _wanted(here: World, root: Path) -> tuple[Manager, Mapping[str, str] | bytes, str]:
    """What the plugin in `root` is made of: from where, what, and its name for messages."""
    from registry_tool.core.describe import read_card
    from registry_tool.stores.workfolder import read_folder

    payload = read_folder(root).payload
    card, _ = read_card(payload)
    run = here.kinds["plugin"].read(payload, card).spec.get("run", {})
    manager = manager_of(run)
    if manager is None:
        raise WrongUsage(
            f"{root} is no plugin that is made of packages of npm or pypi",
            code="no-packages",
            hint="name the package in server.json, or your own program in artifact.yaml: entry: server.py",
        )
    if run["type"] != "payload":
        return manager, {str(run["identifier"]): str(run["version"])}, f"{run['identifier']} {run['version']}"
    source = {"npm": "package.json", "pypi": "requirements.txt"}[manager]
    if not (root / source).is_file():
        raise NotFound(
            f"nothing says which packages {run['entry']} needs",
            where=str(root),
            code="no-packages",
            hint=f"list them in {source}; without one it is started with no packages at all",
        )
    return manager, (root / source).read_bytes(), str(run["entry"])


def _lock_of(here: World, manager: Manager, wanted: Mapping[str, str] | bytes, what: str) -> bytes:
    from registry_tool.sandbox.closures import pip_compile

    python, compiler = runtime_of(here.env, manager).host, pip_compile(here.env)
    return closures_of(here).resolve(manager, wanted, python=python, compiler=compiler, what=what)


def _lock_words(here: World, path: Path, closure: Closure, *, dry_run: bool) -> str:
    from registry_tool.sandbox.closures import pip_compile

    lines = [f"{'Would write' if dry_run else 'Wrote'} {path}: {len(closure.packages)} packages, each with its hashes."]
    lines += [f"  {name} wants to run a script when it is installed, and it is not run." for name in closure.scripts]
    if closure.manager == "pypi" and not pip_compile(here.env):
        lines.append("  The hashes are those of files for this machine; with pip-tools here they are those of all.")
    return "\n".join([*lines, "Next: registry check, then publish it again with the lock in its folder."])
