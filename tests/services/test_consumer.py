"""What a consumer's install writes and takes back, over a registry in memory and a real folder."""

import shutil
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.errors import NotFound, NotTrusted, RegistryError, StateForbids, WrongUsage
from registry_tool.core.names import parse_artifact, parse_wanted
from registry_tool.core.plan import Place
from registry_tool.services.consumer import commit, prepare, uninstall
from registry_tool.services.lockfile import read_lock
from tests.builders import a_registry
from tests.services.person import SOLAR, Person, site_of


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


def test_a_scope_comes_from_one_registry(person: Person) -> None:
    """A project that has something of a scope takes nothing of that scope from another registry (B7)."""
    one, other = a_registry().release(SOLAR, "1.0.0"), a_registry(demo=False).release("@ann/moon", "1.0.0")
    person.install(site_of(one), one.id, SOLAR)

    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(other), other.id, "@ann/moon")

    assert "other-registry" == refused.value.code


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


def test_a_pinned_scope_is_bound_too(person: Person) -> None:
    """A fresh checkout whose lock file pins a scope to one registry takes nothing of it from another."""
    one, other = a_registry().release(SOLAR, "1.0.0"), a_registry(demo=False).release("@ann/moon", "1.0.0")
    person.install(site_of(one), one.id, SOLAR)
    shutil.rmtree(person.root / ".registry")
    shutil.rmtree(person.root / "themes")

    with pytest.raises(NotTrusted) as refused:
        person.install(site_of(other), other.id, "@ann/moon")

    assert "other-registry" == refused.value.code
    assert "first remove the line of @ann/solar" in refused.value.hint


def test_two_installs_at_once_are_both_pinned(person: Person) -> None:
    """An install that was prepared before another one was done loses nothing of the other's line."""
    registry = a_registry().release(SOLAR, "1.0.0").release("@bob/moon", "1.0.0")
    contact, ground = person.contact(site_of(registry), registry.id), person.ground()
    both = [prepare(contact, [parse_wanted(one)], ground=ground) for one in (SOLAR, "@bob/moon")]

    for prepared in both:
        commit(contact, prepared, ground=ground, memory=person.memory)

    assert {SOLAR, "@bob/moon"} == set(read_lock(person.target.lock_text()))


def test_another_name_is_for_one(person: Person) -> None:
    """`--name` renames the one artifact that was asked for, stays with it on updates, and is refused for several."""
    registry = a_registry().release("@bob/base", "1.0.0")
    registry.release(SOLAR, "1.0.0", dependencies={"@bob/base": "*"})
    site = site_of(registry)

    with pytest.raises(WrongUsage):
        person.install(site, registry.id, SOLAR, "@bob/base", place=Place(name="warm"))
    person.install(site, registry.id, SOLAR, place=Place(name="warm"))
    registry.release(SOLAR, "1.1.0")
    updated = person.install(site_of(registry), registry.id, SOLAR)

    assert ("themes/warm/theme.css",) == updated.steps[0].files
    assert (person.root / "themes/bob__base/theme.css").is_file()


def test_a_version_never_changes(person: Person) -> None:
    """Another release under the installed version is refused, also where all its signatures hold."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)
    forgetful = Person(person.root.parent / "other")
    forgetful.target = person.target
    registry.release(SOLAR, "1.0.0", {"theme.css": b"another"})

    with pytest.raises(NotTrusted) as refused:
        forgetful.install(site_of(registry), registry.id, SOLAR)

    assert "other-release" == refused.value.code
