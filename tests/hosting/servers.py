"""Real hosts over a folder: `registry serve`, Debian's nginx and Caddy, each with what the build made."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from registry_tool.stores.webserver import SiteServer
from tests.hosting.scene import CADDY, NGINX, SERVE, Answer

SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
START_SECONDS = 20


class Running:
    """A host that listens on a port of this machine."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Its answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers=dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@contextmanager
def serve(folder: Path) -> Iterator[Running]:
    """`registry serve`."""
    with SiteServer(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Running(SERVE, int(server.server_address[1]))
        server.shutdown()
        thread.join()


@contextmanager
def nginx(root: Path, work: Path, *, base: str = "") -> Iterator[Running]:
    """nginx with the site's snippet in a server block that has `listen` and `root` besides."""
    port = _free_port()
    snippet = root / base.strip("/") / "hosting/nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (work / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {work}/pid; error_log {work}/error.log;\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"events {{ }}\n"
        f"http {{ access_log off; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}; include {snippet}; }} }}\n"
    )
    with _running(["nginx", "-e", str(work / "error.log"), "-c", str(work / "nginx.conf")], port, work):
        yield Running(NGINX, port)


@contextmanager
def caddy(root: Path, work: Path, *, base: str = "") -> Iterator[Running]:
    """Caddy with the site's snippet in a site block that has `root` besides."""
    port = _free_port()
    snippet = root / base.strip("/") / "hosting/Caddyfile"
    (work / "Caddyfile").write_text(
        f"{{\n admin off\n auto_https off\n}}\n"
        f"http://127.0.0.1:{port} {{\n bind 127.0.0.1\n root * {root}\n import {snippet}\n}}\n"
    )
    with _running(["caddy", "run", "--config", str(work / "Caddyfile"), "--adapter", "caddyfile"], port, work):
        yield Running(CADDY, port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, work: Path) -> Iterator[None]:
    program = shutil.which(command[0], path=SYSTEM_PATH)
    assert program is not None, f"{command[0]} is missing: make system"
    log = work / "said.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [program, *command[1:]],
            env={"PATH": SYSTEM_PATH, "HOME": str(work)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            _until_it_listens(process, port, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def _until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Waits in steps for the port: neither program says when it listens."""
    for _ in range(START_SECONDS * 20):
        assert process.poll() is None, log.read_text()
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"it does not listen: {log.read_text()}")
