"""Web servers on loopback: a built site that counts what is asked of it, and folders for the peers."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from registry_tool.stores.webserver import Answer, Site, SiteServer

NAME = "bench-small"


@dataclass
class Counted:
    """What a site was asked, and what it answered."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    body_bytes: int = 0
    head_bytes: int = 0

    def reset(self) -> None:
        """Begins at zero."""
        self.paths.clear()
        self.body_bytes = self.head_bytes = 0

    @property
    def bytes(self) -> int:
        """All that clients got: heads and bodies, compressed where they take that."""
        return self.body_bytes + self.head_bytes


class _CountingSite(Site):
    def __init__(self, folder: Path, counted: Counted) -> None:
        super().__init__(folder)
        self._counted = counted
        self._lock = threading.Lock()

    def answer(self, method: str, target: str, if_none_match: str = "", accept_encoding: str = "") -> Answer:
        answer = super().answer(method, target, if_none_match, accept_encoding)
        with self._lock:
            self._counted.paths.append(target)
            self._counted.body_bytes += len(answer.body)
            self._counted.head_bytes += 160 + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())
        return answer


@contextmanager
def counting(folder: Path) -> Iterator[Counted]:
    """The built site in `folder`, by the server that `registry serve` starts."""
    counted = Counted()
    with SiteServer(folder, 0) as server:
        server.RequestHandlerClass.keywords["site"] = _CountingSite(folder, counted)  # type: ignore[attr-defined]  # a partial
        counted.url = server.url
        with _running(server):
            yield counted


class _Plain(SimpleHTTPRequestHandler):
    """Files as they are; the answer in one piece, so that nobody waits 40 ms for an acknowledgement."""

    protocol_version = "HTTP/1.1"
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so; Any: as there
        """Says nothing."""


@contextmanager
def folder_server(folder: Path) -> Iterator[str]:
    """The address of the files in `folder`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Plain, directory=str(folder))) as server:
        server.daemon_threads = True
        with _running(server):
            yield f"http://127.0.0.1:{server.server_address[1]}/"


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def simple_index(folder: Path, content: Mapping[str, bytes]) -> None:
    """An index for pip (PEP 503) of one wheel with these files."""
    info = f"{NAME.replace('-', '_')}-1.0.0"
    files = {f"{NAME.replace('-', '_')}/{path}": data for path, data in content.items()}
    files[f"{info}.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0.0\n".encode()
    files[f"{info}.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = [f"{path},sha256={_urlsafe(data)},{len(data)}" for path, data in files.items()]
    files[f"{info}.dist-info/RECORD"] = ("\n".join([*rows, f"{info}.dist-info/RECORD,,"]) + "\n").encode()
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    name = f"{info}-py3-none-any.whl"
    digest = hashlib.sha256(wheel.getvalue()).hexdigest()
    page = f'<!DOCTYPE html><html><body><a href="{name}#sha256={digest}">{name}</a></body></html>'
    place = folder / "simple" / NAME
    place.mkdir(parents=True)
    (place / name).write_bytes(wheel.getvalue())
    (place / "index.html").write_text(page, "utf-8")


def npm_registry(folder: Path, url: str, content: Mapping[str, bytes]) -> None:
    """A registry for npm at `url` of one package with these files."""
    package = json.dumps({"name": NAME, "version": "1.0.0"}).encode()
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for path, data in {"package.json": package, **content}.items():
            row = tarfile.TarInfo(f"package/{path}")
            row.size = len(data)
            archive.addfile(row, io.BytesIO(data))
    tarball = raw.getvalue()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    dist = {"tarball": f"{url}{NAME}.tgz", "integrity": integrity, "shasum": hashlib.sha1(tarball).hexdigest()}
    document = {
        "name": NAME,
        "dist-tags": {"latest": "1.0.0"},
        "versions": {"1.0.0": {"name": NAME, "version": "1.0.0", "dist": dist}},
    }
    (folder / f"{NAME}.tgz").write_bytes(tarball)
    (folder / NAME).write_text(json.dumps(document), "utf-8")


def _urlsafe(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
