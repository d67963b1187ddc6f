"""The real command in folders of its own: somebody's machine, for the tests that walk the whole line."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("registry")

FAR_EAST = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
FAR_WEST = {"TZ": "America/Adak", "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "4242"}
"""Two settings that no output may depend on."""


@dataclass(frozen=True)
class Machine:
    """Where somebody types: a folder, a memory of their own, and settings."""

    folder: Path
    home: Path
    setting: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        path = f"{PROGRAM.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {"PATH": path, "HOME": str(self.home), "REGISTRY_HOME": str(self.home / "registry"), **self.setting}

    def do(self, line: str) -> str:
        """What a command line says on stdout, which must succeed."""
        done = subprocess.run(
            shlex.split(line),
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\nended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, line: str) -> Any:  # Any: JSON
        """The JSON value that a command line gives."""
        return json.loads(self.do(line))

    @contextmanager
    def serving(self, line: str) -> Iterator[str]:
        """A server that runs as long as the block does, with what it first said."""
        command = shlex.split(line)
        with subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                assert server.stdout is not None
                said = server.stdout.readline()
                assert "http://" in said
                yield said
            finally:
                server.terminate()


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` with its bytes, by its path, sorted."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
