"""Who people are among keys; who may change a chain is attacked in `tests/attacks/test_chains.py`."""

import pytest

from registry_tool.core.authority import gate_of, moderator_keys, one_use_each, people_of, read_scope
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16, k16
from registry_tool.core.published import chain_at
from registry_tool.core.statements import Moderators
from registry_tool.signing.ed25519 import Ed25519Signer, check
from tests.attacks.chains import Step, author, person_ends, registry_with, scope, verified
from tests.attacks.chains import moderators as moderators_are
from tests.builders import RegistryInMemory

ONE, TWO = (Ed25519Signer(bytes([number]) * 32).key for number in (1, 2))


def governed() -> tuple[RegistryInMemory, Moderators]:
    """Two moderators, of whom one ended, and a gate."""
    registry = registry_with(
        moderators_are("mod", "eva", gate=("gate",)),
        moderators_are("mod", "eva", gate=("gate",), change=person_ends(1)),
    )
    return registry, registry.government().moderators.head.body


def reference(registry: RegistryInMemory, name: str) -> K16:
    """The short reference to a key."""
    return k16(registry.hand(name).key)


def test_only_active_keys_speak_for_people() -> None:
    """A key that ended, the gate's and a stranger's are nobody's; the gate's is the gate's."""
    registry, body = governed()
    signed = [reference(registry, name) for name in ("mod", "eva", "gate", "stranger")]

    assert frozenset({"mod"}) == people_of(body, signed)
    assert reference(registry, "gate") == gate_of(body, signed)
    assert (frozenset(), None) == (people_of(body, []), gate_of(body, signed[:2]))


def test_the_keys_of_all_are_known() -> None:
    """People's keys, ended ones too, and the gate's."""
    registry, body = governed()

    assert {registry.hand(name).key for name in ("mod", "eva", "gate")} == set(moderator_keys(body))


def test_a_key_has_one_use() -> None:
    """One key for one use, as often as it likes; for two uses it is refused, and both are named."""
    one_use_each({"root": [ONE, ONE], "gate": [TWO]})

    with pytest.raises(NotTrusted, match="as gate and as root") as refused:
        one_use_each({"root": [ONE, TWO], "gate": [TWO]})

    assert "key-used-twice" == refused.value.code


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((scope(members=("bob",), by=("ann control", "bob control")),), ""),
        (
            (
                scope(members=("bob",), by=("ann control", "bob control")),
                scope(members=("bob",), by=("ann control",)),
            ),
            "not-countersigned",
        ),
        ((scope(members=("bob",), by=("bob control",)),), "not-authorised"),
    ],
)
def test_only_the_newest_statement_of_a_scope_may_wait(steps: tuple[Step, ...], expected: str) -> None:
    """A submission's statement waits for its countersignature, and for nothing else."""
    registry = registry_with(author("bob"), *steps)
    government, keyrings = registry.government(), verified(registry_with(author("bob"))).keyrings
    found = ""
    try:
        read_scope(
            chain_at(registry.tree(), "scopes/ann"),
            "ann",
            registry=registry.id,
            moderators=government.moderators,
            policy=government.policy,
            keyrings=keyrings.__getitem__,
            check=check,
            countersigned=False,
        )
    except NotTrusted as error:
        found = error.code

    assert expected == found
