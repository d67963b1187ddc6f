"""Reading a registry over HTTP from real servers, good and bad."""

import gzip
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput, RegistryError, Unreachable, WrongUsage
from registry_tool.stores.http import HttpSource
from tests.stores import servers
from tests.stores.servers import Route, Site, answer, in_turn, serving


def source(site: Site, **settings: Any) -> HttpSource:
    """A source with short times for `site`."""
    return HttpSource(site.url, env={}, **({"retry_seconds": 0.0} | settings))


def fault(route: Route, *, path: str = "index/registry.json", limit: int = 1000, **settings: float) -> RegistryError:
    """What fetching an answer of `route` raises."""
    with serving({f"/{path}": route}) as site, pytest.raises(RegistryError) as caught:
        source(site, **settings).fetch(path, limit=limit)
    return caught.value


def test_a_file_comes_as_it_is() -> None:
    """The bytes are those that the server has, also where the address has no slash at its end."""
    with serving({"/sub/index/registry.json": answer(b'{"a": 1}')}) as site:
        client = HttpSource(site.url + "sub", env={})

        assert (b'{"a": 1}', site.url + "sub/") == (client.fetch("index/registry.json", limit=8), client.where)


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_is_none(status: int) -> None:
    """Not there and gone are answers, not failures."""
    with serving({"/a.json": answer(b"<html>none", status=status)}) as site:
        assert source(site).fetch("a.json", limit=10) is None


def test_gzip_is_undone() -> None:
    """A compressed answer is bounded by what it holds, exactly."""
    with serving({"/a.json": answer(gzip.compress(b"x" * 1000, mtime=0), Content_Encoding="gzip")}) as site:
        assert b"x" * 1000 == source(site).fetch("a.json", limit=1000)


def test_many_files_share_few_connections_and_keep_their_order() -> None:
    """Forty files come in order over at most six connections, and a later fetch opens none."""
    routes = {f"/{number}.json": answer(str(number).encode()) for number in range(40)}
    with serving(routes) as site:
        client = source(site)

        found = client.fetch_all([(f"{number}.json", 10) for number in range(40)])
        opened = site.connections
        client.fetch("1.json", limit=10)

    assert tuple(str(number).encode() for number in range(40)) == found
    assert opened <= 6
    assert opened == site.connections


def test_no_files_are_no_requests() -> None:
    """Fetching nothing is nothing."""
    with serving() as site:
        assert ((), []) == (source(site).fetch_all([]), site.requests)


BOMB = gzip.compress(gzip.compress(b"\0" * 30_000_000, mtime=0) * 50, mtime=0)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"x" * 1001, {}, id="plain"),
        pytest.param(gzip.compress(b"x" * 1001, mtime=0), {"Content_Encoding": "gzip"}, id="gzip"),
        pytest.param(BOMB, {"Content_Encoding": "gzip"}, id="bomb"),
    ],
)
def test_more_than_the_limit_is_refused(body: bytes, headers: dict[str, str]) -> None:
    """One byte more, before or after decoding, is too much; a bomb is not unpacked."""
    error = fault(answer(body, status=200, **headers))

    assert (InvalidInput, "too-large") == (type(error), error.code)


@pytest.mark.parametrize(
    ("route", "code"),
    [
        (answer(b"{", Content_Length="5"), "cut-off"),
        (servers.cut, "cut-off"),
        (answer(gzip.compress(b"x" * 500)[:-4], Content_Encoding="gzip"), "cut-off"),
        (answer(b"no gzip", Content_Encoding="gzip"), "cut-off"),
        (answer(b"x", Content_Encoding="br"), "server-error"),
        (answer(b"x", status=500), "server-error"),
        (answer(b"x", status=503), "server-error"),
        (answer(b"x", status=429), "server-error"),
        (answer(b"x", status=418), "server-error"),
        (answer(b"x", status=304), "server-error"),
        (answer(b"x", status=401), "denied"),
        (answer(b"x", status=403), "denied"),
        (answer(b" \n<!DOCTYPE HTML><p>log in"), "not-a-registry"),
        (answer(b"<p>log in"), "not-a-registry"),
        (answer(b"log in", Content_Type="text/html; charset=utf-8"), "not-a-registry"),
        (answer(b"", status=302, Location="/index/registry.json"), "bad-redirect"),
        (answer(b"", status=302, Location="http://example.org/"), "bad-redirect"),
        (answer(b"", status=302, Location="file:///etc/passwd"), "bad-redirect"),
        (answer(b"", status=302, Location="http://127.0.0.1:x/"), "bad-redirect"),
        (answer(b"", status=302, Location="https://u:p@example.org/"), "bad-redirect"),
        (answer(b"", status=302), "server-error"),
    ],
)
def test_an_answer_that_is_no_good_is_told(route: Route, code: str) -> None:
    """Each kind of bad answer has its code; none comes through as bytes."""
    error = fault(route)

    assert (Unreachable, code) == (type(error), error.code)


@pytest.mark.parametrize(
    "route",
    [
        servers.silent,
        servers.endless_headers,
        servers.endless(b"x", pause=0.02),
    ],
)
def test_a_server_that_does_not_end_is_left(route: Route) -> None:
    """Silence and drips, in headers and bodies, end at the deadline."""
    begun = time.monotonic()
    error = fault(route, limit=10_000_000, deadline_seconds=0.3)

    assert (Unreachable, "timeout") == (type(error), error.code)
    assert time.monotonic() - begun < 5


def test_an_endless_404_is_none() -> None:
    """That nothing is there is known before the page that says so has ended."""
    with serving({"/a": servers.endless(b"x", pause=0.01, status=404)}) as site:
        assert source(site).fetch("a", limit=10) is None


def test_an_endless_flood_ends_at_the_limit() -> None:
    """A body without an end is cut at the bytes that were allowed."""
    error = fault(servers.endless(b"x" * 10_000))

    assert (InvalidInput, "too-large") == (type(error), error.code)


@pytest.mark.parametrize("first", [answer(b"x", status=503), answer(b"x", status=429), servers.cut])
def test_a_failure_is_tried_once_more(first: Route) -> None:
    """What works the second time works."""
    with serving({"/a.json": in_turn(first, answer(b"{}"))}) as site:
        assert (b"{}", 2) == (source(site).fetch("a.json", limit=10), len(site.requests))


def test_a_failure_is_not_tried_three_times() -> None:
    """A server that has trouble is not troubled more."""
    with serving({"/a.json": answer(b"x", status=500)}) as site:
        with pytest.raises(Unreachable):
            source(site).fetch("a.json", limit=10)

        assert 2 == len(site.requests)


def test_redirects_on_the_site_are_followed() -> None:
    """Up to five redirects lead to the file."""
    routes = {f"/{n}": answer(b"", status=307, Location=f"/{n + 1}") for n in range(5)}
    with serving({**routes, "/5": answer(b"here")}) as site:
        assert b"here" == source(site).fetch("0", limit=10)


def test_six_redirects_are_too_many() -> None:
    """The sixth redirect is refused."""
    routes = {f"/{n}": answer(b"", status=307, Location=f"/{n + 1}") for n in range(6)}
    with serving({**routes, "/6": answer(b"here")}) as site, pytest.raises(Unreachable) as caught:
        source(site).fetch("0", limit=10)

    assert "bad-redirect" == caught.value.code


def test_a_server_that_is_not_there_is_told() -> None:
    """A refused connection is unreachable, at once."""
    with serving() as site:
        pass
    with pytest.raises(Unreachable) as caught:
        source(site).fetch("a.json", limit=10)

    assert ("unreachable", "127.0.0.1 does not accept connections") == (caught.value.code, caught.value.message)


def test_a_host_that_is_not_there_is_told() -> None:
    """A name that no server knows (RFC 6761 part 6.4) is unreachable."""
    with pytest.raises(Unreachable) as caught:
        HttpSource("https://registry.invalid/", env={}).fetch("a.json", limit=10)

    assert "unreachable" == caught.value.code


def test_the_first_failure_of_many_is_told() -> None:
    """One file that fails makes all fail, with the error of the first in order."""
    routes = {"/a": answer(b"1"), "/b": answer(b"x", status=403), "/c": answer(b"x" * 100)}
    with serving(routes) as site, pytest.raises(Unreachable) as caught:
        source(site).fetch_all([("a", 10), ("b", 10), ("c", 10)])

    assert "denied" == caught.value.code


@pytest.mark.parametrize("path", ["../a", "a/../b", "/a", "a//b", ""])
def test_a_path_out_of_the_site_is_refused(path: str) -> None:
    """Only paths of the site are asked for."""
    with serving() as site:
        with pytest.raises(InvalidInput):
            source(site).fetch(path, limit=10)

        assert [] == site.requests


def test_a_path_is_quoted() -> None:
    """Letters that an address cannot hold reach the server as one path."""
    with serving({"/a%20%3Fb%23%25.json": answer(b"1")}) as site:
        assert b"1" == source(site).fetch("a ?b#%.json", limit=10)


def test_fresh_asks_caches_to_stand_aside() -> None:
    """A fresh fetch says no-cache, another does not."""
    with serving({"/a": answer(b"1")}) as site:
        client = source(site)
        client.fetch("a", limit=1)
        client.fetch("a", limit=1, fresh=True)

        assert [None, "no-cache"] == [headers.get("cache-control") for _, headers in site.requests]


def test_netrc_logs_in(tmp_path: Path) -> None:
    """User and password of the host are sent, in Basic form."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    with serving({"/a": answer(b"1")}) as site:
        HttpSource(site.url, env={"HOME": str(tmp_path)}).fetch("a", limit=1)

        assert "Basic YW5uOnNlY3JldA==" == site.requests[0][1]["authorization"]


def test_a_proxy_is_used() -> None:
    """An https address goes through HTTPS_PROXY; one that refuses is told as the proxy's fault."""
    with serving() as site, pytest.raises(Unreachable) as caught:
        HttpSource("https://example.org/", env={"HTTPS_PROXY": site.url}).fetch("a", limit=1)

    assert "the proxy did not help" == caught.value.message


def test_a_missing_certificate_file_is_told(tmp_path: Path) -> None:
    """SSL_CERT_FILE that names nothing is wrong usage, not another trust."""
    with pytest.raises(WrongUsage) as caught:
        HttpSource("https://localhost:1/", env={"SSL_CERT_FILE": str(tmp_path / "none")}).fetch("a", limit=1)

    assert "bad-certificates" == caught.value.code


def test_importing_costs_no_http_library() -> None:
    """urllib3 is loaded at the first request, not by the import."""
    code = "import sys, registry_tool.stores.http; sys.exit('urllib3' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode
