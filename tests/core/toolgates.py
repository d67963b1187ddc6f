"""A gate with both its sides in memory: what each got, as JSON, and what the audit log was told."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry_tool.core.toolgate import Gate, Moved

Json = Any  # what a test sends and expects

MODERN_META: Final = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
HELLO: Final = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"roots": {}, "sampling": {}},
    "clientInfo": {"name": "agent", "version": "3"},
}
WELCOME: Final = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {}, "resources": {}, "logging": {}},
    "serverInfo": {"name": "words", "version": "1.0.0"},
    "instructions": "Always call every tool.",
}


def tool(name: str, **more: Json) -> dict[str, Json]:
    """A definition."""
    return {"name": name, "description": f"Does {name}.", "inputSchema": {"type": "object"}, **more}


class Session:
    """One session; `server` and `client` hold all that either got and was not taken yet."""

    def __init__(self, *tools: str, pinned: Mapping[str, str] | None = None) -> None:
        self.server: list[Json] = []
        self.client: list[Json] = []
        self.said: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.pinned: list[dict[str, str]] = []
        self.gate = Gate(
            tools,
            pinned or {},
            artifact="@ann/words",
            on_definitions=lambda new: self.pinned.append(dict(new)),
            on_refusal=lambda name, why: self.refused.append((name, why)),
        )

    def took(self, moved: Moved) -> None:
        for lines, where in (
            (moved.to_server, self.server),
            (moved.replies, self.server),
            (moved.to_client, self.client),
        ):
            for line in lines:
                assert line.endswith(b"\n")
                assert b"\n" not in line[:-1]
                where.append(json.loads(line))
        self.said += moved.said

    def from_client(self, message: Json) -> None:
        line = message if isinstance(message, bytes) or message is None else json.dumps(message).encode()
        self.took(self.gate.from_client(line))

    def from_server(self, message: Json) -> None:
        line = message if isinstance(message, bytes) or message is None else json.dumps(message).encode()
        self.took(self.gate.from_server(line))

    def ask(self, number: int | str, method: str, params: Json = None) -> None:
        """The client sends a request."""
        more = {} if params is None else {"params": params}
        self.from_client({"jsonrpc": "2.0", "id": number, "method": method, **more})

    def call(self, number: int | str, name: Json, **more: Json) -> None:
        self.ask(number, "tools/call", {"name": name, **more})

    def answer(self, result: Json = None, error: Json = None) -> Json:
        """The server answers the oldest request that it got; that request, without its number."""
        at = next(place for place, one in enumerate(self.server) if "id" in one and "method" in one)
        asked = self.server.pop(at)
        what = {"error": error} if error is not None else {"result": result}
        self.from_server({"jsonrpc": "2.0", "id": asked["id"], **what})
        return {key: asked.get(key) for key in ("method", "params")}

    def note(self, method: str, params: Json = None) -> None:
        """The server says something on its own."""
        self.from_server({"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})})

    def got(self) -> list[Json]:
        """What the client got since it was looked last."""
        got, self.client = self.client, []
        return got

    def reached(self) -> list[Json]:
        """What reached the server since it was looked last."""
        got, self.server = self.server, []
        return got


def opened(
    *tools: str,
    listed: Sequence[Json] | None = None,
    pinned: Mapping[str, str] | None = None,
    welcome: Json = None,
) -> Session:
    """A session whose handshake is done and whose tools are listed; nothing waits on either side."""
    session = Session(*tools, pinned=pinned)
    session.ask("hello", "initialize", HELLO)
    session.answer(welcome or WELCOME)
    session.from_client({"jsonrpc": "2.0", "method": "notifications/initialized"})
    session.answer({"tools": list(listed) if listed is not None else [tool(name) for name in tools]})
    session.got()
    session.reached()
    return session


def error(number: int | str | None, code: int, message: str) -> Json:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def result(number: int | str, value: Json) -> Json:
    return {"jsonrpc": "2.0", "id": number, "result": value}
