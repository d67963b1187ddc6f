"""What starting a skill's script and a plugin's server have in common."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry_tool.cli.run_shown import shown_paths
from registry_tool.core.errors import InvalidInput, StateForbids, WrongUsage
from registry_tool.core.job import Bounds, Job, Shown
from registry_tool.core.limits import MIB
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.confinement import Confinement
    from registry_tool.sandbox.runtimes import Runtime

CONFINED: Final = "bubblewrap"
UNCONFINED: Final = "unconfined"
ITEM: Final = "/item"
"""Where a program finds its own files."""
_SERVER: Final = Bounds(memory=4096 * MIB, cpu=None, wall=None, output_bytes=None)
"""A server lives as long as whoever asked for it; the gate bounds what it says."""
_LANGUAGE: Final = "C.UTF-8"
_PROGRAMS: Final = ("python3", "node")

Json = Mapping[str, Any]  # Any: JSON, of a receipt


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person said."""

    args: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    """`NAME=VALUE`."""
    shown: tuple[Path, ...] = ()
    """Files and folders that it may read."""
    unconfined: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """Something that is ready to run."""

    how: str
    """What confines it: `bubblewrap`, an engine's name, or `unconfined`."""
    run: Callable[[], int]
    """Runs it to its end; its exit code, 128 and the number where a signal ended it."""


def upstream(env: Mapping[str, str]) -> str:
    """The proxy that this machine needs to reach the Internet, if any."""
    return env.get("HTTPS_PROXY") or env.get("https_proxy") or ""


def job_of(
    here: World,
    runtime: "Runtime",
    folder: Path,
    command: tuple[str, ...],
    *,
    asked: Asked,
    confinement: "Confinement",
    env: Mapping[str, str],
    packages: Path | None = None,
    server: bool = False,
) -> Job:
    """A confined program: its own files at `ITEM`, its `packages`, what runs it, and what the person shows."""
    shown = [*runtime.shown, Shown(str(folder), ITEM), *shown_paths(here, asked.shown)]
    if packages is not None:
        shown.append(Shown(str(packages), runtime.packages))
    elif runtime.hides:
        nothing = here.folder("closures") / "nothing"
        nothing.mkdir(mode=0o755, parents=True, exist_ok=True)
        shown.append(Shown(str(nothing), runtime.packages))
    home = "/tmp" if confinement.temporary else ITEM  # noqa: S108 - a name inside
    bounds = _SERVER if server else Bounds()
    from registry_tool.sandbox.runtimes import NODE

    # node reserves far more than it uses; how much that is has a bound of its own.
    with_node = any(one.target == NODE for one in runtime.shown)
    bounds = replace(bounds, memory=None) if with_node else bounds
    return Job(
        (*runtime.program, *command),
        tuple(shown),
        cwd=ITEM,
        env={**runtime.env, "HOME": home, "LANG": _LANGUAGE, **env},
        bounds=bounds,
    )


def input_values(here: World, declared: Any, said: tuple[str, ...]) -> dict[str, str]:  # Any: JSON
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


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its inputs put in; one that nobody gave is empty."""
    return re.sub(r"\{([^{}]{1,100})\}", lambda match: values.get(match[1], ""), text)


def sane(name: str, told: Json) -> None:
    """Refuses a way to start that no plugin has: what runs is one of two programs, and names are names."""
    texts = [told[key] for key in ("identifier", "version", "entry") if told.get(key)]
    if told.get("command", "python3") not in _PROGRAMS or not all(
        isinstance(one, str) and re.fullmatch(r"[@A-Za-z0-9_.][^\s\x00-\x1f]*", one) for one in texts
    ):
        raise InvalidInput(
            f"the receipt of {name} says another way to start it than a plugin has",
            code="bad-receipt",
            hint=f"put it back: registry install {name} --force",
        )


def not_yet(name: str, what: str) -> StateForbids:
    """For ways of starting that are not there."""
    return StateForbids(f"{name} is started from {what}, which this version of the tool cannot do", code="not-yet")
