"""Queues for the tests of feeds, pages and builds."""

from collections.abc import Mapping
from typing import Any

from registry_tool.core.digest import sha256
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.waiting import Queue, ages_of

AS_OF = "2026-11-21T09:00:00Z"
HOUR, DAY = 3600, 86_400


def waits(name: str, *, age: int = 3 * DAY, artifact: str = "@ann/solar", **more: Any) -> dict[str, Any]:  # Any: JSON
    """A submission of one theme; its id follows from `name`."""
    return {
        "id": sha256(name.encode()),
        "state": "pending",
        "since": from_seconds(to_seconds(AS_OF) - age),
        "age_seconds": age,
        "author": "ann",
        "releases": [{"artifact": artifact, "version": "1.1.0", "kind": "theme", "category": "themes"}],
        "statements": [],
        "more": 0,
        "verdict": "review",
        "need": "waits for one person: it may newly reach api.example.org",
        "flags": [],
        **more,
    }


def queue_value(registry: str, *rows: Mapping[str, Any], **more: Any) -> dict[str, Any]:  # Any: JSON
    """A queue as JSON."""
    return {
        "schema": "registry.queue/1",
        "registry": registry,
        "as_of": AS_OF,
        "waiting": [dict(row) for row in rows],
        "statistics": {
            "waiting": ages_of([int(row["age_seconds"]) for row in rows]).value(),
            "decided": ages_of([HOUR, 5 * HOUR, 2 * DAY]).value(),
            "published": 2,
            "rejected": 1,
            "withdrawn": 0,
            "taken_down": ages_of([]).value(),
        },
        **more,
    }


def a_queue(registry: str, *rows: Mapping[str, Any], **more: Any) -> Queue:
    """A queue of these rows."""
    return Queue.of(queue_value(registry, *rows, **more))


def typical(registry: str) -> Queue:
    """One of each: an update, a new name, a flagged one, statements alone, something that cannot be read."""
    flag = {"by": "bea", "reason": "permissions", "note": "why does a theme need this?", "at": AS_OF}
    return a_queue(
        registry,
        waits("update", age=9 * DAY),
        waits("new", age=26 * HOUR, artifact="@ann/new-name-that-is-long-enough-to-need-two-lines", need=""),
        waits("flagged", state="flagged", flags=[flag], age=5 * HOUR),
        waits("merged", state="merged", age=4 * HOUR, need="merged without an approval; not admitted"),
        waits("keys", releases=[], statements=["registers the author bob with two keys"], author="bob", age=600),
        waits("broken", releases=[], verdict="fail", need="the checks refuse it", age=20),
        waits("many", releases=[waits("x", artifact=f"@ann/theme-{n}")["releases"][0] for n in range(15)], more=5),
    )


def waitlist_value(registry: str) -> dict[str, Any]:  # Any: JSON
    """A list with one that waits and one that was decided, as JSON."""
    name = sha256(b"one")
    release = {"artifact": "@ann/solar", "version": "1.1.0", "manifest": name}
    statement = {"path": "index/authors/an/ann/keys/2.json", "sha256": name}
    return {
        "schema": "registry.waitlist/1",
        "registry": registry,
        "as_of": AS_OF,
        "waiting": [{"id": name, "seen": AS_OF, "releases": [release], "statements": [statement]}],
        "decided": [
            {"id": name, "titles": ["@ann/solar@1.0.0"], "seen": AS_OF, "decided": AS_OF, "outcome": "published"}
        ],
    }
