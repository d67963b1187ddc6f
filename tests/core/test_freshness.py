"""How fresh an index is, and when people are told."""

import pytest

from registry_tool.core.freshness import DAY, Freshness
from registry_tool.core.times import from_seconds

NOW = 1_795_000_000
LIFETIMES = {"bins": 90, "snapshot": 30, "timestamp": 7, "short": 2}


def fresh(**left: float) -> Freshness:
    """An index whose roles are good for so many days more."""
    expires = {role: from_seconds(NOW + int(days * DAY)) for role, days in left.items()}
    return Freshness(from_seconds(NOW), True, expires, LIFETIMES)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ({"root": 400, "targets": 400, "snapshot": 29, "timestamp": 6, "bins": 80}, []),
        ({"timestamp": 7 / 3}, []),
        ({"timestamp": 2.33}, ["its timestamp expires at 2026-11-20T19:01:52Z: its operator should sign it again"]),
        ({"snapshot": 7}, []),
        ({"snapshot": 6.999}, ["its snapshot expires at 2026-11-25T11:05:13Z: its operator should sign it again"]),
        ({"bins": 7}, []),
        ({"root": 7}, []),
        ({"root": 6}, ["its root expires at 2026-11-24T11:06:40Z: its operator should sign it again"]),
        ({"short": 1}, []),
        ({"timestamp": 0}, ["its timestamp expired at 2026-11-18T11:06:40Z"]),
        (
            {"timestamp": -1, "root": -2, "targets": 1},
            [
                "its root expired at 2026-11-16T11:06:40Z",
                "its timestamp expired at 2026-11-17T11:06:40Z",
                "its targets expires at 2026-11-19T11:06:40Z: its operator should sign it again",
            ],
        ),
        ({"b": -1, "a": -1}, ["its a expired at 2026-11-17T11:06:40Z", "its b expired at 2026-11-17T11:06:40Z"]),
    ],
)
def test_people_are_told_before_it_is_too_late(left: dict[str, float], expected: list[str]) -> None:
    """A week before, or when a third is left of what lives shorter; the earliest first."""
    assert expected == list(fresh(**left).warnings(NOW))


def test_it_is_fresh_until_the_first_part_expires() -> None:
    """The earliest of all roles decides."""
    assert "2026-11-19T11:06:40Z" == fresh(root=9, bins=1, snapshot=2).until
