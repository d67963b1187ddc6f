"""What of a server's answers a client gets."""

from typing import Any

import pytest

from registry_tool.core.toolgate.answers import PARTS, called, failed, progress
from registry_tool.core.toolgate.wire import SERVER_FAILED, Fault

TEXT = {"type": "text", "text": "3"}


@pytest.mark.parametrize(
    ("result", "modern", "expected"),
    [
        ({"content": [TEXT]}, False, {"content": [TEXT]}),
        ({}, False, {"content": []}),
        ({"content": [], "isError": True, "_meta": {"x": 1}, "more": 1}, False, {"content": [], "isError": True}),
        ({"content": [], "isError": "no"}, False, {"content": []}),
        ({"content": [], "structuredContent": {"x": 1}}, False, {"content": [], "structuredContent": {"x": 1}}),
        ({"content": [], "structuredContent": [1]}, False, {"content": []}),
        ({"content": [], "structuredContent": [1]}, True, {"content": [], "structuredContent": [1]}),
        ({"content": [], "resultType": "complete"}, True, {"content": []}),
    ],
)
def test_the_result_of_a_tool_passes(result: dict[str, Any], modern: bool, expected: dict[str, Any]) -> None:
    """Content, structured content and whether it failed pass; nothing else does."""
    assert expected == called(result, modern=modern)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"resultType": "input_required", "inputRequests": {"a": {}}}, "asks for more than it was called with"),
        ({"task": {"taskId": "1"}}, "not the result of a tool"),
        ({"content": {"type": "text"}}, "not the result of a tool"),
        ({"content": [TEXT] * (PARTS + 1)}, f"at most {PARTS} pass"),
    ],
)
def test_what_is_no_result_of_a_tool_is_an_error(result: dict[str, Any], expected: str) -> None:
    """What would make the client do more than read fails the call."""
    fault = called(result, modern=True)

    assert isinstance(fault, Fault)
    assert (SERVER_FAILED, True) == (fault.code, expected in fault.message)


LEFT_OUT = "[left out: a part of the type {} that cannot be passed on]"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (TEXT | {"_meta": {"x": 1}, "more": 1}, TEXT),
        ({"type": "text", "text": "a\u200bb\x1b"}, {"type": "text", "text": "a\u200bb\x1b"}),
        ({"type": "text", "text": 1}, LEFT_OUT.format("'text'")),
        (
            {"type": "image", "data": "QUJD", "mimeType": "image/png", "_meta": 1},
            {"type": "image", "data": "QUJD", "mimeType": "image/png"},
        ),
        (
            {"type": "audio", "data": "QUJD", "mimeType": "audio/ogg; codecs=opus"},
            {"type": "audio", "data": "QUJD", "mimeType": "audio/ogg; codecs=opus"},
        ),
        ({"type": "image", "data": "https://example.org/x", "mimeType": "image/png"}, LEFT_OUT.format("'image'")),
        ({"type": "image", "data": "QUJD", "mimeType": "a\nb/c"}, LEFT_OUT.format("'image'")),
        ({"type": "image", "data": "QUJD"}, LEFT_OUT.format("'image'")),
        (
            {"type": "resource", "resource": {"uri": "a:b", "mimeType": "text/plain", "text": "t", "_meta": 1}},
            {"type": "resource", "resource": {"uri": "a:b", "mimeType": "text/plain", "text": "t"}},
        ),
        (
            {"type": "resource", "resource": {"uri": "a:b", "mimeType": 1, "blob": "QUJD"}},
            {"type": "resource", "resource": {"uri": "a:b", "blob": "QUJD"}},
        ),
        ({"type": "resource", "resource": {"uri": "a:b"}}, LEFT_OUT.format("'resource'")),
        ({"type": "resource", "resource": {"uri": "a" * 2001, "text": "t"}}, LEFT_OUT.format("'resource'")),
        ({"type": "resource", "resource": "a:b"}, LEFT_OUT.format("'resource'")),
        ({"type": "resource_link", "uri": "https://example.org/?q=1", "name": "A"}, "[A: https://example.org/?q=1]"),
        ({"type": "resource_link", "uri": "a:b", "name": 1}, "[a resource: a:b]"),
        ({"type": "resource_link"}, LEFT_OUT.format("'resource_link'")),
        ({"type": "tool_use", "name": "rm"}, LEFT_OUT.format("'tool_use'")),
        ({}, LEFT_OUT.format("'None'")),
        ("text", "[left out: a part that is no object]"),
    ],
)
def test_each_part_of_an_answer_is_made_anew(part: Any, expected: Any) -> None:
    """Data passes; what the client would fetch, run or not know becomes a line of text."""
    if isinstance(expected, str):
        expected = {"type": "text", "text": expected}

    assert {"content": [expected]} == called({"content": [part]}, modern=False)


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (
            {"audience": ["assistant", "user", "root"], "priority": 0.5, "lastModified": "2026-01-01", "more": 1},
            {"audience": ["user", "assistant"], "priority": 0.5, "lastModified": "2026-01-01"},
        ),
        ({"audience": "user", "priority": 2, "lastModified": 1}, {}),
        ({"priority": True}, {}),
    ],
)
def test_annotations_pass_as_far_as_they_are_well_said(notes: dict[str, Any], expected: dict[str, Any]) -> None:
    """For whom a part is, how much it matters, and when it changed."""
    assert {"content": [TEXT | {"annotations": expected}]} == called(
        {"content": [TEXT | {"annotations": notes}]}, modern=False
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": -32602, "message": "bad\x1b", "data": {"x": 1}}, Fault(-32602, "bad")),
        ({"code": -32042, "message": "open it", "data": {"elicitations": []}}, Fault(SERVER_FAILED, "open it")),
        ({"code": 2**40, "message": "m"}, Fault(SERVER_FAILED, "m")),
        ({"code": True, "message": 1}, Fault(SERVER_FAILED, "the server failed")),
        ("broken", Fault(SERVER_FAILED, "the server failed")),
    ],
)
def test_an_error_passes_as_a_code_and_a_sentence(error: Any, expected: Fault) -> None:
    """Its data does not: it can hold an address that the person is asked to open."""
    assert expected == failed(error)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"progressToken": 9, "progress": 1, "total": 2.5, "message": "half\u202e", "more": 1},
            {"progressToken": "mine", "progress": 1, "total": 2.5, "message": "half"},
        ),
        ({"progress": 0.5, "total": "2", "message": 1}, {"progressToken": "mine", "progress": 0.5}),
        ({"progress": True}, None),
        ({}, None),
    ],
)
def test_progress_is_told_by_the_clients_token(params: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """How far it is, of how much, and a sentence."""
    assert expected == progress("mine", params)
