"""`registry run` of a server in an image: which engine is told what. The engine is a script that notes its words."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import a_registry
from tests.cli.desk import Desk
from tests.cli.running import TEMPLATE, WORDS, answered, asked, audited, released, typed

DIGEST = f"sha256:{'a' * 64}"
COUNT = ("word_count", {"text": "It rains. Does it?"})
ENGINE = """#!/bin/sh
echo "$@" >> {folder}/words
case "$1" in
  image) exit 1 ;;
  pull) test ! -e {folder}/away || {{ echo "no such host" >&2; exit 1; }} ;;
  run) exec {python} {folder}/server.py ;;
esac
"""


def published(desk: Desk, image: str, *permissions: str) -> None:
    package = {
        "registryType": "oci",
        "identifier": image,
        "transport": {"type": "stdio"},
        "environmentVariables": [{"name": "TOKEN", "isRequired": True, "isSecret": True}],
        "packageArguments": [{"type": "positional", "value": "stdio"}],
    }
    server = json.dumps({"name": "io.example.ann/words", "packages": [package]}).encode()
    built = released(WORDS, "plugin", {"server.json": server}, ["mcp:word_count", *permissions], a_registry(demo=False))
    desk.run("add", desk.put("reg", built.files), "--root", built.id)


@pytest.fixture
def engine(desk: Desk) -> Path:
    """An engine on the PATH that notes what it is told; the file that it notes it in."""
    folder = desk.folder / "bin"
    folder.mkdir()
    (folder / "server.py").write_bytes(TEMPLATE)
    (folder / "podman").write_text(ENGINE.format(folder=folder, python=sys.executable))
    (folder / "podman").chmod(0o755)
    desk.world = replace(desk.world, env={**desk.world.env, "PATH": f"{folder}:/usr/bin:/bin"})
    return folder / "words"


def test_an_image_is_fetched_at_the_install_and_started_with_nothing(
    desk: Desk, capfd: pytest.CaptureFixture[str], engine: Path
) -> None:
    """By its digest, without a network or rights, behind the gate; a secret is no word of the command."""
    published(desk, f"ghcr.example/ann/words:1.2@{DIGEST}")
    desk.run("install", WORDS, "--yes")
    image = f"ghcr.example/ann/words@{DIGEST}"
    assert [f"image inspect {image}", f"pull --quiet {image}"] == engine.read_text().splitlines()
    engine.unlink()
    capfd.readouterr()

    with typed(asked(COUNT)):
        desk.run("run", WORDS, "--input", "TOKEN=secret")

    assert '"words": 4' in str(answered(capfd.readouterr().out)[3])
    assert (
        "run --rm --interactive --pull=never --network=none --read-only --cap-drop=ALL "
        "--security-opt=no-new-privileges --user=65534:65534 --pids-limit=128 --memory=1g "
        f"--env=TOKEN {image} stdio"
    ) == engine.read_text().strip()
    assert ["podman", "podman"] == [one["how"] for one in audited(desk)]


def test_an_image_with_a_network_starts_only_where_a_person_says_so(
    desk: Desk, capfd: pytest.CaptureFixture[str], engine: Path
) -> None:
    """No engine keeps it to the hosts that it was granted."""
    published(desk, f"ann/words@{DIGEST}", "network:a.example")
    desk.run("install", WORDS, "--yes")
    engine.unlink()
    capfd.readouterr()

    assert (5, "not-yet") == desk.refused("run", WORDS, "--input", "TOKEN=x")
    assert not engine.exists()
    with typed(asked(COUNT)):
        desk.run("run", WORDS, "--unconfined", "--input", "TOKEN=x")
    assert f"run --rm --interactive --pull=never --env=TOKEN ann/words@{DIGEST} stdio" == engine.read_text().strip()


def test_an_image_that_nobody_pinned_does_not_start(desk: Desk, engine: Path) -> None:
    """A tag is another image every day."""
    published(desk, "ann/words:1.2")

    (row,) = desk.json("install", WORDS, "--yes")["installed"]
    assert "which its author did not pin" in row["notes"][-1]
    assert (5, "unpinned") == desk.refused("run", WORDS, "--unconfined", "--input", "TOKEN=x")
    assert not engine.exists()


def test_an_image_that_cannot_be_fetched_is_told(desk: Desk, engine: Path) -> None:
    """With the engine's own words; with --offline none is fetched."""
    published(desk, f"ann/words@{DIGEST}")
    (engine.parent / "away").touch()

    (row,) = desk.json("install", WORDS, "--yes")["installed"]
    assert "the image of @ann/words@1.0.0 could not be fetched: no such host" in row["notes"][-1]
    desk.run("install", WORDS, "--yes", "--offline", "--force")
