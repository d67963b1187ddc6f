"""Yank, quarantine and the others on the command line, on a bare repository and over git."""

import json
import subprocess
from pathlib import Path

import pytest

from registry_tool.core.published import registry_of
from registry_tool.core.reasons import REASONS
from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk

pytestmark = pytest.mark.slow

SKILL = b"---\nname: links\ndescription: Find broken links.\n---\nLook at each.\n"
LINKS = "@ann/links"
ONE = f"{LINKS}@1.0.0"
SAID = ("--note", "read this")


class Town:
    """A bare repository with `@ann/links` 1.0.0, and the machines of its moderator, of ann, and of eve."""

    def __init__(self, folder: Path) -> None:
        self.moderator, self.ann, self.eve = (Desk(folder / name) for name in ("moderator", "ann", "eve"))
        self.path = str(folder / "reg.git")
        self.moderator.run("init", self.path, "--bare", "--name", "Town", "--yes")
        self.publish(self.ann, "ann", LINKS, "1.0.0")
        self.id = registry_of(self.history().tree(self.head()))

    def history(self) -> GitHistory:
        """The repository."""
        return GitHistory.open(Path(self.path))

    def head(self) -> str:
        """Its newest commit."""
        return self.history().resolve("main") or ""

    def publish(self, desk: Desk, author: str, artifact: str, version: str) -> None:
        """Publishes a skill, and lets it in."""
        folder = desk.work / "links"
        folder.mkdir(exist_ok=True)
        (folder / "SKILL.md").write_bytes(SKILL + version.encode())
        (folder / "artifact.yaml").write_text(f'id: "{artifact}"\nversion: "{version}"\nlicense: MIT\n')
        said = ("--as", author, "--registry", self.path, "--yes")
        self.approve(str(desk.json("publish", str(folder), *said)["submission"]))

    def approve(self, submission: str) -> None:
        self.moderator.run("queue", "approve", submission, "--registry", self.path)

    def status(self, version: str = "1.0.0") -> str:
        """What a consumer reads from a build of the repository."""
        self.moderator.run("build", "--registry", self.path, "--out", "site")
        folder = self.moderator.work / "site/index/an/ann/links.json"
        return str(json.loads(folder.read_bytes())["versions"][version]["status"])


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_a_yank_goes_out_waits_and_lands(town: Town) -> None:
    """The author yanks; it waits in the queue; a moderator approves; `status` says published; a restore likewise."""
    said = town.ann.json("yank", ONE, "--reason", "broken", *SAID, "--registry", town.path)

    assert ("pending", "ann", [{"artifact": LINKS, "version": "1.0.0", "event": 1}]) == (
        said["state"],
        said["by"],
        said["releases"],
    )
    assert "active" == town.status()
    assert ["pending"] == [one["state"] for one in town.ann.json("status") if one["id"] == said["submission"]]
    assert f"{said['submission'][:12]}  pending    yank {ONE}\n" in town.ann.run("status")
    town.approve(said["submission"])
    assert "yanked" == town.status()
    assert ["published"] == [one["state"] for one in town.ann.json("status") if one["id"] == said["submission"]]

    lifted = town.ann.json("restore", ONE, "--registry", town.path)
    assert ("yank", 2) == (lifted["releases"][0]["lifts"], lifted["releases"][0]["event"])
    town.approve(lifted["submission"])
    assert "active" == town.status()


@pytest.mark.parametrize(
    ("action", "reason", "expected"),
    [
        ("quarantine", "suspected-malware", "quarantined"),
        ("revoke", "malware", "revoked"),
        ("withhold", "copyright", "withheld"),
    ],
)
def test_a_moderators_word_holds_at_once(town: Town, action: str, reason: str, expected: str) -> None:
    """It lands without a queue, is told with its undo, and that undo works."""
    said = town.moderator.run(action, ONE, "--reason", reason, *SAID, "--registry", town.path)

    assert expected == town.status()
    assert f"Undo: registry restore {ONE} --registry {town.path}" in said
    assert REASONS[action][reason] in said
    assert f"Its note, for everybody to read: “{SAID[1]}”" in said
    town.moderator.run("restore", ONE, "--registry", town.path)
    assert "active" == town.status()


@pytest.mark.parametrize("action", ["yank", "deprecate", "quarantine", "revoke", "withhold"])
def test_a_dry_run_signs_nothing(town: Town, action: str) -> None:
    """`--dry-run` says who would sign what, and neither queue nor repository hears of it."""
    desk = town.ann if action in ("yank", "deprecate") else town.moderator
    said = desk.run(action, ONE, "--reason", "other", *SAID, "--registry", town.path, "--dry-run")

    assert said.startswith("Would ")
    assert ("active", []) == (town.status(), town.moderator.json("queue", "list", "--registry", town.path))


def test_all_versions_of_a_name_are_revoked_together(town: Town) -> None:
    """`--all-versions` takes names; those told already are passed over, and once all are it says so."""
    town.publish(town.ann, "ann", LINKS, "1.1.0")
    revoke = ("revoke", "--reason", "malware", *SAID, "--registry", town.path)

    assert (2, "wrong-usage") == town.moderator.refused(*revoke, ONE, "--all-versions")
    town.moderator.run(*revoke, ONE)
    said = town.moderator.json(*revoke, LINKS, "--all-versions")
    assert ["1.1.0"] == [one["version"] for one in said["releases"]]
    assert ["revoked", "revoked"] == [town.status(one) for one in ("1.0.0", "1.1.0")]
    assert (5, "already") == town.moderator.refused(*revoke, LINKS, "--all-versions")


def test_who_may_not_is_told_who_may(town: Town) -> None:
    """A stranger's yank, an author's revoke and a moderator's yank are exit 4, and nothing waits afterwards."""
    town.publish(town.eve, "eve", "@eve/other", "1.0.0")
    where = (*SAID, "--registry", town.path)

    assert (4, "not-a-publisher") == town.eve.refused("yank", ONE, "--reason", "broken", *where)
    assert (4, "not-a-moderator") == town.ann.refused("revoke", ONE, "--reason", "malware", *where)
    assert "is for a moderator: " in town.ann.error.message
    assert (4, "not-a-publisher") == town.moderator.refused("yank", ONE, "--reason", "broken", *where)
    town.moderator.run("revoke", ONE, "--reason", "malware", *where)
    assert (4, "not-a-moderator") == town.ann.refused("restore", ONE, "--registry", town.path)
    assert [] == town.moderator.json("queue", "list", "--registry", town.path)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("yank", ONE, "--note", "x"), (2, "bad-reason")),
        (("yank", ONE, "--reason", "because", "--note", "x"), (2, "bad-reason")),
        (("yank", ONE, "--reason", "broken"), (2, "needs-note")),
        (("yank", LINKS, "--reason", "broken", "--note", "x"), (2, "needs-version")),
        (("yank", f"{LINKS}@2.0.0", "--reason", "broken", "--note", "x"), (3, "no-version")),
        (("yank", "@ann/none@1.0.0", "--reason", "broken", "--note", "x"), (3, "no-artifact")),
        (("restore", ONE), (5, "nothing-to-lift")),
        (("restore", ONE, "--event", "3"), (3, "no-event")),
        (("restore", ONE, f"{LINKS}@1.1.0", "--event", "1"), (2, "wrong-usage")),
    ],
)
def test_what_cannot_be_said_is_told(town: Town, args: tuple[str, ...], expected: tuple[int, str]) -> None:
    """A missing or unknown reason lists the reasons; a missing note, version or event says what to add."""
    assert expected == town.ann.refused(*args, "--registry", town.path)
    assert town.ann.error.hint or "no-version" != town.ann.error.code


def test_over_git_the_same_is_pushed(town: Town) -> None:
    """By the address of a git repository a yank is pushed to its branch, and a quarantine to the main line."""
    address = f"file://{town.path}"
    said = town.ann.json("yank", ONE, "--reason", "broken", *SAID, "--registry", address)
    town.approve(said["submission"])
    landed = town.moderator.json("quarantine", ONE, "--reason", "reported", *SAID, "--registry", address)

    assert (town.head(), "quarantined") == (landed["commit"], town.status())


def test_withheld_files_can_be_deleted_and_history_goes_on(town: Town, tmp_path: Path) -> None:
    """With git alone the files are deleted after a withholding; build, clone and verification go on without them."""
    town.publish(town.ann, "ann", LINKS, "1.1.0")
    town.moderator.run("withhold", ONE, "--reason", "secrets", *SAID, "--registry", town.path)
    work = tmp_path / "work"
    subprocess.run(["git", "clone", "-q", "-b", "main", town.path, str(work)], check=True)
    gone = [
        path
        for path in (work / "index/releases").rglob("*")
        if path.is_file() and path.read_bytes() == SKILL + b"1.0.0"
    ]
    subprocess.run(["git", "-C", str(work), "rm", "-q", *map(str, gone)], check=True)
    who = ("-c", "user.name=op", "-c", "user.email=op@example.org")
    subprocess.run(["git", "-C", str(work), *who, "commit", "-q", "-m", "gone"], check=True)
    subprocess.run(["git", "-C", str(work), "push", "-q", "origin", "HEAD:main"], check=True)

    assert 1 == len(gone)
    assert ["withheld", "active"] == [town.status(one) for one in ("1.0.0", "1.1.0")]
    town.eve.run("add", str(work), "--root", town.id)
    assert 2 == town.eve.json("verify", str(work))["verified"]["releases"]
    assert (4, "withheld") == town.eve.refused("install", ONE, "--yes")
    assert "withheld" == town.eve.json("show", ONE)["status"]
    assert (5, "files-gone") == town.moderator.refused("restore", ONE, "--registry", town.path)
    town.publish(town.ann, "ann", LINKS, "1.2.0")
    assert "active" == town.status("1.2.0")
