"""The catalogue that a clone makes of its own files."""

import pytest

from registry_tool.core.catalogue import catalogue, read_catalogue, shown_version
from registry_tool.core.errors import NotTrusted
from registry_tool.core.release import Status
from registry_tool.core.versions import parse_version
from tests.builders import a_registry


def test_every_admitted_name_has_one_row() -> None:
    """The catalogue has a row for each name with an admitted release, sorted, and none for what only waits."""
    registry = a_registry().release("@bob/moon", "1.0.0").release("@ann/solar", "1.0.0", tags=["warm"])
    registry.release("@ann/solar", "1.1.0", title="Sunny")
    registry.publish("@ann/waits", "1.0.0")

    rows = read_catalogue(catalogue(registry.tree()), registry=registry.id).artifacts

    assert [("@ann/solar", "1.1.0", "Sunny"), ("@bob/moon", "1.0.0", "Moon")] == [
        (row.artifact, row.version, row.title) for row in rows
    ]


def test_another_registrys_catalogue_is_refused() -> None:
    """A catalogue is read for one registry's id."""
    with pytest.raises(NotTrusted):
        read_catalogue(catalogue(a_registry().tree()), registry="0" * 64)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({"1.0.0": "active", "1.1.0": "active"}, "1.1.0"),
        ({"1.0.0": "active", "1.1.0": "yanked"}, "1.0.0"),
        ({"1.0.0": "deprecated", "2.0.0-a": "active"}, "1.0.0"),
        ({"1.0.0": "yanked", "2.0.0-a": "active"}, "2.0.0-a"),
        ({"1.0.0": "yanked", "2.0.0": "revoked"}, "2.0.0"),
    ],
)
def test_a_name_is_shown_by_its_best_version(statuses: dict[str, Status], expected: str) -> None:
    """The newest that can be installed stands for a name, no pre-release where there is another."""
    assert expected == shown_version({parse_version(one): status for one, status in statuses.items()}).text
