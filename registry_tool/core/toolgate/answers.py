"""What of a server's answers a client gets, made anew from what was understood.

    text                passes
    image, audio        pass; type and data are looked at
    resource            passes: its text or bytes are in the answer
    resource_link       becomes text. The client would follow it with its own rights, past the grants of the plugin
    anything else       a line of text that says what was left out
    structuredContent   passes, for old protocols an object only
    isError             passes
    _meta, icons        do not pass

The client always gets an answer that is one, so that an agent learns that something was left out.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeGuard

from registry_tool.core.canonical import Json
from registry_tool.core.quoting import quoted
from registry_tool.core.toolgate.definitions import visible
from registry_tool.core.toolgate.wire import SERVER_FAILED, Fault

PARTS: Final = 1000  # of one answer
URI_CHARACTERS: Final = 2000
MESSAGE_CHARACTERS: Final = 4000
PROGRESS_CHARACTERS: Final = 1000
_MEDIA: Final = re.compile("[A-Za-z0-9.+-]{1,40}/[A-Za-z0-9.+-]{1,100}(; ?[a-z]{1,20}=[A-Za-z0-9_-]{1,40})?")
_BASE64: Final = re.compile("[A-Za-z0-9+/=\r\n]*")
_CODES: Final = range(-(2**31), 2**31)
_ASKS_FOR_AN_ADDRESS: Final = -32042
"""MCP 2025-11-25: the person should open an address that the error holds. The gate passes none."""


def called(result: Mapping[str, Json], *, modern: bool) -> dict[str, Json] | Fault:
    """The answer to a call; `modern` where the client takes any JSON as `structuredContent`."""
    if result.get("resultType", "complete") != "complete":
        return Fault(SERVER_FAILED, "the tool asks for more than it was called with, which was not granted")
    content, is_error = result.get("content", []), result.get("isError")
    if "task" in result or not isinstance(content, list):
        return Fault(SERVER_FAILED, "the server's answer to the call is not the result of a tool")
    if len(content) > PARTS:
        return Fault(SERVER_FAILED, f"the server's answer has {len(content)} parts, at most {PARTS} pass")
    passed: dict[str, Json] = {"content": [_part(part) for part in content]}
    structured = result.get("structuredContent")
    if isinstance(structured, dict) or (modern and structured is not None):
        passed["structuredContent"] = structured
    if isinstance(is_error, bool):
        passed["isError"] = is_error
    return passed


def failed(error: Json) -> Fault:
    """The error that a server answered with; its `data` does not pass."""
    said = error if isinstance(error, dict) else {}
    code, message = said.get("code"), said.get("message")
    if type(code) is not int or code not in _CODES or code == _ASKS_FOR_AN_ADDRESS:
        code = SERVER_FAILED
    return Fault(code, visible(message, MESSAGE_CHARACTERS) if isinstance(message, str) else "the server failed")


def progress(token: str | int, params: Mapping[str, Json]) -> dict[str, Json] | None:
    """How far a call is, told by the client's `token`; `None` where the server does not say it."""
    if not _is_number(params.get("progress")):
        return None
    told: dict[str, Json] = {"progressToken": token, "progress": params["progress"]}
    if _is_number(params.get("total")):
        told["total"] = params["total"]
    if isinstance(params.get("message"), str):
        told["message"] = visible(params["message"], PROGRESS_CHARACTERS)
    return told


def _part(part: Json) -> dict[str, Json]:
    if not isinstance(part, dict):
        return _text("[left out: a part that is no object]")
    kind = part.get("type")
    passed: dict[str, Json] | None = None
    if kind == "text" and isinstance(part.get("text"), str):
        passed = _text(part["text"])
    elif kind in ("image", "audio") and _is_media(part.get("mimeType")) and _is_base64(part.get("data")):
        passed = {"type": kind, "data": part["data"], "mimeType": part["mimeType"]}
    elif kind == "resource":
        inside = _resource(part.get("resource"))
        passed = None if inside is None else {"type": "resource", "resource": inside}
    elif kind == "resource_link" and isinstance(part.get("uri"), str):
        title = part["name"] if isinstance(part.get("name"), str) else "a resource"
        return _text(f"[{visible(title, 200)}: {visible(part['uri'], URI_CHARACTERS)}]")
    if passed is None:
        return _text(f"[left out: a part of the type {quoted(str(kind))} that cannot be passed on]")
    notes = part.get("annotations")
    if isinstance(notes, dict):
        passed["annotations"] = _annotations(notes)
    return passed


def _resource(inside: Json) -> dict[str, Json] | None:
    if not isinstance(inside, dict) or not isinstance(inside.get("uri"), str) or len(inside["uri"]) > URI_CHARACTERS:
        return None
    passed: dict[str, Json] = {"uri": inside["uri"]}
    if _is_media(inside.get("mimeType")):
        passed["mimeType"] = inside["mimeType"]
    if isinstance(inside.get("text"), str):
        return passed | {"text": inside["text"]}
    return passed | {"blob": inside["blob"]} if _is_base64(inside.get("blob")) else None


def _annotations(notes: Mapping[str, Json]) -> dict[str, Json]:
    """For whom a part is, how much it matters and when it changed, as far as that is well said."""
    kept: dict[str, Json] = {}
    audience, priority, modified = notes.get("audience"), notes.get("priority"), notes.get("lastModified")
    if isinstance(audience, list):
        kept["audience"] = [role for role in ("user", "assistant") if role in audience]
    if _is_number(priority) and 0 <= priority <= 1:
        kept["priority"] = priority
    if isinstance(modified, str):
        kept["lastModified"] = visible(modified, 40)
    return kept


def _text(text: str) -> dict[str, Json]:
    return {"type": "text", "text": text}


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_media(value: Json) -> bool:
    return isinstance(value, str) and _MEDIA.fullmatch(value) is not None


def _is_base64(value: Json) -> bool:
    return isinstance(value, str) and _BASE64.fullmatch(value) is not None
