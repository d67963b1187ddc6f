"""Work that is shared among processes: the same results and the same error as in one."""

import os
from collections.abc import Iterator, Sequence

import pytest

from registry_tool.core.errors import NotTrusted, RegistryError
from registry_tool.core.findings import Finding
from registry_tool.stores.workers import cores, shared

ITEMS = tuple(f"{number:03}" for number in range(100))


def scope(item: str) -> str:
    """Ten items to a group."""
    return item[:2]


def doubled(items: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Each item twice, and the process that did it."""
    for item in items:
        yield item, item * 2, os.getpid()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_item_is_done_once(processes: int) -> None:
    """However many processes there are, each item has one result, and a group stays in one process."""
    results = list(shared(doubled, ITEMS, group=scope, processes=processes))
    pids = {group: {pid for item, _, pid in results if scope(item) == group} for group in map(scope, ITEMS)}

    assert [(item, item * 2) for item in ITEMS] == sorted((item, twice) for item, twice, _ in results)
    assert {1} == {len(found) for found in pids.values()}
    assert processes == len({pid for _, _, pid in results})
    assert (os.getpid() in {pid for _, _, pid in results}) == (processes == 1)


def test_a_little_work_is_not_shared() -> None:
    """Below the number that pays all is done here."""
    assert {os.getpid()} == {pid for _, _, pid in shared(doubled, ITEMS[:10], group=scope, processes=2)}


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_the_error_is_that_of_the_first_item(processes: int) -> None:
    """Several items fail; whichever process is quicker, the first one's error is raised, whole."""

    def refusing(items: Sequence[str]) -> Iterator[str]:
        for item in items:
            if item.endswith("7"):
                raise NotTrusted(f"{item} lies", code="bad", where=item, findings=(Finding("a", "fail", "b"),))
            yield item

    with pytest.raises(NotTrusted) as caught:
        list(shared(refusing, ITEMS, group=scope, processes=processes))

    assert ("007 lies", "bad", "007", "b") == (
        caught.value.message,
        caught.value.code,
        caught.value.where,
        caught.value.findings[0].message,
    )


def test_a_process_that_dies_is_an_error() -> None:
    """A child that is killed does not leave the build waiting, nor its items out."""
    parent = os.getpid()

    def dying(items: Sequence[str]) -> Iterator[str]:
        for item in items:
            if os.getpid() != parent and item == "050":
                os._exit(9)
            yield item

    with pytest.raises(RegistryError, match="ended before its work was done"):
        list(shared(dying, ITEMS, group=scope, processes=2))


def test_there_is_at_least_one_core() -> None:
    """The number of processes that can run at once is positive."""
    assert cores() >= 1
