"""The server on this machine: it answers as a static host does, and gives away nothing else."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.stores.output import MARKER
from registry_tool.stores.webserver import SiteServer

FILES = {
    MARKER: b"{}",
    "index.html": b"<h1>home</h1>",
    "404.html": b"<h1>no</h1>",
    "style.css": b"a{}",
    "icon.svg": b"<svg/>",
    "themes/ann/solar/index.html": b"solar",
    "index/catalogue.json": b"{}",
    "objects/sha256/ab/abcd": b"object",
    "bundles/public/@ann/clock/1.0.0+b/bundle.js": b"export default 1",
    "pkg/ann/clock/1.0.0": b"{}",
    ".git/HEAD": b"secret",
    "themes/.hidden": b"secret",
    ".well-known/security.txt": b"Contact: x",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that looks like a built site."""
    folder = tmp_path / "site"
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (tmp_path / "outside.txt").write_bytes(b"secret")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "linked").symlink_to(tmp_path)
    return folder


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    """The port of a server over the site."""
    with SiteServer(site, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def ask(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<h1>home</h1>"),
        ("/?q=1#x", "text/html; charset=utf-8", b"<h1>home</h1>"),
        ("/themes/ann/solar/", "text/html; charset=utf-8", b"solar"),
        ("/style.css", "text/css; charset=utf-8", b"a{}"),
        ("/icon.svg", "image/svg+xml", b"<svg/>"),
        ("/index/catalogue.json", "application/json", b"{}"),
        ("/objects/sha256/ab/abcd", "application/octet-stream", b"object"),
        (
            "/bundles/public/@ann/clock/1.0.0%2Bb/bundle.js",
            "application/javascript; charset=utf-8",
            b"export default 1",
        ),
        (
            "/bundles/public/%40ann/clock/1.0.0+b/bundle.js",
            "application/javascript; charset=utf-8",
            b"export default 1",
        ),
        ("/pkg/ann/clock/1.0.0", "application/json", b"{}"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8", b"Contact: x"),
    ],
)
def test_a_file_has_its_type(port: int, path: str, kind: str, body: bytes) -> None:
    """Each file comes with 200, the right content type, its length, and `nosniff`."""
    status, headers, data = ask(port, path)

    assert (200, kind, body) == (status, headers["content-type"], data)
    assert (str(len(body)), "nosniff", "*") == (
        headers["content-length"],
        headers["x-content-type-options"],
        headers["access-control-allow-origin"],
    )


def test_head_says_the_same_without_a_body(port: int) -> None:
    """HEAD has GET's headers and no body."""
    got, head = ask(port, "/style.css"), ask(port, "/style.css", "HEAD")

    assert (200, b"") == (head[0], head[2])
    assert {**got[1], "date": ""} == {**head[1], "date": ""}


def test_objects_are_kept_for_ever_and_others_are_asked_for_again(port: int) -> None:
    """Only what lies under its digest may be cached without asking; the rest answers 304 to its tag."""
    tag = ask(port, "/index/catalogue.json")[1]["etag"]
    status, headers, data = ask(port, "/index/catalogue.json", headers={"If-None-Match": f'W/{tag}, "x"'})

    assert "public, max-age=31536000, immutable" == ask(port, "/objects/sha256/ab/abcd")[1]["cache-control"]
    assert (304, b"", "no-cache") == (status, data, headers["cache-control"])
    assert 200 == ask(port, "/index/catalogue.json", headers={"If-None-Match": '"other"'})[0]


@pytest.mark.parametrize(
    ("path", "place"),
    [("/themes/ann/solar", "/themes/ann/solar/"), ("/themes?x=1", "/themes/?x=1"), ("/bundles/public/@ann", None)],
)
def test_a_folder_is_asked_for_with_a_slash(port: int, path: str, place: str | None) -> None:
    """A folder's address without its slash is answered with 301 to the one with it, on the same host, query and all."""
    status, headers, _ = ask(port, path)

    assert (301, place or path + "/") == (status, headers["location"])


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/themes/",
        "/objects/sha256/ab/abce",
        "/link.txt",
        "/linked/",
        "/linked/outside.txt",
        "/.git/HEAD",
        "/%2egit/HEAD",
        "/themes/.hidden",
    ],
)
def test_what_is_not_there_is_404(port: int, path: str) -> None:
    """Absent files, folders without a page, links and what begins with a dot are not there; the page says so."""
    status, headers, data = ask(port, path)

    assert (404, "text/html; charset=utf-8", b"<h1>no</h1>") == (status, headers["content-type"], data)


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/themes/../../outside.txt",
        "/%2e%2e/outside.txt",
        "/themes/%2e%2e/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/..%5coutside.txt",
        "/themes//ann/",
        "/themes/./ann/",
        "/a%00b",
        "/%ff%fe",
        "/" + "a" * 3000,
        "http://evil.example/",
        "*",
    ],
)
def test_no_address_leads_out_of_the_folder(port: int, path: str) -> None:
    """Ways up and odd addresses are refused as such, and never answered with a file."""
    status, headers, data = ask(port, path)

    assert (400, "application/json", "bad-path") == (status, headers["content-type"], json.loads(data)["error"])


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("POST", "/publish", "registry publish"),
        ("POST", "/conformance/check", "registry check"),
        ("POST", "/author-keys", "registry keys"),
        ("DELETE", "/author-keys/abc", "registry keys"),
        ("POST", "/cp/api/v1/admin/marketplace/queue/1a2b/approve", "registry queue"),
        ("POST", "/api/v1/marketplace/skills/items", "registry publish"),
        ("POST", "/v0.1/publish", "registry publish"),
    ],
)
def test_routes_that_write_say_what_to_use(port: int, method: str, path: str, words: str) -> None:
    """They answer 501 with JSON that names the way that works today."""
    status, headers, data = ask(port, path, method, body=b"x" * 100 if method == "POST" else None)

    assert (501, "application/json", "not-implemented") == (status, headers["content-type"], json.loads(data)["error"])
    assert words in json.loads(data)["message"]


def test_a_route_without_an_extension_is_answered_by_its_file(site: Path, port: int) -> None:
    """Where a build published the marketplace's queue, its route gives it as JSON; nothing is written there."""
    route = "/cp/api/v1/admin/marketplace/queue"
    (site / route[1:]).parent.mkdir(parents=True)
    (site / f"{route[1:]}.json").write_bytes(b'{"items":[]}')
    status, headers, data = ask(port, route)

    assert (200, "application/json", b'{"items":[]}') == (status, headers["content-type"], data)
    assert (200, data) == ask(port, f"{route}.json")[::2]
    assert (405, 501) == (ask(port, route, "POST")[0], ask(port, f"{route}/1a2b/approve", "POST")[0])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_written(port: int, method: str) -> None:
    """Every method but GET, HEAD and OPTIONS is 405 with what is allowed."""
    status, headers, _ = ask(port, "/index.html", method, body=b"x")

    assert (405, "GET, HEAD, OPTIONS") == (status, headers["allow"])


def test_one_connection_serves_many_requests(port: int) -> None:
    """A connection stays open between requests, also after a refusal."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    statuses = []
    for path in ("/", "/nothing", "/../x", "/style.css"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        first = connection.sock
    connection.request("GET", "/")
    same = connection.sock is first
    connection.getresponse().read()
    connection.close()

    assert ([200, 404, 400, 200], True) == (statuses, same)


def test_a_missing_404_page_is_no_trouble(site: Path, port: int) -> None:
    """Without the page, 404 is said in plain text."""
    (site / "404.html").unlink()

    assert (404, "text/plain; charset=utf-8", b"not found\n") == (
        ask(port, "/nothing")[0],
        ask(port, "/nothing")[1]["content-type"],
        ask(port, "/nothing")[2],
    )


def test_only_this_machine_is_listened_to(site: Path) -> None:
    """The server's address is loopback, and its URL says so."""
    with SiteServer(site, 0) as server:
        assert "127.0.0.1" == server.server_address[0]
        assert f"http://127.0.0.1:{server.server_address[1]}/" == server.url


def test_a_busy_port_is_said_with_the_way_out(site: Path) -> None:
    """Where another program has the port, the error is exit 5 and names `--port 0`."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(StateForbids) as caught:
            SiteServer(site, int(other.getsockname()[1]))

    assert ("port-busy", True) == (caught.value.code, "--port 0" in caught.value.hint)


def test_a_folder_that_is_no_site_is_not_served(tmp_path: Path) -> None:
    """A folder without a site's mark is not found, with the verb that makes one."""
    with pytest.raises(NotFound) as caught:
        SiteServer(tmp_path, 0)

    assert ("no-site", True) == (caught.value.code, "registry build" in caught.value.hint)


@pytest.mark.parametrize(
    ("accepts", "compressed"),
    [("gzip", True), ("br, gzip;q=0.8", True), ("GZIP", True), ("", False), ("identity", False), ("gzip;q=0", False)],
)
def test_text_is_compressed_for_those_who_take_it(site: Path, port: int, accepts: str, compressed: bool) -> None:
    """A long JSON file comes as gzip where it was asked for, the same bytes each time, and says so to caches."""
    text = json.dumps(["the same words"] * 100).encode()
    (site / "index" / "long.json").write_bytes(text)
    status, headers, body = ask(port, "/index/long.json", headers={"Accept-Encoding": accepts})
    again = ask(port, "/index/long.json", headers={"Accept-Encoding": accepts, "If-None-Match": headers["etag"]})

    assert (200, "gzip" if compressed else None) == (status, headers.get("content-encoding"))
    assert text == (gzip.decompress(body) if compressed else body)
    assert "Accept-Encoding" == headers["vary"]
    assert 304 == again[0]


@pytest.mark.parametrize(
    ("path", "forever"),
    [
        ("tuf/timestamp.json", False),
        ("tuf/12.snapshot.json", True),
        ("index/an/ann/solar.json", False),
        (f"index/an/ann/{'a' * 64}.solar.json", True),
    ],
)
def test_only_what_never_changes_is_kept_for_ever(site: Path, port: int, path: str, forever: bool) -> None:
    """Files whose path holds a digest or a version may stay in caches; the timestamp is asked for again."""
    (site / path).parent.mkdir(parents=True, exist_ok=True)
    (site / path).write_bytes(b"{}")
    _, headers, _ = ask(port, f"/{path}")

    assert forever == ("immutable" in headers["cache-control"])
