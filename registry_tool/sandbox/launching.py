"""The parent's side of a launch: what the new process is told, how it is made, and what it tells back."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from registry_tool.core.errors import NotFound, RegistryError
from registry_tool.core.job import Job
from registry_tool.sandbox import launch
from registry_tool.sandbox.diagnosis import restricted, unusable
from registry_tool.sandbox.streams import Streams


@dataclass(frozen=True, slots=True)
class Launched:
    """Bubblewrap by now, and its keeper."""

    process: subprocess.Popen[bytes]
    """The keeper, which ends as bubblewrap does."""
    bubblewrap: int
    sent: tuple[int, ...]
    """Descriptors from inside: the proxy's socket, then the folder of outputs, as far as they were asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one launch needs beside its job."""

    staged: tuple[str, ...]
    """What of its files root puts where nobody gets to them."""
    listen: bool
    """Whether it gets a network with our proxy's socket in it."""
    outputs: bool
    cgroups: tuple[str, ...]


def specify(job: Job, asked: Asked, *, bwrap: str, arguments: int, lifeline: int) -> "launch.Launch":
    """All that the new process is told, but for where it tells back.

    Where AppArmor lets bubblewrap alone make namespaces, an ordinary user has none of ours: then there is no way out to
    give, and the processes of one program are not told from the user's others.
    """
    root, bounds = os.geteuid() == 0, job.bounds
    own = not root and not restricted()
    if (asked.listen or asked.outputs) and not (root or own):
        raise unusable("a network or outputs need namespaces of ours")
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, bounds.open_files),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
    ]
    if bounds.memory is not None:
        limits.append((resource.RLIMIT_AS, bounds.memory))
    if bounds.cpu is not None:
        limits.append((resource.RLIMIT_CPU, bounds.cpu))
    return {
        "bwrap": bwrap,
        "arguments": arguments,
        "command": list(job.command),
        "control": -1,
        "lifeline": lifeline,
        "cgroups": list(asked.cgroups),
        "staged": list(asked.staged),
        "drop": root,
        "listen": asked.listen,
        "outputs": bounds.temporary_bytes if asked.outputs else None,
        "limits": limits,
        "own": own,
        "processes": bounds.processes if root or own else None,
        "wall": bounds.wall,
    }


def begin(spec: "launch.Launch", streams: Streams, *, inherited: Sequence[int]) -> Launched:
    """Makes the process; `StateForbids` where this machine does not let it be confined."""
    import socket

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            spec["control"] = theirs.fileno()
            process = _alone(spec, streams, inherited) if _threads() == 1 else _apart(spec, streams, inherited)
        words, sent, _, _ = socket.recv_fds(ours, 4096, 2)
    for descriptor in sent:
        os.set_inheritable(descriptor, False)
    if not words.startswith(b"ok "):
        for descriptor in sent:
            os.close(descriptor)
        process.wait()
        raise _fault(words)
    return Launched(process, int(words[3:]), tuple(sent))


def _threads() -> int:
    """All threads of this process, also those that Python does not know."""
    return len(os.listdir("/proc/self/task"))


def _alone(spec: "launch.Launch", streams: Streams, inherited: Sequence[int]) -> subprocess.Popen[bytes]:
    """By fork: nothing but this thread exists, so no lock is held that the copy would wait for."""
    return subprocess.Popen(
        launch.command_line(spec),
        executable=spec["bwrap"],
        preexec_fn=lambda: launch.prepare(spec),  # noqa: PLW1509 - see above
        pass_fds=(spec["arguments"], *inherited),
        stdin=streams.stdin,
        stdout=streams.stdout,
        stderr=streams.stderr,
        cwd="/",
        env={},
    )


def _apart(spec: "launch.Launch", streams: Streams, inherited: Sequence[int]) -> subprocess.Popen[bytes]:
    """By a program of its own, which starts with one thread."""
    told = os.memfd_create("launch")
    try:
        os.write(told, json.dumps(spec).encode("utf-8"))
        os.lseek(told, 0, os.SEEK_SET)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", launch.__file__, str(told)],
            pass_fds=(told, spec["arguments"], spec["control"], spec["lifeline"], *inherited),
            stdin=streams.stdin,
            stdout=streams.stdout,
            stderr=streams.stderr,
            cwd="/",
            env={},
        )
    finally:
        os.close(told)


def _fault(words: bytes) -> RegistryError:
    if not words:
        return unusable("the launcher ended without a word")
    told = json.loads(words)
    said = told["said"]
    if told["step"] == "stage" and told["path"]:
        return NotFound(f"it cannot be shown to a confined program: {said}", where=told["path"], code="no-file")
    return unusable(f"{told['step']}: {said}")
