"""The gate between real processes: what passes, what ends it, and that nobody waits for ever."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import pytest

from registry_tool.core.toolgate import LINE_BYTES, Gate
from registry_tool.core.toolpins import definition_digest
from registry_tool.sandbox.stdio_gate import FULL_BYTES, serve
from tests.core.toolgates import HELLO, tool

GATED: Final = Path(__file__).with_name("gated.py")
ROOT: Final = Path(__file__).parents[2]

SERVER: Final = """
import json, sys, time, os

def say(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\\n")
    sys.stdout.flush()

def tool(name):
    return {"name": name, "description": f"Does {name}.", "inputSchema": {"type": "object"}}

print("stray", flush=True)
for line in sys.stdin:
    message = json.loads(line)
    method, number, params = message.get("method"), message.get("id"), message.get("params", {})
    if method == "initialize":
        say({"id": number, "result": {"protocolVersion": params["protocolVersion"], "capabilities": {},
            "serverInfo": {"name": "words", "version": "1"}}})
    elif method == "tools/list":
        names = ("echo", "big", "end", "deaf", "ask", "delete")
        say({"id": number, "result": {"tools": [tool(name) for name in names]}})
    elif method == "tools/call":
        name, given = params["name"], params.get("arguments", {})
        if name == "end":
            sys.exit(given["code"])
        if name == "deaf":
            os.close(0)
            time.sleep(60)
        if name == "ask":
            for at in range(given["times"]):
                say({"id": at, "method": "sampling/createMessage", "params": {"x": "y" * 1000}})
        text = "x" * given["size"] if name == "big" else json.dumps(given)
        say({"id": number, "result": {"content": [{"type": "text", "text": text}]}})
%s
"""


@dataclass
class Client:
    """What an agent has: two pipes to a process, and what it says."""

    process: subprocess.Popen[bytes]
    into: IO[bytes]
    out: IO[bytes]
    talk: IO[bytes]

    def send(self, number: int, method: str, params: Any) -> None:
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        self.into.write(line.encode() + b"\n")
        self.into.flush()

    def receive(self) -> Any:
        return json.loads(self.out.readline())

    def ask(self, number: int, method: str, params: Any) -> Any:
        self.send(number, method, params)
        return self.receive()

    def call(self, number: int, name: str, **arguments: Any) -> Any:
        return self.ask(number, "tools/call", {"name": name, "arguments": arguments})

    def text(self, number: int, name: str, **arguments: Any) -> str:
        return str(self.call(number, name, **arguments)["result"]["content"][0]["text"])


@contextmanager
def gated(folder: Path, *command: str, tools: tuple[str, ...] = ("echo",), pins: Any = None) -> Iterator[Client]:
    """A client of `command` behind the gate; killed with the test."""
    told = folder / "gate.json"
    told.write_text(json.dumps({"tools": tools, "pins": pins or {}, "grace": 0.5}))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    started = [sys.executable, str(GATED), str(told), *command]
    with subprocess.Popen(started, stdin=pipe, stdout=pipe, stderr=pipe, env=env) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        timer = threading.Timer(30, process.kill)
        timer.start()
        try:
            yield Client(process, process.stdin, process.stdout, process.stderr)
        finally:
            process.kill()
            timer.cancel()


def server(after: str = "") -> tuple[str, ...]:
    return (sys.executable, "-c", SERVER % after)


TOOLS: Final = ("echo", "big", "end", "deaf", "ask")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """Greeted, with all tools but `delete` granted."""
    with gated(tmp_path, *server(), tools=TOOLS) as client:
        client.ask(0, "initialize", HELLO)
        yield client


def test_a_granted_call_passes_and_no_other(client: Client, tmp_path: Path) -> None:
    """Over pipes as in memory: list, call, refusal; the end of input ends the server, and its code comes back."""
    listed = client.ask(1, "tools/list", {})
    echoed = client.text(2, "echo", x="é\u2028")
    refused = client.call(3, "delete")
    client.into.close()
    code = client.process.wait()

    assert list(TOOLS) == [one["name"] for one in listed["result"]["tools"]]
    assert {"x": "é\u2028"} == json.loads(echoed)
    assert -32602 == refused["error"]["code"]
    assert (0, b"registry: the server prints what is no message; it is dropped\n") == (code, client.talk.read())
    assert {name: definition_digest(tool(name)) for name in TOOLS} == json.loads((tmp_path / "gate.pins").read_text())
    assert ["delete", "it was called, and was not granted"] == json.loads((tmp_path / "gate.refused").read_text())


def test_a_changed_definition_stops_the_call(tmp_path: Path) -> None:
    """A pin of another definition withholds the tool from a real client (row 118)."""
    with gated(tmp_path, *server(), tools=TOOLS, pins={"echo": "sha256:" + "0" * 64}) as client:
        client.ask(0, "initialize", HELLO)
        refused = client.call(1, "echo")

        assert "registry install @ann/words --force" in refused["error"]["message"]
        assert "3" == client.text(2, "big", size=1).replace("x", "3")


def test_a_whole_session_may_be_handed_in_at_once(tmp_path: Path) -> None:
    """Requests that were sent before the end of input are passed on, though they had to be held; no last newline."""
    with gated(tmp_path, *server()) as client:
        lines = [
            {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": HELLO},
            {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo"}},
        ]
        out, _ = client.process.communicate("\n".join(map(json.dumps, lines)).encode(), timeout=20)

    assert [0, 1] == [json.loads(line)["id"] for line in out.splitlines()]


def test_large_messages_pass_both_ways(client: Client) -> None:
    """Several megabytes, which fill every pipe on the way."""
    size = 3 * FULL_BYTES

    assert size == len(client.text(1, "big", size=size))
    assert size == len(json.loads(client.text(2, "echo", x="y" * size))["x"])


def test_messages_that_are_too_long_are_refused_in_both_directions(client: Client) -> None:
    """The session goes on after either."""
    refused = client.call(1, "echo", x="y" * LINE_BYTES)
    failed = client.call(2, "big", size=LINE_BYTES)

    assert (None, -32600) == (refused["id"], refused["error"]["code"])
    assert (2, f"an answer has at most {LINE_BYTES} bytes") == (failed["id"], failed["error"]["message"])
    assert "{}" == client.text(3, "echo")


@pytest.mark.parametrize("code", [0, 3])
def test_the_end_of_the_server_is_told(client: Client, code: int) -> None:
    """The call that waited fails, and the exit code is the server's."""
    failed = client.call(1, "end", code=code)

    assert "the server ended" == failed["error"]["message"]
    assert (b"", code) == (client.out.read(), client.process.wait())


def test_a_server_that_reads_no_more_is_ended(client: Client) -> None:
    """A server that closed its input is given some seconds; what waits is answered then."""
    client.send(1, "tools/call", {"name": "deaf"})
    failed = client.call(2, "echo", x="y" * FULL_BYTES)

    assert "the server was ended, since it did not end by itself" == failed["error"]["message"]
    assert 128 + signal.SIGKILL == client.process.wait()


STUBBORN: Final = "time.sleep(60)"


@pytest.mark.parametrize(("after", "expected"), [("sys.exit(4)", 4), (STUBBORN, 128 + signal.SIGKILL)])
def test_the_end_of_input_ends_the_server(tmp_path: Path, after: str, expected: int) -> None:
    """It may end by itself for some seconds; then it is killed."""
    with gated(tmp_path, *server(after)) as client:
        client.ask(0, "initialize", HELLO)
        client.into.close()

        assert expected == client.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_session(client: Client, number: signal.Signals) -> None:
    """Agents end a server by a signal to the process that they started."""
    client.process.send_signal(number)

    assert (128 + number, b"") == (client.process.wait(), client.out.read())


def test_an_agent_that_is_gone_ends_the_session(client: Client) -> None:
    """Nobody reads the answers any more: the server is told to end."""
    client.out.close()
    client.send(1, "tools/call", {"name": "big", "arguments": {"size": 10}})

    assert 0 == client.process.wait()


@pytest.mark.parametrize("closes", [True, False])
def test_a_client_that_does_not_read_blocks_nobody_for_ever(client: Client, closes: bool) -> None:
    """Answers pile up to a bound, then it is not read on; the end of its input, or a signal, still ends the session."""
    line = b'{"jsonrpc":"2.0","id":"%d","method":"tools/call","params":{"name":"big","arguments":{"size":1000000}}}\n'
    os.set_blocking(client.into.fileno(), False)
    number = 0
    while select.select([], [client.into], [], 0.5)[1]:
        os.write(client.into.fileno(), line % number)
        number += 1
    if closes:
        client.into.close()
    else:
        client.process.terminate()

    assert number * len(line) < 2 * FULL_BYTES
    assert client.process.wait(timeout=20) == 128 + (signal.SIGKILL if closes else signal.SIGTERM)


def test_a_slow_client_gets_all(client: Client) -> None:
    """Answers wait for their reader; none is lost, in their order."""
    for number in range(1, 11):
        client.send(number, "tools/call", {"name": "big", "arguments": {"size": FULL_BYTES}})

    assert [*range(1, 11)] == [client.receive()["id"] for _ in range(10)]


def test_a_server_that_asks_without_reading_blocks_nobody(client: Client) -> None:
    """What it asks on its own is refused as long as it reads, and its answer comes through."""
    assert {"times": 3000} == json.loads(client.text(1, "ask", times=3000))


def in_process(
    command: tuple[str, ...], act: Callable[[int, int], bytes], stderr: int | None
) -> tuple[int, bytes, bytes]:
    """The code, what the client read and what was said, with the gate in a thread of this process."""
    pipes = [os.pipe() for _ in range(3)]
    gate = Gate(
        ("echo",), {}, artifact="@ann/words", on_definitions=lambda new: None, on_refusal=lambda name, why: None
    )
    pipe = subprocess.PIPE
    codes: list[int] = []

    def run(running: subprocess.Popen[bytes]) -> None:
        codes.append(serve(running, gate, stdin=pipes[0][0], stdout=pipes[1][1], stderr=pipes[2][1]))
        os.close(pipes[1][1])
        os.close(pipes[2][1])

    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=stderr) as running:
        thread = threading.Thread(target=run, args=(running,))
        thread.start()
        got = act(pipes[0][1], pipes[1][0])
        thread.join(20)
        running.kill()
    with os.fdopen(pipes[2][0], "rb") as talk:
        said = talk.read()
    for descriptor in (pipes[0][0], pipes[1][0]):
        os.close(descriptor)
    return codes[0], got, said


def close_and_read(into: int, out: int) -> bytes:
    os.close(into)
    got = b""
    while chunk := os.read(out, 1 << 16):
        got += chunk
    return got


def test_what_a_server_says_beside_its_messages_is_harmless() -> None:
    """On stderr, where that is a pipe of ours: no control characters, and not without end."""
    said = "import sys; sys.stderr.write('a\\x1b[2Jb\\n'); sys.stderr.flush(); sys.stdin.read(); sys.stderr.close()"
    code, got, talk = in_process((sys.executable, "-c", said), close_and_read, subprocess.PIPE)

    assert (0, b"", b"a\\x1b[2Jb\n") == (code, got, talk)


def test_a_server_that_says_too_much_is_cut() -> None:
    """Beyond a megabyte no more is shown, and the session goes on."""
    flood = "import sys; sys.stderr.write('x' * 3_000_000); sys.stderr.flush(); sys.stdin.read()"
    code, _, talk = in_process((sys.executable, "-c", flood), close_and_read, subprocess.PIPE)

    assert (0, True) == (code, len(talk) < 1_200_000)


def test_a_server_without_pipes_is_refused() -> None:
    """That is a mistake of the caller, not of a server."""
    gate = Gate((), {}, artifact="@ann/words", on_definitions=lambda new: None, on_refusal=lambda name, why: None)
    with (
        subprocess.Popen([sys.executable, "-c", ""]) as running,
        pytest.raises(ValueError, match="pipes for its input and its output"),
    ):
        serve(running, gate, stdin=0, stdout=1, stderr=2)
