"""The state of one session between an agent and a server.

client asks first     the gate greets the server: `initialize`, or where that fails the version without a handshake
server greeted        the client's `initialize` or `server/discover` is answered; the gate lists all tools
tools listed          definitions are compared with their pins; what was held goes on
list_changed          the gate lists again, and holds what is asked meanwhile
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from registry_tool.core.canonical import Json
from registry_tool.core.digest import Digest
from registry_tool.core.quoting import quoted
from registry_tool.core.toolgate import answers, wire
from registry_tool.core.toolgate.asking import LEGACY, META, MODERN, Asked, asked, reason
from registry_tool.core.toolgate.definitions import visible
from registry_tool.core.toolgate.listing import NAME_CHARACTERS
from registry_tool.core.toolgate.moved import Moved, Out, Told
from registry_tool.core.toolgate.server import Known, Sent, Server
from registry_tool.core.toolgate.shown import Shown
from registry_tool.core.toolgate.wire import BAD_PARAMS, INVALID_REQUEST, NO_METHOD, NOT_NOW, SERVER_FAILED, Fault

PENDING: Final = 256
"""Requests of the client that wait for an answer."""
_METHODS: Final = ("initialize", "ping", "server/discover", "tools/call", "tools/list")
_OF_ONE_ERA: Final = ("initialize", "ping", "server/discover")


class Gate:
    """Passes what was granted between one client and one server; each line that comes is given to it once.

    `tools` are the granted names, `pinned` the digests of their definitions as far as they were seen before; new
    ones are given to `on_definitions`. `on_refusal` gets a tool's name (empty where it is about none) and why.
    """

    def __init__(
        self,
        tools: Iterable[str],
        pinned: Mapping[str, str],
        *,
        artifact: str,
        on_definitions: Callable[[Mapping[str, Digest]], None],
        on_refusal: Callable[[str, str], None],
    ) -> None:
        self._tools = tuple(sorted(set(tools)))
        self._artifact = artifact
        self._told = Told(on_refusal)
        self._shown = Shown(self._tools, pinned, artifact=artifact, on_definitions=on_definitions, told=self._told)
        self._server = Server(self._shown, self._told)
        self._open: dict[wire.RequestId, int | None] = {}  # the client's requests; `None` for those that are held
        self._held: list[Asked] = []
        self._begun = self._shaken = False  # by the first request; by the client's `initialize`
        self._given: Mapping[str, Mapping[str, Json]] | None = None  # the tools that the client was told of last

    @property
    def definitions(self) -> Mapping[str, Digest]:
        """The digests of the granted tools' definitions, as the server gave them last."""
        return self._shown.digests

    @property
    def holds(self) -> bool:
        """Whether requests of the client were not passed on yet."""
        return bool(self._held)

    def from_client(self, line: bytes | None) -> Moved:
        """What follows from a line of the client; `None` for one that was too long to be kept."""
        out = Out()
        message = _read(line)
        if isinstance(message, Fault):
            out.client.append(wire.failure(None, message))
        elif "method" in message:  # else an answer, and the client was asked nothing
            self._from_client(message, out)
        return out.moved()

    def from_server(self, line: bytes | None) -> Moved:
        """What follows from a line of the server; `None` for one that was too long to be kept."""
        out = Out()
        message = _read(line)
        if line is None:
            self._told.say("an answer of the server was too long; it was dropped", out)
            for number in list(self._server.sent):  # nobody can tell which one it was
                self._settle(number, Fault(SERVER_FAILED, f"an answer has at most {wire.LINE_BYTES} bytes"), out)
        elif isinstance(message, Fault):
            self._told.say("the server prints what is no message; it is dropped", out)
        elif "method" in message:
            self._server.said(message, out)
        elif message:
            answered = message.get("id")
            if type(answered) is int and answered in self._server.sent:
                self._settle(answered, _result_in(message), out)
            else:
                self._told.say("the server answers what nobody asked; it is dropped", out)
        return out.moved()

    def ended(self, why: str) -> Moved:
        """What follows from the server's end: every request that waits is answered with `why`."""
        out = Out()
        self._server.state = fault = Fault(SERVER_FAILED, why)
        out.client += [wire.failure(request_id, fault) for request_id in self._open]
        for waiting in (self._open, self._server.sent, self._held):
            waiting.clear()
        return out.moved()

    def _from_client(self, message: dict[str, Json], out: Out) -> None:
        method, params, request_id = message["method"], message.get("params"), message.get("id")
        params = {} if params is None else params
        if "id" not in message:
            if method == "notifications/cancelled" and isinstance(params, dict):
                self._cancel(params, out)
            return
        if not wire.is_id(request_id):
            fault = Fault(INVALID_REQUEST, "the id of a request is a text or a whole number")
            out.client.append(wire.failure(None, fault))
            return
        if request_id in self._open:
            # Said without the id: with it, it would count as the answer to the request that waits.
            fault = Fault(INVALID_REQUEST, f"a request with the id {quoted(str(request_id))} still waits")
            out.client.append(wire.failure(None, fault))
            return
        what = self._understood(request_id, method, params)
        if isinstance(what, Fault):
            out.client.append(wire.failure(request_id, what))
        else:
            self._take(what, out)

    def _understood(self, request_id: wire.RequestId, method: Json, params: Json) -> Asked | Fault:
        """The request, if it may go on."""
        if method not in _METHODS:
            name = quoted(method) if isinstance(method, str) else "that"
            return Fault(NO_METHOD, f"{name} does not pass: {self._artifact} was granted tools, and nothing else")
        if not isinstance(params, dict):
            return Fault(BAD_PARAMS, "the params of a request are an object")
        what = asked(request_id, method, params)
        if isinstance(what, Fault):
            return what
        if method in _OF_ONE_ERA and what.modern != (method == "server/discover"):
            return Fault(NO_METHOD, f"{method} is of another version of the protocol")
        if not what.modern and method != "ping" and self._shaken == (method == "initialize"):
            return Fault(INVALID_REQUEST, "a session begins with initialize, and once")
        if len(self._open) >= PENDING:
            return Fault(NOT_NOW, f"{PENDING} requests wait for an answer already")
        if method == "tools/call" and what.params["name"] not in self._tools:
            return self._ungranted(what.params["name"])
        return what

    def _ungranted(self, name: str) -> Fault:
        self._told.refuse(visible(name, NAME_CHARACTERS), "it was called, and was not granted")
        granted = ", ".join(self._tools) or "none"
        return Fault(BAD_PARAMS, f"the tool {quoted(name)} was not granted to {self._artifact}; granted: {granted}")

    def _take(self, what: Asked, out: Out) -> None:
        self._open[what.id] = None
        self._held.append(what)
        self._shaken = self._shaken or what.method == "initialize"
        if not self._begun and what.method != "ping":
            self._begun = True
            self._server.greet(what, out)
        elif what.method == "tools/list" and self._given is not None and not self._shown.listing:
            self._server.list(out)  # the first list is as old as the session, a later one should be new
        self._go_on(out)

    def _cancel(self, params: dict[str, Json], out: Out) -> None:
        request_id = params.get("requestId")
        if not wire.is_id(request_id) or request_id not in self._open:
            return
        number = self._open[request_id]
        if number is not None:
            del self._server.sent[number], self._open[request_id]
            out.server.append(wire.notification("notifications/cancelled", {"requestId": number, **reason(params)}))
            return
        kept = [held for held in self._held if held.id != request_id or held.method == "initialize"]
        if len(kept) < len(self._held):  # MCP 2025-11-25, cancellation: `initialize` is never cancelled
            del self._open[request_id]
            self._held = kept

    def _settle(self, number: int, answer: Mapping[str, Json] | Fault, out: Out) -> None:
        """Takes in the server's answer to one request."""
        what = self._server.settle(number, answer, out)
        if what is None:
            self._go_on(out)
            self._changed(out)
        elif isinstance(answer, Fault) or what.method == "ping":
            self._answer(what, answer if isinstance(answer, Fault) else {}, out)
        else:
            self._answer(what, answers.called(answer, modern=what.modern), out)

    def _go_on(self, out: Out) -> None:
        """Answers or passes on what was held, as far as that can be done now."""
        held, self._held = self._held, []
        for what in held:
            state = self._server.state
            if isinstance(state, Fault):
                self._answer(what, state, out)
            elif what.method == "ping":
                self._ping(what, out)
            elif state is None or (what.method in ("tools/list", "tools/call") and not self._shown.settled):
                self._held.append(what)
            elif what.method == "tools/list":
                self._given = self._shown.definitions
                caching = {"ttlMs": 0, "cacheScope": "private"} if what.modern else {}
                self._answer(what, {"tools": list(self._given.values()), **caching}, out)
            elif what.method == "tools/call":
                self._call(what, out)
            else:
                self._answer(what, _welcome(what, state), out)

    def _changed(self, out: Out) -> None:
        """Tells a client that has the list of another one; where there is no handshake it did not ask for that."""
        if self._shaken and self._given is not None and self._shown.settled and self._given != self._shown.definitions:
            self._given = self._shown.definitions
            out.client.append(wire.notification("notifications/tools/list_changed"))

    def _ping(self, what: Asked, out: Out) -> None:
        if self._server.pings:
            self._open[what.id] = self._server.ask(Sent("ping", what), {}, out)
        else:
            self._answer(what, {}, out)

    def _call(self, what: Asked, out: Out) -> None:
        name = what.params["name"]
        why = self._shown.why_not(name)
        if why:
            self._told.refuse(name, why)
            self._answer(what, Fault(NOT_NOW, f"{name} was not called: {why}"), out)
        else:
            self._open[what.id] = self._server.ask(Sent("tools/call", what), what.params, out)

    def _answer(self, what: Asked, answer: Mapping[str, Json] | Fault, out: Out) -> None:
        """Answers a request of the client, which is done with that."""
        del self._open[what.id]
        if isinstance(answer, Fault):
            out.client.append(wire.failure(what.id, answer))
        else:
            out.client.append(wire.result(what.id, {"resultType": "complete", **answer} if what.modern else answer))


def _read(line: bytes | None) -> dict[str, Json] | Fault:
    """The message in a line; an empty one is no message, and no fault."""
    if line is None:
        return wire.too_long()
    return wire.read(line) if line.strip() else {}


def _result_in(message: Mapping[str, Json]) -> Mapping[str, Json] | Fault:
    """The result in an answer of the server, else why there is none."""
    if message.get("error") is not None:  # some servers write the one that is not there as null
        return answers.failed(message["error"])
    result = message.get("result")
    return result if isinstance(result, dict) else Fault(SERVER_FAILED, "the server's answer has no result")


def _welcome(what: Asked, server: Known) -> dict[str, Json]:
    """What the gate says of itself and the server: the tools, and nothing else."""
    if what.modern:
        return {
            "supportedVersions": [MODERN, *reversed(LEGACY)],
            "capabilities": {"tools": {}},
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": {META + "serverInfo": server.info},
        }
    version = server.version
    if version == MODERN:  # the gate stands between: the client is answered in the version that it knows
        version = what.version if what.version in LEGACY else LEGACY[-1]
    return {
        "protocolVersion": version,
        "capabilities": {"tools": {"listChanged": True}},
        "serverInfo": server.info,
    }
