"""Attacks on the chains, each a sentence (formats of the registry, part 12); and what is honest and passes.

Every row changes a registry in which ann has an author's keyring and a scope, and everything is
verified from the pinned id down, as a client does.
"""

import pytest

from registry_tool.core.authority import read_keyring
from registry_tool.core.errors import NotTrusted, RegistryError
from registry_tool.core.published import chain_at
from registry_tool.signing.ed25519 import check
from tests.attacks.chain_deeds import HONEST
from tests.attacks.chain_government import GOVERNED
from tests.attacks.chain_links import CUT, ROWS
from tests.attacks.chain_powers import TAKEN, UNSIGNED
from tests.attacks.chains import BOTH, TWO, TWO_CONTROL, Step, keyring, registry_with, verified
from tests.builders import a_registry


@pytest.mark.parametrize(
    ("sentence", "steps", "code"),
    [pytest.param(*row, id=row[0]) for row in (*CUT, *ROWS, *UNSIGNED, *TAKEN, *GOVERNED)],
)
def test_an_attack_on_the_chains_is_refused(sentence: str, steps: tuple[Step, ...], code: str) -> None:
    """What the sentence says is refused, with the code of the rule that it breaks."""
    with pytest.raises(RegistryError) as refused:
        verified(registry_with(*steps))

    assert code == refused.value.code, f"{sentence}: {refused.value.message}"
    assert refused.value.exit_code in (1, 4)


@pytest.mark.parametrize(("sentence", "steps"), [pytest.param(*row, id=row[0]) for row in HONEST])
def test_what_is_honest_passes(sentence: str, steps: tuple[Step, ...]) -> None:
    """What the sentence says is verified, and is no demonstration."""
    assert not verified(registry_with(*steps)).demonstration, sentence


def test_a_published_test_key_makes_a_demonstration() -> None:
    """A chain that holds one published test key is a demonstration, in the government or in a keyring alone."""
    registry = a_registry(demo=False)
    registry._hands["ann control"] = a_registry().hand("root")
    registry.with_author("ann")

    assert [False, True] == [registry.government().demonstration, verified(registry).demonstration]
    assert a_registry().government().demonstration


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), ""),
        ((keyring(*TWO, by=("ann control", "ann control 2")),), ""),
        ((keyring(*TWO, by=("ann control", "ann control 2")), keyring(*TWO, by=("ann control",))), "not-countersigned"),
        ((TWO_CONTROL, keyring(*TWO, by=("ann control",))), ""),
        ((keyring(*BOTH, by=("mod",)),), "not-authorised"),
    ],
)
def test_only_the_newest_keyring_may_wait_for_its_countersignature(steps: tuple[Step, ...], expected: str) -> None:
    """Two new keyring numbers at once are refused: the first of them lacks its countersignature."""
    registry = registry_with(*steps)
    government = registry.government()
    code = ""
    try:
        read_keyring(
            chain_at(registry.tree(), "authors/ann"),
            "ann",
            registry=registry.id,
            moderators=government.moderators,
            policy=government.policy,
            check=check,
            countersigned=False,
        )
    except NotTrusted as error:
        code = error.code

    assert expected == code
