"""The same table against Debian's nginx and Caddy, each with the file that the build made."""

import gzip
from collections.abc import Iterator

import pytest

from registry_tool.core.routes import ASKED_FIRST, headers_of
from tests.hosting.scene import CADDY, NGINX, TABLE, Row, claim, of, safe, site, written
from tests.hosting.servers import Running, caddy, nginx

pytestmark = pytest.mark.slow

STARTS = {NGINX: nginx, CADDY: caddy}
BELOW = "https://registry.example/y.z/"


@pytest.fixture(scope="module", params=sorted(STARTS))
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The site, served by one of the two."""
    work = tmp_path_factory.mktemp(request.param)
    with STARTS[request.param](written(work / "site", site()), work) as running:
        yield running


@pytest.fixture(scope="module", params=sorted(STARTS))
def below(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The same site at an address with a path, served by one of the two."""
    work = tmp_path_factory.mktemp(request.param)
    written(work / "root/y.z", site(url=BELOW))
    with STARTS[request.param](work / "root", work, base="y.z") as running:
        yield running


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_a_server_answers_by_the_table(host: Running, row: Row) -> None:
    """Status, content type, location, caching and bytes are those of the table, and the safe headers are there.

    What Caddy does otherwise: it leads from a folder to the one with a slash by 308, and has no odd paths.
    """
    answer = host.ask(row.method, row.path, row.headers)
    expected, came = claim(row, answer, site())

    if host.name in row.but:
        assert (answer.status, row.status) in {(308, 301), (404, 400), (400, 400)}
        return
    assert expected == came
    if answer.status not in (400, 405):  # nginx refuses the former before it knows the site
        assert safe(answer) == dict(headers_of(row.path))


@pytest.mark.parametrize("row", of(CADDY), ids=lambda row: row.id)
def test_a_site_may_lie_below_a_path(below: Running, row: Row) -> None:
    """Under `https://x/y/` everything is as at the top, below that path."""
    answer = below.ask(row.method, f"/y.z{row.path}", row.headers)
    expected, came = claim(row, answer, site(url=BELOW), base="/y.z")

    assert expected == came
    assert safe(answer) == dict(headers_of(row.path))


def test_browsers_may_ask_first(host: Running) -> None:
    """`OPTIONS` says which methods and headers pages of other sites may use."""
    answer = host.ask("OPTIONS", "/v0.1/servers", {"Origin": "https://a.example"})

    assert dict(ASKED_FIRST) == {name: answer.headers.get(name.lower()) for name in ASKED_FIRST}


def test_who_has_it_already_is_told_so_and_text_is_compressed(host: Running) -> None:
    """An answer's tag gives 304, and gzip gives the same bytes."""
    first = host.ask("GET", "/v0.1/servers", {})
    again = host.ask("GET", "/v0.1/servers", {"If-None-Match": first.headers["etag"]})
    packed = host.ask("GET", "/v0.1/servers", {"Accept-Encoding": "gzip"})

    assert (304, b"") == (again.status, again.body)
    assert ("gzip", first.body) == (packed.headers["content-encoding"], gzip.decompress(packed.body))


@pytest.mark.parametrize("path", ["/api/v1/marketplace/skills/a%0d%0aX-Evil:%201", "/themes%0d%0aX-Evil:%201"])
def test_no_address_writes_a_header(host: Running, path: str) -> None:
    """A line break in an address is no line break in an answer."""
    assert "x-evil" not in host.ask("GET", path, {}).headers
