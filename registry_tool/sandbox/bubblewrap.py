"""Bubblewrap: where it is, what it knows, and the arguments that make a place for one job."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import NotFound, StateForbids, WrongUsage
from registry_tool.core.job import Job, Shown
from registry_tool.sandbox.launch import NOBODY, OUTPUTS, PROXY_PORT, STAGE

PLACES: Final = ("/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap", "/run/current-system/sw/bin/bwrap")
"""Where systems put it. A PATH is not asked: it may name a folder that others write."""
OUTPUTS_TARGET: Final = "/outputs"
"""Where a program finds the folder for what it makes."""
INSTALL_HINT: Final = "install bubblewrap 0.8 or newer (Debian and Ubuntu: apt install bubblewrap)"

_RESERVED: Final = ("/proc", "/dev", "/sys", "/tmp", OUTPUTS_TARGET)  # noqa: S108 - names inside
_PROXY: Final = f"http://127.0.0.1:{PROXY_PORT}"
PROXY_ENV: Final = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _PROXY),
    "NODE_USE_ENV_PROXY": "1",
}
"""How programs find our proxy; those that do not look reach nothing."""


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The program of this machine."""

    path: str
    disables_namespaces: bool
    """Whether it can forbid new user namespaces itself (0.8), which the system call filter does as well."""


def find(places: Sequence[str] = PLACES) -> Bubblewrap:
    """Bubblewrap on this machine; `StateForbids` where it is not there, or too old, or gives root to who calls it."""
    if sys.platform != "linux":
        raise _unusable(
            f"programs are confined on Linux only, and this is {sys.platform}",
            "use a Linux machine or container for it, or start it with your own rights: --unconfined",
        )
    path = next((one for one in places if os.access(one, os.X_OK)), None)
    if path is None:
        raise _unusable("bubblewrap, which confines programs, is not installed", INSTALL_HINT)
    if os.stat(path).st_mode & 0o6000:
        raise _unusable(
            f"{path} runs as root for everybody (setuid), and is not used that way",
            f"allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), then: chmod u-s {path}",
        )
    with open(path, "rb") as file:
        words = file.read(4 << 20)
    if b"size" not in words or b"json-status-fd" not in words or b"--args" not in words:
        raise _unusable(f"{path} is too old", INSTALL_HINT)
    return Bubblewrap(path, b"--disable-userns" in words)


def _unusable(message: str, hint: str) -> StateForbids:
    return StateForbids(message, code="no-sandbox", hint=hint)


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What bubblewrap inherits, by number."""

    seccomp: int
    status: int
    go: int
    """The program waits for a byte on this: until we hold its first process, and it is in its cgroup."""
    chat: int | None


def arguments(
    bubblewrap: Bubblewrap,
    job: Job,
    confinement: Confinement,
    *,
    staged: Sequence[str],
    outputs: bool,
    given: Descriptors,
) -> list[str]:
    """All arguments for `job` but its command; those of its files that are `staged` are where `launch` puts them."""
    said = ["--unshare-all", "--unshare-user", *(["--share-net"] if confinement.egress else [])]
    said += ["--disable-userns"] if bubblewrap.disables_namespaces else []
    said += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "item"]
    said += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--clearenv"]
    for name, value in _environment(job, confinement, given.chat).items():
        said += ["--setenv", name, value]
    said += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    if confinement.temporary:
        said += ["--size", str(job.bounds.temporary_bytes), "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108
    else:
        said += ["--dir", "/tmp"]  # noqa: S108
    for shown, source in _sources(job, staged):
        said += ["--bind" if shown.writable else "--ro-bind", source, shown.target]
    if outputs:
        said += ["--bind", f"{STAGE}/{OUTPUTS}", OUTPUTS_TARGET]
    said += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", job.cwd]
    said += ["--block-fd", str(given.go)]
    return [*said, "--json-status-fd", str(given.status), "--seccomp", str(given.seccomp)]


def _environment(job: Job, confinement: Confinement, chat: int | None) -> dict[str, str]:
    env = dict(job.env)
    if confinement.egress:
        env.update(PROXY_ENV)
    if chat is not None:
        env["REGISTRY_CHAT_FD"] = str(chat)
    return env


def _sources(job: Job, staged: Sequence[str]) -> list[tuple[Shown, str]]:
    """What is shown, folders before what lies in them, and where bubblewrap finds each."""
    places = [(one, f"{STAGE}/{staged.index(one.source)}" if one.source in staged else one.source) for one in job.shown]
    return sorted(places, key=lambda place: place[0].target.count("/"))


def closed(job: Job) -> tuple[str, ...]:
    """The files and folders shown that nobody gets to: a folder above is root's alone, or a person's."""
    return tuple(one.source for one in job.shown if not _reached(os.path.realpath(one.source)))


def _reached(path: str) -> bool:
    above = os.path.dirname(path)
    while above != "/":
        if not os.stat(above).st_mode & 0o1:
            return False
        above = os.path.dirname(above)
    return True


def check(job: Job) -> None:
    """Refuses a job that says nothing sensible; `NotFound` for a file that is not there."""
    texts = [*job.command, job.cwd, *job.env, *job.env.values()]
    texts += [text for one in job.shown for text in (one.source, one.target)]
    if not job.command or any("\0" in text for text in texts):
        raise WrongUsage("a command, without NUL, was expected", code="bad-job")
    if any(not name or "=" in name for name in job.env):
        raise WrongUsage("names of variables, without `=`, were expected", code="bad-job")
    for one in job.shown:
        target = os.path.normpath(one.target)
        if not one.source.startswith("/") or not one.target.startswith("/") or target != one.target or target == "/":
            raise WrongUsage(
                "absolute paths without `..` were expected", where=f"{one.source} as {one.target}", code="bad-job"
            )
        if any(f"{target}/".startswith(f"{taken}/") for taken in _RESERVED):
            raise WrongUsage(f"nothing of the host is shown at {target}", code="bad-job")
        if not os.path.exists(one.source):
            raise NotFound("it is needed to start the program, and is not there", where=one.source, code="no-file")
        if os.geteuid() == 0:
            _readable(one)


def _readable(shown: Shown) -> None:
    """Refuses what root alone may read: the program runs as nobody, so that it is never root on the machine."""
    found = os.stat(shown.source)
    needed = 0o5 if os.path.isdir(shown.source) else 0o4
    if found.st_mode & needed != needed:
        raise StateForbids(
            "root alone may read it, and a program of root's is confined as nobody",
            where=shown.source,
            code="unreadable",
            hint=f"chmod -R a+rX {shown.source}",
        )
