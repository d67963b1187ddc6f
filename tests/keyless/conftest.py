"""One sigstore instance for all tests here, and what it signed."""

from collections.abc import Iterator

import pytest

from tests.keyless.bundles import MESSAGE, Made
from tests.keyless.instance import Instance


@pytest.fixture(scope="session")
def sigstore() -> Iterator[Instance]:
    """An instance on loopback, with the clock of this machine."""
    with Instance() as instance:
        yield instance


@pytest.fixture(scope="session")
def made(sigstore: Instance) -> dict[int, Made]:
    """What a CI job signed, in Rekor 1 and 2, and the same for another message."""
    token = sigstore.job()
    return {
        version: Made(
            sigstore,
            version,
            sigstore.sign(MESSAGE, token, rekor=version),
            sigstore.sign(b"another message", token, rekor=version),
        )
        for version in (1, 2)
    }
