"""Starting a program with nothing of the person's environment but what it needs.

Nothing here confines it: it reads and writes what the person can.
"""

import fcntl
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from registry_tool.core.errors import NotFound, Unreachable

_NETWORK: Final = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE")
KEPT: Final = ("PATH", "HOME", "LANG", *_NETWORK)
"""The variables that every program gets; tokens and keys in other variables stay with the person."""

_SCRIPTS: Final = (
    "import importlib.metadata as m, sys\n"
    "print(*sorted(e.name for e in m.distribution(sys.argv[1]).entry_points if e.group == 'console_scripts'))"
)


def cleared(env: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program: `KEPT` of `env`, and `more`."""
    return {**{name: env[name] for name in KEPT if name in env}, **more}


def find_program(name: str, env: Mapping[str, str]) -> str | None:
    """The path of the program `name`, found on the PATH in `env`."""
    return shutil.which(name, path=env.get("PATH", ""))


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


def python_program(name: str, version: str, *, folder: Path, env: Mapping[str, str]) -> str:
    """The program of a Python distribution, installed into an environment of its own at `folder`.

    It is made at the first call; a second process that calls meanwhile waits. `Unreachable` where it cannot be fetched.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when it is closed
        if not (folder / "complete").is_file():
            _make(name, version, folder, env)
    program = folder / "bin" / "python"
    scripts = _quietly([str(program), "-c", _SCRIPTS, name], env, name).split()
    chosen = name if name in scripts else scripts[0] if len(scripts) == 1 else ""
    if not chosen:
        raise NotFound(f"{name} has no program of its name, only: {' '.join(scripts) or 'none'}", code="no-program")
    return str(folder / "bin" / chosen)


def _make(name: str, version: str, folder: Path, env: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    python = need_program("python3", env, what_for=name)
    _quietly([python, "-m", "venv", str(folder)], env, name)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # An agent waits for the answer: what is imported is compiled then, the rest never.
    _quietly([*pip, "--no-compile", f"{name}=={version}"], env, name)
    (folder / "complete").write_bytes(b"")


def _quietly(command: Sequence[str], env: Mapping[str, str], name: str) -> str:
    # Our output may be somebody's protocol: nothing of this may get into it.
    done = subprocess.run(command, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unreachable(f"{name} could not be made ready: {said[-1] if said else 'it failed'}", code="not-fetched")
    return done.stdout
