"""Servers that people use, behind the gate, called by the official client in each version of the protocol."""

import asyncio
import json
import os
import sys
import sysconfig
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from registry_tool.core.closure import LOCKS, Manager, read_closure
from registry_tool.sandbox.closures import Closures
from registry_tool.sandbox.packages import entry_of
from tests.real.packages import CACHE, NODE_SERVER, PYTHON_SERVER

pytestmark = pytest.mark.network

SECONDS: Final = 60
"""How long one session may take on a busy machine."""
ROOT: Final = Path(__file__).parents[2]
MODES: Final = ("legacy", "auto", "2026-07-28")


@dataclass(frozen=True, slots=True)
class Server:
    """A package with all that it needs, pinned; what is granted of it, and one call."""

    manager: Manager
    name: str
    lock: str
    args: tuple[str, ...]
    granted: tuple[str, ...]
    call: Mapping[str, Any]
    answer: str
    other: str

    def command(self) -> list[str]:
        """Starts it; its packages are fetched once into the cache, by the hashes of its lock."""
        data = (Path(__file__).parent / "locks" / self.lock).read_bytes()
        tag = f"{sysconfig.get_platform()}-{sysconfig.get_python_version()}"
        closures = Closures(CACHE / "closures", os.environ)
        closure = read_closure(self.manager, data, LOCKS[self.manager])
        packages = closures.fetch(closure, tag, python=sys.executable, inside="/packages", what=self.name)
        entry = str(packages / entry_of(self.manager, packages, self.name))
        python = ["env", f"PYTHONPATH={packages}", sys.executable]
        return [*(["node"] if self.manager == "npm" else python), entry, *self.args]


PYTHON: Final = Server(
    "pypi",
    PYTHON_SERVER.name,
    "time.requirements.lock.txt",
    (),
    ("convert_time",),
    {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
    "21:00",
    "get_current_time",
)
NODE: Final = Server(
    "npm",
    NODE_SERVER.name,
    "everything.package-lock.json",
    ("stdio",),
    ("echo", "get-sum"),
    {"message": "hello"},
    "hello",
    "get-env",
)
SERVERS: Final = [pytest.param(PYTHON, id="python"), pytest.param(NODE, id="node")]


@asynccontextmanager
async def client(
    folder: Path, server: Server, *, mode: str, pins: Mapping[str, str] | None = None
) -> AsyncIterator[Client]:
    """The official client of a server behind the gate."""
    told = folder / "gate.json"
    told.write_text(json.dumps({"tools": server.granted, "pins": pins or {}, "grace": 0.5}))
    command = [str(ROOT / "tests/sandbox/gated.py"), str(told), *server.command()]
    started = StdioServerParameters(command=sys.executable, args=command, env={"PYTHONPATH": str(ROOT)})
    async with asyncio.timeout(SECONDS), Client(stdio_client(started), mode=mode) as connected:
        yield connected


def pins_of(folder: Path) -> dict[str, str]:
    """What was pinned in a session."""
    return {
        name: pin for line in (folder / "gate.pins").read_text().splitlines() for name, pin in json.loads(line).items()
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("server", SERVERS)
def test_granted_tools_work_and_nothing_else_does(tmp_path: Path, server: Server, mode: str) -> None:
    """The client sees the granted tools alone; another tool, resources and prompts fail and say why."""

    async def session() -> None:
        async with client(tmp_path, server, mode=mode) as agent:
            listed = await agent.list_tools()
            answered = await agent.call_tool(server.granted[0], dict(server.call))
            with pytest.raises(MCPError, match=f"the tool '{server.other}' was not granted to @ann/words") as refused:
                await agent.call_tool(server.other, {})
            with pytest.raises(MCPError, match="'resources/list' does not pass"):
                await agent.list_resources()
            with pytest.raises(MCPError, match="'prompts/list' does not pass"):
                await agent.list_prompts()

            assert sorted(server.granted) == sorted(one.name for one in listed.tools)
            assert server.answer in answered.model_dump_json()
            assert ", ".join(sorted(server.granted)) in str(refused.value)
            # A client that is told its version asks for nothing before it calls.
            offered = {name for name, value in agent.server_capabilities if value is not None}
            assert (set() if mode == "2026-07-28" else {"tools"}) == offered

    asyncio.run(session())

    assert sorted(server.granted) == sorted(pins_of(tmp_path))


@pytest.mark.parametrize("server", SERVERS)
def test_the_same_server_has_the_same_pins(tmp_path: Path, server: Server) -> None:
    """A second start finds the definitions that were pinned; with another pin the tool is gone."""

    async def names(pins: Mapping[str, str]) -> list[str]:
        async with client(tmp_path, server, mode="auto", pins=pins) as agent:
            return sorted(one.name for one in (await agent.list_tools()).tools)

    first = asyncio.run(names({}))
    pins = pins_of(tmp_path)
    second = asyncio.run(names(pins))
    third = asyncio.run(names({**pins, server.granted[0]: "sha256:" + "0" * 64}))

    assert sorted(server.granted) == first == second
    assert sorted(server.granted[1:]) == third
    assert pins == pins_of(tmp_path)


def test_what_a_real_server_starts_on_its_own_ends_at_the_gate(tmp_path: Path) -> None:
    """A tool of the node server that reports progress does so; what it logs and asks for is not seen."""
    server = Server(
        NODE.manager,
        NODE.name,
        NODE.lock,
        NODE.args,
        ("trigger-long-running-operation", "toggle-simulated-logging", "get-resource-links", "get-annotated-message"),
        {},
        "",
        "",
    )
    told: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async def session() -> list[Any]:
        async with client(tmp_path, server, mode="legacy") as agent:
            await agent.call_tool("toggle-simulated-logging", {})
            slow = {"duration": 0.3, "steps": 3}
            await agent.call_tool("trigger-long-running-operation", slow, progress_callback=on_progress)
            links = await agent.call_tool("get-resource-links", {"count": 2})
            noted = await agent.call_tool("get-annotated-message", {"messageType": "error", "includeImage": True})
            return [links, noted]

    links, noted = asyncio.run(session())

    assert [1, 2, 3] == told
    assert {"text"} == {part.type for part in links.content}
    assert [("text", 1.0), ("image", 0.5)] == [(part.type, part.annotations.priority) for part in noted.content]
