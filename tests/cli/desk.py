"""A person's machine, and a registry to add there."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry_tool.cli import registry
from registry_tool.core.errors import RegistryError
from registry_tool.wiring import World
from tests.builders import RegistryInMemory

PDF = "@ann/pdf"
SKILL = {"SKILL.md": b"---\nname: pdf\ndescription: Read PDF files.\n---\nRead it.\n"}
SKILL_SPEC = {"native_name": "pdf", "entry": "SKILL.md", "allowed_tools": [], "scripts": []}
SERVER = (
    b"import os, sys\nprint(*sys.argv[1:], sorted(k for k in os.environ if not k.startswith('LC_')))\nsys.exit(7)\n"
)


def skill_release(built: RegistryInMemory, artifact: str, version: str, **more: Any) -> RegistryInMemory:
    return built.release(artifact, version, SKILL, kind="skill", spec=SKILL_SPEC, **more)


def plugin_release(built: RegistryInMemory, **run: Any) -> RegistryInMemory:
    told = {"type": "payload", "command": "python3", "entry": "server.py", **run}
    inputs = [{"name": "TOKEN", "description": "what the service gave you", "secret": True, "required": True}]
    spec = {"native_name": "io.example/words", "run": told, "inputs": inputs, "tools": ["count"]}
    content = {"server.py": SERVER}
    return built.release("@ann/words", "1.0.0", content, kind="plugin", spec=spec, permissions=["mcp:count"])


class Desk:
    """A person's machine: their folders, and what a verb gave."""

    def __init__(self, folder: Path, *, answers: str | None = None) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.world = World(
            env={"REGISTRY_HOME": str(folder / "home"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            cwd=self.work,
            home=folder / "person",
            now=lambda: 1_772_000_000,
            terminal=answers is not None,
        )
        self.answers = answers

    def keeps(self, registry: RegistryInMemory, *names: str) -> RegistryInMemory:
        """This person has the keys of these signers of a registry, under the use that the name says."""
        for name in names:
            self.world.keys.import_seed(f"registry:{registry.id[:16]}", name, registry.seed(name))
        return registry

    def put(self, name: str, files: dict[str, bytes]) -> str:
        root = self.folder / name
        shutil.rmtree(root, ignore_errors=True)
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return str(root)

    def run(self, *args: str) -> str:
        """What the verb says on stdout; raises its error."""
        done = CliRunner().invoke(registry, list(args), obj=self.world, input=self.answers)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        self.code, self.talk = done.exit_code, done.stderr
        return done.stdout

    def json(self, *args: str) -> Any:
        return json.loads(self.run(*args, "--json"))

    def refused(self, *args: str) -> tuple[int, str]:
        """The exit code and the code of the error."""
        with pytest.raises(RegistryError) as refused:
            self.run(*args)
        self.error = refused.value
        return refused.value.exit_code, refused.value.code


def added(desk: Desk, built: RegistryInMemory) -> str:
    where = desk.put("reg", built.files)
    desk.run("add", where, "--root", built.id)
    return where
