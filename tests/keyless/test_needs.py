"""An owner's update by another identity than before is looked at by two people."""

from collections.abc import Iterator

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.change import Change
from registry_tool.core.need import Need
from registry_tool.core.review import review
from registry_tool.core.times import to_seconds
from registry_tool.services.needs import with_need
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, skill
from tests.core.landings import LINKS, blob_of
from tests.keyless.instance import LONG, Instance
from tests.keyless.registries import ANN, JOB, MEANS, SIGNED, believing, scope_says

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sigstore() -> Iterator[Instance]:
    """An instance in March 2026."""
    with Instance(lambda: to_seconds(SIGNED), lifetime=LONG) as instance:
        yield instance


def signed(sigstore: Instance, version: str, token: str) -> Build:
    """A version that a key and an identity signed."""

    def build(registry: RegistryInMemory) -> None:
        skill(registry, version)
        blob = blob_of(registry, version)
        registry.files[f"{blob}.sigstore.json"] = sigstore.sign(registry.files[blob], token)

    return build


def need(sigstore: Instance, before: str, now: str, *, spoilt: bool = False) -> Need:
    """What 1.1.0 needs, signed as `now` says, after 1.0.1, signed as `before` says."""

    def tip(registry: RegistryInMemory) -> None:
        believing(registry, sigstore)
        registry.moderators({"mod": None, "two": None}, by=("mod", "two"), under=())
        registry.policy(gate_releases="owner-updates")
        scope_says(registry, needs="key", identities=(JOB, ANN))
        signed(sigstore, "1.0.1", before)(registry)
        if spoilt:
            registry.files[f"{blob_of(registry, '1.0.1')}.sigstore.json"] = b"{}"
        registry.admit(LINKS, "1.0.1", compared="1.0.0", at="2026-03-05T12:05:00Z")

    made: Change = change(signed(sigstore, "1.1.0", now), tip=tip)
    found = with_need(review(made, all_checks()), MEANS).need
    assert found is not None
    return found


def test_the_same_identity_is_a_second_sign(sigstore: Instance) -> None:
    """Nothing new, signed by a key and by the same job as before: by its owner alone."""
    assert "owner" == need(sigstore, sigstore.job(), sigstore.job()).path


def test_another_identity_takes_two_people(sigstore: Instance) -> None:
    """Both are named by the scope, and they are not the same."""
    found = need(sigstore, sigstore.job(), sigstore.token(email="ann@example.org"))

    assert (True, 2) == (found.grave, found.people)
    assert "@ann/links is signed by 'ann@example.org'" in found.why[0]


def test_one_that_cannot_be_compared_is_another(sigstore: Instance) -> None:
    """A signature of the version before that verifies no more says nothing about who it was."""
    found = need(sigstore, sigstore.job(), sigstore.job(), spoilt=True)

    assert (True, 2, True) == (found.grave, found.people, "cannot be verified any more" in found.why[0])
