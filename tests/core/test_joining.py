"""Whether statements, events and keys may join what is there."""

from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.joining import needs_countersignature
from registry_tool.core.keys import K16
from registry_tool.core.standing import government_at
from registry_tool.core.targets import Days
from registry_tool.signing.ed25519 import Ed25519Signer, check
from registry_tool.signing.tuf.offline import RoleKeys, make_targets
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, newcomer, skill, version_path
from tests.core.landings import LINKS, PAST, bob_ends, both, codes, faults, keys, member_on_the_tip, rotated, yanked
from tests.proving import refusal


def bob_on_the_tip(registry: RegistryInMemory) -> None:
    registry.keyring("bob")


def invited(registry: RegistryInMemory, *by: str) -> None:
    """Bob becomes a member of ann's scope."""
    registry.scope("ann", owners=["ann"], members=["bob"], by=by)


@pytest.mark.parametrize(
    ("build", "tip"),
    [
        (newcomer, None),
        (lambda r: rotated(r, "ann laptop"), None),
        (rotated, None),
        (lambda r: rotated(r, "ann laptop", by=(), change=lambda value: value.update(mode="recover")), None),
        (lambda r: invited(r, "ann control", "bob control"), bob_on_the_tip),
        (lambda r: bob_ends(r, "2026-04-01T00:00:00Z"), member_on_the_tip),
        (lambda r: rotated(r, since=PAST, change=lambda value: value.update(hits=[digest_of(r)])), None),
        (both(lambda r: rotated(r, "ann laptop"), lambda r: r.event(LINKS, "1.0.0", "yank", by=("ann laptop",))), None),
    ],
)
def test_an_honest_statement_may_join(build: Build, tip: Build | None) -> None:
    """First statements, rotations, ends, invitations that were accepted, and what takes back on purpose."""
    assert [] == codes(build, tip=tip)


def digest_of(registry: RegistryInMemory, version: str = "1.0.0") -> str:
    value = canonical.parse(registry.files[f"{version_path(version)}/release.json"], limit=10**4, what="pointer")
    return str(value["manifest"])


OTHER = "sha256:" + "ab" * 32


def out_of_place(registry: RegistryInMemory) -> None:
    """A second keyring that lies at number five: nobody would read it, and no build would pass it."""
    before = dict(registry.files)
    rotated(registry)
    for path in [path for path in registry.files if path not in before]:
        registry.files[path.replace("keys/2.", "keys/5.")] = registry.files.pop(path)


def two_at_once(registry: RegistryInMemory) -> None:
    rotated(registry)
    registry.keyring("ann", keys(registry, "ann laptop"), by=("ann control", "ann laptop"))


def says(**members: Any) -> Build:
    return lambda registry: rotated(registry, "ann laptop", change=lambda value: value.update(members))


def without_moderators(registry: RegistryInMemory) -> None:
    rotated(registry, "ann laptop", change=lambda value: value["under"].pop("moderators"))


def scope_without_moderators(registry: RegistryInMemory) -> None:
    """Whoever claims a scope names the moderators that will agree."""
    registry.scope("dusk", owners=["ann"], by=("ann control",), under=("authors/ann",))


def ended_without_moderators(registry: RegistryInMemory) -> None:
    rotated(registry, change=lambda value: value["under"].pop("moderators"))


def outdated(registry: RegistryInMemory) -> None:
    """Signed under the moderators that a newer number followed."""
    old = registry.head("moderators")
    registry.moderators({"mod": None}, by=("mod",), under=())
    rotated(registry, change=lambda value: value["under"].update(moderators=old))


def unlisted_signature(registry: RegistryInMemory) -> None:
    rotated(registry)
    registry.sign("index/authors/an/ann/keys/2.json", ("ann signing",))


def garbage_signature(registry: RegistryInMemory) -> None:
    rotated(registry)
    path = layout.signature_path("index/authors/an/ann/keys/2.json", K16("0" * 16))
    registry.files[path] = bytes(64)


def second_keyring_of_one_key(registry: RegistryInMemory) -> None:
    rows = [registry.row("bob control", use="control"), registry.row("ann signing", use="signing")]
    registry.keyring("bob", rows, by=("bob control", "ann signing"))


def with_the_moderators_key(registry: RegistryInMemory) -> None:
    rows = [registry.row("bob control", use="control"), registry.row("mod", use="signing")]
    registry.keyring("bob", rows, by=("bob control", "mod"))


def bins_on_the_tip(registry: RegistryInMemory) -> None:
    keys = RoleKeys((registry.hand("bob signing").key,))
    days = Days(bins=9, snapshot=9, timestamp=9)
    registry.files[layout.targets_path(1)] = make_targets(keys, version=1, expires=2_000_000_000, days=days)


def with_a_test_key(registry: RegistryInMemory) -> None:
    signer = Ed25519Signer(demo_seed(9))
    registry._hands["bob signing"] = signer  # a key that others hold too
    newcomer(registry)


def with_another_that_cannot_be_read(registry: RegistryInMemory) -> None:
    newcomer(registry)
    registry.files["index/authors/ev/eve/keys/1.json"] = b'{"keys":5}'


@pytest.mark.parametrize(
    ("build", "tip", "expected"),
    [
        (out_of_place, None, ["sign-again"]),
        (two_at_once, None, ["row-changed", "sign-again"]),
        (says(mode="recover", hits=["sha256:" + "ab" * 32]), None, ["hits"]),
        (both(says(mode="recover"), newcomer), None, ["recover"]),
        (both(says(mode="recover"), lambda r: skill(r, "1.1.0", by=("ann laptop",))), None, ["recover"]),
        (lambda r: rotated(r, since=PAST, change=lambda v: v.update(hits=[digest_of(r), OTHER])), None, ["hits"]),
        (says(previous=f"sha256:{'0' * 64}"), None, ["chain-forked"]),
        (says(subject="authors/bob"), None, ["other-subject"]),
        (without_moderators, None, ["bad-under"]),
        (scope_without_moderators, None, ["bad-under"]),
        (outdated, None, ["allowed-paths", "sign-again"]),
        (unlisted_signature, None, ["stranger"]),
        (garbage_signature, None, ["stranger"]),
        (lambda r: rotated(r, "ann laptop", by=("ann control", "mod")), None, ["stranger"]),
        (lambda r: rotated(r, by=()), None, ["not-authorised"]),
        (lambda r: invited(r, "ann control", "bob control", "mod"), bob_on_the_tip, ["stranger"]),
        (lambda r: invited(r, "ann control", "bob control", "bob signing"), bob_on_the_tip, ["stranger"]),
        (lambda r: invited(r, "ann control"), bob_on_the_tip, ["not-authorised"]),
        (lambda r: invited(r, "bob control"), bob_on_the_tip, ["not-authorised"]),
        (lambda r: rotated(r, since=PAST), None, ["hits"]),
        (lambda r: bob_ends(r, PAST), member_on_the_tip, ["hits"]),
        (second_keyring_of_one_key, None, ["key-used-twice"]),
        (with_the_moderators_key, None, ["key-used-twice"]),
        (newcomer, bins_on_the_tip, ["key-used-twice"]),
        (lambda r: newcomer(r, "mod"), None, ["reserved-author"]),
        (with_a_test_key, None, ["test-key"]),
        (with_another_that_cannot_be_read, None, None),
    ],
)
def test_a_statement_that_may_not_join_is_told_why(build: Build, tip: Build | None, expected: list[str] | None) -> None:
    """Out of order, outdated, signed by the wrong people, or with a key that is somebody else's."""
    found = codes(build, tip=tip)

    assert found != []
    assert expected in (None, found)


def test_narrowing_needs_no_moderators() -> None:
    """Whoever ends their own key need not name those who would countersign."""
    assert [] == codes(ended_without_moderators)


def renamed(registry: RegistryInMemory, old: str, new: str) -> None:
    yanked(registry)
    for path in [path for path in registry.files if old in path]:
        registry.files[path.replace(old, new)] = registry.files.pop(path)


def again(registry: RegistryInMemory) -> None:
    """Version 1.0.5, admitted."""
    skill(registry, "1.0.5")
    registry.admit(LINKS, "1.0.5")


def moved(registry: RegistryInMemory) -> None:
    """A yank of 1.0.0 that lies at 1.0.5."""
    yanked(registry)
    for path in [path for path in registry.files if "1.0.0/events/" in path]:
        registry.files[path.replace("1.0.0/events/", "1.0.5/events/")] = registry.files.pop(path)


def old_keyring(registry: RegistryInMemory) -> None:
    """A yank under the keyring before the one that comes along."""
    old = registry.head("authors/ann")
    rotated(registry, "ann laptop")
    registry.event(
        LINKS, "1.0.0", "yank", by=("ann signing",), change=lambda value: value["under"].update({"authors/ann": old})
    )


def void_yank(registry: RegistryInMemory) -> None:
    """A thief's yank, which ann's keyring takes back; she has another key."""
    digest = registry.event(LINKS, "1.0.0", "yank", at="2026-04-02T00:00:00Z")
    by, hits = ("ann control", "ann laptop", "mod"), [digest]
    registry.keyring("ann", keys(registry, "ann laptop"), by=by)
    ended = {"status": "revoked", "since": "2026-04-01T00:00:00Z", "reason": "stolen"}
    rows = keys(registry, "ann laptop", signing=ended)
    registry.keyring("ann", rows, by=("ann control", "mod"), change=lambda value: value.update(hits=hits))


def lifting(registry: RegistryInMemory) -> None:
    """A restore of the first event of 1.0.0."""
    first = next(data for path, data in registry.files.items() if path.endswith("1.0.0/events/1.json"))
    registry.event(LINKS, "1.0.0", "restore", lifts=prefixed(sha256(first)), by=("ann laptop",))


@pytest.mark.parametrize(
    ("build", "tip", "expected"),
    [
        (lifting, void_yank, ["lifts-void"]),
        (lambda r: r.event(LINKS, "1.1.0", "yank"), lambda r: skill(r, "1.1.0"), ["not-admitted"]),
        (both(yanked, yanked), None, ["sign-again"]),
        (lambda r: renamed(r, "events/1.", "events/3."), None, ["sign-again"]),
        (lambda r: r.event(LINKS, "1.0.0", "yank", by=("ann signing", "mod")), None, ["stranger"]),
        (lambda r: r.event(LINKS, "1.0.0", "yank", by=("ann signing", "ann control")), None, ["stranger"]),
        (lambda r: r.event(LINKS, "1.0.0", "revoke"), None, ["stranger"]),
        (lambda r: r.event(LINKS, "1.0.0", "yank", by=()), None, ["not-authorised"]),
        (moved, again, ["other-subject"]),
        (old_keyring, None, None),
        (lambda r: r.files.__setitem__(f"{version_path('1.0.0')}/events/1.json", b"{}"), None, None),
    ],
)
def test_an_event_that_may_not_join_is_told_why(build: Build, tip: Build | None, expected: list[str] | None) -> None:
    """An event is the next one of an admitted release, by one who may, under the newest state."""
    found = codes(build, tip=tip)

    assert found != []
    assert expected in (None, found)


def test_who_signs_is_named_by_its_key() -> None:
    """The message says which signature is too much."""
    found = faults(garbage_signature)

    assert [f"the signature by {'0' * 16} is by nobody who may sign it"] == [one.message for one in found]


def test_a_chain_that_does_not_hold_needs_no_second_signature() -> None:
    """What is wrong otherwise is told as it is, not as a missing countersignature."""
    broken = change(lambda r: rotated(r, "ann laptop", by=()))
    government = government_at(broken.tip, registry=broken.registry, check=check)
    waiting = frozenset({"authors/ann"})

    assert (4, "not-authorised") == refusal(
        lambda: needs_countersignature(broken, broken.statements[0], government, waiting, check=check)
    )


def test_a_recovery_always_needs_moderators() -> None:
    """Also one that would widen nothing: it is they who say that the keys are lost."""
    recovery = change(says(mode="recover"))
    government = government_at(recovery.tip, registry=recovery.registry, check=check)

    assert needs_countersignature(recovery, recovery.statements[0], government, frozenset({"authors/ann"}), check=check)
