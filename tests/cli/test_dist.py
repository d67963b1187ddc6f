"""`registry dist`: the branch that agents' own tools install from, here and at another place."""

import subprocess
from pathlib import Path

import pytest

from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk
from tests.cli.test_operator import tree_of

pytestmark = pytest.mark.slow

SKILL = {"SKILL.md": b"---\nname: one\ndescription: Finds things. Use it to find things.\nlicense: MIT\n---\n\nLook.\n"}
REG = ("--registry", "reg")


@pytest.fixture
def town(founded: Desk) -> Desk:
    """A registry with one skill."""
    admitted(founded, "1.0.0")
    return founded


def admitted(desk: Desk, version: str) -> None:
    folder = desk.put("skill", {**SKILL, "notes.md": version.encode()})
    line = ("publish", folder, "--id", "@ann/one", "--version", version, "--as", "ann", *REG, "--yes")
    desk.run("queue", "approve", desk.json(*line)["submission"], *REG, "--note", "read it")


def branch(desk: Desk, name: str = "dist", where: str = "reg") -> str | None:
    return GitHistory.open(desk.work / where).resolve(f"refs/heads/{name}")


def test_it_is_made_once_and_replaced_when_something_changed(town: Desk) -> None:
    """Twice the same is no work; the next release replaces the commit, which has no past."""
    first = town.json("dist", *REG)["dist"]
    words = town.run("dist", *REG)
    again = town.json("dist", *REG)["dist"]
    admitted(town, "1.1.0")
    said = town.run("dist", *REG)
    head = branch(town) or ""
    history = GitHistory.open(town.work / "reg")

    assert ("", True, 1, 0) == tuple(first[key] for key in ("before", "changed", "skills", "plugins"))
    assert (first["commit"], False) == (again["commit"], again["changed"])
    assert "Nothing changed: the branch dist of" in words
    assert f"as {head[:12]}." in said
    assert (first["commit"] != head, ()) == (True, history.info(head).parents)
    assert b"1.1.0" == history.tree(head).read("skills/one/notes.md")


def test_a_dry_run_says_the_commit_and_makes_none(town: Desk) -> None:
    """The same id as the real one, and not a byte in the repository."""
    before = tree_of(town.work / "reg")
    words = town.run("dist", *REG, "--dry-run")
    value = town.json("dist", *REG, "--dry-run")["dist"]
    after = tree_of(town.work / "reg")

    assert before == after
    assert "Would put 1 skill and 0 servers in " in words
    assert value["commit"] == town.json("dist", *REG)["dist"]["commit"]


def test_a_clone_gives_the_same_commit(town: Desk) -> None:
    """Anybody can make the branch again and compare."""
    subprocess.run(["git", "clone", "--quiet", "reg", "clone"], cwd=town.work, check=True)

    assert town.json("dist", *REG)["dist"]["commit"] == town.json("dist", "--registry", "clone")["dist"]["commit"]


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("main", (2, "bad-branch")),
        ("submit/x", (2, "bad-branch")),
        ("work", (5, "other-branch")),
        ("-x", (1, "bad-branch")),
    ],
)
def test_no_other_branch_is_overwritten(town: Desk, name: str, refused: tuple[int, str]) -> None:
    """Not the registry's own ones, and none that holds something else."""
    history = GitHistory.open(town.work / "reg")
    work = history.commit({"a": b"a"}, onto=None, message="Mine", author="Ann <ann@example.org>", at=1)
    history.move("work", old=None, new=work)

    assert refused == town.refused("dist", *REG, f"--branch={name}")
    assert work == branch(town, "work")


@pytest.fixture
def bare(town: Desk) -> Path:
    """A bare copy of the registry somewhere else."""
    subprocess.run(["git", "clone", "--quiet", "--bare", "reg", "far.git"], cwd=town.work, check=True)
    return town.work / "far.git"


def test_it_is_pushed_instead_where_that_is_asked_for(town: Desk, bare: Path) -> None:
    """A new branch, the same one again, and the next one in its place; here nothing moves."""
    to = f"--push={bare.as_uri()}"
    dry = town.json("dist", *REG, to, "--dry-run")["dist"]
    nothing = branch(town, where="far.git")
    first = town.json("dist", *REG, to)["dist"]
    again = town.json("dist", *REG, to)["dist"]
    admitted(town, "1.1.0")
    third = town.json("dist", *REG, to)["dist"]

    assert (None, dry["commit"], True) == (nothing, first["commit"], first["pushed"])
    assert (first["commit"], False) == (again["before"], again["changed"])
    assert (first["commit"], third["commit"]) == (third["before"], branch(town, where="far.git"))
    assert branch(town) is None


def test_a_branch_there_that_holds_something_else_is_left_alone(town: Desk, bare: Path) -> None:
    """As here."""
    history = GitHistory.open(bare)
    theirs = history.commit({"a": b"a"}, onto=None, message="Mine", author="Ann <ann@example.org>", at=1)
    history.move("dist", old=None, new=theirs)

    assert (5, "other-branch") == town.refused("dist", *REG, f"--push={bare.as_uri()}")
    assert theirs == branch(town, where="far.git")


def test_without_an_address_it_goes_where_the_registry_says(town: Desk, bare: Path) -> None:
    """`git:` of its table; a registry that says none is told to."""
    refused = town.refused("dist", *REG, "--push")
    table = town.work / "reg/index/registry.yaml"
    table.write_text(table.read_text().replace("git: ''", f"git: {bare.as_uri()}"))
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", "-C", "reg", *who, "commit", "--quiet", "-am", "Say where"], cwd=town.work, check=True)
    value = town.json("dist", *REG, "--push")["dist"]

    assert (2, "no-git-address") == refused
    assert value["commit"] == branch(town, where="far.git")


def test_an_address_where_nothing_is_says_so(town: Desk) -> None:
    """It is not taken for a branch that is not there yet."""
    assert (3, "no-repository") == town.refused("dist", *REG, f"--push={(town.work / 'none.git').as_uri()}")
