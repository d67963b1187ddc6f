"""A built site over HTTP on this machine: what a static host does, and nothing more.

It listens on loopback only, answers GET and HEAD, follows no link and never leaves the folder. Routes
that need more than files answer 501 with what to use instead.
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
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.stores.output import MARKER
from registry_tool.stores.rooted import Rooted

LOOPBACK: Final = "127.0.0.1"
FILE_BYTES: Final = 96 * 1024 * 1024
"""The largest bundle, and room above it."""
TARGET_CHARACTERS: Final = 2000
DRAINED_BYTES: Final = 64 * 1024
IDLE_SECONDS: Final = 30

TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
}
_BYTES: Final = "application/octet-stream"
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_IMMUTABLE: Final = re.compile(r"^/objects/sha256/|^/tuf/[0-9]+\.|/[0-9a-f]{64}\.[^/]+$")
"""Paths that hold a digest or a version: what lies there never changes."""
_COMPRESSED: Final = ("text/", "application/json", "application/xml", "image/svg+xml")
WORTH_BYTES: Final = 256
"""Smaller files are not worth compressing."""

LATER: Final[tuple[tuple[str, str], ...]] = (
    (r"/publish", "publish with `registry publish DIR --registry WHERE`: publishing is a git act"),
    (r"/conformance/.*", "check a folder with `registry check DIR`"),
    (r"/search|/api/search.*", "search with `registry search WORDS`, or read /index/catalogue.json"),
    (r"/cp/api/v1/admin/marketplace/queue(/.*)?", "see and decide what waits with `registry queue --registry REPO`"),
    (r"/cp/api/v1/.*|/api/v1/.*|/skills/items.*", "read /index/catalogue.json and /index/<aa>/<scope>/<name>.json"),
    (r"/v0(\.1)?/.*", "read /index/catalogue.json and /index/<aa>/<scope>/<name>.json"),
)
"""Routes of other registries' clients that a folder of files does not answer, and what to use instead."""
_ROUTES: Final = re.compile(r"/(cp/)?api/v1/.*[^/]")
"""The marketplace's routes have no extension; the files that answer them do."""


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
        path = _path(target)
        if path is None:
            return _said(HTTPStatus.BAD_REQUEST, "bad-path", "the address is no path of this site")
        if _ROUTES.fullmatch(path) and self._kind(path) is None and self._kind(f"{path}.json") == "file":
            path += ".json"
        instead = next((words for form, words in LATER if re.fullmatch(form, path)), None)
        if instead and self._kind(path) != "file" and self._kind(f"{path}/index.html") != "file":
            return _said(HTTPStatus.NOT_IMPLEMENTED, "not-implemented", f"this site is files only; {instead}")
        if method not in ("GET", "HEAD"):
            refused = _said(HTTPStatus.METHOD_NOT_ALLOWED, "read-only", "this site is files only: GET and HEAD")
            return Answer(refused.status, refused.body, {**refused.headers, "Allow": "GET, HEAD"})
        if not path.endswith("/") and self._kind(path) == "folder":
            return Answer(HTTPStatus.MOVED_PERMANENTLY, b"", {"Location": quote(path, safe="/@+") + "/"})
        file = path + "index.html" if path.endswith("/") else path
        data = self._read(file)
        if data is None:
            page = self._read("/404.html")
            return Answer(HTTPStatus.NOT_FOUND, page or b"not found\n", _headers("/404.html" if page else "/404.txt"))
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        headers = {**_headers(file), "ETag": tag}
        if headers["Content-Type"].startswith(_COMPRESSED) and len(data) >= WORTH_BYTES:
            headers["Vary"] = "Accept-Encoding"
            if _takes_gzip(accept_encoding):
                tag = f'{tag[:-1]}-gzip"'
                headers |= {"ETag": tag, "Content-Encoding": "gzip"}
                data = gzip.compress(data, compresslevel=6, mtime=0)
        if tag in (part.strip().removeprefix("W/") for part in if_none_match.split(",")):
            return Answer(HTTPStatus.NOT_MODIFIED, b"", headers)
        return Answer(HTTPStatus.OK, data, headers)

    def _kind(self, path: str) -> str | None:
        try:
            return self._files.kind(path.strip("/")) if path.strip("/") else "folder"
        except (OSError, RegistryError):
            return None

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
    hidden = any(part.startswith(".") and part != ".well-known" for part in inner)
    if hidden or "" in inner or "\0" in path or "\\" in path:
        return None
    return path


def _takes_gzip(accept_encoding: str) -> bool:
    """Whether a client said that it takes gzip (RFC 9110 part 12.5.3); who says `q=0` does not."""
    names = [part.strip().lower().replace(" ", "") for part in accept_encoding.split(",")]
    return any(name == "gzip" or (name.startswith("gzip;q=") and name.strip("0.") != "gzip;q=") for name in names)


def _headers(path: str) -> dict[str, str]:
    name = path.rpartition("/")[2]
    kind = TYPES.get(name.rpartition(".")[2], _BYTES) if "." in name else _BYTES
    if path.startswith("/pkg/") and not name.endswith(".html"):
        kind = TYPES["json"]
    return {
        "Content-Type": kind,
        "Cache-Control": _FOREVER if _IMMUTABLE.search(path) else _ASK_AGAIN,
        "Access-Control-Allow-Origin": "*",
    }


def _said(status: HTTPStatus, code: str, message: str) -> Answer:
    body = json.dumps({"error": code, "message": message}, sort_keys=True).encode() + b"\n"
    return Answer(status, body, {"Content-Type": TYPES["json"], "Cache-Control": _ASK_AGAIN})


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
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.status != HTTPStatus.NOT_MODIFIED:
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
