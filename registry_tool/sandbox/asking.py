"""Whether a program of this machine answers at all."""

import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

from registry_tool.sandbox.process import cleared, find_program

PATIENCE_SECONDS: Final = 10.0  # a container engine's command line asks its engine for some of it


def answers(command: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether `command` is on the PATH of `env` and ends with 0 in ten seconds; what it prints is dropped."""
    program = find_program(command[0], env)
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, *command[1:]],
            env=cleared(env, {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
