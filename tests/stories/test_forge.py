"""The same life in a forge, by reviews alone: no moderator has a key, the gate signs what they said (B2, M9)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.tree import walk
from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk
from tests.forge.forges import account_of
from tests.forge.github_fake import GitHub
from tests.forge.github_things import Pull

pytestmark = [pytest.mark.slow, pytest.mark.network]

TEXT = "---\nname: one\ndescription: Finds broken links. Use it after a move.\nlicense: MIT\n---\n\nLook at them.\n"
LICENSE = b"MIT License\n\nPermission is hereby granted.\n"
DAY = 86_400


class Forge:
    """A registry at a forge, its gate's job, ann with a fork, and two people who review."""

    def __init__(self, github: GitHub, api: str, folder: Path) -> None:
        self.github, self.api, self.folder = github, api, folder
        self.now = github.things.begins + 100_000
        self.job = self.desk("job", github.env(job=True, api=api))
        bare = folder / "reg.git"
        options = ("--bare", "--bins", "8", "--template", "community", "--yes")
        self.id = self.job.json("init", str(bare), *options)["registry"]
        owner = github.things.account("org", kind="Organization")
        self.repository = github.things.repository(owner, "reg", bare=bare)
        github.jobs = self.repository
        self.at = ("--registry", github.git(self.repository))
        for person in ("mod1", "mod2"):
            account = account_of(github, person)
            self.job.run("moderators", "account", person, person, "--number", str(account.id), *self.at, "--yes")
        self.job.run("policy", "set", "--new-name", "2", *self.at, "--yes")
        account_of(github, "ann")
        self.ann = self.desk("ann", github.env("ann", api=api))

    def desk(self, name: str, env: dict[str, str]) -> Desk:
        """Somebody's machine, by the clock of this story."""
        desk = Desk(self.folder / name)
        desk.world = replace(desk.world, env={**desk.world.env, **env}, now=self.clock)
        return desk

    def clock(self) -> int:
        """A second later each time somebody looks, also at the forge."""
        self.now += 1
        self.github.things.begins = self.now - 1000
        return self.now

    def publish(self, version: str, files: dict[str, bytes], *more: str) -> Pull:
        """Ann publishes; her pull request."""
        folder = self.ann.put(f"one-{version}", files)
        line = ("publish", folder, "--id", "@ann/one", "--version", version, "--as", "ann", *more)
        self.ann.run(*line, *self.at, "--yes")
        return self.github.things.pulls[-1]

    def review(self, who: str, pull: Pull, state: str, text: str = "") -> None:
        """Somebody reviews in the forge, with nothing but a browser."""
        self.clock()
        self.github.things.review(pull, account_of(self.github, who), state, text)

    def admit(self) -> dict[str, Any]:
        """What the gate's job says of the one that waits."""
        self.clock()
        (row,) = self.job.json("admit", *self.at)["submissions"]
        return dict(row)

    def said(self) -> list[str]:
        """The records of what was said about submissions, one path each."""
        history = GitHistory.open(self.repository.folder)
        tree = history.tree(history.resolve("main") or "")
        return [path for path, _ in walk(tree, "index/moderation")]


def skill(text: str = TEXT) -> dict[str, bytes]:
    return {"SKILL.md": text.encode(), "LICENSE": LICENSE}


@pytest.fixture
def forge(github: GitHub, described_api: str, tmp_path: Path) -> Forge:
    return Forge(github, described_api, tmp_path)


def test_a_registry_lives_by_reviews_alone(forge: Forge) -> None:
    """Rejected with a reason, mended, approved by two, published; alone, by a person, flagged; taken down."""
    # Rejected: the words are the review's, the signature is the gate's, and ann reads them.
    first = forge.publish("1.0.0", {"SKILL.md": TEXT.encode()})
    forge.review("mod1", first, "CHANGES_REQUESTED", "reject incomplete: it has no licence text")
    assert "rejected" == forge.admit()["state"]
    (told,) = forge.ann.json("status")
    assert ("rejected", "incomplete") == (told["state"], told["reason"])
    assert "it has no licence text" in told["note"]

    # Mended: two people and three days.
    second = forge.publish("1.0.0", skill())
    for who in ("mod1", "mod2"):
        forge.review(who, second, "APPROVED")
    assert "waits" == forge.admit()["state"]
    forge.now += 3 * DAY
    landed = forge.admit()
    assert ("published", "person") == (landed["state"], landed["path"])
    assert not second.opened

    # Her first publish listed her account, by its number: her update that asks for nothing new goes alone.
    forge.publish("1.1.0", skill(f"{TEXT}\nAnd again.\n"))
    assert "waits" == forge.admit()["state"]
    forge.now += 601
    alone = forge.admit()
    assert ("published", "owner") == (alone["state"], alone["path"])

    # One that may do more waits for somebody, and says for what; whoever is not listed counts for nothing.
    more = forge.publish("1.2.0", skill(), "--permission", "network:docs.example.org")
    forge.review("stranger", more, "APPROVED")
    forge.now += DAY
    left = forge.admit()
    assert "waits" == left["state"]
    assert "docs.example.org" in json.dumps(left)
    forge.review("mod2", more, "APPROVED")
    assert "published" == forge.admit()["state"]

    # Flagged: it stays.
    odd = forge.publish("1.3.0", skill(f"{TEXT}\nOnce more.\n"), "--permission", "network:docs.example.org")
    forge.review("mod1", odd, "CHANGES_REQUESTED", "flag other: was this ann?")
    assert "flagged" == forge.admit()["state"]
    said = forge.said()
    forge.now += DAY
    left = forge.admit()
    assert ("waits", said) == (left["state"], forge.said())
    assert "flagged" == forge.ann.json("status")[-1]["state"]

    # Every record can be verified from a clone, and names the reviews by account number.
    record = Desk(forge.folder / "person").run("verify", str(forge.repository.folder), "--all")
    assert str(account_of(forge.github, "mod2").id) in record
