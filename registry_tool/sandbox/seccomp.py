"""What a confined program may not ask of the kernel, as a table, and the filter that the kernel runs for it.

Namespaces hide files, processes and networks. They leave the kernel itself open: what is here closes the parts of it
that no skill, plugin or build needs and that programs have broken out by. All other calls stay allowed.

The filter is classic BPF over `struct seccomp_data` (linux/seccomp.h): number, architecture, instruction pointer, then
six arguments of 64 bits, of which both architectures put the low half first.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from registry_tool.core.errors import StateForbids

Machine = Literal["x86_64", "aarch64"]
MACHINES: Final[Mapping[Machine, int]] = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
"""AUDIT_ARCH_* (linux/audit.h)."""

ALLOW: Final = 0x7FFF_0000
KILL: Final = 0x8000_0000
_ERRNO: Final = 0x0005_0000
EPERM: Final = _ERRNO | 1
ENOSYS: Final = _ERRNO | 38
EAFNOSUPPORT: Final = _ERRNO | 97


@dataclass(frozen=True, slots=True)
class Denied:
    """Calls that are refused whatever their arguments are."""

    why: str
    calls: Mapping[str, tuple[int | None, int | None]]
    """Name to its numbers on x86_64 and aarch64; `None` where there is no such call."""
    answer: int = EPERM


@dataclass(frozen=True, slots=True)
class Judged:
    """Calls that are refused for one of their arguments."""

    why: str
    calls: Mapping[str, tuple[int | None, int | None]]
    argument: int
    """Which one, from 0."""
    bits: int = 0
    """Refused where one of these is set."""
    values: tuple[int, ...] = ()
    """Refused where it is one of these."""
    only: tuple[int, ...] = ()
    """Refused where it is none of these."""
    where: tuple[int, int] | None = None
    """An argument and bits of it: without one of them, the call is not looked at."""
    answer: int = EPERM


_NEW_NAMESPACES: Final = 0x7E02_0080  # CLONE_NEW* (linux/sched.h): user, pid, net, mount, ipc, uts, cgroup, time
_CREATES: Final = 0x40 | 0x40_0000  # O_CREAT and O_TMPFILE, without which a mode means nothing
_SET_ID: Final = 0o6000
_TIOCSTI, _TIOCLINUX, _TIOCCONS = 0x5412, 0x541C, 0x541D
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10

RULES: Final[tuple[Denied | Judged, ...]] = (
    Denied("its flags lie in memory, where no filter sees them; libc then calls clone", {"clone3": (435, 435)}, ENOSYS),
    Denied("its mode lies in memory; libc then calls openat", {"openat2": (437, 437)}, ENOSYS),
    Denied(
        "a namespace of its own gives a program new rights over the kernel", {"unshare": (272, 97), "setns": (308, 268)}
    ),
    Judged("as unshare", {"clone": (56, 220)}, argument=0, bits=_NEW_NAMESPACES),
    Denied(
        "what is mounted is ours to say",
        {
            "mount": (165, 40),
            "umount2": (166, 39),
            "pivot_root": (155, 41),
            "chroot": (161, 51),
            "open_tree": (428, 428),
            "move_mount": (429, 429),
            "fsopen": (430, 430),
            "fsconfig": (431, 431),
            "fsmount": (432, 432),
            "fspick": (433, 433),
            "mount_setattr": (442, 442),
            "open_tree_attr": (467, 467),
            "swapon": (167, 224),
            "swapoff": (168, 225),
            "quotactl": (179, 60),
            "quotactl_fd": (443, 443),
        },
    ),
    Denied(
        "reads and writes the memory of other programs, or takes what they have open",
        {
            "ptrace": (101, 117),
            "process_vm_readv": (310, 270),
            "process_vm_writev": (311, 271),
            "process_madvise": (440, 440),
            "pidfd_getfd": (438, 438),
            "kcmp": (312, 272),
        },
    ),
    Denied(
        "code that runs in the kernel, and its counters",
        {
            "bpf": (321, 280),
            "perf_event_open": (298, 241),
            "init_module": (175, 105),
            "finit_module": (313, 273),
            "delete_module": (176, 106),
            "kexec_load": (246, 104),
            "kexec_file_load": (320, 294),
            "uselib": (134, None),
            "modify_ldt": (154, None),
        },
    ),
    Denied(
        "keyrings have no namespace: they hold the person's keys",
        {"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    ),
    Denied(
        "its calls pass no filter; much broke out this way",
        {"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    ),
    Denied(
        "holds the kernel at a place that the program chooses, or hides memory from it",
        {"userfaultfd": (323, 282), "memfd_secret": (447, 447)},
    ),
    Denied(
        "opens a file by its number, past all folders above it",
        {"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "lookup_dcookie": (212, 18)},
    ),
    Denied("sees what others do with files", {"fanotify_init": (300, 262)}),
    Denied(
        "the machine's own: its ports, clock, log, name and end",
        {
            "iopl": (172, None),
            "ioperm": (173, None),
            "reboot": (169, 142),
            "acct": (163, 89),
            "syslog": (103, 116),
            "settimeofday": (164, 170),
            "clock_settime": (227, 112),
            "clock_adjtime": (305, 266),
            "adjtimex": (159, 171),
            "sethostname": (170, 161),
            "setdomainname": (171, 162),
            "vhangup": (153, 58),
        },
    ),
    Denied(
        "moves memory between the machine's nodes",
        {
            "mbind": (237, 235),
            "set_mempolicy": (238, 237),
            "migrate_pages": (256, 238),
            "move_pages": (279, 239),
        },
    ),
    Judged(
        "an older face of the kernel, with older faults", {"personality": (135, 92)}, argument=0, only=(0, 0xFFFF_FFFF)
    ),
    Judged(
        "types into the person's terminal",
        {"ioctl": (16, 29)},
        argument=1,
        values=(_TIOCSTI, _TIOCLINUX, _TIOCCONS),
    ),
    Judged(
        "network namespaces do not cover every family of sockets (AF_VSOCK, AF_ALG, AF_NETLINK, …)",
        {"socket": (41, 198), "socketpair": (53, 199)},
        argument=0,
        only=(_AF_UNIX, _AF_INET, _AF_INET6),
        answer=EAFNOSUPPORT,
    ),
    Judged(
        "a file that runs with its owner's rights, in a folder that the person has too",
        {"chmod": (90, None), "fchmod": (91, 52), "creat": (85, None), "mknod": (133, None)},
        argument=1,
        bits=_SET_ID,
    ),
    Judged(
        "as chmod",
        {"fchmodat": (268, 53), "fchmodat2": (452, 452), "mknodat": (259, 33)},
        argument=2,
        bits=_SET_ID,
    ),
    Judged("as chmod", {"open": (2, None)}, argument=2, bits=_SET_ID, where=(1, _CREATES)),
    Judged("as chmod", {"openat": (257, 56)}, argument=3, bits=_SET_ID, where=(2, _CREATES)),
)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32: Final = 0x4000_0000  # numbers from here on are x86_64's calls with short pointers

_Line = tuple[int, int, int, int]


@cache
def program(machine: str) -> bytes:
    """The filter for processors of this kind, as bubblewrap's `--seccomp` takes it.

    Calls of another architecture end the program. `StateForbids` for a processor that has no table.
    """
    column = {"x86_64": 0, "aarch64": 1}.get(machine)
    if column is None:
        raise StateForbids(
            f"programs are confined on x86_64 and aarch64, and this machine is {machine}", code="no-sandbox"
        )
    expected = MACHINES["x86_64" if column == 0 else "aarch64"]
    lines: list[_Line] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, expected),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, ENOSYS),
    ]
    for rule in RULES:
        numbers = [number for pair in rule.calls.values() if (number := pair[column]) is not None]
        for number in numbers:
            then = _judging(rule) if isinstance(rule, Judged) else [(_RETURN, 0, 0, rule.answer)]
            lines += [(_EQUAL, 0, len(then), number), *then]
    lines.append((_RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", code, yes, no, value) for code, yes, no, value in lines)


def _judging(rule: Judged) -> list[_Line]:
    """What decides about one call by an argument: it ends in an answer each way, and never falls through."""
    lines: list[_Line] = [(_LOAD, 0, 0, _low_half(rule.argument))]
    if rule.bits:
        lines.append((_ANY_BIT, 1, 0, rule.bits))
    for place, value in enumerate(rule.values):
        lines.append((_EQUAL, len(rule.values) - place, 0, value))
    if rule.only:
        lines += [(_EQUAL, len(rule.only) - place, 0, value) for place, value in enumerate(rule.only)]
        lines += [(_RETURN, 0, 0, rule.answer), (_RETURN, 0, 0, ALLOW)]
    else:
        lines += [(_RETURN, 0, 0, ALLOW), (_RETURN, 0, 0, rule.answer)]
    if rule.where is not None:
        argument, bits = rule.where
        lines = [(_LOAD, 0, 0, _low_half(argument)), (_ANY_BIT, 1, 0, bits), (_RETURN, 0, 0, ALLOW), *lines]
    return lines


def _low_half(argument: int) -> int:
    return _ARGUMENTS + 8 * argument
