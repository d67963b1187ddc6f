"""Live counts: small files that change alone."""

import json
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.counts import Counts
from registry_tool.core.index import Feeds
from registry_tool.feeds.counts import counts_at, live_counts, shard_path
from tests.builders import SiteInMemory, a_registry
from tests.sites import built, committed, files_of, named


def site(counts: dict[str, Any] | None) -> dict[str, Any]:
    """The live files of a registry of three names, read."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0").release("@anna/moon", "1.0.0")
    registry.release("@bob/links", "1.0.0")
    value = {"schema": "registry.counts/1", "registry": registry.id, "until": "2026-03-01", "names": counts}
    given = Counts.of(value) if counts is not None else None
    files = files_of(built(committed(registry.files), feeds=Feeds((), (live_counts,)), counts=given).made)
    return {path: json.loads(data) for path, data in files.items() if path.startswith("counts/")}


def test_every_name_has_its_numbers() -> None:
    """Total and the last 30 days, by the first letters of the scope; nobody's installs are 0, and a name that is gone
    is not told.
    """
    counts = {"@ann/solar": {"1.0.0": {"before": 7, "2026-03-01": 2}}, "@eve/gone": {"1.0.0": {"before": 1}}}
    files = site(counts)
    index = files.pop("counts/index.json")

    assert {
        "counts/an.json": {"@ann/solar": {"recent": 2, "total": 9}, "@anna/moon": {"recent": 0, "total": 0}},
        "counts/bo.json": {"@bob/links": {"recent": 0, "total": 0}},
    } == files
    assert ("2026-03-01", ["an.json", "bo.json"]) == (index["until"], index["files"])
    assert "counts/an.json" == shard_path("@ann/solar")


def test_what_was_not_measured_is_not_zero() -> None:
    """Without counts there is no file."""
    assert {} == site(None)


COUNTS: dict[str, Any] = {"@ann/solar": {"1.0.0": {"before": 7, "2026-02-01": 3, "2026-03-01": 2}}}


def test_a_site_says_what_it_was_built_with() -> None:
    """From the live files come counts that make the same live files, and round the same."""
    files = {path: canonical.encode(value) for path, value in site(COUNTS).items()}
    found = counts_at(SiteInMemory(files))
    assert found is not None
    again = {artifact: dict(releases) for artifact, releases in found.names.items()}

    assert (12, 5) == (found.total("@ann/solar"), found.recent("@ann/solar"))
    assert files == {path: canonical.encode(value) for path, value in site(again).items()}


@pytest.mark.parametrize(
    "change",
    [
        {"counts/index.json": b"<!doctype html>"},
        {"counts/index.json": b"[]"},
        {"counts/index.json": b'{"files":["../x"]}'},
        {"counts/index.json": b'{"files":[1]}'},
        {"counts/an.json": b""},
        {"counts/an.json": b"[]"},
        {"counts/an.json": b'{"@ann/solar":{"total":1}}'},
        {"counts/an.json": b'{"@ann/solar":{"recent":2,"total":1}}'},
        {"counts/an.json": b'{"@ann/solar":{"recent":"2","total":[]}}'},
    ],
)
def test_live_files_that_are_none_say_nothing(change: dict[str, bytes]) -> None:
    """Whatever a site answers, it is no counts, and nothing is raised."""
    files = {path: canonical.encode(value) for path, value in site(COUNTS).items()}

    assert counts_at(SiteInMemory({**files, **change})) is None
