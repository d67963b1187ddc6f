"""Several people at their own machines, one registry between them, and a clock that all of them share."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from registry_tool.core.times import from_seconds
from registry_tool.wiring import World
from tests.cli.desk import Desk

START = 1_800_000_000
SITE_SKILL = b"---\nname: one\ndescription: Finds things. Use it to find things.\n---\n\nLook.\n"


class Town:
    """A bare registry `reg.git` and the people around it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.where = str(folder / "reg.git")
        self._desks: dict[str, Desk] = {}
        self.id: str = self.desk("mod").json("init", self.where, "--bare", "--yes")["registry"]

    def desk(self, name: str) -> Desk:
        """Somebody's machine."""
        if name not in self._desks:
            desk = Desk(self.folder / name)
            desk.world = replace(desk.world, now=self.clock)
            self._desks[name] = desk
        return self._desks[name]

    def clock(self) -> int:
        """A second later each time somebody looks."""
        self.now += 1
        return self.now

    @property
    def time(self) -> str:
        """Now, as documents write it."""
        return from_seconds(self.clock())

    def __call__(self, name: str, *line: str) -> str:
        """What a verb says to somebody."""
        return self.desk(name).run(*line)

    def at(self, name: str, *line: str) -> Any:  # Any: JSON
        """What a verb on the registry gives somebody, without asking."""
        yes = () if line[:2] in (("keys", "list"), ("queue", "list"), ("moderators", "key")) else ("--yes",)
        return self.desk(name).json(*line, "--registry", self.where, *yes)

    def refused(self, name: str, *line: str) -> tuple[int, str]:
        """How a verb on the registry is refused."""
        return self.desk(name).refused(*line, "--registry", self.where, "--yes")

    def world(self, name: str) -> World:
        """Somebody's world."""
        return self.desk(name).world

    def publish(self, who: str, version: str, *, author: str = "", admit: bool = True) -> Any:  # Any: JSON
        """Somebody publishes the next version of their skill, as `author` where that is not their own name."""
        author = author or who
        folder = self.desk(who).put(
            "skill", {"SKILL.md": SITE_SKILL + version.encode(), "artifact.yaml": b"license: MIT\n"}
        )
        made = self.at(who, "publish", folder, "--id", f"@{author}/one", "--version", version, "--as", author)
        if admit:
            self.admit(made["submission"])
        return made

    def admit(self, submission: str, *, by: str = "mod") -> Any:  # Any: JSON
        """A moderator approves."""
        return self.at(by, "queue", "approve", submission)

    def installs(self, version: str, *, author: str = "ann") -> int:
        """The exit code of a stranger's install of a version."""
        desk = Desk(self.folder / f"stranger-{self.clock()}")
        desk.world = replace(desk.world, now=self.clock)
        desk.run("add", self.where, "--root", self.id)
        name = f"@{author}/one@{version}"
        try:
            desk.run("install", name, "--registry", self.where, "--project", str(desk.work), "--yes")
        except Exception as error:  # noqa: BLE001  # an exit code is what is asked for
            return int(getattr(error, "exit_code", 70))
        return desk.code
