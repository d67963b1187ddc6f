"""`registry sync`: a project made equal to its lock file."""

import json
import shutil
from pathlib import Path

import pytest

from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, SKILL_SPEC, Desk, added

pytestmark = pytest.mark.slow

LOCK = "registry.lock.json"
TEXT = "@ann/text"
TOOLS = "@ann/tools"


def skill(built: RegistryInMemory, artifact: str, version: str, **more: object) -> None:
    """A skill in a folder of its own name."""
    name = artifact.rpartition("/")[2]
    words = f"---\nname: {name}\ndescription: It does {version}.\n---\nDo it.\n".encode()
    spec = {**SKILL_SPEC, "native_name": name}
    built.release(artifact, version, {"SKILL.md": words}, kind="skill", spec=spec, **more)


@pytest.fixture
def project(desk: Desk) -> RegistryInMemory:
    """A project with `@ann/tools`, which needs `@ann/text`."""
    built = a_registry(demo=False)
    skill(built, TEXT, "1.0.0")
    skill(built, TOOLS, "1.0.0", dependencies={TEXT: "^1.0.0"})
    added(desk, built)
    desk.run("install", TOOLS)
    return built


def files(desk: Desk) -> dict[str, bytes]:
    """Every file of the project."""
    root = desk.work
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def edit_lock(desk: Desk, artifact: str, **members: object) -> None:
    """Changes a line of the lock file, or removes it where no member is given."""
    value = json.loads((desk.work / LOCK).read_text())
    if members:
        value["artifacts"][artifact].update(members)
    else:
        del value["artifacts"][artifact]
    (desk.work / LOCK).write_text(json.dumps(value))


@pytest.mark.parametrize("more", [[], ["--frozen"]])
def test_what_is_equal_is_left_alone(desk: Desk, project: RegistryInMemory, more: list[str]) -> None:
    """A project that is what the lock file says changes in no byte."""
    before = files(desk)

    value = desk.json("sync", *more)

    assert ([], [], [f"{TEXT}@1.0.0", f"{TOOLS}@1.0.0"]) == (value["installed"], value["removed"], value["already"])
    assert "The project is what registry.lock.json says: 2 artifacts." in desk.run("sync", *more)
    assert before == files(desk)


@pytest.mark.parametrize("more", [[], ["--frozen"]])
def test_a_fresh_checkout_gets_the_same_bytes(desk: Desk, project: RegistryInMemory, more: list[str]) -> None:
    """From the lock file alone comes every byte of the first install, receipts too."""
    before = files(desk)
    shutil.rmtree(desk.work / ".agents")
    shutil.rmtree(desk.work / ".registry")

    value = desk.json("sync", *more)

    assert [TEXT, TOOLS] == [one["id"] for one in value["installed"]]
    assert before == files(desk)


def test_what_is_other_or_gone_is_put_right(desk: Desk, project: RegistryInMemory) -> None:
    """Another version is replaced by the pinned one, a missing file comes back; a dry run only says so."""
    before = files(desk)
    skill(project, TEXT, "1.1.0")
    desk.put("reg", project.files)
    lock = (desk.work / LOCK).read_bytes()
    desk.run("update", TEXT)
    (desk.work / LOCK).write_bytes(lock)
    (desk.work / ".agents/skills/tools/SKILL.md").unlink()
    other = files(desk)

    dry = desk.json("sync", "--dry-run")
    assert ([TEXT, TOOLS], other) == ([one["id"] for one in dry["installed"]], files(desk))
    desk.run("sync", "--frozen")

    assert _without_receipts(before) == _without_receipts(files(desk))


def _without_receipts(found: dict[str, bytes]) -> dict[str, bytes]:
    """All but our own notes, which say that an update was asked for."""
    return {path: data for path, data in found.items() if not path.startswith(".registry/")}


def test_changes_of_the_person_stop_it_unless_forced(desk: Desk, project: RegistryInMemory) -> None:
    """A file that the person changed is exit 5 with nothing written; `--force` puts it back."""
    before = files(desk)
    (desk.work / ".agents/skills/tools/SKILL.md").write_text("mine")

    assert (5, "local-edits") == desk.refused("sync")
    desk.run("sync", "--force")

    assert before == files(desk)


@pytest.mark.parametrize("verb", [["sync"], ["sync", "--frozen"], ["install"]])
@pytest.mark.parametrize(
    ("there", "advice"),
    [
        (True, "`registry audit --remove --project app` takes it away; `registry update @ann/text --project app` "),
        (False, "remove its line from registry.lock.json; `registry install @ann/text --project app` "),
    ],
)
def test_a_pinned_release_that_was_taken_back_comes_with_advice(
    desk: Desk, project: RegistryInMemory, verb: list[str], there: bool, advice: str
) -> None:
    """The hint names what takes it away or replaces it in that folder, for what is installed and what is not."""
    app = ("--project", "app")
    desk.run("install", TOOLS, *app)
    project.event(TEXT, "1.0.0", "revoke", reason="malware")
    desk.put("reg", project.files)
    if not there:
        shutil.rmtree(desk.work / "app/.agents")
        shutil.rmtree(desk.work / "app/.registry")

    assert (4, "revoked") == desk.refused(*verb, *app)
    assert desk.error.hint.startswith(advice)


def test_what_is_not_pinned_is_removed_after_a_question(desk: Desk, project: RegistryInMemory, tmp_path: Path) -> None:
    """An artifact without a line is shown and removed with `--yes`; without a terminal the flag is named."""
    skill(project, PDF, "1.0.0")
    desk.put("reg", project.files)
    before = files(desk)
    lock = (desk.work / LOCK).read_bytes()
    desk.run("install", PDF)
    (desk.work / LOCK).write_bytes(lock)

    assert (2, "needs-answer") == desk.refused("sync")
    assert [PDF] == [one["id"] for one in desk.json("sync", "--dry-run")["removed"]]
    assert f"Would remove {PDF} 1.0.0 (skill)." in desk.run("sync", "--dry-run")
    assert (5, "lock-incomplete") == desk.refused("sync", "--frozen", "--yes")
    said = desk.run("sync", "--yes")

    assert f"Removed {PDF} 1.0.0 (skill)." in said
    assert f"  {PDF} 1.0.0\n" in desk.talk
    assert before == files(desk)


def test_removing_stops_at_changes_of_the_person(desk: Desk, project: RegistryInMemory) -> None:
    """What would be removed and was changed is exit 5 before anything is written."""
    edit_lock(desk, TOOLS)
    (desk.work / ".agents/skills/tools/SKILL.md").write_text("mine")
    before = files(desk)

    assert (5, "local-edits") == desk.refused("sync", "--yes")
    assert before == files(desk)
    assert [TOOLS] == [one["id"] for one in desk.json("sync", "--yes", "--force")["removed"]]


def test_what_needs_others_is_removed_first(desk: Desk, project: RegistryInMemory) -> None:
    """Of two that are not pinned the one that needs the other goes first."""
    skill(project, PDF, "1.0.0")
    desk.put("reg", project.files)
    desk.run("install", PDF)
    edit_lock(desk, TOOLS)
    edit_lock(desk, TEXT)

    assert [TOOLS, TEXT] == [one["id"] for one in desk.json("sync", "--yes")["removed"]]
    assert [PDF] == list(json.loads((desk.work / LOCK).read_text())["artifacts"])


def test_a_line_that_is_needed_and_missing_is_added(desk: Desk, project: RegistryInMemory) -> None:
    """A dependency without a line is resolved and pinned; `--frozen` is exit 5 and writes nothing."""
    whole = (desk.work / LOCK).read_bytes()
    edit_lock(desk, TEXT)
    before = files(desk)

    assert (5, "lock-incomplete") == desk.refused("sync", "--frozen", "--yes")
    assert before == files(desk)
    assert [TEXT] == desk.json("sync")["added"]
    assert whole == (desk.work / LOCK).read_bytes()


def test_a_pin_that_others_cannot_use_is_a_conflict(desk: Desk, project: RegistryInMemory) -> None:
    """A line at a version that another pinned artifact does not allow is exit 5."""
    skill(project, TEXT, "2.0.0")
    desk.put("reg", project.files)
    manifest = project.manifest(TEXT, "2.0.0")
    digest = project._pointed(TEXT, "2.0.0")
    edit_lock(desk, TEXT, version="2.0.0", manifest=digest, bundle=f"sha256:{manifest.bundle.sha256}")

    assert (5, "conflict") == desk.refused("sync", "--frozen")


def test_a_yanked_version_is_kept_and_a_revoked_one_not(desk: Desk, project: RegistryInMemory) -> None:
    """A lock file still gets what was yanked, and never what was revoked."""
    before = files(desk)
    project.event(TEXT, "1.0.0", "yank")
    desk.put("reg", project.files)
    shutil.rmtree(desk.work / ".agents")
    shutil.rmtree(desk.work / ".registry")

    desk.run("sync", "--frozen")
    assert before == files(desk)
    project.event(TEXT, "1.0.0", "revoke")
    desk.put("reg", project.files)
    assert (4, "revoked") == desk.refused("sync", "--frozen")
    assert (4, "revoked") == desk.refused("sync")


def test_a_registry_that_is_not_known_is_refused(desk: Desk, project: RegistryInMemory) -> None:
    """A lock file that names a registry which this person never added is exit 4, with the verb that adds it."""
    desk.run("remote", "remove", "reg")
    before = files(desk)

    for verb in (["sync"], ["sync", "--frozen"], ["install"]):
        assert (4, "unknown-registry") == desk.refused(*verb)
        assert desk.error.hint.startswith(f"registry add WHERE --root {project.id}")
    assert before == files(desk)


def test_without_a_lock_file_nothing_is_removed(desk: Desk, project: RegistryInMemory) -> None:
    """A project without a lock file, and the person's own folder, are not synced."""
    (desk.work / LOCK).unlink()

    assert (2, "missing-id") == desk.refused("sync", "--yes")
    assert (2, "no-lock") == desk.refused("sync", "-g")
    assert (desk.work / ".agents/skills/tools/SKILL.md").is_file()
