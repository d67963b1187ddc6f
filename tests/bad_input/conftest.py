"""What the rows of bad input share."""

from pathlib import Path

import pytest

from tests.bad_input.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The whole table runs with `make test`; while one works, the rules behind it are tested where they live."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
