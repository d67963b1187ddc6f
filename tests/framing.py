"""A dashboard with widgets on a real web server, and somebody elsewhere who counts all that reaches them.

with Elsewhere() as evil, served(files, headers) as site:
    page.goto(site)               a page with host.js beside widgets
    evil.requests, evil.opened, evil.packets
"""

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from registry_tool.core.payload import PayloadFile
from registry_tool.core.plan import Place, Plan, PutTree, SetMember
from registry_tool.core.routes import type_of
from registry_tool.kinds.widget import KIND
from registry_tool.site.preview import host_files
from tests.kinds.releases import manifest_of, verified_of

CARD = "kind: widget\nentry: widget.js\n"
PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A dashboard</title>{}<body><h1>A</h1></body></html>'
Headers = Mapping[str, Mapping[str, str]]
"""By path, what a server says besides."""


def plan_of(name: str, sources: Mapping[str, str], permissions: Sequence[str] = ()) -> Plan:
    """What installing the widget `@acme/<name>` does, which is granted these permissions alone."""
    payload = {path: PayloadFile(text.encode()) for path, text in sources.items()}
    payload["artifact.yaml"] = PayloadFile(CARD.encode())
    found = verified_of(KIND, payload, name=name)
    manifest = manifest_of(
        KIND, payload, scope="acme", name=name, spec=found.manifest.spec, permissions=permissions
    )  # and not what the code asks for besides
    return KIND.plan(replace(found, manifest=manifest), Place())


def dashboard(*plans: Plan, head: str = "") -> dict[str, bytes]:
    """The files of a project with these widgets and what `registry widget host` puts there, and an empty page."""
    files = {f"widgets/{path}": data for path, data in host_files().items()}
    rows = {}
    for step in (step for plan in plans for step in plan.steps):
        if isinstance(step, PutTree):
            files |= {f"{step.path}/{path}": file.data for path, file in step.files.items()}
        elif isinstance(step, SetMember):
            rows[step.key] = step.value
    return {
        **files,
        "widgets/index.json": json.dumps({"widgets": rows}).encode(),
        "page.html": PAGE.format(head).encode(),
    }


@contextmanager
def served(files: Mapping[str, bytes], headers: Headers | None = None) -> Iterator[str]:
    """The address of a plain web server with these files; `headers` are said besides for some of them."""
    more = headers or {}

    class Handler(BaseHTTPRequestHandler):
        """A file, or 404."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0][1:]
            path += "index.html" if path.endswith("/") or not path else ""
            data = files.get(path)
            self.send_response(404 if data is None else 200)
            for name, value in {"Content-Type": type_of(f"/{path}"), **more.get(path, {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


class Elsewhere:
    """A host that answers everything to everybody, and counts: connections, first lines, and packets over UDP."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.opened = 0
        self.packets = 0
        self._tcp = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self.port = int(self._tcp.getsockname()[1])
        self.udp = int(self._udp.getsockname()[1])
        self._threads = [threading.Thread(target=one) for one in (self._accept, self._receive)]

    @property
    def url(self) -> str:
        """Its address; another name than the site's, so that it is another site."""
        return f"http://localhost:{self.port}/"

    def forget(self) -> None:
        """Counts from nothing."""
        self.requests.clear()
        self.opened = self.packets = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", self.udp))
        for thread in self._threads:
            thread.join()
        self._udp.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._tcp.accept()
            except OSError:
                return
            self.opened += 1
            threading.Thread(target=self._hear, args=(client,), daemon=True).start()

    def _hear(self, client: socket.socket) -> None:
        with client:
            try:
                first = client.recv(4096).split(b"\r\n")[0].decode("latin-1")
                if first:
                    self.requests.append(first)
                    body = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n"
                    client.sendall(body)
            except OSError:
                return

    def _receive(self) -> None:
        while True:
            data, _ = self._udp.recvfrom(2048)
            if data == b"end":
                return
            self.packets += 1
