"""Plugins for programs that read the API of the MCP registry (B8): what is listed, and under which name."""

import json
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.digest import prefixed, sha256
from registry_tool.feeds import mcp_registry
from registry_tool.feeds.mcp_registry import FACT, OFFICIAL, OURS, PAGE, VERSIONS
from registry_tool.stores.webserver import Site
from tests.builders import RegistryInMemory
from tests.feeds.feed_sites import published
from tests.feeds.mcp_reader import Reader, walked
from tests.feeds.native_scene import reading_room, server, server_json

WORDS = "io.example.ann/words"


def made(registry: RegistryInMemory) -> dict[str, bytes]:
    """What this feed makes."""
    return published(
        registry,
        names=(mcp_registry.server_files,),
        whole=(mcp_registry.servers,),
        facts={FACT: mcp_registry.server_fact},
    )


def reader(files: dict[str, bytes], folder: Path) -> Reader:
    """A reader of what `registry serve` answers on a site of these files."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    site = Site(folder)

    def ask(path: str) -> bytes | None:
        answer = site.answer("GET", path)
        assert answer.status in (200, 404)
        assert answer.status == 404 or answer.headers["Content-Type"] == "application/json"
        return answer.body if answer.status == 200 else None

    return Reader(ask)


def test_a_reader_of_the_published_description_finds_every_server(tmp_path: Path) -> None:
    """List, versions, one version and latest agree, in the words of the author's own document."""
    registry = reading_room()
    document = server_json(WORDS, "1.1.0", title="Words", _meta={"org.example": {"rate": 1.5, "none": None}})
    server(registry, "@ann/words", "1.0.0", native=WORDS)
    server(registry, "@ann/words", "1.1.0", native=WORDS, document=document)
    server(registry, "@bob/time")
    read = reader(made(registry), tmp_path)
    found = read.version(WORDS)

    assert {"io.example.bob/time": ["1.0.0"], WORDS: ["1.1.0", "1.0.0"]} == walked(read)
    assert found is not None
    assert document == found["server"]
    assert [None, None, None] == [read.versions("io.example/no"), read.version("x/y"), read.version(WORDS, "9.9.9")]


def test_what_the_registry_says_of_a_release_stands_beside_it() -> None:
    """Status, times and which version is the newest; and what the release is called here, to verify it."""
    registry = reading_room()
    server(registry, "@ann/words", native=WORDS, at="2026-11-01T00:00:00Z")
    registry.event("@ann/words", "1.0.0", "deprecate", reason="superseded", at="2026-11-02T00:00:00Z")
    answer = json.loads(made(registry)[f"v0.1/servers/{WORDS}/versions/latest"])

    assert {
        OFFICIAL: {
            "status": "deprecated",
            "statusMessage": "superseded",
            "statusChangedAt": "2026-11-02T00:00:00Z",
            "publishedAt": "2026-11-01T00:00:00Z",
            "updatedAt": "2026-11-02T00:00:00Z",
            "isLatest": True,
        },
        OURS: {
            "registry": registry.id,
            "artifact": "@ann/words",
            "version": "1.0.0",
            "manifest": prefixed(sha256(registry.proof("@ann/words", "1.0.0").manifest)),
        },
    } == answer["_meta"]


@pytest.mark.parametrize("action", ["yank", "quarantine", "revoke", "withhold"])
def test_what_cannot_be_installed_is_absent(action: str, tmp_path: Path) -> None:
    """Its version is not there, and the one before it is the newest; a server without any is not listed."""
    registry = reading_room()
    for version in ("1.0.0", "1.1.0"):
        server(registry, "@ann/words", version, native=WORDS)
    server(registry, "@bob/time")
    for artifact, version in (("@ann/words", "1.1.0"), ("@bob/time", "1.0.0")):
        registry.event(artifact, version, action)

    assert {WORDS: ["1.0.0"]} == walked(reader(made(registry), tmp_path))


def test_a_pre_release_is_the_newest_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    """`latest` is what an install without a version takes."""
    registry = reading_room()
    for version in ("1.0.0", "2.0.0-rc.1"):
        server(registry, "@ann/words", version, native=WORDS)
    server(registry, "@bob/time", "0.1.0-a")
    read = reader(made(registry), tmp_path)
    latest = [read.version(name) for name in (WORDS, "io.example.bob/time")]

    assert ["1.0.0", "0.1.0-a"] == [one and one["server"]["version"] for one in latest]
    assert ["2.0.0-rc.1", "1.0.0"] == walked(read)[WORDS]


@pytest.mark.parametrize("native", [WORDS, "io.example.Ann/Words"], ids=["same", "other case"])
def test_a_native_name_is_never_taken_over(native: str, tmp_path: Path) -> None:
    """A later artifact of another scope is not listed under it, however its own name sorts, yanked holder or not."""
    registry = reading_room()
    server(registry, "@zoe/words", native=WORDS)
    server(registry, "@ann/words", native=native)
    before = made(registry)
    registry.event("@zoe/words", "1.0.0", "yank")

    assert {WORDS: ["1.0.0"]} == walked(reader(before, tmp_path / "before"))
    assert b'"@zoe/words"' in before[f"v0.1/servers/{WORDS}/versions/latest"]
    assert {} == walked(reader(made(registry), tmp_path / "after"))


def test_an_older_artifact_that_takes_on_a_name_later_does_not_hold_it(tmp_path: Path) -> None:
    """Eve's server was there first, under another name."""
    registry = reading_room()
    server(registry, "@eve/any", native="io.example.eve/any")
    server(registry, "@ann/words", native=WORDS)
    server(registry, "@eve/any", "2.0.0", native=WORDS, document=server_json(WORDS, "2.0.0"))

    assert {WORDS: ["1.0.0"]} == walked(reader(made(registry), tmp_path))


def test_releases_under_an_earlier_name_are_not_mixed_in(tmp_path: Path) -> None:
    """A server that changed its name is listed under the new one, with the versions that have it."""
    registry = reading_room()
    server(registry, "@ann/words", native="io.example.ann/old")
    server(registry, "@ann/words", "2.0.0", native=WORDS)

    assert {WORDS: ["2.0.0"]} == walked(reader(made(registry), tmp_path))


DEEP: Any = {"x": 1}
for _ in range(29):
    DEEP = {"x": DEEP}


@pytest.mark.parametrize(
    "document",
    [
        b"{",
        b"[]",
        b'"text"',
        {"name": WORDS, "version": "1.0.0"},
        {"description": "d", "version": "1.0.0"},
        {"name": WORDS, "description": "", "version": "1.0.0"},
        {"name": WORDS, "description": "d"},
        server_json("../../index"),
        server_json("words"),
        server_json("a/b/c"),
        server_json("io.example/con"),
        server_json("io.example/.git"),
        server_json(f"io.example/{'x' * 150}"),
        server_json("io.exämple/words"),
        server_json(WORDS, "latest"),
        server_json(WORDS, "../1.0.0"),
        server_json(WORDS, "1.0.0/x"),
        server_json(WORDS, "^1.0.0"),
        server_json(WORDS, "1."),
        server_json(WORDS, packages="none"),
        server_json(WORDS, packages=[1]),
        server_json(WORDS, packages=[{"registryType": "npm", "identifier": "x"}]),
        server_json(WORDS, packages=[{"identifier": "x", "transport": {"type": "stdio"}}]),
        server_json(WORDS, remotes=[{"type": "sse"}]),
        server_json(WORDS, deep=DEEP),
        server_json(WORDS, long="x" * 70_000),
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_document_that_would_break_a_reader_is_not_listed(document: Any, tmp_path: Path) -> None:
    """Neither the list nor the others suffer from it."""
    registry = reading_room()
    server(registry, "@ann/words", native=WORDS, document=document)
    server(registry, "@bob/time")

    assert ["io.example.bob/time"] == list(walked(reader(made(registry), tmp_path)))


def test_the_version_is_the_one_that_the_author_wrote(tmp_path: Path) -> None:
    """Where the release has another one, the server's own is in the addresses; of two the newest release counts."""
    registry = reading_room()
    for version in ("1.0.0", "1.0.1"):
        server(registry, "@ann/words", version, native=WORDS, document=server_json(WORDS, "2026.1"))
    read = reader(made(registry), tmp_path)
    found = read.version(WORDS, "2026.1")

    assert {WORDS: ["2026.1"]} == walked(read)
    assert found is not None
    assert "1.0.1" == found["_meta"][OURS]["version"]


@pytest.mark.slow
def test_only_so_many_versions_are_listed() -> None:
    """The newest hundred; each file lies there once by artifact and once by native name."""
    registry = reading_room()
    for number in range(VERSIONS + 3):
        server(registry, "@ann/words", f"1.{number}.0", native=WORDS)
    files = made(registry)
    versions = [path for path in files if path.startswith(f"v0.1/servers/{WORDS}/versions/1.")]

    assert VERSIONS == len(versions)
    assert f"v0.1/servers/{WORDS}/versions/1.2.0" not in versions
    assert {path.replace(WORDS, "ann/words").replace("servers", "of", 1) for path in versions} <= files.keys()


def test_an_empty_registry_has_one_empty_page() -> None:
    """Readers get a list, not an error."""
    files = made(reading_room().release("@ann/solar", "1.0.0"))

    assert {"v0.1/servers.json", "v0.1/pages/first.json"} == files.keys()
    assert {"servers": [], "metadata": {"count": 0}} == json.loads(files["v0.1/servers.json"])


def many(count: int) -> list[str]:
    return [f"io.example.a{number:04}/words" for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1000])
def test_pages_hold_everything_once_in_order(count: int) -> None:
    """At most a hundred in a page, and no page but the first is empty."""
    pages = list(mcp_registry.pages_of(many(count)))

    assert many(count) == [one for page in pages for one in page]
    assert all(0 < len(page) <= PAGE for page in pages[1:])
    assert len(pages[0]) <= PAGE


def test_one_more_server_changes_few_pages() -> None:
    """On average no more than three of the pages of a thousand servers are other ones."""
    before = {tuple(page) for page in mcp_registry.pages_of(many(1000))}
    changes = []
    for number in range(0, 1000, 25):
        named = sorted([*many(1000), f"io.example.a{number:04}/wordy"])
        changes.append(len({tuple(page) for page in mcp_registry.pages_of(named)} - before))

    assert sum(changes) / len(changes) <= 3
    assert max(changes) <= 10


@pytest.mark.slow
def test_pages_lead_to_one_another(tmp_path: Path) -> None:
    """A reader that follows the cursors finds every server of a registry with several pages."""
    registry = reading_room()
    for number in range(150):
        server(registry, f"@ann/words{number}")
    read = reader(made(registry), tmp_path)

    assert 150 == sum(map(len, read.servers()))
    assert len(read.servers()) > 1
