"""A person and a project ask for more approvals than a registry's policy (B2)."""

from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.settings import SETTINGS_BYTES, Settings, read_settings
from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, SKILL, SKILL_SPEC, Desk, added

pytestmark = pytest.mark.slow


def two_people() -> RegistryInMemory:
    """1.0.0 was approved by two people, 1.1.0 by one."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": None, "two": None})
    registry.policy()
    for version in ("1.0.0", "1.1.0"):
        registry.publish(PDF, version, SKILL, kind="skill", spec=SKILL_SPEC)
        approvals = [registry.approve(PDF, version, "two")] if version == "1.0.0" else []
        registry.admit(PDF, version, approvals=approvals)
    return registry


def asks(desk: Desk, where: str, people: int) -> None:
    """Writes `trust: approvals` into the person's or the project's file."""
    folder = desk.world.folder("settings") if where == "person" else desk.work
    folder.mkdir(parents=True, exist_ok=True)
    name = "settings.yaml" if where == "person" else "registry.settings.yaml"
    (folder / name).write_text(f"trust:\n  approvals: {people}\n")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, 0),
        ({"project": 2}, 4),
        ({"person": 2}, 4),
        ({"person": 2, "project": 1}, 4),
        ({"person": 1, "project": 2}, 4),
        ({"person": 1}, 0),
    ],
)
def test_the_larger_number_counts(tmp_path: Path, said: dict[str, int], expected: int) -> None:
    """Neither file lowers what the other asks for."""
    desk = Desk(tmp_path)
    where = added(desk, two_people())
    for who, people in said.items():
        asks(desk, who, people)
    line = ("install", f"{PDF}@1.1.0", "--registry", where, "--yes")
    if expected:
        assert (4, "too-few-approvals") == desk.refused(*line)
        assert "2 people" in desk.error.message
        assert "registry.settings.yaml" in desk.error.hint
    else:
        assert "1.1.0" in desk.run(*line)


def verbs(desk: Desk, where: str) -> dict[str, tuple[str, ...]]:
    return {
        "verify": ("verify", f"{PDF}@1.1.0", "--registry", where),
        "verify --all": ("verify", "--all"),
        "update": ("update", "--yes"),
        "sync": ("sync", "--frozen", "--yes"),
    }


@pytest.mark.parametrize("verb", ["verify", "verify --all", "update", "sync"])
def test_every_way_to_get_a_release_asks(tmp_path: Path, verb: str) -> None:
    """What two people approved stays, what one approved is refused by each verb."""
    desk = Desk(tmp_path)
    where = added(desk, two_people())
    version = "1.0.0" if verb == "update" else "1.1.0"
    desk.run("install", f"{PDF}@{version}", "--registry", where, "--yes")
    if verb == "sync":
        lock = (desk.work / "registry.lock.json").read_text()
        desk.run("uninstall", PDF)
        (desk.work / "registry.lock.json").write_text(lock)
    asks(desk, "project", 2)

    assert (4, "too-few-approvals") == desk.refused(*verbs(desk, where)[verb])


def test_what_enough_people_approved_is_installed(tmp_path: Path) -> None:
    """Two of them are two."""
    desk = Desk(tmp_path)
    where = added(desk, two_people())
    asks(desk, "project", 2)
    (row,) = desk.json("install", f"{PDF}@1.0.0", "--registry", where, "--yes")["installed"]

    assert ["mod", "two"] == row["verified"]["approved_by"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", 0),
        (b"trust:\n  approvals: 3\n", 3),
        (b"trust: {}\n", 0),
    ],
)
def test_settings_are_read(text: bytes, expected: int) -> None:
    """An empty file asks for nothing."""
    assert expected == read_settings(text, what="settings.yaml").trust.approvals


@pytest.mark.parametrize(
    "text",
    [
        b"approvals: 2\n",
        b"trust:\n  approval: 2\n",
        b"trust:\n  approvals: two\n",
        b"trust:\n  approvals: -1\n",
        b"- 2\n",
        b"trust: &a {}\nother: *a\n",
        b"#" * (SETTINGS_BYTES + 1),
    ],
)
def test_what_is_no_setting_is_refused(text: bytes) -> None:
    """A misspelt key would ask for nothing, so it is exit 1 and names the file."""
    with pytest.raises(InvalidInput) as refused:
        read_settings(text, what="here/settings.yaml")

    assert ("bad-settings", "here/settings.yaml") == (refused.value.code, refused.value.where)
    assert Settings() == read_settings(b"", what="x")
