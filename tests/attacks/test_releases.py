"""Attacks on releases, admissions and submissions (formats of the registry, part 12)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, Unreachable
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Edit
from registry_tool.core.proof import read_proof
from registry_tool.core.standing import admitted_at
from registry_tool.core.tree import TreeEntry
from registry_tool.core.trust import Means, Wanted, verify_admission
from registry_tool.core.verified import Verified
from registry_tool.services.contact import Contact
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, SiteInMemory, a_registry
from tests.checks.changes import Build, newcomer, skill, version_path
from tests.core.landings import LINKS, both, codes, rotated, sign, update
from tests.proving import MEANS, SOLAR, admitted, refusal, verified

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


# ------------------------------------------------------------------ what somebody put into the repository


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


# ------------------------------------------------------------------ what a host can do to the files of a site


def a_site() -> tuple[RegistryInMemory, dict[str, bytes], dict[str, bytes]]:
    """A registry whose newest release is an owner's update, its site, and the site as it was before."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": None}, gate=("gate",))
    registry.policy(gate_releases="owner-updates")
    registry.release(SOLAR, "1.0.0")
    before = registry.site()
    registry.publish(SOLAR, "1.1.0", {"theme.css": b"b{}"})
    registry.admit(SOLAR, "1.1.0", by=("gate",), path="owner", compared="1.0.0")
    return registry, registry.site(), before


REGISTRY, SITE, BEFORE = a_site()


def install(files: Mapping[str, bytes], seen: Mapping[str, Any] | None = None) -> tuple[Verified, Contact]:
    """What an install of the newest version verifies, and its contact."""
    contact = Contact(SiteInMemory(files), REGISTRY.id, means=_MEANS, seen=Seen(seen or {}), demo=False)
    (name,) = contact.names([NAME])
    return contact.verified(name, "1.1.0"), contact


_MEANS = Means(check, MEANS.covers)
GENUINE, CONTACT = install(SITE)
READ = sorted(set(CONTACT.source.asked))  # type: ignore[attr-defined]  # the source of the tests counts
SEEN = CONTACT.seen.merged({})


def places(data: bytes) -> list[int]:
    """Places in a file: its ends, and evenly spread ones between."""
    return sorted({0, len(data) - 1, *range(0, len(data), max(1, len(data) // 120))})


def test_an_install_reads_every_kind_of_file() -> None:
    """Chains, scope, record, two proofs for the comparison, and one bundle."""
    bundles = [path for path in READ if path == layout.object_path(sha256(GENUINE.bundle))]

    assert (8, 1) == (len(READ), len(bundles))


@pytest.mark.parametrize("path", READ)
def test_one_byte_flipped_is_never_accepted(path: str) -> None:
    """In every file that an install reads: refused, or it was a hint that decides nothing."""
    genuine = SITE[path]
    hints = 0
    for place in places(genuine):
        changed = genuine[:place] + bytes([genuine[place] ^ 1]) + genuine[place + 1 :]
        try:
            found, _ = install({**SITE, path: changed})
        except (InvalidInput, NotTrusted, Unreachable):
            continue  # anything else that is raised fails this test
        hints += 1
        assert (GENUINE.digest, GENUINE.bundle) == (found.digest, found.bundle)

    # Only the record is unsigned: sizes, and the rows of other versions, are all that it can lie about.
    assert hints == 0 or path == layout.name_path(NAME)


CUTS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("without its last byte", lambda data: data[:-1]),
    ("half of it", lambda data: data[: len(data) // 2]),
    ("nothing of it", lambda data: b""),
    ("twice", lambda data: data + data),
    ("with a byte more", lambda data: data + b"\n"),
    ("with a byte before", lambda data: b"\xef\xbb\xbf" + data),
)


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize(("what", "cut"), CUTS)
def test_a_file_that_was_cut_or_grew_is_refused(path: str, what: str, cut: Callable[[bytes], bytes]) -> None:
    """A file is what it is, or nothing is installed."""
    code, _ = refusal(lambda: install({**SITE, path: cut(SITE[path])}))

    assert code in (1, 4, 6), what


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("other", READ)
def test_files_that_were_swapped_are_refused(path: str, other: str) -> None:
    """No file passes for another."""
    if path != other:
        code, _ = refusal(lambda: install({**SITE, path: SITE[other]}))

        assert code in (1, 4)


@pytest.mark.parametrize("path", READ)
def test_a_file_that_is_gone_is_refused(path: str) -> None:
    """Nothing is installed without it."""
    assert refusal(lambda: install({other: data for other, data in SITE.items() if other != path}))[0] in (3, 4, 6)


def test_an_older_state_is_refused_to_whoever_saw_a_newer_one() -> None:
    """The record of before, replayed: the newest admission that was seen is gone."""
    contact = Contact(SiteInMemory({**SITE, **BEFORE}), REGISTRY.id, means=_MEANS, seen=Seen(SEEN), demo=False)

    assert (4, "rolled-back") == refusal(lambda: contact.names([NAME]))


# ------------------------------------------------------------------ what a submission can try


FILE = TreeEntry("x", "file", "1")
OLD = f"{version_path('1.0.0')}/release.json"


def odd(path: str, old: TreeEntry | None, type_: str | None) -> Edit:
    return Edit(path, old, TreeEntry("x", type_, "2") if type_ else None)  # type: ignore[arg-type]  # a literal


@pytest.mark.parametrize(
    "edit",
    [
        odd(f"{version_path('1.1.0')}/release.json", None, "link"),
        odd("vendor", None, "submodule"),
        odd("index/registry.yaml", FILE, "link"),
        odd(OLD, FILE, "executable"),
        odd(OLD, FILE, "file"),
        odd(OLD, FILE, None),
        odd("index/registry.yaml", FILE, None),
    ],
)
def test_a_submission_that_is_no_addition_is_refused(edit: Edit) -> None:
    """Links, submodules, modes, edits and deletions of what is published."""
    assert [] != codes(update, odd=[edit])


def put(path: str, data: bytes = b"x") -> Build:
    return lambda registry: registry.files.__setitem__(path, data)


def in_other_case(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.0-RC1")


def admitted_rc(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.0-rc1")
    registry.admit(LINKS, "1.0.0-rc1")


@pytest.mark.parametrize(
    ("attack", "tip"),
    [
        (lambda r: sign(r, "ann control", "1.0.0"), None),
        (lambda r: sign(r, "stranger", "1.0.0"), None),
        (lambda r: r.sign("index/authors/an/ann/keys/1.json", ("stranger",)), None),
        (lambda r: r.sign("index/moderators/1.json", ("stranger",)), None),
        (put(f"{OLD.removesuffix('release.json')}admission.{'0' * 16}.sig", bytes(64)), None),
        (both(update, lambda r: r.admit(LINKS, "1.1.0", by=("ann signing",))), None),
        (lambda r: r.policy(self_approval=True, by=("ann signing",)), None),
        (both(update, lambda r: r.policy(self_approval=True)), None),
        (put("index/trust/2.root.json"), None),
        (lambda r: skill(r, "1.0.0", {"NEW.md": b"other bytes\n"}), None),
        (lambda r: skill(r, "1.0.0+build"), None),
        (in_other_case, admitted_rc),
        (lambda r: skill(r, kind="plugin"), None),
        (lambda r: skill(r, "1.0.0", name="@ann/other", author="eve"), None),
        (both(newcomer, lambda r: r.keyring("eve", by=("eve control", "eve signing"))), newcomer),
        (lambda r: skill(r, by=("ann signing", "stranger")), None),
        (update, lambda r: rotated(r, "ann laptop", by=("ann control", "mod"))),
    ],
)
def test_an_attack_by_a_submission_is_refused(attack: Build, tip: Build | None) -> None:
    """Before anybody approved it."""
    assert [] != codes(attack, tip=tip)


def claim(author: str) -> Build:
    """An author who claims the scope `dusk` in a first submission."""
    return lambda registry: newcomer(registry, author, scope="dusk")


def test_two_that_are_fine_alone_are_not_fine_together() -> None:
    """Both claim one scope; whoever comes second is refused on the new tip."""

    def landed(registry: RegistryInMemory) -> None:
        registry.with_author("bob", scope="dusk")

    assert ([], []) == (codes(claim("bob")), codes(claim("eve")))
    assert [] != codes(claim("eve"), tip=landed)


def test_two_scopes_of_one_author_are_fine() -> None:
    """What belongs to one person may come together."""

    def build(registry: RegistryInMemory) -> None:
        registry.scope("dusk", owners=["ann"], by=("ann control",))
        update(registry)
        skill(registry, "1.0.0", name="@dusk/links", author="ann")

    assert [] == codes(build)


def test_honest_is_honest() -> None:
    """What all these attacks begin from passes."""
    assert "mod" == admitted(two_releases()).by
    assert [] == codes(update)
