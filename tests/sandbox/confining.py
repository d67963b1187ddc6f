"""Small confined programs for tests, and what a test's own folders need for them."""

import os
from pathlib import Path

from registry_tool.core.job import Bounds, Job, Shown

SYSTEM = tuple(Shown(path, path) for path in ("/usr", "/bin", "/lib", "/lib64") if os.path.isdir(path))
PYTHON = "/usr/bin/python3"


def shell(script: str, *shown: Shown, bounds: Bounds | None = None, env: dict[str, str] | None = None) -> Job:
    """A script of the shell with the machine's programs."""
    return Job(("/bin/sh", "-c", script), (*SYSTEM, *shown), cwd="/", env=env or {}, bounds=bounds or Bounds(wall=30.0))


def python(script: str, *shown: Shown, bounds: Bounds | None = None) -> Job:
    """The same in Python."""
    command = (PYTHON, "-I", "-S", "-c", script)
    return Job(command, (*SYSTEM, *shown), cwd="/", bounds=bounds or Bounds(wall=30.0))


def opened(folder: Path) -> Path:
    """The folder, where other users may look into it: pytest closes its folders."""
    folder.chmod(0o755)
    return folder
