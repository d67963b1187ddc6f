"""`registry run`: starts an installed plugin as its receipt says."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from registry_tool.cli.show import project_option, world
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids, WrongUsage
from registry_tool.core.names import parse_artifact
from registry_tool.sandbox.process import cleared, need_program, python_program, start
from registry_tool.wiring import World

_PROGRAMS = ("python3", "node")
_LEVELS = 16
"""How many folders up an install is looked for: an agent may start us below the project."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("artifact", metavar="@SCOPE/NAME")
@click.argument("args", nargs=-1, metavar="[-- ARGS]...", type=click.UNPROCESSED)
@click.option("--unconfined", is_flag=True, help="Start it with all your rights.")
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="Something that it asks for.")
@click.option("-g", "--global", "personal", is_flag=True, help="The one in your own folder.")
@project_option
@click.pass_context
def run(ctx: click.Context, /, artifact: str, args: tuple[str, ...], **given: Any) -> int:  # Any: click's values
    """Start an installed plugin.

    Its files are compared with what was verified first. It gets PATH, HOME, LANG and the inputs that it
    declares, no other variable of yours. Example: registry run @acme/words --unconfined
    """
    here = world(ctx)
    name = str(parse_artifact(artifact))
    root, receipt = _installed(here, name, given["project"], personal=given["personal"])
    record = receipt["record"]
    if not isinstance(record.get("run"), Mapping):
        raise WrongUsage(f"{name} is a {record['kind']}, and only plugins are started", code="other-kind")
    told = record["run"]
    if told.get("type") == "remote":
        raise WrongUsage(f"{name} runs elsewhere: your agent reaches it at {told.get('url')}", code="remote")
    _unchanged(here, root, receipt)
    if not given["unconfined"]:
        _refuse(here, name, record)
    values = _values(here, record.get("inputs", ()), given["inputs"])
    env = cleared(here.env, {key: _filled(text, values) for key, text in told.get("env", {}).items()})
    command = _command(here, root, receipt, env)
    fixed = [_filled(text, values) for text in told.get("args", ())]
    code = start([*command, *fixed, *args], cwd=root, env=env)
    ctx.exit(code if code >= 0 else 128 - code)


def _installed(here: World, name: str, project: str | None, *, personal: bool) -> tuple[Path, Mapping[str, Any]]:
    """The folder that has it installed, and its receipt (JSON)."""
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


def _refuse(here: World, name: str, record: Mapping[str, Any]) -> None:  # Any: JSON
    grammar = here.kinds[str(record["kind"])].grammar
    asked = "; ".join(grammar.explain(one) or one for one in record["permissions"]) or "nothing"
    raise StateForbids(
        f"{name} was not started: nothing confines a program yet, so it could read and change all that you can, "
        f"whatever it asked for ({asked})",
        code="unconfined",
        hint=f"if you trust its author that far: registry run {name} --unconfined",
    )


def _unchanged(here: World, root: Path, receipt: Mapping[str, Any]) -> None:  # Any: JSON
    """Refuses to start files that are not those that were verified; what people add to shared files is theirs."""
    own = tuple(f"{step['path']}/" for step in receipt["steps"] if step["step"] == "tree")
    changed = [path for path in here.target(root).edited(receipt) if path.startswith(own)]
    if changed:
        name, version = receipt["record"]["id"], receipt["record"]["version"]
        raise NotTrusted(
            f"{changed[0]} is not what was verified and installed",
            where=str(root),
            code="edited",
            hint=f"put it back: registry install {name}@{version} --force",
        )


def _values(here: World, declared: Any, said: tuple[str, ...]) -> dict[str, str]:  # Any: JSON
    """The inputs' values: from `--input`, from a variable of that name, else their defaults."""
    flags = dict(one.partition("=")[::2] for one in said)
    values: dict[str, str] = {}
    for one in declared:
        name = str(one["name"])
        value = flags.pop(name, here.env.get(name, one.get("default")))
        if value is None and one.get("required"):
            raise WrongUsage(
                f"it needs {name}: {one.get('description') or 'its author does not say what for'}",
                code="missing-input",
                hint=f"set the variable {name}, or say --input {name}=…",
            )
        if value is not None:
            values[name] = str(value)
    if flags:
        raise WrongUsage(f"it declares no input {next(iter(flags))}", code="unknown-input")
    return values


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its inputs put in; one that nobody gave is empty."""
    return re.sub(r"\{([^{}]{1,100})\}", lambda match: values.get(match[1], ""), text)


def _command(
    here: World,
    root: Path,
    receipt: Mapping[str, Any],  # Any: JSON
    env: Mapping[str, str],
) -> list[str]:
    told, name = receipt["record"]["run"], str(receipt["artifact"])
    _sane(name, told)
    match told.get("type"):
        case "payload":
            entry = str(told["entry"])
            folder = next((step["path"] for step in receipt["steps"] if entry in step.get("files", ())), None)
            if folder is None:
                raise InvalidInput(f"the receipt of {name} names no file {entry}", code="bad-receipt")
            return [need_program(str(told["command"]), env, what_for=name), str(root / folder / entry)]
        case "npm":
            return [need_program("npx", env, what_for=name), "-y", f"{told['identifier']}@{told['version']}"]
        case "pypi":
            return _python(here, str(told["identifier"]), str(told["version"]), env)
        case other:
            raise StateForbids(
                f"{name} is started from {other}, which this version of the tool cannot do", code="not-yet"
            )


def _sane(name: str, told: Mapping[str, Any]) -> None:  # Any: JSON
    """Refuses a receipt that no install of a verified plugin left: a receipt is a file that others can write."""
    texts = [told.get(key) for key in ("identifier", "version") if key in told]
    if told.get("command", "python3") not in _PROGRAMS or not all(
        isinstance(one, str) and re.fullmatch(r"[@A-Za-z0-9][^\s\x00-\x1f]*", one) for one in texts
    ):
        raise InvalidInput(
            f"the receipt of {name} says another way to start it than a plugin has",
            code="bad-receipt",
            hint=f"put it back: registry install {name} --force",
        )


def _python(here: World, name: str, version: str, env: Mapping[str, str]) -> list[str]:
    # Made by pip, also where uv is there: what starts is then the same on every machine.
    slot = hashlib.sha256(f"{name}=={version}".encode()).hexdigest()[:16]
    return [python_program(name, version, folder=here.folder("cache") / "run" / slot, env=env)]
