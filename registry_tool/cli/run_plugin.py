"""A plugin's server, started for an agent: confined where nobody said otherwise, and always behind the gate."""

import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_tool.cli.closing import closures_of, image_of, lock_in, runtime_of, seen_tools
from registry_tool.cli.noting import refusals
from registry_tool.cli.run_started import (
    CONFINED,
    ITEM,
    UNCONFINED,
    Asked,
    Started,
    filled,
    input_values,
    job_of,
    not_yet,
    sane,
    upstream,
)
from registry_tool.core.closure import LOCKS, Manager, manager_of, read_closure
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids, WrongUsage
from registry_tool.core.job import Job
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.confinement import Confinement
    from registry_tool.core.toolgate import Gate
    from registry_tool.sandbox.runtimes import Runtime
    from registry_tool.sandbox.stdio_gate import Served

Json = Mapping[str, Any]  # Any: JSON, of a receipt


def plugin_started(here: World, root: Path, receipt: Json, asked: Asked, confinement: "Confinement") -> Started:
    """The server of an installed plugin, ready to talk to an agent on our input and output."""
    record, name = receipt["record"], str(receipt["artifact"])
    told = record["run"]
    if told.get("type") == "remote":
        raise WrongUsage(f"{name} runs elsewhere: your agent reaches it at {told.get('url')}", code="remote")
    sane(name, told)
    values = input_values(here, record.get("inputs", ()), asked.inputs)
    env = {key: filled(text, values) for key, text in told.get("env", {}).items()}
    args = (*(filled(text, values) for text in told.get("args", ())), *asked.args)
    manager = manager_of(told)
    if told["type"] == "oci":
        return _image(here, root, record, [*args], env, confinement, unconfined=asked.unconfined)
    if manager is None:
        raise not_yet(name, str(told["type"]))
    runtime = runtime_of(here.env, manager)
    packages = _packages(here, root, receipt, manager, runtime)
    folder = root / next(step["path"] for step in receipt["steps"] if step["step"] == "tree")
    inside, outside = _entry(receipt, manager, packages, folder, runtime)
    if asked.unconfined:
        command = [runtime.host, str(outside), *args]
        lookup = {"npm": "NODE_PATH", "pypi": "PYTHONPATH"}[manager]
        more = {lookup: str(packages)} if packages is not None else {}
        return Started(UNCONFINED, lambda: _process(here, root, record, command, {**env, **more}, confinement))
    job = job_of(
        here,
        runtime,
        folder,
        (inside, *args),
        asked=asked,
        confinement=confinement,
        env=env,
        packages=packages,
        server=True,
    )
    return Started(CONFINED, lambda: _confined(here, root, record, job, confinement))


def _image(
    here: World,
    root: Path,
    record: Json,
    args: list[str],
    env: Mapping[str, str],
    confinement: "Confinement",
    *,
    unconfined: bool,
) -> Started:
    """A server in an image, by the engine of this machine."""
    from registry_tool.sandbox.engines import image_command, need_engine

    name, image = str(record["id"]), image_of(record)
    engine = need_engine(here.env, what_for=name)
    if confinement.egress and not unconfined:
        raise StateForbids(
            f"{name} is an image that was granted hosts to reach, and images are only started without any network",
            code="not-yet",
            hint=f"if you trust its author that far: registry run {name} --unconfined",
        )
    command = image_command(engine, image, args, sorted(env), unconfined=unconfined)
    how = UNCONFINED if unconfined else Path(engine).name
    return Started(how, lambda: _process(here, root, record, command, env, confinement))


def _packages(here: World, root: Path, receipt: Json, manager: Manager, runtime: "Runtime") -> Path | None:
    """The folder of its packages on this machine; `None` where it has none. Nothing is fetched now."""
    record, closures = receipt["record"], closures_of(here)
    data = lock_in(root, receipt)
    if data is None and record["run"]["type"] == "payload":
        return None
    if data is None:
        data = closures.kept_lock(str(record["manifest"]).removeprefix("sha256:"), manager)
    found = closures.place(read_closure(manager, data, LOCKS[manager]), runtime.tag) if data is not None else None
    if found is None or not found.is_dir():
        raise NotFound(
            f"the packages of {record['id']} are not on this machine for {runtime.tag}; nothing is fetched at a start",
            code="no-packages",
            hint=f"fetch them once: registry install {record['id']}@{record['version']}",
        )
    return found


def _entry(
    receipt: Json, manager: Manager, packages: Path | None, folder: Path, runtime: "Runtime"
) -> tuple[str, Path]:
    """The file that is started: as it is inside, and on this machine."""
    from registry_tool.sandbox.packages import entry_of

    told = receipt["record"]["run"]
    if told["type"] == "payload":
        entry = str(told["entry"])
        if not any(entry in step.get("files", ()) for step in receipt["steps"]):
            raise InvalidInput(f"the receipt of {receipt['artifact']} names no file {entry}", code="bad-receipt")
        return f"{ITEM}/{entry}", folder / entry
    if packages is None:
        raise AssertionError("a package without packages")
    file = entry_of(manager, packages, str(told["identifier"]))
    return f"{runtime.packages}/{file}", packages / file


def _confined(here: World, root: Path, record: Json, job: Job, confinement: "Confinement") -> int:
    from registry_tool.sandbox.confined import start

    pipe = subprocess.PIPE
    with start(job, confinement, stdin=pipe, stdout=pipe, stderr=pipe, upstream=upstream(here.env)) as running:
        return _served(here, root, record, running, confinement)


def _process(
    here: World, root: Path, record: Json, command: list[str], env: Mapping[str, str], confinement: "Confinement"
) -> int:
    from registry_tool.sandbox.process import cleared

    pipe = subprocess.PIPE
    try:
        running = subprocess.Popen(
            command, cwd=root, env=cleared(here.env, env), stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0
        )
    except OSError as error:
        raise NotFound(f"{command[0]} cannot be started: {error.strerror}", code="no-program") from error
    with ExitStack() as stack:
        stack.enter_context(running)
        stack.callback(running.kill)
        return _served(here, root, record, running, confinement)


def _served(here: World, root: Path, record: Json, running: "Served", confinement: "Confinement") -> int:
    """Carries messages between the agent and the server until one of them ends; the server's exit code."""
    from registry_tool.sandbox.stdio_gate import serve

    # The descriptors themselves: they are the agent's protocol, and nothing of ours writes there.
    return serve(running, _gate(here, root, record, confinement), stdin=0, stdout=1, stderr=2)


def _gate(here: World, root: Path, record: Json, confinement: "Confinement") -> "Gate":
    from registry_tool.core.toolgate import Gate

    release, seen = str(record["manifest"]).removeprefix("sha256:"), seen_tools(here)

    def refused(tool: str, why: str) -> None:
        try:
            with refusals(here, root, "start", record=record):
                raise NotTrusted(f"{tool}: {why}" if tool else why, code="gate")
        except NotTrusted:
            pass  # the agent is told by the gate; here it is only noted

    return Gate(
        confinement.tools,
        seen.of(release),
        artifact=str(record["id"]),
        on_definitions=lambda new: seen.add(release, new),
        on_refusal=refused,
    )
