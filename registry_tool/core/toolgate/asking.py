"""What a client may ask for, made anew from what it sent.

    initialize                    legacy   protocol versions up to 2025-11-25
    notifications/initialized     legacy
    ping                          legacy
    server/discover               modern   2026-07-28, where each request names its version in _meta
    tools/list, tools/call        both
    notifications/cancelled       both

Everything else (resources, prompts, completion, logging, subscriptions, tasks) is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry_tool.core.canonical import Json
from registry_tool.core.quoting import quoted
from registry_tool.core.toolgate.definitions import visible
from registry_tool.core.toolgate.wire import BAD_PARAMS, OTHER_VERSION, Fault, RequestId, is_id

LEGACY: Final = ("2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Versions of the protocol that begin with a handshake, oldest first."""
MODERN: Final = "2026-07-28"
"""The version without one."""
META: Final = "io.modelcontextprotocol/"
NAME_CHARACTERS: Final = 200
REASON_CHARACTERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the client that was understood."""

    id: RequestId
    method: str
    params: Mapping[str, Json]
    """As the server gets them, without `_meta`."""
    modern: bool
    token: RequestId | None
    """What the client wants to be told of progress by."""
    version: str = ""
    """The protocol version that it asked for in `initialize`."""
    client: Mapping[str, Json] | None = None
    """Name and version of the client's program, where it said them."""


def asked(request_id: RequestId, method: str, params: Mapping[str, Json]) -> Asked | Fault:
    """A request that may go on as far as its form says; `method` is one of those above."""
    meta = params.get("_meta", {})
    if not isinstance(meta, dict):
        return Fault(BAD_PARAMS, "_meta is an object")
    version = meta.get(META + "protocolVersion")
    if version is not None and version != MODERN:
        said = visible(version, NAME_CHARACTERS) if isinstance(version, str) else ""
        data = {"supported": [MODERN, *reversed(LEGACY)], "requested": said}
        return Fault(OTHER_VERSION, f"the gate speaks {MODERN} and the versions with a handshake", data)
    token = meta.get("progressToken")
    if token is not None and not is_id(token):
        return Fault(BAD_PARAMS, "a progressToken is a text or a whole number")
    kept: Mapping[str, Json] | Fault = {}
    chosen = ""
    if method == "initialize":
        chosen = params.get("protocolVersion", "")
        if not isinstance(chosen, str):
            return Fault(BAD_PARAMS, "protocolVersion is a text")
    elif method == "tools/list":
        # The gate gives the whole list in one answer, so no cursor of its own exists.
        kept = {} if params.get("cursor") is None else Fault(BAD_PARAMS, "there is no further page of tools")
    elif method == "tools/call":
        kept = _call(params)
    if isinstance(kept, Fault):
        return kept
    client = implementation(params.get("clientInfo", meta.get(META + "clientInfo")))
    return Asked(request_id, method, kept, version is not None, token, chosen, client)


def _call(params: Mapping[str, Json]) -> Mapping[str, Json] | Fault:
    name, arguments = params.get("name"), params.get("arguments")
    if not isinstance(name, str):
        return Fault(BAD_PARAMS, f"the name of a tool is a text, this is {quoted(type(name).__name__)}")
    if arguments is None:
        return {"name": name}
    if not isinstance(arguments, dict):
        return Fault(BAD_PARAMS, "the arguments of a tool are an object")
    return {"name": name, "arguments": arguments}


def implementation(said: Json) -> dict[str, Json] | None:
    """Name, version and title of a program, bounded; `None` where it does not say the first two."""
    if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("name", "version")):
        return None
    texts = {key: said[key] for key in ("name", "version", "title") if isinstance(said.get(key), str)}
    return {key: visible(text, NAME_CHARACTERS) for key, text in texts.items()}


def reason(params: Mapping[str, Json]) -> dict[str, Json]:
    """The reason in `notifications/cancelled`, where there is one."""
    said = params.get("reason")
    return {"reason": visible(said, REASON_CHARACTERS)} if isinstance(said, str) else {}
