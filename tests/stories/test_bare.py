"""One registry's life in a bare repository with hooks, by the verbs that its people type (M9, B2, B3)."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Desk
from tests.forking import alone
from tests.keyless.instance import GITHUB, WORKFLOW, Instance
from tests.served import Served, served

pytestmark = pytest.mark.slow

TEXT = (
    "---\nname: one\ndescription: Finds broken links. Use it after a move.\nlicense: MIT\n---\n\nLook at each link.\n"
)
LICENSE = b"MIT License\n\nPermission is hereby granted.\n"
JOB = ("--issuer", GITHUB, "--subject", f"https://github.com/{WORKFLOW}", "--repository-id", "42", "--owner-id", "7")
DAY = 86_400


class Story:
    """The registry, and what happened to ann's skill so far."""

    def __init__(self, registry: Served, sigstore: Instance, folder: Path) -> None:
        self.registry, self.sigstore, self.folder = registry, sigstore, folder
        self.config = folder / "sigstore.json"
        self.config.write_bytes(sigstore.trust_config())

    def publish(self, version: str, files: dict[str, bytes], *more: str) -> str:
        """Ann submits a version; the submission."""
        folder = self.registry.desk("ann").put(f"one-{version}", files)
        line = ("publish", folder, "--id", "@ann/one", "--version", version, "--as", "ann")
        return str(self.registry.at("ann", *line, *more)["submission"])

    def twice_signed(self, version: str, text: str = TEXT, *more: str) -> str:
        """The same, by her key and as her CI's job."""
        job = ("--keyless", "--identity-token", self.sigstore.job(), "--trust-config", str(self.config))
        return self.publish(version, skill(f"{text}\nOf {version}.\n"), *job, *more)

    def admit(self) -> dict[str, Any]:
        """What the gate says of the submission that it looks at, on the machine of the repository."""
        (row,) = self.registry.desk("mod").json("admit", "--registry", str(self.registry.path))["submissions"]
        return dict(row)

    def states(self) -> list[str]:
        """What ann sees of her submissions, oldest first."""
        return [one["state"] for one in self.registry.desk("ann").json("status")]


def skill(text: str = TEXT) -> dict[str, bytes]:
    return {"SKILL.md": text.encode(), "LICENSE": LICENSE}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A registry for which two people look at a new name, three days pass, and owners' updates go alone."""
    with (
        Instance() as sigstore,
        served(tmp_path, "--name", "Far", "--bins", "8", "--template", "community", program=alone()) as registry,
    ):
        registry.now = int(time.time()) - 4 * DAY  # what is signed keyless is signed by the clock of this machine
        root = tmp_path / "root.json"
        root.write_bytes(sigstore.trusted_root())
        registry.desk("mod").run(
            "trust", "rotate", "--registry", str(registry.path), "--trusted-root", str(root), "--yes"
        )
        registry.at("mod", "policy", "set", "--mode", "signed", "--new-name", "2")
        key = registry.at("eva", "moderators", "key")["key"]
        registry.at("mod", "moderators", "invite", "eva", key)
        registry.at("eva", "moderators", "sign")
        yield Story(registry, sigstore, tmp_path)


def a_new_name_is_rejected_mended_approved_by_two_and_published_after_its_wait(story: Story) -> None:
    """The author reads why, mends it under the same version, and two people and three days let it in."""
    registry = story.registry
    first = story.publish("1.0.0", {"SKILL.md": TEXT.encode()})
    registry.at("mod", "queue", "reject", first, "--reason", "incomplete", "--note", "it has no licence text")
    (told,) = registry.desk("ann").json("status")

    assert ("rejected", "incomplete", "it has no licence text") == (told["state"], told["reason"], told["note"])

    second = story.publish("1.0.0", skill())
    assert first != second
    assert ["resubmitted", "pending"] == story.states()
    assert "approved" == registry.at("mod", "queue", "approve", second, "--note", "read it")["state"]
    waits = registry.at("eva", "queue", "approve", second, "--note", "so did I")
    assert "approved" == waits["state"]
    assert "waits" == story.admit()["state"]

    registry.later(days=3)
    assert "published" == registry.at("eva", "queue", "approve", second, "--note", "the wait is over")["state"]
    assert ["resubmitted", "published"] == story.states()


def an_update_that_asks_for_nothing_new_goes_alone_after_its_wait(story: Story) -> None:
    """Ann's key and her CI's job sign it, ten minutes pass, and the gate lets it in: nobody had to look."""
    registry = story.registry
    there = ("--registry", registry.http)
    registry.desk("ann").run("scope", "identity", "add", "@ann", *JOB, "--as", "ann", *there)
    (waits,) = registry.at("mod", "queue", "list")
    registry.at("mod", "queue", "approve", waits["id"], "--note", "her CI's job")
    registry.now = int(time.time())
    story.twice_signed("1.1.0")
    before = story.admit()
    registry.later(seconds=601)
    after = story.admit()

    assert "goes through by itself from" in json.dumps(before)
    assert ("waits", "published") == (before["state"], after["state"])
    verified = verified_by_a_stranger(story, "@ann/one@1.1.0")
    assert ("gate", "owner") == (verified["admission"]["by"], verified["admission"]["path"])


def an_update_that_may_do_more_waits_for_a_person_and_says_what(story: Story) -> None:
    """The report names the new permission, the gate leaves it, and a moderator's word lets it in."""
    registry = story.registry
    wanted = story.twice_signed("1.2.0", TEXT, "--permission", "network:docs.example.org")
    registry.later(days=1)
    left = story.admit()
    shown = registry.desk("eva").run("queue", "show", wanted, "--registry", registry.http)
    landed = registry.at("eva", "queue", "approve", wanted, "--note", "it reads its documentation")

    assert "waits" == left["state"]
    assert "docs.example.org" in shown
    assert "waits for one person" in shown
    assert "published" == landed["state"]


def what_is_flagged_does_not_land(story: Story) -> None:
    """A flag stops the gate and says who and why; a person who saw it can go on by naming it."""
    registry = story.registry
    flagged = story.twice_signed("1.2.1", TEXT, "--permission", "network:docs.example.org")
    registry.at("mod", "queue", "flag", flagged, "--reason", "other", "--note", "asked ann whether this was her")
    registry.later(days=1)
    left = story.admit()

    assert "published" != left["state"]
    assert "asked ann whether this was her" in json.dumps(left)
    assert "flagged" == story.states()[-1]
    assert (5, "flagged") == registry.desk("eva").refused(
        "queue", "approve", flagged, "--registry", registry.http, "--yes"
    )

    landed = registry.at("eva", "queue", "approve", flagged, "--despite-flag", "--note", "she said so")
    assert "published" == landed["state"]


def a_take_down_reaches_the_site(story: Story) -> None:
    """A revoked version is gone from what a stranger can install, and the others stay."""
    registry, site = story.registry, story.folder / "site"
    bad = ("@ann/one@1.2.0", "--reason", "malware", "--note", "it sends what it reads")
    registry.desk("mod").run("revoke", *bad, "--registry", registry.http)
    registry.desk("mod").run("build", "--registry", str(registry.path), "--out", str(site))
    stranger = Desk(story.folder / "stranger")
    stranger.world = replace(stranger.world, now=registry.clock)
    stranger.run("add", str(site), "--root", registry.id)

    assert (4, "revoked") == stranger.refused("install", "@ann/one@1.2.0", "--yes")
    assert "1.2.1" == stranger.json("install", "@ann/one", "--yes")["installed"][0]["version"]


def a_clone_alone_says_who_admitted_what(story: Story) -> None:
    """Every record that was written is verified, and each release names its people or its gate."""
    clone = story.registry.clone("clone")
    said = Desk(story.folder / "person").run("verify", str(clone), "--all")

    assert "@ann/one@1.1.0" in said
    assert "gate" in said
    assert "eva" in said


def verified_by_a_stranger(story: Story, name: str) -> dict[str, Any]:
    """What `verify` of a clone of the repository says about a release."""
    stranger = Desk(story.folder / f"looks-{story.registry.clock()}")
    stranger.run("add", str(story.registry.path), "--root", story.registry.id, "--name", "far")
    return dict(stranger.json("verify", name, "--registry", "far")["verified"])


def test_a_registry_lives_in_a_bare_repository(story: Story) -> None:
    """Each step begins where the one before ended, and says what it shows."""
    a_new_name_is_rejected_mended_approved_by_two_and_published_after_its_wait(story)
    an_update_that_asks_for_nothing_new_goes_alone_after_its_wait(story)
    an_update_that_may_do_more_waits_for_a_person_and_says_what(story)
    what_is_flagged_does_not_land(story)
    a_take_down_reaches_the_site(story)
    a_clone_alone_says_who_admitted_what(story)
