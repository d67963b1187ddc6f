"""Who publishes, or for whom, becomes another: two people and a wait."""

from typing import Any

import pytest

from registry_tool.core.need import (
    Known,
    eligible,
)
from tests.builders import RegistryInMemory
from tests.checks.changes import change, skill
from tests.core.needing import (
    ACCOUNT,
    Build,
    from_source,
    governing,
    keyless,
    needed_for,
    ready,
    update,
)


def people(registry: RegistryInMemory, *, number: int = 2) -> None:
    ready(registry)
    names = {"mod": None, "two": None, "three": None}
    registry.moderators(dict(list(names.items())[:number]), by=("mod", "two", "three")[:number], under=())


def another_author(registry: RegistryInMemory) -> None:
    """Bob, a member of the scope, publishes what ann did before."""
    skill(registry, "1.0.1", author="bob")


def with_bob(registry: RegistryInMemory) -> None:
    people(registry)
    registry.with_author("bob")
    registry.scope("ann", owners=["ann"], members=["bob"])


def other_owners(registry: RegistryInMemory) -> None:
    registry.scope("ann", owners=["ann", "bob"], by=("ann control", "bob control"))


def bob_known(registry: RegistryInMemory) -> None:
    people(registry)
    registry.with_author("bob")


def throws_out(registry: RegistryInMemory) -> None:
    """Ann ends bob's ownership alone."""
    gone = {"author": "bob", "status": "revoked", "since": "2026-11-21T09:00:00Z"}
    registry.scope("ann", owners=["ann", gone], by=("ann control",))


def leaves(registry: RegistryInMemory) -> None:
    """Bob ends his own ownership."""
    gone = {"author": "bob", "status": "retired", "since": "2026-11-21T09:00:00Z"}
    registry.scope("ann", owners=["ann", gone], by=("bob control",))


def both_own(registry: RegistryInMemory) -> None:
    bob_known(registry)
    registry.scope("ann", owners=["ann", "bob"])


def needs(word: str) -> Build:
    def build(registry: RegistryInMemory) -> None:
        registry.scope("ann", owners=["ann"], by=("ann control",), change=lambda value: value.update(needs=word))

    return build


def was_identity(registry: RegistryInMemory) -> None:
    people(registry)
    registry.scope("ann", owners=["ann"], change=lambda value: value.update(needs="identity"))


def signed_keyless(registry: RegistryInMemory) -> None:
    """1.0.1 is there, signed by an identity as well."""
    people(registry)
    keyless(registry)
    registry.admit("@ann/links", "1.0.1", compared="1.0.0")


def with_source(registry: RegistryInMemory) -> None:
    people(registry)
    from_source("1.0.1", "links")(registry)
    registry.admit("@ann/links", "1.0.1", compared="1.0.0")


def next_one(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.2")


@pytest.mark.parametrize(
    ("build", "tip", "why"),
    [
        (another_author, with_bob, "@ann/links is published by bob now"),
        (other_owners, bob_known, "@ann gets other owners"),
        (throws_out, both_own, "@ann gets other owners"),
        (needs("key"), was_identity, "a release of @ann needs another signature than before"),
        (from_source("1.0.2", "other"), with_source, "@ann/links is made from https://example.org/other now"),
        (next_one, signed_keyless, "@ann/links@1.0.1 was signed keyless, and this version is not"),
    ],
)
def test_who_publishes_or_for_whom_takes_two_people_and_the_wait(build: Build, tip: Build, why: str) -> None:
    """Where there are two who may approve."""
    need = needed_for(build, tip=tip)

    assert (True, 2, 3 * 86_400) == (need.grave, need.people, need.wait)
    assert why in need.why


@pytest.mark.parametrize(("build", "tip"), [(leaves, both_own), (needs("both"), people)])
def test_what_only_takes_away_is_not_grave(build: Build, tip: Build) -> None:
    """An owner who leaves by themselves, a scope that needs more: one person lands it."""
    need = needed_for(build, tip=tip)

    assert (False, 1, 0) == (need.grave, need.people, need.wait)


def test_where_there_is_only_one_other_person_one_is_enough() -> None:
    """Nobody could ever approve it otherwise."""

    def alone(registry: RegistryInMemory) -> None:
        with_bob(registry)
        registry.moderators({"mod": None, "two": "bob"}, by=("mod", "two"), under=())

    need = needed_for(another_author, tip=alone)

    assert (True, 1) == (need.grave, need.people)


def test_another_identity_is_grave_too() -> None:
    """What whoever can verify both said."""
    need = needed_for(update, Known(opener=ACCOUNT, identities=("signed by somebody else",)), tip=people)

    assert (True, 2, ("signed by somebody else",)) == (need.grave, need.people, need.why)


def test_who_may_approve_can_sign_or_review_and_is_not_the_author() -> None:
    """An account counts where policy counts reviews; own is own unless policy says so."""

    def accounts(value: dict[str, Any]) -> None:
        row = {"forge": "forge.example", "number": 5, "name": "x", "status": "active"}
        value["people"].append({"id": "five", "author": None, "accounts": [row], "keys": []})

    def tip(registry: RegistryInMemory) -> None:
        registry.moderators({"mod": None, "two": "ann"}, by=("mod", "two"), under=(), change=accounts)

    def ruled(**more: Any) -> frozenset[str]:
        def build(registry: RegistryInMemory) -> None:
            tip(registry)
            registry.policy(**more)

        made = change(update, tip=build)
        return eligible(made, *governing(made))

    found = [ruled(), ruled(mode="forge"), ruled(mode="forge", self_approval=True)]

    assert [{"mod"}, {"five", "mod"}, {"five", "mod", "two"}] == found
