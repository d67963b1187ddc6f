"""What only a real process shows: Ctrl-C, a full disk, two installs at once, a broken pipe."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.names import parse_artifact
from tests.bad_input.stage import Stage, adds, pdf_registry
from tests.builders import RegistryInMemory
from tests.building_index import bin_of
from tests.cli.desk import PDF, SKILL_SPEC, skill_release
from tests.cli.test_operator import add_commit, repository
from tests.sites import named, with_targets
from tests.stores.servers import answer, serving, silent

pytestmark = pytest.mark.slow
BIG = "@ann/big"
NAME = layout.name_path(parse_artifact(PDF))
SECONDS = 60.0


def start(stage: Stage, *args: str, full: bool = False) -> "subprocess.Popen[str]":
    """`registry ARGS` as a process in this person's project; where `full`, no file may grow above 64 KB."""
    limited = ["sh", "-c", 'ulimit -f 128; exec "$@"', "sh"] if full else []
    env = {
        "REGISTRY_HOME": str(stage.folder / "home"),
        "HOME": str(stage.folder / "person"),
        "PATH": os.environ["PATH"],
    }
    return subprocess.Popen(
        [*limited, sys.executable, "-m", "registry_tool", *args],
        cwd=stage.work,
        env={**env, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def with_big(built: RegistryInMemory) -> RegistryInMemory:
    """The registry with a skill of half a megabyte."""
    text = b"---\nname: big\ndescription: Holds much.\n---\nRead it.\n"
    return built.release(
        BIG,
        "1.0.0",
        {"SKILL.md": text, "data.txt": b"0123456789abcdef\n" * 30_000},
        kind="skill",
        spec={**SKILL_SPEC, "native_name": "big"},
    )


HANGING: Mapping[str, Callable[[RegistryInMemory, Mapping[str, bytes]], str]] = {
    "at the first file": lambda built, files: layout.TIMESTAMP,
    "in the index": lambda built, files: bin_of(files, NAME),
    "at the name": lambda built, files: layout.by_digest(NAME, sha256(files[NAME])),
    "at the bundle": lambda built, files: layout.object_path(sha256(built.bundle(PDF, "1.0.0"))),
}


@pytest.mark.parametrize("place", HANGING)
def test_an_interrupted_install_leaves_nothing(stage: Stage, place: str) -> None:
    """Ctrl-C while a registry does not answer is exit 130 at once, with words, and not a byte is written."""
    built = pdf_registry()
    files = stage.site(built)
    with serving({f"/{path}": answer(data) for path, data in files.items()}) as site:
        stage.done("add", site.url, "--root", built.id)
        hung = f"/{HANGING[place](built, files)}"
        site.routes[hung] = silent
        before, asked = stage.everything(), len(site.requests)
        process = start(stage, "install", PDF, "--yes")
        ends = time.monotonic() + SECONDS
        while hung not in [path for path, _ in site.requests[asked:]]:
            assert time.monotonic() < ends
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        code, out, err = ended(process)

    assert (130, "") == (code, out)
    assert "stopped; nothing is half-done" in err
    assert [] == stage.written_since(before)


def test_an_interrupt_is_told_to_scripts_too(stage: Stage) -> None:
    """With `--json` an interrupted verb prints one JSON object with the code `interrupted`."""
    with serving({f"/{layout.REGISTRY_CHAINS}": silent}) as site:
        process = start(stage, "add", site.url, "--root", "0" * 64, "--json")
        ends = time.monotonic() + SECONDS
        while not site.requests:
            assert time.monotonic() < ends
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        code, out, _ = ended(process)

    assert (130, "interrupted") == (code, json.loads(out)["error"]["code"])


def test_a_full_disk_leaves_the_project_as_it_was(stage: Stage) -> None:
    """An install that finds no room is exit 5, says so, and neither files nor a receipt nor a pin stay."""
    adds(stage, with_big(pdf_registry()))
    stage.done("install", PDF, "--yes")
    before = stage.everything()
    code, _, err = ended(start(stage, "install", BIG, "--yes", full=True))

    assert (5, True, True) == (code, "the disk is full" in err, "make room" in err), err
    assert [] == stage.written_since(before)


def test_a_full_disk_leaves_no_half_a_site(stage: Stage) -> None:
    """A build that finds no room is exit 5, and the site that was there is served on, whole."""
    built = stage.keeps(with_targets(named(pdf_registry())), "publishing")
    history = repository(stage.work / "reg", built)
    stage.done("build", "--registry", "reg")
    before = stage.everything()
    add_commit(history, with_big(built))
    changed = stage.everything()
    code, _, err = ended(start(stage, "build", "--registry", "reg", full=True))
    after = stage.everything()

    assert (5, True) == (code, "the disk is full" in err), err
    assert [] == [path for path in before if path.startswith("work/site/") and before[path] != after.get(path)]
    assert [] == [path for path in changed if path.startswith("work/reg/index") and changed[path] != after.get(path)]


@pytest.mark.parametrize("same", [True, False], ids=["of the same artifact", "of two artifacts"])
def test_two_installs_at_once_do_not_meet(stage: Stage, *, same: bool) -> None:
    """Both succeed, or one says that the other was first (5); the project holds what those wrote that ended well."""
    adds(stage, skill_release(with_big(pdf_registry()), PDF, "1.1.0"))
    wanted = [BIG, BIG] if same else [BIG, PDF]
    ends = [ended(process) for process in [start(stage, "install", one, "--yes") for one in wanted]]
    codes = sorted(code for code, _, _ in ends)
    rows = {row["id"] for row in stage.done("list")["installed"]}
    pinned = set(json.loads((stage.work / "registry.lock.json").read_text())["artifacts"])
    good: set[Any] = {one for one, (code, _, _) in zip(wanted, ends, strict=True) if code == 0}

    assert codes in ([0, 0], [0, 5]), ends
    assert good == rows == pinned


def test_a_reader_that_hangs_up_is_no_error(stage: Stage) -> None:
    """`registry --help | head -1` ends quietly."""
    process = start(stage, "--help")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=SECONDS)

    assert "Traceback" not in err
