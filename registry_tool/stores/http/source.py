"""A registry behind HTTP, read so that no server can hang, flood or mislead the client.

Bytes are bounded while they come, after gzip is undone. Time is bounded for all of a request,
names of hosts and headers too, by doing it in a thread that can be left behind: each file may take
`deadline_seconds`, and a second more for every 64 KiB that came.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from registry_tool.core.errors import InvalidInput, Unreachable
from registry_tool.core.times import from_seconds
from registry_tool.stores.address import file_address, login_for, may_follow, site_address
from registry_tool.stores.http.connections import (
    AGENT,
    CONNECT_SECONDS,
    DEADLINE_SECONDS,
    MOVED,
    PARALLEL,
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

RETRY_SECONDS: Final = 0.5  # between a first failure and the only retry
_ABSENT: Final = frozenset((404, 410))
_HTML: Final = (b"<!doctype html", b"<html")


@dataclass(slots=True)
class _Job:
    """One file on its way."""

    path: str
    limit: int
    ends: float = 0.0
    """When it has taken too long, by `time.monotonic`; 0 before it begins."""
    data: bytes | None = None
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


class _Again(Exception):
    """A failure that a second try may mend; `reason` if it does not."""

    def __init__(self, reason: Unreachable) -> None:
        super().__init__(str(reason))
        self.reason = reason


class HttpSource:
    """The static site at `base_url` as a `Source`.

    `env` says what the environment says: HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, NETRC, HOME.
    Raises `WrongUsage` for plain http to another machine. Connections are kept for the next fetch.
    With `pages` a web page is an answer like any other, for whoever compares the gallery too.
    """

    def __init__(
        self,
        base_url: str,
        *,
        env: Mapping[str, str],
        deadline_seconds: float = DEADLINE_SECONDS,
        read_seconds: float = READ_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
        pages: bool = False,
    ) -> None:
        self._base = site_address(base_url)
        self._env = env
        self._deadline_seconds = deadline_seconds
        self._read_seconds = read_seconds
        self._retry_seconds = retry_seconds
        self._pages = pages
        self._connections = Connections(env)
        self._date = ""

    @property
    def where(self) -> str:
        """Its address, with a slash at the end."""
        return self._base

    @property
    def clock(self) -> str | None:
        """What the site's clock said with its last answer (RFC 9110 part 6.6.1); `None` where it says nothing."""
        try:
            return from_seconds(int(parsedate_to_datetime(self._date).timestamp()))
        except (ValueError, OverflowError, InvalidInput):
            return None

    def fetch(self, path: str, *, limit: int, fresh: bool = False) -> bytes | None:
        """The bytes at `path`, `None` for 404 and 410; `fresh` asks caches on the way to stand aside.

        `InvalidInput` (`too-large`) over `limit` decoded bytes. `Unreachable`: `unreachable`, `timeout`,
        `cut-off`, `bad-certificate`, `bad-redirect`, `denied`, `server-error`, `not-a-registry`.
        """
        return self._all([_Job(path, limit)], fresh=fresh)[0]

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several paths with their limits, in order, six at a time; raises what the first of them raises."""
        return self._all([_Job(path, limit) for path, limit in paths], fresh=False)

    # ------------------------------------------------------------------------------ threads

    def _all(self, jobs: list[_Job], *, fresh: bool) -> tuple[bytes | None, ...]:
        waiting = iter(jobs)
        stopped = threading.Event()

        def work() -> None:
            while not stopped.is_set():
                with lock:
                    job = next(waiting, None)
                    if job is None:
                        return
                    job.ends = time.monotonic() + self._deadline_seconds
                self._do(job, fresh=fresh)

        lock = threading.Lock()
        for _ in range(min(PARALLEL, len(jobs))):
            # A daemon is left behind where it hangs; it cannot keep the program from ending.
            threading.Thread(target=work, daemon=True).start()
        try:
            for job in jobs:
                self._await(job)
        finally:
            stopped.set()
        return tuple(job.data for job in jobs)

    def _await(self, job: _Job) -> None:
        """Returns when `job` has its bytes; raises its error, or that it takes too long."""
        while not job.done.wait(0.05 if job.ends == 0 else max(0.0, job.ends - time.monotonic()) + 0.01):
            if job.ends and time.monotonic() > job.ends:
                raise self._too_slow(job.path)
        if job.error is not None:
            raise job.error

    def _do(self, job: _Job, *, fresh: bool) -> None:
        try:
            try:
                job.data = self._once(job, fresh=fresh)
            except _Again:
                time.sleep(self._retry_seconds)
                job.data = self._once(job, fresh=fresh)
        except _Again as error:
            job.error = error.reason
        except Exception as error:  # noqa: BLE001  # handed to the thread that waits, which raises it
            job.error = error
        job.done.set()

    # ------------------------------------------------------------------------------ one request

    def _once(self, job: _Job, *, fresh: bool) -> bytes | None:
        """One try at one file, redirects followed."""
        import urllib3

        address = file_address(self._base, job.path)
        try:
            for _ in range(REDIRECTS + 1):
                response = self._request(address, fresh=fresh)
                self._date = response.headers.get("Date", "")
                try:
                    target = response.headers.get("Location") if response.status in MOVED else None
                    if target is None:
                        return self._body(job, response, address)
                    discard(response)
                finally:
                    response.close()  # a connection whose answer was read to its end is kept
                origin, address = address, urljoin(address, target)
                if not may_follow(origin, address):
                    message = f"it leads on to {address}, where this tool does not go"
                    raise Unreachable(message, where=origin, code="bad-redirect", hint="use the https address itself")
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _mended(told(error, address)) from error
        message = f"it leads on more than {REDIRECTS} times"
        raise Unreachable(message, where=file_address(self._base, job.path), code="bad-redirect")

    def _request(self, address: str, *, fresh: bool) -> "urllib3.BaseHTTPResponse":
        import urllib3

        headers = {"Accept-Encoding": "gzip", "User-Agent": AGENT}
        if fresh:
            headers |= {"Cache-Control": "no-cache", "Pragma": "no-cache"}
        login = login_for(address, self._env)
        if login:
            headers |= urllib3.util.make_headers(basic_auth=":".join(login))
        return self._connections.pool(address).request(
            "GET",
            address,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=self._read_seconds),
        )

    def _body(self, job: _Job, response: "urllib3.BaseHTTPResponse", address: str) -> bytes | None:
        if response.status in _ABSENT:
            discard(response)
            return None
        if response.status != 200:
            discard(response)
            raise _status_error(response.status, address)
        data = self._read(job, response, address)
        if self._pages:
            return data
        start = data[:256].lstrip().lower()
        kind = response.headers.get("Content-Type", "").lower()
        is_json = job.path.endswith(".json")
        if start.startswith(_HTML) or (is_json and (start.startswith(b"<") or kind.startswith("text/html"))):
            raise Unreachable(
                "a web page came where a registry's file should be",
                where=address,
                code="not-a-registry",
                hint="is the address right? a network that asks to log in answers so too: open a page in a browser",
            )
        return data

    def _read(self, job: _Job, response: "urllib3.BaseHTTPResponse", address: str) -> bytes:
        """The decoded body; stops as soon as it is longer than it may be or takes too long."""

        def came(size: int) -> None:
            job.ends += size / SLOWEST_BYTES
            if time.monotonic() > job.ends:
                raise self._too_slow(job.path)

        try:
            return body_of(response, address, limit=job.limit, came=came)
        except Unreachable as error:
            raise _mended(error) from error

    def _too_slow(self, path: str) -> Unreachable:
        return too_slow(file_address(self._base, path))


def _mended(error: Unreachable) -> Unreachable | _Again:
    """The error, marked where a second try may mend it."""
    return _Again(error) if error.code == "cut-off" else error


def _status_error(status: int, address: str) -> Exception:
    if status in (401, 403, 407):
        hint = "put user and password for its host into ~/.netrc"
        return Unreachable(f"it refuses access (HTTP {status})", where=address, code="denied", hint=hint)
    message = f"the server failed (HTTP {status})"
    error = Unreachable(message, where=address, code="server-error", hint="try again later")
    return _Again(error) if status == 429 or status >= 500 else error
