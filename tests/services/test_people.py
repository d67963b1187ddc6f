"""Profiles and reviews in a build: what it publishes, what it refuses, and what it does not do twice."""

import json
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.keys import key_text
from registry_tool.core.names import parse_artifact
from registry_tool.core.tables import table_bytes
from registry_tool.services.built import Build
from registry_tool.services.opinions import author_of, marks_of, reviews_of
from registry_tool.signing.ed25519 import Ed25519Signer
from tests.builders import RegistryInMemory, SiteInMemory, a_registry
from tests.building_profiles import DOMAIN, profile, review
from tests.proving import SOLAR, refusal
from tests.sites import built, committed, files_of, named

pytestmark = pytest.mark.slow

NAME = parse_artifact(SOLAR)
ANN, STARS = layout.author_file_path("ann"), layout.reviews_path(NAME)
CONFIRMED = ("ann control", "mod")


def with_people() -> RegistryInMemory:
    """Two names by two authors, who reviewed each other; ann is confirmed."""
    registry = named(a_registry(demo=False)).release(SOLAR, "1.0.0").release("@bob/moon", "1.0.0")
    profile(registry, DOMAIN, by=CONFIRMED)
    review(registry, SOLAR, 4)
    review(registry, "@bob/moon", 2, author="ann")
    return registry


def site_of(registry: RegistryInMemory) -> dict[str, bytes]:
    """Its site."""
    return files_of(built(committed(registry.files)).made)


def test_the_site_says_of_people_what_a_clone_says() -> None:
    """The same bytes, listed by the signed index."""
    registry = with_people()
    made = built(committed(registry.files))
    site, clone = files_of(made.made), registry.source()
    paths = [ANN, STARS, layout.reviews_path(parse_artifact("@bob/moon")), layout.CATALOGUE]

    assert [clone.fetch(path, limit=10**6) for path in paths] == [site.get(path) for path in paths]
    assert set(paths) <= set(made.listed)
    assert layout.author_file_path("bob") not in site


def again(before: Build, registry: RegistryInMemory, old: RegistryInMemory | dict[str, bytes]) -> Build:
    """The next build, after a commit with what changed."""
    first = old if isinstance(old, dict) else old.files
    return built(committed(first, registry.files), remembered=before.remember)


def bob_revoked(registry: RegistryInMemory) -> None:
    """Bob's signing key was stolen before he reviewed."""
    rows = [
        registry.row("bob control", use="control"),
        registry.row("bob signing", use="signing") | {"status": "revoked", "since": "2026-04-01T00:00:00Z"},
        registry.row("bob new", use="signing"),
    ]
    registry.keyring("bob", rows, by=("bob control", "bob new", "mod"))


def eve_reviews(registry: RegistryInMemory) -> None:
    """Eve, who publishes nothing, reviews."""
    registry.keyring("eve")
    review(registry, SOLAR, 1, author="eve")


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: None, 0),
        (lambda r: review(r, SOLAR, 5), 1),
        (eve_reviews, 1),
        (bob_revoked, 2),  # his own name and the one that he reviewed
        (lambda r: profile(r, DOMAIN, name="Ann Lee", under=("authors/ann",)), 2),
        (lambda r: profile(r, author="bob"), 2),
        (lambda r: r.keyring("eve"), 0),
        (lambda r: r.scope("eve", owners=["ann"], by=("ann control", "mod")), 0),
    ],
)
def test_only_what_people_changed_is_looked_at_again(build: Any, expected: int) -> None:
    """A name depends on its reviews, their authors, and those of its scope; the site is that of a whole build."""
    registry = with_people()
    old = dict(registry.files)
    first = built(committed(old))
    build(registry)
    second = again(first, registry, old)

    assert expected == second.verified
    assert site_of(registry) == files_of(second.made)


def test_a_stolen_key_s_review_leaves_the_site() -> None:
    """The rating is of what counts; where nothing is left there is no file."""
    registry = with_people()
    eve_reviews(registry)
    rows = [
        registry.row("bob control", use="control"),
        registry.row("bob signing", use="signing") | {"status": "revoked", "since": "2026-03-01T12:00:00Z"},
        registry.row("bob new", use="signing"),
    ]
    digests = [registry._pointed("@bob/moon", "1.0.0")]
    registry.keyring("bob", rows, by=("bob control", "bob new", "mod"), change=lambda value: value.update(hits=digests))
    value = json.loads(site_of(registry)[STARS])

    assert ["eve"] == [one["author"] for one in value["reviews"]]


def stray_profile(registry: RegistryInMemory) -> None:
    registry.files["index/authors/an/ann/profile/7.json"] = b"{}"


def stray_review(registry: RegistryInMemory) -> None:
    registry.files["index/reviews/an/ann/solar/bob/7.json"] = b"{}"


def unsigned_profile(registry: RegistryInMemory) -> None:
    profile(registry, author="bob", by=())


def unsigned_review(registry: RegistryInMemory) -> None:
    review(registry, SOLAR, 5, by=())


def with_a_test_key(registry: RegistryInMemory) -> None:
    """Eve reviews, and one of her keys is published."""
    known = Ed25519Signer(demo_seed(39))
    registry._hands["eve signing"] = known
    rows = [
        registry.row("eve control", use="control"),
        {"key": key_text(known.key), "status": "active", "use": "signing"},
    ]
    registry.keyring("eve", rows)
    review(registry, SOLAR, 1, author="eve")


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (stray_profile, "chain-gap"),
        (stray_review, "chain-gap"),
        (unsigned_profile, "not-authorised"),
        (unsigned_review, "not-authorised"),
        (with_a_test_key, "demo-key"),
        (lambda r: review(r, SOLAR, 5, manifest="sha256:" + "ab" * 32), "other-release"),
        (lambda r: review(r, SOLAR, 5, change=lambda value: value.update(version="2.0.0")), "other-release"),
    ],
)
def test_a_build_refuses_people_s_statements_that_do_not_hold(build: Any, expected: str) -> None:
    """Strays, unsigned ones, and published test keys: nothing is published then."""
    registry = with_people()
    build(registry)

    assert (4, expected) == refusal(lambda: built(committed(registry.files)))


def test_the_entry_names_what_is_official() -> None:
    """Only where the operator named something; old readers see what they always saw."""
    registry = with_people()
    plain = json.loads(site_of(registry)[layout.ENTRY])
    registry.files["index/registry.yaml"] = table_bytes({"name": "Here", "official": ["ann"]})
    site = site_of(registry)
    source = SiteInMemory(site)
    marks = marks_of(source, registry.id, NAME, author="ann", imported=False)

    assert ("official" in plain, ["ann"]) == (False, json.loads(site[layout.ENTRY])["official"])
    assert {"author_verified": True, "official": True, "imported": False} == marks.value()


def test_a_client_reads_people_from_a_site() -> None:
    """Authors with a profile and without, reviews and none; a file about somebody else is refused."""
    registry = with_people()
    source = SiteInMemory(site_of(registry))
    ann, bob = (author_of(source, registry.id, name) for name in ("ann", "bob"))

    assert (True, [{"scope": "ann", "role": "owner"}]) == (ann["verified"], ann["scopes"])
    assert (False, [{"scope": "bob", "role": "publisher"}]) == (bob["verified"], bob["scopes"])
    assert (3, "no-author") == refusal(lambda: author_of(source, registry.id, "eve"))
    assert "4.00" == reviews_of(source, registry.id, NAME)["rating"]["mean"]
    assert 0 == reviews_of(source, registry.id, parse_artifact("@ann/none"))["rating"]["count"]
    assert not marks_of(source, registry.id, NAME, author="bob", imported=True).author_verified

    source.files[layout.author_file_path("bob")] = source.files[ANN]
    source.files[layout.reviews_path(parse_artifact("@bob/moon"))] = source.files[STARS]

    assert (4, "other-subject") == refusal(lambda: author_of(source, registry.id, "bob"))
    assert (4, "other-subject") == refusal(lambda: reviews_of(source, registry.id, parse_artifact("@bob/moon")))
    assert not marks_of(source, registry.id, NAME, author="bob", imported=True).author_verified


def test_a_page_where_a_file_is_asked_for_says_nothing() -> None:
    """Some servers answer everything with their home page."""
    registry = with_people()
    source = SiteInMemory({**site_of(registry), STARS: b"<!doctype html>"})

    assert 0 == reviews_of(source, registry.id, NAME)["rating"]["count"]
