"""What the verbs write into the audit log, and how it is read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.auditing import audited, read_line
from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, Desk, added, skill_release
from tests.core.test_schemas import validator

CAN_NETWORK = [{"permission": "network", "words": "reach any host on the public Internet"}]


def lines(desk: Desk) -> list[dict[str, Any]]:
    """What is noted; each line fits the published schema."""
    found = [read_line(one).value() for one in desk.world.audit.lines()]
    assert [] == [error.message for one in found for error in validator("registry.audit-1").iter_errors(one)]
    return found


def told(desk: Desk) -> list[tuple[str, str, str, str]]:
    return [(one["event"], one["outcome"], one["artifact"], one.get("version", "")) for one in lines(desk)]


def both(event: str, artifact: str, version: str) -> list[tuple[str, str, str, str]]:
    return [(event, "begun", artifact, version), (event, "done", artifact, version)]


def test_every_change_has_its_lines(desk: Desk, built: RegistryInMemory) -> None:
    """An install, an update and an uninstall are noted before and after, with digest, grants and their words."""
    added(desk, built)
    desk.run("install", PDF, "--yes")
    skill_release(built, PDF, "1.1.0", permissions=["network"])
    desk.put("reg", built.files)
    desk.run("update")
    desk.run("install", PDF, "--force")
    desk.run("uninstall", PDF)
    (first, *_) = lines(desk)

    assert [
        *both("install", PDF, "1.0.0"),
        *both("update", PDF, "1.1.0"),
        *both("install", PDF, "1.1.0"),
        *both("uninstall", PDF, "1.1.0"),
    ] == told(desk)
    assert (built.id, str(desk.work), CAN_NETWORK, "skill") == (
        first["registry"],
        first["where"],
        first["grants"],
        first["kind"],
    )
    assert first["manifest"].startswith("sha256:")


def test_an_audit_notes_what_it_takes_away(desk: Desk, built: RegistryInMemory) -> None:
    """What `audit --remove` removes has the lines of an uninstall."""
    added(desk, built)
    desk.run("install", PDF, "--yes")
    revoked(desk, built)
    desk.run("audit", "--remove")

    assert both("uninstall", PDF, "1.0.0") == told(desk)[2:]


def test_a_sync_notes_what_it_installs_and_takes_away(desk: Desk, built: RegistryInMemory) -> None:
    """What comes and what goes has its lines."""
    added(desk, skill_release(built, "@ann/text", "1.0.0"))
    desk.run("install", PDF, "--yes")
    text = (desk.work / "registry.lock.json").read_text()
    desk.run("uninstall", PDF)
    desk.run("install", "@ann/text", "--name", "text")
    (desk.work / "registry.lock.json").write_text(text)
    before = len(told(desk))
    desk.run("sync", "--yes")

    assert [*both("uninstall", "@ann/text", "1.0.0"), *both("install", PDF, "1.0.0")] == told(desk)[before:]


def test_looking_is_not_noted(desk: Desk, built: RegistryInMemory) -> None:
    """A dry run, a search and what is there already add no line, and make no file."""
    added(desk, built)
    for words in (["install", PDF, "--dry-run"], ["search", "pdf"], ["show", PDF], ["list"]):
        desk.run(*words)

    assert not desk.world.audit.path.exists()


def damaged(desk: Desk, built: RegistryInMemory) -> Desk:
    signed = [path for path in built.files if "/admission." in path and path.endswith(".sig")]
    desk.put("reg", {**built.files, **dict.fromkeys(signed, bytes(64))})
    return desk


def by_policy(desk: Desk, built: RegistryInMemory) -> Desk:
    (desk.work / "registry.settings.yaml").write_text("permissions: {never: [network]}")
    return desk


def says_no(desk: Desk, built: RegistryInMemory) -> Desk:
    desk.world, desk.answers = replace(desk.world, terminal=True), "n\n"
    return desk


def nobody_there(desk: Desk, built: RegistryInMemory) -> Desk:
    return desk


def revoked(desk: Desk, built: RegistryInMemory) -> Desk:
    built.event(PDF, "1.0.0", "revoke")
    desk.put("reg", built.files)
    return desk


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (damaged, "bad-signature"),
        (by_policy, "policy-permission"),
        (says_no, "interrupted"),
        (nobody_there, "needs-answer"),
        (revoked, "revoked"),
    ],
)
def test_a_refusal_is_one_line(
    desk: Desk, built: RegistryInMemory, before: Callable[[Desk, RegistryInMemory], Desk], code: str
) -> None:
    """What is not trusted, forbidden by a file, or not agreed to is noted with its code, and nothing is written."""
    added(desk, built)
    before(desk, built).refused("install", f"{PDF}@1.0.0")
    (one,) = lines(desk)

    assert ("refuse", "refused", PDF, "1.0.0", "install") == (
        one["event"],
        one["outcome"],
        one["artifact"],
        one["version"],
        one["how"],
    )
    assert [code] * 2 == [one["code"], desk.error.code]
    assert not (desk.work / ".agents").exists()


def test_a_failure_is_not_called_done(desk: Desk, built: RegistryInMemory) -> None:
    """What began and could not be ended says so, with why."""
    added(desk, built)
    desk.run("install", PDF, "--yes")
    (desk.work / ".agents/skills/pdf/SKILL.md").write_text("mine")
    desk.refused("uninstall", PDF)

    assert ("uninstall", "failed", "local-edits") == tuple(lines(desk)[-1][one] for one in ("event", "outcome", "code"))


@pytest.mark.parametrize("verb", [["install", PDF, "--yes"], ["uninstall", PDF], ["sync", "--yes", "--force"]])
def test_nothing_is_done_that_cannot_be_noted(desk: Desk, built: RegistryInMemory, verb: list[str]) -> None:
    """With a folder where the log should be, exit 5 and every byte stays."""
    added(desk, built)
    if verb[0] != "install":
        desk.run("install", PDF, "--yes")
        desk.world.audit.path.unlink()
    before = {path: path.read_bytes() for path in desk.work.rglob("*") if path.is_file()}
    desk.world.audit.path.mkdir(parents=True)

    assert (5, "no-audit-log") == desk.refused(*verb)
    assert before == {path: path.read_bytes() for path in desk.work.rglob("*") if path.is_file()}


def test_a_refusal_that_cannot_be_noted_is_told_as_it_is(desk: Desk, built: RegistryInMemory) -> None:
    """Without a log the error is still the refusal, and stderr says that it was not noted."""
    added(desk, built)
    desk.world.audit.path.mkdir(parents=True)
    by_policy(desk, built)

    assert (4, "policy-permission") == desk.refused("install", PDF, "--yes")


def test_a_variable_names_the_file(desk: Desk, built: RegistryInMemory) -> None:
    """`REGISTRY_AUDIT_LOG` names it, from where the person stands."""
    desk.world = replace(desk.world, env={**desk.world.env, "REGISTRY_AUDIT_LOG": "own.jsonl"})
    added(desk, built)
    desk.run("install", PDF, "--yes")

    assert 2 == len((desk.work / "own.jsonl").read_text().splitlines())


def test_the_log_is_read(desk: Desk, built: RegistryInMemory) -> None:
    """In words and as JSON, of one project or of all; a line that is not ours is counted."""
    added(desk, built)
    assert "Nothing is noted" in desk.run("audit", "--log")
    desk.run("install", PDF, "--yes")
    with desk.world.audit.path.open("ab") as file:
        file.write(b"not ours\n")

    value = desk.json("audit", "--log")
    assert (2, 1, str(desk.world.audit.path)) == (len(value["lines"]), value["unreadable"], value["log"])
    assert [] == desk.json("audit", "--log", "--project", str(desk.folder))["lines"]
    assert f"install {PDF}@1.0.0: begun in {desk.work}. It may reach any host" in desk.run("audit", "--log")
    assert (2, "wrong-usage") == desk.refused("audit", "--log", "--remove")


def test_old_lines_are_left_to_scripts(desk: Desk) -> None:
    """People read the newest, and are told how many there are before."""
    line = audited("2026-11-21T09:00:00Z", "start", "ended", artifact="@a/b").line()
    desk.world.audit.path.parent.mkdir(parents=True)
    desk.world.audit.path.write_bytes(line * 250)

    assert "50 older lines are left out" in desk.run("audit", "--log")


def test_the_log_lies_in_the_state_folder(tmp_path: Path) -> None:
    """Without a variable it is where the platform puts what programs remember, and not in a cache."""
    world = replace(Desk(tmp_path).world, env={})

    assert ("audit.jsonl", "state") == (world.audit.path.name, world.audit.path.parent.name)
    assert "cache" not in str(world.audit.path)
