"""A release is good from the pinned id to its last byte, or it is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import lookup_at
from registry_tool.core.trust import Means, Wanted, unpack_as, verify_admission
from registry_tool.core.verified import Verified
from registry_tool.signing.ed25519 import check
from tests.builders import A_THEME, RegistryInMemory, a_registry
from tests.proving import MEANS, SOLAR, admitted, refusal, verified

Build = Callable[[RegistryInMemory], object]


def nobody(version: str) -> Any:
    raise AssertionError(f"nothing is compared, and {version} was looked up")


def test_a_release_is_verified_to_its_last_byte() -> None:
    """What installers get says who signed it, who let it in, and holds the author's bytes."""
    found = verified(a_registry().release(SOLAR, "1.0.0"))

    assert (SOLAR, "active", ("theme.css",)) == (found.artifact, found.status, tuple(found.payload))
    assert ("mod", ["mod"], "person") == tuple(found.admission[name] for name in ("by", "approved_by", "path"))


def test_only_verification_makes_a_verified_release() -> None:
    """Without the seal there is no such value."""
    found = verified(a_registry().release(SOLAR, "1.0.0"))

    with pytest.raises(TypeError):
        replace(found, seal=None)  # type: ignore[arg-type]  # that is the point
    assert isinstance(found, Verified)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted("@ann/dusk", "1.0.0"), "other-artifact"),
        (Wanted(SOLAR, "1.0.1"), "other-version"),
        (Wanted(SOLAR, "1.0.0+build"), "other-version"),
        (Wanted(SOLAR, "1.0.0", "plugin"), "other-kind"),
    ],
)
def test_something_else_than_was_asked_for_is_refused(wanted: Wanted, expected: str) -> None:
    """Name, version and kind are those that were asked for, letter by letter."""
    registry = a_registry().release(SOLAR, "1.0.0")
    proof, authorities = registry.proof(SOLAR, "1.0.0"), registry.authorities("ann")

    assert (4, expected) == refusal(lambda: verify_admission(proof, wanted, authorities, means=MEANS, lookup=nobody))


def admission_says(**members: Any) -> Build:
    def build(registry: RegistryInMemory) -> None:
        registry.publish(SOLAR, "1.0.0")
        registry.admit(SOLAR, "1.0.0", change=lambda value: value.update(members))

    return build


def unsorted(registry: RegistryInMemory) -> None:
    registry.publish(SOLAR, "1.0.0", by=("ann signing", "ann control"))
    registry.admit(
        SOLAR, "1.0.0", change=lambda value: value["signatures"].sort(key=lambda one: one["file"], reverse=True)
    )


def blob_of(registry: RegistryInMemory) -> str:
    return next(path for path, data in registry.files.items() if b'"registry.manifest/1"' in data)


def stripped(registry: RegistryInMemory) -> None:
    registry.release(SOLAR, "1.0.0")
    del registry.files[f"{blob_of(registry)}.{k16(registry.hand('ann signing').key)}.sig"]


def added(registry: RegistryInMemory) -> None:
    registry.release(SOLAR, "1.0.0")
    registry.files[f"{blob_of(registry)}.flat.{'0' * 16}.sig"] = bytes(64)


def swapped(registry: RegistryInMemory) -> None:
    registry.release(SOLAR, "1.0.0")
    registry.files[f"{blob_of(registry)}.{k16(registry.hand('ann signing').key)}.sig"] = bytes(64)


def private(registry: RegistryInMemory) -> None:
    registry.release(SOLAR, "1.0.0", change=lambda value: value.update(visibility="private"))


def member_left(registry: RegistryInMemory, since: str) -> None:
    """Bob is a member, publishes, and leaves since then."""
    registry.keyring("bob")
    registry.with_author("ann")
    registry.scope("ann", owners=["ann"], members=["bob"])
    registry.publish(SOLAR, "1.0.0", author="bob")
    registry.admit(SOLAR, "1.0.0", at="2026-03-05T12:00:00Z")
    left = {"author": "bob", "status": "retired", "since": since}
    registry.scope("ann", owners=["ann"], members=[left])


def key_ended(registry: RegistryInMemory, since: str) -> None:
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", at="2026-03-05T12:00:00Z")
    ended = registry.row("ann signing", use="signing") | {"status": "revoked", "since": since}
    registry.keyring("ann", [registry.row("ann control", use="control"), ended], by=("ann control",))


def needs_identity(registry: RegistryInMemory) -> None:
    registry.keyring("ann")
    registry.scope("ann", owners=["ann"], change=lambda value: value.update(needs="identity"))
    registry.release(SOLAR, "1.0.0")


def by_a_stranger_to_the_scope(registry: RegistryInMemory) -> None:
    registry.keyring("bob")
    registry.with_author("ann").publish(SOLAR, "1.0.0", author="bob")
    registry.admit(SOLAR, "1.0.0")


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (admission_says(version="2.0.0"), (4, "other-release")),
        (admission_says(artifact="@ann/dusk"), (4, "other-release")),
        (admission_says(manifest=f"sha256:{'0' * 64}"), (4, "other-release")),
        (admission_says(registry="0" * 64), (4, "other-registry")),
        (unsorted, (1, "invalid-document")),
        (stripped, (4, "signatures-differ")),
        (added, (4, "signatures-differ")),
        (swapped, (4, "signatures-differ")),
        (private, (4, "private")),
        (lambda r: member_left(r, "2026-03-05T12:00:00Z"), (4, "not-a-publisher")),
        (by_a_stranger_to_the_scope, (4, "not-a-publisher")),
        (needs_identity, (4, "no-identity")),
        (lambda r: key_ended(r, "2026-03-05T12:00:00Z"), (4, "not-signed")),
        (lambda r: r.release(SOLAR, "1.0.0", by=("ann control",)), (4, "not-signed")),
        (lambda r: r.release(SOLAR, "1.0.0", by=("mod",)), (4, "not-signed")),
    ],
)
def test_what_is_signed_about_a_release_must_all_hold(build: Build, expected: tuple[int, str]) -> None:
    """One thing that does not hold refuses the release."""
    registry = a_registry()
    build(registry)
    authors = ("ann", "bob") if any("/bob/" in path for path in registry.files) else ("ann",)

    def act() -> object:
        authorities = registry.authorities("ann", *authors)
        return verify_admission(
            registry.proof(SOLAR, "1.0.0"), Wanted(SOLAR, "1.0.0"), authorities, means=MEANS, lookup=nobody
        )

    assert expected == refusal(act)


def test_what_ended_later_leaves_a_release_good() -> None:
    """A key that is revoked from a second later on still signed it."""
    registry = a_registry()
    key_ended(registry, "2026-03-05T12:00:01Z")

    assert (k16(registry.hand("ann signing").key),) == admitted(registry).signed_by


def test_a_scope_is_checked_with_its_own_chain() -> None:
    """The chain of another scope proves nothing about this one."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.scope("dusk", owners=["ann"])
    other = registry.authorities("dusk", "ann")
    proof = registry.proof(SOLAR, "1.0.0")

    assert (4, "other-subject") == refusal(
        lambda: verify_admission(proof, Wanted(SOLAR, "1.0.0"), other, means=MEANS, lookup=nobody)
    )


def test_a_bundle_that_nobody_signed_is_refused() -> None:
    """The bundle has the digest that the manifest says, and holds the files that it lists."""
    registry = a_registry().release(SOLAR, "1.0.0")
    manifest, bundle = registry.manifest(SOLAR, "1.0.0"), registry.bundle(SOLAR, "1.0.0")
    other = manifest.model_copy(update={"files": (manifest.files[0].model_copy(update={"path": "other.css"}),)})

    assert tuple(A_THEME) == tuple(unpack_as(manifest, bundle))
    assert (4, "bad-digest") == refusal(lambda: unpack_as(manifest, bundle[:-1]))
    assert (4, "bad-digest") == refusal(lambda: unpack_as(manifest, bytes([bundle[0] ^ 1]) + bundle[1:]))
    assert (4, "bad-digest") == refusal(lambda: unpack_as(other, bundle))


@pytest.mark.parametrize(
    ("action", "locked", "expected"),
    [
        ("quarantine", True, (4, "quarantined")),
        ("revoke", True, (4, "revoked")),
        ("withhold", True, (4, "withheld")),
        ("yank", False, (5, "yanked")),
    ],
)
def test_a_status_can_forbid_an_install(action: str, locked: bool, expected: tuple[int, str]) -> None:
    """What was taken back is not installed."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.event(SOLAR, "1.0.0", action)

    assert expected == refusal(lambda: verified(registry, locked=locked))


def test_a_lock_file_still_gets_what_was_yanked() -> None:
    """Yanking stops new installs, not those that named it before."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.event(SOLAR, "1.0.0", "yank")

    assert "yanked" == verified(registry, locked=True).status


def gated(**policy: Any) -> RegistryInMemory:
    """A registry whose gate may sign owners' updates, with `@ann/solar` 1.0.0 let in by a person."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": None}, gate=("gate",))
    registry.policy(**{"gate_releases": "owner-updates", **policy})
    return registry.release(SOLAR, "1.0.0", permissions=["network:a.example"])


def update(registry: RegistryInMemory, **more: Any) -> None:
    """An owner's update to 1.1.0, admitted by the gate."""
    words = {"by": ("gate",), "path": "owner", "compared": "1.0.0"}
    publish = {name: more.pop(name) for name in ("permissions", "kind") if name in more}
    registry.publish(SOLAR, "1.1.0", **publish)
    registry.admit(SOLAR, "1.1.0", **{**words, **more})


def test_the_gate_lets_in_an_owners_update_that_gains_nothing() -> None:
    """Nobody but the gate signed it, and the client computed itself that nothing is new."""
    registry = gated()
    update(registry, permissions=["network:a.example"])

    assert ("gate", ()) == (admitted(registry, "1.1.0").by, admitted(registry, "1.1.0").approved_by)


def against_quarantined(registry: RegistryInMemory) -> None:
    registry.event(SOLAR, "1.0.0", "quarantine")
    update(registry)


def against_nobodys(registry: RegistryInMemory) -> None:
    registry.publish(SOLAR, "1.0.5")
    update(registry, compared="1.0.5")


def against_the_gates(registry: RegistryInMemory) -> None:
    update(registry)
    registry.publish(SOLAR, "1.2.0")
    registry.admit(SOLAR, "1.2.0", by=("gate",), path="owner", compared="1.1.0")


@pytest.mark.parametrize(
    ("build", "version", "expected"),
    [
        (lambda r: update(r, permissions=["network:b.example"]), "1.1.0", "bad-owner-path"),
        (lambda r: update(r, compared=None), "1.1.0", "bad-owner-path"),
        (lambda r: update(r, approvals=[f"sha256:{'0' * 64}"]), "1.1.0", "bad-owner-path"),
        (lambda r: update(r, gained=["permission files"]), "1.1.0", "bad-owner-path"),
        (lambda r: update(r, compared="1.1.0"), "1.1.0", "bad-owner-path"),
        (lambda r: update(r, compared="2.0.0"), "1.1.0", "bad-owner-path"),
        (against_quarantined, "1.1.0", "bad-owner-path"),
        (against_nobodys, "1.1.0", "bad-owner-path"),
        (against_the_gates, "1.2.0", "bad-owner-path"),
        (lambda r: update(r, kind="plugin"), "1.1.0", "other-kind"),
        (lambda r: update(r, by=("mod",)), "1.1.0", "not-authorised"),
        (lambda r: update(r, by=("stranger",)), "1.1.0", "not-authorised"),
    ],
)
def test_a_gate_that_lies_about_an_update_is_refused(build: Build, version: str, expected: str) -> None:
    """What an update is compared with was let in by a person, is active and earlier, and covers all it asks for."""
    registry = gated()
    build(registry)

    assert (4, expected) == refusal(lambda: admitted(registry, version))


@pytest.mark.parametrize(
    ("action", "installs"),
    [("yank", True), ("deprecate", True), ("quarantine", False), ("revoke", False), ("withhold", False)],
)
def test_what_becomes_of_the_compared_release_later(action: str, installs: bool) -> None:
    """The admission still holds; what nobody looked at is installed no more once its model turned out to be bad."""
    registry = gated()
    update(registry)
    registry.event(SOLAR, "1.0.0", action)

    assert "gate" == admitted(registry, "1.1.0").by
    if installs:
        assert "1.1.0" == verified(registry, "1.1.0").manifest.version
    else:
        assert 4 == refusal(lambda: verified(registry, "1.1.0"))[0]


def test_policy_decides_whether_a_gate_signs_at_all() -> None:
    """Where policy says `none`, the gate's signature is nobody's."""
    registry = gated(gate_releases="none")
    update(registry)

    assert (4, "not-authorised") == refusal(lambda: admitted(registry, "1.1.0"))


def test_a_kind_that_the_tool_does_not_know_has_no_owners_updates() -> None:
    """Without the kind's own rule nobody can say that nothing is new."""
    registry = gated()
    update(registry)
    authorities = registry.authorities("ann")

    def act() -> object:
        return verify_admission(
            registry.proof(SOLAR, "1.1.0"),
            Wanted(SOLAR, "1.1.0"),
            authorities,
            means=Means(check, {}),
            lookup=lookup_at(registry.tree(), parse_artifact(SOLAR), authorities, check=check),
        )

    assert (4, "unknown-kind") == refusal(act)
