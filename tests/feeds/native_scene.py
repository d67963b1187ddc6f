"""Skills and servers for the tests of the feeds that programs of other people read."""

import json
from collections.abc import Mapping
from typing import Any

from tests.builders import RegistryInMemory, a_registry
from tests.sites import named

TOOL = "mcp:word_count"


def reading_room() -> RegistryInMemory:
    """A registry with a name and an address, and nothing in it."""
    return named(a_registry(demo=False))


def skill(
    registry: RegistryInMemory,
    artifact: str,
    version: str = "1.0.0",
    *,
    native: str = "",
    entry: str = "SKILL.md",
    at: str | None = None,
    description: str = "Says how to do it.",
    files: Mapping[str, str] | None = None,
) -> None:
    """A skill that was let in; one file unless there are `files` more."""
    name = native or artifact.partition("/")[2]
    text = f"---\nname: {name}\ndescription: Says how to do it.\n---\n\nDo it.\n"
    content = {entry: text.encode(), **{path: one.encode() for path, one in (files or {}).items()}}
    spec = {"native_name": name, "entry": entry, "allowed_tools": [], "scripts": []}
    registry.publish(artifact, version, content, kind="skill", spec=spec, description=description)
    registry.admit(artifact, version, at=at)


def server_json(name: str, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    """What an author's server.json says: a program among its own files, unless `more` says how it is started."""
    return {"name": name, "description": "Counts words.", "version": version, **more}


def server(
    registry: RegistryInMemory,
    artifact: str,
    version: str = "1.0.0",
    *,
    native: str = "",
    document: object = None,
    run: Mapping[str, Any] | None = None,
    at: str | None = None,
    **more: Any,
) -> None:
    """A plugin that was let in, with a server.json and, unless `run` says otherwise, a program of its own."""
    native = native or f"io.example.{artifact.removeprefix('@')}"
    said = server_json(native, version) if document is None else document
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    run = run or {"type": "payload", "command": "python3", "entry": "server.py", "args": [], "env": {}, "headers": {}}
    content = {"server.json": data, "server.py": b"print('hello')\n"}
    spec = {"native_name": native, "run": dict(run), "inputs": [], "tools": ["word_count"], **more.pop("spec", {})}
    registry.publish(artifact, version, content, kind="plugin", spec=spec, permissions=[TOOL], **more)
    registry.admit(artifact, version, at=at)
