"""What authors type: `create`, `check`, `publish`, `status`, `withdraw`; and what a moderator answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.desk import Desk

SECRET = b"\naws_key = " + b"AKIA" + b"IOSFODNN7ABCDEFG\n"


@pytest.fixture
def author(tmp_path: Path) -> Desk:
    """Somebody with a fresh registry `reg` and a skill `one` that nobody has published."""
    desk = Desk(tmp_path)
    desk.run("init", "reg", "--yes")
    desk.run("skill", "create", "@ann/one")
    return desk


def publish(author: Desk, *more: str) -> str:
    return author.run("publish", "one", "--as", "ann", "--registry", "reg", "--yes", *more)


def test_check_tells_what_it_is_even_where_a_registry_would_refuse_it(author: Desk) -> None:
    """Kind, id and every finding stand there together, and the exit code is 1."""
    with (author.work / "one/SKILL.md").open("ab") as file:
        file.write(SECRET)
    said = author.json("check", "one")
    (folder,) = said["folders"]

    assert ("fail", "skill", "@ann/one") == (said["verdict"], folder["kind"], folder["id"])
    faults = [(one["path"], one["line"]) for one in folder["findings"] if one["level"] == "fail"]
    assert [("SKILL.md", 18)] == faults
    assert "then publish it with" in author.run("check", "one")
    assert (
        1
        == subprocess.run([sys.executable, "-m", "registry_tool", "check", author.work / "one"], check=False).returncode
    )


def test_a_report_for_machines_tells_what_a_registry_would_refuse(author: Desk) -> None:
    """SARIF of a folder that a registry would refuse names the fault."""
    with (author.work / "one/SKILL.md").open("ab") as file:
        file.write(SECRET)
    results = json.loads(author.run("check", "one", "--format", "sarif"))["runs"][0]["results"]

    assert ["secrets"] == [result["ruleId"] for result in results if result["level"] == "error"]


def test_check_tells_of_each_folder_only_what_is_its_own(author: Desk) -> None:
    """Where two folders are looked at, what is said about the one does not stand below the other."""
    author.run("widget", "create", "@ann/two")
    said = author.json("check", "one", "two")
    words = [[finding["message"] for finding in folder["findings"]] for folder in said["folders"]]

    assert [[], ["broken_links"]] == [
        ["broken_links"] if "broken_links" in " ".join(one) else [] for one in words[::-1]
    ]
    assert all("a new name; nobody has looked at it before" in one for one in words)


def test_check_prints_a_line_that_publishes(author: Desk) -> None:
    """The line that `check` ends with is the command that submits the folder."""
    (folder,) = author.json("check", "one", "--registry", "reg", "--as", "ann")["folders"]
    words = folder["publish"].split()[1:]

    assert "pending" == (author.run(*words, "--yes"), author.json("status")[0]["state"])[1]


def test_the_same_submission_waits_once(author: Desk) -> None:
    """Publishing it again while it waits is refused, with what to do."""
    publish(author)

    assert (5, "already-submitted") == author.refused("publish", "one", "--as", "ann", "--registry", "reg", "--yes")
    assert "registry withdraw" in author.error.hint
    assert ["pending"] == [one["state"] for one in author.json("status")]


def test_what_was_withdrawn_can_come_again_with_the_same_keys(author: Desk) -> None:
    """A withdrawn submission is gone from the queue, and a second one uses the keys that are there."""
    first = publish(author)
    author.run("withdraw", author.json("status")[0]["id"][:8], "--yes")
    gone = author.json("queue", "list", "--registry", "reg")
    second = publish(author)

    assert [] == gone
    assert ("with new keys" in first, "with the keys that you have" in second) == (True, True)


def test_a_rejection_is_read_by_its_author_and_the_version_can_come_again(author: Desk) -> None:
    """`status` shows reason and note; mended, the same version is submitted and admitted."""
    publish(author)
    (waiting,) = author.json("queue", "list", "--registry", "reg")
    author.run("queue", "reject", waiting["id"], "--reason", "incomplete", "--note", "say when", "--registry", "reg")
    (rejected,) = author.json("status")
    with (author.work / "one/SKILL.md").open("ab") as file:
        file.write(b"\nUse it before a release.\n")
    publish(author)
    (again,) = author.json("queue", "list", "--registry", "reg")
    author.run("queue", "approve", again["id"], "--note", "better", "--registry", "reg")

    assert ("rejected", "incomplete", "say when") == (rejected["state"], rejected["reason"], rejected["note"])
    assert ["published", "resubmitted"] == sorted(one["state"] for one in author.json("status"))
    assert (5, "version-exists") == author.refused("publish", "one", "--as", "ann", "--registry", "reg", "--yes")


def test_a_dry_run_of_publish_leaves_nothing(author: Desk) -> None:
    """It says what it would do, and makes no key, no branch and no note of a submission."""
    said = publish(author, "--dry-run")

    assert "Would submit the skill @ann/one 1.0.0" in said
    assert [] == [one for one in author.json("keys", "list") if one["owner"] == "ann"]
    assert ([], []) == (author.json("status"), author.json("queue", "list", "--registry", "reg"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("publish", "one", "--registry", "reg"), (2, "needs-answer")),
        (("publish", "one", "--yes"), (2, "which-registry")),
        (("publish", "none", "--registry", "reg", "--yes"), (3, "no-folder")),
        (("theme", "publish", "one", "--registry", "reg", "--yes"), (2, "other-kind")),
        (("publish", "one", "--registry", "reg", "--version", "01.0.0", "--yes"), (1, "not-publishable")),
        (("publish", "one", "--registry", "reg", "--permission", "all", "--yes"), (1, "not-publishable")),
        (("skill", "create", "@ann/one"), (5, "exists")),
        (("init", "reg", "--yes"), (5, "exists")),
        (("queue", "approve", "00", "--registry", "reg"), (3, "no-submission")),
        (("withdraw", "00", "--yes"), (3, "no-submission")),
        (("keys", "import", "one/SKILL.md", "--as", "ann"), (1, "bad-key")),
        (("keys", "import", "none", "--as", "ann"), (3, "no-file")),
        (("check", "--base", "none", "--head", "main", "--registry", "reg"), (3, "no-commit")),
        (("queue", "list", "--registry", "http://127.0.0.1:9/reg.git"), (6, "no-network")),
    ],
)
def test_what_cannot_be_done_says_so(author: Desk, words: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Each refusal has its exit code and its own stable code."""
    assert expected == author.refused(*words)
