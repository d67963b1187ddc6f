"""Servers that people use, locked, published, installed, and then called by an agent's own client without a network."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from registry_tool.core.closure import LOCKS
from tests.real.line import Shell
from tests.real.packages import NODE_SERVER, PYTHON_SERVER, NodePackage, PythonPackage, server_json

pytestmark = pytest.mark.network

SECONDS = 60
"""How long one answer may take on a busy machine."""
NOWHERE = "http://127.0.0.1:9/"
OFFLINE = {
    **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), NOWHERE),
    **dict.fromkeys(("PIP_INDEX_URL", "npm_config_registry"), NOWHERE),
    "PIP_NO_INDEX": "1",
    "npm_config_offline": "true",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A package that people use, and how it is called."""

    package: NodePackage | PythonPackage
    args: tuple[str, ...]
    granted: str
    """One of its tools."""
    call: Mapping[str, str]
    answer: str
    """What stands in the answer to that."""
    other: str
    """Another of its tools."""


TIME = {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"}
PYTHON = Server(PYTHON_SERVER, (), "convert_time", TIME, "21:00", "get_current_time")
NODE = Server(NODE_SERVER, ("stdio",), "echo", {"message": "hello"}, "hello", "get-env")


@pytest.mark.parametrize("server", [pytest.param(PYTHON, id="python"), pytest.param(NODE, id="node")])
def test_a_locked_server_is_called_without_a_network(
    shell: Shell, cloned: Callable[[], str], tmp_path: Path, server: Server
) -> None:
    """The line in .mcp.json starts it behind the gate: the granted tool works, another one fails and says why.

    All that it is made of is pinned in the manifest and fetched at the install; the start needs no network.
    """
    package, granted = server.package, server.granted
    folder = tmp_path / "author"
    folder.mkdir()
    (folder / "server.json").write_bytes(
        server_json(package, name="io.github.modelcontextprotocol/server", description="A server.", args=server.args)
    )
    (folder / "artifact.yaml").write_text(f"license: MIT\npermissions: ['mcp:{granted}']\n")
    locked = json.loads(shell.registry("plugin", "lock", str(folder), "--json"))
    assert (package.name, package.version) in {(one["name"], one["version"]) for one in locked["packages"]}
    assert len(locked["packages"]) > 20
    lock = Path(locked["lock"])
    assert lock.name in LOCKS.values()
    assert b"://" not in lock.read_bytes()

    shell.registry("publish", str(folder), "--id", "@ann/server", "--as", "ann", "--registry", "reg", "--yes")
    (pending,) = json.loads(shell.registry("queue", "list", "--registry", "reg", "--json"))
    shell.registry("queue", "approve", pending["id"], "--registry", "reg", "--note", "read it")
    where = cloned()
    told = ("--registry", where, "--project", "work", "--yes")
    away = Shell(shell.folder, {**shell.env, **OFFLINE})
    assert "It does not start yet: the packages of @ann/server" in away.registry("install", "@ann/server", *told)
    assert "the packages of @ann/server" in away.registry("run", "@ann/server", "--project", "work", code=3)
    shell.registry("install", "@ann/server", *told)
    away.registry("install", "@ann/server", *told, "--force", "--offline")

    (entry,) = json.loads((tmp_path / "work/.mcp.json").read_text())["mcpServers"].values()
    assert ("registry", ["run", "@ann/server"]) == (entry["command"], entry["args"])
    names, text, refusal = asyncio.run(_called(away, entry, server))

    assert [granted] == names
    assert server.answer in text
    assert "was not granted to @ann/server" in refusal
    lines = [json.loads(line) for line in (tmp_path / "home/state/audit.jsonl").read_text().splitlines()]
    starts = [(one["outcome"], one["how"]) for one in lines if one["event"] == "start"]
    assert [("begun", "bubblewrap"), ("ended", "bubblewrap")] == starts


async def _called(away: Shell, entry: Mapping[str, Any], server: Server) -> tuple[list[str], str, str]:  # Any: JSON
    """What an agent's client sees: names of tools, the granted one's answer, and why the other one has none."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{away.env['PATH']}"
    work = str(away.folder / "work")
    told = StdioServerParameters(command=entry["command"], args=entry["args"], env={**away.env, "PATH": path}, cwd=work)
    async with asyncio.timeout(SECONDS), stdio_client(told) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        names = [tool.name for tool in (await session.list_tools()).tools]
        result = await session.call_tool(server.granted, dict(server.call))
        text = result.model_dump_json()
        with pytest.raises(MCPError) as refused:
            await session.call_tool(server.other, {})
        return names, text, str(refused.value)
