"""What the tests of the consumer's verbs share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, Desk, skill_release


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def built() -> RegistryInMemory:
    built = a_registry(demo=False)
    return skill_release(built, PDF, "1.0.0", permissions=["network"], tags=["paper"], description="Read PDF files.")


@pytest.fixture
def people(tmp_path: Path) -> Callable[[str], Desk]:
    """Other people, each at a machine of their own."""
    return lambda name: Desk(tmp_path / name)


@pytest.fixture
def founded(desk: Desk) -> Desk:
    """Somebody with a registry in `reg`."""
    desk.run("init", "reg", "--name", "Example", "--bins", "8", "--yes")
    return desk
