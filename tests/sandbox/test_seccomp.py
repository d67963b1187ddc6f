"""The filter of system calls: what the kernel would answer, for both kinds of processors."""

import errno
import re
import struct
from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids
from registry_tool.sandbox.seccomp import (
    ALLOW,
    EAFNOSUPPORT,
    ENOSYS,
    EPERM,
    KILL,
    MACHINES,
    RULES,
    Denied,
    Judged,
    program,
)

HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+) (\d+)"),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+) (\d+)"),
}
"""Where linux-libc-dev has the numbers."""


def answer(code: bytes, number: int, *arguments: int, architecture: int) -> int:
    """What the filter answers: classic BPF (linux/bpf_common.h), as far as ours uses it."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    lines = [struct.unpack_from("<HBBI", code, place) for place in range(0, len(code), 8)]
    held, at = 0, 0
    while True:
        operation, yes, no, value = lines[at]
        at += 1
        if operation == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return int(value)
        else:
            met = {0x15: held == value, 0x35: held >= value, 0x45: held & value != 0}[operation]
            at += yes if met else no


def on(machine: str, number: int, *arguments: int) -> int:
    """What it answers to a call on this kind of processor."""
    return answer(program(machine), number, *arguments, architecture=MACHINES[machine])  # type: ignore[index] # of a table


def numbers(machine: str) -> dict[str, int]:
    """All calls of the tables, with their numbers there."""
    column = list(MACHINES).index(machine)  # type: ignore[arg-type] # of a table
    found = {name: pair[column] for rule in RULES for name, pair in rule.calls.items()}
    return {name: number for name, number in found.items() if number is not None}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    """Every call in the table has the number of linux-libc-dev's headers, as far as they know it."""
    path, pattern = HEADERS[machine]
    known = {name: int(number) for name, number in re.findall(pattern, path.read_text("ascii"))}
    ours = numbers(machine)
    compared = {name: number for name, number in ours.items() if name in known}

    assert {name: known[name] for name in compared} == compared
    assert len(compared) > 50


@pytest.mark.parametrize("machine", MACHINES)
def test_a_denied_call_is_refused_whatever_it_is_given(machine: str) -> None:
    """The calls of every row of the table answer with its error."""
    column = list(MACHINES).index(machine)  # type: ignore[arg-type] # of a table
    expected = {
        (number, given): rule.answer
        for rule in RULES
        if isinstance(rule, Denied)
        for pair in rule.calls.values()
        if (number := pair[column]) is not None
        for given in (0, 1, 2**64 - 1)
    }

    assert expected == {asked: on(machine, asked[0], asked[1]) for asked in expected}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_in_no_row_is_allowed(machine: str) -> None:
    """Reading, writing, starting threads and all else that the table does not name stays possible."""
    named = set(numbers(machine).values())
    others = [number for number in range(470) if number not in named]

    assert {ALLOW} == {on(machine, number, 2**64 - 1) for number in others}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("socket", (1,), ALLOW),
        ("socket", (2,), ALLOW),
        ("socket", (10,), ALLOW),
        ("socket", (0,), EAFNOSUPPORT),
        ("socket", (16,), EAFNOSUPPORT),
        ("socket", (17,), EAFNOSUPPORT),
        ("socket", (38,), EAFNOSUPPORT),
        ("socket", (40,), EAFNOSUPPORT),
        ("socket", (2**32 + 40,), EAFNOSUPPORT),
        ("socketpair", (1,), ALLOW),
        ("socketpair", (16,), EAFNOSUPPORT),
        ("clone", (17,), ALLOW),
        ("clone", (0x3D0F00,), ALLOW),
        ("clone", (0x10000000 | 17,), EPERM),
        ("clone", (0x20000,), EPERM),
        ("clone", (0x40000000,), EPERM),
        ("clone", (0x02000000,), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (0, 0xFFFFFFFF00005412), EPERM),
        ("ioctl", (0, 0x541C), EPERM),
        ("ioctl", (0, 0x541D), EPERM),
        ("personality", (0,), ALLOW),
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0x40000,), EPERM),
        ("fchmod", (3, 0o755), ALLOW),
        ("fchmod", (3, 0o4755), EPERM),
        ("fchmod", (3, 0o2755), EPERM),
        ("fchmodat", (3, 0, 0o4755), EPERM),
        ("fchmodat2", (3, 0, 0o4755), EPERM),
        ("mknodat", (3, 0, 0o104755), EPERM),
        ("openat", (3, 0, 0, 0o4755), ALLOW),
        ("openat", (3, 0, 0o101, 0o755), ALLOW),
        ("openat", (3, 0, 0o101, 0o4755), EPERM),
        ("openat", (3, 0, 0o20200002, 0o4755), EPERM),
        ("clone3", (), ENOSYS),
        ("openat2", (), ENOSYS),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_a_judged_call_depends_on_its_argument(machine: str, name: str, given: tuple[int, ...], expected: int) -> None:
    """A call that is judged by an argument answers as the row says, also where its high half is set."""
    assert expected == on(machine, numbers(machine)[name], *given)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("open", (0, 0, 0o4755), ALLOW),
        ("open", (0, 0o101, 0o4755), EPERM),
        ("creat", (0, 0o4755), EPERM),
        ("chmod", (0, 0o4755), EPERM),
        ("chmod", (0, 0o755), ALLOW),
        ("mknod", (0, 0o104755), EPERM),
    ],
)
def test_the_older_calls_of_x86_are_judged_alike(name: str, given: tuple[int, ...], expected: int) -> None:
    """What aarch64 never had is judged as its newer form."""
    assert expected == on("x86_64", numbers("x86_64")[name], *given)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("architecture", [0x40000003, 0xC000003E, 0xC00000B7, 0x40000028, 0])
def test_a_call_of_another_architecture_ends_the_program(machine: str, architecture: int) -> None:
    """The same numbers mean other calls there."""
    expected = ALLOW if architecture == MACHINES[machine] else KILL  # type: ignore[index] # of a table

    assert expected == answer(program(machine), 0, architecture=architecture)


def test_calls_with_short_pointers_are_unknown() -> None:
    """The x32 face of x86_64, whose numbers begin at 2**30, is not there."""
    assert {ENOSYS} == {on("x86_64", number) for number in (0x40000000, 0x40000000 | 41, 0xFFFFFFFF)}


def test_each_rule_says_why() -> None:
    """No row of the table stands without a reason, and no call stands in two."""
    names = [name for rule in RULES for name in rule.calls]

    assert all(rule.why for rule in RULES)
    assert sorted(set(names)) == sorted(names)
    assert {1, errno.ENOSYS, errno.EAFNOSUPPORT} == {rule.answer & 0xFFFF for rule in RULES}
    assert all(rule.bits or rule.values or rule.only for rule in RULES if isinstance(rule, Judged))


def test_another_processor_is_refused() -> None:
    """On a processor without a table nothing starts."""
    with pytest.raises(StateForbids, match="this machine is riscv64") as refused:
        program("riscv64")

    assert "no-sandbox" == refused.value.code
