"""Whether a submission may land, before anybody approved it."""

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.keys import k16
from registry_tool.core.landing import kind_of_name
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Edit
from registry_tool.core.tree import TreeEntry
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, a_tip, newcomer, skill, version_path
from tests.core.landings import LINKS, both, codes, faults, keys, rotated, sign, update

BOMB = b"a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\n"
README = "README.md"


def put(path: str, data: bytes = b"x") -> Build:
    return lambda registry: registry.files.__setitem__(path, data)


def first_of_bob(registry: RegistryInMemory) -> None:
    newcomer(registry)
    skill(registry, "1.0.0", name="@bob/links")


@pytest.mark.parametrize(
    ("build", "tip"),
    [
        (update, None),
        (first_of_bob, None),
        (lambda r: rotated(r, "ann laptop"), None),
        (both(update, lambda r: sign(r, "ann signing", form="flat.")), None),
        (both(lambda r: rotated(r, "ann laptop"), lambda r: update(r, by=("ann laptop",))), None),
        (lambda r: r.event(LINKS, "1.0.0", "yank"), None),
        (put("index/featured.yaml", b"featured: []\n"), None),
        (put("index/registry.yaml", b"name: Here\n"), put("index/registry.yaml", b"name: There\n")),
        (put("index/categories.yaml", b"categories: []\n"), None),
    ],
)
def test_an_honest_submission_may_land(build: Build, tip: Build | None) -> None:
    """Releases, first submissions, rotations, events and tables by themselves have no fault."""
    assert [] == codes(build, tip=tip)


def more_keys(registry: RegistryInMemory) -> None:
    """Ann has another signing key, with a moderator's signature; the old one stays."""
    registry.keyring("ann", keys(registry, "ann laptop"), by=("ann control", "ann laptop", "mod"))


def test_a_release_lands_after_a_rotation_that_it_does_not_know() -> None:
    """A release names no keyring, so one that waited needs no new signature while its key is active."""
    assert [] == codes(update, tip=more_keys)


def other_author(registry: RegistryInMemory) -> None:
    registry.keyring("bob", by=("bob control", "bob signing"))
    skill(registry, author="bob", by=("bob signing",))


def moderators_again(registry: RegistryInMemory) -> None:
    registry.moderators({"mod": None, "eve": "eve"}, by=("mod", "eve"), under=())


def policy_again(registry: RegistryInMemory) -> None:
    registry.policy(self_approval=True)


def needs_identity(registry: RegistryInMemory) -> None:
    registry.scope("ann", owners=["ann"], change=lambda value: value.update(needs="identity"))


def approved_by_itself(registry: RegistryInMemory) -> None:
    update(registry)
    registry.admit(LINKS, "1.1.0", by=("ann signing",))


def an_approval(registry: RegistryInMemory) -> None:
    update(registry)
    registry.approve(LINKS, "1.1.0", "mod")


def without_its_payload(registry: RegistryInMemory) -> None:
    update(registry, more={"NEW.md": b"new\n"})
    del registry.files[layout.blob_path(parse_artifact(LINKS), sha256(b"new\n"))]


def pointer_to_another(registry: RegistryInMemory) -> None:
    update(registry)
    registry.files[f"{version_path('1.2.0')}/release.json"] = registry.files.pop(
        f"{version_path('1.1.0')}/release.json"
    )


def unknown_kind(registry: RegistryInMemory) -> None:
    registry.publish("@ann/other", "1.0.0", kind="theme")


@pytest.mark.parametrize(
    ("build", "tip", "expected"),
    [
        # What it brings.
        (put("README.md"), None, ["allowed-paths"]),
        (put("index/authors/an/ann/profile/1.json"), None, ["document"]),
        (approved_by_itself, None, ["allowed-paths"]),
        (an_approval, None, ["allowed-paths"]),
        (moderators_again, None, ["allowed-paths"]),
        (policy_again, None, ["allowed-paths"]),
        (both(put("index/featured.yaml", b"a: 1\n"), update), None, ["allowed-paths"]),
        (put("index/registry.yaml", BOMB), None, ["bad-table"]),
        (put("index/categories.yaml", BOMB), None, ["bad-table"]),
        (put("index/tiers.yaml", BOMB), None, ["bad-table"]),
        (put("index/featured.yaml", BOMB), None, ["yaml"]),
        # What accompanies what.
        (put(layout.blob_path(parse_artifact(LINKS), sha256(b"x"))), None, ["stray-file"]),
        (lambda r: sign(r, "ann control", "1.0.0"), None, ["stray-file"]),
        (lambda r: sign(r, "ann signing", "1.0.0", form="flat."), None, ["stray-file"]),
        (lambda r: r.sign("index/authors/an/ann/keys/1.json", ("ann laptop",)), None, ["stray-file"]),
        # What changes.
        (put("index/authors/an/ann/keys/1.json", b"{}"), None, None),
        (put(f"{version_path('1.0.0')}/release.json", b"{}"), None, None),
        # Releases.
        (lambda r: skill(r, "1.1.0", kind="plugin"), None, ["other-kind"]),
        (lambda r: skill(r, change=lambda value: value.update(visibility="private")), None, ["private"]),
        (other_author, None, ["not-a-publisher"]),
        (update, needs_identity, ["no-identity"]),
        (both(update, lambda r: sign(r, "stranger")), None, ["stranger"]),
        (lambda r: skill(r, by=()), None, ["not-signed"]),
        (lambda r: skill(r, by=("ann control",)), None, ["sign-again"]),
        (update, lambda r: rotated(r, "ann laptop", by=("ann control", "mod")), ["sign-again"]),
        (without_its_payload, None, ["document"]),
        (pointer_to_another, None, ["document"]),
        (unknown_kind, None, ["unknown-kind"]),
        (lambda r: skill(r, "1.0.0", {"NEW.md": b"other bytes\n"}), None, ["append-only", "version-exists"]),
        (put(f"{version_path('1.1.0')}/release.json", b"{}"), None, ["document"]),
        (put("index/scopes/an/ann/2.json", b"{}"), None, None),
    ],
)
def test_a_submission_that_may_not_land_is_told_why(
    build: Build, tip: Build | None, expected: list[str] | None
) -> None:
    """Each fault has its word; `None` stands for several that depend on each other."""
    found = codes(build, tip=tip)

    assert found != []
    assert expected in (None, found)


FILE = TreeEntry("x", "file", "1")
NEW = f"{version_path('1.1.0')}/release.json"
OLD = f"{version_path('1.0.0')}/release.json"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Edit(NEW, None, TreeEntry("x", "link", "2")), "allowed-paths"),
        (Edit(NEW, None, TreeEntry("x", "submodule", "2")), "allowed-paths"),
        (Edit(NEW, None, TreeEntry("x", "executable", "2")), "allowed-paths"),
        (Edit("index/featured.yaml", FILE, TreeEntry("x", "link", "2")), "allowed-paths"),
        (Edit("index/featured.yaml", FILE, None), "append-only"),
        (Edit(OLD, FILE, None), "append-only"),
        (Edit(OLD, FILE, TreeEntry("x", "executable", "1")), "append-only"),
        (Edit(README, FILE, TreeEntry("x", "file", "2")), "append-only"),
    ],
)
def test_a_submission_only_adds_regular_files(edit: Edit, expected: str) -> None:
    """Links, submodules, modes, deletions and edits are refused, wherever they are."""
    assert [expected] == codes(lambda registry: None, odd=[edit])


def test_a_broken_registry_takes_nothing() -> None:
    """Where the registry's own chains do not verify, everything else is undecided."""

    def broken(registry: RegistryInMemory) -> None:
        registry.sign("index/policy/1.json", ("mod",))
        registry.files[layout.signature_path("index/policy/1.json", k16(registry.hand("mod").key))] = bytes(64)

    assert ["bad-signature"] == codes(update, tip=broken)


def test_faults_carry_what_to_do_next() -> None:
    """A key that was retired while the release waited: sign again."""
    found = faults(update, tip=lambda r: rotated(r, "ann laptop", by=("ann control", "mod")))

    assert ["sign again with an active signing key"] == [one.hint for one in found if one.check == "sign-again"]


def test_a_name_keeps_its_kind_for_ever() -> None:
    """The first admitted version says the kind; what was never admitted says nothing."""
    registry = a_tip()
    registry.publish("@ann/waits", "1.0.0")

    assert "skill" == kind_of_name(registry.tree(), parse_artifact(LINKS), registry=registry.id)
    assert kind_of_name(registry.tree(), parse_artifact("@ann/waits"), registry=registry.id) is None
