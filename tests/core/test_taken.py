"""What statements take back, and what becomes of it."""

import pytest

from registry_tool.core.names import parse_artifact
from registry_tool.core.proof import read_name
from registry_tool.core.published import name_record
from registry_tool.core.submission import previous_of
from registry_tool.core.taken import taken_back, with_hits
from tests.builders import RegistryInMemory, a_registry
from tests.proving import SOLAR, authorities_of

PAST = "2026-03-01T00:00:00Z"


def digests(registry: RegistryInMemory) -> dict[str, str]:
    record = read_name(
        name_record(registry.tree(), parse_artifact(SOLAR), registry=registry.id) or b"",
        registry=registry.id,
        artifact=SOLAR,
    )
    return {version: row.manifest for version, row in record.versions.items()}


def test_everybody_s_statements_take_back() -> None:
    """What the moderators, the scope and the keyring list is taken back, by the files and by the verified chains."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0").release(SOLAR, "1.2.0")
    one, two, three = digests(registry).values()
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    registry.keyring("ann", rows, change=lambda value: value.update(hits=[one]))
    registry.scope("ann", owners=["ann"], change=lambda value: value.update(hits=[two]))
    registry.moderators({"mod": None}, under=(), change=lambda value: value.update(hits=[three]))

    assert (
        frozenset({one, two, three}) == taken_back(registry.tree(), "ann") == authorities_of(registry, "ann").taken_back
    )
    assert frozenset({three}) == taken_back(registry.tree(), "nobody")


@pytest.mark.parametrize("data", [b"[]", b"no json", b'{"hits":5,"under":{}}', b'{"hits":[5]}'])
def test_a_statement_that_cannot_be_read_takes_nothing_back(data: bytes) -> None:
    """Whoever verifies the chain says what is wrong with it."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.files["index/scopes/an/ann/2.json"] = data

    assert frozenset() == taken_back(registry.tree(), "ann")


def test_what_is_taken_back_is_hinted_as_revoked() -> None:
    """Withheld stays withheld, since its bytes are gone; everything else is revoked."""
    assert ("revoked", "withheld", "yanked") == (
        with_hits("yanked", taken=True),
        with_hits("withheld", taken=True),
        with_hits("yanked", taken=False),
    )


def test_nothing_is_measured_against_what_was_taken_back() -> None:
    """A release of a stolen key gives the next one no powers: the one before it counts."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0").release(SOLAR, "1.2.0")
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    stolen = digests(registry)["1.1.0"]
    registry.keyring("ann", rows, change=lambda value: value.update(hits=[stolen]))
    previous, _ = previous_of(registry.tree(), registry.manifest(SOLAR, "1.2.0"), registry=registry.id)

    assert previous is not None
    assert "1.0.0" == previous.version
