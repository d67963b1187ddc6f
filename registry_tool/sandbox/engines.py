"""Servers in images: fetched and started by the container engine of this machine, with nothing but their output."""

import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

from registry_tool.core.errors import NotFound, Unreachable
from registry_tool.sandbox.process import cleared, find_program

ENGINES: Final = ("podman", "docker")
"""The first that is there is used."""
SECONDS: Final = 900
"""How long fetching one image may take."""
_CONFINED: Final = (
    "--network=none --read-only --cap-drop=ALL --security-opt=no-new-privileges --user=65534:65534 "
    "--pids-limit=128 --memory=1g"
).split()
"""No network, no right, nothing to write to, and not much of anything."""


def need_engine(env: Mapping[str, str], *, what_for: str) -> str:
    """The engine of this machine; `NotFound` where there is none."""
    found = next((path for name in ENGINES if (path := find_program(name, env))), None)
    if found is None:
        hint = f"install one of {', '.join(ENGINES)}"
        raise NotFound(f"{what_for} is an image, and no container engine is there", code="no-engine", hint=hint)
    return found


def pull(engine: str, image: str, env: Mapping[str, str], *, what: str) -> None:
    """Fetches an image by its digest where it is not there yet; `Unreachable` where it cannot be had."""
    if _asked(engine, ["image", "inspect", image], env).returncode == 0:
        return
    done = _asked(engine, ["pull", "--quiet", image], env)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it failed"]
        raise Unreachable(
            f"the image of {what} could not be fetched: {said[-1][:300]}",
            code="not-fetched",
            hint="nothing was installed; try again when its registry can be reached",
        )


def _asked(engine: str, words: Sequence[str], env: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [engine, *words],
        env=cleared(env, {name: env[name] for name in env if name.startswith(("DOCKER_", "CONTAINER_", "XDG_"))}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=SECONDS,
    )


def image_command(
    engine: str, image: str, args: Sequence[str], names: Sequence[str], *, unconfined: bool = False
) -> list[str]:
    """The command that starts an image's server. `names` are variables that it gets, by name: values are nobody
    else's to read. Nothing is fetched.
    """
    given = [f"--env={name}" for name in names]
    return [
        engine,
        "run",
        "--rm",
        "--interactive",
        "--pull=never",
        *([] if unconfined else _CONFINED),
        *given,
        image,
        *args,
    ]
