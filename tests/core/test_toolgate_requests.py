"""What a client may ask through the gate, and what it is told where it may not."""

from typing import Any

import pytest

from registry_tool.core.toolgate.gate import PENDING
from tests.core.toolgates import HELLO, MODERN_META, Session, error, opened, result

ADDED = {"content": [{"type": "text", "text": "3"}]}


@pytest.mark.parametrize(
    ("method", "params", "code", "why"),
    [
        ("resources/list", None, -32601, "'resources/list' does not pass: @ann/words was granted tools, and nothing"),
        ("prompts/get", {"name": "x"}, -32601, "does not pass"),
        ("logging/setLevel", {"level": "debug"}, -32601, "does not pass"),
        ("completion/complete", {}, -32601, "does not pass"),
        ("sampling/createMessage", {}, -32601, "does not pass"),
        ("tasks/get", {"taskId": "1"}, -32601, "does not pass"),
        ("subscriptions/listen", {}, -32601, "does not pass"),
        ("Tools/call", {"name": "add"}, -32601, "does not pass"),
        ("tools/call\x00", {"name": "add"}, -32601, "does not pass"),
        (7, None, -32601, "that does not pass"),
        ("server/discover", None, -32601, "of another version of the protocol"),
        ("ping", {"_meta": MODERN_META}, -32601, "of another version of the protocol"),
        ("initialize", {**HELLO, "_meta": MODERN_META}, -32601, "of another version of the protocol"),
        ("initialize", HELLO, -32600, "a session begins with initialize, and once"),
        ("tools/list", {"cursor": "2"}, -32602, "no further page"),
        ("tools/list", [], -32602, "the params of a request are an object"),
        ("tools/list", {"_meta": 1}, -32602, "_meta is an object"),
        ("tools/list", {"_meta": {"progressToken": 1.5}}, -32602, "a progressToken is"),
        (
            "tools/call",
            {"name": "delete"},
            -32602,
            "the tool 'delete' was not granted to @ann/words; granted: add, sub",
        ),
        ("tools/call", {"name": "Add"}, -32602, "the tool 'Add' was not granted"),
        ("tools/call", {"name": "add\u200b"}, -32602, r"the tool 'add\u200b' was not granted"),
        ("tools/call", {"name": "add "}, -32602, "was not granted"),
        ("tools/call", {"name": ["add"]}, -32602, "the name of a tool is a text, this is 'list'"),
        ("tools/call", {}, -32602, "the name of a tool is a text, this is 'NoneType'"),
        ("tools/call", {"name": "add", "arguments": [1]}, -32602, "the arguments of a tool are an object"),
    ],
)
def test_what_a_client_may_not_ask_is_answered_and_goes_nowhere(method: Any, params: Any, code: int, why: str) -> None:
    """One clear error under the request's id, and not a byte to the server."""
    session = opened("add", "sub")
    session.ask("x", method, params)
    (got,) = session.got()

    assert ("x", code, True) == (got["id"], got["error"]["code"], why in got["error"]["message"]), got
    assert ([], False) == (session.reached(), session.gate.holds)


def test_another_version_is_refused_with_those_that_are_known() -> None:
    """A client of a later protocol learns which ones it can choose from."""
    session = Session("add")
    for number, version in enumerate(["2031-01-01", 5]):
        session.ask(number, "tools/list", {"_meta": {"io.modelcontextprotocol/protocolVersion": version}})
    one, other = session.got()

    assert (-32022, "2031-01-01", "2026-07-28") == (
        one["error"]["code"],
        one["error"]["data"]["requested"],
        one["error"]["data"]["supported"][0],
    )
    assert "" == other["error"]["data"]["requested"]
    assert [] == session.reached()


@pytest.mark.parametrize("method", ["tools/list", "tools/call"])
def test_a_session_begins_with_its_handshake(method: str) -> None:
    """Nothing is asked of the server before the client said who it is."""
    session = Session("add")
    session.ask(1, method, {"name": "add"})
    session.ask(2, "initialize", {"protocolVersion": 5})

    assert [
        error(1, -32600, "a session begins with initialize, and once"),
        error(2, -32602, "protocolVersion is a text"),
    ] == session.got()
    assert [] == session.reached()


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2024-11-05", "2024-11-05"), ("2026-07-28", "2025-11-25"), ("x", "2025-11-25"), (None, "2025-11-25")],
)
def test_the_clients_version_is_passed_where_it_is_known(version: str | None, expected: str) -> None:
    """Else the newest one that has a handshake; a client that says nothing of itself is called by our name."""
    session = Session("add")
    session.ask(0, "initialize", {} if version is None else {"protocolVersion": version})

    params = session.reached()[0]["params"]
    assert (expected, "registry-tool") == (params["protocolVersion"], params["clientInfo"]["name"])


def test_only_what_was_understood_of_a_call_is_passed() -> None:
    """Other members of a call, null arguments and `_meta` stay behind, but for a progress token of our own."""
    session = opened("add")
    session.ask(
        5,
        "tools/call",
        {"name": "add", "arguments": None, "task": {"ttl": 1}, "more": 1, "_meta": {"trace": "x", "progressToken": 8}},
    )
    (got,) = session.reached()

    assert {"name": "add", "_meta": {"progressToken": got["id"]}} == got["params"]
    assert 5 != got["id"]


def test_a_ping_of_the_client_reaches_the_server() -> None:
    """Before the handshake the gate answers; then the server does, and nothing in its answer passes."""
    session = Session("add")
    session.ask(1, "ping")
    assert ([result(1, {})], []) == (session.got(), session.reached())
    session = opened("add")
    session.ask(1, "ping")
    session.answer({"more": 1})
    session.ask(2, "ping")
    session.answer(error={"code": -1, "message": "no"})

    assert [result(1, {}), error(2, -1, "no")] == session.got()


@pytest.mark.parametrize("number", [None, True, 1.5, [1], "x" * 201])
def test_a_request_without_a_good_id_is_refused(number: Any) -> None:
    """It gets an error that names no request."""
    session = opened("add")
    session.ask(number, "tools/call", {"name": "add"})

    assert [error(None, -32600, "the id of a request is a text or a whole number")] == session.got()
    assert [] == session.reached()


def test_an_id_in_use_is_refused_and_the_first_request_goes_on() -> None:
    """The refusal names no id, or it would count as the answer to the request that waits."""
    session = opened("add")
    session.call(1, "add")
    session.call(1, "add")
    session.call("1", "add")

    assert [error(None, -32600, "a request with the id '1' still waits")] == session.got()
    session.answer(ADDED)
    session.answer(ADDED)
    assert [result(1, ADDED), result("1", ADDED)] == session.got()


def test_requests_that_wait_are_bounded() -> None:
    """One more than may wait is refused; an answer makes room again."""
    session = opened("add")
    for number in range(PENDING + 1):
        session.call(number, "add")
    assert [error(PENDING, -32000, f"{PENDING} requests wait for an answer already")] == session.got()
    session.answer(ADDED)
    session.call("again", "add")

    assert PENDING == len(session.reached())


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
        {"jsonrpc": "2.0", "method": "notifications/message", "params": {}},
        {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "add"}},
        {"jsonrpc": "2.0", "method": 5},
        {"jsonrpc": "2.0", "id": 3, "result": {"roots": []}},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": [1]},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {}},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "no such"}},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": [1]}},
        b"",
        b" \r",
    ],
)
def test_what_wants_no_answer_and_is_not_known_goes_nowhere(message: Any) -> None:
    """Notifications, answers and empty lines of the client end at the gate, silently."""
    session = opened("add")
    session.from_client(message)

    assert ([], []) == (session.got(), session.reached())
