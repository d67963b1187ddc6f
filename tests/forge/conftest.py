"""One pair of servers for all tests of a run, one proxy before them, and a new GitHub for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.github_fake import GitHub, Home, home
from tests.forge.prism import prism
from tests.forge.submitting import Place


@pytest.fixture(scope="session")
def github_home() -> Iterator[Home]:
    with home() as there:
        yield there


@pytest.fixture(scope="session")
def described_api(github_home: Home) -> Iterator[str]:
    """The API behind the proxy that knows GitHub's published description."""
    with prism(f"{github_home.server}/api/v3") as address:
        yield address


@pytest.fixture
def github(github_home: Home, tmp_path: Path) -> GitHub:
    (tmp_path / "github").mkdir()
    return github_home.moves_in(tmp_path / "github")


@pytest.fixture(params=["direct", pytest.param("described", marks=[pytest.mark.network, pytest.mark.slow])])
def api(request: pytest.FixtureRequest, github: GitHub) -> str:
    """The API's address: as it is, and behind the proxy that refuses what its description does not say."""
    return github.api if request.param == "direct" else str(request.getfixturevalue("described_api"))


@pytest.fixture
def place(github: GitHub, tmp_path: Path) -> Place:
    """A registry in that GitHub."""
    return Place(github, tmp_path)
