"""The queue's verbs, and what the author reads of them (M9)."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.people import Town

pytestmark = pytest.mark.slow

DAY = 86_400


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def state(town: Town, who: str = "ann") -> list[dict[str, Any]]:
    return list(town.desk(who).json("status"))


def test_a_flag_is_seen_by_everybody_and_overruled_by_name(town: Town) -> None:
    """In the list, in the report, by its author; approving says that one saw it."""
    name = town.publish("ann", "1.0.0", admit=False)["submission"]
    said = town.at("mod", "queue", "flag", name, "--reason", "malicious", "--note", "who is this host?")
    (row,) = town.at("mod", "queue", "list")
    listed = town("mod", "queue", "list", "--registry", town.where)
    shown = town("mod", "queue", "show", name, "--registry", town.where)
    (mine,) = state(town)
    told = town("ann", "status")

    assert ("flagged", "flagged", "flagged") == (said["state"], row["state"], mine["state"])
    assert ("malicious", "who is this host?", "operator") == (mine["reason"], mine["note"], mine["by"])
    assert "is flagged by operator, and waits for one person: operator: who is this host?" in listed
    assert "who is this host?" in shown
    assert "operator: who is this host?" in told
    assert (5, "flagged") == town.refused("mod", "queue", "approve", name)
    assert "published" == town.at("mod", "queue", "approve", name, "--despite-flag")["state"]


def test_an_objection_is_settled_by_a_rejection_and_a_new_submission(town: Town) -> None:
    """Nobody lands it before; afterwards the same bytes may come again."""
    name = town.publish("ann", "1.0.0", admit=False)["submission"]
    town.at("mod", "queue", "object", name, "--note", "ask bob first")
    refused = town.refused("mod", "queue", "approve", name, "--despite-flag")
    (objected,) = state(town)
    town.at("mod", "queue", "reject", name, "--note", "settle it")
    (rejected,) = state(town)
    again = town.publish("ann", "1.0.0")

    assert (5, "objection") == refused
    assert ("flagged", True) == (objected["state"], "is objected to by operator" in objected["waits"])
    assert ("rejected", "settle it") == (rejected["state"], rejected["note"])
    assert name == again["submission"]
    assert {"published"} == {one["state"] for one in state(town)}


@pytest.mark.parametrize("verb", ["reject", "flag", "object"])
def test_whoever_says_no_says_why(town: Town, verb: str) -> None:
    """An empty note is no reason; a dry run writes nothing."""
    name = town.publish("ann", "1.0.0", admit=False)["submission"]
    dry = town("mod", "queue", verb, name, "--note", "because", "--dry-run", "--registry", town.where)

    assert (2, "no-note") == town.refused("mod", "queue", verb, name, "--note", " ")
    assert "Nothing was written." in dry
    assert ["pending"] == [one["state"] for one in town.at("mod", "queue", "list")]


def test_what_was_rejected_and_mended_is_resubmitted(town: Town) -> None:
    """The old one says as which it came again, the new one that it waits."""
    old = town.publish("ann", "1.0.0", admit=False)["submission"]
    town.at("mod", "queue", "reject", old, "--reason", "incomplete", "--note", "say more")
    folder = town.desk("ann").put(
        "skill",
        {"SKILL.md": b"---\nname: one\ndescription: Finds things.\n---\n\nMore.\n", "artifact.yaml": b"license: MIT\n"},
    )
    new = town.at("ann", "publish", folder, "--id", "@ann/one", "--version", "1.0.0", "--as", "ann")["submission"]
    rows = {one["id"]: one for one in state(town)}

    assert ("resubmitted", new, "incomplete") == (rows[old]["state"], rows[old]["as"], rows[old]["reason"])
    assert "pending" == rows[new]["state"]
    assert f"came again as {new[:12]}" in town("ann", "status")


def test_a_wait_is_told_to_author_and_moderators(town: Town) -> None:
    """Since when, until when, and what an early approval comes to."""
    town.at("mod", "policy", "set", "--wait-new-name", "3d")
    name = town.publish("ann", "1.0.0", admit=False)["submission"]
    approved = town("mod", "queue", "approve", name, "--registry", town.where, "--yes")
    (mine,) = state(town)
    told = town("ann", "status")
    town.now += 3 * DAY
    done = town.admit(name)

    assert "Approved @ann/one@1.0.0 as operator; it waits for one person, and until 2027-01-18T08:" in approved
    assert ("pending", 3 * DAY, "person") == (mine["state"], mine["need"]["wait"], mine["need"]["path"])
    assert f"since {mine['since']}" in told
    assert "@ann/one is a new name" in told
    assert "published" == done["state"]


def merge(town: Town, branch: str) -> None:
    """Somebody presses a forge's button: the branch is merged, and gone."""
    git = ("git", "-C", town.where)
    head = subprocess.run([*git, "rev-parse", branch], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run([*git, "update-ref", "refs/heads/main", head], check=True)
    subprocess.run([*git, "update-ref", "-d", f"refs/heads/{branch}"], check=True)


def test_what_was_merged_without_an_approval_is_listed_and_not_published(town: Town) -> None:
    """The queue and its author hear of it; a moderator can let it in afterwards."""
    town.publish("ann", "1.0.0")
    made = town.publish("ann", "1.1.0", admit=False)
    merge(town, made["branch"])
    (row,) = town.at("mod", "queue", "list")
    listed = town("mod", "queue", "list", "--registry", town.where)
    states = [one["state"] for one in state(town)]
    told = town("ann", "status")
    installs = town.installs("1.1.0")
    admitted = town.at("mod", "queue", "approve", "@ann/one@1.1.0")

    assert ("merged", made["submission"]) == (row["state"], row["id"])
    assert "merged without an approval, not admitted: nobody gets it" in listed
    assert (["published", "merged"], 3) == (states, installs)
    assert "merged without an approval" in told
    assert ("published", 0) == (admitted["state"], town.installs("1.1.0"))


def test_every_record_is_verified_from_a_clone_alone(town: Town) -> None:
    """Who let in what, and what was said; the id is told to whoever did not add it."""
    town.publish("ann", "1.0.0")
    name = town.publish("ann", "1.1.0", admit=False)["submission"]
    town.at("mod", "queue", "reject", name, "--note", "not yet")
    desk = town.desk("anybody")
    clone = str(town.folder / "clone")
    subprocess.run(["git", "clone", "--quiet", town.where, clone], check=True)
    value = desk.json("verify", clone, "--all")["verified"]
    words = desk.run("verify", clone, "--all")

    assert [("@ann/one", "1.0.0", "operator", "person")] == [
        (row["id"], row["version"], row["by"], row["path"]) for row in value["releases"]
    ]
    assert [("reject", "operator")] == [(row["action"], row["by"]) for row in value["decisions"]]
    assert (False, town.id) == (value["known"], value["registry"])
    assert "@ann/one@1.0.0: let in by operator at " in words
    assert f"submission {name[:12]}: reject by operator at " in words
    assert (2, "not-a-clone") == desk.refused("verify", "@ann/one", "--all")
    assert (3, "not-installed") == desk.refused("verify", "--all")
