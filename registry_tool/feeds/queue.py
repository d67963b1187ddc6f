"""What waits to be let in, for programs: as it was given to the build, and in the spelling of the marketplace.

    queue/queue.json                              registry.queue/1, byte for byte
    cp/api/v1/admin/marketplace/queue.json        the marketplace's route GET /cp/api/v1/admin/marketplace/queue

The route lists releases: a submission that brings several has several rows with its id, one that brings
statements alone has none. A build that was given no queue publishes neither.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.digest import sha256
from registry_tool.core.index import Listing, Planned
from registry_tool.core.layout import SITE_QUEUE
from registry_tool.core.names import parse_artifact
from registry_tool.core.waiting import Queue, QueueRow

ROUTE: Final = "cp/api/v1/admin/marketplace/queue"


def marketplace_queue(listing: Listing) -> Iterable[Planned]:
    """Both files; nothing where the build was given no queue."""
    if listing.queue is not None:
        yield _planned(SITE_QUEUE, listing.queue.to_bytes())
        yield _planned(f"{ROUTE}.json", canonical.encode(document(listing.queue)))


def document(queue: Queue) -> dict[str, Any]:  # Any: JSON
    """What the marketplace's route answers."""
    return {
        "as_of": queue.as_of,
        "items": [item for row in queue.waiting for item in _items(row)],
        "statistics": queue.statistics.value(),
    }


def _items(row: QueueRow) -> Iterator[dict[str, Any]]:  # Any: JSON
    for release in row.releases:
        yield {
            "id": row.id,
            "kind": release.category or release.kind,
            "slug": parse_artifact(release.artifact).slug,
            "version": release.version,
            "author_id": row.author or "",
            "state": row.state,
            "submitted_at": row.since,
            "note": row.need,
        }


def _planned(path: str, data: bytes) -> Planned:
    return Planned(path, sha256(data), lambda: data)
