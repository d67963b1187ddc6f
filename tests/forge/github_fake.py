"""A whole small GitHub on loopback: its REST API, its git over http, and another server for files of releases.

    with serving(folder) as github:
        ann = github.things.account("ann")
        reg = github.things.repository(ann, "reg")      git at github.git(reg), API at github.api

A test does with `things` what people do in a browser, and reads there what was written. Tokens are
`token-of-LOGIN`, and `token-of-a-job`, which is nobody's and may write wherever `jobs` says.
"""

import base64
import http.server
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from tests.forge import github_api
from tests.forge.github_rows import Rows
from tests.forge.github_things import Account, Repository, Things

JOB_TOKEN: Final = "token-of-a-job"


@dataclass(frozen=True)
class Request:
    """What came."""

    method: str
    path: str
    """Without the API's own beginning."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes


@dataclass(frozen=True)
class Fault:
    """What comes instead of the next answer."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "Server Error"}'
    cut: bool = False
    """Hangs up in the middle of it."""
    within: str = ""
    """Only for paths that hold this."""
    method: str = ""
    """Only for this method."""


class GitHub:
    """One GitHub: what there is, what was asked, and what shall go wrong next."""

    def __init__(self, folder: Path, server: str, store: str) -> None:
        self.server = server
        self.store = store
        """Where the files of releases lie."""
        self.things = Things(folder)
        self.rows = Rows(server)
        self.asked: list[Request] = []
        self.stored: list[Request] = []
        """What the server with the files was asked."""
        self.faults: list[Fault] = []
        self.jobs: Repository | None = None
        """The repository in which a job's token may write; it may push there, and set checks."""

    @property
    def api(self) -> str:
        """The address of its API."""
        return f"{self.server}/api/v3"

    def git(self, repository: Repository) -> str:
        """A repository's address for git."""
        return f"{self.server}/{repository.full_name}.git"

    def env(self, login: str | None = None, *, api: str = "", job: bool = False) -> dict[str, str]:
        """What the environment of somebody's terminal says, or of a job."""
        token = JOB_TOKEN if job else f"token-of-{login}"
        found = {"GITHUB_SERVER_URL": self.server, "GITHUB_API_URL": api or self.api}
        return {**found, "GITHUB_TOKEN": token} if job or login else found

    def calls(self) -> list[str]:
        """What was asked of the API, without what follows the `?`."""
        return [f"{one.method} {one.path}" for one in self.asked]

    def who(self, headers: Mapping[str, str]) -> tuple[Account | None, bool, bool]:
        """Whose request it is, whether it is a job's, and whether its token is one at all."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            given = base64.b64decode(given).decode().partition(":")[2]
        if given == JOB_TOKEN:
            return self.things.job, True, True
        return self.things.tokens.get(given), False, not given or given in self.things.tokens

    def may_push(self, repository: Repository, account: Account | None, *, job: bool) -> bool:
        """Whether somebody may push."""
        return repository is self.jobs if job else repository.may_push(account)

    def fails(self, **how: Any) -> None:  # Any: the fields of a Fault
        """The next request gets this."""
        self.faults.append(Fault(**how))

    def fault(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this request."""
        for one in self.faults:
            if one.within in path and one.method in ("", method):
                self.faults.remove(one)
                return one
        return None


class _Handler(http.server.BaseHTTPRequestHandler):
    """Takes a request to the API or to git."""

    disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

    protocol_version = "HTTP/1.1"
    home: "Home"

    def do_GET(self) -> None:
        self._take()

    do_POST = do_GET  # noqa: N815  # the names of the standard library
    do_PATCH = do_GET  # noqa: N815
    do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name; Any: as there
        """Says nothing."""

    def _take(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(path), dict(parse_qsl(query)), headers, self._body())
        github = self.home.github
        assert github is not None
        if path.startswith("/api/v3/"):
            rest = path.removeprefix("/api/v3")
            github.asked.append(Request(self.command, rest, request.query, headers, request.body))
            fault = github.fault(self.command, rest)
            if fault is None:
                self._say(*github_api.answer(github, self.command, rest, request.query, headers, request.body))
            else:
                self._fail(fault)
        else:
            self._git(github, path, query, request)
            github.things.refresh()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _say(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, fault: Fault) -> None:
        headers = {"Content-Type": "application/json; charset=utf-8", **fault.headers}
        if not fault.cut:
            self._say(fault.status, headers, fault.body)
            return
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[")
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _git(self, github: GitHub, path: str, query: str, request: Request) -> None:
        """`git http-backend` (RFC 3875), for those who may."""
        pieces = path.split("/", 3)
        repository = github.things.find("/".join(pieces[1:3]).removesuffix(".git")) if len(pieces) == 4 else None
        account, job, known = github.who(request.headers)
        writes = "git-receive-pack" in (pieces[-1], request.query.get("service"))
        if repository is None or not known:
            return self._say(404 if known else 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"")
        if writes and not github.may_push(repository, account, job=job):
            status = 401 if account is None else 403
            return self._say(status, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"")
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(github.things.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(repository.folder.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository.folder.name}/{pieces[3]}",
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.method,
            "REMOTE_USER": account.login if account else "",
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        command = ["git", "http-backend"]
        done = subprocess.run(command, input=request.body, env=env, capture_output=True, check=False, timeout=60)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        rows = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        return self._say(int(rows.pop("Status", "200").split()[0]), rows, rest)


class _Store(http.server.BaseHTTPRequestHandler):
    """The other server: files of releases by their number."""

    disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

    home: "Home"

    def do_GET(self) -> None:
        github = self.home.github
        assert github is not None
        headers = {name.lower(): value for name, value in self.headers.items()}
        github.stored.append(Request("GET", self.path, {}, headers, b""))
        number = self.path.partition("?")[0].rpartition("/")[2]
        files = {str(one.id): one.data for release in github.things.releases for one in release.assets}
        data = files.get(number)
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name; Any: as there
        """Says nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # Any: as the standard library has it
        """Says nothing: clients that hang up are what is tested."""


@dataclass
class Home:
    """Two servers that stay, for one GitHub after another."""

    server: str = ""
    store: str = ""
    github: GitHub | None = None

    def moves_in(self, folder: Path) -> GitHub:
        """A new GitHub at the same addresses."""
        self.github = GitHub(folder, self.server, self.store)
        return self.github


@contextmanager
def home() -> Iterator[Home]:
    """The servers, for the time of a `with`."""
    there = Home()
    handlers: list[Callable[..., http.server.BaseHTTPRequestHandler]] = [
        type("Handler", (_Handler,), {"home": there}),
        type("Store", (_Store,), {"home": there}),
    ]
    servers = [_Server(("127.0.0.1", 0), handler) for handler in handlers]
    there.server, there.store = (f"http://127.0.0.1:{one.server_address[1]}" for one in servers)
    threads = [threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}) for one in servers]
    for thread in threads:
        thread.start()
    try:
        yield there
    finally:
        for one, thread in zip(servers, threads, strict=True):
            one.shutdown()
            thread.join()
            one.server_close()


@contextmanager
def serving(folder: Path) -> Iterator[GitHub]:
    """One GitHub, for the time of a `with`."""
    with home() as there:
        yield there.moves_in(folder)
