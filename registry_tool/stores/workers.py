"""Work shared among processes, one for each core, where there is enough of it to pay."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Final, TypeVar

from registry_tool.core.errors import RegistryError

T = TypeVar("T")
R = TypeVar("R")

Work = Callable[[Sequence[T]], Iterable[R]]
"""Gives one result for each item, in order; opens its own files, since it runs in a process of its own."""

ENOUGH: Final = 48
"""Items below which a second process costs more than it brings."""


def cores() -> int:
    """How many processes can run at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def shared(
    work: Work[T, R], items: Sequence[T], *, group: Callable[[T], object], processes: int, enough: int = ENOUGH
) -> Iterator[R]:
    """The result of `work` for every item, in any order; items of one `group` stay together, in order.

    What `work` raises is raised here once all processes are done, the error of the first item if
    there are several: so the same error comes however the work was shared.
    """
    if processes < 2 or len(items) < enough or "fork" not in multiprocessing.get_all_start_methods():
        yield from work(items)
        return
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    parts: list[list[T]] = [[] for _ in range(processes)]
    for members in groups.values():
        min(parts, key=len).extend(members)
    yield from _run(work, [part for part in parts if part], {id(item): place for place, item in enumerate(items)})


def _run(work: Work[T, R], parts: Sequence[Sequence[T]], places: dict[int, int]) -> Iterator[R]:
    fork = multiprocessing.get_context("fork")
    children = []
    waiting: dict[Connection, Sequence[T]] = {}
    errors: list[tuple[int, BaseException]] = []
    try:
        for part in parts:
            ours, theirs = fork.Pipe(duplex=False)
            child = fork.Process(target=_child, args=(work, part, theirs), daemon=True)
            child.start()
            theirs.close()
            children.append(child)
            waiting[ours] = part
        while waiting:
            for ready in wait(list(waiting)):
                if not isinstance(ready, Connection):
                    continue
                kind, value = _received(ready)
                if kind == "result":
                    yield value
                    continue
                part = waiting.pop(ready)
                ready.close()
                if kind == "error":
                    done, error = value
                    errors.append((places[id(part[min(done, len(part) - 1)])], error))
        if errors:
            raise min(errors, key=lambda error: error[0])[1]
    finally:
        for child in children:
            child.terminate()
            child.join()


def _received(connection: Connection) -> tuple[str, Any]:  # Any: what the child's work gives
    try:
        kind, value = connection.recv()
    except EOFError:
        return "error", (0, RegistryError("a process of the build ended before its work was done"))
    return kind, value


def _child(work: Work[T, R], part: Sequence[T], out: Connection) -> None:
    done = 0
    try:
        for result in work(part):
            out.send(("result", result))
            done += 1
        out.send(("end", None))
    except KeyboardInterrupt:
        pass  # the parent is told, too
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        out.send(("error", (done, error)))
