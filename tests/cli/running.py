"""Releases that are started, and the talk with what was started."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from registry_tool.core.describe import full_spec, recompute
from registry_tool.core.names import parse_artifact
from registry_tool.kinds import kind_of
from registry_tool.kinds.plugin import KIND as PLUGIN
from tests.builders import RegistryInMemory, a_registry, as_payload
from tests.cli.desk import Desk

WORDS = "@ann/words"
TEMPLATE = PLUGIN.template(parse_artifact(WORDS))["server.py"].data
"""A server with the tool `word_count`."""
LINKS = "@ann/links"


def released(
    artifact: str, kind: str, content: Mapping[str, bytes], permissions: Sequence[str], registry: RegistryInMemory
) -> RegistryInMemory:
    """A release whose manifest says of its files what everybody reads from them."""
    spec = full_spec(recompute(as_payload(dict(content)), kind_of(kind)))
    return registry.release(
        artifact, "1.0.0", dict(content), kind=kind, spec=spec, permissions=sorted(permissions), description="x"
    )


def with_plugin(desk: Desk, content: Mapping[str, bytes] | None = None, *, permissions: Sequence[str] = ()) -> None:
    """Installs a plugin: the files of a new one, and `content` over them."""
    template = {path: file.data for path, file in PLUGIN.template(parse_artifact(WORDS)).items()}
    built = released(
        WORDS, "plugin", {**template, **(content or {})}, ["mcp:word_count", *permissions], a_registry(demo=False)
    )
    desk.run("add", desk.put("reg", built.files), "--root", built.id)
    desk.run("install", WORDS, "--yes")


def with_skill(desk: Desk, scripts: Mapping[str, bytes], *permissions: str) -> None:
    """Installs a skill with these files."""
    head = b"---\nname: links\ndescription: Find links.\nlicense: MIT\n---\nRun them.\n"
    built = released(LINKS, "skill", {"SKILL.md": head, **scripts}, permissions, a_registry(demo=False))
    desk.run("add", desk.put("reg", built.files), "--root", built.id)
    desk.run("install", LINKS, "--yes")


@contextmanager
def typed(data: bytes) -> Iterator[None]:
    """This process's standard input is `data`, for what reads the descriptor itself."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        kept = os.dup(0)
        os.dup2(file.fileno(), 0)
        try:
            yield
        finally:
            os.dup2(kept, 0)
            os.close(kept)


def asked(*calls: tuple[str, Mapping[str, Any]]) -> bytes:
    """What an agent sends: the handshake, its question for the tools, and calls of tools."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        *(
            {"id": number, "method": "tools/call", "params": {"name": name, "arguments": dict(told)}}
            for number, (name, told) in enumerate(calls, 3)
        ),
    ]
    return b"".join(json.dumps({"jsonrpc": "2.0", **one}).encode() + b"\n" for one in messages)


def answered(text: str) -> dict[int, Any]:
    """The answers in what was printed, by their ids; every line is one."""
    return {one["id"]: one.get("result", one.get("error")) for one in map(json.loads, text.splitlines()) if "id" in one}


def audited(desk: Desk) -> list[dict[str, Any]]:
    """The lines of the audit log about starts and refusals."""
    path = desk.folder / "home/state/audit.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [one for one in lines if one["event"] in ("start", "refuse")]


def receipt_of(desk: Desk, artifact: str = WORDS) -> Path:
    """Its receipt in the project."""
    return desk.work / f".registry/receipts/{parse_artifact(artifact).slug}.json"
