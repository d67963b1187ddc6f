"""Hosts that a module in somebody's page may talk to, and the `connect` permissions made of them."""

import re
from collections.abc import Sequence
from typing import Final

from registry_tool.core.confinement import Confinement
from registry_tool.core.findings import Finding
from registry_tool.core.native.hosts import host_fault, port_fault
from registry_tool.core.permissions import Rule
from registry_tool.core.quoting import quoted

_ADDRESS: Final = re.compile(r"(?P<scheme>https|wss)://(?P<host>\[[^\]]*\]|[^:/?#]*)(?::(?P<port>[0-9]+))?(?:[/?#].*)?")
_USUAL_PORT: Final = "443"


def _refuse(match: re.Match[str]) -> str | None:
    port = match.groupdict().get("port")
    return host_fault(match["host"]) or (port_fault(port) if port else None)


CONNECT_RULES: Final = (
    Rule(
        pattern=r"connect:https://(?P<host>[^:/@\s]+)",
        meaning="talk to {host} over an encrypted connection",
        allows=lambda match: Confinement(origins=(f"https://{match['host']}",)),
        accepts=("connect:https://api.example.org",),
        rejects=(
            "connect:http://api.example.org",
            "connect:wss://api.example.org",
            "connect:https://API.example.org",
            "connect:https://api.example.org/",
            "connect:https://api.example.org/path",
            "connect:https://user@example.org",
            "connect:https://*.example.org",
            "connect:https://localhost",
            "connect:https://127.0.0.1",
            "connect:api.example.org",
        ),
        refuse=_refuse,
    ),
    Rule(
        pattern=r"connect:https://(?P<host>[^:/@\s]+):(?P<port>[^:/@\s]+)",
        meaning="talk to {host} on port {port} over an encrypted connection",
        allows=lambda match: Confinement(origins=(f"https://{match['host']}:{match['port']}",)),
        accepts=("connect:https://api.example.org:8443",),
        rejects=(
            "connect:https://api.example.org:0",
            "connect:https://api.example.org:08443",
            "connect:https://10.0.0.1:8443",
            "connect:https://[::1]:8443",
        ),
        refuse=_refuse,
    ),
)
"""`connect:https://<host>` and with a port; `https` stands for `wss` to the same host too, which reaches no more."""


def connect_needs(addresses: Sequence[str], path: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """A permission for each host among `addresses`, sorted, and the addresses that nothing can permit.

    `path` is the file that names them. A path below a host is not told apart: browsers grant whole hosts.
    """
    needs, found = set(), []
    for address in addresses:
        permission, fault = _permission(address)
        if fault:
            message = f"connect names {quoted(address)}, which cannot be granted: {fault}"
            found.append(Finding("connect", "fail", message, path, "write an address as https://api.example.org"))
        else:
            needs.add(permission)
    return tuple(sorted(needs)), tuple(found)


def _permission(address: str) -> tuple[str, str | None]:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return "", "only https and wss are encrypted"
    host = match["host"].lower()
    port = "" if match["port"] in (None, _USUAL_PORT) else match["port"]
    permission = f"connect:https://{host}:{port}" if port else f"connect:https://{host}"
    return permission, host_fault(host) or (port_fault(port) if port else None)
