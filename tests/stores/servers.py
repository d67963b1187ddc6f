"""Real web servers for tests: one that serves what it is told, and counts."""

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Route = Callable[["Handler"], None]


@dataclass
class Site:
    """What a server serves, and what it was asked."""

    routes: dict[str, Route] = field(default_factory=dict)
    """Path to what answers; anything else is 404."""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers (names in small letters) of each request."""
    connections: int = 0
    """How many were opened."""
    url: str = ""
    """Its address, with a slash at the end."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over; routes that never end do then."""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the site's routes; keeps connections."""

    disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

    protocol_version = "HTTP/1.1"
    site: Site

    def setup(self) -> None:
        self.site.connections += 1
        super().setup()

    def do_GET(self) -> None:
        self.site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        route = self.site.routes.get(self.path, answer(b"none", status=404))
        try:
            route(self)
        except OSError:  # the client has gone, as some tests want
            self.close_connection = True

    do_HEAD = do_POST = do_GET  # noqa: N815  # the standard library's name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name; Any: as there
        """Says nothing."""


def answer(body: bytes, status: int = 200, **headers: str) -> Route:
    """A whole answer; headers are given with `_` for `-`. Hangs up after it where a length is given."""

    def route(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = "Content_Length" in headers

    return route


def in_turn(*routes: Route) -> Route:
    """The first answer once, then the second, …; the last again and again."""
    rest = list(routes)

    def route(handler: Handler) -> None:
        (rest.pop(0) if len(rest) > 1 else rest[0])(handler)

    return route


def endless(chunk: bytes, *, pause: float = 0.0, status: int = 200) -> Route:
    """An answer without an end, a chunk every `pause` seconds."""

    def route(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while not handler.site.stopping.wait(pause):
            handler.wfile.write(chunk)

    return route


def silent(handler: Handler) -> None:
    """No answer at all."""
    handler.site.stopping.wait()


def endless_headers(handler: Handler) -> None:
    """A header that drips and never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not handler.site.stopping.wait(0.02):
        handler.wfile.write(b"x")


def cut(handler: Handler) -> None:
    """Hangs up instead of answering."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:  # Any: as the standard library has it
        """Says nothing: clients that hang up are what is tested."""


@contextmanager
def serving(routes: dict[str, Route] | None = None) -> Iterator[Site]:
    """A server on a free port of this machine, for the time of a `with`."""
    site = Site(routes=routes or {})
    handler = type("SiteHandler", (Handler,), {"site": site})
    with _Server(("127.0.0.1", 0), handler) as server:
        site.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.stopping.set()
            server.shutdown()
            thread.join()
