"""Events that a statement takes back: the thief's words count for nothing, and nobody else's are lost with them."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.core.proof import read_name
from registry_tool.core.published import PublishedTree, events_at, name_record
from registry_tool.core.release import Status
from registry_tool.core.status import Events, read_events, status_of
from registry_tool.core.stored import hinted_status
from registry_tool.core.taken import taken_back
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.proving import SOLAR, refusal

Build = Callable[[RegistryInMemory], object]
STOLEN, LATER = "2026-03-05T12:00:00Z", "2026-03-06T00:00:00Z"
ENDED = {"status": "revoked", "since": STOLEN, "reason": "stolen"}
NAME = parse_artifact(SOLAR)


def events(registry: RegistryInMemory, *authors: str) -> Events:
    sources = events_at(registry.tree(), NAME, "1.0.0")
    authorities = registry.authorities("ann", *(authors or ("ann",)))
    return read_events(sources, artifact=SOLAR, version="1.0.0", authorities=authorities, check=check)


def told(registry: RegistryInMemory, *authors: str) -> Status:
    """The status that verified events give; what the files alone hint at is the same."""
    verified = status_of(events(registry, *authors))
    record = read_name(
        name_record(registry.tree(), NAME, registry=registry.id) or b"", registry=registry.id, artifact=SOLAR
    )
    assert verified == record.versions["1.0.0"].status
    return verified


def a_release() -> RegistryInMemory:
    """Ann's release, and two moderators."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.moderators({"mod": None, "eva": None}, under=(), by=("mod", "eva"))
    return registry


def said(registry: RegistryInMemory, action: str, at: str = LATER, **more: Any) -> str:
    """The digest of an event, by whose key was stolen where `at` is left as it is."""
    return registry.event(SOLAR, "1.0.0", action, at=at, **more)


def key_ends(registry: RegistryInMemory, *hits: str, by: tuple[str, ...] = ("ann control", "mod")) -> None:
    """Ann's signing key was stolen, and her keyring takes `hits` back."""
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing") | ENDED]
    registry.keyring("ann", rows, by=by, change=_listing(hits))


def mod_ends(registry: RegistryInMemory, *hits: str) -> None:
    """The key of the moderator mod was stolen, and the moderators take `hits` back."""

    def change(value: dict[str, Any]) -> None:
        value["people"][0]["keys"][0].update(ENDED)
        _listing(hits)(value)

    registry.moderators({"mod": None, "eva": None}, under=(), by=("eva",), change=change)


def _listing(hits: tuple[str, ...]) -> Callable[[dict[str, Any]], None]:
    return lambda value: value.update({"hits": sorted(hits)} if hits else {})


def a_yank(registry: RegistryInMemory) -> None:
    key_ends(registry, said(registry, "yank"))


def a_quarantine(registry: RegistryInMemory) -> None:
    mod_ends(registry, said(registry, "quarantine"))


def a_restore(registry: RegistryInMemory) -> None:
    good = said(registry, "quarantine", STOLEN, by=("eva",))
    mod_ends(registry, said(registry, "restore", lifts=good, by=("mod",)))


def a_yank_that_was_lifted(registry: RegistryInMemory) -> None:
    """Somebody honest lifted what the thief said; that stays good, and lifts nothing."""
    first = said(registry, "quarantine")
    said(registry, "restore", lifts=first, by=("eva",))
    mod_ends(registry, first)


def one_of_two(registry: RegistryInMemory) -> None:
    """A yank before the theft stands below the thief's quarantine."""
    said(registry, "yank", "2026-03-05T11:00:00Z")
    mod_ends(registry, said(registry, "quarantine"))


@pytest.mark.parametrize(
    ("build", "expected", "void"),
    [
        (a_yank, "active", [1]),
        (a_quarantine, "active", [1]),
        (a_restore, "quarantined", [2]),
        (a_yank_that_was_lifted, "active", [1]),
        (one_of_two, "yanked", [2]),
    ],
)
def test_what_a_thief_said_counts_for_nothing(build: Build, expected: Status, void: list[int]) -> None:
    """It keeps its number, gives no status and lifts nothing; clients and the files' hint agree."""
    registry = a_release()
    build(registry)
    found = events(registry)

    assert expected == told(registry)
    assert void == [link.number for link in found.links if link.sha256 in found.void]


def test_a_void_event_does_not_come_back() -> None:
    """Later statements that list nothing leave it void."""
    registry = a_release()
    a_yank(registry)
    key_ends(registry)

    assert "active" == told(registry)


def bob_is_a_member(registry: RegistryInMemory) -> str:
    """The digest of a yank by bob, a member of ann's scope."""
    registry.keyring("bob")
    registry.scope("ann", owners=["ann"], members=["bob"])

    def by_bob(value: dict[str, Any]) -> None:
        del value["under"]["authors/ann"]
        value["under"]["authors/bob"] = registry.head("authors/bob")

    return said(registry, "yank", by=("bob signing",), change=by_bob)


def test_a_member_who_becomes_owner_again_brings_nothing_back() -> None:
    """What the scope took back stays void, whoever publishes there later."""
    registry = a_release()
    yank = bob_is_a_member(registry)
    ended = {"author": "bob", **ENDED}
    registry.scope("ann", owners=["ann"], members=[ended], by=("ann control", "mod"), change=_listing((yank,)))
    registry.scope("ann", owners=["ann", "bob"], members=[ended])

    assert "active" == told(registry, "ann", "bob")


def by_ann(registry: RegistryInMemory) -> str:
    """Ann lists a moderator's quarantine, a moderator countersigned."""
    digest = said(registry, "quarantine")
    key_ends(registry, digest)
    return digest


def by_a_colleague(registry: RegistryInMemory) -> str:
    """Ann lists what bob said."""
    digest = bob_is_a_member(registry)
    key_ends(registry, digest)
    return digest


def by_moderators(registry: RegistryInMemory) -> str:
    """The moderators list what ann said."""
    digest = said(registry, "yank")
    mod_ends(registry, digest)
    return digest


@pytest.mark.parametrize(
    ("build", "authors", "expected"),
    [
        (by_ann, ("ann",), "quarantined"),
        (by_a_colleague, ("ann", "bob"), "yanked"),
        (by_moderators, ("ann",), "yanked"),
    ],
)
def test_only_a_chain_whose_key_signed_it_takes_an_event_back(
    build: Build, authors: tuple[str, ...], expected: Status
) -> None:
    """An author voids no moderator's event and no colleague's, and moderators void no author's."""
    registry = a_release()
    build(registry)
    found = events(registry, *authors)

    assert (expected, frozenset()) == (status_of(found), found.void)


def test_an_author_alone_voids_nothing() -> None:
    """`hits` take a moderator, and without one nobody believes the keyring."""
    registry = a_release()
    key_ends(registry, said(registry, "yank"), by=("ann control",))

    assert (4, "not-countersigned") == refusal(lambda: events(registry))


@pytest.mark.parametrize("ends", [key_ends, mod_ends])
def test_a_host_declares_nothing_void(ends: Build) -> None:
    """What no statement lists is judged by its signer, and nothing verifies until somebody says so."""
    registry = a_release()
    said(registry, "yank" if ends is key_ends else "quarantine")
    ends(registry)

    assert (4, "not-authorised") == refusal(lambda: events(registry))


def stripped(signatures: dict[str, bytes], mine: str) -> None:
    signatures.pop(mine)


def spoilt(signatures: dict[str, bytes], mine: str) -> None:
    signatures[mine] = bytes(64)


@pytest.mark.parametrize(("deed", "expected"), [(stripped, "not-authorised"), (spoilt, "bad-signature")])
def test_a_void_event_still_needs_its_signature(deed: Callable[[dict[str, bytes], str], None], expected: str) -> None:
    """Nobody puts words into the place of what was taken back: it must be what the stolen key signed."""
    registry = a_release()
    a_quarantine(registry)
    (path,) = [one for one in registry.files if "/events/1." in one and one.endswith(".sig")]
    signatures = {path: registry.files.pop(path)}
    deed(signatures, path)
    registry.files.update(signatures)

    assert k16(registry.hand("mod").key) in path
    assert (4, expected) == refusal(lambda: events(registry))


def test_a_clone_serves_the_files_of_what_a_thief_withheld() -> None:
    """The withholding counts for nothing, so its bundle is there again."""
    registry = a_release()
    mod_ends(registry, said(registry, "withhold"))
    source = PublishedTree(registry.tree(), where="here")
    record = read_name(
        source.fetch("index/an/ann/solar.json", limit=10**6) or b"", registry=registry.id, artifact=SOLAR
    )
    bundle = record.versions["1.0.0"].bundle.removeprefix("sha256:")

    assert source.fetch(f"objects/sha256/{bundle[:2]}/{bundle}", limit=10**6)
    assert "withheld" == hinted_status(events_at(registry.tree(), NAME, "1.0.0"))
    assert "active" == hinted_status(events_at(registry.tree(), NAME, "1.0.0"), taken_back(registry.tree(), "ann"))
