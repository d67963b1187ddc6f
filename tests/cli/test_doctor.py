"""`registry doctor`: what works here."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.cli.doctor import kinds_words
from registry_tool.sandbox.asking import answers
from tests.cli.desk import Desk


def states(desk: Desk) -> dict[str, str]:
    return {one["what"]: one["state"] for one in desk.json("doctor")["checks"]}


def with_programs(desk: Desk, **programs: str) -> None:
    """A PATH on which only these programs are, as shell scripts."""
    folder = desk.folder / "bin"
    folder.mkdir()
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    desk.world = replace(desk.world, env={**desk.world.env, "PATH": str(folder)})


def test_every_line_says_what_and_what_to_do(desk: Desk) -> None:
    """Each thing that was looked at has its words, and what is not good has what to do."""
    value = desk.json("doctor")
    looked = ["confinement", "python3", "node", "containers", "git", "keys", "trust", "audit log", "settings"]

    assert looked == [one["what"] for one in value["checks"]]
    assert [] == [one for one in value["checks"] if not one["words"] or (one["state"] != "good" and not one["do"])]
    assert value["usable"] == all(one["state"] != "bad" for one in value["checks"])
    assert (0 if value["usable"] else 5) == desk.code
    said = desk.run("doctor")
    assert [] == [one["words"] for one in value["checks"] if one["words"].splitlines()[0] not in said]


def test_what_is_missing_is_no_fault(desk: Desk) -> None:
    """Without git, node and a container engine those are missing; nothing of it must be mended."""
    with_programs(desk)
    found = states(desk)

    assert ["missing"] * 3 == [found[one] for one in ("node", "containers", "git")]


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        ({"docker": "exit 0"}, "good"),
        ({"docker": "exit 1", "podman": "exit 0"}, "good"),
        ({"podman": "exit 1", "podman-compose": "exit 0"}, "good"),
        ({"docker": "exit 1"}, "missing"),
    ],
)
def test_an_engine_is_there_if_it_runs_compose_files(desk: Desk, programs: dict[str, str], expected: str) -> None:
    """It is asked, for a docker without its compose plugin starts no app."""
    with_programs(desk, **programs)

    assert expected == states(desk)["containers"]


def test_what_cannot_be_started_does_not_answer(tmp_path: Path) -> None:
    """A file that is no program, and one that is not there."""
    (tmp_path / "odd").write_bytes(b"\x00")
    (tmp_path / "odd").chmod(0o755)
    env = {"PATH": str(tmp_path)}

    assert [False, False] == [answers([one], env) for one in ("odd", "gone")]


def open_keys(desk: Desk) -> None:
    desk.world.folder("keys").mkdir(parents=True)
    desk.world.folder("keys").chmod(0o755)


def damaged_trust(desk: Desk) -> None:
    desk.world.folder("trust").mkdir(parents=True)
    (desk.world.folder("trust") / "registries.json").write_text("{")


def log_is_a_folder(desk: Desk) -> None:
    desk.world.audit.path.mkdir(parents=True)


def bad_settings(desk: Desk) -> None:
    (desk.work / "registry.settings.yaml").write_text("approvals: 2")


@pytest.mark.parametrize(
    ("what", "spoil"),
    [("keys", open_keys), ("trust", damaged_trust), ("audit log", log_is_a_folder), ("settings", bad_settings)],
)
def test_what_must_be_mended_is_exit_5(desk: Desk, what: str, spoil: Callable[[Desk], None]) -> None:
    """Keys that others can read, damaged memory, a log or settings that cannot be used: bad, with what to do."""
    spoil(desk)

    assert ("bad", 5) == (states(desk)[what], desk.code)


def test_a_new_machine_has_nothing_to_mend_of_ours(desk: Desk) -> None:
    """What the tool keeps is good before it keeps anything."""
    found = states(desk)

    assert ["good"] * 4 == [found[one] for one in ("keys", "trust", "audit log", "settings")]


def test_each_kind_says_where_it_runs(desk: Desk) -> None:
    """Programs need confinement, apps an engine; the rest runs everywhere."""
    rows = kinds_words(desk.world, {"confinement": "bad", "containers": "missing"})
    good = kinds_words(desk.world, {"confinement": "good", "containers": "good"})

    assert {"app", "plugin", "skill"} == {one["kind"] for one in rows if not one["runs"]}
    assert [] == [one for one in good if not one["runs"]]
    assert {one.id for one in desk.world.kinds} == {one["kind"] for one in rows}
