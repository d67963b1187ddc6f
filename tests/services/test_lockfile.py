"""The lock file, written by installs and installed from."""

import json
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, RegistryError
from registry_tool.services.consumer import commit, prepare_locked
from registry_tool.services.lockfile import lock_text, read_lock
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
