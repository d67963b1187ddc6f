"""What waits to be let in, as data: what the registry remembers of it, and the queue as one file.

    branch registry/queue, one commit without a parent
      waitlist.json          registry.waitlist/1: who waits since when, and the last 500 that were decided
      waitlist.<k16>.sig     by a moderator's key or the gate's

    queue.json               registry.queue/1: everything that waits at one moment, for `registry build --queue`

Neither is part of the record. The list decides nothing but when a wait ends; where it is lost or not signed
by somebody who decides here, all waits begin anew. The queue decides nothing at all: people read it.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core.document import (
    ArtifactText,
    Document,
    HexText,
    IdText,
    LineText,
    NoteText,
    Seq,
    Signed,
    TimeText,
    VersionText,
    load,
)
from registry_tool.core.limits import MIB, QUEUE_BYTES

QUEUE_BRANCH: Final = "registry/queue"
WAITLIST: Final = "waitlist.json"
WAITLIST_BYTES: Final = 16 * MIB  # 10,000 rows of a kilobyte, and room
WAITING_ROWS: Final = 10_000  # ten times what any registry had waiting; later ones are remembered when there is room
DECIDED_ROWS: Final = 500

Outcome = Literal["published", "rejected", "withdrawn"]


class Brought(Document):
    """One release that waits."""

    artifact: ArtifactText
    version: VersionText
    manifest: HexText
    """Of its manifest's bytes."""


class Laid(Document):
    """One statement that waits."""

    path: Annotated[str, Field(min_length=1, max_length=250)]
    sha256: HexText


class Seen(Document):
    """One submission that waits."""

    id: HexText
    seen: TimeText
    """When the registry saw it first, by the clock of whoever signed."""
    releases: Annotated[Seq[Brought], Field(max_length=200)]
    statements: Annotated[Seq[Laid], Field(max_length=200)]


class Decided(Document):
    """One submission that waits no more."""

    id: HexText
    titles: Annotated[Seq[LineText], Field(max_length=20)]
    """`@scope/name@version` of its releases, or the paths of its statements; of more than 20 the first."""
    seen: TimeText
    decided: TimeText
    outcome: Outcome


class Waitlist(Signed):
    """Who waits since when, and the last ones that were decided, oldest first."""

    schema_: Literal["registry.waitlist/1"] = Field(alias="schema")
    as_of: TimeText
    waiting: Annotated[Seq[Seen], Field(max_length=WAITING_ROWS)]
    decided: Annotated[Seq[Decided], Field(max_length=DECIDED_ROWS)]


QUEUE_RELEASES: Final = 200  # of one submission; that there are more is said

State = Literal["pending", "flagged", "rejected", "merged"]
"""What a submission that waits is: `merged` lies on the main line and nobody let it in."""

_SecondsInt = Annotated[int, Field(ge=0, lt=2**40)]
_WordText = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,39}$")]


class Waits(Document):
    """One release of a submission that waits."""

    artifact: ArtifactText
    version: VersionText
    kind: _WordText
    category: _WordText | None = None
    """The kind in the plural, as its tab is called; absent where this tool does not know the kind."""


class FlagRow(Document):
    """Somebody wants others to look twice."""

    by: LineText
    reason: _WordText
    note: NoteText
    at: TimeText


class QueueRow(Document):
    """One submission that waits."""

    id: HexText
    state: State
    since: TimeText
    """When the registry saw it first."""
    age_seconds: _SecondsInt
    """At the queue's `as_of`."""
    author: IdText | None = None
    """Absent where it does not say whose it is, or cannot be read."""
    releases: Annotated[Seq[Waits], Field(max_length=QUEUE_RELEASES)]
    statements: Annotated[Seq[LineText], Field(max_length=QUEUE_RELEASES)]
    """What its statements say, in words."""
    more: _SecondsInt
    """How many releases and statements are not listed here."""
    verdict: Literal["pass", "fail", "review", "undecided"]
    need: NoteText
    """What it still needs and from whom, in words; empty where nothing was said."""
    flags: Annotated[Seq[FlagRow], Field(max_length=50)]


class Ages(Document):
    """How long something took: of `count`, half took at most `median_seconds`, nine of ten at most `p90_seconds`."""

    count: _SecondsInt
    median_seconds: _SecondsInt | None = None
    """Absent, as the next one, where there is nothing to count."""
    p90_seconds: _SecondsInt | None = None


class Statistics(Document):
    """How long people wait here, and how long until something bad is taken down."""

    waiting: Ages
    """From when it was first seen until now."""
    decided: Ages
    """Of the last 500, until they were let in, rejected or withdrawn."""
    published: _SecondsInt
    rejected: _SecondsInt
    withdrawn: _SecondsInt
    taken_down: Ages
    """Of every release that was ever quarantined, revoked or withheld, until the first time: since somebody first
    flagged it, else since it was let in."""


class Queue(Signed):
    """Everything that waits at one moment, oldest first."""

    schema_: Literal["registry.queue/1"] = Field(alias="schema")
    as_of: TimeText
    waiting: Annotated[Seq[QueueRow], Field(max_length=WAITING_ROWS)]
    statistics: Statistics


def read_queue(data: bytes, *, registry: str) -> Queue:
    """The queue that `data` holds; `InvalidInput`, or `NotTrusted` (`other-registry`) for one of another registry."""
    return load(Queue, data, limit=QUEUE_BYTES, registry=registry, what="the queue")


def ages_of(seconds: Sequence[int]) -> Ages:
    """How long some things took; each number is one of theirs (nearest rank), so nothing is made up between two."""
    if not seconds:
        return Ages(count=0)
    there = sorted(max(0, one) for one in seconds)
    median, p90 = (there[-(-len(there) * share // 100) - 1] for share in (50, 90))
    return Ages(count=len(there), median_seconds=median, p90_seconds=p90)
