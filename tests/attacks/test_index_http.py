"""The signed index over HTTP: servers that do not answer as they should, and many readers at once."""

import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry_tool.core import layout, limits
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import roots_at
from registry_tool.services.answers import told
from registry_tool.services.indexed import IndexedSource
from registry_tool.stores.http import HttpSource
from registry_tool.stores.shelf import DiskShelf
from tests.builders import a_registry
from tests.building_index import DAY, SignedSite, bin_of, bins, client, snapshot_path
from tests.stores.servers import Route, Site, answer, cut, endless, serving, silent

pytestmark = pytest.mark.slow

SOLAR = layout.name_path(parse_artifact("@ann/solar"))
PAGE = b"<!doctype html><title>Log in to this network</title>"
BOMB = gzip.compress(bytes(70_000_000))

FAULTS: dict[str, tuple[Route, str]] = {
    "no end": (endless(bytes(1 << 20)), "too-large"),
    "a drip": (endless(b"x", pause=0.05), "timeout"),
    "no answer": (silent, "timeout"),
    "a bomb": (answer(BOMB, Content_Encoding="gzip"), "too-large"),
    "half of it": (answer(b'{"signatures":[', Content_Length="900"), "cut-off"),
    "a hang-up": (cut, "cut-off"),
    "a page": (answer(PAGE, Content_Type="text/html"), "not-a-registry"),
    "a closed door": (answer(b"no", 403), "denied"),
    "a server that fails": (answer(b"no", 500), "server-error"),
    "a way elsewhere": (answer(b"", 302, Location="http://192.0.2.1/"), "bad-redirect"),
}
FILES: dict[str, Callable[[SignedSite], str]] = {
    "the timestamp": lambda site: layout.TIMESTAMP,
    "the snapshot": lambda site: snapshot_path(site.files),
    "the bin": lambda site: bin_of(site.files, SOLAR),
    "the name's file": lambda site: layout.by_digest(SOLAR, sha256(site.files[SOLAR])),
}


@pytest.fixture(scope="module")
def signed() -> SignedSite:
    site = SignedSite(a_registry(demo=False).release("@ann/solar", "1.0.0"))
    site.publish()
    return site


@pytest.fixture
def server(signed: SignedSite) -> Iterator[Site]:
    with serving(
        {f"/{path}": answer(data, Content_Type="application/json") for path, data in signed.files.items()}
    ) as site:
        yield site


def read(server: Site, signed: SignedSite, folder: Path, *, now: int | None = None) -> IndexedSource:
    """The site as one who waits less than a second for it reads it."""
    http = HttpSource(server.url, env={}, deadline_seconds=0.8, read_seconds=0.5, retry_seconds=0.01)
    index = client(
        http,
        signed.registry.id,
        folder,
        first_root=roots_at(signed.registry.tree())[0],
        now=signed.now if now is None else now,
        again=lambda path, limit: http.fetch(path, limit=limit, fresh=True),
        clock=lambda: http.clock,
    )
    return IndexedSource(
        http,
        index,
        DiskShelf(folder / "files"),
        again=lambda path, limit: http.fetch(path, limit=limit, fresh=True),
    )


def fetched(source: IndexedSource) -> bytes | None:
    with told(source.where):
        return source.fetch(SOLAR, limit=limits.NAME_RECORD_BYTES)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("what", FILES)
def test_a_fault_of_the_server_is_told_and_nothing_stays_of_it(
    server: Site, signed: SignedSite, tmp_path: Path, what: str, fault: str
) -> None:
    """Each file that a read needs, badly served: it ends soon, says what came, and the next read is whole."""
    route, code = FAULTS[fault]
    place = f"/{FILES[what](signed)}"
    honest, server.routes[place] = server.routes[place], route
    with pytest.raises(RegistryError) as refused:
        fetched(read(server, signed, tmp_path))

    assert (code, code == "too-large") == (refused.value.code, refused.value.exit_code == 4)
    assert refused.value.exit_code in (4, 6)
    server.routes[place] = honest
    assert signed.files[SOLAR] == fetched(read(server, signed, tmp_path))


@pytest.mark.parametrize("fault", [fault for fault, (_, code) in FAULTS.items() if code != "too-large"])
def test_what_is_known_is_used_while_the_timestamp_cannot_be_had(
    server: Site, signed: SignedSite, tmp_path: Path, fault: str
) -> None:
    """Until it expires, and it is told that nobody answered; afterwards it is refused with both reasons."""
    fetched(read(server, signed, tmp_path))
    server.routes[f"/{layout.TIMESTAMP}"] = FAULTS[fault][0]
    source = read(server, signed, tmp_path)

    assert signed.files[SOLAR] == fetched(source)
    assert source.freshness is not None
    assert not source.freshness.asked
    with pytest.raises(RegistryError, match="nobody could be asked for a newer one") as refused:
        fetched(read(server, signed, tmp_path, now=signed.now + 8 * DAY))
    assert (4, "index-expired") == (refused.value.exit_code, refused.value.code)


def test_a_way_to_the_right_file_is_followed(server: Site, signed: SignedSite, tmp_path: Path) -> None:
    """A host may keep its files elsewhere: what counts is what they are."""
    place = f"/{bin_of(signed.files, SOLAR)}"
    server.routes["/elsewhere"] = server.routes[place]
    server.routes[place] = answer(b"", 302, Location="/elsewhere")

    assert signed.files[SOLAR] == fetched(read(server, signed, tmp_path))


def test_the_clock_of_the_site_is_told_beside_ours(server: Site, signed: SignedSite, tmp_path: Path) -> None:
    """The Date of its last answer, as documents write times."""
    server.routes[f"/{layout.TIMESTAMP}"] = answer(signed.files[layout.TIMESTAMP])
    with pytest.raises(RegistryError) as refused:
        fetched(read(server, signed, tmp_path, now=signed.now + 30 * DAY))

    assert "; this machine's clock says 2026-12-18T11:07:40Z, the site's 20" in refused.value.message


@pytest.mark.parametrize("nothing", [answer(b"no", 403), answer(PAGE), answer(b"no", 404)])
def test_a_host_may_answer_as_it_likes_where_no_newer_root_is(
    signed: SignedSite, tmp_path: Path, nothing: Route
) -> None:
    """Also where a publish in the middle makes the client look for one: no false alarm."""
    site = signed.fork()
    site.registry.release("@ann/solar", "1.1.0")
    before = dict(site.files)
    site.files = {}
    after = {f"/{path}": answer(data) for path, data in site.publish().items()}
    with serving({f"/{path}": answer(data) for path, data in before.items()}) as server:

        def published(handler: object) -> None:
            server.routes = {**after, "/tuf/2.root.json": nothing}
            answer(before[layout.TIMESTAMP])(handler)  # type: ignore[arg-type]  # a handler of the server

        server.routes[f"/{layout.TIMESTAMP}"] = published

        assert site.files[SOLAR] == fetched(read(server, site, tmp_path))
        assert "/tuf/2.root.json" in [path for path, _ in server.requests]


READER = """
import sys
from pathlib import Path
from registry_tool.core.digest import sha256
from registry_tool.services.answers import first_root_text
from registry_tool.services.indexed import IndexedSource
from registry_tool.signing.tuf.client import TufIndex
from registry_tool.stores.http import HttpSource
from registry_tool.stores.shelf import DiskShelf
url, registry, folder, now, *paths = sys.argv[1:]
http = HttpSource(url, env={})
first_root = lambda: first_root_text(http.fetch("chains/registry.json", limit=10**6), url)
index = TufIndex(http, registry, Path(folder) / "index", first_root=first_root, now=int(now))
site = IndexedSource(http, index, DiskShelf(Path(folder) / "files"))
print(*(sha256(data) for data in site.fetch_all([(path, 10**6) for path in paths])))
"""


@pytest.mark.parametrize("known", [False, True])
def test_eight_readers_at_once_read_the_same(signed: SignedSite, tmp_path: Path, *, known: bool) -> None:
    """Processes with one new folder, or with an older state in it: none fails, and it is whole afterwards."""
    paths = [SOLAR, layout.REGISTRY_CHAINS, layout.CATALOGUE]
    site = signed.fork()
    with serving({f"/{path}": answer(data) for path, data in site.files.items()}) as server:
        if known:
            fetched(read(server, site, tmp_path))
            site.registry.release("@ann/solar", "1.1.0")
            server.routes = {f"/{path}": answer(data) for path, data in site.publish().items()}
        command = [sys.executable, "-c", READER, server.url, site.registry.id, str(tmp_path), str(site.now), *paths]
        readers = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)
        ]
        said = [reader.communicate(timeout=120) for reader in readers]

        expected = " ".join(sha256(site.files[path]) for path in paths) + "\n"
        assert [(expected, "")] * 8 == said
        server.requests.clear()
        assert site.files[SOLAR] == fetched(read(server, site, tmp_path))
        assert [f"/{layout.TIMESTAMP}"] == [path for path, _ in server.requests]


def test_every_bin_is_asked_for_at_most_once_by_a_new_reader(server: Site, signed: SignedSite, tmp_path: Path) -> None:
    """The whole of a small registry costs timestamp, snapshot, targets, its bins and its files."""
    source = read(server, signed, tmp_path)
    paths = sorted(path for path in signed.files if layout.is_listed(path) and path.count(".") == 1)
    source.fetch_all([(path, limits.CATALOGUE_BYTES) for path in paths])
    asked = [path for path, _ in server.requests]

    assert len(asked) == len(set(asked))
    assert len(asked) <= 3 + len(bins(signed.files)) + len(paths)
