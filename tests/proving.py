"""What the tests of verification share: a release of a registry in memory, verified as a client does it."""

from collections.abc import Callable

import pytest

from registry_tool.core.authorities import Authorities
from registry_tool.core.errors import RegistryError
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import lookup_at
from registry_tool.core.trust import Admitted, Means, Wanted, verify_admission, verify_release
from registry_tool.core.verified import Verified
from registry_tool.signing.ed25519 import check
from tests.builders import KINDS, RegistryInMemory

MEANS = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
SOLAR = "@ann/solar"


def admitted(registry: RegistryInMemory, version: str = "1.0.0", *, kind: str | None = None) -> Admitted:
    """The release `@ann/solar` of `registry`, its admission and signatures verified."""
    authorities = registry.authorities("ann")
    return verify_admission(
        registry.proof(SOLAR, version),
        Wanted(SOLAR, version, kind),
        authorities,
        means=MEANS,
        lookup=lookup_at(registry.tree(), parse_artifact(SOLAR), authorities, check=check),
    )


def verified(registry: RegistryInMemory, version: str = "1.0.0", *, locked: bool = False) -> Verified:
    """The same, to the last byte, with the status that its events give."""
    authorities = registry.authorities("ann")
    lookup = lookup_at(registry.tree(), parse_artifact(SOLAR), authorities, check=check)
    found = lookup(version)
    return verify_release(
        found.proof,
        registry.bundle(SOLAR, version),
        Wanted(SOLAR, version),
        authorities,
        status=found.status,
        means=MEANS,
        lookup=lookup,
        locked=locked,
    )


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    """The exit code and the stable word with which `act` is refused."""
    with pytest.raises(RegistryError) as refused:
        act()
    return refused.value.exit_code, refused.value.code


def authorities_of(registry: RegistryInMemory, *authors: str) -> Authorities:
    """The scope `ann` with its keyrings."""
    return registry.authorities("ann", *authors)
