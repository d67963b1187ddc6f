"""Real git servers on loopback: `git daemon` behind a counter, and `git http-backend`.

The daemon answers one connection per process (`--inetd`), so a test knows its port before the first
byte and never waits for a start.
"""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO


class Daemon:
    """`git daemon` for the repositories below `base`, counting what goes over the wire."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.received = 0
        """Bytes that clients sent."""
        self.sent = 0
        """Bytes that clients got."""
        self.connections = 0
        self._threads: list[threading.Thread] = []
        self._main = threading.Thread(target=self._accept)
        self._main.start()

    def url(self, name: str) -> str:
        """The address of the repository in the folder `name`."""
        return f"git://127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        """Ends it, after the last connection has."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._main.join()
        self._server.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        command = ["git", "daemon", "--inetd", "--export-all", "--enable=receive-pack", f"--base-path={self._base}"]
        env = {"PATH": os.environ["PATH"], "HOME": str(self._base), "GIT_CONFIG_NOSYSTEM": "1"}
        with (
            client,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process,
        ):
            assert process.stdin is not None
            assert process.stdout is not None
            upward = threading.Thread(target=self._up, args=(client, process.stdin))
            upward.start()
            while data := os.read(process.stdout.fileno(), 65536):
                self.sent += len(data)
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)
            upward.join()

    def _up(self, client: socket.socket, stdin: IO[bytes]) -> None:
        try:
            while data := client.recv(65536):
                self.received += len(data)
                stdin.write(data)
                stdin.flush()
            stdin.close()
        except (BrokenPipeError, ConnectionResetError):
            return


class _Backend(BaseHTTPRequestHandler):
    """Hands each request to `git http-backend` (RFC 3875), or answers with the status that the path names."""

    disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

    base: Path

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the parent's
        """Tests are quiet."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        status = path.split("/")[1]
        if status.isdecimal():
            self.send_response(int(status))
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.base),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_USER": "ann",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HOME": str(self.base),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=env, capture_output=True, check=False, timeout=60
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        rows = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(rows.pop("Status", "200").split()[0]))
        for name, value in rows.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest)


@contextmanager
def http_backend(base: Path) -> Iterator[str]:
    """The address of a smart HTTP server for the repositories below `base`."""
    handler = type("Backend", (_Backend,), {"base": base})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
