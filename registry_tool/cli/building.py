"""How this tool builds a repository: with all feeds, and the names shared among processes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry_tool.core.errors import NotFound
from registry_tool.wiring import BRANCH, World

if TYPE_CHECKING:
    from registry_tool.core.index import About, Feeds
    from registry_tool.core.names import ArtifactId
    from registry_tool.services.built import Build, Prepared
    from registry_tool.stores.git import GitHistory

ENOUGH_PAGES: Final = 320
"""Pages below which a second process costs more than it brings: each reads templates and makes schemas by itself."""


def warnings_of(about: "About") -> tuple[str, ...]:
    """What an operator should know of what the feeds made."""
    from registry_tool.feeds.agent_skills import warnings

    return warnings(about)


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
    counts: bytes | None = None,
    feeds: "Feeds | None" = None,
) -> "Build":
    """The site of what is committed on `main` (else HEAD) of `repository`, verified; nothing is written.

    `key` and `remembered` are of the last build, `queue` is the file of what waits, `counts` that of how often things
    were installed, `feeds` what is made instead of a site. Raises `NotFound` where there is no commit, and as
    `publisher.build` does.
    """
    from registry_tool.cli.feeds import SITE
    from registry_tool.core.counts import read_counts
    from registry_tool.core.published import registry_of
    from registry_tool.core.waiting import read_queue
    from registry_tool.services import publisher
    from registry_tool.services.wholes import rendered
    from registry_tool.stores.workers import cores, shared

    history = here.history(repository)
    head = head_of(history)
    feeds = feeds or SITE
    registry = registry_of(history.tree(head)) if (queue, counts) != (None, None) else ""
    counted = read_counts(counts, registry=registry) if counts is not None else None

    def prepared(artifacts: "Sequence[ArtifactId]") -> "Iterator[Prepared]":
        # Its own handles on the repository: two processes that share one would move each other's place in a file.
        own = here.history(repository)
        return publisher.prepare(own, head, artifacts, kinds=here.kinds, means=here.means, feeds=feeds, counts=counted)

    return publisher.build(
        history,
        head,
        kinds=here.kinds,
        means=here.means,
        feeds=feeds,
        spread=lambda artifacts: shared(prepared, artifacts, group=lambda one: one.scope, processes=cores()),
        render=lambda planned: shared(rendered, planned, group=id, processes=cores(), enough=ENOUGH_PAGES),
        key=key,
        remembered=remembered or {},
        queue=read_queue(queue, registry=registry) if queue is not None else None,
        counts=counted,
    )
