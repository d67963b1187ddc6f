"""An API behind HTTP: any method, any status, and nothing that a server says can lead us astray.

What we send is sent to that server only. A redirect is followed for `GET`, and to another origin
without our headers: files of releases lie elsewhere, and what lies there must not learn the token.
"""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from registry_tool.core.errors import Unreachable, WrongUsage
from registry_tool.core.ports import Answered
from registry_tool.stores.address import may_follow, site_address
from registry_tool.stores.http.connections import (
    AGENT,
    CONNECT_SECONDS,
    DEADLINE_SECONDS,
    MOVED,
    READ_SECONDS,
    REDIRECTS,
    SLOWEST_BYTES,
    Connections,
    body_of,
    discard,
    told,
    too_slow,
)

if TYPE_CHECKING:
    import urllib3

_HEADER: Final = re.compile("[!-~]([ -~]*[!-~])?")
_HARMLESS: Final = frozenset(("accept", "user-agent"))  # what another origin may hear too


@dataclass(slots=True)
class _Call:
    """One request on its way, redirects and all."""

    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes | None
    limit: int
    ends: float
    """When it has taken too long, by `time.monotonic`."""
    answer: Answered | None = None
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def came(self, size: int) -> None:
        """Counts what came: who sends much gets longer."""
        self.ends += size / SLOWEST_BYTES
        if time.monotonic() > self.ends:
            raise too_slow(_shown(self.address))


class HttpExchange:
    """Servers with an API, as an `Exchange`.

    `env` says what the environment says: HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE. No password is read from
    anywhere: what is to be sent is in the headers. Connections are kept for the next request.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        deadline_seconds: float = DEADLINE_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._connections = Connections(env)
        self._deadline_seconds = deadline_seconds
        self._read_seconds = read_seconds

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, limit: int) -> Answered:
        """The answer, whatever its status; a `GET` that was cut off is tried once more.

        `WrongUsage` for plain http to another machine and for a header that is none. `Unreachable`:
        `unreachable`, `timeout`, `cut-off`, `bad-certificate`, `bad-redirect`. `InvalidInput` (`too-large`).
        No message holds a header, or what follows the `?` of an address.
        """
        site_address(url.partition("?")[0])
        if not all(_HEADER.fullmatch(text) for row in headers.items() for text in row):
            # Told here, since the library's own error would show it.
            raise WrongUsage("a header of a request holds what no header may", where=_shown(url), code="bad-header")
        call = _Call(method, url, headers, body, limit, time.monotonic() + self._deadline_seconds)
        # A daemon is left behind where it hangs; it cannot keep the program from ending.
        threading.Thread(target=self._do, args=(call,), daemon=True).start()
        while not call.done.wait(max(0.0, call.ends - time.monotonic()) + 0.01):
            if time.monotonic() > call.ends:
                raise too_slow(_shown(url))
        if call.answer is None:
            raise call.error or too_slow(_shown(url))
        return call.answer

    def _do(self, call: _Call) -> None:
        try:
            try:
                call.answer = self._followed(call)
            except Unreachable as error:
                if call.method != "GET" or error.code != "cut-off":
                    raise  # what was sent may have been done
                call.answer = self._followed(call)
        except Exception as error:  # noqa: BLE001  # handed to the thread that waits, which raises it
            call.error = error
        call.done.set()

    def _followed(self, call: _Call) -> Answered:
        """One try, redirects followed."""
        import urllib3

        address, headers = call.address, dict(call.headers)
        try:
            for _ in range(REDIRECTS + 1):
                response = self._request(call, address, headers)
                try:
                    target = response.headers.get("Location") if response.status in MOVED else None
                    if target is None or call.method != "GET":
                        bare = call.method == "HEAD"  # its length is that of a body that does not come
                        data = b"" if bare else body_of(response, _shown(address), limit=call.limit, came=call.came)
                        named = {name.lower(): value for name, value in response.headers.items()}
                        return Answered(response.status, named, data)
                    discard(response)
                finally:
                    response.close()  # a connection whose answer was read to its end is kept
                origin, address = address, urljoin(address, target)
                if not may_follow(origin, address):
                    message = f"it leads on to {_shown(address)!r}, where this tool does not go"
                    raise Unreachable(message, where=_shown(origin), code="bad-redirect")
                if _origin(origin) != _origin(address):
                    headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise told(error, _shown(address)) from error
        message = f"it leads on more than {REDIRECTS} times"
        raise Unreachable(message, where=_shown(call.address), code="bad-redirect")

    def _request(self, call: _Call, address: str, headers: Mapping[str, str]) -> "urllib3.BaseHTTPResponse":
        import urllib3

        return self._connections.pool(address).request(
            call.method,
            address,
            headers={"Accept-Encoding": "gzip", "User-Agent": AGENT, **headers},
            body=call.body,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=self._read_seconds),
        )


def _origin(address: str) -> tuple[str, str | None, int | None]:
    """Who answers at an address (RFC 6454 part 4)."""
    parts = urlsplit(address)
    standard = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or standard


def _shown(address: str) -> str:
    """An address for messages: who is in it, and what follows its `?`, may be secrets."""
    return re.sub("//[^/@]*@", "//", address.partition("#")[0].partition("?")[0])
