"""Requests to a proxy, as bytes: what a program asked ours, and what ours asks on (RFC 9112, 9110 part 9.3.6)."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from registry_tool.sandbox.reachable import Refused

HEAD_BYTES: Final = 16 * 1024

_FIRST: Final = re.compile(r"([A-Z]{1,20}) ([!-~]+) HTTP/1\.[01]")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[^\x00-\x08\x0a-\x1f\x7f]*")
_DROPPED: Final = (b"host", b"connection", b"keep-alive", b"upgrade")
_BODY: Final = (b"content-length", b"transfer-encoding")


@dataclass(frozen=True, slots=True)
class Asked:
    """The head of one request to the proxy."""

    method: str
    host: str
    port: int
    path: str
    """What the host is asked for; empty for CONNECT."""
    headers: tuple[bytes, ...]
    """Lines that go on to the host: not the proxy's, and not the host's name."""

    @property
    def tunnel(self) -> bool:
        """Whether bytes are carried from here on, whatever they say."""
        return self.method == "CONNECT"

    @property
    def has_body(self) -> bool:
        """Whether more than its head belongs to it."""
        return any(line.partition(b":")[0].lower() in _BODY for line in self.headers)


def parse(head: bytes) -> Asked:
    """A request's head, without its empty line; `Refused` for what no proxy serves."""
    first, *lines = head.split(b"\r\n")
    found = _FIRST.fullmatch(first.decode("latin-1"))
    if found is None or not all(_HEADER.fullmatch(line) for line in lines):
        raise Refused("a request to a proxy was expected")
    method, target = found[1], found[2]
    try:
        whole = urlsplit(f"//{target}" if method == "CONNECT" else target)
        port = whole.port
    except ValueError:
        raise Refused("the address of a host was expected") from None
    if not whole.hostname or "@" in whole.netloc:
        raise Refused("the whole address of a host was expected, without a login")
    if method == "CONNECT":
        if port is None or whole.path or whole.query or whole.fragment:
            raise Refused("a host and a port were expected after CONNECT")
        return Asked(method, whole.hostname, port, "", ())
    if whole.scheme != "http":
        raise Refused("an address with http:// was expected; https goes by CONNECT")
    query = f"?{whole.query}" if whole.query else ""
    names = [(line.partition(b":")[0].lower(), line) for line in lines]
    kept = tuple(line for name, line in names if name not in _DROPPED and not name.startswith(b"proxy-"))
    return Asked(method, whole.hostname, 80 if port is None else port, f"{whole.path or '/'}{query}", kept)


@dataclass(frozen=True, slots=True)
class Upstream:
    """The proxy that this machine itself needs."""

    host: str
    port: int
    login: tuple[bytes, ...]
    """The header that it wants, if any."""


def parse_upstream(address: str) -> Upstream | None:
    """The proxy at `address`, as HTTPS_PROXY names it; `None` where there is none that speaks plain HTTP."""
    whole = urlsplit(address if "://" in address else f"http://{address}")
    if not address or whole.scheme != "http" or not whole.hostname:
        return None
    said = f"{unquote(whole.username or '')}:{unquote(whole.password or '')}".encode()
    login = (b"Proxy-Authorization: Basic " + b64encode(said),) if whole.username else ()
    return Upstream(whole.hostname, whole.port or 80, login)


def to_host(asked: Asked, name: str) -> bytes:
    """What the host itself is asked."""
    return _lines(f"{asked.method} {asked.path} HTTP/1.1", _authority(asked, name), asked.headers)


def to_upstream(asked: Asked, name: str, upstream: Upstream) -> bytes:
    """What the person's own proxy is asked, for one answer."""
    authority = _authority(asked, name)
    first = f"{asked.method} http://{authority}{asked.path} HTTP/1.1"
    return _lines(first, authority, (*asked.headers, *upstream.login))


def connect(name: str, port: int, upstream: Upstream) -> bytes:
    """What the person's own proxy is asked, for a tunnel."""
    head = [f"CONNECT {name}:{port} HTTP/1.1".encode("ascii"), f"Host: {name}:{port}".encode("ascii")]
    return b"\r\n".join([*head, *upstream.login, b"", b""])


def connected(head: bytes) -> bool:
    """Whether that proxy answered that the tunnel is there."""
    return re.match(rb"HTTP/1\.[01] 2\d\d(?: |\r|$)", head) is not None


def answer(status: str, words: str) -> bytes:
    """Our own answer to a program, with a reason for its author."""
    body = f"registry: {words}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def _authority(asked: Asked, name: str) -> str:
    return name if asked.port == 80 else f"{name}:{asked.port}"


def _lines(first: str, authority: str, headers: Sequence[bytes]) -> bytes:
    host = f"Host: {authority}".encode("ascii")
    return b"\r\n".join([first.encode("ascii"), host, *headers, b"Connection: close", b"", b""])
