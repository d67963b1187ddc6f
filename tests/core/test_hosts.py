"""Only hosts of the public Internet can be granted."""

import pytest

from registry_tool.core.native.hosts import NETWORK_RULES, host_fault, network_covers, port_fault
from registry_tool.core.permissions import Grammar


@pytest.mark.parametrize(
    "host", ["example.org", "api.example.org", "xn--bcher-kva.example.com", "a.b.c.d.example.net", "0x.example.org"]
)
def test_a_public_name_is_good(host: str) -> None:
    """Lower-case DNS names with a dot have no fault."""
    assert host_fault(host) is None


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("", "DNS name"),
        ("intranet", "private"),
        ("server", "has a dot"),
        ("localhost", "private"),
        ("a.localhost", "private"),
        ("nas.local", "private"),
        ("1.0.0.127.in-addr.arpa", "private"),
        ("127.0.0.1", "address"),
        ("127.1", "address"),
        ("1.2.3.0x10", "address"),
        ("[::1]", "address"),
        ("Example.org", "lower case"),
        ("example.org.", "DNS name"),
        ("-a.example.org", "DNS name"),
        ("a_b.example.org", "DNS name"),
        ("a..example.org", "DNS name"),
        ("*.example.org", "DNS name"),
        ("b\u00fccher.example", "DNS name"),
        ("\u0661.\u0661", "DNS name"),
        ("a" * 64 + ".example.org", "DNS name"),
        (".".join(["a" * 60] * 5), "at most 253"),
    ],
)
def test_any_other_name_is_refused_with_why(host: str, why: str) -> None:
    """Addresses, private names and spellings that some resolver reads in another way."""
    fault = host_fault(host)

    assert fault is not None
    assert why in fault


@pytest.mark.parametrize(
    ("port", "good"),
    [("1", True), ("65535", True), ("0", False), ("65536", False), ("080", False), ("", False), ("\u0661", False)],
)
def test_a_port_is_a_plain_number_from_1_to_65535(port: str, good: bool) -> None:
    """No zero, no leading zeros, no other digits."""
    assert good == (port_fault(port) is None)


@pytest.mark.parametrize(
    ("old", "new", "covered"),
    [
        ("network", "network", True),
        ("network", "network:example.org", True),
        ("network", "network:example.org:443", True),
        ("network:example.org", "network:example.org:443", True),
        ("network:example.org:443", "network:example.org:443", True),
        ("network:example.org:443", "network:example.org", False),
        ("network:example.org:44", "network:example.org:443", False),
        ("network:example.org", "network:example.org.evil.example", False),
        ("network:example.org", "network:api.example.org", False),
        ("network:example.org", "network", False),
        ("network", "mcp:network", False),
        ("mcp:a", "mcp:a:b", False),
        ("fs:tmp", "network", False),
    ],
)
def test_a_wider_grant_covers_a_narrower_one(old: str, new: str, covered: bool) -> None:
    """Any host covers one, a host covers its ports, nothing else covers anything but itself."""
    assert covered == network_covers(old, new)


def test_the_words_of_a_grant_name_the_host_and_the_port() -> None:
    """What people read says where to and nothing else."""
    grammar = Grammar(NETWORK_RULES, network_covers)

    assert grammar.explain("network:db.example.org:5432") == "reach db.example.org on port 5432"
    assert "private network" in grammar.findings(["network:localhost"], kind="skill")[0].message
