"""`registry audit`, and what `list` and `update` say about what was taken back."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from registry_tool.services.audit import Item, Row
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, SKILL_SPEC, Desk, added, skill_release

pytestmark = pytest.mark.slow

TOOL = "@ann/tool"


@pytest.fixture
def built() -> RegistryInMemory:
    """Two skills, of which one needs the other."""
    built = skill_release(a_registry(demo=False), PDF, "1.0.0")
    skill_release(built, PDF, "1.1.0", title="newer")
    content = {"SKILL.md": b"---\nname: tool\ndescription: Use it.\n---\nUse it.\n"}
    more = {"kind": "skill", "spec": {**SKILL_SPEC, "native_name": "tool"}, "dependencies": {PDF: ">=1.0.0"}}
    return built.release(TOOL, "1.0.0", content, **more)


def noted(value: dict[str, Any]) -> None:
    value["note"] = "it sends\nkeys away"


def with_both(desk: Desk, built: RegistryInMemory) -> None:
    """Both skills installed, the tool's need in version 1.1.0."""
    added(desk, built)
    desk.run("install", TOOL, "--yes")


def said(desk: Desk, built: RegistryInMemory, action: str, version: str = "1.1.0", **more: Any) -> None:
    built.event(PDF, version, action, change=noted, **more)
    desk.put("reg", built.files)


def test_all_is_well(desk: Desk, built: RegistryInMemory) -> None:
    """With nothing taken back it ends with 0 and says how many may stay; without anything installed too."""
    assert "Nothing is installed here.\n" == desk.run("audit")
    with_both(desk, built)

    assert desk.run("audit").startswith("2 of 2 may stay, as of ")
    rows = desk.json("audit")["audited"]
    assert [(PDF, "active", False), (TOOL, "active", False)] == [
        (one["id"], one["status"], one["goes"]) for one in rows
    ]


@pytest.mark.parametrize("more", [[], ["--offline"]])
def test_what_must_go_is_exit_4_with_everything_about_it(desk: Desk, built: RegistryInMemory, more: list[str]) -> None:
    """What, why, since when, and the command stand in one line; a clone is read with and without a network."""
    with_both(desk, built)
    said(desk, built, "revoke", reason="malware", at="2026-05-01T00:00:00Z")

    assert (4, "must-go") == desk.refused("audit", *more)
    finding = desk.error.findings[0]
    assert (
        "@ann/pdf@1.1.0 is revoked since 2026-05-01T00:00:00Z: malware. It harms people on purpose. "
        "“it sends keys away”"
    ) == finding.message
    assert "registry uninstall @ann/pdf" == finding.hint
    assert "1 of 2 must not stay" == desk.error.message


@pytest.mark.parametrize(("action", "expected"), [("yank", "yanked"), ("deprecate", "deprecated")])
def test_what_may_stay_is_told(desk: Desk, built: RegistryInMemory, action: str, expected: str) -> None:
    """A yanked or deprecated version is told, with the verb that brings another one, and the end is good."""
    with_both(desk, built)
    said(desk, built, action, reason="superseded")
    words = desk.run("audit")

    assert (0, True, True) == (desk.code, f"{PDF}@1.1.0 is {expected}" in words, f"registry update {PDF}" in words)
    assert words.splitlines()[-1].startswith("2 of 2 may stay")


def test_what_is_gone_or_another_must_go(desk: Desk, built: RegistryInMemory) -> None:
    """A release that its registry has no more, or has with other bytes, is exit 4; so is a name that is gone."""
    with_both(desk, built)
    other = skill_release(a_registry(demo=False), PDF, "1.0.0")
    other.files = {path: data for path, data in built.files.items() if "/ann/tool/" not in path}
    desk.put("reg", other.files)

    assert (4, "must-go") == desk.refused("audit")
    assert ["@ann/tool@1.0.0 is not in its registry any more"] == [one.message for one in desk.error.findings]


def test_remove_uninstalls_what_must_go(desk: Desk, built: RegistryInMemory) -> None:
    """It goes though another needs it and the person changed it, which is said; then the end is good."""
    with_both(desk, built)
    said(desk, built, "quarantine", reason="reported")
    (desk.work / ".agents/skills/pdf/SKILL.md").write_text("mine")
    words = desk.run("audit", "--remove")

    assert (0, [TOOL]) == (desk.code, [one["id"] for one in desk.json("list")["installed"]])
    assert f"Removed {PDF} 1.1.0: {PDF}@1.1.0 is quarantined since " in words
    assert f"{TOOL} needs it, and may not work now" in words
    assert "your changes went with it: .agents/skills/pdf/SKILL.md" in words
    assert [] == desk.json("audit", "--remove")["removed"]


def test_files_that_were_gone_already_are_not_called_changes(desk: Desk, built: RegistryInMemory) -> None:
    """Where the person deleted the folder by hand, --remove says that its files were gone."""
    with_both(desk, built)
    said(desk, built, "revoke", reason="malware")
    shutil.rmtree(desk.work / ".agents/skills/pdf")
    words = desk.run("audit", "--remove")

    assert (True, False) == ("these were gone already: .agents/skills/pdf/SKILL.md" in words, "your changes" in words)


def test_advice_names_the_folder_that_was_audited(desk: Desk, built: RegistryInMemory) -> None:
    """What to type next has the --project that was said, also for what may stay."""
    added(desk, built)
    desk.run("install", PDF, "--project", "app", "--yes")
    said(desk, built, "yank", reason="broken")

    assert f"\n  registry update {PDF} --project app\n" in desk.run("audit", "--project", "app")


def test_an_update_says_what_takes_the_place_of_a_revoked_version(desk: Desk, built: RegistryInMemory) -> None:
    """Where a newer version comes it is named, with --json too; where none does, the uninstall, with its folder."""
    added(desk, built)
    desk.run("install", f"{PDF}@1.0.0", "--project", "app", "--yes")
    said(desk, built, "revoke", "1.0.0", reason="malware")

    (note,) = desk.json("update", "--project", "app", "--dry-run")["notes"]
    assert ("revoked", "1.1.0", "") == (note["status"], note["replaced_by"], note["command"])
    assert "malware. It harms people on purpose." in note["why"]
    desk.run("update", "--project", "app", "--yes")
    assert ("1.1.0 takes its place." in desk.talk, "uninstall" in desk.talk) == (True, False)
    said(desk, built, "revoke", reason="malware")
    assert f"registry uninstall {PDF} --project app" == desk.json("update", "--project", "app")["notes"][0]["command"]


def test_what_the_lock_file_pins_is_looked_at_too(desk: Desk, built: RegistryInMemory) -> None:
    """A revoked release that only the lock file names is exit 4, also with --remove, with what to do about it."""
    with_both(desk, built)
    lock = (desk.work / "registry.lock.json").read_text()
    desk.run("uninstall", PDF, "--force")
    (desk.work / "registry.lock.json").write_text(lock)
    said(desk, built, "revoke", reason="malware")

    assert (4, "must-go") == desk.refused("audit", "--remove")
    assert "remove its line from registry.lock.json" == desk.error.findings[0].hint


def test_a_site_that_nobody_may_ask_is_not_called_good(desk: Desk, built: RegistryInMemory) -> None:
    """Offline, with nothing known of a registry, it is exit 6; what is known of others is said all the same."""
    with_both(desk, built)
    desk.run("remote", "remove", "reg")
    entry = {"name": "site", "id": built.id, "where": "https://registry.example/", "kind": "site", "demo": False}
    desk.world.state.add(**entry, added="2026-01-01T00:00:00Z")  # type: ignore[arg-type]  # one dict of texts and a flag

    assert (6, "not-checked") == desk.refused("audit", "--offline")
    assert "2 of 2 could not be checked" == desk.error.message
    rows = desk.json("list")["installed"]
    assert ["unknown", "unknown"] == [one["status"] for one in rows]
    assert "ask their registries: registry audit" in desk.run("list")


def test_list_and_update_say_why(desk: Desk, built: RegistryInMemory) -> None:
    """`list` shows status, reason and note without a network; `update` says them of what it leaves or replaces."""
    added(desk, built)
    desk.run("install", f"{PDF}@1.0.0", "--yes")
    said(desk, built, "yank", "1.0.0", reason="broken")

    row = desk.json("list")["installed"][0]
    assert ("yanked", "broken", "it sends\nkeys away") == (row["status"], row["reason"], row["note"])
    assert "broken. It does not work. “it sends keys away”" in desk.run("list")
    desk.run("update", "--yes")
    assert f"{PDF}@1.0.0 is yanked since " in desk.talk
    assert "1.1.0" == desk.json("list")["installed"][0]["version"]


def test_a_list_survives_a_registry_that_is_gone(desk: Desk, built: RegistryInMemory) -> None:
    """What is installed is listed also where its registry was removed or is damaged; its state is unknown then."""
    with_both(desk, built)
    desk.put("reg", {"index/trust/1.root.json": b"{}"})
    assert ["unknown", "unknown"] == [one["status"] for one in desk.json("list")["installed"]]
    desk.run("remote", "remove", "reg")

    assert ["unknown", "unknown"] == [one["status"] for one in desk.json("list")["installed"]]


def test_the_personal_folder_is_audited_too(tmp_path: Path, built: RegistryInMemory) -> None:
    """`-g` looks at what is installed for the person, and its commands say so."""
    desk = Desk(tmp_path)
    added(desk, built)
    desk.run("install", PDF, "-g", "--yes")
    said(desk, built, "revoke", reason="malware")

    assert (4, "must-go") == desk.refused("audit", "-g")
    assert "registry uninstall @ann/pdf -g" == desk.error.findings[0].hint
    assert desk.run("audit", "-g", "--remove").startswith(f"Removed {PDF}")


ITEM = Item(PDF, "1.0.0", "sha256:0", "0", True)


@pytest.mark.parametrize(
    ("row", "goes", "words"),
    [
        (Row(ITEM, "other-release"), True, "is another release in its registry than the one here"),
        (Row(ITEM, "unknown", note="no network"), False, "nothing is known of @ann/pdf@1.0.0: no network"),
        (Row(ITEM, "active"), False, "is active"),
        (Row(ITEM, "revoked", "taken-back"), True, "Whoever signed it was taken back"),
        (Row(ITEM, "yanked", "left-over", since="2026-01-01T00:00:00Z"), False, "The reason given is 'left-over'."),
    ],
)
def test_a_row_reads_as_a_sentence(row: Row, goes: bool, words: str) -> None:
    """Each state says what is with the release; a reason from another time is shown as it stands."""
    assert (goes, True) == (row.goes, words in row.words)
