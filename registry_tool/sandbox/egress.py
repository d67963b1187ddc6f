"""The only way out of a confined program: an HTTP proxy of ours, on a socket in the program's empty network.

    program ─▶ 127.0.0.1:3128 inside ─▶ a thread of this process ─▶ the granted host, or the person's own proxy

Both CONNECT and plain requests are served. What is said inside TLS is not seen.
"""

import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

from registry_tool.core.confinement import Endpoint
from registry_tool.sandbox import proxying
from registry_tool.sandbox.reachable import Address, Refused, check, exactly, resolve

CONNECTIONS: Final = 32
HEAD_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 300.0  # answers of language models pause for minutes
_TRIED: Final = 4
_CHUNK: Final = 1 << 16
_TUNNEL: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"

Resolve = Callable[[str, int], tuple[Address, ...]]


class Proxy:
    """Serves what is allowed, a thread for each connection, `CONNECTIONS` at most."""

    def __init__(self, allowed: Sequence[Endpoint], *, upstream: proxying.Upstream | None, resolve: Resolve) -> None:
        self._allowed, self._upstream, self._resolve = tuple(allowed), upstream, resolve
        self._room = threading.BoundedSemaphore(CONNECTIONS)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = False

    def accept(self, listening: socket.socket) -> None:
        """Serves until `listening` is shut down."""
        while True:
            self._room.acquire()
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def end(self) -> None:
        """Ends every connection."""
        with self._lock:
            self._ended = True
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, self._kept(client):
                client.settimeout(HEAD_SECONDS)
                try:
                    head, rest = _head(client)
                    self._pass_on(client, proxying.parse(head), rest)
                except Refused as refused:
                    client.sendall(proxying.answer("403 Forbidden", str(refused)))
        except OSError:
            pass  # one of the two went away
        finally:
            self._room.release()

    @contextmanager
    def _kept(self, one: socket.socket) -> Iterator[None]:
        with self._lock:
            if self._ended:
                raise OSError
            self._open.add(one)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(one)

    def _pass_on(self, client: socket.socket, asked: proxying.Asked, rest: bytes) -> None:
        name = check(self._allowed, asked.host, asked.port)
        addresses = self._resolve(name, asked.port)
        if self._upstream is None:
            said = (b"" if asked.tunnel else proxying.to_host(asked, name)) + rest
        else:
            if not addresses and not exactly(self._allowed, name):
                raise Refused(f"{name} is not known here, so nobody knows whether it is public")
            said = rest if asked.tunnel else _once(asked, name, self._upstream, rest)
        with self._server(addresses, name) as server, self._kept(server):
            early = b""
            if asked.tunnel and self._upstream is not None:
                early = _tunnelled(server, proxying.connect(name, asked.port, self._upstream))
            client.sendall((_TUNNEL if asked.tunnel else b"") + early)
            server.sendall(said)
            _relay(client, server, both=asked.tunnel or self._upstream is None)

    def _server(self, addresses: Sequence[Address], name: str) -> socket.socket:
        if self._upstream is None:
            return _connected(addresses, name)
        try:
            return socket.create_connection((self._upstream.host, self._upstream.port), CONNECT_SECONDS)
        except OSError:
            raise Refused("your own proxy did not answer") from None


def _once(asked: proxying.Asked, name: str, upstream: proxying.Upstream, rest: bytes) -> bytes:
    """One request without a body: what came after it could be another request, to a host that is not granted."""
    if rest or asked.has_body:
        raise Refused("your own proxy is asked without a body only; https has no such limit")
    return proxying.to_upstream(asked, name, upstream)


def _head(one: socket.socket) -> tuple[bytes, bytes]:
    """The head that comes first, and what came with it."""
    got = b""
    while b"\r\n\r\n" not in got:
        chunk = one.recv(4096)
        if not chunk or len(got) + len(chunk) > proxying.HEAD_BYTES:
            raise Refused("a request to a proxy was expected, of less than 16 KiB")
        got += chunk
    head, _, rest = got.partition(b"\r\n\r\n")
    return head, rest


def _tunnelled(server: socket.socket, said: bytes) -> bytes:
    """What came right after the tunnel was there; without one, nothing more may be said to that proxy."""
    server.settimeout(CONNECT_SECONDS)
    server.sendall(said)
    head, early = _head(server)
    if not proxying.connected(head):
        words = head.split(b"\r\n")[0].decode("ascii", "replace")
        raise Refused(f"your own proxy refused: {words[:100]}")
    return early


def _connected(addresses: Sequence[Address], name: str) -> socket.socket:
    """A connection to one of the addresses that were checked."""
    if not addresses:
        raise Refused(f"{name} is not known")
    for family, address, port in addresses[:_TRIED]:
        with ExitStack() as stack:
            try:
                server = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
                server.settimeout(CONNECT_SECONDS)
                server.connect((address, port))
            except OSError:
                continue  # closed by the stack
            stack.pop_all()
            return server
    raise Refused(f"{name} did not answer")


def _relay(client: socket.socket, server: socket.socket, *, both: bool) -> None:
    """Carries both ways, or answers only, until both ended or neither said anything for long."""
    other = {client: server, server: client}
    for one in other:
        one.settimeout(IDLE_SECONDS)
    reading = [server, client] if both else [server]
    while server in reading:
        ready = select.select(reading, [], [], IDLE_SECONDS)[0]
        if not ready:
            return
        for one in ready:
            chunk = one.recv(_CHUNK)
            if chunk:
                other[one].sendall(chunk)
            else:
                reading.remove(one)
                with suppress(OSError):
                    other[one].shutdown(socket.SHUT_WR)


@contextmanager
def serving(
    listener: int, allowed: Sequence[Endpoint], *, upstream: str = "", resolve: Resolve = resolve
) -> Iterator[None]:
    """Serves the proxy on the open socket `listener`, which it closes, until the context is left."""
    proxy = Proxy(allowed, upstream=proxying.parse_upstream(upstream), resolve=resolve)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket(fileno=listener))
        thread = threading.Thread(target=proxy.accept, args=(listening,), daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(proxy.end)
        stack.callback(listening.shutdown, socket.SHUT_RDWR)
        yield
