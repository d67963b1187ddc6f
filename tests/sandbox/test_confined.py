"""Starting confined programs: what they are given, what they give back, and how they end."""

import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import NotFound, RegistryError, StateForbids, WrongUsage
from registry_tool.core.job import Bounds, Job, Shown
from registry_tool.core.limits import MIB
from registry_tool.sandbox.cgroups import NONE_NOTE
from registry_tool.sandbox.chat import DROPPED
from registry_tool.sandbox.confined import Captured, capture, run, start
from tests.sandbox.confining import SYSTEM, python, shell

NOTHING = Confinement()
PIPE, NONE = subprocess.PIPE, subprocess.DEVNULL
ROOT = Path(__file__).parents[2]


def test_a_program_gives_its_code_and_what_it_prints() -> None:
    """Code, output and errors come back apart."""
    assert Captured(3, b"out\n", b"err\n") == capture(shell("echo out; echo err >&2; exit 3"), NOTHING)


@pytest.mark.parametrize("data", [b"", b"a line\n", b"x" * 300_000], ids=["nothing", "a line", "much"])
def test_a_program_reads_what_is_handed_in(data: bytes) -> None:
    """All of it, also more than a pipe holds at once."""
    assert Captured(0, data, b"") == capture(shell("cat"), NOTHING, stdin=data)


def test_a_program_need_not_read_what_is_handed_in() -> None:
    """One that ends without reading is no fault."""
    assert Captured(0, b"", b"") == capture(shell("exit 0"), NOTHING, stdin=b"x" * 300_000)


def test_a_program_opens_its_own_streams() -> None:
    """Scripts write to /dev/stderr and read /dev/stdin, whoever started them."""
    ran = capture(shell("cat /dev/stdin > /dev/stderr; echo out > /dev/stdout"), NOTHING, stdin=b"in\n")

    assert Captured(0, b"out\n", b"in\n") == ran


def test_a_signal_is_told_by_its_number() -> None:
    """A program that a signal ends has the code that shells give it."""
    assert 128 + signal.SIGSEGV == capture(shell("kill -SEGV $$"), NOTHING).code


def test_a_program_talks_over_pipes() -> None:
    """What is written is answered while it runs."""
    with start(shell("while read line; do echo got $line; done"), NOTHING, stdin=PIPE, stdout=PIPE, stderr=NONE) as it:
        assert it.stdin is not None
        assert it.stdout is not None
        it.stdin.write(b"one\n")
        it.stdin.flush()
        first = it.stdout.readline()
        it.stdin.close()

        assert (b"got one\n", 0) == (first, it.wait())


def test_several_threads_of_ours_are_no_hindrance() -> None:
    """Beside other threads a program of its own prepares it, with the same result."""
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        ran = capture(shell("id -u; echo $A", env={"A": "b"}), NOTHING)
    finally:
        stop.set()
        other.join()

    assert Captured(0, b"65534\nb\n", b"") == ran


def test_leaving_ends_it() -> None:
    """A program that runs when its context is left is gone afterwards, and wait would say by what."""
    with (
        start(shell("sleep 600"), NOTHING, stdin=NONE, stdout=NONE, stderr=NONE) as it,
        pytest.raises(subprocess.TimeoutExpired),
    ):
        it.wait(0.01)

    assert 128 + signal.SIGKILL == it.wait()


def test_it_is_killed_at_once() -> None:
    """Its code is that of a kill."""
    with start(shell("sleep 600"), NOTHING, stdin=NONE, stdout=NONE, stderr=NONE) as it:
        it.kill()

        assert 128 + signal.SIGKILL == it.wait()


LAUNCHER = """
import sys
from registry_tool.core.confinement import Confinement
from registry_tool.sandbox.confined import start
from tests.sandbox.confining import shell
with start(shell("echo up; sleep 600 & sleep 600"), Confinement(), stdin=-3, stdout=1, stderr=-3) as it:
    it.wait()
"""


def test_a_killed_launcher_leaves_nothing() -> None:
    """When the launcher is killed, every process that held the program's output is gone."""
    with subprocess.Popen([sys.executable, "-c", LAUNCHER], stdout=PIPE, cwd=ROOT) as launcher:
        assert launcher.stdout is not None
        up = launcher.stdout.readline()
        launcher.kill()
        rest = launcher.stdout.read()  # ends when nobody could write to it any more

    assert (b"up\n", b"") == (up, rest)


KILLED = """
import sys
from registry_tool.core.confinement import Confinement
from registry_tool.sandbox.confined import start
from tests.sandbox.confining import shell
with start(shell("sleep 600"), Confinement(), stdin=-3, stdout=1, stderr=-3) as it:
    it.wait()
"""


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", range(0, 40, 4))
def test_a_launcher_that_is_killed_while_it_starts_leaves_nothing(milliseconds: int) -> None:
    """At whatever moment of a start the launcher is killed, its pipe comes to its end."""
    script = f"""
import os, signal
import registry_tool.sandbox.confined
signal.setitimer(signal.ITIMER_REAL, {milliseconds / 1000 + 0.001})
signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
{KILLED}"""
    ran = subprocess.run([sys.executable, "-c", script], stdout=PIPE, cwd=ROOT, timeout=60, check=False)

    assert (-signal.SIGKILL, b"") == (ran.returncode, ran.stdout)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (shell("sleep 600", bounds=Bounds(wall=0.3)), "/bin/sh was ended: it took longer than 0.3 seconds"),
        (
            shell("cat /dev/zero", bounds=Bounds(output_bytes=1000)),
            "/bin/sh was ended: it printed more than 1000 bytes",
        ),
        (
            shell("cat /dev/zero >&2", bounds=Bounds(output_bytes=1000)),
            "/bin/sh was ended: it printed more than 1000 bytes",
        ),
    ],
)
@pytest.mark.parametrize("how", [capture, run], ids=["captured", "run"])
def test_a_bound_that_is_reached_is_said(
    how: Callable[[Job, Confinement], object], job: Job, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Too long and too much end it, whoever reads."""
    with pytest.raises(StateForbids, match=words) as refused:
        how(job, NOTHING)
    printed = capfd.readouterr()

    assert "over-bounds" == refused.value.code
    assert len(printed.out) <= 1000
    assert len(printed.err) <= 1000


def test_processor_time_is_bounded() -> None:
    """A program that computes on and on is ended by the kernel."""
    ran = capture(python("while True: pass", bounds=Bounds(cpu=1, wall=30.0)), NOTHING)

    assert 128 + signal.SIGKILL == ran.code


def test_memory_is_bounded_for_all_processes_together() -> None:
    """Six processes of 40 MB do not all live with 120 MB, where a cgroup can be had; else it is said."""
    script = """
import os
for _ in range(6):
    if os.fork() == 0:
        held = b"x" * (40 << 20)
        os._exit(0 if len(held) else 1)
print(sum(os.wait()[1] == 0 for _ in range(6)))
"""
    script = script.replace("os._exit(0 if len(held) else 1)", "__import__('time').sleep(0.5); os._exit(0)")
    job = python(script, bounds=Bounds(memory=120 * MIB, wall=30.0))
    with start(job, NOTHING, stdin=NONE, stdout=PIPE, stderr=NONE) as it:
        assert it.stdout is not None
        alive = it.stdout.read()

        assert (NONE_NOTE,) == it.notes or alive in (b"0\n", b"1\n", b"2\n", b"")


def test_run_prints_what_the_program_prints(capfd: pytest.CaptureFixture[str]) -> None:
    """To our own output and errors, as it is where no terminal reads."""
    code = run(shell(r"printf 'a\033[31mb\n'; echo c >&2; exit 4"), NOTHING)
    printed = capfd.readouterr()

    assert (4, "a\x1b[31mb\n", "c\n") == (code, printed.out, printed.err)


def test_a_terminal_is_told_no_escape_sequence() -> None:
    """Where a terminal reads, control characters are shown; letters, also those of many bytes, stay."""
    ours, theirs = pty.openpty()
    script = r"printf 'a\033]0;title\007b\tc\302\233d\303\244\n'"
    with start(shell(script), NOTHING, stdin=NONE, stdout=theirs, stderr=NONE) as it:
        it.wait()
    os.close(theirs)
    got = os.read(ours, 4096)
    os.close(ours)

    assert "a\\x1b]0;title\\x07b\tc\\x9bdä\r\n" == got.decode()


def test_a_program_holds_no_file_of_ours(tmp_path: Path) -> None:
    """What we have as a file or a terminal, it has as a pipe: by /proc/self/fd it could open a file again to write."""
    kept = tmp_path / "kept"
    kept.write_text("input\n")
    kept.chmod(0o666)
    out = tmp_path / "out"
    script = "readlink /proc/self/fd/0 /proc/self/fd/1 | cut -d: -f1; cat; echo worse >/proc/self/fd/0"
    with (
        kept.open("rb") as source,
        out.open("wb") as target,
        start(shell(script), NOTHING, stdin=source.fileno(), stdout=target.fileno(), stderr=NONE) as it,
    ):
        it.wait()

    assert ("input\n", "pipe\npipe\ninput\n") == (kept.read_text(), out.read_text())


def test_a_terminal_is_typed_into_by_the_person_alone() -> None:
    """Of a terminal the program gets what is typed, through a pipe."""
    ours, theirs = pty.openpty()
    os.write(ours, b"typed\n")
    with start(
        shell("read line; echo $line; readlink /proc/self/fd/0"), NOTHING, stdin=theirs, stdout=PIPE, stderr=NONE
    ) as it:
        assert it.stdout is not None
        got = it.stdout.read().splitlines()
        it.wait()
    os.close(theirs)
    os.close(ours)

    assert (b"typed", b"pipe") == (got[0], got[1][:4])


def test_chat_is_heard() -> None:
    """Lines on the descriptor that REGISTRY_CHAT_FD names come to the callback, without control characters."""
    heard: list[str] = []
    script = r"""printf 'one\n\n\033[2Jtwo \342\200\256 three' > /dev/fd/$REGISTRY_CHAT_FD"""

    assert 0 == run(shell(script), Confinement(chat=True), chat=heard.append)
    assert ["one", "[2Jtwo  three"] == heard


@pytest.mark.parametrize("confinement", [NOTHING, Confinement(temporary=True)])
def test_without_the_grant_there_is_no_chat(confinement: Confinement) -> None:
    """Neither the variable nor the descriptor is there."""
    heard: list[str] = []
    code = run(
        shell('test -z "$REGISTRY_CHAT_FD" && test "$(ls /proc/self/fd | wc -l)" = 4'), confinement, chat=heard.append
    )

    assert (0, []) == (code, heard)


def test_a_chat_that_floods_is_cut(capfd: pytest.CaptureFixture[str]) -> None:
    """Twenty lines come, and one that says that more did."""
    heard: list[str] = []
    script = "for n in $(seq 5000); do echo $n; done > /dev/fd/$REGISTRY_CHAT_FD"

    assert 0 == run(shell(script), Confinement(chat=True), chat=heard.append)
    assert [*map(str, range(1, 21)), DROPPED] == heard


@pytest.mark.parametrize(
    ("job", "error", "words"),
    [
        (Job((), SYSTEM), WrongUsage, "a command, without NUL, was expected"),
        (Job(("/bin/true", "a\0b"), SYSTEM), WrongUsage, "without NUL"),
        (Job(("/bin/true",), SYSTEM, env={"A=B": "c"}), WrongUsage, "names of variables"),
        (Job(("/bin/true",), (Shown("usr", "/usr"),)), WrongUsage, "absolute paths"),
        (Job(("/bin/true",), (Shown("/usr", "/item/../etc"),)), WrongUsage, "absolute paths"),
        (Job(("/bin/true",), (Shown("/usr", "/"),)), WrongUsage, "absolute paths"),
        (Job(("/bin/true",), (Shown("/proc", "/proc"),)), WrongUsage, "nothing of the host is shown at /proc"),
        (Job(("/bin/true",), (Shown("/dev", "/dev/shm"),)), WrongUsage, "nothing of the host is shown at /dev/shm"),
        (Job(("/bin/true",), (Shown("/nonesuch", "/item"),)), NotFound, "/nonesuch: it is needed"),
        (Job(("/bin/nonesuch",), SYSTEM, cwd="/"), NotFound, "/bin/nonesuch cannot be started"),
        (Job(("/bin/true",), SYSTEM, cwd="/nonesuch"), NotFound, "/bin/true cannot be started"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(job: Job, error: type[RegistryError], words: str) -> None:
    """Before anything starts, or where bubblewrap says so."""
    with pytest.raises(error, match=words):
        capture(job, NOTHING)


def test_a_secret_is_not_on_the_command_line() -> None:
    """What the environment holds is seen by nobody who lists the machine's processes."""
    with start(shell("sleep 600", env={"TOKEN": "secret-word"}), NOTHING, stdin=NONE, stdout=NONE, stderr=NONE):
        lines = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                lines.append(Path("/proc", name, "cmdline").read_bytes())
            except OSError:
                continue

    assert any(b"sleep" in line for line in lines)
    assert not any(b"secret-word" in line for line in lines)


def test_nothing_is_left_open() -> None:
    """Starting and ending programs leaves no descriptor of ours behind."""
    capture(shell("exit 0"), NOTHING)
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(3):
        capture(shell("echo a"), Confinement(temporary=True), stdin=b"x")
        with pytest.raises(NotFound):
            capture(Job(("/bin/nonesuch",), SYSTEM, cwd="/"), NOTHING)

    assert before == sorted(os.listdir("/proc/self/fd"))
