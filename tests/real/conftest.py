"""A registry whose every step is the installed command, and a site of it on loopback."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from tests.real.line import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A stranger's machine, with a fresh registry in `reg` and a project in `work`."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    shell = Shell(tmp_path, {**env, "REGISTRY_HOME": str(tmp_path / "home")})
    (tmp_path / "work").mkdir()
    shell.registry("init", "reg", "--name", "Example", "--url", "http://127.0.0.1:8080/", "--yes")
    return shell


@pytest.fixture
def served(shell: Shell) -> Iterator[Callable[[], str]]:
    """Builds the registry, serves it at a free port and trusts it; gives the address."""
    running: list[subprocess.Popen[str]] = []

    def serve() -> str:
        shell.registry("build", "--registry", "reg", "--out", "site")
        command = [shell.command, "serve", "site", "--port", "0", "--json"]
        server = subprocess.Popen(command, cwd=shell.folder, env=dict(shell.env), stdout=subprocess.PIPE, text=True)
        running.append(server)
        assert server.stdout is not None
        url = str(json.loads(server.stdout.readline())["url"])
        shell.registry("add", url, "--root", root(shell))
        return url

    yield serve
    for server in running:
        server.terminate()
        server.communicate(timeout=20)


def root(shell: Shell) -> str:
    """The id of the registry in `reg`."""
    return sha256((shell.folder / "reg/index/trust/1.root.json").read_bytes())


@pytest.fixture
def cloned(shell: Shell) -> Callable[[], str]:
    """Clones the registry with git and trusts the clone; gives its folder."""

    def clone() -> str:
        command = ["git", "clone", "--quiet", "reg", "clone"]
        subprocess.run(command, cwd=shell.folder, check=True, capture_output=True, timeout=60)
        shell.registry("add", "clone", "--root", root(shell))
        return "clone"

    return clone
