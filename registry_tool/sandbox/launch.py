"""What happens in the new process before bubblewrap: what needs the person's rights is done, then they are given up.

    namespaces ─ proxy's socket ─ stage files and drop root (root only) ─┬─ limits ─ tell the parent ─ bubblewrap
                                                                         └─ keeper: ends all when the parent ends

The keeper is there because bubblewrap binds its first child to its own end only when all is set up: killed before, it
would leave that behind.

It runs in one of two ways. Where the parent has one thread, between fork and exec of `subprocess.Popen`. Where it has
several, a fork would copy locks that nobody opens again: then this file is a program of its own, started by an exec.
For that it imports the standard library only, and little of it.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import struct
import sys

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypedDict

    class Launch(TypedDict):
        """All that the new process is told; JSON where it is a program of its own."""

        bwrap: str
        arguments: int
        """A descriptor that holds bubblewrap's arguments: on the command line everybody could read its environment."""
        command: list[str]
        """What bubblewrap starts."""
        control: int
        """A descriptor on which the parent hears `ok` or what failed."""
        lifeline: int
        """A descriptor that is at its end when the parent is, or wants all ended."""
        cgroups: list[str]
        """Files to write a process's number into: the keeper goes first.

        The kernel waits for every processor at the first of such writes; this way it does while bubblewrap is at work.
        """
        staged: list[str]
        """Files and folders to bind below `STAGE`, by their place in this list: root only."""
        drop: bool
        """Whether root is given up."""
        own: bool
        """Whether an ordinary user gets a user namespace of ours, around bubblewrap's."""
        listen: bool
        """Whether it gets a network of its own, with our proxy's socket in it."""
        outputs: int | None
        """Size of the folder that the parent reads when all has ended."""
        limits: list[tuple[int, int]]
        processes: int | None
        wall: float | None


STAGE = "/sys"
"""Where folders are staged, over what nobody is shown; in a mount namespace of its own."""
OUTPUTS = "outputs"
PROXY_PORT = 3128
NOBODY = 65534
_FIRST_UID = 2_000_000_000  # nobody's: above what systemd gives out, below what tools misread as negative
_SLACK = 4  # the keeper, bubblewrap, its monitor and its reaper

_NEWNS, _NEWUSER, _NEWNET = 0x0002_0000, 0x1000_0000, 0x4000_0000
_BIND, _REC, _PRIVATE, _NOSUID, _NODEV = 0x1000, 0x4000, 0x4_0000, 0x2, 0x4
_SET_PDEATHSIG, _SET_SUBREAPER = 1, 36
_MOST_DESCRIPTORS = 1 << 20
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1

_libc = ctypes.CDLL(None, use_errno=True)


def command_line(spec: Launch) -> list[str]:
    """Bubblewrap's own command line."""
    return ["bwrap", "--args", str(spec["arguments"]), "--", *spec["command"]]


def prepare(spec: Launch) -> None:
    """Does all that comes before bubblewrap and tells the parent; where a step fails it tells that, and ends."""
    step = "start"
    try:
        if spec["listen"] or spec["outputs"] is not None:
            import socket  # noqa: F401 - later it may lie in a folder that is closed by then

        sent: list[int] = []
        groups = [os.open(path, os.O_WRONLY | os.O_CLOEXEC) for path in spec["cgroups"]]
        for step, act in _steps(spec, sent):  # noqa: B007 - it names what failed
            act()
        step = "keeper"
        keeper = os.getpid()
        bubblewrap = os.fork()
        if bubblewrap:
            _keep(bubblewrap, spec["lifeline"], groups)
        _die_with(keeper)
        step = "limits"
        _limit(spec)
        step = "tell"
        _tell(spec["control"], b"ok %d" % os.getpid(), sent)
    except (OSError, ValueError, ImportError) as error:
        number, path = getattr(error, "errno", None), getattr(error, "filename", None)
        said = os.strerror(number) if number else str(error)
        _tell(spec["control"], json.dumps({"step": step, "said": said, "path": path}).encode(), [])
        os._exit(126)


def _steps(spec: Launch, sent: list[int]) -> list[tuple[str, Callable[[], None]]]:
    ours = (_NEWUSER if spec["own"] else 0) | (_NEWNET if spec["listen"] else 0)
    ours |= _NEWNS if spec["staged"] or spec["outputs"] is not None else 0
    steps: list[tuple[str, Callable[[], None]]] = [
        ("signals", _reset_signals),
        ("namespaces", lambda: _unshare(ours)),
    ]
    if spec["listen"]:
        steps.append(("proxy", lambda: sent.append(_listen())))
    if spec["staged"]:
        steps.append(("stage", lambda: _stage(spec["staged"])))
    if spec["outputs"] is not None:
        size = spec["outputs"]
        steps.append(("outputs", lambda: sent.append(_outputs(size, staged=bool(spec["staged"])))))
    if spec["drop"]:
        steps.append(("drop", lambda: _drop(spec["outputs"] is not None)))
    return steps


def _check(result: int, path: str | None = None) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "", path)


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    texts = [text.encode() for text in (source, target, kind)]
    _check(_libc.mount(*texts, ctypes.c_ulong(flags), data.encode()), target)


def _reset_signals() -> None:
    """What the parent ignores or holds back would stay so after an exec, SIGALRM among it."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGALRM, signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def _unshare(flags: int) -> None:
    if not flags:
        return
    uid, gid = os.getuid(), os.getgid()
    _check(_libc.unshare(flags))
    if flags & _NEWUSER:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY | os.O_CLOEXEC)
            os.write(descriptor, text.encode())
            os.close(descriptor)
    if flags & _NEWNS:
        _mount("none", "/", "", _REC | _PRIVATE)


def _listen() -> int:
    """A socket on loopback of this new network, which has nothing else; the parent accepts on it."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asked:
        request = struct.pack("16sH22x", b"lo", 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(asked, _GET_FLAGS, request))[1]
        fcntl.ioctl(asked, _SET_FLAGS, struct.pack("16sH22x", b"lo", flags | _UP))
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("127.0.0.1", PROXY_PORT))
    listening.listen(64)
    return listening.detach()


def _stage(sources: list[str]) -> None:
    """Binds what is shown to where a user without rights finds it: folders above, like root's own, may be closed."""
    held = [os.open(source, os.O_PATH | os.O_CLOEXEC) for source in sources]
    _mount("registry", STAGE, "tmpfs", _NOSUID | _NODEV, "mode=755,size=1m")
    for place, descriptor in enumerate(held):
        target, source = f"{STAGE}/{place}", f"/proc/self/fd/{descriptor}"
        if os.path.isdir(source):
            os.mkdir(target, 0o755)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        _mount(source, target, "", _BIND | _REC)
        os.close(descriptor)


def _outputs(size: int, *, staged: bool) -> int:
    """The folder for what it makes: memory, so that it fills no disk and leaves no odd file behind."""
    if not staged:
        _mount("registry", STAGE, "tmpfs", _NOSUID | _NODEV, "mode=755,size=1m")
    path = f"{STAGE}/{OUTPUTS}"
    os.mkdir(path, 0o755)
    _mount("registry", path, "tmpfs", _NOSUID | _NODEV, f"mode=700,size={size},nr_inodes=20000")
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _drop(outputs: bool) -> None:
    """From root to a user whom no other process has, so that no other process counts against its limit."""
    os.setgroups([])
    for one in (_FIRST_UID + os.getpid(), NOBODY):  # a container may not know the first
        try:
            if outputs:
                os.chown(f"{STAGE}/{OUTPUTS}", one, one)
            os.setresgid(one, one, one)
            os.setresuid(one, one, one)
            return
        except OSError as error:
            if one == NOBODY:
                raise error


def _limit(spec: Launch) -> None:
    limits = spec["limits"]
    if spec["processes"] is not None:
        limits = [*limits, (resource.RLIMIT_NPROC, spec["processes"] + _SLACK)]
    for which, most in limits:
        hard = resource.getrlimit(which)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (wanted, wanted))
    if spec["wall"] is not None:
        signal.setitimer(signal.ITIMER_REAL, spec["wall"])  # goes on after the exec: bubblewrap ends, and all with it


def _die_with(keeper: int) -> None:
    """Ends when the keeper does. Giving up root forgets this, so it comes after."""
    _check(_libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != keeper:
        os._exit(126)


def _keep(bubblewrap: int, lifeline: int, groups: list[int]) -> NoReturn:
    """Waits for bubblewrap, or the parent's end, then ends what is left of it, and goes the same way."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    _libc.prctl(_SET_SUBREAPER, 1, 0, 0, 0)
    ended = os.pidfd_open(bubblewrap)
    for one in groups:
        try:
            os.write(one, b"0")
        except OSError:
            pass  # whether the program is in it, the parent sees to
    kept = sorted((lifeline, ended))
    for first, last in zip((0, kept[0] + 1, kept[1] + 1), (*kept, _MOST_DESCRIPTORS), strict=True):
        os.closerange(first, last)
    waiting = select.poll()
    waiting.register(lifeline, select.POLLIN)
    waiting.register(ended, select.POLLIN)
    waiting.poll()
    status = _reap(bubblewrap)
    if os.WIFSIGNALED(status):
        by = os.WTERMSIG(status)
        if by not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(by, signal.SIG_DFL)
        os.kill(os.getpid(), by)
        os._exit(128 + by)
    os._exit(os.WEXITSTATUS(status))


def _reap(bubblewrap: int) -> int:
    """How bubblewrap ended; by then nothing that it left is there."""
    status = 0
    while True:
        try:
            pid, got = os.waitpid(-1, os.WNOHANG)
            if pid == bubblewrap:
                status = got
            if pid:
                continue
            for child in _children():
                os.kill(child, signal.SIGKILL)
            pid, got = os.waitpid(-1, 0)
        except ChildProcessError:
            return status
        if pid == bubblewrap:
            status = got


def _children() -> list[int]:
    """This process's children, with those that it inherited."""
    me = os.getpid()
    try:
        descriptor = os.open(f"/proc/{me}/task/{me}/children", os.O_RDONLY)
    except OSError:  # a kernel built without it
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent_of(name) == me]
    said = os.read(descriptor, 1 << 16)
    os.close(descriptor)
    return [int(one) for one in said.split()]


def _parent_of(pid: str) -> int:
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return 0  # it ended
    try:
        return int(os.read(descriptor, 4096).rpartition(b")")[2].split()[1])
    except OSError:
        return 0
    finally:
        os.close(descriptor)


def _tell(control: int, words: bytes, sent: list[int]) -> None:
    if sent:
        import socket

        with socket.socket(fileno=os.dup(control)) as channel:
            socket.send_fds(channel, [words], sent)
    else:
        os.write(control, words)


def main(descriptor: int) -> NoReturn:
    """As a program of its own: reads what to do, does it, and becomes bubblewrap."""
    with open(descriptor, encoding="utf-8") as file:
        spec: Launch = json.load(file)
    prepare(spec)
    for one in (spec["control"], spec["lifeline"]):
        os.set_inheritable(one, False)
    os.execve(spec["bwrap"], command_line(spec), {})  # noqa: S606 - a path of the system's


if __name__ == "__main__":
    main(int(sys.argv[1]))
