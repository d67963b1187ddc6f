"""The packages of plugins: locked by their author, fetched at the install, and there at every start."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_registry
from tests.cli.desk import Desk
from tests.cli.running import TEMPLATE, WORDS, answered, asked, receipt_of, released, typed
from tests.sandbox.distributions import npm_registry, pip_env, tarball, wheel

COUNT = ("word_count", {"text": "It rains. Does it?"})


def server_json(kind: str = "pypi", **more: Any) -> bytes:
    package = {"registryType": kind, "identifier": "words", "version": "1.0.0", "transport": {"type": "stdio"}, **more}
    return json.dumps({"name": "io.example.ann/words", "description": "Counts.", "packages": [package]}).encode()


@pytest.fixture
def wheels(desk: Desk) -> tuple[str, str]:
    """This person's pip takes packages from a folder: a server, and what it needs; their lines in a lock."""
    folder = desk.folder / "wheels"
    lines = (
        wheel(folder, "words", "1.0.0", needs=["part"], scripts=["words"], text="import part\n" + TEMPLATE.decode()),
        wheel(folder, "part"),
    )
    desk.world = replace(desk.world, env={**desk.world.env, **pip_env(folder)})
    return lines


def published(desk: Desk, content: Mapping[str, bytes], version: str = "") -> None:
    built = released(WORDS, "plugin", content, ["mcp:word_count"], a_registry(demo=False))
    desk.run("add", desk.put(f"reg{version}", built.files), "--root", built.id)


def away(desk: Desk) -> None:
    """Nothing can be fetched any more."""
    (desk.folder / "wheels").rename(desk.folder / "gone")


def back(desk: Desk) -> None:
    """It can again."""
    (desk.folder / "gone").rename(desk.folder / "wheels")


def counts(desk: Desk, capfd: pytest.CaptureFixture[str], *flags: str) -> bool:
    capfd.readouterr()
    with typed(asked(COUNT)):
        desk.run("run", WORDS, *flags)
    return '"words": 4' in str(answered(capfd.readouterr().out)[3])


@pytest.mark.parametrize("flags", [[], ["--unconfined"]])
def test_a_locked_server_starts_without_fetching(
    desk: Desk, capfd: pytest.CaptureFixture[str], wheels: tuple[str, str], flags: list[str]
) -> None:
    """All its packages are on this machine after the install; without them it does not start, and says what helps."""
    published(desk, {"server.json": server_json(), "requirements.lock.txt": "".join(wheels).encode()})
    desk.run("install", WORDS, "--yes")
    away(desk)

    assert counts(desk, capfd, *flags)
    (packages,) = (desk.folder / "home/closures").glob("*/packages")
    packages.rename(packages.with_name("other"))
    assert (3, "no-packages") == desk.refused("run", WORDS, *flags)
    assert "registry install @ann/words@1.0.0" == desk.error.hint.partition(": ")[2]


def test_what_cannot_be_fetched_is_installed_and_does_not_start(
    desk: Desk, capfd: pytest.CaptureFixture[str], wheels: tuple[str, str]
) -> None:
    """The install says so, with the line to write; with --offline nothing is tried; a second install fetches."""
    published(desk, {"server.json": server_json(), "requirements.lock.txt": "".join(wheels).encode()})
    away(desk)

    (row,) = desk.json("install", WORDS, "--yes", "--offline")["installed"]
    assert "--offline was said" in row["notes"][-1]
    desk.run("uninstall", WORDS)
    (row,) = desk.json("install", WORDS, "--yes")["installed"]
    assert row["notes"][-1].startswith("It does not start yet: the packages of @ann/words@1.0.0 could not be fetched")
    assert f"registry install {WORDS}" in row["notes"][-1]
    assert (3, "no-packages") == desk.refused("run", WORDS)
    assert (6, "not-fetched") == desk.refused("install", WORDS)
    back(desk)
    assert [f"{WORDS}@1.0.0"] == desk.json("install", WORDS)["already"]
    assert counts(desk, capfd)


def test_packages_that_are_missing_are_fetched_for_what_is_there_already(
    desk: Desk, capfd: pytest.CaptureFixture[str], wheels: tuple[str, str]
) -> None:
    """A second install of the same version fetches them again, where they were removed."""
    published(desk, {"server.json": server_json(), "requirements.lock.txt": "".join(wheels).encode()})
    desk.run("install", WORDS, "--yes")
    (packages,) = (desk.folder / "home/closures").glob("*/packages")
    packages.parent.rename(desk.folder / "lost")

    assert [f"{WORDS}@1.0.0"] == desk.json("install", WORDS)["already"]
    assert counts(desk, capfd)


def test_what_no_lock_pins_is_looked_up_shown_and_asked_for(
    desk: Desk, capfd: pytest.CaptureFixture[str], wheels: tuple[str, str]
) -> None:
    """The packages are named; who says yes stays with them, also when others would be found later."""
    published(desk, {"server.json": server_json()})
    granted = ["--allow", "mcp:word_count"]
    assert (2, "needs-answer") == desk.refused("install", WORDS, *granted)
    assert not receipt_of(desk).exists()
    (row,) = desk.json("install", WORDS, "--yes", "--offline")["installed"]
    assert "does not pin what it is made of" in row["notes"][-1]
    desk.run("uninstall", WORDS)

    desk.run("install", WORDS, "--yes")
    assert "As of now they are 2: part 1.0, words 1.0.0." in desk.talk
    assert "nobody looked at these" in desk.talk
    wheel(desk.folder / "wheels", "part", "2.0", text="raise SystemExit(3)\n")
    desk.run("install", WORDS, "--yes", "--force")
    assert "As of now" not in desk.talk
    assert counts(desk, capfd)


def test_a_program_of_the_payload_finds_its_locked_packages(
    desk: Desk, capfd: pytest.CaptureFixture[str], wheels: tuple[str, str]
) -> None:
    """Those and no others."""
    content = {
        "server.py": b"import part\n" + TEMPLATE,
        "artifact.yaml": b"entry: server.py\n",
        "requirements.lock.txt": wheels[1].encode(),
    }
    published(desk, content)
    desk.run("install", WORDS, "--yes")

    assert counts(desk, capfd)
    assert counts(desk, capfd, "--unconfined")


def test_packages_go_when_nothing_needs_them(desk: Desk, wheels: tuple[str, str]) -> None:
    """They are removed at the next install of a plugin, once what used them is gone everywhere."""
    published(desk, {"server.json": server_json(), "requirements.lock.txt": "".join(wheels).encode()})
    desk.run("install", WORDS, "--yes")
    other = desk.folder / "other"
    other.mkdir()
    desk.run("install", WORDS, "--yes", "--project", str(other))
    desk.run("uninstall", WORDS)
    desk.run("install", WORDS, "--yes", "--force", "--project", str(other))
    assert 1 == len(list((desk.folder / "home/closures").glob("*/packages")))

    desk.run("uninstall", WORDS, "--project", str(other))
    content = {
        "server.py": TEMPLATE,
        "artifact.yaml": b"entry: server.py\n",
        "requirements.lock.txt": wheels[1].encode(),
    }
    built = released("@bob/words", "plugin", content, ["mcp:word_count"], a_registry(demo=False))
    desk.run("add", desk.put("bob", built.files), "--root", built.id)
    desk.run("install", "@bob/words", "--yes", "--registry", str(desk.folder / "bob"))

    (packages,) = (desk.folder / "home/closures").glob("*/packages")
    assert not (packages / "words.py").exists()


def test_an_author_locks_a_package_in_one_line(desk: Desk, wheels: tuple[str, str]) -> None:
    """The lock lies beside server.json and has no address; then nothing of the plugin is unpinned."""
    folder = desk.folder / "author"
    folder.mkdir()
    (folder / "server.json").write_bytes(server_json())
    lock = folder / "requirements.lock.txt"

    def unpinned() -> list[str]:
        (row,) = desk.json("check", str(folder), "--id", WORDS)["folders"]
        found: list[str] = row["unpinned"]
        return found

    assert ["pypi words 1.0.0"] == unpinned()
    assert "Would write" in desk.run("plugin", "lock", str(folder), "--dry-run")
    assert not lock.exists()
    told = desk.json("plugin", "lock", str(folder))

    assert {"lock": str(lock), "dry_run": False} == {key: told[key] for key in ("lock", "dry_run")}
    assert ["part", "words"] == [one["name"] for one in told["packages"]]
    assert [] == unpinned()
    assert sorted(wheels) == sorted(lock.read_text().replace(" \\\n    ", " ").splitlines(keepends=True))


def test_an_author_locks_what_their_own_program_needs(desk: Desk, wheels: tuple[str, str]) -> None:
    """From requirements.txt; without one, and for what is no such plugin, the way out is told."""
    folder = desk.folder / "author"
    folder.mkdir()
    (folder / "server.py").write_bytes(TEMPLATE)
    assert (2, "no-packages") == desk.refused("plugin", "lock", str(folder))
    (folder / "artifact.yaml").write_text("entry: server.py\nkind: plugin\n")
    assert (3, "no-packages") == desk.refused("plugin", "lock", str(folder))
    (folder / "requirements.txt").write_text("part\n")

    assert "1 packages, each with its hashes" in desk.run("plugin", "lock", str(folder))
    assert (3, "no-folder") == desk.refused("plugin", "lock", str(desk.folder / "gone"))


SERVER_JS = b"""
const readline = require('node:readline');
const tool = {name: 'word_count', description: 'Counts.', inputSchema: {type: 'object'}};
const hello = {protocolVersion: '2025-06-18', capabilities: {tools: {}}, serverInfo: {name: 'w', version: '1'}};
const answers = {
  initialize: () => hello,
  'tools/list': () => ({tools: [tool]}),
  'tools/call': () => ({content: [{type: 'text', text: JSON.stringify({words: require('part')}).replace(':', ': ')}]}),
};
readline.createInterface({input: process.stdin}).on('line', line => {
  const {id, method} = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, result: answers[method]()}));
});
"""


def test_a_node_program_finds_its_locked_packages(
    desk: Desk, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Locked from package.json, fetched at the install; the registry is not asked at the start."""
    folder = tmp_path / "author"
    folder.mkdir()
    (folder / "server.cjs").write_bytes(SERVER_JS)
    (folder / "artifact.yaml").write_text("entry: server.cjs\nkind: plugin\n")
    (folder / "package.json").write_text('{"dependencies": {"part": "^1.0.0"}}')
    with npm_registry({"part": tarball("part", main="main.js")}, tmp_path) as env:
        desk.world = replace(desk.world, env={**desk.world.env, **env})
        desk.run("plugin", "lock", str(folder))
        published(desk, {path.name: path.read_bytes() for path in folder.iterdir()})
        desk.run("install", WORDS, "--yes")

    assert counts(desk, capfd)
    assert counts(desk, capfd, "--unconfined")
