"""A script of an installed skill, ready to run."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from registry_tool.cli.run_started import CONFINED, ITEM, UNCONFINED, Asked, Started, job_of, upstream
from registry_tool.cli.show import plain
from registry_tool.core.errors import InvalidInput, NotFound, WrongUsage
from registry_tool.core.job import Job
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.confinement import Confinement
    from registry_tool.sandbox.runtimes import Runtime

_EXTENSIONS: Final[Mapping[str, str]] = {"py": "python3", "js": "node", "mjs": "node", "cjs": "node", "sh": "bash"}
_FIRST_LINE: Final = re.compile(
    rb"#![ \t]*(?:/usr/bin/env[ \t]+(?:-S[ \t]+)?|(?:/[\w.-]+)*/)(python3|python|node|bash|sh)\b"
)
_HEAD_BYTES: Final = 200

Json = Mapping[str, Any]  # Any: JSON, of a receipt


def script_started(here: World, root: Path, receipt: Json, asked: Asked, confinement: "Confinement") -> Started:
    """A script of a skill."""
    name = str(receipt["artifact"])
    tree = next((step for step in receipt["steps"] if step["step"] == "tree"), None)
    if tree is None:
        raise InvalidInput(f"the receipt of {name} names no files", code="bad-receipt")
    folder = root / tree["path"]
    programs = {path: program for path in sorted(tree["files"]) if (program := program_of(folder / path))}
    listed = "\n".join(f"  {path}" for path in programs) or "  none"
    if not asked.args:
        raise WrongUsage(f"say which script of {name} is started:\n{listed}", code="missing-script")
    script, *rest = asked.args
    if script not in tree["files"]:
        raise NotFound(f"{name} has no script {script!r}; it has:\n{listed}", code="no-script")
    if script not in programs:
        raise WrongUsage(
            f"{script} of {name} is nothing that is started here: Python, JavaScript and shell scripts are",
            code="other-program",
        )
    if asked.inputs:
        raise WrongUsage(f"{name} is a skill, and those declare no inputs", code="unknown-input")
    program = programs[script]
    if asked.unconfined:
        from registry_tool.sandbox.process import cleared, need_program, start

        env = cleared(here.env, {})
        command = [need_program(program, env, what_for=name), str(folder / script), *rest]
        return Started(UNCONFINED, lambda: _positive(start(command, cwd=here.cwd, env=env)))
    runtime = _runtime(here.env, program, [(folder / path).read_bytes() for path in programs])
    job = job_of(here, runtime, folder, (f"{ITEM}/{script}", *rest), asked=asked, confinement=confinement, env={})
    return Started(CONFINED, lambda: _confined(here, name, job, confinement))


def _confined(here: World, name: str, job: Job, confinement: "Confinement") -> int:
    from registry_tool.sandbox.confined import run

    def says(line: str) -> None:
        click.echo(plain(f"{name} says, not you: {line}"))

    return run(job, confinement, chat=says, upstream=upstream(here.env))


def program_of(path: Path) -> str:
    """What runs a script: by its first line, else its extension; empty for what is none that is started here."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    match = _FIRST_LINE.match(head)
    if match:
        return {"python": "python3"}.get(match[1].decode(), match[1].decode())
    return "" if head.startswith(b"#!") else _EXTENSIONS.get(path.suffix.removeprefix("."), "")


def _runtime(env: Mapping[str, str], program: str, scripts: list[bytes]) -> "Runtime":
    """What runs a script, and what else the skill's scripts name and may find."""
    from registry_tool.sandbox.runtimes import named_tools, node_runtime, python_runtime, shell_runtime

    tools = named_tools(scripts)
    if program == "python3":
        return python_runtime(env, tools=tools)
    if program == "node":
        return node_runtime(env, tools=tools)
    runtime = shell_runtime(env, shell=program, tools=tools)
    for word, more in ((rb"\bpython3?\b", python_runtime), (rb"\bnode\b", node_runtime)):
        if any(re.search(word, data) for data in scripts):
            other = more(env)
            shown = tuple(dict.fromkeys((*runtime.shown, *other.shown)))
            runtime = replace(runtime, shown=shown, env={**other.env, **runtime.env})
    return runtime


def _positive(code: int) -> int:
    return code if code >= 0 else 128 - code
