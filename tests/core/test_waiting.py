"""The queue as a file: read strictly, counted without guessing."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import RegistryError
from registry_tool.core.limits import QUEUE_BYTES
from registry_tool.core.waiting import ages_of, read_queue
from tests.proving import refusal
from tests.queues import queue_value, typical, waits

ID, OTHER = "1" * 64, "2" * 64
Spoil = Callable[[dict[str, Any]], object]


def test_a_queue_reads_back_to_its_own_bytes() -> None:
    """What is written is read, and written again as the same bytes."""
    data = typical(ID).to_bytes()

    assert (typical(ID), data) == (read_queue(data, registry=ID), read_queue(data, registry=ID).to_bytes())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda v: v.update(registry=OTHER), "another registry"),
        (lambda v: v.update(schema="registry.queue/2"), "reads up to registry.queue/1"),
        (lambda v: v.update(schema="registry.waitlist/1"), "expected the schema registry.queue/1"),
        (lambda v: v.update(more=1), "more: is not a member"),
        (lambda v: v.update(as_of="yesterday"), "as_of"),
        (lambda v: v["waiting"][0].update(state="published"), "waiting[0].state"),
        (lambda v: v["waiting"][0].update(age_seconds=-1), "waiting[0].age_seconds"),
        (lambda v: v["waiting"][0].update(author="<b>"), "waiting[0].author"),
        (lambda v: v["waiting"][0]["releases"][0].update(artifact="@../x"), "waiting[0].releases[0].artifact"),
        (lambda v: v["waiting"][0]["releases"][0].update(category="../x"), "waiting[0].releases[0].category"),
        (lambda v: v["waiting"][0].update(need="x" * 4001), "waiting[0].need"),
        (lambda v: v.update(waiting=v["waiting"] * 10_001), "waiting"),
        (lambda v: v["statistics"]["waiting"].update(median_seconds=None), "null"),
    ],
)
def test_a_queue_that_is_none_is_refused_with_one_message(spoil: Spoil, said: str) -> None:
    """The message names the place."""
    value = queue_value(ID, waits("one"))
    spoil(value)

    with pytest.raises(RegistryError) as refused:
        read_queue(canonical.encode(value), registry=ID)
    assert said in refused.value.message


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"a": 1}', b" " * (QUEUE_BYTES + 1)])
def test_bytes_that_are_no_document_are_refused(data: bytes) -> None:
    """Whatever the file holds, it is one message and exit 1."""
    assert 1 == refusal(lambda: read_queue(data, registry=ID))[0]


@pytest.mark.parametrize(
    ("seconds", "median", "p90"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([3, 1, 2], 2, 3),
        (range(1, 11), 5, 9),
        (range(1, 12), 6, 10),
        (range(1, 101), 50, 90),
        ([-5, -5], 0, 0),
    ],
)
def test_a_share_is_one_of_the_numbers(seconds: list[int], median: int, p90: int) -> None:
    """Half of them are at most the median, nine of ten at most the ninth tenth; nothing is made up between two."""
    ages = ages_of(seconds)

    assert (len(seconds), median, p90) == (ages.count, ages.median_seconds, ages.p90_seconds)


def test_of_nothing_there_is_no_median() -> None:
    """Where there is nothing to count the members are absent, since null is not zero."""
    assert {"count": 0} == ages_of([]).value()
