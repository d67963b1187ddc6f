"""Runs confined, and tries to get out: each attempt answers in one word what came of it. Standard library only."""

import ctypes
import errno
import fcntl
import mmap
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"
TOLD: dict[str, Any] = {}  # Any: JSON
SIGNALLED = "killed"


def came(act: Callable[[], object]) -> str:
    """`done`, or the name of the error."""
    try:
        found = act()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except (MemoryError, ValueError) as error:
        return type(error).__name__
    return found if isinstance(found, str) else "done"


def call(x86: int, arm: int, *given: int | None) -> str:
    """What the kernel answers to a call by its number."""
    LIBC.syscall.restype = ctypes.c_long
    ctypes.set_errno(0)
    if LIBC.syscall(ctypes.c_long(x86 if X86 else arm), *[ctypes.c_long(one or 0) for one in given]) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]


def apart(act: Callable[[], object]) -> str:
    """The same in a child, which may be killed for it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, came(act).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    return said or (SIGNALLED if os.WIFSIGNALED(status) else "silent")


def write(path: str) -> None:
    """Opens a file to write to it, and writes nothing."""
    os.close(os.open(path, os.O_WRONLY))


def read(path: str) -> str:
    """The beginning of a file, where it has one."""
    with open(path, "rb", buffering=0) as file:
        return file.read(16).decode("latin-1") or "empty"


def listing(path: str) -> str:
    """The names in a folder."""
    return " ".join(sorted(os.listdir(path)))


def reach(family: int, where: str | tuple[str, int], kind: int = socket.SOCK_STREAM) -> None:
    """Connects and says something."""
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(where)
        one.send(b"x")


def families() -> str:
    """All families of sockets that there are here."""
    made = []
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            made.append(family)
            break
    return " ".join(map(str, made))


def pairs() -> str:
    """All families of pairs of sockets."""
    made = []
    for family in range(64):
        try:
            ends = socket.socketpair(family, socket.SOCK_STREAM)
        except OSError:
            continue
        for one in ends:
            one.close()
        made.append(family)
    return " ".join(map(str, made))


def foreign_call() -> None:
    """A call of the 32-bit architecture: getpid by int 0x80."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def terminal(request: int) -> None:
    """Asks a terminal to take a letter as if it were typed."""
    _, other = os.openpty()
    fcntl.ioctl(other, request, b"x")


def set_id(path: str) -> None:
    """Makes a file that runs with its owner's rights."""
    with open(path, "wb"):
        os.chmod(path, 0o4755)


def created_set_id(path: str) -> None:
    """The same, at once."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o4755))


def others() -> str:
    """Whether only this program's own processes are seen."""
    seen = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    return "own" if max(seen) < 100 and len(seen) <= 4 else str(seen)


def status(name: str) -> str:
    """One row of the process's state."""
    rows = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return rows[name].strip()


def fork_bomb() -> str:
    """How many processes there can be."""
    children: list[int] = []
    try:
        while len(children) < 1000:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError as error:
        return f"{errno.errorcode[error.errno or 0]} {'few' if len(children) <= TOLD['processes'] else len(children)}"
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return "endless"


def thread_bomb() -> str:
    """The same with threads."""
    stop = threading.Event()
    threads: list[threading.Thread] = []
    try:
        while len(threads) < 1000:
            one = threading.Thread(target=stop.wait)
            one.start()
            threads.append(one)
    except RuntimeError:
        return "few" if len(threads) <= TOLD["processes"] else str(len(threads))
    finally:
        stop.set()
        for one in threads:
            one.join()
    return "endless"


def memory_bomb() -> None:
    """Takes more memory than it may."""
    bytearray(TOLD["memory"] + 1)


def fill(path: str, size: int, *, most: int = 1 << 30) -> None:
    """Writes files of `most` bytes until there are `size`."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    names = [f"{path}{place}" for place in range(0, size, most)]
    try:
        for name in names:
            with open(name, "wb") as file:
                for _ in range(min(most, size) >> 20):
                    file.write(bytes(1 << 20))
    finally:
        for name in names:
            Path(name).unlink(missing_ok=True)


def files() -> None:
    """Opens more files than it may."""
    held: list[int] = []
    try:
        while len(held) < 5000:
            held.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for one in held:
            os.close(one)


def root_by_program() -> str:
    """Who one becomes by a program that runs as root for everybody."""
    ran = subprocess.run(["/item/setuid", "-u"], capture_output=True, text=True, check=False)
    return "root" if ran.stdout.strip() == "0" else "nobody" if ran.stdout.strip() == "65534" else ran.stderr


def ask(words: str) -> str:
    """What our proxy answers: the status, and the reason's last words."""
    with socket.create_connection(("127.0.0.1", 3128), 5) as one:
        one.sendall(words.encode().replace(b"\n", b"\r\n"))
        said = one.makefile("rb").readline()
        return said.split()[1].decode() if said else "closed"


def tunnel(host: str) -> str:
    """Asks for a tunnel."""
    return ask(f"CONNECT {host} HTTP/1.1\n\n")


def plain(address: str) -> str:
    """Asks for a page."""
    return ask(f"GET {address} HTTP/1.1\nHost: granted.example\n\n")


def smuggle() -> str:
    """Asks for another host where the first tunnel was refused further on: how much is answered."""
    with socket.create_connection(("127.0.0.1", 3128), 5) as one:
        one.sendall(b"CONNECT refused.example:443 HTTP/1.1\r\n\r\nCONNECT inner.example:443 HTTP/1.1\r\n\r\n")
        said = one.makefile("rb").read()
        return "one answer" if said.count(b"\r\n\r\n") == 1 and b" 403 " in said else repr(said)


def follow() -> str:
    """Asks for another host's page on a connection to the first: how much is answered."""
    with socket.create_connection(("127.0.0.1", 3128), 5) as one:
        one.sendall(b"GET http://granted.example:80/ HTTP/1.1\r\n\r\nGET http://inner.example/ HTTP/1.1\r\n\r\n")
        said = one.makefile("rb").read()
        return "one answer" if said.count(b"\r\n\r\n") == 1 else repr(said)
