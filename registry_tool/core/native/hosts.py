"""Hosts that something may be allowed to reach, and the `network` permissions made of them.

Only names of the public Internet can be granted: an address or a name of the reader's own network
would let a download look around at home (server-side request forgery).
"""

import re
from typing import Final

from registry_tool.core.confinement import ANYWHERE, Confinement, Endpoint
from registry_tool.core.permissions import Rule

_LABEL: Final = re.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOST_CHARACTERS: Final = 253  # RFC 1035, 2.3.4, in text form
_PORTS: Final = 65535
_PRIVATE: Final = frozenset(
    # RFC 6761, 6762, 7686, 8375, 9476; the others are what home routers and companies use.
    "localhost local localdomain internal intranet private corp home lan arpa invalid onion alt".split()
)


def host_fault(text: str) -> str | None:
    """Why `text` is not a host that can be granted, as the end of a sentence; `None` where it is one.

    A DNS name in lower case with at least two labels, without a trailing dot; no IP address, no name
    of a private network.
    """
    labels = text.split(".")
    if len(text) > _HOST_CHARACTERS:
        return f"a host has at most {_HOST_CHARACTERS} characters"
    if text != text.lower():
        return "a host is written in lower case"
    if labels[-1] in _PRIVATE:
        return "that is a name of a private network"
    if re.fullmatch("[0-9]+|0x[0-9a-f]*", labels[-1]) or set(text) & set(":[]"):
        return "an address is not allowed, only a name"
    if not all(_LABEL.fullmatch(label) for label in labels):
        return "a host is a DNS name such as api.example.org"
    return None if len(labels) > 1 else "a host has a dot, such as api.example.org"


def port_fault(text: str) -> str | None:
    """Why `text` is not a port, as the end of a sentence; `None` for 1 to 65535 without leading zeros."""
    if not re.fullmatch("[1-9][0-9]{0,4}", text, re.ASCII) or int(text) > _PORTS:
        return f"a port is a number from 1 to {_PORTS}"
    return None


def network_covers(old: str, new: str) -> bool:
    """Whether a grant of `old` already allows `new`: `network` any host, `network:h` any port of it."""
    if old == new:
        return True
    return new.startswith("network:" if old == "network" else f"{old}:") and old.partition(":")[0] == "network"


def _refuse(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    return host_fault(groups["host"]) or port_fault(groups.get("port", "1"))


NETWORK_RULES: Final = (
    Rule(
        pattern="network",
        meaning="reach any host on the public Internet",
        allows=lambda match: Confinement(egress=(ANYWHERE,)),
        accepts=("network",),
        rejects=("Network", "network ", "network:", "net", "network:*"),
    ),
    Rule(
        pattern="network:(?P<host>[^:/@\\s]+)",
        meaning="reach {host}",
        allows=lambda match: Confinement(egress=(Endpoint(match["host"]),)),
        accepts=("network:api.example.org", "network:xn--bcher-kva.example.com"),
        rejects=(
            "network:API.example.org",
            "network:localhost",
            "network:printer.local",
            "network:127.0.0.1",
            "network:0x7f.1",
            "network:*.example.org",
            "network:example.org.",
            "network:example.org/path",
            "network:https://example.org",
            "network:user@example.org",
        ),
        refuse=_refuse,
    ),
    Rule(
        pattern="network:(?P<host>[^:/@\\s]+):(?P<port>[^:/@\\s]+)",
        meaning="reach {host} on port {port}",
        allows=lambda match: Confinement(egress=(Endpoint(match["host"], int(match["port"])),)),
        accepts=("network:api.example.org:443", "network:db.example.org:65535"),
        rejects=(
            "network:api.example.org:0",
            "network:api.example.org:0443",
            "network:api.example.org:65536",
            "network:api.example.org:http",
            "network:10.0.0.1:443",
            "network:[::1]:443",
        ),
        refuse=_refuse,
    ),
)
"""`network`, `network:<host>` and `network:<host>:<port>`; their coverage is `network_covers`."""
