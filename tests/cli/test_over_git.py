"""What moderators do by a git address alone: nobody clones, and everything is pushed."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk
from tests.stores.gitservers import http_backend

pytestmark = pytest.mark.slow

WHY = ("--reason", "reported", "--note", "read this")


class Far:
    """A registry that is reached over smart HTTP, its moderator's machine, and ann's."""

    def __init__(self, folder: Path, address: str) -> None:
        self.path = folder / "base/reg.git"
        self.moderator, self.ann = Desk(folder / "moderator"), Desk(folder / "ann")
        self.moderator.run("init", str(self.path), "--bare", "--name", "Far", "--yes")
        for name, value in (("http.receivepack", "true"), ("uploadpack.allowFilter", "true")):
            subprocess.run(["git", "config", "--file", str(self.path / "config"), name, value], check=True)
        self.where = ("--registry", f"{address}/reg.git")

    def publish(self, name: str) -> str:
        """Submits a skill of ann's; its submission."""
        self.ann.run("skill", "create", f"@ann/{name}")
        said = self.ann.json("publish", name, "--as", "ann", *self.where, "--yes")
        return str(said["submission"])

    def head(self) -> str:
        """The registry's newest commit."""
        return GitHistory.open(self.path).resolve("main") or ""

    def branches(self) -> list[str]:
        """The registry's branches."""
        return list(GitHistory.open(self.path).branches())


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    (tmp_path / "base").mkdir()
    with http_backend(tmp_path / "base") as address:
        yield Far(tmp_path, address)


def test_the_queue_is_read_and_decided_from_afar(far: Far) -> None:
    """Two submissions that grew from one state are listed, shown, approved and rejected; both branches go."""
    first, second = far.publish("one"), far.publish("two")

    waits = far.moderator.json("queue", "list", *far.where)
    assert ({first, second}, {"review"}) == ({one["id"] for one in waits}, {one["verdict"] for one in waits})
    assert "@ann/" in far.moderator.run("queue", "next", *far.where)
    assert "@ann/two" in far.moderator.run("queue", "show", second, *far.where)
    said = far.moderator.run("queue", "approve", first, *far.where)
    assert ("Admitted @ann/one@", True) == (said[:18], "with the next build of the site" in said)
    # The other one grew from a state that is not the newest any more.
    rejected = far.moderator.json("queue", "reject", second, "--note", "no", *far.where)

    assert (far.head(), ["main"]) == (rejected["commit"], far.branches())
    assert ["published", "rejected"] == [one["state"] for one in far.ann.json("status")]


def test_events_and_moderators_are_pushed_too(far: Far) -> None:
    """A quarantine, its lifting, and a person who is let in: each moves the registry's main line, or waits there."""
    far.moderator.run("queue", "approve", far.publish("one"), *far.where)
    held = far.moderator.json("quarantine", "@ann/one", "--all-versions", *WHY, *far.where)
    assert far.head() == held["commit"]
    lifted = far.moderator.json("restore", f"@ann/one@{held['releases'][0]['version']}", *far.where)
    assert far.head() == lifted["commit"]

    key = far.ann.json("moderators", "key", *far.where)["key"]
    far.moderator.run("moderators", "invite", "ann", key, "--author", "ann", *far.where, "--yes")
    assert ["invite/moderators/2", "main"] == far.branches()
    said = far.ann.run("moderators", "sign", *far.where, "--yes")
    assert ("Landed: ", ["main"]) == (said[:8], far.branches())
    assert 2 == len(far.moderator.json("moderators", *far.where)["people"])


def test_a_clone_says_what_has_to_be_sent(far: Far) -> None:
    """After a decision in a clone the words name the push, and once it is sent they do not."""
    submission = far.publish("one")
    clone = far.moderator.work / "clone"
    git = ["git", "-C", str(clone)]
    subprocess.run(["git", "clone", "-q", "-b", "main", str(far.path), str(clone)], check=True)
    assert "Nothing waits in this clone." in far.moderator.run("queue", "list", "--registry", str(clone))
    subprocess.run([*git, "branch", "-q", f"submit/{submission[:12]}", f"origin/submit/{submission[:12]}"], check=True)

    said = far.moderator.run("queue", "approve", submission, "--registry", str(clone))
    assert f"Send it: git -C {clone} push origin main\n" in said
    push = said.partition("Send it: ")[2].partition("\n")[0].split()
    subprocess.run([*push, "-q"], check=True)
    assert far.head() == GitHistory.open(clone).resolve("main")
    said = far.moderator.run("quarantine", "@ann/one", "--all-versions", *WHY, "--registry", str(clone))
    assert "push origin main" in said
