"""What confining a program costs at its start: pairs of runs, plain and confined, one after the other."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable

from registry_tool.core.confinement import ANYWHERE, Confinement
from registry_tool.core.errors import RegistryError
from registry_tool.core.job import Job, Shown
from registry_tool.sandbox.confined import start
from registry_tool.sandbox.runtimes import python_runtime
from tests.bench.measure import Row, in_turn

PAIRS = 50
MOST_SECONDS = 0.025
_BUDGET_SECONDS = 30.0
_QUIET = subprocess.DEVNULL


def sandboxing() -> list[Row]:
    """How much longer a program takes that does nothing, and an interpreter that starts; `RuntimeError` if none can."""
    env = {"PATH": os.defpath}
    nothing = shutil.which("true", path=env["PATH"]) or "/bin/true"
    system = tuple(Shown(path, path) for path in ("/usr", "/bin", "/lib", "/lib64") if os.path.isdir(path))
    python = python_runtime(env)
    script = ("-I", "-S", "-c", "")
    try:
        return [
            _row("true", (nothing,), Job((nothing,), system, cwd="/"), Confinement()),
            _row("true, with a network", (nothing,), Job((nothing,), system, cwd="/"), Confinement(egress=(ANYWHERE,))),
            _row(
                "Python",
                (python.host or python.program[0], *python.program[1:], *script),
                Job((*python.program, *script), python.shown, cwd="/", env=python.env),
                Confinement(temporary=True),
            ),
        ]
    except RegistryError as error:
        raise RuntimeError(str(error)) from error


def _row(what: str, command: tuple[str, ...], job: Job, confinement: Confinement) -> Row:
    def plain(_: int) -> float:
        return _took(lambda: subprocess.run(command, stdin=_QUIET, stdout=_QUIET, stderr=_QUIET, env={}, check=True))

    def confined(_: int) -> float:
        return _took(lambda: _run(job, confinement))

    before, after = in_turn(plain, confined, rounds=PAIRS, budget_seconds=_BUDGET_SECONDS)
    more = [one - other for one, other in zip(after, before, strict=True)]
    return Row(
        f"confined, more than plain: {what}",
        more,
        "s",
        "plain",
        before,
        target=f"at most {MOST_SECONDS * 1000:.0f} ms more",
        limit=MOST_SECONDS,
    )


def _took(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _run(job: Job, confinement: Confinement) -> None:
    with start(job, confinement, stdin=_QUIET, stdout=_QUIET, stderr=_QUIET) as running:
        code = running.wait()
    if code:
        raise RuntimeError(f"{job.command[0]} ended with {code}")
