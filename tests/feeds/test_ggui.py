"""The ggui wire as files: what is there, what is not, and that it is the same everywhere.

The golden file is written anew by `python -m tests.feeds.test_ggui`, to be read.
"""

import json
from pathlib import Path

import pytest

from registry_tool.core.ggui.manifest import read_manifest
from registry_tool.core.ggui.wire import canonical
from tests.builders import a_registry
from tests.building_profiles import DOMAIN, profile
from tests.feeds import ggui_schemas as schemas
from tests.feeds.ggui_scene import URL, VECTORS, put, scene, site_of, tree
from tests.sites import named

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "feeds" / "ggui.txt"
READ = (
    "bundles/public/@ann/steps/",
    "bundles/public/@ann/use-clock/1.2.0+b/",
    "ggui/rows.json",
    "gone/pkg/ann/use-clock/",
    "pkg/ann/steps/",
    "pkg/ann/use-clock/1.2.0+b",
    "pkg/ann/use-clock/index.json",
    "pkg/zoe/map-clock/1.0.0",
    "search",
)
"""Whose contents the golden file shows; of all others their paths."""
FEED = ("bundles/", "ggui/", "gone/", "pkg/", "search")
NEVER = ("@ann/bad-clock", "ann/bad-clock", "1.3.0", "ann/paper")
"""What a moderator took back, and what is not of this wire."""
UNTOLD = ("ann/own-clock", "ann/unsigned-clock", "ann/odd-clock")
"""Private, without the author's signature, and without a form on the wire: their modules alone are there."""


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    """The feed of the scene."""
    return {path: data for path, data in site_of(scene()).items() if path.startswith(FEED)}


def shown(site: dict[str, bytes]) -> str:
    """The golden file's text."""
    return "\n".join([*sorted(site), "", tree(site, *READ)])


def test_the_tree_is_the_golden_one(site: dict[str, bytes]) -> None:
    """Every path, and the contents of one of each sort, as people have read them."""
    assert GOLDEN.read_text(encoding="utf-8") == shown(site)


def test_twice_it_is_the_same(site: dict[str, bytes]) -> None:
    """Another build of the same repository gives the same bytes."""
    assert site == {path: data for path, data in site_of(scene()).items() if path.startswith(FEED)}


def test_every_file_has_the_form_of_the_facts(site: dict[str, bytes]) -> None:
    """Bodies, version lists, envelopes and searches are what the schemas say, written as the wire writes JSON."""
    found: dict[str, list[str]] = {}
    for path, data in site.items():
        if path.endswith(".js"):
            continue
        value = json.loads(data)
        found[path] = schemas.faults(value, schema_of(path, value))
        assert canonical(value) == data

    assert {} == {path: faults for path, faults in found.items() if faults}
    assert 30 < len(found)


def schema_of(path: str, value: object) -> schemas.Schema:
    """The schema of a file of the feed."""
    name = path.rpartition("/")[2]
    if name == "search":
        return schemas.STATIC_SEARCH
    if name == "rows.json":
        return {"required": ["rows"]}
    if name == "index.json":
        return schemas.VERSIONS
    if name == "bundle.js.sig":
        return schemas.ENVELOPE
    if name == "manifest.json":
        read_manifest(value)
        return {}
    assert isinstance(value, dict)
    return schemas.GADGET if value["manifest"]["kind"] == "gadget" else schemas.BLUEPRINT


@pytest.mark.parametrize("word", NEVER)
def test_what_was_taken_back_is_nowhere(site: dict[str, bytes], word: str) -> None:
    """No path and no content names a quarantined or revoked release, nor another kind."""
    assert [] == [path for path, data in site.items() if word in path or word.encode() in data]


@pytest.mark.parametrize("name", UNTOLD)
def test_what_the_client_could_not_verify_or_may_not_read_is_not_told(site: dict[str, bytes], name: str) -> None:
    """Only the module is there, which our own installs name and have verified."""
    found = [path for path, data in site.items() if name in path or name.encode() in data]

    assert [True] == [path.endswith("/bundle.js") for path in found]


def test_a_yanked_release_is_gone_but_told(site: dict[str, bytes]) -> None:
    """Its body is for a 410 alone; the list says it was yanked; its files stay for apps that import them."""
    versions = json.loads(site["pkg/ann/use-clock/index.json"])["versions"]
    told = {one["version"]: one["yanked"] for one in versions}

    assert {"1.0.0": False, "1.1.0": True, "1.2.0+b": False, "2.0.0-beta.1": False} == told
    assert not {path for path in site if path.endswith("pkg/ann/use-clock/1.1.0")} - {"gone/pkg/ann/use-clock/1.1.0"}
    assert "bundles/public/@ann/use-clock/1.1.0/bundle.js" in site
    assert "1.1.0" == json.loads(site["gone/pkg/ann/use-clock/1.1.0"])["manifest"]["version"]


def test_a_search_has_what_one_would_install(site: dict[str, bytes]) -> None:
    """The newest stable version that is not yanked; a name with nothing left is not there."""
    found = {one["artifactId"]: one["latestVersion"] for one in json.loads(site["search"])["results"]}

    assert {"@ann/steps": "1.0.0", "@ann/use-clock": "1.2.0+b", "@zoe/map-clock": "1.0.0"} == found


@pytest.mark.parametrize("kind", ["gadget", "blueprint"])
def test_a_base_address_of_one_kind_knows_that_kind_alone(site: dict[str, bytes], kind: str) -> None:
    """Its search lists this kind, and its packages are byte for byte those of the whole wire."""
    base = f"ggui/{kind}/"
    whole = [one for one in json.loads(site["search"])["results"] if one["kind"] == kind]
    packages = {path.removeprefix(base): data for path, data in site.items() if path.startswith(f"{base}pkg/")}
    others = {path for path in site if path.startswith("pkg/")} - packages.keys()

    assert whole == json.loads(site[f"{base}search"])["results"]
    assert packages == {path: site[path] for path in packages}
    assert all(f'"kind":"{kind}"'.encode() not in site[path] for path in others)


def test_without_an_address_there_are_only_modules() -> None:
    """The client takes no relative address, so nothing that would hold one is published."""
    paths = {path for path in site_of(scene(url="")) if path.startswith(FEED)}

    assert {"bundle.js"} == {path.rpartition("/")[2] for path in paths}


def test_a_registry_without_any_still_answers_a_search() -> None:
    """An empty list is an answer; the client would take a missing file for a fault."""
    site = site_of(named(a_registry(demo=False)).release("@ann/solar", "1.0.0"))

    assert [b'{"results":[]}'] * 3 == [site[path] for path in ("search", "ggui/gadget/search", "ggui/blueprint/search")]
    assert b'{"rows":[]}' == site["ggui/rows.json"]


def test_of_two_signatures_the_keyless_one_is_given() -> None:
    """The certificate says who signed, which a key from the same host cannot; its envelope is the reference's form."""
    registry = named(a_registry(demo=False))
    put(registry, "@ann/use-clock", keyless=True)
    site = site_of(registry)
    vector = json.loads((VECTORS / "sigstore-envelopes.json").read_bytes())["vectors"][0]
    envelope = json.loads(site["bundles/public/@ann/use-clock/1.0.0/bundle.js.sig"])

    assert [] == schemas.faults(envelope, schemas.ENVELOPE)
    assert ("sigstore-cosign", vector["signature"]["bundle"]) == (envelope["algorithm"], envelope["bundle"])
    assert vector["authorPublicKey"] == json.loads(site["pkg/ann/use-clock/1.0.0"])["authorPublicKey"]


def test_of_an_author_who_is_not_looked_at_nothing_is_said() -> None:
    """A member's release in a verified author's scope is neither verified nor unverified: that is not known here."""
    registry = named(a_registry(demo=False))
    put(registry, "@ann/use-clock", "1.0.0")
    registry.keyring("bob")
    registry.scope("ann", owners=["ann"], members=["bob"], by=("ann control", "bob control", "mod"))
    put(registry, "@ann/use-clock", "0.9.0", author="bob")
    profile(registry, DOMAIN, author="ann", by=("ann control", "mod"))
    site = site_of(registry)
    told = [json.loads(site[f"pkg/ann/use-clock/{version}"]) for version in ("1.0.0", "0.9.0")]

    assert ["ann", "bob"] == [one["publishedBy"] for one in told]
    assert [("verified", "example.org"), (None, None)] == [
        (one.get("scopeVerification"), one.get("verifiedDomain")) for one in told
    ]


def test_a_mark_that_rests_on_no_domain_names_none() -> None:
    """Who is verified by an account of a forge is verified, and has no domain."""
    account = {"claim": "account", "forge": "forge.example", "number": 7, "name": "ann"}
    registry = named(a_registry(demo=False))
    put(registry, "@ann/steps", kind="blueprint")
    profile(registry, account, author="ann", by=("ann control", "mod"))
    (row,) = json.loads(site_of(registry)["search"])["results"]

    assert ("verified", None) == (row["scopeVerification"], row.get("verifiedDomain"))


def test_addresses_are_of_this_site(site: dict[str, bytes]) -> None:
    """Every address in a body is a file of the feed."""
    bodies = [json.loads(data) for path, data in site.items() if "pkg/" in path and not path.endswith("index.json")]
    addresses = {body[member] for body in bodies for member in ("bundleUrl", "signatureUrl") if member in body}

    assert set() == {one.removeprefix(URL) for one in addresses} - site.keys()
    assert 0 < len(addresses)


if __name__ == "__main__":
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_text(
        shown({path: data for path, data in site_of(scene()).items() if path.startswith(FEED)}), encoding="utf-8"
    )
