"""Events about a release, and the status that they give it."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.names import parse_artifact
from registry_tool.core.published import events_at
from registry_tool.core.release import Status
from registry_tool.core.status import read_events, status_of
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.proving import SOLAR, refusal

Build = Callable[[RegistryInMemory], object]


def status(registry: RegistryInMemory, *authors: str) -> Status:
    sources = events_at(registry.tree(), parse_artifact(SOLAR), "1.0.0")
    authorities = registry.authorities("ann", *authors)
    return status_of(read_events(sources, artifact=SOLAR, version="1.0.0", authorities=authorities, check=check))


def a_release() -> RegistryInMemory:
    return a_registry().release(SOLAR, "1.0.0")


def lifted(registry: RegistryInMemory, action: str, *, by: tuple[str, ...]) -> None:
    registry.event(SOLAR, "1.0.0", "restore", lifts=registry.event(SOLAR, "1.0.0", action), by=by)


def yank_lifted_under_quarantine(registry: RegistryInMemory) -> None:
    first = registry.event(SOLAR, "1.0.0", "yank")
    registry.event(SOLAR, "1.0.0", "quarantine")
    registry.event(SOLAR, "1.0.0", "restore", lifts=first)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: None, "active"),
        (lambda r: r.event(SOLAR, "1.0.0", "deprecate"), "deprecated"),
        (lambda r: r.event(SOLAR, "1.0.0", "yank"), "yanked"),
        (lambda r: r.event(SOLAR, "1.0.0", "quarantine"), "quarantined"),
        (lambda r: r.event(SOLAR, "1.0.0", "revoke"), "revoked"),
        (lambda r: r.event(SOLAR, "1.0.0", "withhold"), "withheld"),
        (lambda r: [r.event(SOLAR, "1.0.0", one) for one in ("revoke", "deprecate", "yank")], "revoked"),
        (lambda r: lifted(r, "yank", by=("ann signing",)), "active"),
        (lambda r: lifted(r, "revoke", by=("mod",)), "active"),
        (yank_lifted_under_quarantine, "quarantined"),
    ],
)
def test_the_gravest_event_that_stands_gives_the_status(build: Build, expected: Status) -> None:
    """The order of events never matters, only which of them nobody lifted."""
    registry = a_release()
    build(registry)

    assert expected == status(registry)


def unnamed(value: dict[str, Any]) -> None:
    value["under"].pop("authors/ann")


def ended_since(registry: RegistryInMemory, since: str) -> None:
    """Ann's signing key is retired after she yanked; landing would refuse a `since` before that."""
    registry.event(SOLAR, "1.0.0", "yank", at="2026-03-05T12:00:00Z")
    ended = registry.row("ann signing", use="signing") | {"status": "retired", "since": since}
    registry.keyring("ann", [registry.row("ann control", use="control"), ended], by=("ann control",))


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: r.event(SOLAR, "1.0.0", "yank", by=("mod",)), "not-authorised"),
        (lambda r: r.event(SOLAR, "1.0.0", "yank", by=("ann control",)), "not-authorised"),
        (lambda r: r.event(SOLAR, "1.0.0", "yank", change=unnamed), "not-authorised"),
        (lambda r: r.event(SOLAR, "1.0.0", "revoke", by=("ann signing",)), "not-authorised"),
        (lambda r: lifted(r, "revoke", by=("ann signing",)), "not-authorised"),
        (lambda r: lifted(r, "yank", by=("mod",)), "not-authorised"),
        (lambda r: r.event(SOLAR, "1.0.0", "restore", lifts=f"sha256:{'0' * 64}"), "bad-event"),
        (lambda r: ended_since(r, "2026-03-05T12:00:00Z"), "not-authorised"),
    ],
)
def test_an_event_by_nobody_who_may_is_refused(build: Build, expected: str) -> None:
    """Publishers yank and deprecate, moderators do the rest; a restore needs what the lifted event needed."""
    registry = a_release()
    build(registry)

    assert (4, expected) == refusal(lambda: status(registry))


def test_who_publishes_later_said_nothing_before() -> None:
    """An event names the number of the scope in which its signer publishes already."""
    registry = a_release()
    registry.keyring("bob")
    before = registry.head("scopes/ann")
    registry.scope("ann", owners=["ann"], members=["bob"])

    def too_early(value: dict[str, Any]) -> None:
        value["under"] = {"authors/bob": registry.head("authors/bob"), "scopes/ann": before}

    registry.event(SOLAR, "1.0.0", "yank", by=("bob signing",), change=too_early)

    assert (4, "not-authorised") == refusal(lambda: status(registry, "ann", "bob"))


def test_a_key_that_ended_later_leaves_its_events_good() -> None:
    """What was signed before `since` stays."""
    registry = a_release()
    ended_since(registry, "2026-03-05T12:00:01Z")

    assert "yanked" == status(registry)


def test_a_restore_cannot_be_restored() -> None:
    """Lifting lifts one event; who wants it back says so again."""
    registry = a_release()
    restored = registry.event(SOLAR, "1.0.0", "restore", lifts=registry.event(SOLAR, "1.0.0", "yank"))
    registry.event(SOLAR, "1.0.0", "restore", lifts=restored)

    assert (4, "bad-event") == refusal(lambda: status(registry))


def test_any_publisher_may_yank() -> None:
    """A second author whom the event names is asked after the first."""
    registry = a_release()
    registry.keyring("bob")
    registry.scope("ann", owners=["ann"], members=["bob"])

    def by_bob(value: dict[str, Any]) -> None:
        value["under"]["authors/bob"] = registry.head("authors/bob")

    registry.event(SOLAR, "1.0.0", "yank", by=("bob signing",), change=by_bob)

    assert "yanked" == status(registry, "ann", "bob")
