"""What proves a release, read from what a site serves."""

import pytest

from registry_tool.core import canonical
from registry_tool.core.proof import read_name, read_proof
from tests.builders import RegistryInMemory, a_registry
from tests.proving import SOLAR, refusal


@pytest.fixture
def registry() -> RegistryInMemory:
    return a_registry().release(SOLAR, "1.0.0")


def test_evidence_and_manifest_give_the_proof_back(registry: RegistryInMemory) -> None:
    """Nothing is lost on the way through an evidence object."""
    proof = registry.proof(SOLAR, "1.0.0")

    assert proof == read_proof(canonical.encode(proof.evidence(registry.id)), proof.manifest, registry=registry.id)


def test_evidence_of_another_manifest_is_refused(registry: RegistryInMemory) -> None:
    """Evidence names the manifest that it is about."""
    evidence = canonical.encode(registry.proof(SOLAR, "1.0.0").evidence(registry.id))

    assert (4, "other-release") == refusal(lambda: read_proof(evidence, b"{}", registry=registry.id))


def test_two_signatures_of_one_name_are_refused(registry: RegistryInMemory) -> None:
    """A second file of the same name cannot hide behind the first."""
    proof = registry.proof(SOLAR, "1.0.0")
    value = dict(proof.evidence(registry.id))
    signatures = value["signatures"]
    assert isinstance(signatures, list)
    value["signatures"] = signatures * 2

    assert (1, "invalid-document") == refusal(
        lambda: read_proof(canonical.encode(value), proof.manifest, registry=registry.id)
    )


def test_the_record_of_another_name_is_refused(registry: RegistryInMemory) -> None:
    """A host cannot answer with the record of another name."""
    record = registry.site()["index/an/ann/solar.json"]

    assert SOLAR == read_name(record, registry=registry.id, artifact=SOLAR).artifact
    assert (4, "other-artifact") == refusal(lambda: read_name(record, registry=registry.id, artifact="@ann/dusk"))
