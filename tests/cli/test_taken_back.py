"""What a thief said with somebody's key, and how people are rid of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.errors import NotTrusted
from tests.cli.desk import Desk
from tests.cli.people import Town
from tests.cli.test_keys import active
from tests.cli.test_moderators import reference, three

pytestmark = pytest.mark.slow

ONE = "@ann/one@1.0.0"
MALWARE = ("--reason", "suspected-malware", "--note", "mine now")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A bare registry with ann's first release, and one moderator."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    return town


class Reader:
    """Somebody who installed it and looks every day."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.desk = Desk(town.folder / "reader")
        self.desk.world = replace(self.desk.world, now=town.clock)
        self.desk.run("add", town.where, "--root", town.id)
        self.desk.run("install", ONE, "--registry", town.where, "--yes")

    def audits(self) -> int:
        """The exit code."""
        try:
            self.desk.run("audit")
        except NotTrusted as error:
            return error.exit_code
        return self.desk.code


def says(town: Town, who: str, *line: str) -> Any:  # Any: JSON
    """What a verb that asks nobody gives somebody."""
    return town.desk(who).json(*line, "--registry", town.where)


def published(town: Town) -> tuple[Any, int]:  # Any: JSON
    """The status of 1.0.0 in a new build's record, and how many events it has."""
    town.desk("mod").run("build", "--registry", town.where, "--out", "site", "--unsigned")
    folder = town.desk("mod").work / "site"
    record = json.loads((folder / "index/an/ann/one.json").read_bytes())["versions"]["1.0.0"]
    return record["status"], len(record["events"])


def test_a_thief_who_quarantines_cannot_keep_the_key(town: Town) -> None:
    """Revoking back to the theft lists what falls with the command that says it again; then everything agrees."""
    three(town)
    reader = Reader(town)
    since = town.time
    says(town, "zoe", "quarantine", ONE, *MALWARE)
    stolen = reader.audits(), town.installs("1.0.0"), published(town)
    line = ("moderators", "revoke", reference(town, "zoe"), "--since", since, "--reason", "stolen")
    told = town("mod", *line, "--registry", town.where, "--dry-run")
    first = town.at("mod", *line)
    town.at("eva", "moderators", "sign")

    assert f"registry quarantine {ONE} --reason suspected-malware" in told
    assert ([f"{ONE} event 1"], []) == ([one["event"] for one in first["events_fall"]], first["events_stand"])
    assert (4, 4, ("quarantined", 1)) == stolen
    assert (0, 0, ("active", 1)) == (reader.audits(), town.installs("1.0.0"), published(town))
    assert (5, "nothing-to-lift") == town.desk("eva").refused("restore", ONE, "--registry", town.where)
    says(town, "eva", "quarantine", ONE, "--reason", "suspected-malware", "--note", "really")
    assert (4, ("quarantined", 2)) == (reader.audits(), published(town))


def test_a_thief_who_yanks_cannot_keep_the_key(town: Town) -> None:
    """The author rotated first; revoking the old key afterwards takes the yank back, once a moderator agrees."""
    since = town.time
    stolen = active(town, "ann", "signing")
    town.admit(says(town, "ann", "yank", ONE, "--reason", "broken", "--note", "mine now")["submission"])
    town.admit(town.at("ann", "keys", "rotate", "--as", "ann")["submission"])
    line = ("keys", "revoke", stolen, "--since", since, "--reason", "stolen", "--as", "ann")
    told = town("ann", *line, "--registry", town.where, "--dry-run")
    before = town.installs("1.0.0")
    town.admit(town.at("ann", *line)["submission"])

    assert f"registry yank {ONE} --reason broken --note …" in told
    assert told.endswith("Nothing was written.\n")
    assert (5, 0, ("active", 1)) == (before, town.installs("1.0.0"), published(town))
