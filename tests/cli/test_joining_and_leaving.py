"""A member joins a scope with a signature of their own, publishes there, and leaves."""

from pathlib import Path

import pytest

from tests.cli.people import SITE_SKILL, Town

pytestmark = pytest.mark.slow


def test_a_member_joins_and_leaves_with_their_own_signature(tmp_path: Path) -> None:
    """Invited, accepted, agreed; what they published stays good after they left, and nothing new comes from them."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    town.publish("bob", "1.0.0")
    town.desk("ann").json("scope", "invite", "@ann", "bob", "--as", "ann", "--registry", town.where)
    joined = town.desk("bob").json("scope", "accept", "@ann", "--as", "bob", "--registry", town.where)
    town.admit(joined["submission"])
    folder = town.desk("bob").put("theirs", {"SKILL.md": SITE_SKILL, "artifact.yaml": b"license: MIT\n"})
    line = ("publish", folder, "--id", "@ann/one", "--as", "bob")
    town.admit(town.at("bob", *line, "--version", "1.1.0")["submission"])
    left = town.desk("bob").json("scope", "remove", "@ann", "bob", "--as", "bob", "--registry", town.where)
    landed = town.admit(left["submission"])

    assert ("published", []) == (landed["state"], landed["countersigned"])
    assert [0, 0] == [town.installs(version) for version in ("1.0.0", "1.1.0")]
    assert (4, "not-a-publisher") == town.refused("bob", *line, "--version", "1.2.0")
