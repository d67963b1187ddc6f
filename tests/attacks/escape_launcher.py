"""Starts the attempts as root or as another user, and looks at the machine from outside. A program of its own.

It has one thread and may give up root, both of which a test's own process has not.
"""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from registry_tool.core.confinement import Confinement, Endpoint
from registry_tool.core.errors import RegistryError
from registry_tool.core.job import Bounds, Job, Shown
from registry_tool.core.limits import MIB
from registry_tool.sandbox import egress
from registry_tool.sandbox.confined import capture, start

"a".encode("idna")  # with `egress`, imported while this process may still read it
assert egress
PYTHON = "/usr/bin/python3"
SYSTEM = tuple(Shown(path, path) for path in ("/usr", "/bin", "/lib", "/lib64") if os.path.isdir(path))
BOUNDS = Bounds(
    memory=512 * MIB, processes=32, temporary_bytes=8 * MIB, file_bytes=4 * MIB, output_bytes=MIB, wall=60, cpu=30
)
GRANTED = Confinement(
    egress=(
        *(Endpoint(name, 443) for name in ("granted.example", "refused.example", "localhost")),
        Endpoint("granted.example", 80),
    ),
    temporary=True,
    chat=True,
)


def job(*command: str, item: str, bounds: Bounds = BOUNDS) -> Job:
    """A command with the machine's programs and the folder of attempts."""
    shown = (*SYSTEM, Shown(item, "/item"))
    return Job(command, shown, env={"GIVEN": "1"}, bounds=bounds)


def attempts(table: str, told: Mapping[str, Any], confinement: Confinement) -> Any:  # Any: JSON
    """What came of each attempt of a table."""
    command = (PYTHON, "-B", "-m", "tests.attacks.escape_tries", table, json.dumps(told))
    ran = capture(
        job(*command, item=told["item"]),
        confinement,
        outputs=Path(told["outputs"]) if table == "all" else None,
        upstream=told["upstream"],
    )
    if ran.code:
        raise RuntimeError(ran.stderr.decode())
    return json.loads(ran.stdout)


def ended(act: Callable[[], object]) -> str:
    """Why a program was ended by us; empty where it was not."""
    try:
        act()
    except RegistryError as error:
        return str(error)
    return ""


def marked(mark: str) -> list[str]:
    """The processes of the machine whose command line has this word."""
    found = []
    for name in os.listdir("/proc"):
        try:
            line = Path("/proc", name, "cmdline").read_bytes() if name.isdigit() else b""
        except OSError:
            continue
        if mark.encode() in line.split(b"\0") and int(name) != os.getpid():
            found.append(name)
    return found


DAEMONS = """
import os, sys, time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("up", flush=True)
            time.sleep(600)
        os._exit(0)
time.sleep(600)
"""


def from_outside(told: Mapping[str, Any]) -> dict[str, object]:  # Any: JSON
    """What the machine sees of a program that runs, that ends, and that never would."""
    item, quick = told["item"], Bounds(wall=0.5, output_bytes=MIB)
    found: dict[str, object] = {
        "never ending": ended(lambda: capture(job("/bin/sleep", "600", item=item, bounds=quick), Confinement())),
        "flood": ended(lambda: capture(job("/bin/cat", "/dev/zero", item=item, bounds=BOUNDS), Confinement())),
        "no program": ended(lambda: capture(job("/bin/none", item=item), Confinement())),
    }
    mark = f"mark-{os.getpid()}"
    command = job(PYTHON, "-c", DAEMONS, mark, item=item)
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    with start(command, Confinement(), stdin=none, stdout=pipe, stderr=none) as running:
        assert running.stdout is not None
        for _ in range(5):
            running.stdout.readline()
        seen = marked(mark)
        users = {
            line for pid in seen for line in Path("/proc", pid, "status").read_text().splitlines() if line[:4] == "Uid:"
        }
        found["as root"] = any("0" in line.split()[1:] for line in users)
        found["daemons"] = len(seen) >= 6
    found["daemons afterwards"] = marked(mark)
    return found


def main(user: int, told: Mapping[str, Any]) -> None:  # Any: JSON
    """Runs all, and prints what came of it."""
    if user != os.geteuid():
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as after a login: its own /proc/self is its own
    found = {"nothing": attempts("nothing", told, Confinement()), "outside": from_outside(told)}
    found["all"] = attempts("all", told, GRANTED)
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
