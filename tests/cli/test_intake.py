"""`publish --pack` and `intake --from-file`: a submission that travels as a file."""

from pathlib import Path

import pytest

from registry_tool.core.errors import WrongUsage
from registry_tool.core.packed import unpack_submission
from registry_tool.services.intake import Asked, parse_asked
from tests.cli.desk import SKILL, Desk

pytestmark = pytest.mark.slow

FOLDER = {**SKILL, "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.0.0\n"}


@pytest.fixture
def packed(founded: Desk) -> Path:
    """A first submission of ann's, packed."""
    folder = founded.put("pdf", FOLDER)
    line = ("publish", folder, "--as", "ann", "--registry", "reg", "--yes", "--pack", "release.tar")
    found = founded.json(*line)
    assert str(founded.work / "release.tar") == found["file"]
    return founded.work / "release.tar"


def test_a_packed_release_is_not_sent(founded: Desk, packed: Path) -> None:
    """It holds the release and the statements that come with it, and nothing waits in the registry."""
    names = {path.split("/")[1] for path in unpack_submission(packed.read_bytes())}

    assert {"authors", "releases", "scopes"} == names
    assert [] == founded.json("queue", "list", "--registry", "reg")
    assert [] == founded.json("status")


def test_the_same_folder_is_packed_into_the_same_bytes(founded: Desk, packed: Path) -> None:
    """Keys sign the same bytes in the same way, and no time or machine is in the file."""
    folder = founded.put("elsewhere/pdf", FOLDER)
    line = ("publish", folder, "--as", "ann", "--registry", "reg", "--yes")
    said = founded.run(*line, "--pack", "again.tar")

    assert packed.read_bytes() == (founded.work / "again.tar").read_bytes()
    assert "Packed @ann/pdf 1.0.0 into" in said
    assert "nothing was sent" in said


def test_a_file_that_is_there_is_never_written_over(founded: Desk, packed: Path) -> None:
    """Nothing is signed either; and a dry run writes no file."""
    line = ("publish", founded.put("pdf", FOLDER), "--as", "ann", "--registry", "reg", "--yes", "--pack")

    assert (5, "exists") == founded.refused(*line, str(packed))
    assert (3, "no-folder") == founded.refused(*line, "no/release.tar")
    assert "Would pack" in founded.run(*line, "dry.tar", "--dry-run")
    assert not (founded.work / "dry.tar").exists()


def test_a_packed_release_is_taken_in_once(founded: Desk, packed: Path) -> None:
    """It waits like any submission; taken again it waits as before; approved, all of it is published."""
    line = ("intake", "--from-file", "release.tar", "--registry", "reg")
    (tried,) = founded.json(*line, "--dry-run")["taken"]
    assert ("submitted", "") == (tried["state"], tried["commit"])
    assert "would wait as" in founded.run(*line, "--dry-run")

    assert "a moderator decides" in founded.run(*line)
    (row,) = founded.json(*line)["taken"]
    assert ("waits", "", tried["submission"]) == (row["state"], row["pull_request"], row["submission"])
    assert "waits already as" in founded.run(*line)
    (waiting,) = founded.json("queue", "list", "--registry", "reg")
    assert (row["submission"], "ann") == (waiting["id"], waiting["author"])
    founded.run("queue", "approve", row["submission"][:12], "--registry", "reg")

    assert "is published already" in founded.run(*line)


def test_a_packed_release_passes_the_checks_of_everybody(founded: Desk, packed: Path) -> None:
    """A file with other bytes, or of another registry, is refused with the findings, and nothing waits."""
    data = packed.read_bytes()
    (founded.work / "other.tar").write_bytes(data.replace(b"Read it.", b"Ruin it."))
    (founded.work / "none.tar").write_bytes(b"no tar")
    founded.run("init", "second", "--bins", "8", "--yes")

    assert (1, "checks-failed") == founded.refused("intake", "--from-file", "other.tar", "--registry", "reg")
    assert (1, "checks-failed") == founded.refused("intake", "--from-file", "release.tar", "--registry", "second")
    assert (1, "bad-release-file") == founded.refused("intake", "--from-file", "none.tar", "--registry", "reg")
    assert (3, "no-file") == founded.refused("intake", "--from-file", "nowhere.tar", "--registry", "reg")
    assert [] == founded.json("queue", "list", "--registry", "reg")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ((), "missing-release"),
        (("a/b@v1", "--all"), "missing-release"),
        (("--from-file", "x", "--all"), "missing-release"),
        (("a/b@v1",), "no-forge"),
        (("a/b@v1@v2", "--dry-run"), "bad-release-name"),
    ],
)
def test_one_thing_is_taken_in_and_from_somewhere(founded: Desk, line: tuple[str, ...], expected: str) -> None:
    """Nothing, or two things, or a release where there is no forge, is wrong usage."""
    assert (2, expected) == founded.refused("intake", *line, "--registry", "reg")


def test_without_sources_all_is_nothing(founded: Desk) -> None:
    """A registry that names no sources takes nothing in by itself, and asks no forge for it."""
    assert [] == founded.json("intake", "--all", "--registry", "reg")["taken"]
    assert "index/sources.yaml names nothing." in founded.run("intake", "--all", "--registry", "reg")


@pytest.mark.parametrize("text", ["acme/solar@v1.0.0", "a/b.c_d-e@release/2026+1", "A1/B@x"])
def test_a_release_is_named_by_repository_and_tag(text: str) -> None:
    """Owner, name and tag are taken as they are written."""
    name, _, tag = text.partition("@")

    assert Asked(name, tag) == parse_asked(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "acme/solar",
        "acme/solar@",
        "@v1",
        "acme@v1",
        "acme/solar/more@v1",
        "../solar@v1",
        "acme/..@v1",
        "acme/solar@../../v1",
        "acme/solar@a//b",
        "acme/solar@v1\n",
        "acme/solar@v1 --all",
        "acme/solar@$(id)",
        "acme/solar@`id`",
        "acme/solar@v1;id",
        "acme/solar@-v1",
        "-acme/solar@v1",
        "https://forge.example/acme/solar@v1",
        "acme/solar@\u202ev1",
        "acmé/solar@v1",
        "a" * 300 + "/b@v1",
        "a/b@" + "v" * 300,
        "acme/solar@v1@v2",
    ],
)
def test_a_hostile_name_is_refused(text: str) -> None:
    """What a form holds that anybody fills is nothing but a repository and a tag."""
    with pytest.raises(WrongUsage) as refused:
        parse_asked(text)

    assert ("bad-release-name", True) == (refused.value.code, len(refused.value.message) < 200)
