"""The whole line, from an author's folder to an install, by the verbs that people use."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from registry_tool.cli import registry
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.wiring import World

SECONDS = 120
"""How long one verb may take."""


class Refused(AssertionError):
    """A verb that did not do what it was asked to."""

    def __init__(self, words: str, findings: Sequence[Finding]) -> None:
        super().__init__(words)
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Line:
    """A folder with an author, a moderator and a consumer in it, and a registry between them."""

    folder: Path
    world: World

    @property
    def work(self) -> Path:
        """The consumer's project."""
        return self.folder / "work"

    @classmethod
    def begin(cls, folder: Path, *, env: Mapping[str, str]) -> "Line":
        """A new registry that the consumer trusts already."""
        (folder / "work").mkdir(parents=True)
        world = World(
            env={**env, "REGISTRY_HOME": str(folder / "home")},
            cwd=folder,
            home=folder / "person",
            now=lambda: 1_772_000_000,
            terminal=False,
        )
        line = cls(folder, world)
        line.registry("init", "reg", "--name", "Example", "--url", "http://127.0.0.1:8080/", "--yes")
        line.registry("add", "reg", "--root", line.id)
        return line

    @property
    def id(self) -> str:
        """The registry's id."""
        return sha256((self.folder / "reg/index/trust/1.root.json").read_bytes())

    def registry(self, *args: str) -> str:
        """What the verb says; `Refused` where it fails."""
        done = CliRunner().invoke(registry, list(args), obj=self.world)
        if isinstance(done.exception, RegistryError):
            error = done.exception
            raise Refused(f"{error} {error.hint} {error.findings}", error.findings) from error
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert not done.exit_code, done.output
        return done.stdout

    def publish(self, folder: Path, artifact: str, *more: str) -> str:
        """The id of the submission that brings the author's folder."""
        told = ("--id", artifact, "--as", "ann", "--registry", "reg", "--yes", *more)
        return str(json.loads(self.registry("publish", str(folder), *told, "--json"))["submission"])

    def approve(self, submission: str) -> None:
        """A moderator lets it in."""
        self.registry("queue", "approve", submission, "--registry", "reg", "--note", "read it")

    def install(self, artifact: str) -> Mapping[str, Any]:  # Any: JSON
        """What a project gets from the clone, without a network."""
        told = ("--project", "work", "--offline", "--registry", "reg", "--yes", "--json")
        row: Mapping[str, Any] = json.loads(self.registry("install", artifact, *told))["installed"][0]
        return row

    def blobs(self) -> frozenset[str]:
        """The SHA-256 of every file that was published, by the names they have in git."""
        command = ["git", "-C", str(self.folder / "reg"), "ls-tree", "-r", "--name-only", "main", "index/releases"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS).stdout
        return frozenset(path.rpartition("/")[2] for path in listed.splitlines())

    def at(self, folder: str) -> "Line":
        """The same, with the author standing in another folder."""
        return replace(self, world=replace(self.world, cwd=self.folder / folder))


@dataclass(frozen=True, slots=True)
class Shell:
    """The same by the installed command, in processes of its own, as a stranger starts it."""

    folder: Path
    env: Mapping[str, str]

    @property
    def command(self) -> str:
        """The `registry` that belongs to the Python that runs the tests."""
        return str(Path(sys.executable).parent / "registry")

    def registry(self, *args: str, code: int = 0) -> str:
        """What it says on stdout; on stderr where it was expected to end with another `code`."""
        command, env = [self.command, *args], dict(self.env)
        done = subprocess.run(
            command, check=False, cwd=self.folder, env=env, capture_output=True, text=True, timeout=SECONDS
        )
        assert code == done.returncode, f"{args}: {(done.stdout + done.stderr)[-2000:]}"
        return done.stderr if code else done.stdout


def tree(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Every file below `folder`: its bytes, and whether it is a program."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), bool(path.stat().st_mode & 0o100)) for path in files}
