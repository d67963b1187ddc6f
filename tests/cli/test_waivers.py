"""`waiver grant` and `waiver list`: what a moderator types, and what everybody reads."""

from pathlib import Path

import pytest

from registry_tool.core.errors import Interrupted
from registry_tool.core.times import from_seconds
from tests.cli.desk import Desk
from tests.cli.operating import later

DAY = 86_400
SKILL = b"---\nname: one\ndescription: Finds things. Use it to find things.\nlicense: MIT\n---\n\nLook.\n"
LOOKS_SO = b'password = "kX9#mQ2vLp7Zr4Wt"\n'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A moderator with a registry in which a skill waits that looks as if it held a password."""
    desk = Desk(tmp_path, answers="n\n")
    desk.json("init", "reg", "--yes")
    folder = desk.put("one", {"SKILL.md": SKILL, "LICENSE": b"MIT License\n", "notes.txt": LOOKS_SO})
    desk.json("publish", folder, "--id", "@ann/one", "--version", "1.0.0", "--as", "ann", "--registry", "reg", "--yes")
    return desk


def grant(desk: Desk, *more: str) -> tuple[str, ...]:
    """The words of a grant for a month."""
    until = from_seconds(desk.world.now() + 30 * DAY)
    return (
        "waiver",
        "grant",
        "secrets",
        "@ann/one@1.0.0",
        "--until",
        until,
        "--reason",
        "an example",
        "--registry",
        "reg",
        *more,
    )


def secrets(desk: Desk) -> list[tuple[str, str]]:
    """What the check of secrets says of what waits."""
    (row,) = desk.json("queue", "list", "--registry", "reg")
    found = desk.json("queue", "show", row["id"], "--registry", "reg")["findings"]
    return [(one["level"], one["message"]) for one in found if one["check"] == "secrets"]


def test_a_waiver_is_asked_for_given_and_listed(desk: Desk) -> None:
    """Nothing is written in a dry run or against one's word; then it lands, and the finding is a note."""
    assert [("review", "this looks like a password")] == secrets(desk)
    assert "Would waive secrets for @ann/one@1.0.0 until " in desk.run(*grant(desk, "--dry-run"))
    with pytest.raises(Interrupted):
        desk.run(*grant(desk))
    assert "Nothing is waived.\n" == desk.run("waiver", "list", "--registry", "reg")

    said = desk.run(*grant(desk, "--yes"))
    (row,) = desk.json("waiver", "list", "--registry", "reg")

    assert said.startswith("Waived secrets for @ann/one@1.0.0 until ")
    assert "Publish it with: registry build" in said
    assert ("secrets", "@ann/one", "1.0.0", "an example", "") == tuple(
        row[name] for name in ("check", "artifact", "version", "reason", "fault")
    )
    assert [("note", True)] == [
        (level, "'an example'; it was: this looks like" in words) for level, words in secrets(desk)
    ]
    assert f"{row['id']}  @ann/one@1.0.0  until {row['until']}, by " in desk.run("waiver", "list", "--registry", "reg")


def test_a_registry_with_a_waiver_is_built_and_verified(desk: Desk) -> None:
    """The build and a verification of everything take the file."""
    desk.json(*grant(desk, "--yes"))
    (row,) = desk.json("queue", "list", "--registry", "reg")
    desk.json("queue", "approve", row["id"], "--registry", "reg")
    desk.json("build", "--registry", "reg", "--out", "site")

    assert (desk.work / "site/chains/registry.json").is_file()


def test_one_that_does_not_count_is_listed_with_why(desk: Desk) -> None:
    """A waiver that ended says so in the list; the words of a check that cannot be waived name those that can."""
    desk.json(*grant(desk, "--yes"))
    later(desk, 60)

    assert "does not count: it ended at " in desk.run("waiver", "list", "--registry", "reg")
    assert (2, "bad-check") == desk.refused("waiver", "grant", "signature", *grant(desk)[3:], "--yes")
    assert "secrets" in desk.error.hint
