"""Which hosts a confined program may reach."""

import pytest

from registry_tool.core.confinement import ANYWHERE, Endpoint
from registry_tool.sandbox.reachable import Refused, check, exactly, normalised, public, resolve

GRANTED = (Endpoint("api.example.org", 443), Endpoint("any.example.org"), Endpoint("bücher.example", 443))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.example.org", "api.example.org"),
        ("API.Example.ORG", "api.example.org"),
        ("api.example.org.", "api.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("_dmarc.example.org", "_dmarc.example.org"),
        ("localhost", "localhost"),
    ],
)
def test_a_name_has_one_form(host: str, expected: str) -> None:
    """Letters, a dot at the end and the way of writing other letters make no difference."""
    assert expected == normalised(host)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x",
        "017700000001",
        "::1",
        "fe80::1%eth0",
        "",
        ".",
        "a..b",
        "-a.example",
        "a b.example",
        "a\r\n.example",
        "a\0.example",
        "a/.example",
        "a@b.example",
        "ü" * 64 + ".example",
        "\u2024.example..",
        "a" * 64 + ".example",
        ".".join(["abcdefgh"] * 30),
    ],
)
def test_what_is_no_name_is_refused(host: str) -> None:
    """An address in any notation, and what no resolver takes."""
    with pytest.raises(Refused):
        normalised(host)


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("api.example.org", 443, "api.example.org"),
        ("API.example.org.", 443, "api.example.org"),
        ("any.example.org", 8443, "any.example.org"),
        ("BÜCHER.example", 443, "xn--bcher-kva.example"),
    ],
)
def test_a_granted_host_is_reached(host: str, port: int, expected: str) -> None:
    """A name that is granted, with its port, is given as it is looked up."""
    assert expected == check(GRANTED, host, port)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("api.example.org", 80),
        ("example.org", 443),
        ("x.api.example.org", 443),
        ("api.example.org.evil.example", 443),
        ("xapi.example.org", 443),
        ("other.example", 443),
    ],
)
def test_what_is_not_granted_is_refused(host: str, port: int) -> None:
    """Another port, a name below, above or beside."""
    with pytest.raises(Refused, match=f"{host}:{port} is not granted"):
        check(GRANTED, host, port)


def test_anywhere_is_every_name_with_a_dot() -> None:
    """A grant of the whole network has every port; names of the network here are not of it."""
    assert "some.example" == check((ANYWHERE,), "some.example", 8080)
    with pytest.raises(Refused, match="router:80 is not granted"):
        check((ANYWHERE,), "router", 80)
    assert (False, True) == (exactly((ANYWHERE,), "some.example"), exactly(GRANTED, "any.example.org"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("1.1.1.1", True),
        ("2606:4700:4700::1111", True),
        ("64:ff9b::101:101", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.0.0.8", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1", False),
        ("2001:0:102:304::1", False),
        ("2001:db8::1", False),
        ("2002:7f00:1::1", False),
        ("fc00::1", False),
        ("fd12:3456::1", False),
        ("fe80::1", False),
        ("fe80::1%1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("no address", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address: str, expected: bool) -> None:
    """Private, shared, local, multicast and wrapped addresses are not, whatever wraps them."""
    assert expected == public(address)


def test_a_name_of_this_machine_is_refused() -> None:
    """What resolves to loopback is not reached, though it is granted."""
    with pytest.raises(Refused, match="localhost is an address of a private network"):
        resolve("localhost", 443)


def test_an_unknown_name_has_no_address() -> None:
    """What no resolver knows resolves to nothing."""
    assert () == resolve("nobody.invalid", 443)
