"""How this tool builds a repository: with all feeds, and the names shared among processes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_tool.core.errors import NotFound
from registry_tool.wiring import BRANCH, World

if TYPE_CHECKING:
    from registry_tool.core.index import Feeds
    from registry_tool.core.names import ArtifactId
    from registry_tool.services.built import Build, Prepared
    from registry_tool.stores.git import GitHistory


def all_feeds() -> "Feeds":
    """Everything that a site has."""
    from registry_tool.core.index import Feeds
    from registry_tool.feeds.advisories import advisories, osv
    from registry_tool.feeds.catalogue import catalogue
    from registry_tool.feeds.ggui import gadget_bundles
    from registry_tool.feeds.objects import objects, tables
    from registry_tool.feeds.people import authors, reviews
    from registry_tool.feeds.queue import marketplace_queue
    from registry_tool.site.gallery import item_page, pages
    from registry_tool.site.queue import queue_page

    whole = (tables, catalogue, advisories, authors, marketplace_queue, pages, queue_page)
    return Feeds((objects, gadget_bundles, osv, reviews, item_page), whole)


def head_of(history: "GitHistory") -> str:
    """The commit that is published: `main`, else HEAD; `NotFound` where there is none."""
    head = history.resolve(BRANCH) or history.resolve("HEAD")
    if head is None:
        raise NotFound(
            f"{history.where} has no commit yet", code="not-a-registry", hint="make a registry with `registry init DIR`"
        )
    return head


def build_of(
    here: World,
    repository: Path,
    *,
    key: str = "",
    remembered: Mapping[str, Any] | None = None,  # Any: JSON
    queue: bytes | None = None,
) -> "Build":
    """The site of what is committed on `main` (else HEAD) of `repository`, verified; nothing is written.

    `key` and `remembered` are of the last build, `queue` is the file of what waits. Raises `NotFound` where there is
    no commit, and as `publisher.build` does.
    """
    from registry_tool.core.published import registry_of
    from registry_tool.core.waiting import read_queue
    from registry_tool.services import publisher
    from registry_tool.stores.workers import cores, shared

    history = here.history(repository)
    head = head_of(history)
    feeds = all_feeds()

    def prepared(artifacts: "Sequence[ArtifactId]") -> "Iterator[Prepared]":
        # Its own handles on the repository: two processes that share one would move each other's place in a file.
        own = here.history(repository)
        return publisher.prepare(own, head, artifacts, kinds=here.kinds, means=here.means, feeds=feeds)

    return publisher.build(
        history,
        head,
        kinds=here.kinds,
        means=here.means,
        feeds=feeds,
        spread=lambda artifacts: shared(prepared, artifacts, group=lambda one: one.scope, processes=cores()),
        key=key,
        remembered=remembered or {},
        queue=read_queue(queue, registry=registry_of(history.tree(head))) if queue is not None else None,
    )
