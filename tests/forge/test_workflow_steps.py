"""Every step of validate, gate, report, admit and publish, run as GitHub's runner does, on a small GitHub."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.times import from_seconds
from registry_tool.forges.github_files import TOOL
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory
from tests.forge.github_fake import Fault
from tests.forge.github_things import Account, commit_of
from tests.forge.runner import Runner
from tests.forge.workflow_place import SKILL, Place, place_at

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_at(tmp_path) as there:
        yield there


def test_validate_tells_an_author_what_the_checks_say(place: Place) -> None:
    """A good submission passes, with its report in the summary and kept as a file."""
    pull = place.submitted()
    runner = place.runner(pull)
    well = runner.job(place.workflow("validate"), "validate")
    report = json.loads((runner.artifacts / "report" / "report.json").read_bytes())

    assert well, runner.steps
    assert ("review", ["@ann/one"]) == (report["verdict"], [one["artifact"] for one in report["releases"]])
    assert "@ann/one" in runner.summary


def test_validate_fails_for_what_breaks_a_rule(place: Place) -> None:
    """A submission that edits the lock of the tool too is red, and the report says so."""
    runner = place.runner(place.submitted(**{TOOL: "registry-tool==6.6.6\n"}))
    well = runner.job(place.workflow("validate"), "validate")

    assert not well
    assert "fail" == json.loads((runner.artifacts / "report" / "report.json").read_bytes())["verdict"]
    assert TOOL in runner.summary
    assert "::error" in runner.steps["Check the submission"].out


def test_a_change_of_something_else_is_no_submission(place: Place) -> None:
    """What touches nothing below index/ passes validate and gate, which say so."""
    place.edit("hello", {"README.md": "Hello.\n"}, onto="main")
    runner = place.runner(place.opened("hello"))
    done = [runner.job(place.workflow(name), name) for name in ("validate", "gate")]
    (check,) = place.github.things.checks

    assert [True, True] == done, runner.steps
    assert "nothing to check" in runner.summary
    assert ("registry/gate", "success") == (check.name, check.conclusion)


def test_gate_and_report_write_what_mains_tool_says(place: Place) -> None:
    """The check on the commit, and on the pull request one comment and a label; a second run changes nothing."""
    pull = place.submitted()
    jobs = [("gate", "gate"), ("report", "report"), ("report", "report")]
    runner = place.runner(pull)
    done = [runner.job(place.workflow(workflow), job) for workflow, job in jobs]
    (check,), (comment,) = place.github.things.checks, pull.comments

    assert [True, True, True] == done, runner.steps
    assert ("registry/gate", "neutral", pull.head) == (check.name, check.conclusion, check.head)
    assert {"registry:review"} == pull.labels
    assert "@ann/one" in comment.body.replace("\\", "")


def test_gate_fails_what_breaks_a_rule(place: Place) -> None:
    """The job is green, as it did its work; the check is red."""
    pull = place.submitted(**{TOOL: "registry-tool==6.6.6\n"})
    runner = place.runner(pull)
    well = runner.job(place.workflow("gate"), "gate")
    (check,) = place.github.things.checks

    assert well, runner.steps
    assert ("registry/gate", "failure") == (check.name, check.conclusion)


def _reviewed(mod: Account) -> RegistryInMemory:
    """A registry whose moderator reviews on GitHub, without waits; its gate countersigns first submissions."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    row = {"forge": "127.0.0.1", "number": mod.id, "name": mod.login, "status": "active"}

    def listed(value: dict[str, Any]) -> None:  # Any: JSON
        value["people"][0]["accounts"] = [row]

    registry.moderators({"mod": None}, gate=("gate",), change=listed)
    registry.policy(mode="forge", gate_releases="owner-updates", gate_statements=("keyring", "scope"))
    return registry


def test_admit_lets_in_what_a_moderator_approved(tmp_path: Path) -> None:
    """No approval, nothing lands; a review of this very head lands it by a push, and publish is started."""
    with place_at(tmp_path, made=_reviewed) as place:
        pull = place.submitted()
        before = commit_of(place.repository, "main")
        admits = place.runner()
        waited = admits.job(place.workflow("admit"), "admit"), _states(admits)
        still, asked = commit_of(place.repository, "main"), place.github.calls()
        # What GitHub answers to a dispatch; this one knows none.
        place.github.faults.append(Fault(204, body=b"", within="/dispatches"))
        review = place.github.things.review(pull, place.mod, "APPROVED", "read it")
        review.at = from_seconds(place.author.world.now())
        landed = admits.job(place.workflow("admit"), "admit"), _states(admits)
        started = place.github.asked[-1]

    assert ((True, ["waits"]), (True, ["published"])) == (waited, landed), admits.steps
    assert before == still != commit_of(place.repository, "main")
    assert "POST /repos/mod/registry/dispatches" not in asked
    assert ("/repos/mod/registry/dispatches", b'{"event_type": "registry-landed"}') == (started.path, started.body)
    assert not pull.opened


def _states(runner: Runner) -> list[str]:
    said = json.loads(runner.steps["Admit what may go in"].out)
    return [one["state"] for one in said["submissions"]]


def test_publish_builds_a_site_that_a_client_accepts(place: Place) -> None:
    """What a moderator admitted is built, signed, deployed, fetched back and compared; the next goes on from it."""
    due = [_due(place)]
    first = _published(place, "1.0.0")
    due.append(_due(place))
    before = set(_metadata(place.pages))
    again = _published(place, "1.1.0")
    place.author.run("add", place.url, "--root", place.id)
    line = ("install", "@ann/one", "--project", str(place.author.work), "--yes")

    assert [[True] * 4] * 2 == [first, again]
    assert ["true", "false"] == due
    assert before < set(_metadata(place.pages))
    assert "1.1.0" in place.author.run(*line)


def test_publish_lays_out_releases_on_a_branch_of_their_own(place: Place) -> None:
    """Tools find on `dist` what was admitted; a second run has nothing to do, and a next release replaces it."""
    seen: list[str] = []
    for version in ("1.0.0", "1.0.0", "1.1.0"):
        if len(seen) != 1:
            _published(place, version)
        runner = place.runner()
        runner.jobs["build"] = {"commit": str(commit_of(place.repository, "main"))}
        assert runner.job(place.workflow("publish"), "dist"), runner.steps
        seen.append(str(commit_of(place.repository, "dist")))
    tree = GitHistory.open(place.repository.folder).tree(seen[2])

    assert seen[0] == seen[1] != seen[2]
    assert SKILL == tree.read("skills/one/SKILL.md")
    assert b'"version": "1.1.0"' in (tree.read(".claude-plugin/marketplace.json") or b"")


def _due(place: Place) -> str:
    """Whether freshen would have the site signed again."""
    runner = place.runner()
    assert runner.job(place.workflow("freshen"), "look"), runner.steps
    return runner.jobs["look"]["due"]


def test_recheck_sees_what_was_changed_on_the_way(place: Place) -> None:
    """It is quiet while the site is what main builds, and red as soon as a file is another one."""
    _published(place, "1.0.0")
    quiet, red = place.runner(), place.runner()
    well = quiet.job(place.workflow("recheck"), "look")
    (place.pages / "index.html").write_text("Buy this!")

    assert well, quiet.steps
    assert not red.job(place.workflow("recheck"), "look")
    assert "index.html" in red.steps["Look at every record, and at what is served"].err


def _metadata(pages: Path) -> list[str]:
    return [path.name for path in (pages / "tuf").glob("*.snapshot.json")]


def _published(place: Place, version: str) -> list[bool]:
    folder = place.author.put("skill", {"SKILL.md": SKILL, "artifact.yaml": b"license: MIT\n"})
    where = ("--registry", str(place.repository.folder), "--yes")
    line = ("publish", folder, "--id", "@ann/one", "--version", version, "--as", "ann")
    place.moderator.run("queue", "approve", place.author.json(*line, *where)["submission"], *where)
    runner = place.runner()
    return [runner.job(place.workflow("publish"), name) for name in ("queue", "build", "deploy", "verify")]
