"""The gate as a client of the server: it greets, lists the tools and asks, under numbers of its own.

Answers count once and only under such a number. So none can be taken for the answer to another request, and the server
never sees the client's ids and tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry_tool import __version__
from registry_tool.core.canonical import Json
from registry_tool.core.quoting import quoted
from registry_tool.core.toolgate import answers, wire
from registry_tool.core.toolgate.asking import LEGACY, META, MODERN, Asked, implementation
from registry_tool.core.toolgate.definitions import visible
from registry_tool.core.toolgate.listing import NAME_CHARACTERS
from registry_tool.core.toolgate.moved import Out, Told
from registry_tool.core.toolgate.shown import Shown
from registry_tool.core.toolgate.wire import NO_METHOD, SERVER_FAILED, Fault

CHANGES: Final = 100
"""How often in one session the server may say that its tools changed."""

_OURSELVES: Final = {"name": "registry-tool", "version": __version__}
_UNKNOWN: Final = {"name": "server", "version": "0"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a server said of itself."""

    version: str
    """Of the protocol, as it is spoken with the server."""
    info: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that the server has not answered; `asked` is `None` for those of the gate itself."""

    method: str
    asked: Asked | None = None


class Server:
    """One server; `state` is `None` until it was greeted, and a fault where that failed or it ended."""

    def __init__(self, shown: Shown, told: Told) -> None:
        self.state: Known | Fault | None = None
        self.sent: dict[int, Sent] = {}
        self._shown = shown
        self._told = told
        self._number = 0
        self._modern = False
        self._refusal = ""  # what it said to the greeting
        self._again = False  # its tools changed while they were listed
        self._changes = 0

    @property
    def pings(self) -> bool:
        """Whether it can be asked if it is there: the newest protocol has no ping."""
        return isinstance(self.state, Known) and not self._modern

    def greet(self, what: Asked, out: Out) -> None:
        """Begins the session, for the client that asked first."""
        version = what.version if what.version in LEGACY else LEGACY[-1]
        hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": what.client or _OURSELVES}
        self.ask(Sent("initialize"), hello, out)

    def list(self, out: Out) -> None:
        """Asks for all tools."""
        self._shown.begin()
        self.ask(Sent("tools/list"), {}, out)

    def ask(self, sent: Sent, params: Mapping[str, Json], out: Out) -> int:
        """Sends a request; its number."""
        self._number += 1
        self.sent[self._number] = sent
        meta: dict[str, Json] = {}
        if sent.asked is not None and sent.asked.token is not None:
            meta["progressToken"] = self._number
        if self._modern:
            meta[META + "protocolVersion"] = MODERN
            meta[META + "clientInfo"] = _OURSELVES
            meta[META + "clientCapabilities"] = {}
        out.server.append(wire.request(self._number, sent.method, {**params, "_meta": meta} if meta else params))
        return self._number

    def settle(self, number: int, answer: Mapping[str, Json] | Fault, out: Out) -> Asked | None:
        """Takes in the answer to one request that waits; the client's request where it was one."""
        sent = self.sent.pop(number)
        if sent.asked is None and sent.method == "initialize":
            self._greeted(answer, out)
        elif sent.asked is None:
            self._listed(answer, out)
        return sent.asked

    def said(self, message: Mapping[str, Json], out: Out) -> None:
        """Takes in what the server says on its own."""
        method, params = message["method"], message.get("params")
        if "id" in message:
            self._asked(message["id"], method, out)
        elif method == "notifications/progress" and isinstance(params, dict):
            number = params.get("progressToken")
            what = self.sent[number].asked if type(number) is int and number in self.sent else None
            told = answers.progress(what.token, params) if what is not None and what.token is not None else None
            if told is not None:
                out.client.append(wire.notification(method, told))
        elif method == "notifications/tools/list_changed" and self.state is not None:
            self._changed(out)

    def _asked(self, request_id: Json, method: Json, out: Out) -> None:
        if not wire.is_id(request_id):
            return
        if method == "ping":
            out.replies.append(wire.result(request_id, {}))
            return
        name = visible(method, NAME_CHARACTERS) if isinstance(method, str) else "something"
        self._told.refuse("", f"the server asked for {name}, which no plugin is granted")
        fault = Fault(NO_METHOD, f"{name} is not offered: nothing but tools passes between this client and the server")
        out.replies.append(wire.failure(request_id, fault))

    def _changed(self, out: Out) -> None:
        self._changes += 1
        if self._changes > CHANGES:
            text = f"the server said more than {CHANGES} times that its tools changed; it is not asked again"
            self._told.say(text, out)
        elif self._shown.listing:
            self._again = True
        else:
            self.list(out)

    def _greeted(self, answer: Mapping[str, Json] | Fault, out: Out) -> None:
        if isinstance(answer, Fault):
            # A server without a handshake answers like this; the first page of tools shows whether it is one.
            self._modern, self._refusal = True, answer.message
            self.list(out)
            return
        version = answer.get("protocolVersion")
        if version not in LEGACY:
            said = quoted(version) if isinstance(version, str) else "none"
            self.state = Fault(SERVER_FAILED, f"the server speaks version {said} of the protocol, the gate does not")
            return
        self.state = Known(version, implementation(answer.get("serverInfo")) or _UNKNOWN)
        out.server.append(wire.notification("notifications/initialized"))
        self.list(out)

    def _listed(self, answer: Mapping[str, Json] | Fault, out: Out) -> None:
        """Takes in one page of tools."""
        if self.state is None:
            if isinstance(answer, Fault):
                why = f"the server took no version of the protocol: {self._refusal}; {answer.message}"
                self.state = Fault(SERVER_FAILED, why)
                return
            meta = answer.get("_meta")
            info = implementation(meta.get(META + "serverInfo")) if isinstance(meta, dict) else None
            self.state = Known(MODERN, info or _UNKNOWN)
        cursor = self._shown.page(answer, out)
        if cursor:
            self.ask(Sent("tools/list"), {"cursor": cursor}, out)
        elif self._again:
            self._again = False
            self.list(out)
