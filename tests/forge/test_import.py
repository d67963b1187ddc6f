"""Importing whole repositories, and handing them over to who can write there (B15)."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.stores.git import GitHistory
from tests.cli.desk import Desk
from tests.forge.github_fake import GitHub
from tests.forge.github_things import Repository

pytestmark = pytest.mark.slow

LINE = ("--as", "importer", "--scope", "acme", "--registry", "reg", "--yes")


def a_skill(name: str) -> bytes:
    return f"---\nname: {name}\ndescription: Does {name}.\nlicense: MIT\n---\nDo it.\n".encode()


def pushed(repository: Repository, files: dict[str, bytes], executable: frozenset[str] = frozenset()) -> str:
    """The next commit of a repository's main branch."""
    history = GitHistory.open(repository.folder)
    old = history.resolve("main")
    author, at = "ann <ann@x>", int(time.time())
    new = history.commit(files, onto=old, message="More\n", author=author, at=at, executable=executable)
    history.move("main", old=old, new=new)
    return new


@pytest.fixture
def importer(tmp_path: Path, github: GitHub) -> Desk:
    """Somebody with a registry `reg`, who reaches the forge."""
    desk = Desk(tmp_path / "importer")
    desk.world = replace(desk.world, env={**desk.world.env, **github.env()})
    desk.run("init", "reg", "--bins", "8", "--yes")
    return desk


@pytest.fixture
def skills(github: GitHub) -> Repository:
    """A repository of acme's with two skills, and other things."""
    made = github.things.repository(github.things.account("acme"), "skills")
    files = {"README.md": b"# Skills\n", "skills/pdf/SKILL.md": a_skill("pdf"), "skills/web/SKILL.md": a_skill("web")}
    pushed(made, {**files, "skills/web/scripts/get.sh": b"#!/bin/sh\n"}, frozenset({"skills/web/scripts/get.sh"}))
    return made


def approve(desk: Desk) -> None:
    for one in desk.json("queue", "list", "--registry", "reg"):
        desk.run("queue", "approve", one["id"][:12], "--registry", "reg")


def listed(desk: Desk, *addresses: str) -> Any:
    (desk.work / "list.txt").write_text("\n".join(addresses))
    return desk.json("import", "list.txt", *LINE)


def test_a_repository_is_read_without_being_checked_out(importer: Desk, github: GitHub, skills: Repository) -> None:
    """Each folder that is something becomes a release that says the repository, its number and the folder."""
    address = github.git(skills).removesuffix(".git")
    missing = address.replace("skills", "nowhere")
    value = listed(importer, address, missing, github.git(github.things.repository(skills.owner, "empty")))

    expected = [(f"@acme/{name}", f"{address}, repository {skills.id}, skills/{name}") for name in ("pdf", "web")]
    assert expected == [(one["artifact"], one["from"]) for one in value["taken"]]
    assert [missing, missing.replace("nowhere", "empty")] == [one["name"] for one in value["refused"]]
    approve(importer)
    root = importer.json("trust", "status", "--registry", "reg")["registry"]
    importer.run("add", "reg", "--root", root, "--name", "reg")
    shown = importer.json("show", "@acme/web", "--registry", "reg")
    assert ["SKILL.md", "scripts/get.sh"] == [one["path"] for one in shown["files"]]
    assert [] == list(importer.folder.rglob("get.sh"))


def test_one_repository_is_imported_by_its_address(importer: Desk, github: GitHub, skills: Repository) -> None:
    """An address of git is a catalogue of itself; one in which nothing says what it is is told."""
    value = importer.json("import", github.git(skills), *LINE)
    assert ["@acme/pdf", "@acme/web"] == [one["artifact"] for one in value["taken"]]
    plain = github.things.repository(skills.owner, "plain")
    pushed(plain, {"README.md": b"# Nothing\n"})

    assert (1, "nothing-to-import") == importer.refused("import", github.git(plain), *LINE)
    assert "nothing in it says what it is" == importer.error.findings[0].message


def test_the_owner_of_a_repository_takes_it_over(
    importer: Desk, github: GitHub, skills: Repository, tmp_path: Path
) -> None:
    """A file on its main branch names registry and author; who took the name of the repository since is refused."""
    address = github.git(skills)
    importer.json("import", address, *LINE)
    approve(importer)
    owner = Desk(tmp_path / "owner")
    reg = str(importer.work / "reg")
    card = b"id: '@ann/own'\nversion: 1.0.0\n"
    folder = owner.put("own", {"SKILL.md": a_skill("own"), "artifact.yaml": card})
    owner.run("publish", folder, "--as", "ann", "--registry", reg, "--yes")
    approve(importer)
    root = importer.json("trust", "status", "--registry", "reg")["registry"]
    claim = ("import", "claim", "@acme", "ann", "--repository", address, "--as", "importer", "--registry", "reg")

    assert (3, "no-claim") == importer.refused(*claim)
    github.things.rename(skills, "moved")
    taker = github.things.repository(skills.owner, "skills")
    github.things.moved.clear()
    proof = json.dumps({"registry": root, "author": "ann"}).encode()
    pushed(taker, {"registry-author.json": proof})
    assert (4, "other-repository") == importer.refused(*claim)
    github.things.remove(taker)
    skills.name = "skills"
    pushed(skills, {"registry-author.json": proof})
    said = importer.run(*claim)
    assert "says that ann is its owner: @acme/pdf, @acme/web." in said

    owner.run("scope", "accept", "@acme", "--as", "ann", "--registry", reg)
    approve(importer)
    mine = owner.put("pdf", {"SKILL.md": a_skill("pdf"), "artifact.yaml": b"id: '@acme/pdf'\nversion: 1.0.0\n"})
    owner.run("publish", mine, "--as", "ann", "--registry", reg, "--yes")
    approve(importer)
    importer.run("add", "reg", "--root", root, "--name", "reg")
    shown = importer.json("show", "@acme/pdf", "--registry", "reg")
    assert ("1.0.0", "ann", False) == (shown["version"], shown["author"], shown["imported"])
