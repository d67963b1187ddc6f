"""Processes of tools in Python without their imports: each is forked off one that has them.

A test that needs many processes of `registry`, as git's hooks and the steps of jobs are, spends most of its time in
imports; so does one that has many files looked at by `check-jsonschema`. `program()` gives the words that start one
which behaves alike: its own folder, variables, open files, umask and exit code. What such a process does is what
`registry_tool.cli.main` does. Start-up itself is tested elsewhere, by real processes, as are the whole line
(`tests/test_story.py`), the tour of the README and the hooks that `init` writes.
"""

import atexit
import fcntl
import gc
import io
import os
import pkgutil
import select
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn

CLOCK: Final = "REGISTRY_TEST_CLOCK"
"""Names a file that says what time it is, for the processes that have this variable."""
_REPOSITORY: Final = Path(__file__).parents[1]
_SERVE: Final = "--serve"
_STARTED: Final = b"ready\n"


@cache
def program(tool: str = "registry") -> tuple[str, ...]:
    """What a command line begins with that is to run as this tool, one of `TOOLS`, as long as this process lives."""
    folder = tempfile.TemporaryDirectory(prefix="registry-")
    path = f"{folder.name}/socket"
    command = [sys.executable, "-m", "tests.forking", _SERVE, path, tool]
    server = subprocess.Popen(command, cwd=_REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    assert server.stdout.readline() == _STARTED
    for ended in (folder.cleanup, server.stdout.close, server.wait, server.stdin.close):  # the last one first
        atexit.register(ended)
    return (sys.executable, "-I", "-S", str(_REPOSITORY / "tests" / "forked.py"), path)


def alone() -> tuple[str, ...]:
    """The same for `registry`, as a process that begins from nothing."""
    return (sys.executable, "-P", str(Path(__file__)))


def warm() -> None:
    """Imports all of `registry`, and builds what is built at first use."""
    import registry_tool
    from registry_tool.core.document import Document

    for module in pkgutil.walk_packages(registry_tool.__path__, "registry_tool."):
        if not module.name.endswith("__main__") and "sigstore" not in module.name:
            import_module(module.name)
    waiting = list(Document.__subclasses__())
    for model in waiting:
        waiting += model.__subclasses__()
        model.model_rebuild()


def warm_schemas() -> None:
    """Imports what looks at files by published schemas."""
    import_module("check_jsonschema")


def run_schemas(arguments: list[str]) -> int:
    """The exit code of `check-jsonschema`."""
    try:
        import_module("check_jsonschema").main(args=arguments, prog_name="check-jsonschema")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


def serve(path: str, tool: str) -> None:
    """Answers until whoever started it is gone, which closes its standard input."""
    warmed, run_it = TOOLS[tool]
    warmed()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        os.write(1, _STARTED)
        waited: list[socket.socket | int] = [listener, 0]
        while 0 not in select.select(waited, [], [])[0]:
            asked, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                become(asked, run_it)
            asked.close()
            bury()


def bury() -> None:
    """Takes note of those that ended; nobody else waits for them."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def become(asked: socket.socket, run_it: Callable[[list[str]], int]) -> NoReturn:
    """Runs the tool as the process that asks would have, and tells it how it ended."""
    head, files, _, _ = socket.recv_fds(asked, 8, 3)
    with asked.makefile("rb") as stream:
        folder, umask, count, *words = stream.read(int.from_bytes(head, "big")).split(b"\0")
    # The signal of a connection that ends: where whoever asked is killed, so is this.
    fcntl.fcntl(asked, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(asked, fcntl.F_SETFL, fcntl.fcntl(asked, fcntl.F_GETFL) | os.O_ASYNC)
    os.chdir(folder)
    os.umask(int(umask))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environb.clear()
    for word in words[int(count) :]:
        name, _, value = word.partition(b"=")
        os.environb[name] = value
    sys.stdin, sys.stdout, sys.stderr = text(0, "rb"), text(1, "wb"), text(2, "wb")
    code = 70
    try:
        code = run_it([os.fsdecode(word) for word in words[: int(count)]])
    except BaseException:  # noqa: BLE001  # as the interpreter ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        asked.sendall(bytes([code]))
        os._exit(code)


def text(number: int, mode: str) -> io.TextIOWrapper:
    """A standard stream, as Python opens it."""
    stream = io.FileIO(number, mode, closefd=False)
    held = io.BufferedReader(stream) if mode == "rb" else io.BufferedWriter(stream)
    return io.TextIOWrapper(held, "utf-8", "strict" if number < 2 else "backslashreplace", write_through=True)


def run(arguments: list[str]) -> int:
    """The exit code of the command line, by the clock that the variables name."""
    from registry_tool.cli import main
    from registry_tool.wiring import real_world

    world = real_world()
    clock = world.env.get(CLOCK)
    if clock is not None:
        world = replace(world, now=lambda: int(Path(clock).read_text("ascii")))
    try:
        main(arguments, world)
    except SystemExit as ended:
        atexit._run_exitfuncs()
        return ended.code if isinstance(ended.code, int) else 0
    return 0


TOOLS: Final[dict[str, tuple[Callable[[], None], Callable[[list[str]], int]]]] = {
    "registry": (warm, run),
    "check-jsonschema": (warm_schemas, run_schemas),
}
"""What is imported before, and what is run."""


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVE]:
        serve(sys.argv[2], sys.argv[3])
    else:
        sys.exit(run(sys.argv[1:]))
