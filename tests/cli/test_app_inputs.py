"""What an app asks for when it is installed, updated and removed."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.core.card import Card
from registry_tool.core.payload import PayloadFile
from registry_tool.kinds.app import KIND
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import Desk, added

WIKI = "@ann/wiki"
COMPOSE = """services:
  web:
    image: a/web:1
    user: "1000"
    ports: ["8080:80"]
    environment:
      TZ: ${TZ:-UTC}
      DB_PASSWORD: ${DB_PASSWORD:?the database}
      NOTE: ${NOTE}
"""


def wiki_release(built: RegistryInMemory, version: str, compose: str = COMPOSE) -> RegistryInMemory:
    """A release of an app that asks for three values."""
    payload = {"compose.yaml": PayloadFile(compose.encode())}
    reading = KIND.read(payload, Card())
    content = {"compose.yaml": compose.encode()}
    return built.release(WIKI, version, content, kind="app", spec=reading.spec, permissions=list(reading.needs))


@pytest.fixture
def wiki() -> RegistryInMemory:
    return wiki_release(a_registry(demo=False), "1.0.0")


def env_of(desk: Desk) -> Path:
    """The person's file of values."""
    return desk.work / "apps/ann__wiki/.env"


def lines_of(desk: Desk) -> list[str]:
    """Its lines, remarks left out."""
    return [line for line in env_of(desk).read_text().splitlines() if not line.startswith("#")]


def test_yes_takes_defaults_and_says_what_is_to_be_filled_in(desk: Desk, wiki: RegistryInMemory) -> None:
    """It installs without a question; the file is the person's alone."""
    added(desk, wiki)

    said = desk.run("install", WIKI, "--yes")

    assert "Before you start it, fill in DB_PASSWORD in apps/ann__wiki/.env." in said
    assert ["REGISTRY_INPUT_DB_PASSWORD=", "REGISTRY_INPUT_NOTE=", "REGISTRY_INPUT_TZ=UTC"] == lines_of(desk)
    assert 0o600 == stat.S_IMODE(env_of(desk).stat().st_mode)


def test_values_come_from_flags_and_never_from_the_environment(desk: Desk, wiki: RegistryInMemory) -> None:
    """`--input` says one; a variable of the shell of its name is not looked at, and no secret is kept elsewhere."""
    added(desk, wiki)
    desk.world = replace(desk.world, env={**desk.world.env, "DB_PASSWORD": "leaked", "NOTE": "leaked"})

    value = desk.json("install", WIKI, "--yes", "--input", "DB_PASSWORD=s3cret pass", "--input", "TZ=")

    assert ["REGISTRY_INPUT_DB_PASSWORD='s3cret pass'", "REGISTRY_INPUT_NOTE=", "REGISTRY_INPUT_TZ="] == lines_of(desk)
    kept = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file() and path != env_of(desk))
    assert b"s3cret" not in kept
    assert ["apps/ann__wiki/.env", "apps/ann__wiki/compose.yaml"] == value["installed"][0]["files"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("--input", "NONE=1"), (2, "unknown-input")),
        (("--input", "TZ"), (2, "bad-input")),
        (("--input", "=x"), (2, "bad-input")),
        (("--input", "NOTE=a\nb"), (2, "bad-input")),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    desk: Desk, wiki: RegistryInMemory, args: tuple[str, ...], error: tuple[int, str]
) -> None:
    """Before anything is written."""
    added(desk, wiki)

    assert error == desk.refused("install", WIKI, "--yes", *args)
    assert not (desk.work / "apps").exists()


def test_a_value_for_something_that_asks_for_nothing_is_refused(desk: Desk, built: RegistryInMemory) -> None:
    """A skill has no inputs."""
    added(desk, built)

    assert (2, "unknown-input") == desk.refused("install", "@ann/pdf", "--yes", "--input", "A=1")


def test_without_a_terminal_the_flags_are_named(desk: Desk, wiki: RegistryInMemory) -> None:
    """Of what the app does not start without; said so, nothing is asked and all is written."""
    added(desk, wiki)

    assert (2, "needs-answer") == desk.refused("install", WIKI, "--allow", "port:8080/tcp")
    assert "--input DB_PASSWORD=VALUE" in desk.error.hint
    desk.run("install", WIKI, "--allow", "port:8080/tcp", "--input", "DB_PASSWORD=x")
    assert "REGISTRY_INPUT_DB_PASSWORD=x" in lines_of(desk)


def test_a_dry_run_asks_nothing(desk: Desk, wiki: RegistryInMemory) -> None:
    """And writes nothing."""
    added(desk, wiki)

    assert "Would install" in desk.run("install", WIKI, "--dry-run")
    assert not (desk.work / "apps").exists()


def test_a_person_is_asked_on_a_terminal(tmp_path: Path, wiki: RegistryInMemory) -> None:
    """Each value once; an empty line takes the default, and a password is not shown."""
    desk = Desk(tmp_path, answers="y\nhush\n\nCET\n")
    added(desk, wiki)

    desk.run("install", WIKI)

    assert ["REGISTRY_INPUT_DB_PASSWORD=hush", "REGISTRY_INPUT_NOTE=", "REGISTRY_INPUT_TZ=CET"] == lines_of(desk)
    assert "@ann/wiki asks for 3 values" in desk.talk
    assert "TZ [UTC]" in desk.talk
    assert "hush" not in desk.talk


def test_an_update_asks_for_new_values_only(desk: Desk, wiki: RegistryInMemory) -> None:
    """What the person wrote stays; a value that is there is changed in the file, not by a flag."""
    added(desk, wiki)
    desk.run("install", WIKI, "--yes", "--input", "DB_PASSWORD=x")
    env_of(desk).write_text("REGISTRY_INPUT_DB_PASSWORD=mine\nREGISTRY_INPUT_NOTE=\nREGISTRY_INPUT_TZ=CET\n")
    desk.put("reg", wiki_release(wiki, "1.1.0", COMPOSE + "      NEW: ${NEW:-1}\n").files)

    assert (2, "input-there") == desk.refused("update", WIKI, "--yes", "--input", "TZ=UTC")
    desk.run("update", WIKI, "--yes", "--input", "NEW=2")

    assert [
        "REGISTRY_INPUT_DB_PASSWORD=mine",
        "REGISTRY_INPUT_NOTE=",
        "REGISTRY_INPUT_TZ=CET",
        "REGISTRY_INPUT_NEW=2",
    ] == lines_of(desk)
    desk.run("uninstall", WIKI)
    assert not (desk.work / "apps").exists()
