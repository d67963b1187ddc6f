"""What the rows of bad input share."""

from pathlib import Path

import pytest

from tests.bad_input.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)
