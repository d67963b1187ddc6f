"""Who publishes."""

import pytest

from registry_tool.checks.owners import one_author, owner_may_act, policy_limit
from registry_tool.core.layout import statement_path
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, newcomer, skill, with_candidate
from tests.checks.fixtures import first, two_authors, update


def ended(registry: RegistryInMemory) -> None:
    """Bob was a member of @ann and left."""
    registry.keyring("bob")
    row = {"author": "bob", "status": "retired", "since": "2026-03-01T12:00:00Z"}
    registry.scope("ann", owners=["ann"], members=[row], by=("ann control",), under=("authors/ann",))


def by_bob(registry: RegistryInMemory) -> None:
    """Bob publishes in @ann."""
    skill(registry, "1.0.1", author="bob")


def no_keyring(registry: RegistryInMemory) -> None:
    """Zoe publishes in @ann, and nobody knows her."""
    skill(registry, "1.0.1", author="zoe", by=())
    for path in [path for path in registry.files if path.startswith("index/authors/zo/")]:
        del registry.files[path]


def no_scope(registry: RegistryInMemory) -> None:
    """Ann publishes in a scope that nobody claimed."""
    skill(registry, "1.0.0", name="@free/links", author="ann")
    for path in [path for path in registry.files if path.startswith("index/scopes/fr/")]:
        del registry.files[path]


@pytest.mark.parametrize(
    ("tip", "build", "expected"),
    [
        (lambda registry: registry.keyring("bob"), by_bob, "bob is no owner or member of @ann"),
        (ended, by_bob, "bob does not publish in @ann any more"),
        (None, no_keyring, "the author zoe is not registered here"),
        (None, no_scope, "nobody has claimed the scope @free"),
    ],
)
def test_only_members_of_a_scope_publish_in_it(tip: Build | None, build: Build, expected: str) -> None:
    """Whoever is not registered, not listed or not listed any more is refused in words, with the verb that helps."""
    found = list(owner_may_act(change(build, tip=tip)))

    assert [expected] == [one.message for one in found]
    assert "`registry " in found[0].hint


def test_a_broken_scope_is_left_to_verification() -> None:
    """A scope that cannot be read gives no second finding here."""

    def tip(registry: RegistryInMemory) -> None:
        registry.files[statement_path("scopes/ann", 1)] = b"{}"

    assert [] == list(owner_may_act(change(lambda registry: skill(registry, "1.0.1"), tip=tip)))


def test_a_release_that_cannot_be_read_has_no_author() -> None:
    """A release without a manifest is left to the check of documents."""
    assert [] == list(owner_may_act(with_candidate(update(), manifest=None)))
    assert [] == list(one_author(with_candidate(update(), manifest=None)))


def test_a_submission_is_of_one_author() -> None:
    """Releases of two authors, or one's release with another's keys, come apart."""
    assert ["one submission is of one author, this one is of ann, bob"] == [
        one.message for one in one_author(two_authors())
    ]

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry)
        skill(registry, "1.0.1")

    assert 1 == len(list(one_author(change(build))))
    assert [] == list(one_author(first()))


def limited(registry: RegistryInMemory) -> None:
    """A policy that takes one release at a time."""
    registry.policy(change=lambda value: value.update(limits={"releases": 1}))


def test_a_submission_has_as_many_releases_as_policy_says() -> None:
    """The policy of the tip says how many releases come together; a submission's own policy says nothing."""

    def two(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.1")
        skill(registry, "1.0.2")

    def own(registry: RegistryInMemory) -> None:
        two(registry)
        limited(registry)

    assert ["a submission has at most 1 releases, this one has 2"] == [
        one.message for one in one_author(change(two, tip=limited))
    ]
    assert [] == list(one_author(change(own)))


@pytest.mark.parametrize("data", [None, b"{}"])
def test_without_a_readable_policy_the_usual_limits_hold(data: bytes | None) -> None:
    """Where there is no policy, or none that can be read, limits are the tool's own."""

    def tip(registry: RegistryInMemory) -> None:
        del registry.files[statement_path("policy", 1)]
        if data is not None:
            registry.files[statement_path("policy", 1)] = data

    assert 20 == policy_limit(change(lambda registry: None, tip=tip), "releases", 20)
