"""What the tests of services share."""

from pathlib import Path

import pytest

from tests.services.person import Person


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)
