"""What the gate of plugins adds to each call, and to the start of a session."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.bench.ground import Ground
from tests.bench.measure import Row, in_turn

GATED: Final = Path(__file__).parents[1] / "sandbox" / "gated.py"
ROUNDS: Final = 400
SERVER: Final = """
import json, sys
tools = [{"name": f"tool{at}", "description": "Does something. " * 20, "inputSchema": {"type": "object"}}
         for at in range(30)]
for line in sys.stdin:
    message = json.loads(line)
    method, params = message.get("method"), message.get("params", {})
    if "id" not in message:
        continue
    result = {"content": [{"type": "text", "text": params.get("arguments", {}).get("text", "")}]}
    if method == "initialize":
        result = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                  "serverInfo": {"name": "words", "version": "1"}}
    elif method == "tools/list":
        result = {"tools": tools}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


class Agent:
    """An agent's end of one server."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._number = 0

    def ask(self, method: str, params: Any) -> float:  # Any: JSON
        """Seconds until the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._number += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}).encode()
        begun = time.perf_counter()
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        took = time.perf_counter() - begun
        if b'"result"' not in answer:
            raise RuntimeError(f"the server answered {answer[:300]!r}")
        return took

    def begin(self) -> None:
        """The handshake, and the list of tools."""
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {}})
        self.ask("tools/list", {})

    def call(self, text: str) -> float:
        """Seconds until a tool gave back `text`."""
        return self.ask("tools/call", {"name": "tool3", "arguments": {"text": text}})


@contextmanager
def agent(command: Sequence[str], root: Path) -> Iterator[Agent]:
    """An agent of a server that is started so."""
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        try:
            yield Agent(process)
        finally:
            process.kill()


def gating(ground: Ground) -> list[Row]:
    """A call and a whole start, straight to a server and through the gate, in turn."""
    told = ground.folder / "gate.json"
    told.write_text(json.dumps({"tools": [f"tool{at}" for at in range(10)], "pins": {}, "grace": 3}))
    root = Path(__file__).parents[2]
    straight = [sys.executable, "-c", SERVER]
    gated = [sys.executable, str(GATED), str(told), *straight]
    with agent(straight, root) as theirs, agent(gated, root) as ours:
        theirs.begin()
        ours.begin()
        short = in_turn(lambda _: ours.call("hello"), lambda _: theirs.call("hello"), rounds=ROUNDS, budget_seconds=10)
        text = "Some text that somebody wrote. " * 3300
        long = in_turn(lambda _: ours.call(text), lambda _: theirs.call(text), rounds=50, budget_seconds=10)
    starts = in_turn(lambda _: started(gated, root), lambda _: started(straight, root), rounds=9, budget_seconds=15)
    return [
        Row("the gate adds to a call", _added(short), "µs", target="at most 0.5 ms", limit=500),
        Row("the gate adds to a call with 100 kB each way", _added(long), "µs"),
        # The process that holds the gate is there anyway: `registry run` starts the server.
        Row("a session with its process, gated", starts[0], "s", "straight", starts[1]),
    ]


def started(command: Sequence[str], root: Path) -> float:
    """Seconds from the start of the process to the list of tools."""
    begun = time.perf_counter()
    with agent(command, root) as one:
        one.begin()
        return time.perf_counter() - begun


def _added(pairs: tuple[tuple[float, ...], ...]) -> list[float]:
    """Microseconds, by pairs."""
    return [(ours - theirs) * 1e6 for ours, theirs in zip(*pairs, strict=True)]
