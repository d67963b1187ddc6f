"""Whether a submission may land, before anybody approved it."""

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.foreign import flat_message, wire_message
from registry_tool.core.keys import k16
from registry_tool.core.landing import kind_of_name
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Edit
from registry_tool.core.tree import TreeEntry
from registry_tool.kinds import skill as skills
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, a_tip, newcomer, skill, version_path
from tests.core.landings import LINKS, both, codes, faults, rotated, update

BOMB = b"a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\n"
README = "README.md"


def blob_of(registry: RegistryInMemory, version: str) -> str:
    manifest = registry.manifest(LINKS, version)
    return layout.blob_path(manifest.id, sha256(manifest.to_bytes()))


def sign(registry: RegistryInMemory, by: str, version: str = "1.1.0", *, form: str = "") -> None:
    """Another signature beside the manifest of a version."""
    blob, signer = blob_of(registry, version), registry.hand(by)
    message = flat_message(registry.manifest(LINKS, version), skills.KIND) if form else registry.files[blob]
    registry.files[f"{blob}.{form}{k16(signer.key)}.sig"] = signer.sign(message)


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
        (lambda r: both(update, lambda r: sign(r, "ann signing", form="flat."))(r), None),
        (lambda r: (rotated(r, "ann laptop"), update(r, by=("ann laptop",))), None),
        (lambda r: r.event(LINKS, "1.0.0", "yank"), None),
        (put("index/featured.yaml", b"featured: []\n"), None),
        (put("index/registry.yaml", b"name: Here\n"), put("index/registry.yaml", b"name: There\n")),
        (put("index/categories.yaml", b"categories: []\n"), None),
    ],
)
def test_an_honest_submission_may_land(build: Build, tip: Build | None) -> None:
    """Releases, first submissions, rotations, events and tables by themselves have no fault."""
    assert [] == codes(build, tip=tip)


def test_a_release_admitted_while_a_rotation_waits_may_land() -> None:
    """A release and a rotation that do not know of each other land in either order, if the old key still signs."""
    assert [] == codes(
        update,
        tip=lambda r: r.keyring(
            "ann",
            [
                r.row("ann control", use="control"),
                r.row("ann signing", use="signing"),
                r.row("ann laptop", use="signing"),
            ],
            by=("ann control", "ann laptop", "mod"),
        ),
    )


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
        (put("index/authors/an/ann/profile/1.json"), None, ["allowed-paths"]),
        (approved_by_itself, None, ["allowed-paths"]),
        (an_approval, None, ["allowed-paths"]),
        (moderators_again, None, ["allowed-paths", "append-only", "not-trusted"]),
        (policy_again, None, ["allowed-paths"]),
        (both(put("index/featured.yaml", b"a: 1\n"), update), None, ["allowed-paths"]),
        (put("index/registry.yaml", BOMB), None, ["bad-table"]),
        (put("index/categories.yaml", BOMB), None, ["bad-table"]),
        (put("index/tiers.yaml", BOMB), None, ["yaml"]),
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
        (update, needs_identity, ["needs-identity"]),
        (lambda r: (update(r), sign(r, "stranger")), None, ["stranger"]),
        (lambda r: skill(r, by=()), None, ["not-signed"]),
        (lambda r: skill(r, by=("ann control",)), None, ["sign-again"]),
        (update, lambda r: rotated(r, "ann laptop", by=("ann control", "mod")), ["sign-again"]),
        (without_its_payload, None, ["document"]),
        (pointer_to_another, None, ["document"]),
        (unknown_kind, None, ["unknown-kind"]),
        (lambda r: (update(r), sign(r, "ann control", form="flat.")), None, ["bad-signature"]),
        (lambda r: (update(r), sign(r, "ann control", form="wire.")), None, ["bad-signature"]),
        (lambda r: (update(r), put(f"{blob_of(r, '1.1.0')}.sigstore.json")(r)), None, ["keyless"]),
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


def test_a_foreign_signature_is_looked_at_where_a_reader_will() -> None:
    """A skill has a flat form and no wire form; without a readable release there is nothing to look at."""
    registry = a_tip()
    manifest = registry.manifest(LINKS, "1.0.0")

    assert wire_message(manifest, skills.KIND, {}) is None
    assert b'"kind":"skills"' in flat_message(manifest, skills.KIND)


def test_a_signature_beside_an_unreadable_keyring_is_refused() -> None:
    """Where the author's keys cannot be read, no foreign signature holds."""

    def build(registry: RegistryInMemory) -> None:
        update(registry)
        sign(registry, "ann signing", form="flat.")
        registry.files["index/authors/an/ann/keys/2.json"] = b"[]"

    assert "bad-signature" in codes(build)
