"""Servers with an API: bounded, told in words, and never given a secret that is another's."""

from collections.abc import Mapping
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput, RegistryError, Unreachable, WrongUsage
from registry_tool.core.ports import Answered
from registry_tool.stores.http import HttpExchange
from tests.stores.servers import Handler, Route, Site, answer, cut, endless, endless_headers, in_turn, serving, silent

SECRET = {"Authorization": "Bearer s3cret", "Accept": "text/plain", "X-Other": "s3cret"}


def send(site: Site, path: str = "a", *, method: str = "GET", limit: int = 1000, **settings: Any) -> Answered:
    given: Mapping[str, Any] = {"deadline_seconds": 5.0, "read_seconds": 5.0, **settings}
    exchange = HttpExchange(env={}, **given)
    body = None if method == "GET" else b'{"a": 1}'
    return exchange.send(method, site.url + path, headers=SECRET, body=body, limit=limit)


def fault(route: Route, *, method: str = "GET", **settings: Any) -> RegistryError:
    with serving({"/a": route}) as site, pytest.raises(RegistryError) as refused:
        send(site, "a", method=method, **settings)
    assert "s3cret" not in str(vars(refused.value))
    return refused.value


def leads(where: str, status: int = 302) -> Route:
    return answer(b"", status=status, Location=where)


@pytest.mark.parametrize("status", [200, 201, 304, 403, 404, 422, 500, 503])
def test_any_status_is_an_answer(status: int) -> None:
    """Its headers come with small letters, its body as it is."""
    with serving({"/a": answer(b"" if status == 304 else b"body", status=status, X_Limit="7")}) as site:
        said = send(site)

    assert (status, "7", b"" if status == 304 else b"body") == (said.status, said.headers["x-limit"], said.body)


def test_a_head_is_an_answer_without_a_body_and_is_led_nowhere() -> None:
    """Its length is that of a body that does not come; where it leads is told, not followed."""

    def head(handler: Handler) -> None:
        handler.send_response(301)
        handler.send_header("Content-Length", "5000")
        handler.send_header("Location", "/b")
        handler.end_headers()

    with serving({"/a": head}) as site:
        said = send(site, method="HEAD")

    assert (301, "/b", b"") == (said.status, said.headers["location"], said.body)


def test_what_is_sent_arrives() -> None:
    """Method, headers and body come as they were given, and the server hears who asks."""
    heard: list[tuple[str, bytes, dict[str, str]]] = []

    def hears(handler: Handler) -> None:
        told = {name.lower(): value for name, value in handler.headers.items()}
        heard.append((handler.command, handler.rfile.read(int(told["content-length"])), told))
        answer(b"done")(handler)

    with serving({"/a": hears}) as site:
        said = send(site, method="POST")

    ((method, body, headers),) = heard
    assert ("POST", b'{"a": 1}', b"done") == (method, body, said.body)
    assert ("Bearer s3cret", "registry-tool", "gzip") == (
        headers["authorization"],
        headers["user-agent"],
        headers["accept-encoding"],
    )


def test_another_origin_hears_no_secret() -> None:
    """A redirect to another port is followed with nothing but what is asked for; on the same server all is kept."""
    with serving({"/b?signature=s3cret": answer(b"there")}) as other, serving() as site:
        site.routes |= {"/a": leads("/c"), "/c": leads(f"{other.url}b?signature=s3cret")}
        said = send(site)

    assert b"there" == said.body
    assert ["Bearer s3cret", "Bearer s3cret"] == [headers["authorization"] for _, headers in site.requests]
    ((path, headers),) = other.requests
    assert ("/b?signature=s3cret", "text/plain", {"authorization", "x-other"}) == (
        path,
        headers["accept"],
        {"authorization", "x-other"} - set(headers),
    )


def test_what_writes_is_led_nowhere() -> None:
    """A redirect is an answer to everything but `GET`."""
    with serving({"/b": answer(b"there")}) as site:
        site.routes["/a"] = leads("/b", status=307)
        said = send(site, method="POST")

    assert (307, "/b", 1) == (said.status, said.headers["location"], len(site.requests))


@pytest.mark.parametrize(
    ("route", "branch", "code"),
    [
        (leads("http://example.org/"), Unreachable, "bad-redirect"),
        (leads("https://user:s3cret@example.org/"), Unreachable, "bad-redirect"),
        (leads("file:///etc/passwd"), Unreachable, "bad-redirect"),
        (leads("a"), Unreachable, "bad-redirect"),
        (cut, Unreachable, "cut-off"),
        (answer(b"short", Content_Length="50"), Unreachable, "cut-off"),
        (answer(b"no gzip", Content_Encoding="gzip"), Unreachable, "cut-off"),
        (answer(b"odd", Content_Encoding="br"), Unreachable, "server-error"),
        (answer(b"x" * 1001), InvalidInput, "too-large"),
        (endless(b"x" * 100), InvalidInput, "too-large"),
    ],
)
def test_what_cannot_be_an_answer_is_told(route: Route, branch: type[RegistryError], code: str) -> None:
    """Each with its branch and code, and without a secret in it."""
    error = fault(route)

    assert (branch, code) == (type(error), error.code)


@pytest.mark.parametrize("route", [silent, endless_headers, endless(b"x", pause=0.05)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_that_does_not_end_is_left(route: Route, method: str) -> None:
    """After the deadline, however it keeps the connection."""
    error = fault(route, method=method, deadline_seconds=0.3, read_seconds=0.2)

    assert ("timeout", True) == (error.code, isinstance(error, Unreachable))


def test_only_reading_is_tried_again() -> None:
    """A `GET` that was cut off is sent once more; anything else may have been done already."""
    with serving({"/a": in_turn(cut, answer(b"there"))}) as site:
        assert b"there" == send(site).body
    with serving({"/a": in_turn(cut, answer(b"there"))}) as site, pytest.raises(Unreachable):
        send(site, method="POST")
    assert 1 == len(site.requests)


def test_an_address_is_https_or_this_machine() -> None:
    """Plain http to another machine, passwords in addresses and other protocols are refused before anything is sent."""
    exchange = HttpExchange(env={})
    for url in ("http://example.org/", "https://u:p@example.org/", "ftp://example.org/", "example.org"):
        with pytest.raises(WrongUsage):
            exchange.send("GET", url, headers={}, body=None, limit=10)


@pytest.mark.parametrize("value", ["s3cret\n", "s3cret\r\nX: y", "", " s3cret", "s3crét"])
def test_a_header_that_is_none_is_refused_and_not_shown(value: str) -> None:
    """A token with a line break would be two headers."""
    with serving() as site, pytest.raises(WrongUsage) as refused:
        HttpExchange(env={}).send("GET", site.url, headers={"Authorization": value}, body=None, limit=10)
    assert ("bad-header", [], False) == (refused.value.code, site.requests, "s3cr" in str(vars(refused.value)))


def test_a_server_that_is_not_there_is_told() -> None:
    """So is a proxy that does not help; what follows the `?` is not shown."""
    with serving() as site:
        pass
    for env in ({}, {"http_proxy": site.url, "no_proxy": ""}):
        with pytest.raises(Unreachable) as refused:
            HttpExchange(env=env).send("GET", f"{site.url}a?s3cret", headers={}, body=None, limit=10)
        assert ("unreachable", f"{site.url}a") == (refused.value.code, refused.value.where)
