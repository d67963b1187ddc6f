"""Which addresses may be used, and what the environment says about them."""

from pathlib import Path

import pytest

from registry_tool.core.errors import WrongUsage
from registry_tool.stores.address import login_for, may_follow, proxy_for, site_address


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org/r//", "https://example.org/r/"),
        ("http://localhost:8080/r", "http://localhost:8080/r/"),
        ("http://127.8.9.1/", "http://127.8.9.1/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_a_good_address_ends_with_a_slash(given: str, expected: str) -> None:
    """https goes anywhere, http to this machine."""
    assert expected == site_address(given)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("http://example.org/", "plain-http"),
        ("http://127.0.0.1.example.org/", "plain-http"),
        ("http://10.0.0.1/", "plain-http"),
        ("http://localhost.example.org/", "plain-http"),
        ("ftp://example.org/", "bad-address"),
        ("example.org", "bad-address"),
        ("https://", "bad-address"),
        ("https://u:p@example.org/", "bad-address"),
        ("https://example.org/?a", "bad-address"),
        ("https://example.org/#a", "bad-address"),
        ("https://example.org:port/", "bad-address"),
        ("https://[::1/", "bad-address"),
    ],
)
def test_a_bad_address_is_refused(given: str, code: str) -> None:
    """Plain http to others, other schemes and half addresses are wrong usage."""
    with pytest.raises(WrongUsage) as caught:
        site_address(given)

    assert code == caught.value.code


@pytest.mark.parametrize(
    ("origin", "target", "expected"),
    [
        ("https://a.example/", "https://b.example/", True),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "http://localhost/", False),
        ("http://localhost/", "http://127.0.0.1/", True),
        ("http://localhost/", "https://a.example/", True),
        ("http://localhost/", "http://a.example/", False),
        ("https://a.example/", "//", False),
        ("https://a.example/", "https://[::1/", False),
    ],
)
def test_redirects_never_leave_https(origin: str, target: str, expected: bool) -> None:
    """Other https hosts are fine; what was https stays https."""
    assert expected == may_follow(origin, target)


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "p:3128", "HTTPS_PROXY": "http://other"}, "http://p:3128"),
        ({"ALL_PROXY": "https://p"}, "https://p"),
        ({"HTTP_PROXY": "http://p", "http_proxy": "http://p"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "a.org, example.org"}, None),
        ({"HTTPS_PROXY": "http://p", "no_proxy": ".example.org"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "ample.org,"}, "http://p"),
    ],
)
def test_the_proxy_is_what_the_environment_says(env: dict[str, str], expected: str | None) -> None:
    """HTTPS_PROXY and NO_PROXY are honoured, small letters first."""
    assert expected == proxy_for("https://www.example.org/", env)


def test_no_proxy_is_between_us_and_this_machine() -> None:
    """A server on loopback is reached directly."""
    assert proxy_for("http://127.0.0.1:80/", {"http_proxy": "http://p"}) is None


def test_a_proxy_of_another_kind_is_refused() -> None:
    """A SOCKS proxy is told, not passed by."""
    with pytest.raises(WrongUsage) as caught:
        proxy_for("https://example.org/", {"ALL_PROXY": "socks5://p"})

    assert "bad-proxy" == caught.value.code


def test_netrc_is_read_where_the_environment_says(tmp_path: Path) -> None:
    """NETRC goes before ~/.netrc; a host without an entry has no login; no file is none."""
    file = tmp_path / "mine"
    file.write_text("machine example.org login ann password pw\n")
    env = {"NETRC": str(file), "HOME": "/nowhere"}

    assert ("ann", "pw") == login_for("https://example.org/", env)
    assert login_for("https://other.org/", env) is None
    assert login_for("https://example.org/", {"HOME": str(tmp_path)}) is None
    assert login_for("https://example.org/", {}) is None


def test_a_damaged_netrc_is_told(tmp_path: Path) -> None:
    """A file that cannot be parsed is named."""
    (tmp_path / ".netrc").write_text("machine\n")

    with pytest.raises(WrongUsage) as caught:
        login_for("https://example.org/", {"HOME": str(tmp_path)})

    assert ("bad-netrc", str(tmp_path / ".netrc")) == (caught.value.code, caught.value.where)
