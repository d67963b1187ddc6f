"""JSON-RPC 2.0 as the gate reads and writes it: one object a line, and no two ways to read it.

What is passed on is never what came: it is written anew from what was understood, in ASCII, so that the reader behind
the gate cannot find anything else in it than the gate did.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, TypeGuard

from registry_tool.core.canonical import Json
from registry_tool.core.limits import JSON_INTEGER, MIB
from registry_tool.core.quoting import quoted

LINE_BYTES: Final = 8 * MIB  # a picture of 5 MB, the largest that models take, in base64
DEPTH: Final = 64  # twice what our own documents may have: each level of a schema takes two or three
BRACKETS: Final = 500_000  # objects and arrays in a line: each takes memory, however short it is written
NUMBER_CHARACTERS: Final = 64  # 2**64 has 20 digits; Python takes seconds for a million
ID_CHARACTERS: Final = 200

# JSON-RPC 2.0, section 5.1, and MCP.
PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
NO_METHOD: Final = -32601
BAD_PARAMS: Final = -32602
SERVER_FAILED: Final = -32603
NOT_NOW: Final = -32000
"""Of the range that MCP leaves to implementations: the request is good, but the state forbids it."""
OTHER_VERSION: Final = -32022

RequestId = str | int

_HALF_PAIR: Final = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is not passed on, as JSON-RPC says it."""

    code: int
    message: str
    data: Json = None


def read(line: bytes) -> dict[str, Json] | Fault:
    """The one JSON-RPC object in `line`, its members not looked at; else what is wrong with it."""
    if len(line) > LINE_BYTES:
        return too_long()
    brackets = line.count(b"{") + line.count(b"[")
    if brackets > BRACKETS:
        return Fault(INVALID_REQUEST, f"a message holds at most {BRACKETS} objects and arrays")
    try:
        message = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Fault(PARSE_ERROR, f"a message is UTF-8, this is not at byte {error.start}")
    except RecursionError:
        return _too_deep()
    except ValueError as error:
        return Fault(PARSE_ERROR, f"a message is one line of JSON, this is not: {error}")
    if isinstance(message, list):
        return Fault(INVALID_REQUEST, "batches are not taken: one message a line")
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return Fault(INVALID_REQUEST, 'a message is an object with "jsonrpc": "2.0"')
    if brackets > DEPTH and is_deep(message, DEPTH):
        return _too_deep()
    if _HALF_PAIR.search(line) and _has_half_pair(message):
        return Fault(PARSE_ERROR, "a text holds half of a surrogate pair, which is no character")
    return message


def too_long() -> Fault:
    """What is said of a line that is too long to be read."""
    return Fault(INVALID_REQUEST, f"a message has at most {LINE_BYTES} bytes")


def is_id(value: Json) -> TypeGuard[RequestId]:
    """Whether `value` can name a request: text, or a whole number that every reader holds exactly."""
    if isinstance(value, str):
        return len(value) <= ID_CHARACTERS
    return type(value) is int and abs(value) < JSON_INTEGER


def is_deep(value: Json, depth: int) -> bool:
    """Whether more than `depth` objects and arrays lie in one another."""
    if not isinstance(value, (dict, list)):
        return False
    if not depth:
        return True
    return any(is_deep(member, depth - 1) for member in (value.values() if isinstance(value, dict) else value))


def request(number: int, method: str, params: Mapping[str, Json]) -> bytes:
    """A request of ours to the server."""
    return _line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def notification(method: str, params: Mapping[str, Json] | None = None) -> bytes:
    """A message that wants no answer."""
    return _line({"jsonrpc": "2.0", "method": method} | ({} if params is None else {"params": params}))


def result(request_id: RequestId, value: Mapping[str, Json]) -> bytes:
    """The answer to a request."""
    return _line({"jsonrpc": "2.0", "id": request_id, "result": value})


def failure(request_id: RequestId | None, fault: Fault) -> bytes:
    """A refusal; `None` where nobody can tell which request it was (JSON-RPC 2.0, section 5)."""
    error = {"code": fault.code, "message": fault.message} | ({} if fault.data is None else {"data": fault.data})
    return _line({"jsonrpc": "2.0", "id": request_id, "error": error})


def _line(message: Mapping[str, Json]) -> bytes:
    return _WRITER.encode(message).encode("ascii") + b"\n"


def _too_deep() -> Fault:
    return Fault(INVALID_REQUEST, f"a message is nested at most {DEPTH} deep")


def _has_half_pair(value: Json) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # adds
        raise ValueError(f"the key {quoted(twice)} is there twice")
    return members


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number that JSON knows")


def _whole(text: str) -> int:
    return int(_short(text))


def _real(text: str) -> float:
    number = float(_short(text))
    if math.isinf(number):
        raise ValueError(f"{quoted(text)} is too large for a number")
    return number


def _short(text: str) -> str:
    if len(text) > NUMBER_CHARACTERS:
        raise ValueError(f"a number has at most {NUMBER_CHARACTERS} characters")
    return text


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_real, parse_constant=_no_constant
)
_WRITER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)
