"""Everybody who may say something about one scope, as the site serves it."""

import pytest

from registry_tool.core import canonical
from registry_tool.core.authorities import government_of, known_keyring, read_authorities
from registry_tool.core.chains import SignedBytes
from registry_tool.core.errors import NotTrusted, RegistryError
from registry_tool.core.published import chain_at, roots_at
from registry_tool.core.release import RegistryChains, ScopeChains
from registry_tool.core.roots import read_roots
from registry_tool.signing.ed25519 import check
from tests.attacks.chains import registry_with, verified
from tests.builders import RegistryInMemory


def chains(registry: RegistryInMemory) -> RegistryChains:
    """What the site serves of the government."""
    return RegistryChains.of(canonical.parse(registry.site()["chains/registry.json"], limit=10**6, what="chains"))


def test_the_site_says_what_the_repository_says() -> None:
    """Government and authorities read from the site are those of the repository."""
    registry = registry_with().release("@ann/solar", "1.0.0")
    government = government_of(chains(registry), registry=registry.id, check=check)
    served = ScopeChains.of(canonical.parse(registry.site()["chains/scopes/an/ann.json"], limit=10**6, what="scope"))
    authorities = read_authorities(
        government,
        "ann",
        [SignedBytes.of(entry) for entry in served.entries],
        {author: [SignedBytes.of(entry) for entry in entries] for author, entries in served.keyrings.items()},
        check=check,
    )

    assert registry.government() == government
    assert verified(registry) == authorities


def test_authorities_name_their_parts() -> None:
    """Registry, moderators, policy, heads and keyrings are those of the government and the authors."""
    registry = registry_with()
    authorities = verified(registry)
    government = authorities.government

    assert (registry.id, government.moderators, government.policy) == (
        authorities.registry,
        authorities.moderators,
        authorities.policy,
    )
    assert {name: registry.head(name) for name in ("moderators", "policy")} == {
        name: ref.value() for name, ref in government.heads.items()
    }
    assert [source.data for source in chain_at(registry.tree(), "authors/ann")] == [
        link.source.data for link in authorities.keyring("ann").links
    ]


def test_a_keyring_that_was_not_given_is_missing() -> None:
    """Nobody is found who is not there."""
    with pytest.raises(NotTrusted, match="the keyring of bob is missing") as refused:
        known_keyring(verified(registry_with()).keyrings, "bob")

    assert "keyring-missing" == refused.value.code


def test_half_a_surrogate_pair_is_no_root() -> None:
    """A text that no file could hold gives another id, not an accident."""
    registry = registry_with()
    served = chains(registry).model_copy(update={"roots": ("\ud800",)})

    with pytest.raises(RegistryError, match="another registry"):
        government_of(served, registry=registry.id, check=check)


def test_every_key_of_the_government_has_a_use() -> None:
    """Root, publishing, moderators and gate are told apart, in all numbers of their chains."""
    registry = registry_with(
        lambda made: made.root(keys=("root two",), by=("root", "root two")),
        lambda made: made.moderators({"mod": None, "eva": None}, gate=("gate",), by=("mod", "eva"), under=()),
    )
    uses = {use: set(keys) for use, keys in registry.government().uses().items()}
    roots = read_roots(roots_at(registry.tree()), registry=registry.id, check=check)

    assert {
        "root": {registry.hand("root").key, registry.hand("root two").key},
        "publishing": set(roots[0].others),
        "moderator mod": {registry.hand("mod").key},
        "moderator eva": {registry.hand("eva").key},
        "gate": {registry.hand("gate").key},
    } == uses
