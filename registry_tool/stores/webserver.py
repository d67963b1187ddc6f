"""A built site over HTTP on this machine: what a static host does, and a little more where files cannot.

It listens on loopback only, answers GET and HEAD as `core/routes.py` says, follows no link and never
leaves the folder. It answers what the ggui client searches, and pages of MCP servers by their cursor.
Routes that write answer 501 with what to use instead.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from registry_tool.core import limits, routes
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.core.ggui.search import ROWS, answer, read_rows
from registry_tool.stores.output import MARKER
from registry_tool.stores.rooted import Rooted

LOOPBACK: Final = "127.0.0.1"
FILE_BYTES: Final = 96 * 1024 * 1024
"""The largest bundle, and room above it."""
TARGET_CHARACTERS: Final = 2000
DRAINED_BYTES: Final = 64 * 1024
IDLE_SECONDS: Final = 30

WORTH_BYTES: Final = 256
"""Smaller files are not worth compressing."""

LATER: Final[tuple[tuple[str, str], ...]] = (
    (r"/publish", "publish with `registry publish DIR --registry WHERE`: publishing is a git act"),
    (r"/conformance/.*", "check a folder with `registry check DIR`"),
    (r"/author-keys(/.*)?", "keys are made and changed with `registry keys`"),
    (r"/cp/api/v1/admin/marketplace/queue/.*", "decide what waits with `registry queue --registry REPO`"),
    (r"/api/v1/marketplace/[^/]+/items", "publish with `registry publish DIR --registry WHERE`"),
    (r"/v0(\.1)?/publish", "publish with `registry publish DIR --registry WHERE`"),
)
"""Routes that write, which a folder of files does not answer, and what to use instead."""
_HIDDEN: Final = re.compile(routes.HIDDEN)
_SEARCHES: Final = re.compile(r"/(?:ggui/(?P<kind>[a-z]+)/)?search")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one request."""

    status: HTTPStatus
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class SiteServer(ThreadingHTTPServer):
    """The site in `folder`, served on loopback; `port` 0 takes a free one.

    Raises `NotFound` where there is no site, `StateForbids` (`port-busy`) where the port is taken.
    """

    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True

    def __init__(self, folder: Path, port: int) -> None:
        if not (folder / MARKER).is_file():
            raise NotFound(
                f"there is no built site in {folder}",
                where=str(folder),
                code="no-site",
                hint="make it with `registry build --registry REPO --out DIR`",
            )
        try:
            super().__init__((LOOPBACK, port), partial(_Handler, site=Site(folder)))
        except (OSError, OverflowError) as error:
            raise StateForbids(
                f"port {port} cannot be used: {getattr(error, 'strerror', None) or error}",
                code="port-busy",
                hint="take another one with --port, or a free one with --port 0",
            ) from error

    @property
    def url(self) -> str:
        """Its address, with a slash at the end."""
        return f"http://{LOOPBACK}:{self.server_address[1]}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that hangs up is no news."""


class Site:
    """Answers to requests for the files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._files = Rooted(folder)

    def answer(self, method: str, target: str, if_none_match: str = "", accept_encoding: str = "") -> Answer:
        """What to say to `method` on `target` (as the request line has it), with these two headers."""
        path, query = _path(target), target.partition("#")[0].partition("?")[2]
        if path is None:
            return _said(HTTPStatus.BAD_REQUEST, "bad-path", "the address is no path of this site")
        if method == "OPTIONS":
            return Answer(HTTPStatus.NO_CONTENT, b"", {**routes.ASKED_FIRST, "Cache-Control": routes.ASK_AGAIN})
        if method not in ("GET", "HEAD"):
            instead = next((words for form, words in LATER if re.fullmatch(form, path)), None)
            if instead:
                return _said(HTTPStatus.NOT_IMPLEMENTED, "not-implemented", f"this site is files only; {instead}")
            refused = _said(HTTPStatus.METHOD_NOT_ALLOWED, "read-only", "this site is files only: GET and HEAD")
            return Answer(refused.status, refused.body, {**refused.headers, "Allow": routes.METHODS})
        searched = self._searched(path, query)
        if searched is not None:
            return _given(*searched, path, if_none_match, accept_encoding)
        found = routes.resolve(path, query, kind=self._kind, moved=self._moved(path))
        if found.status == 301:
            place = routes.location(found.path) + (f"?{query}" if query else "")
            return Answer(HTTPStatus.MOVED_PERMANENTLY, b"", {"Location": place, "Cache-Control": routes.ASK_AGAIN})
        data = self._read(found.path)
        if data is None:
            return _given(HTTPStatus.NOT_FOUND, b"not found\n", "/404.txt", "", "")
        return _given(found.status, data, found.path, if_none_match, accept_encoding)

    def _searched(self, path: str, query: str) -> tuple[int, bytes] | None:
        """What the ggui client finds with a query; `None` where nothing is asked, or the site has no such rows."""
        asked = _SEARCHES.fullmatch(path) if query else None
        data = self._read("/" + ROWS) if asked and self._kind(path) == "file" else None
        if asked is None or data is None:
            return None
        try:
            return answer(query, read_rows(data), kind=asked["kind"])
        except InvalidInput:
            return None  # the file of the whole answers, as on any host

    def _moved(self, path: str) -> Mapping[str, str]:
        """Where the registry's own old addresses lead; only what may be one is looked up."""
        data = self._read("/" + routes.MOVED_FILE) if path.startswith(f"{routes.OLD}/") else None
        try:
            value = parse_loose(data or b"{}", limit=limits.CATALOGUE_BYTES, what=routes.MOVED_FILE)
        except InvalidInput:
            return {}
        rows = value.get("moved") if isinstance(value, dict) else None
        return {old: new for old, new in rows.items() if isinstance(new, str)} if isinstance(rows, dict) else {}

    def _kind(self, path: str) -> Literal["file", "folder"] | None:
        if not path.strip("/"):
            return "folder"
        try:
            found = self._files.kind(path.strip("/")) if _HIDDEN.search(path) is None else None
        except (OSError, RegistryError):
            return None
        return found if found in ("file", "folder") else None

    def _read(self, path: str) -> bytes | None:
        try:
            return self._files.read(path[1:], limit=FILE_BYTES) if self._kind(path) == "file" else None
        except (OSError, InvalidInput, StateForbids):
            return None


def _path(target: str) -> str | None:
    """The decoded path of a request, beginning with one slash; `None` for what is none."""
    raw = target.partition("?")[0].partition("#")[0]
    if len(raw) > TARGET_CHARACTERS or not raw.startswith("/"):
        return None
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    parts = path[1:].split("/")
    inner = parts[:-1] if parts[-1] == "" else parts
    if not {"", ".", ".."}.isdisjoint(inner) or "\0" in path or "\\" in path:
        return None
    return path


def _takes_gzip(accept_encoding: str) -> bool:
    """Whether a client said that it takes gzip (RFC 9110 part 12.5.3); who says `q=0` does not."""
    names = [part.strip().lower().replace(" ", "") for part in accept_encoding.split(",")]
    return any(name == "gzip" or (name.startswith("gzip;q=") and name.strip("0.") != "gzip;q=") for name in names)


def _given(status: int, data: bytes, path: str, if_none_match: str, accept_encoding: str) -> Answer:
    """A file of the site, or that a client has it already."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    forever = status == HTTPStatus.OK and routes.is_forever(path)
    headers = {
        **routes.headers_of(path),
        "Content-Type": routes.type_of(path),
        "Cache-Control": routes.FOREVER if forever else routes.ASK_AGAIN,
        "ETag": tag,
    }
    if routes.is_compressed(path) and len(data) >= WORTH_BYTES:
        headers["Vary"] = "Accept-Encoding"
        if _takes_gzip(accept_encoding):
            tag = f'{tag[:-1]}-gzip"'
            headers |= {"ETag": tag, "Content-Encoding": "gzip"}
            data = gzip.compress(data, compresslevel=6, mtime=0)
    if status == HTTPStatus.OK and tag in (part.strip().removeprefix("W/") for part in if_none_match.split(",")):
        return Answer(HTTPStatus.NOT_MODIFIED, b"", headers)
    return Answer(HTTPStatus(status), data, headers)


def _said(status: HTTPStatus, code: str, message: str) -> Answer:
    body = json.dumps({"error": code, "message": message}, sort_keys=True).encode() + b"\n"
    return Answer(status, body, {"Content-Type": routes.JSON, "Cache-Control": routes.ASK_AGAIN})


ASKED: Final = ("If-None-Match", "Accept-Encoding")
"""Headers of a request that change its answer."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "registry"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = 64 * 1024  # head and body in one piece: two would wait 40 ms for an acknowledgement
    disable_nagle_algorithm = True

    def __init__(self, *args: object, site: Site) -> None:
        self._site = site
        super().__init__(*args)  # type: ignore[arg-type]  # the server gives request, address and itself

    def do_GET(self) -> None:
        """Answers GET."""
        self._answer()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815 - looked up by these names

    def _answer(self) -> None:
        answer = self._site.answer(self.command, self.path, *(self.headers.get(name, "") for name in ASKED))
        self.send_response(answer.status)
        for name, value in {**routes.EVERYWHERE, **answer.headers}.items():
            self.send_header(name, value)
        if answer.status not in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT):
            self.send_header("Content-Length", str(len(answer.body)))
        if self.command not in ("GET", "HEAD"):
            self._drain()
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _drain(self) -> None:
        """Reads a little of what came with a request: closing on unread bytes would cut off the answer."""
        length = self.headers.get("Content-Length", "")
        if length.isdigit():
            self.rfile.read(min(int(length), DRAINED_BYTES))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Nothing: no log of who reads what."""
