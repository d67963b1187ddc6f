"""Counts of installs: read strictly, added, closed, and rounded."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.counts import Counts, LogMark, added, coarse, no_counts, read_counts
from registry_tool.core.errors import RegistryError

ID = "1" * 64
LOG, OTHER_LOG = "a" * 64, "b" * 64
PDF = "@ann/pdf"


def counts(days: dict[str, int], *, until: str = "2026-03-01", **more: Any) -> Counts:
    """Installs of one release."""
    value = {"schema": "registry.counts/1", "registry": ID, "until": until, "names": {PDF: {"1.0.0": days}}}
    return Counts.of({**value, **more})


def test_counts_read_back_to_their_own_bytes() -> None:
    """What is written is read, and written again as the same bytes."""
    one = added(counts({"2026-03-01": 2}), {}, {LOG: LogMark(bytes=9, until="2026-03-01")}, until="2026-03-01")

    assert (one, one.to_bytes()) == (read_counts(one.to_bytes(), registry=ID), one.to_bytes())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: v.update(registry="2" * 64),
        lambda v: v.update(until="2026-02-30"),
        lambda v: v.update(until="0001-01-01"),
        lambda v: v.update(names={PDF: {"1.0.0": {"2026-13-01": 1}}}),
        lambda v: v.update(names={PDF: {"1.0.0": {"before": -1}}}),
        lambda v: v.update(names={PDF: {"1": {}}}),
        lambda v: v.update(names={"pdf": {}}),
        lambda v: v.update(logs={"x": {"bytes": 1, "until": "2026-03-01"}}),
        lambda v: v.update(logs={LOG: {"bytes": 0, "until": "2026-03-01"}}),
        lambda v: v.update(addresses=[]),
    ],
)
def test_counts_that_are_none_are_refused(spoil: Callable[[dict[str, Any]], object]) -> None:
    """Another registry's, days that never were, names that are none, and more than counts."""
    value = counts({"2026-03-01": 2}).value()
    spoil(value)

    with pytest.raises(RegistryError):
        read_counts(canonical.encode(value), registry=ID)


def test_recent_is_thirty_days() -> None:
    """The total has all; the last 30 days begin 29 days before the last one."""
    one = counts({"before": 100, "2026-01-30": 7, "2026-01-31": 20, "2026-03-01": 3, "2026-03-02": 9})

    assert (139, 23) == (one.total(PDF), one.recent(PDF))
    assert (0, 0) == (one.total("@ann/other"), one.recent("@ann/other"))


def test_installs_are_added_by_release_and_day() -> None:
    """The same day grows, another release is new, and the last day moves."""
    more = {PDF: {"1.0.0": {"2026-03-01": 3}, "1.1.0": {"2026-03-02": 1}}, "@bob/links": {"0.1.0": {"2026-03-02": 5}}}
    after = added(counts({"2026-03-01": 2}), more, {}, until="2026-03-02")

    assert {
        PDF: {"1.0.0": {"2026-03-01": 5}, "1.1.0": {"2026-03-02": 1}},
        "@bob/links": {"0.1.0": {"2026-03-02": 5}},
    } == (after.names)
    assert ("2026-03-02", "2026-01-26") == (after.until, after.closed)


def test_old_days_are_closed() -> None:
    """Of days that are 35 days over only their sum stays, and of logs that end there nothing does."""
    before = counts({"before": 10, "2026-01-25": 1, "2026-01-26": 2, "2026-03-01": 4})
    marks = {LOG: LogMark(bytes=1, until="2026-01-25"), OTHER_LOG: LogMark(bytes=1, until="2026-01-26")}
    after = added(before, {}, marks, until="2026-02-01")

    assert {"1.0.0": {"before": 11, "2026-01-26": 2, "2026-03-01": 4}} == after.names[PDF]
    assert ({OTHER_LOG: marks[OTHER_LOG]}, "2026-03-01") == (after.logs, after.until)
    assert 17 == before.total(PDF) == after.total(PDF)


def test_nothing_added_is_nothing_changed() -> None:
    """Adding nothing to new counts leaves them as they are."""
    empty = no_counts(ID, "2026-03-01")

    assert {"schema": "registry.counts/1", "registry": ID, "until": "2026-03-01", "names": {}} == empty.value()
    assert empty == added(empty, {}, {}, until="")


@pytest.mark.parametrize(
    ("count", "expected"),
    [(-3, 0), (0, 0), (1, 1), (2, 2), (4, 2), (5, 5), (9, 5), (10, 10), (499, 200), (500, 500), (99_999, 50_000)],
)
def test_a_coarse_count_is_1_2_or_5_of_a_power_of_ten(count: int, expected: int) -> None:
    """It is rounded down, and never more than was counted."""
    assert expected == coarse(count)
