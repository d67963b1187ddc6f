"""A signed site of two names, for those who look at what its client does."""

import pytest

from tests.builders import a_registry
from tests.building_index import SignedSite


@pytest.fixture
def site() -> SignedSite:
    """`@ann/solar` and `@ann/moon`, published once."""
    registry = a_registry(demo=False).release("@ann/solar", "1.0.0").release("@ann/moon", "1.0.0")
    signed = SignedSite(registry)
    signed.publish()
    return signed
