"""The page of what waits to be let in: how long each has waited, what it still needs, and how long it takes here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Listing, Planned
from registry_tool.core.release import CatalogueRow
from registry_tool.core.waiting import Ages, Queue, QueueRow, State, Statistics
from registry_tool.site.templates import render
from registry_tool.site.views import Frame, frame
from registry_tool.site.words import counted, day, line

PATH: Final = "queue/index.html"

_ROOT: Final = "../"
_SHOWN: Final = 200
"""Submissions on the page; the data has them all."""
_TITLES: Final = 12
"""Releases and statements of one submission that are named."""
_UNITS: Final = ((86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"))
_MARKS: Final[Mapping[State, str]] = {
    "pending": "",
    "flagged": "flagged",
    "rejected": "rejected",
    "merged": "not approved",
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One submission."""

    id: str
    title: str
    """The first thing that it brings."""
    href: str
    """The page of the version that people have now; empty where there is none."""
    beside: str
    """What else it brings; empty where there is nothing else."""
    mark: str
    """What it is where it does not simply wait."""
    age: str
    since: str
    author: str
    need: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """One line of the statistics."""

    what: str
    count: str
    half: str
    most: str
    """In which nine of ten were done."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """All of it."""

    frame: Frame
    count: str
    as_of: str
    lines: tuple[QueueLine, ...]
    left: str
    """How many are not shown; empty where all are."""
    numbers: tuple[Number, ...]
    outcomes: str
    """What became of the last ones; empty where none was decided."""


def queue_page(listing: Listing) -> Iterable[Planned]:
    """The page; where the build was given no queue it says so, since other pages lead here all the same."""
    queue = listing.queue
    if queue is None:
        yield Planned(PATH, "", partial(_unknown, listing.about))
    else:
        pages = _pages(queue, listing.about, listing.rows)
        key = json.dumps([sha256(queue.to_bytes()), pages], sort_keys=True)
        yield Planned(PATH, key, partial(_render, queue, listing.about, pages))


def _render(queue: Queue, about: About, pages: Mapping[str, str]) -> bytes:
    model = page(queue, about, pages)
    return render("queue.html", frame=model.frame, page=model)


def _unknown(about: About) -> bytes:
    around = frame(about, _ROOT, title="The queue", description=f"What waits to be let into {about.table.name}")
    return render("queue.html", frame=around, page=None)


def _pages(queue: Queue, about: About, rows: Iterable[CatalogueRow]) -> dict[str, str]:
    """The address of each artifact that waits with a new version and has a page."""
    wanted = {release.artifact for row in queue.waiting for release in row.releases}
    found = ((row.artifact, about.category_of(row.kind)) for row in rows if row.artifact in wanted)
    return {artifact: f"{_ROOT}{one.row.id}/{artifact[1:]}/" for artifact, one in found if one is not None}


def page(queue: Queue, about: About, pages: Mapping[str, str]) -> QueuePage:
    """The page's model; `pages` are addresses by artifact."""
    rows, said = queue.waiting, queue.statistics
    left = len(rows) - _SHOWN
    return QueuePage(
        frame=frame(about, _ROOT, title="The queue", description=f"What waits to be let into {about.table.name}"),
        count=counted(len(rows), "submission", "submissions"),
        as_of=moment(queue.as_of),
        lines=tuple(_line(row, pages) for row in rows[:_SHOWN]),
        left=f"{counted(left, 'more submission', 'more submissions')}: the data has all of them." if left > 0 else "",
        numbers=(
            _number("Waiting now", said.waiting),
            _number("Decided lately", said.decided),
            _number("Taken down", said.taken_down),
        ),
        outcomes=_outcomes(said),
    )


def _line(row: QueueRow, pages: Mapping[str, str]) -> QueueLine:
    titles = [f"{one.artifact} {one.version}" for one in row.releases]
    titles += [_sentence(one) if not titles else line(one) for one in row.statements]
    left = len(titles[_TITLES:]) + row.more
    beside = [*titles[1:_TITLES], *([f"and {left} more"] if left else [])]
    return QueueLine(
        id=row.id,
        title=titles[0] if titles else "Something that cannot be read",
        href=pages.get(row.releases[0].artifact, "") if row.releases else "",
        beside=", ".join(beside),
        mark=_MARKS[row.state],
        age=age(row.age_seconds),
        since=moment(row.since),
        author=row.author or "",
        need=_sentence(row.need) if row.need else "",
        flags=tuple(
            f"{day(flag.at)} {line(flag.by)} ({flag.reason})" + (f": “{line(flag.note)}”" if flag.note else "")
            for flag in row.flags
        ),
    )


def _sentence(text: str) -> str:
    return line(text[:1].upper() + text[1:])


def _outcomes(said: Statistics) -> str:
    told = ((said.published, "let in"), (said.rejected, "rejected"), (said.withdrawn, "withdrawn"))
    return ", ".join(f"{count} {word}" for count, word in told if count)


def _number(what: str, ages: Ages) -> Number:
    half, most = (age(one) if one is not None else "–" for one in (ages.median_seconds, ages.p90_seconds))
    return Number(what, str(ages.count), half, most)


def age(seconds: int) -> str:
    """A time for people: `3 days`, `5 hours`; never more than was."""
    for size, one, many in _UNITS:
        if seconds >= 2 * size or (size == 60 and seconds >= size):
            return counted(seconds // size, one, many)
    return "less than a minute"


def moment(time: str) -> str:
    """A document's time for people: `2026-11-21 09:00 UTC`."""
    return f"{day(time)} {time[11:16]} UTC"
