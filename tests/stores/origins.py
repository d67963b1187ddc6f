"""A small registry's repository, and the ways to reach it."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry_tool.stores.git import GitHistory
from registry_tool.stores.remote import TIMEOUT_SECONDS, Remote
from tests.stores.gitservers import Daemon, http_backend
from tests.stores.histories import ANN

NAMES = 12
To = Callable[..., Remote]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def path_of(number: int) -> str:
    scope = f"scope{number % 6}"
    return f"index/releases/{_digest(scope)[:2]}/{scope}/name{number}"


def files() -> dict[str, bytes]:
    """A registry of twelve names with two versions each; every file is of its own."""
    files = {}
    for number in range(NAMES):
        for version in ("1.0.0", "1.1.0"):
            blob = _digest(f"{number} {version}")
            files[f"{path_of(number)}/blobs/{blob[:2]}/{blob}"] = blob.encode() * 9
            files[f"{path_of(number)}/{version}/release.json"] = b"release" + blob.encode()
            files[f"{path_of(number)}/{version}/admission.json"] = b"admission" + blob.encode()
    return files


LAST = sorted(files())[-1]


def commit_on(history: GitHistory, files: dict[str, bytes], onto: str | None = None) -> str:
    return history.commit(files, onto=onto, message="m", author=ANN, at=1_000_000_000)


def _setting(where: Path, name: str, value: str) -> None:
    subprocess.run(["git", "config", "--file", str(where / "config"), name, value], check=True, timeout=60)


@pytest.fixture
def origin(tmp_path: Path) -> GitHistory:
    """A bare repository with two commits, which offers filters and pushing."""
    where = tmp_path / "base/reg.git"
    history = GitHistory.init(where, bare=True)
    first = commit_on(history, {"index/registry.yaml": b"name: x\n"})
    history.move("main", old=None, new=commit_on(history, files(), first))
    _setting(where, "uploadpack.allowFilter", "true")
    _setting(where, "http.receivepack", "true")
    return history


@pytest.fixture
def daemon(tmp_path: Path, origin: GitHistory) -> Iterator[Daemon]:
    """`git daemon` for `origin`."""
    server = Daemon(tmp_path / "base")
    yield server
    server.close()


@pytest.fixture
def http(tmp_path: Path, origin: GitHistory) -> Iterator[str]:
    """`git http-backend` for `origin`."""
    with http_backend(tmp_path / "base") as address:
        yield address


@pytest.fixture
def to(tmp_path: Path) -> To:
    """Makes a `Remote` with an environment of its own."""
    home = tmp_path / "home"
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}

    def make(url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, **more: str) -> Remote:
        return Remote(url, env={**env, **more}, workdir=tmp_path / "work", timeout_seconds=timeout_seconds)

    return make


@pytest.fixture(params=["file", "git", "http", "file without filters"])
def remote(request: pytest.FixtureRequest, origin: GitHistory, to: To) -> Remote:
    """`origin` through every kind of transport."""
    if request.param == "git":
        server: Daemon = request.getfixturevalue("daemon")
        return to(server.url("reg.git"))
    if request.param == "http":
        return to(f"{request.getfixturevalue('http')}/reg.git")
    if request.param == "file without filters":
        _setting(Path(origin.where), "uploadpack.allowFilter", "false")
    return to(f"file://{origin.where}")
