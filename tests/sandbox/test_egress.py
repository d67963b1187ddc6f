"""The proxy of confined programs, over real sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from registry_tool.core.confinement import ANYWHERE, Endpoint
from registry_tool.sandbox.egress import serving
from registry_tool.sandbox.proxying import Upstream, parse, parse_upstream
from registry_tool.sandbox.reachable import Address, Refused

GRANTED = (Endpoint("granted.example"),)


class Server:
    """A server of the Internet, or a proxy: keeps what it hears, and says what it is told to."""

    def __init__(self, says: bytes, *, answers: int = 1) -> None:
        self.heard: list[bytes] = []
        self._says, self._answers = says, answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for _ in range(self._answers):
            with suppress(OSError):
                client, _ = self._listening.accept()
                with client:
                    client.settimeout(5)
                    self.heard.append(client.recv(65536))
                    client.sendall(self._says)

    def close(self) -> None:
        """Ends it."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def there(self, host: str, port: int) -> tuple[Address, ...]:
        """Says that every name is here."""
        return ((socket.AF_INET, "127.0.0.1", self.port),)


@contextmanager
def proxied(server: Server, *, granted: tuple[Endpoint, ...] = GRANTED, upstream: bool = False) -> Iterator[int]:
    """The port of our proxy, for which `server` is the Internet or the person's own proxy."""
    listening = socket.create_server(("127.0.0.1", 0))
    port: int = listening.getsockname()[1]
    address = f"http://ann:s%20cret@127.0.0.1:{server.port}" if upstream else ""
    resolve = (lambda host, port: ()) if upstream else server.there
    with serving(listening.detach(), granted, upstream=address, resolve=resolve):
        yield port
    server.close()


def ask(port: int, *said: bytes) -> bytes:
    """All that the proxy answers."""
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        for one in said:
            client.sendall(one)
        with client.makefile("rb") as file:
            return file.read()


def test_a_tunnel_carries_bytes_both_ways() -> None:
    """After CONNECT the host hears what the program says, and the program what the host says."""
    server = Server(b"hello back")
    with proxied(server) as port:
        got = ask(port, b"CONNECT granted.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"hello")

    assert (b"HTTP/1.1 200 Connection established\r\n\r\nhello back", [b"hello"]) == (got, server.heard)


def test_a_page_is_asked_for_as_from_the_host_itself() -> None:
    """The host hears its own name, no header of the proxy, and that one answer is enough."""
    server = Server(b"HTTP/1.1 200 OK\r\n\r\npage")
    head = b"GET http://GRANTED.example:80/a?b=c#d HTTP/1.1\r\nHost: other.example\r\nProxy-Authorization: x\r\n"
    with proxied(server) as port:
        got = ask(port, head + b"Connection: keep-alive\r\nAccept: */*\r\n\r\n")

    assert b"HTTP/1.1 200 OK\r\n\r\npage" == got
    assert [b"GET /a?b=c HTTP/1.1\r\nHost: granted.example\r\nAccept: */*\r\nConnection: close\r\n\r\n"] == server.heard


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"CONNECT other.example:443 HTTP/1.1", b"registry: other.example:443 is not granted"),
        (b"CONNECT granted.example HTTP/1.1", b"registry: a host and a port were expected after CONNECT"),
        (b"CONNECT granted.example:x HTTP/1.1", b"registry: the address of a host was expected"),
        (b"CONNECT granted.example:443/a HTTP/1.1", b"registry: a host and a port were expected after CONNECT"),
        (b"CONNECT [::1]:443 HTTP/1.1", b"registry: the name of a host was expected, not an address"),
        (b"CONNECT a@granted.example:443 HTTP/1.1", b"registry: the whole address of a host was expected"),
        (b"GET / HTTP/1.1", b"registry: the whole address of a host was expected"),
        (b"GET https://granted.example/ HTTP/1.1", b"registry: an address with http:// was expected"),
        (b"GET ftp://granted.example/ HTTP/1.1", b"registry: an address with http:// was expected"),
        (b"get http://granted.example/ HTTP/1.1", b"registry: a request to a proxy was expected"),
        (b"GET http://granted.example/ HTTP/2", b"registry: a request to a proxy was expected"),
        (b"GET http://granted.example/\nX: y HTTP/1.1", b"registry: a request to a proxy was expected"),
        (b"GET http://granted.example/ HTTP/1.1\r\nA: b\nC: d", b"registry: a request to a proxy was expected"),
        (b"GET http://granted.example/ HTTP/1.1\r\n folded", b"registry: a request to a proxy was expected"),
        (b"\xff\xfe", b"registry: a request to a proxy was expected"),
        (b"A" * 20_000, b"registry: a request to a proxy was expected, of less than 16 KiB"),
    ],
)
def test_a_refusal_says_why(head: bytes, words: bytes) -> None:
    """What is not granted or no request is answered by us, and nobody else hears of it."""
    server = Server(b"")
    with proxied(server) as port:
        got = ask(port, head[:16384] + b"\r\n\r\n")

    assert (True, True) == (got.startswith(b"HTTP/1.1 403 Forbidden\r\n"), words in got), got
    assert [] == server.heard


def test_a_host_that_is_not_known_is_said_so() -> None:
    """A granted name without an address is answered, not waited for."""
    server = Server(b"")
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    with serving(listening.detach(), GRANTED, resolve=lambda host, port: ()):
        got = ask(port, b"CONNECT granted.example:443 HTTP/1.1\r\n\r\n")
    server.close()

    assert b"granted.example is not known" in got


def test_the_next_proxy_is_asked_for_a_tunnel() -> None:
    """Where the machine needs a proxy, that one gets the name, the login and then the program's bytes."""
    server = Server(b"HTTP/1.1 200 Fine\r\n\r\nearly")
    with proxied(server, upstream=True) as port:
        got = ask(port, b"CONNECT granted.example:443 HTTP/1.1\r\n\r\n")

    expected = b"CONNECT granted.example:443 HTTP/1.1\r\nHost: granted.example:443\r\n"
    assert [expected + b"Proxy-Authorization: Basic YW5uOnMgY3JldA==\r\n\r\n"] == server.heard
    assert b"HTTP/1.1 200 Connection established\r\n\r\nearly" == got


def test_after_a_refusal_the_next_proxy_hears_no_more() -> None:
    """What a program says behind a refused tunnel could be another request, and ends with us."""
    server = Server(b"HTTP/1.1 407 Who are you\r\n\r\n")
    with proxied(server, upstream=True) as port:
        got = ask(port, b"CONNECT granted.example:443 HTTP/1.1\r\n\r\n", b"CONNECT other.example:443 HTTP/1.1\r\n\r\n")

    assert 1 == len(server.heard)
    assert b"your own proxy refused: HTTP/1.1 407 Who are you" in got


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 5\r\n\r\nhello",
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"\r\nGET http://other.example/ HTTP/1.1\r\n\r\n",
    ],
)
def test_the_next_proxy_is_asked_without_a_body(more: bytes) -> None:
    """A plain request that more belongs to, or that more came behind, does not go on."""
    server = Server(b"")
    with proxied(server, upstream=True) as port:
        got = ask(port, b"POST http://granted.example/ HTTP/1.1\r\n" + more)

    assert b"your own proxy is asked without a body only" in got
    assert [] == server.heard


def test_a_page_goes_by_the_next_proxy() -> None:
    """A plain request without a body is passed on with its whole address."""
    server = Server(b"HTTP/1.1 200 OK\r\n\r\npage")
    with proxied(server, upstream=True) as port:
        got = ask(port, b"GET http://granted.example:8080/a HTTP/1.1\r\n\r\n")

    assert b"HTTP/1.1 200 OK\r\n\r\npage" == got
    expected = b"GET http://granted.example:8080/a HTTP/1.1\r\nHost: granted.example:8080\r\n"
    assert [expected + b"Proxy-Authorization: Basic YW5uOnMgY3JldA==\r\nConnection: close\r\n\r\n"] == server.heard


def test_anywhere_goes_by_the_next_proxy_only_where_the_name_is_known() -> None:
    """A name that this machine cannot look up could be one of a private network there."""
    server = Server(b"")
    with proxied(server, granted=(ANYWHERE,), upstream=True) as port:
        got = ask(port, b"CONNECT some.example:443 HTTP/1.1\r\n\r\n")

    assert b"some.example is not known here" in got


def test_the_end_ends_every_connection() -> None:
    """A tunnel that is open when the program's context is left is closed."""
    server = Server(b"")
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    with serving(listening.detach(), GRANTED, resolve=server.there):
        client = socket.create_connection(("127.0.0.1", port), 5)
        client.sendall(b"CONNECT granted.example:443 HTTP/1.1\r\n\r\n")
        client.recv(4096)
    left = client.recv(4096)
    client.close()
    server.close()

    assert b"" == left


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", None),
        ("socks5://127.0.0.1:1080", None),
        ("https://proxy.example", None),
        ("http://", None),
        ("proxy.example:3128", Upstream("proxy.example", 3128, ())),
        ("http://proxy.example", Upstream("proxy.example", 80, ())),
    ],
)
def test_a_proxy_is_named_as_in_the_environment(address: str, expected: Upstream | None) -> None:
    """Only one that speaks plain HTTP is used."""
    assert expected == parse_upstream(address)


def test_a_body_belongs_to_a_request() -> None:
    """A request says by its headers that more comes."""
    with_body = parse(b"POST http://a.example/ HTTP/1.1\r\nContent-Length: 0")

    assert (True, False) == (with_body.has_body, parse(b"GET http://a.example HTTP/1.1").has_body)
    with pytest.raises(Refused):
        parse(b"")
