"""How much of the machine a service of a compose file may use; where it says nothing, a generous bound."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from registry_tool.core.native.compose_env import text_of
from registry_tool.core.native.compose_values import NOTHING, Fault, baked
from registry_tool.core.quoting import quoted

MEMORY: Final = "4g"  # what a service may use where its author says nothing: a database with its cache fits
MEMORY_MOST: Final = 64 * 1024**3  # bytes; more is no limit on a machine that people have
PIDS: Final = 2048  # processes and threads; what podman allows where nothing is said
PIDS_MOST: Final = 16384

_AMOUNT: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<unit>[bkmgtBKMGT]?)(?:[iI]?[bB])?")
_UNITS: Final = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_ULIMITS: Final = ("nofile", "nproc", "memlock", "core", "stack", "rtprio", "sigpending", "msgqueue", "locks")
_SYSCTLS: Final = re.compile(
    r"net\.(?:core\.somaxconn|ipv4\.(?:ip_local_port_range|ip_unprivileged_port_start|ping_group_range"
    r"|tcp_[a-z0-9_]+)|ipv6\.conf\.(?:all|default|lo)\.disable_ipv6)"
)
"""Settings of the kernel that hold in the container's own network alone."""


def amount(key: str, value: Any, known: Mapping[str, str] = NOTHING) -> str:  # Any: what YAML holds
    """A number with its unit, as `512m`, in the one spelling that every engine reads. Raises `Fault`."""
    text = baked(text_of(key, value), known).strip()
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise Fault(f"{key} is a number, this is {quoted(text)}", f"as: {key}: 512m")
    return found["number"] + found["unit"].lower()


def deployed(value: Any, known: Mapping[str, str] = NOTHING) -> dict[str, str]:  # Any: what YAML holds
    """The limits that `deploy` sets, under the names that a single machine's engine reads. Raises `Fault`."""
    resources = value.get("resources") if isinstance(value, dict) else None
    found: dict[str, str] = {}
    for name, part in resources.items() if isinstance(resources, dict) else ():
        if not isinstance(part, dict):
            continue
        if part.get("devices") or part.get("generic_resources"):
            raise Fault("deploy asks for devices of the host", "an app cannot have devices")
        for key, own in (("cpus", "cpus"), ("memory", "mem_limit"), ("pids", "pids_limit")):
            if name == "limits" and part.get(key) is not None and str(part[key]) not in ("0", "-1"):
                found[own] = amount(own, part[key], known)
    return found


def bounded(rest: Mapping[str, Any], note: Callable[[str, str], None]) -> dict[str, Any]:  # Any: JSON
    """`rest` with a bound on memory and processes; `note` hears what is bounded closer than its author wrote."""
    memory, pids, shared = rest.get("mem_limit"), rest.get("pids_limit"), rest.get("shm_size")
    found = dict(rest)
    found["mem_limit"] = MEMORY if memory is None or not _size(memory) else memory
    if _size(found["mem_limit"]) > MEMORY_MOST:
        note("mem_limit", "at most 64g")
        found["mem_limit"] = "64g"
    if shared is not None and _size(shared) > MEMORY_MOST:
        note("shm_size", "at most 64g")
        found["shm_size"] = "64g"
    wanted = _size(pids) if pids is not None else 0
    found["pids_limit"] = min(wanted, PIDS_MOST) or PIDS
    if wanted > PIDS_MOST:
        note("pids_limit", f"at most {PIDS_MOST}")
    return found


def ulimits(value: Any) -> tuple[dict[str, Any], bool]:  # Any: what YAML holds
    """The limits of processes that stay, and whether some do not."""
    kept: dict[str, Any] = {}
    for name, limit in value.items() if isinstance(value, dict) else ():
        numbers = limit if isinstance(limit, dict) else {"soft": limit, "hard": limit}
        plain = numbers.keys() == {"soft", "hard"} and all(type(one) is int for one in numbers.values())
        if name in _ULIMITS and plain:
            kept[name] = limit
    return kept, isinstance(value, dict) and kept.keys() != value.keys()


def sysctls(value: Any) -> tuple[dict[str, str], bool]:  # Any: what YAML holds
    """The settings of the container's own network, and whether there are others."""
    rows = [str(item).partition("=")[::2] for item in value] if isinstance(value, list) else []
    pairs = dict(rows) if isinstance(value, list) else value if isinstance(value, dict) else {}
    kept = {
        name: str(text)
        for name, text in pairs.items()
        if _SYSCTLS.fullmatch(name) and re.fullmatch("[0-9][0-9 \t]{0,40}", str(text))
    }
    return kept, kept.keys() != pairs.keys()


def _size(text: Any) -> int:  # Any: a number of YAML, or what `amount` gave
    found = _AMOUNT.fullmatch(str(text))
    return int(float(found["number"]) * _UNITS[found["unit"].lower()]) if found else 0
