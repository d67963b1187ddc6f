"""What works without a network right after an install from a site, and what is asked of one that is there."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import RegistryInMemory, a_registry
from tests.building_index import DAY, SignedSite
from tests.cli.desk import PDF, SKILL, SKILL_SPEC, Desk
from tests.stores.servers import Site, answer, serving

pytestmark = pytest.mark.slow

INSTALLED = ".agents/skills/pdf/SKILL.md"


LARGE = b"".join(hashlib.sha256(bytes([one % 256, one // 256])).digest() for one in range(20_000))


@pytest.fixture
def built() -> RegistryInMemory:
    """A skill whose bundle is too large to be kept here, so it has to be fetched again."""
    content = {**SKILL, "words.bin": LARGE}
    return a_registry(demo=False).release(PDF, "1.0.0", content, kind="skill", spec=SKILL_SPEC)


@pytest.fixture
def server(desk: Desk, built: RegistryInMemory) -> Iterator[Site]:
    """A signed site from which `@ann/pdf` was installed."""
    site = SignedSite(built, now=desk.world.now() - 7200)
    with serving({f"/{path}": answer(data) for path, data in site.publish().items()}) as server:
        desk.run("add", server.url, "--root", built.id)
        desk.run("install", PDF, "--yes")
        server.requests.clear()
        yield server


def test_what_is_installed_is_verified_offline(desk: Desk, server: Site) -> None:
    """The files are held against the signed manifest, the words say so, and nobody is asked; online all is checked."""
    assert "against its signed manifest; its bundle was not fetched" in desk.run("verify", "--all", "--offline")
    assert "not-fetched" == desk.json("verify", "--all", "--offline")["verified"][0]["bundle"]
    assert [] == server.requests
    assert "checked" == desk.json("verify", "--all")["verified"][0]["bundle"]


@pytest.mark.parametrize("more", [[], ["--offline"]])
def test_a_receipt_that_was_changed_too_is_found_out(desk: Desk, server: Site, more: list[str]) -> None:
    """Who changes a file and the receipt alike is caught by the manifest, which is signed."""
    (desk.work / INSTALLED).write_bytes(b"mine")
    receipt = desk.work / ".registry/receipts/ann__pdf.json"
    value = json.loads(receipt.read_text())
    value["steps"][0]["files"]["SKILL.md"] = hashlib.sha256(b"mine").hexdigest()
    receipt.write_text(json.dumps(value))

    assert (4, "not-trusted") == desk.refused("verify", "--all", *more)
    assert [("other-file", INSTALLED)] == [(one.check, one.path) for one in desk.error.findings]


@pytest.mark.parametrize("days", [0, 400])
def test_a_project_that_is_equal_syncs_offline(desk: Desk, server: Site, days: int) -> None:
    """Frozen, it goes by the last index, however old; what is missing cannot come without a network."""
    now = desk.world.now() + days * DAY
    desk.world = replace(desk.world, now=lambda: now)

    assert [f"{PDF}@1.0.0"] == desk.json("sync", "--frozen", "--offline")["already"]
    assert "registry.lock.json says: 1 artifact." in desk.run("sync", "--frozen", "--offline")
    (desk.work / INSTALLED).unlink()
    assert (6, "offline") == desk.refused("sync", "--frozen", "--offline")
    assert [] == server.requests


def test_a_frozen_sync_asks_for_no_object_that_is_here(desk: Desk, server: Site) -> None:
    """With a network the chains are read anew, and manifests and evidence come from the shelf."""
    desk.run("sync", "--frozen")

    assert [] == [path for path, _ in server.requests if "/objects/" in path]
    assert [] != server.requests


def test_scripts_read_how_fresh_the_index_is(desk: Desk, server: Site, built: RegistryInMemory) -> None:
    """`install`, `show`, `verify` and `audit` tell it alike; of a clone or a built folder nothing is proven."""
    verbs = (["show", PDF], ["verify", PDF], ["verify", "--all"], ["audit"], ["install", PDF, "--yes"])
    found = [desk.json(*verb)["index"] for verb in verbs]

    assert [(True, [])] * 5 == [(one["proven"], one["warnings"]) for one in found]
    assert all(one["as_of"] < one["until"] for one in found)
    where = desk.put("plain", built.files)
    told = desk.json("show", PDF, "--registry", where)["index"]
    assert {"proven": False, "as_of": None, "until": None} == {key: told[key] for key in ("proven", "as_of", "until")}
    assert [f"{where}: nothing proves that it is the newest state"] == told["warnings"]


def test_a_file_is_a_registry_of_its_own(desk: Desk, server: Site) -> None:
    """`install FILE --registry X` is wrong usage, whatever X is."""
    desk.run("export", PDF, "-o", "pdf.tar")
    desk.run("uninstall", PDF)

    assert (2, "own-registry") == desk.refused("install", "pdf.tar", "--registry", "nosuch", "--yes")
    assert [PDF] == [one["id"] for one in desk.json("install", "pdf.tar", "--yes")["installed"]]
    assert "Verified 1 release of 1 artifact in pdf.tar: everything holds" in desk.run("verify", "pdf.tar")
    assert Path(desk.work / INSTALLED).is_file()
