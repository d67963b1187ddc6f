"""What waits, for programs: the file as it was given, and the marketplace's route."""

import json
from typing import Any

from registry_tool.core.digest import sha256
from registry_tool.core.layout import SITE_QUEUE
from registry_tool.feeds.queue import ROUTE, document
from tests.builders import RegistryInMemory, a_registry
from tests.queues import AS_OF, a_queue, typical, waits
from tests.sites import built, committed, files_of, named

FILES = {SITE_QUEUE, f"{ROUTE}.json", "queue/index.html"}


def solar() -> RegistryInMemory:
    """A registry with one theme."""
    return named(a_registry(demo=False)).release("@ann/solar", "1.0.0")


def test_a_row_speaks_the_marketplaces_words() -> None:
    """Plural kind, slug, version, author, state, when it was first seen, and what it needs."""
    queue = a_queue("1" * 64, waits("one", age=86_400))

    assert [
        {
            "id": sha256(b"one"),
            "kind": "themes",
            "slug": "ann__solar",
            "version": "1.1.0",
            "author_id": "ann",
            "state": "pending",
            "submitted_at": "2026-11-20T09:00:00Z",
            "note": "waits for one person: it may newly reach api.example.org",
        }
    ] == document(queue)["items"]


def test_several_releases_are_several_rows_and_statements_none() -> None:
    """Every release has a row with the submission's id; a kind that this tool does not know keeps its own name."""
    two = [{"artifact": f"@ann/{kind}", "version": "1.0.0", "kind": kind} for kind in ("poem", "song")]
    rows = waits("two", releases=two), waits("keys", releases=[], statements=["registers bob"])
    items: list[dict[str, Any]] = document(a_queue("1" * 64, *rows))["items"]

    assert [("poem", sha256(b"two")), ("song", sha256(b"two"))] == [(one["kind"], one["id"]) for one in items]


def test_a_row_without_an_author_says_nothing() -> None:
    """An author that could not be read is an empty text, since readers expect one."""
    row = {name: member for name, member in waits("x").items() if name != "author"}

    assert [""] == [one["author_id"] for one in document(a_queue("1" * 64, row))["items"]]


def test_a_build_publishes_the_queue_that_it_was_given() -> None:
    """The same bytes as the file, the route beside it, and the time of which it speaks; twice the same."""
    registry = solar()
    queue = typical(registry.id)
    site, again = (files_of(built(committed(registry.files), queue=queue).made) for _ in range(2))
    answer = json.loads(site[f"{ROUTE}.json"])

    assert site == again
    assert queue.to_bytes() == site[SITE_QUEUE]
    assert (AS_OF, len(queue.waiting) - 2 + 14) == (answer["as_of"], len(answer["items"]))
    assert queue.statistics.value() == answer["statistics"]


def test_without_a_queue_nothing_of_one_is_left() -> None:
    """A build that was given none publishes no data of it, whatever the last one did; its page says so."""
    registry = solar()
    history = committed(registry.files)
    first = built(history, queue=typical(registry.id))
    second = built(history, remembered=first.remember)
    paths = [{one.path for one in build.made} for build in (first, second)]

    assert paths[0] >= FILES
    assert {"queue/index.html"} == paths[1] & FILES
    assert files_of(built(history).made) == files_of(second.made)


def test_another_queue_makes_only_its_own_files_anew() -> None:
    """Of a site with many pages the queue's change with it, and the home page, which counts it."""
    registry = solar()
    history = committed(registry.files)
    first = built(history, queue=typical(registry.id))
    second = built(history, queue=a_queue(registry.id), remembered=first.remember)
    before, after = ({one.path: one.sha256 for one in build.made} for build in (first, second))

    assert {*FILES, "index.html"} == {path for path in after if before[path] != after[path]}
    assert 0 == second.verified
