"""Why bubblewrap does not work on a machine, as far as the machine says, and what to do about it."""

import os

from registry_tool.core.errors import StateForbids

_NO_OTHER_WAY = "nothing was started; with all your rights it would be: --unconfined"


def unusable(happened: str) -> StateForbids:
    """The refusal to start: `happened` is what the system answered."""
    why, hint = reason()
    return StateForbids(
        f"programs cannot be confined on this machine: {happened}{f' ({why})' if why else ''}",
        code="no-sandbox",
        hint=hint or f"registry doctor says more; {_NO_OTHER_WAY}",
    )


def reason(root: str = "/") -> tuple[str, str]:
    """What of the machine at `root` stands in the way, and what to do; empty where nothing is known to."""
    if _setting(root, "kernel/unprivileged_userns_clone") == "0":
        return "the system forbids user namespaces (kernel.unprivileged_userns_clone is 0)", _line(
            "kernel.unprivileged_userns_clone=1"
        )
    if _setting(root, "user/max_user_namespaces") == "0":
        return "the system allows no user namespace (user.max_user_namespaces is 0)", _line(
            "user.max_user_namespaces=15000"
        )
    if restricted(root):
        why = "AppArmor takes all rights from user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)"
        return why, _line("kernel.apparmor_restrict_unprivileged_userns=0")
    if _contained(root):
        options = "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
        return "this is a container that allows no other in it", f"use the machine itself, or docker run {options}"
    return "", ""


def restricted(root: str = "/") -> bool:
    """Whether AppArmor takes the rights from user namespaces of programs that have no profile."""
    return _setting(root, "kernel/apparmor_restrict_unprivileged_userns") == "1"


def _line(setting: str) -> str:
    return f"an administrator allows it: sysctl {setting}, and the same line in /etc/sysctl.d/ for after a restart"


def _contained(root: str) -> bool:
    if any(os.path.exists(f"{root}/{path}") for path in (".dockerenv", "run/.containerenv")):
        return True
    try:
        with open(f"{root}/proc/1/environ", "rb") as file:
            return b"container=" in file.read(1 << 16)
    except OSError:
        return False


def _setting(root: str, name: str) -> str:
    try:
        with open(f"{root}/proc/sys/{name}", encoding="ascii") as file:
            return file.read(100).strip()
    except OSError:
        return ""
