"""`registry verify SITE` over HTTP: every release, and what the host does with addresses that are more than files."""

import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from registry_tool.stores.webserver import SiteServer
from tests.builders import a_registry
from tests.cli.desk import Desk
from tests.cli.test_operator import repository
from tests.feeds.ggui_scene import put
from tests.hosting.servers import serve
from tests.sites import named

pytestmark = pytest.mark.slow

ALLOWED = ("--demo", "--allow-stale")
"""The site is built without a signed index."""


@pytest.fixture
def site(desk: Desk) -> Path:
    """A built site with a package, a yanked one, a server and a skill."""
    registry = named(a_registry(), url="https://registry.example/")
    for version in ("1.0.0", "1.1.0"):
        put(registry, "@ann/use-clock", version)
    registry.event("@ann/use-clock", "1.1.0", "yank")
    put(registry, "@ann/notes", kind="skill")
    put(registry, "@ann/units", kind="plugin")
    repository(desk.work / "reg", registry)
    desk.run("build", "--registry", "reg", "--out", "site", "--unsigned")
    return desk.work / "site"


class _Plain(SimpleHTTPRequestHandler):
    """Gives files by their names, and knows of nothing else."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Says nothing."""


@pytest.fixture
def plain(site: Path) -> Iterator[str]:
    """The address of a plain host of the site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Plain, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def by_question(value: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The rows of an answer by what was asked."""
    return {row["ask"]: row for row in value["verified"]["routes"]}


def test_a_host_that_can_do_all_is_said_to(desk: Desk, site: Path) -> None:
    """`registry serve` answers every question as the table of routes says, and the verb says that in one line."""
    with serve(site) as host:
        url = f"http://127.0.0.1:{host.port}/"
        value = desk.json("verify", url, *ALLOWED)
        words = desk.run("verify", url, *ALLOWED)
    asked = by_question(value)

    assert {True} == {row["holds"] for row in asked.values()}
    assert {
        "HEAD /pkg/ann/use-clock/1.1.0",
        "HEAD /api/v1/marketplace/skills",
        "HEAD /v0.1/servers/io.example.ann/units/versions",
        "OPTIONS /search",
        "GET /style.css",
    } <= asked.keys()
    assert ("410, application/json", 4) == (
        asked["HEAD /pkg/ann/use-clock/1.1.0"]["came"],
        value["verified"]["releases"],
    )
    assert words.endswith(f"Its host answers {len(asked)} of {len(asked)} questions as it can at best.\n")


def test_what_a_plain_host_cannot_do_is_a_note_that_says_for_whom(desk: Desk, plain: str) -> None:
    """Every release holds, so the verb ends well; each shortcoming says what came, what was expected, what it means."""
    asked = by_question(desk.json("verify", plain, *ALLOWED))
    words = desk.run("verify", plain, *ALLOWED)
    yanked = asked["HEAD /pkg/ann/use-clock/1.1.0"]

    assert (False, "410, application/json") == (yanked["holds"], yanked["expected"])
    assert "The ggui client says `not found` instead of `yanked`, and installs nothing: fine." in words
    assert "everything holds" in words


def test_a_missing_file_is_no_note(desk: Desk, site: Path) -> None:
    """Where a release's bytes are gone or other ones the verb fails, whatever the host can do."""
    largest = max((site / "objects").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    largest.write_bytes(b"other")
    with serve(site) as host:
        code, _ = desk.refused("verify", f"http://127.0.0.1:{host.port}/", *ALLOWED)

    assert 4 == code


def test_lists_that_a_host_made_up_are_not_believed(desk: Desk, site: Path) -> None:
    """Names that are no names lead to no question, and what is no list to none: the releases still hold."""
    (site / "api/v1/marketplace/categories.json").write_bytes(b'{"categories": [{"id": "../.."}, {"id": 7}, 8]}')
    (site / "pkg/ann/use-clock/index.json").write_bytes(b'{"versions": [{"version": "../x", "yanked": true}]}')
    (site / "v0.1/servers.json").write_bytes(b'{"servers": [{"server": "x"}]}')
    (site / "v0.1/pages/first.json").write_bytes(b"[")
    with serve(site) as host:
        asked = by_question(desk.json("verify", f"http://127.0.0.1:{host.port}/", *ALLOWED))

    assert [] == [ask for ask in asked if ".." in ask or "/items" in ask or "/versions" in ask]


def test_a_folder_has_no_host(desk: Desk, site: Path) -> None:
    """Nothing is asked of what is read from the disk."""
    value = desk.json("verify", str(site), *ALLOWED)

    assert "routes" not in value["verified"]


def test_a_host_that_ends_in_between_is_told(desk: Desk, site: Path) -> None:
    """An answer that does not come is a row too."""
    from registry_tool.core.probes import Probe
    from registry_tool.services.serving import _ask, _row
    from registry_tool.stores.http import HttpExchange

    with SiteServer(site, 0) as server:
        url = server.url.rstrip("/")
    row = _row(Probe("/", "nothing works"), _ask(HttpExchange(env={}), url, Probe("/", "")))

    assert (False, "nothing works") == (row["holds"], row["means"])
