"""Which hosts and addresses a confined program may reach: the rules of its proxy, without the proxy.

A name is compared as names are looked up: small letters, no dot at its end, its ASCII form. A number in place of a
name is refused, so that the name that was granted is always the one that was looked up. What a name resolves to must be
an address of the public Internet, and that very address is connected to: a second answer changes nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Final

from registry_tool.core.confinement import Endpoint

Address = tuple[socket.AddressFamily, str, int]

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NAME_CHARACTERS: Final = 253  # RFC 1035
_UNICAST: Final = ipaddress.ip_network("2000::/3")  # all that is given out (RFC 4291)
_TUNNELS: Final = tuple(ipaddress.ip_network(one) for one in ("2001::/32", "2002::/16"))  # Teredo, 6to4: hide another
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_ODD: Final = tuple(ipaddress.ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24"))  # RFC 6890, 7526


class Refused(Exception):  # an answer to a program inside, not an error of ours
    """A program may not reach this; the text says why, for its author."""


def normalised(host: str) -> str:
    """The name as it is looked up and compared; `Refused` for an IP address in any notation, and for no name."""
    text = host.removesuffix(".").lower()
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise Refused("this is not the name of a host") from None
    labels = text.split(".")
    if len(text) > _NAME_CHARACTERS or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("the name of a host was expected, not an address" if ":" in text else "this is no host's name")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise Refused("the name of a host was expected, not an address")
    return text


def check(allowed: Sequence[Endpoint], host: str, port: int) -> str:
    """The name as it is looked up, where `allowed` has it with this port; `Refused` otherwise."""
    name = normalised(host)
    for one in allowed:
        if one.port is not None and one.port != port:
            continue
        if one.host == "*":
            if "." in name:  # names without a dot are those of the network here
                return name
        elif normalised(one.host) == name:
            return name
    raise Refused(f"{name}:{port} is not granted")


def exactly(allowed: Sequence[Endpoint], name: str) -> bool:
    """Whether `name` itself is granted, and not just any."""
    return any(one.host != "*" and normalised(one.host) == name for one in allowed)


def public(address: str) -> bool:
    """Whether this is an address of the public Internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # with a zone: of a link
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found not in _UNICAST or any(found in one for one in _TUNNELS):
            return False
    if found.is_multicast or found.is_reserved or any(found in one for one in _ODD):
        return False
    return found.is_global


def resolve(host: str, port: int) -> tuple[Address, ...]:
    """What `host` resolves to: nothing where it is not known; `Refused` if any of it is not public."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    found = tuple((family, str(where[0]), port) for family, _, _, _, where in answers)
    if not all(public(address) for _, address, _ in found):
        raise Refused(f"{host} is an address of a private network")
    return found
