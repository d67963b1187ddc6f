"""Work shared among processes, one for each core, where there is enough of it to pay."""

import multiprocessing
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeVar

from registry_tool.core.errors import RegistryError

T = TypeVar("T")
R = TypeVar("R")

Work = Callable[[Sequence[T]], Iterable[R]]
"""Gives one result for each item, in order; opens its own files, since it runs in a process of its own."""

ENOUGH: Final = 48
"""Items below which a second process costs more than it brings."""
AHEAD_BYTES: Final = 1024 * 1024
"""Of results that wait in a pipe; what Linux allows everybody."""
F_SETPIPE_SZ: Final = 1031  # linux/fcntl.h; other systems refuse it


def cores() -> int:
    """How many processes can run at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class Shared(Generic[R]):
    """Results on their way: the processes run from now on. Go over it once; `close` ends what still runs."""

    def __init__(self, work: Work[T, R], parts: Sequence[Sequence[T]], places: Mapping[int, int]) -> None:
        self._children: list[BaseProcess] = []
        self._waiting: dict[Connection, list[int]] = {}
        fork = multiprocessing.get_context("fork")
        try:
            for part in parts:
                ours, theirs = fork.Pipe(duplex=False)
                _widen(ours)
                child = fork.Process(target=_child, args=(work, part, theirs), daemon=True)
                child.start()
                theirs.close()
                self._children.append(child)
                self._waiting[ours] = [places[id(item)] for item in part]
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[R]:
        """Each result as it comes; once all came, what was raised first."""
        errors: list[tuple[int, BaseException]] = []
        while self._waiting:
            for ready in wait(list(self._waiting)):
                if not isinstance(ready, Connection):
                    continue
                kind, value = _received(ready)
                if kind == "result":
                    yield value
                    continue
                part = self._waiting.pop(ready)
                ready.close()
                if kind == "error":
                    done, error = value
                    errors.append((part[min(done, len(part) - 1)], error))
        if errors:
            raise min(errors, key=lambda error: error[0])[1]

    def close(self) -> None:
        """Ends the processes."""
        for connection in self._waiting:
            connection.close()
        self._waiting.clear()
        for child in self._children:
            child.terminate()
            child.join()


def shared(
    work: Work[T, R], items: Sequence[T], *, group: Callable[[T], object], processes: int, enough: int = ENOUGH
) -> "Shared[R] | Generator[R, None, None]":
    """The result of `work` for every item, in any order; items of one `group` stay together, in order.

    Where it pays, processes begin at once, and whoever called goes on meanwhile. What `work` raises is
    raised once all processes are done, the error of the first item if there are several: so the same
    error comes however the work was shared.
    """
    if processes < 2 or len(items) < enough or "fork" not in multiprocessing.get_all_start_methods():
        return _alone(work, items)
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    parts: list[list[T]] = [[] for _ in range(processes)]
    for members in groups.values():
        min(parts, key=len).extend(members)
    return Shared(work, [part for part in parts if part], {id(item): place for place, item in enumerate(items)})


def all_hold(holds: Callable[[T], bool], parts: Sequence[T]) -> bool:
    """Whether `holds` for every part; each but the first is looked at by a process of its own."""
    children = [_forked(holds, part) for part in parts[1:]] if hasattr(os, "fork") else []
    held = all(holds(part) for part in (parts[:1] if children else parts))
    statuses = [os.waitpid(child, 0)[1] for child in children]
    return held and not any(statuses)


def _forked(holds: Callable[[T], bool], part: T) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os._exit(0 if holds(part) else 1)
    finally:
        os._exit(1)  # whatever was raised: whoever asked looks closer


def _alone(work: Work[T, R], items: Sequence[T]) -> Generator[R, None, None]:
    yield from work(items)


def _widen(connection: Connection) -> None:
    """Lets a child run ahead while nobody reads, where the system knows how to."""
    try:
        import fcntl

        fcntl.fcntl(connection.fileno(), F_SETPIPE_SZ, AHEAD_BYTES)
    except (ImportError, OSError):
        pass  # what there is will do


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
