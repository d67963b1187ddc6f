"""Starting a program with nothing of the person's environment but what it needs.

Nothing here confines it: it reads and writes what the person can.
"""

import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from registry_tool.core.errors import NotFound

_NETWORK: Final = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE")
KEPT: Final = ("PATH", "HOME", "LANG", *_NETWORK)
"""The variables that every program gets; tokens and keys in other variables stay with the person."""


def cleared(env: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program: `KEPT` of `env`, and `more`."""
    return {**{name: env[name] for name in KEPT if name in env}, **more}


def find_program(name: str, env: Mapping[str, str]) -> str | None:
    """The path of the program `name`, found on the PATH in `env`."""
    return shutil.which(name, path=env.get("PATH", ""))


def find_programs(name: str, env: Mapping[str, str]) -> Iterator[Path]:
    """Every program `name` on the PATH in `env`, in order, links followed."""
    for folder in env.get("PATH", "").split(":"):
        found = shutil.which(name, path=folder) if folder else None
        if found is not None:
            yield Path(found).resolve()


def need_program(name: str, env: Mapping[str, str], *, what_for: str) -> str:
    """The same; `NotFound` where it is not there."""
    found = find_program(name, env)
    if found is None:
        raise NotFound(f"{what_for} needs {name}, which is not on the PATH", code="no-program", hint=f"install {name}")
    return found


def start(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Runs `command` until it ends, with this process's input and output; its exit code.

    Agents end a server by a signal to the process that they started, which is this one: it is handed on.
    """
    try:
        with subprocess.Popen(command, cwd=cwd, env=dict(env)) as process, _handing_on(process):
            try:
                return process.wait()
            except BaseException:  # Ctrl-C reaches both; the program is never left behind
                process.terminate()
                process.wait()
                raise
    except OSError as error:
        raise NotFound(f"{command[0]} cannot be started: {error.strerror}", code="no-program") from error


@contextmanager
def _handing_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    def hand_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
