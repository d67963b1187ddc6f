"""The settings files of a machine, a person and a project, as the verbs obey them."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.cli.settled import settings_of
from registry_tool.core.errors import InvalidInput
from registry_tool.core.times import from_seconds, to_seconds
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, SKILL, SKILL_SPEC, Desk, added, skill_release

DAY = 86_400


def says(desk: Desk, who: str, text: str) -> Path:
    """Writes a settings file: the machine's, the person's or the project's."""
    desk.world = replace(desk.world, machine=desk.folder / "machine")
    places = {
        "machine": desk.world.machine / "settings.yaml",
        "person": desk.world.folder("settings") / "settings.yaml",
        "project": desk.work / "registry.settings.yaml",
    }
    places[who].parent.mkdir(parents=True, exist_ok=True)
    places[who].write_text(text)
    return places[who]


BROKEN = {
    "policy-registry": "registries: [{id: " + "a" * 64 + "}]",
    "policy-signer": "trust: {signers: [{author: bob}]}",
    "policy-permission": "permissions: {never: [network]}",
    "too-few-approvals": "trust: {approvals: 9}",
    "too-young": "cool_down: 9999999h",
}


@pytest.mark.parametrize("who", ["machine", "person", "project"])
@pytest.mark.parametrize("code", sorted(BROKEN))
def test_each_file_forbids_an_install(desk: Desk, built: RegistryInMemory, who: str, code: str) -> None:
    """Whoever says it, nothing is written, `--yes` changes nothing, and the error names the file or what to do."""
    added(desk, built)
    file = says(desk, who, BROKEN[code])
    exit_code, found = desk.refused("install", PDF, "--yes", "--allow", "network")

    assert (5 if code == "too-young" else 4, code) == (exit_code, found)
    assert str(file) == desk.error.where or code in ("too-few-approvals", "too-young")
    assert desk.error.hint
    assert not (desk.work / ".agents").exists()


VERBS = {
    "install from the lock": (["install", "--yes"], True),
    "sync": (["sync", "--yes"], True),
    "sync --frozen": (["sync", "--frozen", "--yes"], True),
    "sync of what is there": (["sync", "--yes"], False),
    "update": (["update", "--yes"], False),
    "verify --all": (["verify", "--all"], False),
}


@pytest.mark.slow
@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize("code", ["policy-permission", "policy-registry", "policy-signer"])
def test_every_way_to_get_a_release_obeys(desk: Desk, built: RegistryInMemory, verb: str, code: str) -> None:
    """A rule that came after the install stops each verb that would bring or keep it."""
    words, gone = VERBS[verb]
    added(desk, built)
    desk.run("install", PDF, "--yes")
    if gone:
        lock = (desk.work / "registry.lock.json").read_text()
        desk.run("uninstall", PDF)
        (desk.work / "registry.lock.json").write_text(lock)
    skill_release(built, PDF, "1.1.0", permissions=["network"])
    desk.put("reg", built.files)
    says(desk, "machine", BROKEN[code])

    assert (4, code) == desk.refused(*words)


def test_a_registry_that_is_not_wanted_is_not_added(desk: Desk, built: RegistryInMemory) -> None:
    """What nothing may come from is not trusted either."""
    says(desk, "machine", BROKEN["policy-registry"])

    assert (4, "policy-registry") == desk.refused("add", desk.put("reg", built.files), "--root", built.id)
    assert [] == desk.json("remote", "list")["registries"]


def aged(desk: Desk, built: RegistryInMemory) -> str:
    """1.0.0 was let in ten days ago, 1.1.0 one day ago."""
    skill_release(built, PDF, "1.0.0", permissions=[])
    begun = to_seconds(built.now())
    built.publish(PDF, "1.1.0", SKILL, kind="skill", spec=SKILL_SPEC)
    built.admit(PDF, "1.1.0", at=from_seconds(begun + 9 * DAY))
    desk.world = replace(desk.world, now=lambda: begun + 10 * DAY)
    return added(desk, built)


def test_a_waiting_time_takes_the_newest_that_waited(desk: Desk) -> None:
    """Without a version the newest that is old enough is meant; a younger one is refused also by its name."""
    aged(desk, a_registry(demo=False))
    says(desk, "person", "cool_down: 3d")

    assert (4, "policy-cool-down") == desk.refused("install", f"{PDF}@1.1.0")
    assert "can be installed from" in desk.error.hint
    (row,) = desk.json("install", PDF)["installed"]
    assert "1.0.0" == row["version"]
    assert "at its newest version" in desk.run("update")
    says(desk, "person", "cool_down: 1d")
    assert ["1.1.0"] == [one["version"] for one in desk.json("update")["installed"]]


@pytest.mark.parametrize(("text", "asked"), [("", True), ("permissions: {granted: [network]}", False)])
def test_a_persons_file_says_yes(desk: Desk, built: RegistryInMemory, text: str, asked: bool) -> None:
    """What the person or the machine grants in a file is not asked for; the project cannot grant it."""
    added(desk, built)
    says(desk, "person", text)
    if asked:
        assert (2, "needs-answer") == desk.refused("install", PDF)
    else:
        assert "Installed" in desk.run("install", PDF)
    says(desk, "project", "permissions: {granted: [network]}")
    assert (1, "bad-settings") == desk.refused("install", PDF)


def test_never_wins_over_granted(desk: Desk, built: RegistryInMemory) -> None:
    """What one file grants and another never grants is not installed."""
    added(desk, built)
    says(desk, "person", "permissions: {granted: [network]}")
    says(desk, "project", "permissions: {never: [network]}")

    assert (4, "policy-permission") == desk.refused("install", PDF)


def test_what_holds_is_shown_with_who_says_it(desk: Desk, built: RegistryInMemory) -> None:
    """`policy show` lists each rule with its file, then the registry's; without a registry the files alone."""
    assert "No settings file says anything" in desk.run("policy", "show")
    machine = says(desk, "machine", "trust: {approvals: 1}")
    person = says(desk, "person", "cool_down: 3d")
    project = says(desk, "project", "permissions: {never: [network]}")
    local = [("machine", "trust.approvals", machine), ("person", "cool_down", person)]
    local.append(("project", "permissions.never", project))
    rows = [(one["said_by"], one["rule"], Path(one["path"])) for one in desk.json("policy", "show")["rules"]]

    assert local == rows
    where = added(desk, built)
    value = desk.json("policy", "show")
    assert value["words"] == [one["words"] for one in value["rules"] if one["said_by"] == "registry"]
    assert {where} == {one["path"] for one in value["rules"] if one["said_by"] == "registry"}
    words = desk.run("policy", "show")
    assert f"This machine's settings ({machine}) say:\n  At least 1 person approved" in words
    assert f"The policy of {where}:\n" in words
    assert words.endswith("\n".join(value["words"]) + "\n")
    assert "No settings" not in desk.run("policy", "show", "--registry", "reg")


def test_an_unknown_registry_hides_no_error(desk: Desk) -> None:
    """A registry that is named and is not there is an error, not an empty policy."""
    says(desk, "person", "cool_down: 3d")

    assert (3, "no-folder") == desk.refused("policy", "show", "--registry", str(desk.folder / "nothing"))


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


def a_circle(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [a_folder, os.mkfifo, a_link_to_nothing, a_circle])
def test_a_file_that_cannot_be_read_is_not_ignored(desk: Desk, make: Callable[[Path], Any]) -> None:
    """A folder, a pipe or a link to nothing in its place may hide a rule: exit 1, nothing waits for it."""
    make(desk.work / "registry.settings.yaml")

    with pytest.raises(InvalidInput) as refused:
        settings_of(desk.world, desk.work)
    assert ("bad-settings", str(desk.work / "registry.settings.yaml")) == (refused.value.code, refused.value.where)


def test_a_link_to_a_file_is_read(desk: Desk) -> None:
    """People keep their settings elsewhere and link to them."""
    (desk.folder / "mine.yaml").write_text("trust: {approvals: 4}")
    (desk.work / "registry.settings.yaml").symlink_to(desk.folder / "mine.yaml")

    assert 4 == settings_of(desk.world, desk.work).approvals
    assert 0 == settings_of(desk.world, None).approvals


def test_no_variable_moves_the_machines_file(desk: Desk) -> None:
    """Whoever sets variables for the tool cannot take the machine's rules away."""
    moved = replace(desk.world, env={**desk.world.env, "XDG_CONFIG_DIRS": "/nowhere", "REGISTRY_HOME": "/nowhere"})

    assert desk.world.machine == moved.machine
