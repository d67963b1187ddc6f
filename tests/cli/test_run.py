"""`registry run`: what is started, with what, and what is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, Desk, added, plugin_release


def with_plugin(desk: Desk, **run: Any) -> None:
    built = plugin_release(a_registry(demo=False), **run)
    desk.run("add", desk.put("reg", built.files), "--root", built.id)
    desk.run("install", "@ann/words", "--yes")


def changed(desk: Desk) -> None:
    (desk.work / "plugins/ann__words/server.py").write_text("print('other')")


def without_python(desk: Desk) -> None:
    desk.world = replace(desk.world, env={**desk.world.env, "PATH": str(desk.folder)})


def test_nothing_is_started_unconfined_by_chance(desk: Desk) -> None:
    """Without `--unconfined` a plugin is not started: exit 5, the reason in words, and the flag."""
    with_plugin(desk)

    assert (5, "unconfined") == desk.refused("run", "@ann/words")
    assert "call its tool count" in desk.error.message
    assert "--unconfined" in desk.error.hint


def test_a_started_program_gets_what_it_declares(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """It runs with its arguments and inputs, its exit code is ours, and no other variable of the person is seen."""
    with_plugin(desk, args=["--token={TOKEN}"], env={"WORDS_TOKEN": "{TOKEN}"})
    assert (2, "missing-input") == desk.refused("run", "@ann/words", "--unconfined")
    desk.world = replace(desk.world, env={**desk.world.env, "SECRET": "x", "HOME": str(desk.folder), "LANG": "C"})

    desk.run("run", "@ann/words", "--unconfined", "--input", "TOKEN=abc", "--", "--more")

    assert 7 == desk.code
    assert "--token=abc --more ['HOME', 'LANG', 'PATH', 'WORDS_TOKEN']" == capfd.readouterr().out.strip()
    assert (2, "unknown-input") == desk.refused(
        "run", "@ann/words", "--unconfined", "--input", "A=1", "--input", "TOKEN=1"
    )


def test_a_program_is_found_from_below_its_project(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """An agent may start it from a folder inside the project, with the input in a variable of its name."""
    with_plugin(desk)
    below = desk.work / "src" / "deep"
    below.mkdir(parents=True)
    desk.world = replace(desk.world, cwd=below, env={**desk.world.env, "TOKEN": "abc"})

    desk.run("run", "@ann/words", "--unconfined")

    assert "['PATH']" == capfd.readouterr().out.strip()


@pytest.mark.parametrize(
    ("run", "before", "expected"),
    [
        ({}, changed, (4, "edited")),
        ({}, without_python, (3, "no-program")),
        ({"type": "npm", "identifier": "words", "version": "1.0.0"}, without_python, (3, "no-program")),
        ({"type": "pypi", "identifier": "words", "version": "1.0.0"}, without_python, (3, "no-program")),
        ({"type": "oci", "identifier": "words"}, without_python, (5, "not-yet")),
        ({"type": "remote", "url": "https://words.example/mcp"}, without_python, (2, "remote")),
    ],
)
def test_what_cannot_be_started_is_said(
    desk: Desk, run: dict[str, Any], before: Callable[[Desk], None], expected: tuple[int, str]
) -> None:
    """Changed files, a missing program, and ways of starting that are not there are refused before anything runs."""
    with_plugin(desk, **run)
    before(desk)

    assert expected == desk.refused("run", "@ann/words", "--unconfined", "--input", "TOKEN=1")


def test_only_installed_plugins_are_started(desk: Desk, built: RegistryInMemory) -> None:
    """What is not installed, or is no plugin, is not started."""
    added(desk, built)
    assert (3, "not-installed") == desk.refused("run", PDF)
    assert (3, "not-installed") == desk.refused("run", PDF, "-g")
    desk.run("install", PDF, "--yes")

    assert (2, "other-kind") == desk.refused("run", PDF, "--project", str(desk.work))


@pytest.mark.parametrize(
    "run",
    [{"command": "sh"}, {"type": "npm", "identifier": "--call=x", "version": "1.0.0"}, {"type": "npm", "version": 1}],
)
def test_a_receipt_that_somebody_else_wrote_starts_nothing(desk: Desk, run: dict[str, Any]) -> None:
    """A receipt is a file in the project: one that says another way to start than a plugin has is refused."""
    with_plugin(desk)
    path = desk.work / ".registry/receipts/ann__words.json"
    receipt = json.loads(path.read_text())
    receipt["record"]["run"] = {"type": "payload", "entry": "server.py", **run}
    path.write_text(json.dumps(receipt))

    assert (1, "bad-receipt") == desk.refused("run", "@ann/words", "--unconfined", "--input", "TOKEN=1")
    receipt["record"].pop("registry")
    path.write_text(json.dumps(receipt))
    for verb in (["list"], ["run", "@ann/words"], ["uninstall", "@ann/words"], ["verify"], ["update"]):
        assert (1, "bad-receipt") == desk.refused(*verb)
