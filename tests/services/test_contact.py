"""What a client takes from a registry, and what it refuses before anything is written or remembered."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.errors import NotTrusted, RegistryError
from registry_tool.core.names import parse_artifact, parse_wanted
from registry_tool.services.consumer import commit, prepare
from tests.builders import RegistryInMemory, SiteInMemory, a_registry
from tests.services.person import SOLAR, Person, site_of


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def record_without_events(registry: RegistryInMemory) -> bytes:
    record = canonical.parse(registry.site_record(parse_artifact(SOLAR)), limit=10**6, what="the record")
    for row in record["versions"].values():
        row["events"] = []
    return canonical.encode(record)


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


def test_an_owners_update_is_measured_again(person: Person) -> None:
    """An update that only the gate let in is installed if it gains nothing, else refused."""
    registry = a_registry(gate_releases="owner-updates")
    registry.moderators({"mod": None}, gate=["gate"], by=("mod", "gate"), under=())
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


def test_a_private_release_needs_a_policy(person: Person) -> None:
    """A release that says it is private is refused where policy takes none, though a moderator let it in."""
    registry = a_registry().release(SOLAR, "1.0.0", change=lambda manifest: manifest.update(visibility="private"))

    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(registry), registry.id, SOLAR)

    assert "private" == refused.value.code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda record: record.update(artifact="@ann/other"), "other-artifact"),
        (lambda record: record.update(registry="0" * 64), "other-registry"),
        (lambda record: record.update(kind="plugin"), "other-kind"),
        (lambda record: record["versions"].update({"2.0.0": record["versions"]["1.0.0"]}), "other-version"),
        (lambda record: record["versions"].update({"the newest": record["versions"]["1.0.0"]}), "invalid-document"),
        (lambda record: record["versions"]["1.0.0"].update(published="2030-01-01T00:00:00Z"), "other-release"),
        (lambda record: record["versions"]["1.0.0"].update(size=1), "too-large"),
        (lambda record: record.update(schema="registry.name/2"), "newer-schema"),
    ],
)
def test_a_record_that_lies_is_seen(person: Person, change: Callable[[dict[str, Any]], None], code: str) -> None:
    """The per-name file is signed by nobody: whatever it says wrongly is found out by what is signed."""
    registry = a_registry().release(SOLAR, "1.0.0")
    record = canonical.parse(registry.site_record(parse_artifact(SOLAR)), limit=10**6, what="the record")
    change(record)
    site = site_of(registry)
    site.files["index/an/ann/solar.json"] = canonical.encode(record)

    with pytest.raises(NotTrusted) as refused:
        person.install(site, registry.id, SOLAR)

    assert code == refused.value.code
    assert not person.root.exists()


def test_another_admission_of_a_version_is_refused(person: Person) -> None:
    """A release that was admitted anew at the same time by another record is not the one that was seen."""
    registry = a_registry()
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", at="2026-03-02T00:00:00Z")
    person.install(site_of(registry), registry.id, SOLAR)
    registry.admit(SOLAR, "1.0.0", at="2026-03-02T00:00:00Z", change=lambda admission: admission.update(note="again"))

    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(registry), registry.id, SOLAR)

    assert "rolled-back" == refused.value.code


def test_a_version_with_known_events_does_not_vanish(person: Person) -> None:
    """A version whose events were seen cannot be left out of the record later."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0")
    registry.event(SOLAR, "1.0.0", "yank")
    person.install(site_of(registry), registry.id, SOLAR)
    record = canonical.parse(registry.site_record(parse_artifact(SOLAR)), limit=10**6, what="the record")
    del record["versions"]["1.0.0"]
    site = site_of(registry)
    site.files["index/an/ann/solar.json"] = canonical.encode(record)

    with pytest.raises(NotTrusted) as refused:
        person.install(site, registry.id, SOLAR)

    assert "rolled-back" == refused.value.code
