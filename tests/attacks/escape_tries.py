"""The table of attempts to get out of a confined program, each with the verdict that holds; it runs inside as well."""

import json
import os
import platform
import resource
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.attacks.escape_inside import (
    TOLD,
    apart,
    call,
    came,
    created_set_id,
    families,
    files,
    fill,
    follow,
    foreign_call,
    fork_bomb,
    listing,
    memory_bomb,
    others,
    pairs,
    plain,
    reach,
    read,
    root_by_program,
    set_id,
    smuggle,
    status,
    terminal,
    thread_bomb,
    tunnel,
    write,
)

X86 = platform.machine() == "x86_64"
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Try:
    """One attempt."""

    what: str
    verdict: str
    """Errors of which one must come, or the answer that must."""
    act: Callable[[], object]


NOTHING_GRANTED = (
    # rows 128 to 132 of the table
    Try("128 write a file of the payload", "EROFS EACCES", lambda: write("/item/tests/attacks/escape_tries.py")),
    Try("128 add a file to the payload", "EROFS", lambda: os.mkdir("/item/more")),
    Try("128 take a file of the payload away", "EROFS", lambda: os.unlink("/item/tests/attacks/escape_tries.py")),
    Try("129 read the person's home", "ENOENT", lambda: os.listdir(TOLD["home"])),
    Try("130 fork bomb", "EAGAIN few", fork_bomb),
    Try("130 thread bomb", "few", thread_bomb),
    Try("132 set core_pattern", "EROFS EACCES", lambda: write("/proc/sys/kernel/core_pattern")),
    # files
    Try("see more than what is shown", "bin dev item lib lib64 proc tmp usr", lambda: listing("/")),
    Try("read accounts", "ENOENT", lambda: read("/etc/passwd")),
    Try("read root's folder", "ENOENT", lambda: listing("/root")),
    Try("read the project next door", "ENOENT", lambda: read(TOLD["secret"])),
    Try("climb out of the payload", "ENOENT", lambda: read(f"/item/../../..{TOLD['secret']}")),
    Try("climb out through the first process", "EACCES EPERM ENOENT", lambda: read(f"/proc/1/root{TOLD['secret']}")),
    Try("read hardware through /sys", "ENOENT", lambda: listing("/sys")),
    Try("write to /", "EROFS", lambda: os.mkdir("/more")),
    Try("write to /usr", "EROFS EACCES", lambda: os.mkdir("/usr/more")),
    Try("write to /dev", "EROFS", lambda: os.mkdir("/dev/more")),
    Try("write to shared memory", "EROFS", lambda: os.mkdir("/dev/shm/more")),
    Try("write to /tmp, which was not granted", "EROFS", lambda: os.mkdir("/tmp/more")),
    Try("link to a file outside", "EROFS EXDEV", lambda: os.link("/usr/bin/env", "/item/env")),
    Try(
        "find other devices",
        "console core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero",
        lambda: " ".join(sorted({*os.listdir("/dev"), "console"})),
    ),
    Try("make a device", "EPERM EROFS", lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0))),
    Try("read the kernel's memory", "EACCES EPERM ENOENT", lambda: read("/proc/kcore")),
    Try("read the kernel's log", "EACCES EPERM", lambda: read("/proc/kmsg")),
    Try("press a key of the kernel", "EACCES EROFS ENOENT", lambda: write("/proc/sysrq-trigger")),
    Try("set the machine's name", "EROFS EACCES", lambda: write("/proc/sys/kernel/hostname")),
    Try("set a number of the network", "EROFS EACCES", lambda: write("/proc/sys/net/ipv4/ip_forward")),
    Try("allow namespaces again", "EROFS EACCES", lambda: write("/proc/sys/user/max_user_namespaces")),
    Try(
        "hold a descriptor of the launcher", "0 1 2", lambda: " ".join(sorted(set(os.listdir("/proc/self/fd")) - {"3"}))
    ),
    # processes
    Try("see other users' processes", "own", others),
    Try("signal a process of the machine", "ESRCH", lambda: os.kill(TOLD["pid"], signal.SIGTERM)),
    Try("hold a process of the machine", "ESRCH", lambda: os.pidfd_open(TOLD["pid"])),
    Try("slow a process of the machine down", "ESRCH", lambda: os.setpriority(os.PRIO_PROCESS, TOLD["pid"], 19)),
    Try("read a variable of the launcher", "empty", lambda: read("/proc/1/environ")),
    Try("have another variable", "GIVEN LC_CTYPE PWD", lambda: " ".join(sorted({*os.environ, "LC_CTYPE"}))),
    Try("be root", "EPERM EINVAL", lambda: os.setuid(0)),
    Try("be in another group", "EPERM", lambda: os.setgroups([0])),
    Try("become root by a program", "nobody", root_by_program),
    Try("have a capability", "0000000000000000", lambda: status("CapBnd")),
    Try("gain rights by a program", "1", lambda: status("NoNewPrivs")),
    Try("run without a filter", "2", lambda: status("Seccomp")),
    Try("leave a core file", "0", lambda: str(resource.getrlimit(resource.RLIMIT_CORE)[1])),
    Try("raise a limit", "ValueError", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999))),
    # sockets
    Try("use another family of sockets", "1 2 10", families),
    Try("use another family of pairs", "1", pairs),
    Try("send raw packets", "EPERM", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
    Try("reach an abstract socket of the machine", "ECONNREFUSED", lambda: reach(1, f"\0{TOLD['abstract']}")),
    Try("reach a port of the machine", "ECONNREFUSED ENETUNREACH", lambda: reach(2, ("127.0.0.1", TOLD["port"]))),
    Try("reach the Internet", "ENETUNREACH", lambda: reach(2, ("192.0.2.1", 443))),
    Try("reach the Internet over IPv6", "ENETUNREACH EADDRNOTAVAIL", lambda: reach(10, ("2001:db8::1", 443))),
    Try("ask for a name", "ENETUNREACH", lambda: reach(2, ("192.0.2.53", 53), socket.SOCK_DGRAM)),
    Try("reach a proxy that was not granted", "ECONNREFUSED ENETUNREACH", lambda: reach(2, ("127.0.0.1", 3128))),
    Try("reach the engine of containers", "ENOENT", lambda: reach(1, "/var/run/docker.sock")),
    # the kernel
    *(
        Try(f"a new namespace ({name})", "EPERM", partial(call, 272, 97, flag))
        for name, flag in {
            "user": 0x1000_0000,
            "mount": 0x2_0000,
            "network": 0x4000_0000,
            "pid": 0x2000_0000,
            "ipc": 0x800_0000,
            "uts": 0x400_0000,
            "cgroup": 0x200_0000,
            "time": 0x80,
        }.items()
    ),
    Try("a process in a new namespace", "EPERM", lambda: call(56, 220, 0x1000_0000 | 17, 0)),
    Try("the same by the newer call", "ENOSYS", lambda: call(435, 435, 0, 0)),
    Try("another's namespace", "EPERM", lambda: call(308, 268, os.open("/proc/self/ns/net", os.O_RDONLY), 0)),
    Try("mount", "EPERM", lambda: call(165, 40)),
    Try("mount by the newer calls", "EPERM", lambda: call(428, 428, -100, None, 1)),
    Try("unmount", "EPERM", lambda: call(166, 39)),
    Try("another root", "EPERM", lambda: os.chroot("/item")),
    Try("another root for all", "EPERM", lambda: call(155, 41)),
    Try("trace", "EPERM", lambda: call(101, 117, 16, 1)),
    Try("be traced", "EPERM", lambda: call(101, 117, 0, 0)),
    Try("read another's memory", "EPERM", lambda: call(310, 270, 1)),
    Try("write another's memory", "EPERM", lambda: call(311, 271, 1)),
    Try("take another's descriptor", "EPERM", lambda: call(438, 438, os.pidfd_open(1), 0, 0)),
    Try("a program in the kernel", "EPERM", lambda: call(321, 280)),
    Try("counters of the processor", "EPERM", lambda: call(298, 241)),
    Try("add a key", "EPERM", lambda: call(248, 217)),
    Try("read keyrings", "EPERM", lambda: call(250, 219, 0, -4)),
    Try("ask for a key", "EPERM", lambda: call(249, 218)),
    Try("a ring of calls", "EPERM", lambda: call(425, 425, 1)),
    Try("hold the kernel", "EPERM", lambda: call(323, 282)),
    Try("load a module", "EPERM", lambda: call(175, 105)),
    Try("load another kernel", "EPERM", lambda: call(246, 104)),
    Try("open by number", "EPERM", lambda: call(304, 265)),
    Try("another personality", "EPERM", lambda: call(135, 92, 0x40000)),
    Try("swap", "EPERM", lambda: call(167, 224)),
    Try("end the machine", "EPERM", lambda: call(169, 142)),
    Try("the kernel's log by call", "EPERM", lambda: call(103, 116, 3)),
    Try("the clock", "EPERM", lambda: call(227, 112)),
    Try("a call that the filter cannot see into", "ENOSYS", lambda: call(437, 437)),
    Try("type into a terminal", "EPERM", lambda: terminal(0x5412)),
    Try("type into the console", "EPERM", lambda: terminal(0x541C)),
    *(
        (
            Try("a call of the 32-bit architecture", "killed", lambda: apart(foreign_call)),
            Try("a call with short pointers", "ENOSYS", lambda: call(0x4000_0000 | 39, 0)),
        )
        if X86
        else ()
    ),
    # bounds
    Try("take all memory", "MemoryError", memory_bomb),
    Try("open all files", "EMFILE", files),
)

ALL_GRANTED = (
    Try("use the /tmp that was granted", "done", lambda: fill("/tmp/some", MEGABYTE)),
    Try("fill the disk through /tmp", "ENOSPC", lambda: fill("/tmp/much", TOLD["temporary"] + MEGABYTE, most=MEGABYTE)),
    Try(
        "fill the disk through outputs",
        "ENOSPC",
        lambda: fill("/outputs/m", TOLD["temporary"] + MEGABYTE, most=MEGABYTE),
    ),
    Try("write a file that is too large", "EFBIG", lambda: fill("/outputs/much", TOLD["file"] + MEGABYTE)),
    Try("a file with its owner's rights", "EPERM", lambda: set_id("/tmp/mine")),
    Try("the same at once", "EPERM", lambda: created_set_id("/tmp/mine2")),
    Try("a granted host", "200", lambda: tunnel("granted.example:443")),
    Try("the same in capitals, with a dot", "200", lambda: tunnel("GRANTED.example.:443")),
    Try("a granted page", "200", lambda: plain("http://granted.example/")),
    Try("another host", "403", lambda: tunnel("other.example:443")),
    Try("another port", "403", lambda: tunnel("granted.example:25")),
    Try("a longer name", "403", lambda: tunnel("granted.example.other.example:443")),
    Try("a name that ends alike", "403", lambda: tunnel("notgranted.example:443")),
    Try("another host's page", "403", lambda: plain("http://other.example/")),
    Try("a page by login", "403", lambda: plain("http://granted.example@other.example/")),
    Try("an address", "403", lambda: tunnel("192.0.2.1:443")),
    Try("an address in one number", "403", lambda: tunnel("2130706433:443")),
    Try("an address in sixteens", "403", lambda: tunnel("0x7f.1:443")),
    Try("an address over IPv6", "403", lambda: tunnel("[::1]:443")),
    Try("a name of this machine", "403", lambda: tunnel("localhost:443")),
    Try("a file through the proxy", "403", lambda: plain("file:///etc/passwd")),
    Try("a line of its own to the next proxy", "403", lambda: plain("http://granted.example/\r\nX: y")),
    Try("a second host after a refusal", "one answer", smuggle),
    Try("a second host after an answer", "one answer", follow),
    Try("past the proxy", "ENETUNREACH", lambda: reach(2, ("192.0.2.1", 443))),
    Try("past the proxy to this machine", "ECONNREFUSED", lambda: reach(2, ("127.0.0.1", TOLD["port"]))),
    Try("past the proxy to an abstract socket", "ECONNREFUSED", lambda: reach(1, f"\0{TOLD['abstract']}")),
    Try("a network of its own making", "EPERM", lambda: call(272, 97, 0x4000_0000)),
    Try("a packet to the kernel", "1 2 10", families),
)

TABLES = {"nothing": NOTHING_GRANTED, "all": ALL_GRANTED}


def main(table: str, told: str) -> None:
    """Tries all of one table and prints what came of it."""
    TOLD.update(json.loads(told))
    print(json.dumps({one.what: came(one.act) for one in TABLES[table]}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
