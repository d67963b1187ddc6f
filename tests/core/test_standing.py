"""Who may do what in a repository, and what is admitted there."""

from registry_tool.core import layout
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import (
    admitted_at,
    authorities_at,
    government_at,
    head_at,
    heads_at,
    keyring_at,
    lookup_at,
)
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.proving import MEANS, SOLAR, refusal

NAME = parse_artifact(SOLAR)


def a_release() -> RegistryInMemory:
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0")
    registry.publish(SOLAR, "1.2.0")
    return registry


def admit(registry: RegistryInMemory, version: str) -> str:
    authorities = registry.authorities("ann")
    return admitted_at(registry.tree(), NAME, version, authorities, means=MEANS).manifest.version


def swap(registry: RegistryInMemory, name: str) -> None:
    """Exchanges a file of 1.0.0 and 1.1.0."""
    one, other = (f"{layout.version_folder(NAME, version)}/{name}" for version in ("1.0.0", "1.1.0"))
    registry.files[one], registry.files[other] = registry.files[other], registry.files[one]


def test_an_admitted_release_is_verified_from_the_tree() -> None:
    """Its files are packed again and are the bundle that was signed."""
    assert "1.1.0" == admit(a_release(), "1.1.0")


def test_swapped_pointers_are_refused() -> None:
    """A version's folder speaks of that version and no other, whatever lies beside it."""
    only, both = a_release(), a_release()
    swap(only, "release.json")
    swap(both, "release.json")
    swap(both, "admission.json")

    assert (4, "other-release") == refusal(lambda: admit(only, "1.0.0"))
    assert (4, "other-release") == refusal(lambda: admit(both, "1.0.0"))


def test_what_nobody_admitted_is_refused() -> None:
    """A release that waits, and one that is not there."""
    registry = a_release()

    assert (4, "not-admitted") == refusal(lambda: admit(registry, "1.2.0"))
    assert (4, "not-admitted") == refusal(lambda: admit(registry, "9.0.0"))


def test_a_comparison_finds_only_what_was_admitted() -> None:
    """The status comes with it, from verified events."""
    registry = a_release()
    registry.event(SOLAR, "1.0.0", "yank")
    find = lookup_at(registry.tree(), NAME, registry.authorities("ann"), check=check)

    assert ("yanked", "active") == (find("1.0.0").status, find("1.1.0").status)
    assert (4, "bad-owner-path") == refusal(lambda: find("1.2.0"))


def test_who_is_not_there_is_told() -> None:
    """Authors and scopes that nobody registered, and chains that do not exist."""
    registry = a_release()
    tree = registry.tree()
    government = government_at(tree, registry=registry.id, check=check)

    assert (3, "no-author") == refusal(lambda: keyring_at(tree, government, "bob", check=check))
    assert (3, "no-scope") == refusal(lambda: authorities_at(tree, government, "bob", check=check))
    assert (3, "no-chain") == refusal(lambda: heads_at(tree, ["moderators", "authors/bob"]))
    assert head_at(tree, "authors/bob") is None


def test_what_waits_for_a_moderator_counts_only_where_it_may() -> None:
    """A first keyring and scope verify without a moderator's signature as long as they wait."""
    registry = a_release()
    registry.keyring("bob", by=("bob control", "bob signing"))
    registry.scope("bob", owners=["bob"], by=("bob control",))
    tree = registry.tree()
    government = government_at(tree, registry=registry.id, check=check)
    waiting = frozenset({"authors/bob", "scopes/bob"})

    assert "bob" in authorities_at(tree, government, "bob", check=check, waiting=waiting).keyrings
    assert (4, "not-countersigned") == refusal(lambda: authorities_at(tree, government, "bob", check=check))
    assert 1 == heads_at(tree, ["scopes/bob"])["scopes/bob"].number
