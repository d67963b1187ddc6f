"""The ports that a compose file publishes, in all their spellings; on this machine alone in what is installed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from registry_tool.core.native.compose_values import NOTHING, Fault, baked
from registry_tool.core.quoting import quoted

PORT_RANGE: Final = 32  # more ports in one line than any real file was seen to need

_PORT: Final = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:]+\]|[0-9]+(?:\.[0-9]+){3}|localhost|\*):)?(?:(?P<host>[0-9]{1,5}(?:-[0-9]{1,5})?)?:)?"
    r"(?P<target>[0-9]{1,5}(?:-[0-9]{1,5})?)(?:/(?P<protocol>tcp|udp))?",
    re.IGNORECASE,
)
_LONG: Final = frozenset(("target", "published", "protocol", "host_ip", "mode", "name", "app_protocol"))


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """One published port."""

    host: int
    target: int
    protocol: str
    free: bool = field(default=False, compare=False)
    """Whether the author left the number on the host open."""

    @property
    def permission(self) -> str:
        """The grant that it needs."""
        return f"port:{self.host}/{self.protocol}"


def read_port(value: Any, known: Mapping[str, str] = NOTHING) -> tuple[Port, ...]:  # Any: what YAML holds
    """The ports that one item of `ports` publishes, short or long. Raises `Fault`.

    The address on the host does not count: all are published on this machine alone. A number on the host that is
    left open becomes the container's own.
    """
    if isinstance(value, dict):
        unknown = {name for name in value if name not in _LONG and not name.startswith("x-")}
        if unknown or "target" not in value:
            raise Fault(f"a port has target and published, this is {quoted(str(value))}", 'as: "8080:80"')
        published = "" if value.get("published") is None else f"{value['published']}:"
        text = f"{published}{value['target']}/{value.get('protocol', 'tcp')}"
    elif isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value)
    else:
        raise Fault(f"a port is a text, this is {quoted(str(value))}", 'as: "8080:80"')
    # An address or a host port that a variable without a default leaves open is no address and no host port.
    found = _PORT.fullmatch(baked(text, known, unset=lambda name: "").lstrip(":"))
    if not found:
        raise Fault(f"{quoted(text)} is not a port", 'write host and container, as: "8080:80" or "5353:53/udp"')
    targets = _numbers(found["target"])
    free = not found["host"] or found["host"] == "0"
    hosts = targets if free else _numbers(found["host"])
    if len(hosts) != len(targets):
        raise Fault(f"the ranges of {quoted(text)} have different lengths", 'write one line for each, as: "8080:80"')
    protocol = (found["protocol"] or "tcp").lower()
    return tuple(Port(host, target, protocol, free) for host, target in zip(hosts, targets, strict=True))


def settled(ports: Iterable[Port], taken: set[str]) -> tuple[Port, ...]:
    """`ports` with a number for each that was left open: its own, or the next that is not among `taken`.

    `taken` are permissions; those of the open ports are added to it.
    """
    found = []
    for port in ports:
        settled_port = port
        while port.free and settled_port.permission in taken and settled_port.host < 65535:
            settled_port = replace(port, host=settled_port.host + 1)
        if port.free:
            taken.add(settled_port.permission)
        found.append(settled_port)
    return tuple(found)


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    numbers = range(int(first), int(last or first) + 1)
    if not 0 < len(numbers) <= PORT_RANGE or not 0 < numbers[0] <= numbers[-1] < 65536:
        raise Fault(f"{quoted(text)} is not a port from 1 to 65535, or {PORT_RANGE} of them", 'as: "8080:80"')
    return numbers
