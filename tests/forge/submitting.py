"""A registry in a forge, and people with their own machines who submit to it."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.cli.desk import Desk
from tests.forge.forges import account_of
from tests.forge.github_fake import GitHub
from tests.forge.github_things import Pull, Repository


class Place:
    """A registry in a forge, and people with their own machines."""

    def __init__(self, github: GitHub, folder: Path) -> None:
        self.github, self.folder = github, folder
        self.moderator = Desk(folder / "moderator")
        bare = folder / "reg.git"
        self.id = self.moderator.json("init", str(bare), "--bare", "--yes")["registry"]
        self.repository = github.things.repository(github.things.account("org", kind="Organization"), "reg", bare=bare)
        self.at = ("--registry", github.git(self.repository))
        self.here = ("--registry", str(bare))

    def desk(self, name: str, env: Mapping[str, str]) -> Desk:
        """Somebody's machine, with an environment."""
        desk = Desk(self.folder / name)
        desk.world = replace(desk.world, env={**desk.world.env, **env})
        return desk

    def author(self, name: str, *, api: str = "", token: bool = True) -> Desk:
        """An author with an account, and a skill of theirs in `skill`."""
        account_of(self.github, name)
        desk = self.desk(name, self.github.env(name if token else None, api=api))
        if not (desk.work / "skill").is_dir():
            desk.run("skill", "create", f"@{name}/one", "skill")
        return desk

    def publish(self, desk: Desk, name: str) -> Any:  # Any: JSON
        """What `publish` says."""
        return desk.json("publish", "skill", "--as", name, *self.at, "--yes")

    def fork_of(self, name: str) -> Repository:
        """Somebody's fork."""
        (found,) = [
            one for one in self.github.things.repositories if one.parent is self.repository and one.owner.login == name
        ]
        return found

    def opened(self, name: str = "ann") -> Pull:
        """The pull request of an author's skill."""
        self.publish(self.author(name), name)
        return self.github.things.pulls[-1]

    def job(self, name: str = "job") -> Desk:
        """A job of the registry with its token, and all of the registry and of its pull requests in `registry.git`."""
        self.github.jobs = self.repository
        desk = self.desk(name, {**self.github.env(job=True), "GITHUB_REPOSITORY": self.repository.full_name})
        git = ["git", "-C", str(desk.work / "registry.git")]
        if not (desk.work / "registry.git").is_dir():
            command = [
                "git",
                "clone",
                "--quiet",
                "--bare",
                str(self.repository.folder),
                str(desk.work / "registry.git"),
            ]
            subprocess.run(command, check=True, timeout=60)
        self.github.things.refresh()
        fetch = [
            "fetch",
            "--quiet",
            str(self.repository.folder),
            "+refs/pull/*:refs/pull/*",
            "+refs/heads/*:refs/heads/*",
        ]
        subprocess.run([*git, *fetch], check=True, timeout=60)
        return desk
