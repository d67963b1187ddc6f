"""What a consumer's install trusts, writes and remembers, over a registry in memory and a real folder."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, RegistryError, StateForbids, WrongUsage
from registry_tool.core.names import parse_artifact, parse_wanted
from registry_tool.core.plan import Place
from registry_tool.core.trust import Means
from registry_tool.services.consumer import Ground, Prepared, commit, prepare, prepare_locked, uninstall
from registry_tool.services.contact import Contact
from registry_tool.services.lockfile import lock_text, read_lock
from registry_tool.services.look import Filters, search, show, updates, verify_one, verify_whole
from registry_tool.services.resolve import DEPTH
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from registry_tool.stores.disk import DiskTarget
from registry_tool.stores.state import StateStore
from tests.builders import KINDS, RegistryInMemory, SiteInMemory, a_registry

MEANS = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
SOLAR = "@ann/solar"


class Person:
    """Somebody with a project folder and a memory, who installs from a site in memory."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.target = DiskTarget(self.root)
        self.memory = StateStore(folder / "memory")
        self.again: dict[str, bytes] = {}

    def ground(self, **more: Any) -> Ground:
        return Ground(self.target, KINDS, Place(), **more)

    def contact(self, site: SiteInMemory, registry: str, *, demo: bool = True) -> Contact:
        seen = Seen(self.memory.seen(registry))
        again = (lambda path, limit: self.again.get(path)) if self.again else None
        return Contact(site, registry, means=MEANS, seen=seen, demo=demo, again=again)

    def install(
        self, site: SiteInMemory, registry: str, *wanted: str, kind: str | None = None, **more: Any
    ) -> Prepared:
        contact, ground = self.contact(site, registry), self.ground(**more)
        prepared = prepare(contact, [parse_wanted(one) for one in wanted], ground=ground, kind=kind)
        commit(contact, prepared, ground=ground, memory=self.memory)
        return prepared

    def versions(self) -> dict[str, str]:
        return {str(one["artifact"]): str(one["record"]["version"]) for one in self.target.receipts()}

    def files(self) -> list[str]:
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def site_of(registry: RegistryInMemory) -> SiteInMemory:
    return SiteInMemory(registry.site())


def test_a_first_install_takes_two_rounds_of_three_files(person: Person) -> None:
    """First contact and install ask for six files in two rounds, whatever else the registry has."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0").release("@bob/moon", "1.0.0")
    site = site_of(registry)

    person.install(site, registry.id, SOLAR)

    assert [3, 3] == [len(one) for one in site.rounds]
    assert {layout.REGISTRY_CHAINS, "index/an/ann/solar.json", "chains/scopes/an/ann.json"} == set(site.rounds[0])


def test_an_install_writes_what_was_signed_and_pins_it(person: Person) -> None:
    """The project has the payload's bytes, a receipt, and one line in the lock file with digests, keys and registry."""
    registry = a_registry().release(SOLAR, "1.0.0", {"theme.css": b"a{}", "img/x.svg": b"<svg/>"})

    prepared = person.install(site_of(registry), registry.id, SOLAR)

    assert ("themes/ann__solar/img/x.svg", "themes/ann__solar/theme.css") == prepared.steps[0].files
    assert b"a{}" == (person.root / "themes/ann__solar/theme.css").read_bytes()
    manifest = registry.manifest(SOLAR, "1.0.0")
    row = read_lock(person.target.lock_text())[SOLAR]
    assert ("1.0.0", f"sha256:{manifest.bundle.sha256}", registry.id) == (row.version, row.bundle, row.registry)
    lines = (person.target.lock_text() or "").splitlines()
    assert 3 == len(lines)


def test_what_is_there_is_left_alone(person: Person) -> None:
    """Installing the installed version writes nothing and says that it is there; another version replaces it."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0")
    site = site_of(registry)
    person.install(site, registry.id, f"{SOLAR}@1.0.0")

    again = person.install(site, registry.id, f"{SOLAR}@1.0.0")
    newer = person.install(site, registry.id, SOLAR)

    assert ((f"{SOLAR}@1.0.0",), ()) == (again.already, again.steps)
    assert "1.0.0" == newer.steps[0].replaces["record"]["version"]  # type: ignore[index]  # an update has one
    assert {SOLAR: "1.1.0"} == person.versions()


def test_a_verb_is_locked_to_its_kind(person: Person) -> None:
    """The other kind is refused with the verb to use, and nothing is written (G2)."""
    registry = a_registry().release(SOLAR, "1.0.0")

    with pytest.raises(WrongUsage) as refused:
        person.install(site_of(registry), registry.id, SOLAR, kind="plugin")

    assert f"{SOLAR} is a theme, not a plugin" == refused.value.message
    assert f"use: registry theme install {SOLAR}" == refused.value.hint
    assert not person.root.exists()


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "2.0.0"),
        ([("2.0.0", "yank")], "1.1.0"),
        ([("2.0.0", "deprecate")], "2.0.0"),
        ([("2.0.0", "revoke"), ("1.1.0", "quarantine")], "1.0.0"),
    ],
)
def test_no_version_means_the_newest_that_is_good(person: Person, events: list[tuple[str, str]], expected: str) -> None:
    """Without a version the newest comes that is no pre-release and neither yanked nor worse."""
    registry = a_registry()
    for version in ("1.0.0", "1.1.0", "2.0.0", "3.0.0-beta"):
        registry.release(SOLAR, version)
    for version, action in events:
        registry.event(SOLAR, version, action)

    person.install(site_of(registry), registry.id, SOLAR)

    assert {SOLAR: expected} == person.versions()


@pytest.mark.parametrize(
    ("wanted", "action", "error", "code"),
    [
        ("@ann/nothing", None, NotFound, "no-artifact"),
        (f"{SOLAR}@9.9.9", None, NotFound, "no-version"),
        (f"{SOLAR}@1.0.0+build", None, NotFound, "no-version"),
        (SOLAR, "yank", NotFound, "no-version"),
        (f"{SOLAR}@1.0.0", "yank", StateForbids, "yanked"),
        (f"{SOLAR}@1.0.0", "quarantine", NotTrusted, "quarantined"),
        (f"{SOLAR}@1.0.0", "revoke", NotTrusted, "revoked"),
        (f"{SOLAR}@1.0.0", "withhold", NotTrusted, "withheld"),
    ],
)
def test_what_cannot_be_installed_is_said(
    person: Person, wanted: str, action: str | None, error: type[RegistryError], code: str
) -> None:
    """A name or version that is not there, or whose status forbids it, is refused before anything is written."""
    registry = a_registry().release(SOLAR, "1.0.0")
    if action:
        registry.event(SOLAR, "1.0.0", action)

    with pytest.raises(error) as refused:
        person.install(site_of(registry), registry.id, wanted)

    assert code == refused.value.code
    assert not person.root.exists()


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize("change", [flipped, lambda data: data[:-1], lambda data: b"{}", lambda data: b"<html>"])
@pytest.mark.parametrize("number", range(6))
def test_no_changed_byte_gets_through(person: Person, number: int, change: Callable[[bytes], bytes]) -> None:
    """Whatever is changed in any of the six files that an install reads, it stops and changes nothing."""
    registry = a_registry().release(SOLAR, "1.0.0")
    site = site_of(registry)
    person.contact(site, registry.id)
    path = sorted(path for path in site.files if path not in (layout.CATALOGUE, layout.ENTRY))[number]
    site.files[path] = change(site.files[path])

    with pytest.raises(RegistryError) as refused:
        person.install(site, registry.id, SOLAR)

    assert refused.value.exit_code in (4, 6), refused.value
    assert not person.root.exists()
    assert {} == person.memory.seen(registry.id)


def test_an_old_copy_in_a_cache_is_passed_by_once(person: Person) -> None:
    """An object whose digest does not match is fetched once more past caches before it is refused."""
    registry = a_registry().release(SOLAR, "1.0.0")
    site, path = site_of(registry), layout.object_path(registry.manifest(SOLAR, "1.0.0").bundle.sha256)
    person.again = {path: site.files[path]}
    site.files[path] = b"an old copy"

    person.install(site, registry.id, SOLAR)

    assert {SOLAR: "1.0.0"} == person.versions()


def test_a_missing_object_may_come_later(person: Person) -> None:
    """An object that the registry names and does not have is no proof of anything bad: try again."""
    registry = a_registry().release(SOLAR, "1.0.0")
    site = site_of(registry)
    del site.files[layout.object_path(registry.manifest(SOLAR, "1.0.0").bundle.sha256)]

    with pytest.raises(RegistryError) as refused:
        person.install(site, registry.id, SOLAR)

    assert (6, "object-missing") == (refused.value.exit_code, refused.value.code)


def test_nobody_is_led_back_behind_what_they_saw(person: Person) -> None:
    """After an install, a shorter chain, a hidden yank and a release that is gone are refused as rolled back."""
    old, new = (a_registry().release(SOLAR, "1.0.0") for _ in range(2))
    stale = site_of(old)
    new.policy(count=1, self_approval=True)
    new.event(SOLAR, "1.0.0", "deprecate")
    new.release(SOLAR, "1.1.0")
    person.install(site_of(new), new.id, SOLAR)
    yank_hidden = {**new.site(), "index/an/ann/solar.json": record_without_events(new)}
    gone = {**new.site(), "index/an/ann/solar.json": stale.files["index/an/ann/solar.json"]}

    for files in (stale.files, yank_hidden, gone):
        with pytest.raises(NotTrusted) as refused:
            person.install(SiteInMemory(files), new.id, SOLAR)

        assert "rolled-back" == refused.value.code
    assert {SOLAR: "1.1.0"} == person.versions()


def record_without_events(registry: RegistryInMemory) -> bytes:
    record = canonical.parse(registry.site_record(parse_artifact(SOLAR)), limit=10**6, what="the record")
    for row in record["versions"].values():
        row["events"] = []
    return canonical.encode(record)


def test_another_digest_at_a_number_is_refused(person: Person) -> None:
    """A policy that was replaced at its number, signed by the same moderator, is not the one that was seen."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)
    forked = a_registry(self_approval=True).release(SOLAR, "1.1.0")
    assert forked.id == registry.id

    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(forked), registry.id, SOLAR)

    assert "rolled-back" == refused.value.code


def test_nothing_is_remembered_before_all_is_done(person: Person) -> None:
    """Preparing an install remembers nothing; doing it does, and looking again keeps what is newer."""
    registry = a_registry().release(SOLAR, "1.0.0")
    contact = person.contact(site_of(registry), registry.id)

    prepared = prepare(contact, [parse_wanted(SOLAR)], ground=person.ground())
    assert {} == person.memory.seen(registry.id)
    commit(contact, prepared, ground=person.ground(), memory=person.memory)

    seen = person.memory.seen(registry.id)
    assert {"root", "moderators", "policy", "authors/ann", "scopes/ann"} == set(seen["chains"])
    assert "1.0.0" == seen["names"][SOLAR]["version"]
    newer = {"chains": {"policy": {"number": 9, "sha256": "f" * 64}}, "names": {SOLAR: {"version": "2.0.0", "at": "9"}}}
    merged = contact.seen.merged(newer)
    assert (9, "2.0.0") == (merged["chains"]["policy"]["number"], merged["names"][SOLAR]["version"])


def test_a_demonstration_is_refused_where_nobody_said_so(person: Person) -> None:
    """A registry whose keys are published is read only by those who know it to be a demonstration."""
    registry = a_registry().release(SOLAR, "1.0.0")
    real = a_registry(demo=False).release(SOLAR, "1.0.0")

    with pytest.raises(NotTrusted) as refused:
        _ = person.contact(site_of(registry), registry.id, demo=False).government
    assert "demonstration" == refused.value.code
    assert not person.contact(site_of(real), real.id, demo=False).government.demonstration


def test_what_is_needed_is_installed_first(person: Person) -> None:
    """Dependencies come from the same registry, before what needs them, in a version that fits; circles end."""
    registry = a_registry()
    registry.release("@bob/base", "1.0.0").release("@bob/base", "1.2.0").release("@bob/base", "2.0.0")
    registry.release("@ann/mid", "1.0.0", dependencies={"@bob/base": "^1.0.0", SOLAR: "*"})
    registry.release(SOLAR, "1.0.0", dependencies={"@ann/mid": "1.x"})

    prepared = person.install(site_of(registry), registry.id, SOLAR)

    assert ["@bob/base@1.2.0", "@ann/mid@1.0.0", f"{SOLAR}@1.0.0"] == [
        f"{one.verified.artifact}@{one.verified.manifest.version}" for one in prepared.steps
    ]
    assert [False, False, True] == [one.record["asked"] for one in prepared.steps]


def test_what_fits_already_stays(person: Person) -> None:
    """A dependency that is installed in a version that fits is not touched, also where a newer one is there."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "1.2.0")
    registry.release(SOLAR, "1.0.0", dependencies={"@bob/base": "^1.0.0"})
    site = site_of(registry)
    person.install(site, registry.id, "@bob/base@1.0.0")

    person.install(site, registry.id, SOLAR)

    assert {"@bob/base": "1.0.0", SOLAR: "1.0.0"} == person.versions()


@pytest.mark.parametrize(
    ("needs", "wanted", "code"),
    [
        ({"@bob/base": "^2.0.0"}, [SOLAR], "conflict"),
        ({"@bob/base": "^1.0.0", "@bob/mid": "*"}, [SOLAR], "conflict"),
        ({"@bob/base": "^1.0.0"}, [SOLAR, "@bob/base@1.5.0-rc.1"], "conflict"),
        ({}, [SOLAR, f"{SOLAR}@1.0.0"], "conflict"),
        ({"@bob/nothing": "*"}, [SOLAR], "no-artifact"),
    ],
)
def test_what_does_not_fit_together_is_said(
    person: Person, needs: Mapping[str, str], wanted: list[str], code: str
) -> None:
    """Ranges that no version fits, two versions of one name, and a missing dependency stop the install whole."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "1.5.0-rc.1")
    registry.release("@bob/mid", "1.0.0", dependencies={"@bob/base": ">=3.0.0"})
    registry.release(SOLAR, "1.0.0", dependencies=needs)

    with pytest.raises(RegistryError) as refused:
        person.install(site_of(registry), registry.id, *wanted)

    assert code == refused.value.code
    assert not person.root.exists()


def test_what_others_need_is_not_broken(person: Person) -> None:
    """A version that an installed artifact cannot live with is refused, and so is uninstalling what it needs."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "2.0.0")
    registry.release(SOLAR, "1.0.0", dependencies={"@bob/base": "^1.0.0"})
    site = site_of(registry)
    person.install(site, registry.id, SOLAR)

    with pytest.raises(StateForbids) as refused:
        person.install(site, registry.id, "@bob/base@2.0.0")
    assert "conflict" == refused.value.code
    with pytest.raises(StateForbids) as kept:
        uninstall(person.target, parse_artifact("@bob/base"))
    assert "needed" == kept.value.code
    wanted = [one for one, _, _ in updates(person.contact(site, registry.id), person.target, ())]
    person.install(site, registry.id, *(str(one) for one in wanted))
    assert {"@bob/base": "1.0.0", SOLAR: "1.0.0"} == person.versions()


def test_dependencies_have_an_end(person: Person) -> None:
    """A chain of dependencies that is deeper than the limit is refused."""
    registry = a_registry()
    for number in range(DEPTH + 1):
        registry.release(f"@ann/n{number}", "1.0.0", dependencies={f"@ann/n{number + 1}": "*"})

    with pytest.raises(StateForbids) as refused:
        person.install(site_of(registry), registry.id, "@ann/n0")

    assert "too-many" == refused.value.code


def test_a_scope_comes_from_one_registry(person: Person) -> None:
    """A project that has something of a scope takes nothing of that scope from another registry (B7)."""
    one, other = a_registry().release(SOLAR, "1.0.0"), a_registry(demo=False).release("@ann/moon", "1.0.0")
    person.install(site_of(one), one.id, SOLAR)

    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(other), other.id, "@ann/moon")

    assert "other-registry" == refused.value.code


def test_a_lock_file_is_installed_to_the_byte(person: Person, tmp_path: Path) -> None:
    """Another checkout installs what the lock file pins, also yanked and not the newest, and nothing else."""
    registry = a_registry().release("@bob/base", "1.0.0")
    registry.release(SOLAR, "1.0.0", dependencies={"@bob/base": "*"})
    person.install(site_of(registry), registry.id, SOLAR)
    registry.release(SOLAR, "1.1.0")
    registry.event(SOLAR, "1.0.0", "yank")
    site = site_of(registry)
    colleague = Person(tmp_path / "colleague")
    colleague.root.mkdir(parents=True)
    pinned = person.target.lock_text() or ""
    (colleague.root / "registry.lock.json").write_text(pinned)

    contact = colleague.contact(site, registry.id)
    prepared = prepare_locked(contact, ground=colleague.ground())
    commit(contact, prepared, ground=colleague.ground(), memory=colleague.memory)

    assert {"@bob/base": "1.0.0", SOLAR: "1.0.0"} == colleague.versions()
    assert pinned == colleague.target.lock_text()
    assert ["@bob/base", SOLAR] == [one.verified.artifact for one in prepared.steps]
    for old, new, code in [("1.0.0", "3.0.0", "no-version"), ("sha256:", "sha256:f", "other-release")]:
        rows = json.loads(pinned)
        row = rows["artifacts"][SOLAR]
        row["version" if code == "no-version" else "manifest"] = new if code == "no-version" else f"sha256:{'f' * 64}"
        (colleague.root / "registry.lock.json").write_text(json.dumps(rows))
        with pytest.raises(RegistryError) as refused:
            prepare_locked(colleague.contact(site, registry.id), ground=colleague.ground())
        assert code == refused.value.code, old


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad-lock"),
        ("[]", "bad-lock"),
        ('{"lock": 2, "artifacts": {}, "more": 1}', "newer-schema"),
        ('{"lock": 1, "artifacts": {"solar": {}}}', "bad-lock"),
        ('{"lock": 1, "artifacts": {\n<<<<<<< HEAD\n', "bad-lock"),
    ],
)
def test_a_damaged_lock_file_is_refused(text: str, code: str) -> None:
    """A lock file that is none, of a newer tool, or in the middle of a merge is told apart from an empty one."""
    with pytest.raises(InvalidInput) as refused:
        read_lock(text)

    assert (code, "registry.lock.json") == (refused.value.code, refused.value.where)


def test_an_empty_lock_is_no_file() -> None:
    """A project without artifacts has no lock file, and none is read as no rows."""
    assert "" == lock_text(read_lock(None))


def test_uninstall_takes_back_all_of_it(person: Person) -> None:
    """After uninstalling nothing is left; another kind's verb and what is not installed are refused."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)

    with pytest.raises(WrongUsage):
        uninstall(person.target, parse_artifact(SOLAR), kind="plugin")
    uninstall(person.target, parse_artifact(SOLAR), kind="theme", dry_run=True)
    assert {SOLAR: "1.0.0"} == person.versions()
    uninstall(person.target, parse_artifact(SOLAR), kind="theme")

    assert [] == person.files()
    with pytest.raises(NotFound):
        uninstall(person.target, parse_artifact(SOLAR))


def test_changes_of_the_person_are_kept_unless_told(person: Person) -> None:
    """An update and an uninstall stop at a file that the person changed; `force` puts it back."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0", {"theme.css": b"new"})
    site = site_of(registry)
    person.install(site, registry.id, f"{SOLAR}@1.0.0")
    (person.root / "themes/ann__solar/theme.css").write_text("mine")

    with pytest.raises(StateForbids) as refused:
        person.install(site, registry.id, SOLAR)
    assert "local-edits" == refused.value.code
    with pytest.raises(StateForbids):
        uninstall(person.target, parse_artifact(SOLAR), dry_run=True)
    person.install(site, registry.id, f"{SOLAR}@1.0.0", force=True)

    assert b"#b7410e" in (person.root / "themes/ann__solar/theme.css").read_bytes()


def test_only_new_permissions_are_asked_for(person: Person) -> None:
    """An install asks for all permissions in words, an update only for what the old version could not do."""
    registry = a_registry().release(SOLAR, "1.0.0", permissions=["network:a.example"])
    first = person.install(site_of(registry), registry.id, SOLAR)
    registry.release(SOLAR, "1.1.0", permissions=["network:a.example", "network:b.example"])

    second = person.install(site_of(registry), registry.id, SOLAR)

    assert ((SOLAR, "network:a.example", "reach a.example"),) == first.asks
    assert ((SOLAR, "network:b.example", "reach b.example"),) == second.asks


@pytest.mark.parametrize(
    ("more", "error", "code"),
    [
        ({"permissions": ["root"]}, NotTrusted, "permission-unknown"),
        ({"kind": "hologram"}, NotFound, "unknown-kind"),
    ],
)
def test_what_this_tool_does_not_understand_is_not_installed(
    person: Person, more: dict[str, Any], error: type[RegistryError], code: str
) -> None:
    """An unknown permission or kind, well signed and admitted, is refused."""
    registry = a_registry().release(SOLAR, "1.0.0", **more)

    with pytest.raises(error) as refused:
        person.install(site_of(registry), registry.id, SOLAR)

    assert code == refused.value.code
    assert not person.root.exists()


def test_an_owners_update_is_measured_again(person: Person) -> None:
    """An update that only the gate let in is installed if it gains nothing, else refused."""
    registry = a_registry(gate_releases="owner-updates")
    registry.moderators({"mod": None}, gate=["gate"], by=("mod", "gate"), under=("moderators",))
    registry.release(SOLAR, "1.0.0")
    registry.publish(SOLAR, "1.0.1")
    registry.admit(SOLAR, "1.0.1", by=("gate",), path="owner", compared="1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)
    assert {SOLAR: "1.0.1"} == person.versions()

    registry.publish(SOLAR, "1.0.2", permissions=["network"])
    registry.admit(SOLAR, "1.0.2", by=("gate",), path="owner", compared="1.0.0")
    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(registry), registry.id, SOLAR)
    assert "bad-owner-path" == refused.value.code
    registry.admit(SOLAR, "1.0.2", by=("gate",), path="owner", compared="0.9.0")
    with pytest.raises(NotTrusted) as missing:
        person.install(site_of(registry), registry.id, SOLAR)
    assert "bad-owner-path" == missing.value.code


def test_a_large_keyring_is_fetched_by_itself(person: Person) -> None:
    """A keyring that lies apart is fetched in a round of its own, and an install without it is refused."""
    registry = a_registry()
    registry.release(SOLAR, "1.0.0")
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    for number in range(20):
        rows.append(registry.row(f"ann more {number}", use="signing"))
        registry.keyring("ann", rows, by=("ann control", f"ann more {number}", "mod"))
    site = site_of(registry)
    assert "chains/authors/an/ann.json" in site.files

    person.install(site, registry.id, SOLAR)
    assert ("chains/authors/an/ann.json",) == site.rounds[1]
    del site.files["chains/authors/an/ann.json"]
    with pytest.raises(NotTrusted) as refused:
        person.install(site, registry.id, SOLAR)
    assert "keyring-missing" == refused.value.code


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["@ann/solar", "@bob/moon"]),
        (Filters("warm"), ["@ann/solar"]),
        (Filters("A theme moon"), ["@bob/moon"]),
        (Filters("warm moon"), []),
        (Filters(tag="warm", kind="theme"), ["@ann/solar"]),
        (Filters(kind="plugin"), []),
        (Filters(author="bob"), ["@bob/moon"]),
        (Filters(permission="network"), ["@bob/moon"]),
        (Filters(limit=1), ["@ann/solar"]),
    ],
)
def test_a_search_keeps_what_fits_in_all(filters: Filters, expected: list[str]) -> None:
    """Words, kind, tag, author and permission are joined by AND; revoked names are not shown."""
    registry = (
        a_registry().release(SOLAR, "1.0.0", tags=["warm"]).release("@bob/moon", "1.0.0", permissions=["network"])
    )
    registry.release("@bob/bad", "1.0.0", tags=["warm"])
    registry.event("@bob/bad", "1.0.0", "revoke")

    for source in (site_of(registry), registry.source()):
        _, rows = search(source, registry.id, filters)

        assert expected == [row.artifact for row in rows]


def test_show_tells_everything_in_words(person: Person) -> None:
    """What is shown was verified, and names permissions in words, versions with their status, and who let it in."""
    registry = a_registry().release(SOLAR, "1.0.0", permissions=["network:a.example"]).release(SOLAR, "1.1.0-a")
    registry.event(SOLAR, "1.0.0", "deprecate")

    shown = show(person.contact(site_of(registry), registry.id), parse_wanted(SOLAR), kinds=KINDS)

    assert [{"permission": "network:a.example", "words": "reach a.example"}] == shown["permissions"]
    assert [("1.1.0-a", "active"), ("1.0.0", "deprecated")] == [(v["version"], v["status"]) for v in shown["versions"]]
    assert ("1.0.0", ["mod"]) == (shown["version"], shown["admitted"]["approved_by"])
    with pytest.raises(NotFound):
        show(person.contact(site_of(registry), registry.id), parse_wanted(f"{SOLAR}@7.0.0"), kinds=KINDS)


def test_what_is_yanked_can_still_be_looked_at(person: Person) -> None:
    """A name whose only version is yanked is shown with its status, though it is not installed."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.event(SOLAR, "1.0.0", "yank")

    shown = show(person.contact(site_of(registry), registry.id), parse_wanted(SOLAR), kinds=KINDS)

    assert ("1.0.0", "yanked") == (shown["version"], shown["status"])


def test_a_whole_registry_is_verified_and_every_fault_told(person: Person) -> None:
    """Every release is looked at, withheld ones too; each that does not hold is named."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0", {"theme.css": b"b"})
    registry.release("@bob/moon", "1.0.0", {"theme.css": b"m"}).release("@bob/gone", "1.0.0", {"theme.css": b"g"})
    registry.event("@bob/gone", "1.0.0", "withhold")
    site = site_of(registry)

    found = verify_whole(person.contact(site, registry.id))
    assert (3, 4) == (found["names"], found["releases"])

    del site.files[layout.object_path(registry.manifest(SOLAR, "1.1.0").bundle.sha256)]
    site.files["index/bo/bob/moon.json"] = b"{}"
    with pytest.raises(NotTrusted) as refused:
        verify_whole(person.contact(site, registry.id))
    assert ["@bob/moon", f"{SOLAR}@1.1.0"] == [one.path for one in refused.value.findings]


def test_a_release_is_verified_without_installing_it(person: Person) -> None:
    """Verifying gives the release's address and who signed, and writes nothing."""
    registry = a_registry().release(SOLAR, "1.0.0")

    found = verify_one(person.contact(site_of(registry), registry.id), parse_wanted(SOLAR))

    assert ("1.0.0", 1) == (found["version"], found["files"])
    assert found["bundle"] == f"sha256:{sha256(registry.bundle(SOLAR, '1.0.0'))}"
    assert not person.root.exists()


def test_updates_are_found_per_registry(person: Person) -> None:
    """What has a newer version is found; a newer pre-release and a yanked version are none."""
    registry = a_registry().release(SOLAR, "1.0.0").release("@bob/moon", "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR, "@bob/moon")
    registry.release(SOLAR, "1.1.0").release(SOLAR, "1.2.0-a").release("@bob/moon", "1.1.0")
    registry.event("@bob/moon", "1.1.0", "yank")
    contact = person.contact(site_of(registry), registry.id)

    assert [(SOLAR, "1.0.0", "1.1.0")] == [
        (str(one.artifact), old, new) for one, old, new in updates(contact, person.target, ())
    ]
    with pytest.raises(NotFound):
        updates(contact, person.target, [parse_artifact("@ann/other")])
