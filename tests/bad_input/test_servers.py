"""Registries over http that are no registries, or do not answer as they should."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import pytest

from registry_tool.core import layout
from registry_tool.core.addresses import is_site
from registry_tool.core.digest import sha256
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Source
from registry_tool.stores.http import HttpSource
from registry_tool.wiring import World
from tests.bad_input.stage import Refusal, Stage, pdf_registry
from tests.builders import RegistryInMemory
from tests.building_index import bin_of
from tests.cli.desk import PDF
from tests.stores.servers import Route, Site, answer, cut, endless, endless_headers, serving, silent

CHAINS = "/chains/registry.json"
ROOT = "0" * 64


@dataclass(frozen=True)
class Hurried(World):
    """The same world, in which nobody waits longer than a second for a site."""

    def source(self, where: str) -> Source:
        """The site, read with little patience."""
        if not is_site(where):
            return super().source(where)
        return HttpSource(where, env=self.env, deadline_seconds=0.6, read_seconds=0.4, retry_seconds=0.01)


def hurried(stage: Stage) -> Stage:
    world = stage.world
    stage.world = Hurried(env=world.env, cwd=world.cwd, home=world.home, now=world.now, terminal=False)
    return stage


PAGE = b"<!doctype html><title>Log in to this network</title>"
ROWS: dict[str, tuple[Route, Refusal]] = {
    "a page with 200": (
        answer(PAGE, Content_Type="text/html"),
        Refusal(6, "not-a-registry", "a web page came where a registry's file should be"),
    ),
    "a page that says that it is JSON": (
        answer(PAGE, Content_Type="application/json"),
        Refusal(6, "not-a-registry", "a web page came where a registry's file should be"),
    ),
    "nothing with 200": (answer(b""), Refusal(6, "not-a-registry", "it answers with nothing")),
    "nothing there": (answer(PAGE, 404), Refusal(6, "not-a-registry", "there is nothing at chains/registry.json")),
    "a list": (answer(b"[]"), Refusal(4, "invalid-document", "what it serves is broken: ")),
    "an object": (answer(b"{}"), Refusal(4, "invalid-document", "what it serves is broken: ")),
    "a picture": (answer(b"\x89PNG\r\n\x1a\n" * 9), Refusal(4, "not-canonical", "what it serves is broken: ")),
    "a server that fails": (answer(b"x", 500), Refusal(6, "server-error", "the server failed (HTTP 500)")),
    "a closed door": (answer(b"x", 403), Refusal(6, "denied", "it refuses access (HTTP 403)")),
    "a proxy's door": (answer(b"x", 407), Refusal(6, "denied", "it refuses access (HTTP 407)")),
    "no answer": (silent, Refusal(6, "timeout", "it takes too long to answer")),
    "a drip": (endless(b"x", pause=0.05), Refusal(6, "timeout", "it takes too long to answer")),
    "a drip of headers": (endless_headers, Refusal(6, "timeout", "it takes too long to answer")),
    "no end": (endless(bytes(1 << 20)), Refusal(4, "too-large", "it may have at most 4194304 bytes")),
    "a bomb": (
        answer(b"\x1f\x8b\x08" + bytes(20), Content_Encoding="gzip"),
        Refusal(6, "cut-off", "it came damaged"),
    ),
    "a hang-up": (cut, Refusal(6, "cut-off", "the connection was cut off")),
    "half of it": (answer(b"{", Content_Length="900"), Refusal(6, "cut-off", "the connection was cut off")),
    "a loop": (answer(b"", 302, Location=CHAINS), Refusal(6, "bad-redirect", "it leads on more than 5 times")),
    "a way to a file": (
        answer(b"", 302, Location="file:///etc/passwd"),
        Refusal(6, "bad-redirect", "it leads on to file:///etc/passwd"),
    ),
    "a way to plain http elsewhere": (
        answer(b"", 302, Location="http://192.0.2.1/"),
        Refusal(6, "bad-redirect", "it leads on to http://192.0.2.1/"),
    ),
}


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.mark.parametrize("what", ROWS)
def test_what_is_no_registry_is_not_added(stage: Stage, site: Site, what: str) -> None:
    """Whatever answers instead of a registry, `add` ends soon, says what came, and keeps nothing."""
    route, expected = ROWS[what]
    site.routes[CHAINS] = route

    hurried(stage).refuses(expected, "add", site.url, "--root", ROOT)


NAME = layout.name_path(parse_artifact(PDF))
PLACES: Mapping[str, Callable[[RegistryInMemory, Mapping[str, bytes]], Collection[str]]] = {
    "everything": lambda built, files: files,
    "the index": lambda built, files: [bin_of(files, NAME)],
    "the name": lambda built, files: [layout.by_digest(NAME, sha256(files[NAME]))],
    "the bundle": lambda built, files: [layout.object_path(built.manifest(PDF, "1.0.0").bundle.sha256)],
}
A_LIST = {
    "everything": Refusal(4, "index-not-trusted", "its signed index does not hold"),
    "the index": Refusal(4, "index-not-trusted", "its signed index does not hold"),
    "the name": Refusal(4, "bad-digest", "is another file than the signed index lists"),
    "the bundle": Refusal(4, "bad-digest", "expected sha256 "),
}


FAULTS = ["a page with 200", "no answer", "a server that fails", "a hang-up"]


@pytest.mark.parametrize("what", [*FAULTS, "a list"])
@pytest.mark.parametrize("place", PLACES)
def test_a_registry_that_went_bad_is_not_installed_from(stage: Stage, site: Site, what: str, place: str) -> None:
    """A known registry that stops answering, at its first file or a later one, changes nothing in the project."""
    built = pdf_registry()
    files = stage.site(built)
    site.routes.update({f"/{path}": answer(data) for path, data in files.items()})
    hurried(stage).done("add", site.url, "--root", built.id)
    route, expected = ROWS[what]
    site.routes.update({f"/{path}": route for path in PLACES[place](built, files)})

    stage.refuses(A_LIST[place] if what == "a list" else expected, "install", PDF, "--yes")


@pytest.mark.parametrize("what", FAULTS)
def test_only_news_are_missing_where_the_timestamp_alone_does_not_come(stage: Stage, site: Site, what: str) -> None:
    """Until it expires, what was signed last is installed, and it is said that nobody could be asked for newer."""
    built = pdf_registry()
    site.routes.update({f"/{path}": answer(data) for path, data in stage.site(built).items()})
    hurried(stage).done("add", site.url, "--root", built.id)
    site.routes[f"/{layout.TIMESTAMP}"] = ROWS[what][0]
    said = stage.call("install", PDF, "--yes")

    assert (0, True) == (said.code, "could not be asked: this is its state as of 2026-02-25T06:13:20Z" in said.err)


def test_a_registry_that_is_down_is_told(stage: Stage) -> None:
    """Where nobody listens any more, the message names the address, and that the server may not run."""
    with serving() as site:
        url = site.url

    hurried(stage).refuses(Refusal(6, "unreachable", "does not accept connections"), "add", url, "--root", ROOT)


def test_plain_http_to_another_machine_is_refused(stage: Stage) -> None:
    """Nothing is asked over a wire that anybody can change, and the message says which address to use."""
    expected = Refusal(2, "plain-http", "http")

    stage.refuses(expected, "add", "http://registry.example/", "--root", ROOT)
