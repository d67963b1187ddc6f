"""The exact requests of the ggui client against a built site that `registry serve` serves, and what comes of them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_tool.core.layout import REGISTRY_CHAINS
from registry_tool.stores.webserver import SiteServer
from tests.feeds.ggui_client import Client, Refused
from tests.feeds.ggui_scene import put, scene, site_of

CLOCK = "@ann/use-clock@1.2.0+b"


@dataclass(frozen=True)
class Served:
    """A site, and where it is served from."""

    folder: Path
    url: str

    def write(self, site: dict[str, bytes]) -> None:
        """Lays files into it."""
        for path, data in site.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(data)

    @contextmanager
    def instead(self, path: str, data: bytes) -> Iterator[Client]:
        """A client of the site with another file at `path`, for as long as the block runs."""
        file = self.folder / path
        before = file.read_bytes()
        assert before != data
        file.write_bytes(data)
        yield Client(self.url)
        file.write_bytes(before)

    def read(self, path: str) -> bytes:
        """A file of it."""
        return (self.folder / path).read_bytes()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The scene, built for the address that it is served at."""
    folder = tmp_path_factory.mktemp("served")
    marker = folder / REGISTRY_CHAINS
    marker.parent.mkdir(parents=True)
    marker.write_bytes(b"{}")
    with SiteServer(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        found = Served(folder, server.url)
        found.write(site_of(scene(url=server.url)))
        yield found
        server.shutdown()
        thread.join()


def test_a_gadget_installs_after_its_bytes_and_signature_were_checked(served: Served) -> None:
    """Body, module and envelope are asked for in this order, the version with `%2B`; the row names module and SRI."""
    client = Client(served.url)
    row = client.install("gadget", CLOCK)
    folder = f"{served.url}bundles/public/@ann/use-clock/1.2.0+b"

    assert [
        f"{served.url}pkg/ann/use-clock/1.2.0%2Bb",
        f"{folder}/bundle.js",
        f"{folder}/bundle.js.sig",
    ] == client.asked
    assert ("@ann/use-clock", "1.2.0+b", f"{folder}/bundle.js") == (row["package"], row["version"], row["bundleUrl"])
    assert ["useCountdown"] == [one["hook"] for one in row["exports"]]
    assert "bundleHost" not in row


def test_a_blueprint_installs_after_its_manifest_was_checked(served: Served) -> None:
    """The envelope covers the whole manifest of the answer; source and card are what would be written."""
    client = Client(served.url)
    files = client.install("blueprint", "@ann/steps@1.0.0")

    assert [
        f"{served.url}pkg/ann/steps/1.0.0",
        f"{served.url}bundles/public/@ann/steps/1.0.0/bundle.js.sig",
    ] == client.asked
    assert {"ggui.ui.json", "index.tsx"} == files.keys()
    assert "ann:steps:1.0.0" == json.loads(files["ggui.ui.json"])["id"]


@pytest.mark.parametrize("base", ["", "ggui/gadget/"])
def test_a_search_finds_what_can_be_installed(served: Served, base: str) -> None:
    """With the whole wire and with the address of one kind; what is found installs from the same address."""
    client = Client(f"{served.url}{base}")
    row, other = client.search("clock", "gadget")

    assert CLOCK == f"{row['artifactId']}@{row['latestVersion']}"
    assert "@zoe/map-clock" == other["artifactId"]
    assert client.install("gadget", CLOCK)
    assert f"{served.url}{base}search?q=clock&kind=gadget" == client.asked[0]


@pytest.mark.parametrize("kind", ["gadget", "blueprint"])
def test_an_address_of_one_kind_lists_only_that(served: Served, kind: str) -> None:
    """Also where the host cannot look at the query, which names no kind here."""
    assert {kind} == {one["kind"] for one in Client(f"{served.url}ggui/{kind}/").search()}


@pytest.mark.parametrize(
    ("kind", "wanted", "step"),
    [
        ("gadget", "@ann/use-clock@1.1.0", "yanked"),
        ("blueprint", "@ann/old-steps@1.0.0", "yanked"),
        ("gadget", "@ann/use-clock@1.3.0", "404"),
        ("gadget", "@ann/bad-clock@1.0.0", "404"),
        ("gadget", "@ann/unsigned-clock@1.0.0", "404"),
        ("gadget", "@ann/own-clock@1.0.0", "404"),
        ("gadget", "@ann/odd-clock@1.0.0-a-b", "404"),
        ("gadget", "@ann/use-clock@latest", "404"),
        ("gadget", "@ann/use-clock@9.9.9", "404"),
        ("gadget", "@ann/paper@1.0.0", "404"),
        ("blueprint", CLOCK, "kind"),
    ],
)
def test_what_must_not_be_installed_is_not(served: Served, kind: str, wanted: str, step: str) -> None:
    """Yanked, taken back, unsigned, private, unknown, of another kind: the client ends with 1."""
    with pytest.raises(Refused) as refused:
        Client(served.url).install(kind, wanted)

    assert step == str(refused.value)


@pytest.mark.parametrize(
    ("path", "change", "step"),
    [
        ("bundles/public/@ann/use-clock/1.2.0+b/bundle.js", (b"useCountdown", b"useCountdovn"), "sri"),
        ("bundles/public/@ann/use-clock/1.2.0+b/bundle.js.sig", (b'"bundleSha384":"', b'"bundleSha384":"A'),
         "digest_mismatch"),
        ("bundles/public/@ann/use-clock/1.2.0+b/bundle.js.sig", (b'"signature":"', b'"signature":"AAAA'),
         "signature_wrong_length"),
        ("bundles/public/@ann/use-clock/1.2.0+b/bundle.js.sig", (b'"ed25519"', b'"none"'), "envelope_shape"),
        ("pkg/ann/use-clock/1.2.0+b", (b'"authorPublicKey":"', b'"authorPublicKey":"AAAA'),
         "public_key_wrong_length"),
    ],
)  # fmt: skip
def test_what_a_host_changed_is_not_installed(
    served: Served, path: str, change: tuple[bytes, bytes], step: str
) -> None:
    """Another byte of module, envelope or key ends the install where the client checks it."""
    with served.instead(path, served.read(path).replace(*change)) as client, pytest.raises(Refused) as refused:
        client.install("gadget", CLOCK)

    assert step == str(refused.value)


def test_another_authors_key_is_not_taken(served: Served) -> None:
    """The key id of the envelope is derived from the key of the body: a swapped key is refused."""
    path = "pkg/ann/use-clock/1.2.0+b"
    theirs = json.loads(served.read("pkg/zoe/map-clock/1.0.0"))["authorPublicKey"]
    body = {**json.loads(served.read(path)), "authorPublicKey": theirs}
    with served.instead(path, json.dumps(body).encode()) as client, pytest.raises(Refused) as refused:
        client.install("gadget", CLOCK)

    assert "key_id_mismatch" == str(refused.value)


def test_a_changed_blueprint_is_not_installed(served: Served) -> None:
    """Every member of its manifest is signed, also its description."""
    path = "pkg/ann/steps/1.0.0"
    body = served.read(path).replace(b"The steps of a task", b"The steps of a dance")
    with served.instead(path, body) as client, pytest.raises(Refused) as refused:
        client.install("blueprint", "@ann/steps@1.0.0")

    assert "digest_mismatch" == str(refused.value)


def test_what_is_quarantined_later_is_gone_with_the_next_build() -> None:
    """All files of a version that installed before, but what our own clients verify."""
    registry = scene()
    put(registry, "@ann/use-clock", "1.4.0")
    before = site_of(registry)
    registry.event("@ann/use-clock", "1.4.0", "quarantine", reason="reported")
    after = site_of(registry)

    assert {
        "bundles/public/@ann/use-clock/1.4.0/bundle.js",
        "bundles/public/@ann/use-clock/1.4.0/bundle.js.sig",
        "bundles/public/@ann/use-clock/1.4.0/manifest.json",
        "ggui/gadget/pkg/ann/use-clock/1.4.0",
        "pkg/ann/use-clock/1.4.0",
    } == {path for path in before.keys() - after.keys() if "1.4.0" in path}
