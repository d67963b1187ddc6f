"""Attacks on admitted releases by whoever writes into the repository (formats of the registry, part 12)."""

from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.core.proof import read_proof
from registry_tool.core.standing import admitted_at
from registry_tool.core.trust import Wanted, verify_admission
from tests.builders import RegistryInMemory, a_registry
from tests.checks.changes import Build
from tests.proving import MEANS, SOLAR, refusal, verified

NAME = parse_artifact(SOLAR)


def at(version: str, file: str) -> str:
    return f"{layout.version_folder(NAME, version)}/{file}"


def manifest_blob(registry: RegistryInMemory, version: str = "1.0.0") -> str:
    return layout.blob_path(NAME, sha256(registry.manifest(SOLAR, version).to_bytes()))


def two_releases() -> RegistryInMemory:
    return a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0", {"theme.css": b"b{}"})


def copied(registry: RegistryInMemory, old: str, new: str) -> None:
    """Every file of a folder's beginning, put at another place."""
    for path in [path for path in registry.files if path.startswith(old)]:
        registry.files[new + path.removeprefix(old)] = registry.files[path]


def replayed(registry: RegistryInMemory) -> None:
    """The admission of 1.1.0 in the place of the one of 1.0.0."""
    copied(registry, at("1.1.0", "admission."), at("1.0.0", "admission."))


def replayed_as_another_version(registry: RegistryInMemory) -> None:
    """A whole admitted version under another number."""
    copied(registry, at("1.1.0", ""), at("1.0.0", ""))


def of_another_registry(registry: RegistryInMemory) -> None:
    """The same release, admitted by another registry's moderator."""
    other = a_registry(demo=False).release(SOLAR, "1.0.0")
    registry.files.update({path: data for path, data in other.files.items() if "/1.0.0/" in path or "/blobs/" in path})


def readmitted(**words: Any) -> Build:
    """Another admission in the place of the one of 1.0.0."""

    def build(registry: RegistryInMemory) -> None:
        for path in [path for path in registry.files if path.startswith(at("1.0.0", "admission."))]:
            del registry.files[path]
        registry.admit(SOLAR, "1.0.0", **words)

    return build


def under(subject: str, number: int, digest: str = "") -> Build:
    """An admission that names another number of a chain."""

    def change(value: dict[str, Any]) -> None:
        ref = value["under"][subject]
        value["under"][subject] = {"number": number, "sha256": digest or ref["sha256"]}

    return readmitted(change=change)


def removed_moderator(registry: RegistryInMemory, since: str) -> None:
    """Whoever admitted both releases was removed since then."""

    def change(value: dict[str, Any]) -> None:
        value["people"][0]["keys"][0] |= {"status": "revoked", "since": since}

    registry.moderators({"mod": None, "two": None}, by=("mod", "two"), under=())
    registry.moderators({"mod": None, "two": None}, by=("two",), under=(), change=change)


def backdated(registry: RegistryInMemory) -> None:
    """A removed moderator admits, naming the number in which he was active, at a time after his end."""
    removed_moderator(registry, "2026-04-01T00:00:00Z")
    old = registry.files["index/moderators/2.json"]

    def change(value: dict[str, Any]) -> None:
        value["under"]["moderators"] = {"number": 2, "sha256": sha256(old)}

    registry.admit(SOLAR, "1.0.0", at="2026-05-01T00:00:00Z", change=change)


def stripped(registry: RegistryInMemory) -> None:
    del registry.files[f"{manifest_blob(registry)}.{k16(registry.hand('ann signing').key)}.sig"]


def stray(registry: RegistryInMemory) -> None:
    registry.files[f"{manifest_blob(registry)}.{k16(registry.hand('ann control').key)}.sig"] = bytes(64)


def swapped(registry: RegistryInMemory) -> None:
    """The good signature of one manifest beside another."""
    suffix = f".{k16(registry.hand('ann signing').key)}.sig"
    registry.files[manifest_blob(registry) + suffix] = registry.files[manifest_blob(registry, "1.1.0") + suffix]


def pointers_swapped(registry: RegistryInMemory) -> None:
    one, other = at("1.0.0", "release.json"), at("1.1.0", "release.json")
    registry.files[one], registry.files[other] = registry.files[other], registry.files[one]


def other_name(registry: RegistryInMemory) -> None:
    """A right signature under another name: ann's own other release."""
    registry.release("@ann/dusk", "1.0.0")
    folder = layout.name_folder(parse_artifact("@ann/dusk"))
    for path in [path for path in registry.files if path.startswith(folder)]:
        registry.files[layout.name_folder(NAME) + path.removeprefix(folder)] = registry.files[path]


def yank_moved(registry: RegistryInMemory) -> None:
    """A yank of 1.1.0 in the place of one of 1.0.0."""
    registry.event(SOLAR, "1.1.0", "yank")
    copied(registry, at("1.1.0", "events/"), at("1.0.0", "events/"))


def lifted(registry: RegistryInMemory, action: str, by: str, *, lifts: str = "") -> None:
    """What was said of 1.0.0 is lifted by somebody who may not, or something is that is not there."""
    said = registry.event(SOLAR, "1.0.0", action)
    registry.event(SOLAR, "1.0.0", "restore", lifts=lifts or said, by=(by,))


def lifts_another_versions(registry: RegistryInMemory) -> None:
    """A restore of 1.0.0 that names the revocation of 1.1.0."""
    other = registry.event(SOLAR, "1.1.0", "revoke")
    lifted(registry, "revoke", "mod", lifts=other)


def key_ended(registry: RegistryInMemory, since: str) -> None:
    ended = registry.row("ann signing", use="signing") | {"status": "revoked", "since": since}
    registry.keyring("ann", [registry.row("ann control", use="control"), ended], by=("ann control",))


def garbled(registry: RegistryInMemory) -> None:
    path = layout.signature_path(at("1.0.0", "admission.json"), k16(registry.hand("mod").key))
    registry.files[path] = bytes(64)


def by_the_author(registry: RegistryInMemory) -> None:
    """A moderator who is the author admits, and policy wants somebody else."""

    def change(value: dict[str, Any]) -> None:
        value["people"][0]["author"] = "ann"

    registry.moderators({"mod": None}, by=("mod",), under=(), change=change)
    registry.admit(SOLAR, "1.0.0")


@pytest.mark.parametrize(
    ("attack", "expected"),
    [
        (replayed, "other-release"),
        (replayed_as_another_version, "other-release"),
        (of_another_registry, "other-registry"),
        (readmitted(by=("stranger",)), "not-authorised"),
        (readmitted(by=("ann signing",)), "not-authorised"),
        (readmitted(by=("root",)), "not-authorised"),
        (readmitted(change=lambda value: value.update(manifest=f"sha256:{'0' * 64}")), "other-release"),
        (by_the_author, "not-authorised"),
        (lambda r: removed_moderator(r, "2026-03-01T00:00:00Z"), "not-authorised"),
        (backdated, "not-authorised"),
        (stripped, "signatures-differ"),
        (stray, "signatures-differ"),
        (swapped, "signatures-differ"),
        (pointers_swapped, "other-release"),
        (other_name, None),
        (under("authors/ann", 7), "bad-under"),
        (under("authors/ann", 1, "0" * 64), "chain-forked"),
        (under("moderators", 2), "bad-under"),
        (under("policy", 1, "0" * 64), "chain-forked"),
        (readmitted(change=lambda v: v["under"].pop("scopes/ann")), "bad-under"),
        (yank_moved, "other-subject"),
        (lambda r: r.event(SOLAR, "1.0.0", "yank", by=("stranger",)), "not-authorised"),
        (lambda r: r.event(SOLAR, "1.0.0", "revoke", by=("ann signing",)), "not-authorised"),
        (lambda r: lifted(r, "revoke", "ann signing"), "not-authorised"),
        (lambda r: lifted(r, "yank", "stranger"), "not-authorised"),
        (lambda r: lifted(r, "revoke", "mod", lifts=f"sha256:{'0' * 64}"), "bad-event"),
        (lifts_another_versions, "bad-event"),
        (lambda r: key_ended(r, "2026-03-01T00:00:00Z"), "not-signed"),
        (garbled, "bad-signature"),
    ],
)
def test_an_attack_on_an_admitted_release_is_refused(attack: Build, expected: str | None) -> None:
    """By clients and by builds, with exit 4, whoever wrote it into the repository."""
    registry = two_releases()
    attack(registry)

    code, word = refusal(lambda: (_landed(registry), verified(registry)))

    assert 4 == code
    assert expected in (None, word)


def _landed(registry: RegistryInMemory) -> object:
    return admitted_at(registry.tree(), NAME, "1.0.0", registry.authorities("ann"), means=MEANS)


@pytest.mark.parametrize(
    "honest",
    [
        lambda r: None,
        lambda r: key_ended(r, "2026-04-01T00:00:00Z"),
        lambda r: removed_moderator(r, "2026-04-01T00:00:00Z"),
        lambda r: r.event(SOLAR, "1.1.0", "revoke"),
        lambda r: r.policy(count=1, new_name=2),
    ],
)
def test_what_comes_later_leaves_an_honest_release_good(honest: Build) -> None:
    """Keys and moderators that end later, a stricter policy, what became of another version."""
    registry = two_releases()
    honest(registry)

    assert "1.0.0" == verified(registry).manifest.version


def test_a_right_release_is_not_what_was_not_asked_for() -> None:
    """Names, versions and kinds are compared letter by letter, by whoever asks."""
    registry = two_releases()
    proof, authorities = registry.proof(SOLAR, "1.0.0"), registry.authorities("ann")
    wanted = [
        Wanted("@ann/solaris", "1.0.0"),
        Wanted(SOLAR, "1.1.0"),
        Wanted(SOLAR, "1.0.0+b"),
        Wanted(SOLAR, "1.0.0", "plugin"),
    ]

    def no_lookup(version: str) -> Any:  # Any: never gives anything
        raise AssertionError(version)

    def ask(one: Wanted) -> int:
        return refusal(lambda: verify_admission(proof, one, authorities, means=MEANS, lookup=no_lookup))[0]

    assert [4] * 4 == [ask(one) for one in wanted]
    assert (4, "other-registry") == refusal(
        lambda: read_proof(canonical.encode(proof.evidence("0" * 64)), proof.manifest, registry=registry.id)
    )
