"""What every request over HTTP shares: connections that are kept, and the library's errors in our words."""

import threading
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from registry_tool.core.errors import InvalidInput, Unreachable
from registry_tool.stores.address import proxy_for, trust_of

if TYPE_CHECKING:
    import urllib3

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 20.0
DEADLINE_SECONDS: Final = 60.0
SLOWEST_BYTES: Final = 64 * 1024  # per second; slower than that, and the deadline comes nearer
REDIRECTS: Final = 5
PARALLEL: Final = 6  # connections to one host, as browsers have
CHUNK_BYTES: Final = 64 * 1024
MOVED: Final = frozenset((301, 302, 303, 307, 308))
AGENT: Final = "registry-tool"


class Connections:
    """Pools of connections: one per proxy, and one for this machine, which needs no certificates."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._pools: dict[tuple[str | None, bool], urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    def pool(self, address: str) -> "urllib3.PoolManager":
        """The pool for `address`, as HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE say."""
        import urllib3

        proxy = proxy_for(address, self._env)
        key = proxy, proxy is not None or address.startswith("https:")
        with self._lock:
            if key not in self._pools:
                trust = trust_of(self._env) if key[1] else None  # reading what the system trusts takes 20 ms
                if proxy is None:
                    self._pools[key] = urllib3.PoolManager(maxsize=PARALLEL, ssl_context=trust)
                else:
                    parts = urlsplit(proxy)
                    login = f"{parts.username}:{parts.password or ''}" if parts.username else None
                    headers = urllib3.util.make_headers(proxy_basic_auth=login) if login else None
                    self._pools[key] = urllib3.ProxyManager(
                        proxy, maxsize=PARALLEL, ssl_context=trust, proxy_headers=headers
                    )
            return self._pools[key]


def told(error: Exception, address: str) -> Unreachable:
    """The library's error in our words; its code is `cut-off` where trying again at once may help."""
    from urllib3 import exceptions

    host = urlsplit(address).hostname
    if isinstance(error, exceptions.ProxyError):
        hint = "is HTTPS_PROXY right?"
        return Unreachable("the proxy did not help", where=address, code="unreachable", hint=hint)
    if isinstance(error, exceptions.SSLError):
        hint = "is the clock right? with a company's own certificates, let SSL_CERT_FILE name them"
        message = f"its certificate is not good: {error}"
        return Unreachable(message, where=address, code="bad-certificate", hint=hint)
    if isinstance(error, exceptions.NameResolutionError):
        hint = "is the address right, and the network there?"
        return Unreachable(f"there is no host {host}", where=address, code="unreachable", hint=hint)
    if isinstance(error, exceptions.NewConnectionError):
        hint = "is the address right, and the server running?"
        return Unreachable(f"{host} does not accept connections", where=address, code="unreachable", hint=hint)
    if isinstance(error, exceptions.TimeoutError):
        return too_slow(address)
    return Unreachable("the connection was cut off", where=address, code="cut-off", hint="try again")


def too_slow(address: str) -> Unreachable:
    """What is told of a server that does not come to an end."""
    return Unreachable("it takes too long to answer", where=address, code="timeout", hint="try again later")


def body_of(response: "urllib3.BaseHTTPResponse", address: str, *, limit: int, came: Callable[[int], None]) -> bytes:
    """The body without its gzip, read only as far as `limit`; `came` hears how many bytes came, and may raise.

    `InvalidInput` (`too-large`), `Unreachable` (`cut-off` where less came than was promised).
    """
    decode = _decoder(response.headers.get("Content-Encoding", ""), address)
    data = bytearray()
    received = 0
    while chunk := response.read1(CHUNK_BYTES, decode_content=False):
        received += len(chunk)
        came(len(chunk))
        try:
            data += decode.decompress(chunk, limit + 1 - len(data)) if decode else chunk
        except zlib.error as error:
            raise Unreachable("it came damaged", where=address, code="cut-off", hint="try again") from error
        if len(data) > limit:
            response.close()
            message = f"it may have at most {limit} bytes, more came"
            raise InvalidInput(message, where=address, code="too-large")
    length = response.headers.get("Content-Length", "")
    if (length.isdecimal() and int(length) != received) or (decode is not None and not decode.eof):
        raise Unreachable(f"only {received} bytes came of it", where=address, code="cut-off", hint="try again")
    return bytes(data)


def _decoder(encoding: str, address: str) -> "zlib._Decompress | None":
    if encoding.lower() in ("", "identity"):
        return None
    if encoding.lower() in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise Unreachable(f"it came as {encoding!r}, which was not asked for", where=address, code="server-error")


def discard(response: "urllib3.BaseHTTPResponse") -> None:
    """Reads the rest of a short answer, so that its connection can be used again; a long one is not worth it."""
    for _ in range(8):
        if not response.read1(CHUNK_BYTES, decode_content=False):
            return
