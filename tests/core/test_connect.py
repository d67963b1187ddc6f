"""Addresses that a module talks to, and the permissions that they need."""

import pytest

from registry_tool.core.native.connect import CONNECT_RULES, connect_needs
from registry_tool.core.permissions import Grammar

GRAMMAR = Grammar(CONNECT_RULES)


@pytest.mark.parametrize(
    ("address", "needs"),
    [
        ("https://api.example.org", ("connect:https://api.example.org",)),
        ("https://API.example.org:443/v1?q#f", ("connect:https://api.example.org",)),
        ("wss://live.example.org:8443", ("connect:https://live.example.org:8443",)),
        ("http://api.example.org", ()),
        ("ws://api.example.org", ()),
        ("https://localhost:3000", ()),
        ("https://10.0.0.1", ()),
        ("https://[::1]:8443", ()),
        ("https://api.example.org:99999", ()),
        ("ftp://x", ()),
    ],
)
def test_an_address_needs_its_host_or_is_refused(address: str, needs: tuple[str, ...]) -> None:
    """Each address gives one permission that the grammar knows, or one finding that refuses it (M5)."""
    found, findings = connect_needs([address, address], "f")

    assert needs == found
    assert all(GRAMMAR.explain(need) for need in found)
    assert bool(findings) == (not needs)


def test_a_host_covers_no_other_host_and_no_other_port() -> None:
    """A grant covers the same text only."""
    assert not GRAMMAR.covered(["connect:https://example.org"], "connect:https://api.example.org")
    assert not GRAMMAR.covered(["connect:https://example.org"], "connect:https://example.org:8443")
