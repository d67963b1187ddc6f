"""The lock file, written by installs and installed from."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.identity import Claims
from registry_tool.core.plan import Place
from registry_tool.services.consumer import commit
from registry_tool.services.lockfile import demand_pinned, lock_text, read_lock, row_of
from registry_tool.services.syncing import prepare_locked
from tests.builders import a_registry
from tests.services.person import SOLAR, Person, site_of


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


def _other_version(row: dict[str, Any]) -> None:
    row["version"] = "1.1.0"


def _no_version(row: dict[str, Any]) -> None:
    row["version"] = "3.0.0"


def _kind(row: dict[str, Any]) -> None:
    row["kind"] = "plugin"


def _manifest(row: dict[str, Any]) -> None:
    row["manifest"] = f"sha256:{'f' * 64}"


def _bundle(row: dict[str, Any]) -> None:
    row["bundle"] = f"sha256:{'f' * 64}"


def _author(row: dict[str, Any]) -> None:
    row["author"] = "bob"


def _keys(row: dict[str, Any]) -> None:
    row["keys"] = ["f" * 16]


def _identities(row: dict[str, Any]) -> None:
    row["keys"] = []
    row["identities"] = [{"issuer": "https://issuer.example", "subject": "ann@example.org"}]


DEEDS = [_other_version, _no_version, _kind, _manifest, _bundle, _author, _keys, _identities]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: str(deed.__name__).lstrip("_"))
@pytest.mark.parametrize("there", [False, True], ids=["fresh", "installed"])
def test_an_edited_line_is_refused(
    person: Person, tmp_path: Path, deed: Callable[[dict[str, Any]], None], there: bool
) -> None:
    """A lock file edited by hand in any member is not trusted, installed or not, and nothing is written."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0", {"theme.css": b"b{}"})
    site = site_of(registry)
    person.install(site, registry.id, f"{SOLAR}@1.0.0")
    rows = json.loads(person.target.lock_text() or "")
    deed(rows["artifacts"][SOLAR])
    if not there:
        shutil.rmtree(person.root)
        person.root.mkdir()
    (person.root / "registry.lock.json").write_text(json.dumps(rows))
    before = person.files()

    with pytest.raises(NotTrusted) as refused:
        prepare_locked(person.contact(site, registry.id), ground=person.ground())

    assert ("lock-differs", before) == (refused.value.code, person.files())
    assert "bring the file back from version control" in refused.value.hint


def test_a_line_of_another_name_is_refused(person: Person) -> None:
    """A line whose artifact the registry does not have is not trusted."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)
    text = (person.target.lock_text() or "").replace(SOLAR, "@ann/other")
    (person.root / "registry.lock.json").write_text(text)

    with pytest.raises(NotTrusted) as refused:
        prepare_locked(person.contact(site_of(registry), registry.id), ground=person.ground())

    assert "lock-differs" == refused.value.code
    assert "has no @ann/other, and the lock file pins it" in refused.value.message


def test_one_pinned_key_that_signs_is_enough(person: Person) -> None:
    """A line that names more keys than sign by now still restores: one of them was taken back since."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)
    rows = json.loads(person.target.lock_text() or "")
    rows["artifacts"][SOLAR]["keys"].append("f" * 16)
    (person.root / "registry.lock.json").write_text(json.dumps(rows))

    prepared = prepare_locked(person.contact(site_of(registry), registry.id), ground=person.ground())

    assert (f"{SOLAR}@1.0.0",) == prepared.already


@pytest.mark.parametrize("action", ["quarantine", "revoke", "withhold"])
@pytest.mark.parametrize("there", [False, True])
def test_what_must_not_be_installed_is_not_restored(person: Person, action: str, there: bool) -> None:
    """A lock file brings back nothing that moderators took away, nor says that it is fine where it is there."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR)
    registry.event(SOLAR, "1.0.0", action)
    if not there:
        shutil.rmtree(person.root / "themes")
        shutil.rmtree(person.root / ".registry")

    with pytest.raises(NotTrusted):
        prepare_locked(person.contact(site_of(registry), registry.id), ground=person.ground())


def test_another_name_is_pinned_too(person: Person, tmp_path: Path) -> None:
    """What was installed under another name is restored under it."""
    registry = a_registry().release(SOLAR, "1.0.0")
    person.install(site_of(registry), registry.id, SOLAR, place=Place(name="warm"))
    colleague = Person(tmp_path / "colleague")
    colleague.root.mkdir(parents=True)
    (colleague.root / "registry.lock.json").write_text(person.target.lock_text() or "")

    contact = colleague.contact(site_of(registry), registry.id)
    commit(
        contact, prepare_locked(contact, ground=colleague.ground()), ground=colleague.ground(), memory=colleague.memory
    )

    assert person.files() == colleague.files()
    assert "themes/warm/theme.css" in colleague.files()


def test_optional_members_are_absent_where_there_is_nothing_to_say() -> None:
    """Lines without identities and names are read and written with the same bytes; with them, they stay."""
    digests = f'"bundle":"sha256:{"a" * 64}","keys":["{"b" * 16}"],"kind":"theme","manifest":"sha256:{"c" * 64}"'
    row = '{"author":"ann",' + digests + f',"registry":"{"d" * 64}","version":"1.0.0"' + "}"
    more = row.replace('"keys":["bbbbbbbbbbbbbbbb"]', '"identities":[{"issuer":"i","subject":"s"}],"keys":[]').replace(
        '"registry"', '"name":"warm","registry"'
    )
    text = '{"lock": 1, "artifacts": {\n"@ann/other": ' + more + ',\n"@ann/solar": ' + row + "\n}}\n"

    assert text == lock_text(read_lock(text))


def test_a_line_pins_the_identities_that_signed(person: Person) -> None:
    """A keyless release is pinned by issuer and subject, each once, and restored where one of them signed."""
    registry = a_registry().release(SOLAR, "1.0.0")
    found = person.install(site_of(registry), registry.id, SOLAR).steps[0].verified
    claims = Claims("https://issuer.example", "ann@example.org", None, None, "", 1_800_000_000)
    keyless = replace(found, signed_by=(), identities=(claims, replace(claims, at=1_800_000_001)))

    row = row_of(keyless)
    demand_pinned(keyless, row)

    assert ([{"issuer": claims.issuer, "subject": claims.subject}], []) == (
        row.value()["identities"],
        row.value()["keys"],
    )
    with pytest.raises(NotTrusted):
        demand_pinned(replace(keyless, identities=(replace(claims, subject="ann@example.org.evil"),)), row)
    with pytest.raises(NotTrusted):
        demand_pinned(found, row)


def test_a_line_that_nobody_signed_is_refused() -> None:
    """Keys may be empty only where there are identities."""
    row = {"version": "1.0.0", "kind": "theme", "author": "ann", "keys": [], "registry": "d" * 64}
    digests = {"manifest": f"sha256:{'a' * 64}", "bundle": f"sha256:{'a' * 64}"}

    with pytest.raises(InvalidInput) as refused:
        read_lock(json.dumps({"lock": 1, "artifacts": {SOLAR: {**row, **digests}}}))

    assert "bad-lock" == refused.value.code


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
