"""A server behind the gate as a process of its own, as `registry run` is one: `python gated.py FILE COMMAND…`.

FILE is JSON with the granted `tools`, the `pins` and the seconds of `grace`; new pins and refusals are written beside
it as lines of JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from registry_tool.core.toolgate import Gate
from registry_tool.sandbox.stdio_gate import serve


def main() -> int:
    told = Path(sys.argv[1])
    given = json.loads(told.read_text())

    def pinned(new: Mapping[str, str]) -> None:
        note("pins", dict(new))

    def refused(tool: str, why: str) -> None:
        note("refused", [tool, why])

    def note(what: str, value: object) -> None:
        with told.with_suffix(f".{what}").open("a") as file:
            file.write(json.dumps(value) + "\n")

    gate = Gate(given["tools"], given["pins"], artifact="@ann/words", on_definitions=pinned, on_refusal=refused)
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    pipe = subprocess.PIPE
    with subprocess.Popen(sys.argv[2:], stdin=pipe, stdout=pipe, env=env) as server:
        return serve(server, gate, stdin=0, stdout=sys.stdout.buffer, stderr=sys.stderr.buffer, grace=given["grace"])


if __name__ == "__main__":
    sys.exit(main())
