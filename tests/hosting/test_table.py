"""One table of requests: `registry serve` and the hosts that read files of rules give the same answers."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry_tool.core.routes import ASKED_FIRST, EVERYWHERE, FRAMED, FRAMES, JOINED, headers_of
from tests.hosting.rule_hosts import RuleHost
from tests.hosting.scene import CLOUDFLARE, NETLIFY, SERVE, Row, claim, of, safe, site, written
from tests.hosting.servers import Running, serve


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The site, served by `registry serve`."""
    with serve(written(tmp_path_factory.mktemp("served") / "site", site())) as host:
        yield host


@pytest.mark.parametrize("row", of(SERVE), ids=lambda row: row.id)
def test_serve_answers_by_the_table(served: Running, row: Row) -> None:
    """Status, content type, location, caching and bytes are those of the table, and the safe headers are there."""
    answer = served.ask(row.method, row.path, row.headers)
    expected, came = claim(row, answer, site())

    assert expected == came
    assert safe(answer) == dict(headers_of(row.path))


@pytest.mark.parametrize("name", [NETLIFY, CLOUDFLARE])
def test_files_of_rules_answer_by_the_table(name: str) -> None:
    """Under either host's reading `_redirects` and `_headers` give the answers that this host can give."""
    host = RuleHost(name, site())
    wrong = [
        (row.id, *both)
        for row in of(name)
        if (both := claim(row, host.ask(row.method, row.path, row.headers), site()))[0] != both[1]
    ]

    assert [] == wrong


@pytest.mark.parametrize("name", [NETLIFY, CLOUDFLARE])
def test_files_of_rules_say_what_holds_of_pages_and_of_frames(name: str) -> None:
    """Their hosts join what rules say, so the policy is what both share; a frame has its own header besides."""
    host = RuleHost(name, site())
    usual = {**EVERYWHERE, "Content-Security-Policy": JOINED}

    assert usual == safe(host.ask("GET", "/themes/", {}))
    for path in FRAMES:
        expected = {**usual, "Connection-Allowlist": FRAMED["Connection-Allowlist"]}
        assert expected == safe(host.ask("GET", path, {}))


def test_a_query_of_the_ggui_client_is_answered(served: Running) -> None:
    """`registry serve` looks at the query, for all kinds and below one kind's base; a bad one is 400."""
    everything = json.loads(served.ask("GET", "/search", {}).body)["results"]
    clocks = json.loads(served.ask("GET", "/search?q=map", {}).body)["results"]
    steps = json.loads(served.ask("GET", "/ggui/blueprint/search?limit=1", {}).body)["results"]

    assert (["@zoe/map-clock"], ["@ann/steps"]) == (
        [row["artifactId"] for row in clocks],
        [row["artifactId"] for row in steps],
    )
    assert len(everything) > len(clocks)
    assert 400 == served.ask("GET", "/search?kind=theme", {}).status


def test_browsers_may_ask_first(served: Running) -> None:
    """`OPTIONS` says which methods and headers pages of other sites may use."""
    answer = served.ask("OPTIONS", "/v0.1/servers", {"Origin": "https://a.example"})

    assert (204, b"") == (answer.status, answer.body)
    assert dict(ASKED_FIRST) == {name: answer.headers.get(name.lower()) for name in ASKED_FIRST}


def test_who_has_it_already_is_told_so_and_text_is_compressed(served: Running) -> None:
    """An answer's tag gives 304, and gzip gives the same bytes."""
    first = served.ask("GET", "/v0.1/servers", {})
    again = served.ask("GET", "/v0.1/servers", {"If-None-Match": first.headers["etag"]})
    packed = served.ask("GET", "/v0.1/servers", {"Accept-Encoding": "gzip"})

    assert (304, b"") == (again.status, again.body)
    assert ("gzip", first.body) == (packed.headers["content-encoding"], gzip.decompress(packed.body))


def test_a_damaged_list_of_old_addresses_or_rows_is_as_none(tmp_path: Path) -> None:
    """What an earlier tool or a hand left there keeps nobody from anything."""
    files = {**site(), "hosting/routes.json": b"[", "ggui/rows.json": b"{}"}
    with serve(written(tmp_path / "site", files)) as host:
        moved = host.ask("GET", "/api/v1/marketplace/skills/pdf", {})
        found = host.ask("GET", "/search?q=map", {})

    assert (301, "/api/v1/marketplace/skills/items/pdf") == (moved.status, moved.headers["location"])
    assert (200, site()["search"]) == (found.status, found.body)
