"""What a confined program can reach of the machine: nothing that was not granted (M2).

Every attempt runs for real, as root starts it and as an ordinary user does.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.escape_launcher import BOUNDS
from tests.attacks.escape_tries import ALL_GRANTED, NOTHING_GRANTED, Try

ROOT = Path(__file__).parents[2]
ORDINARY = 65533
USERS = (0, ORDINARY) if os.geteuid() == 0 else (os.geteuid(),)

Found = Mapping[str, Any]  # Any: JSON


class Proxy:
    """Somebody's own proxy: it knows two hosts, answers on and on, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, client.makefile("rwb") as file:
            while first := file.readline().decode().strip():
                self.asked.append(first)
                while file.readline().strip():
                    pass
                refused = first.startswith("CONNECT refused")
                file.write(f"HTTP/1.1 {'403 No' if refused else '200 Yes'}\r\nContent-Length: 0\r\n\r\n".encode())
                file.flush()

    def close(self) -> None:
        """Ends it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def scene(folder: Path) -> Iterator[tuple[dict[str, Any], Proxy]]:  # Any: JSON
    """A payload, a project next door, a process, sockets and a proxy; what attackers are told of them."""
    item, home = folder / "item", folder / "home"
    (item / "tests" / "attacks").mkdir(parents=True)
    for name in ("escape_inside.py", "escape_tries.py"):
        shutil.copy(Path(__file__).with_name(name), item / "tests" / "attacks")
    shutil.copy("/usr/bin/id", item / "setuid")
    (item / "setuid").chmod(0o4755)
    home.mkdir()
    (home / "secret").write_text("of the project next door")
    proxy = Proxy()
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen(["sleep", "600"]) as process,
    ):
        name = f"registry-test-{os.getpid()}"
        abstract.bind(f"\0{name}")
        abstract.listen()
        told = {
            "item": str(item),
            "home": str(home),
            "secret": str(home / "secret"),
            "pid": process.pid,
            "port": listening.getsockname()[1],
            "abstract": name,
            "upstream": proxy.address,
            "processes": BOUNDS.processes,
            "memory": BOUNDS.memory,
            "temporary": BOUNDS.temporary_bytes,
            "file": BOUNDS.file_bytes,
        }
        try:
            yield told, proxy
        finally:
            process.kill()
            proxy.close()


@pytest.fixture(scope="module", params=USERS, ids=lambda user: "root" if user == 0 else "user")
def found(request: pytest.FixtureRequest) -> Iterator[Found]:
    """What came of all attempts, made as one user."""
    with tempfile.TemporaryDirectory(prefix="registry-escapes-") as folder:  # pytest closes its own to other users
        Path(folder).chmod(0o755)
        yield attempted(request.param, Path(folder))


def attempted(user: int, folder: Path) -> Found:
    """Makes all attempts as one user, in a folder that others may look into."""
    outputs = folder / "outputs"
    outputs.mkdir()
    os.chown(outputs, user, -1)
    with scene(folder) as (told, proxy):
        told["outputs"] = str(outputs)
        command = [sys.executable, "-m", "tests.attacks.escape_launcher", str(user), json.dumps(told)]
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=120,
            env={"SECRET": "of the launcher"},
        )
        assert ran.returncode == 0, ran.stderr
        came: dict[str, Any] = json.loads(ran.stdout)  # Any: JSON
        came["asked"] = proxy.asked
        came["there"] = sorted(one.name for one in Path(told["item"]).iterdir())
        return came


def held(one: Try, answers: Mapping[str, str]) -> tuple[str, bool]:
    """What came of an attempt, and whether it was the verdict."""
    answer = answers[one.what]
    return answer, answer == one.verdict or answer in one.verdict.split()


@pytest.mark.parametrize("one", NOTHING_GRANTED, ids=lambda one: one.what)
def test_without_a_grant_nothing_is_reached(found: Found, one: Try) -> None:
    """An attempt of a program that was granted nothing ends as the table says."""
    answer, right = held(one, found["nothing"])

    assert right, f"{answer} instead of {one.verdict}"


@pytest.mark.parametrize("one", ALL_GRANTED, ids=lambda one: one.what)
def test_a_grant_opens_no_more_than_it_says(found: Found, one: Try) -> None:
    """An attempt of a program with a network, /tmp and outputs ends as the table says."""
    answer, right = held(one, found["all"])

    assert right, f"{answer} instead of {one.verdict}"


def test_our_proxy_asks_the_next_one_for_granted_hosts_only(found: Found) -> None:
    """Whatever a program said, the person's own proxy heard of granted hosts alone."""
    hosts = {first.split()[1].removeprefix("http://").partition(":")[0].partition("/")[0] for first in found["asked"]}

    assert {"granted.example", "refused.example"} == hosts


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("never ending", "/bin/sleep was ended: it took longer than 0.5 seconds"),
        ("flood", "/bin/cat was ended: it printed more than 1048576 bytes"),
        ("no program", "/bin/none cannot be started where it is confined"),
    ],
)
def test_what_would_never_end_is_ended_and_says_why(found: Found, what: str, words: str) -> None:
    """A program that sleeps, floods or is not there ends with one sentence."""
    assert words == found["outside"][what]


def test_no_process_of_it_is_root_on_the_machine(found: Found) -> None:
    """Of bubblewrap and all that it started, none has the machine's user 0."""
    assert (True, False) == (found["outside"]["daemons"], found["outside"]["as root"])


def test_a_daemon_ends_with_what_started_it(found: Found) -> None:
    """Of five programs that left their session and their parent, none is there afterwards (131)."""
    assert [] == found["outside"]["daemons afterwards"]


def test_the_payload_is_as_it_was(found: Found) -> None:
    """After all attempts the folder holds what it held."""
    assert ["setuid", "tests"] == found["there"]
