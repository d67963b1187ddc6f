"""Whether programs can be confined on a machine, and what is said where they cannot."""

import os
from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids
from registry_tool.core.job import Bounds
from registry_tool.sandbox.bubblewrap import find
from registry_tool.sandbox.cgroups import NONE_NOTE, group
from registry_tool.sandbox.diagnosis import reason, restricted, unusable
from registry_tool.sandbox.launching import _fault
from registry_tool.sandbox.probe import probe


def test_it_works_where_the_tests_run() -> None:
    """A program was started, confined, with nothing granted and with a network."""
    found = probe({"PATH": os.defpath})

    assert (True, "") == (found.works, found.hint), found
    assert found.notes in ((), (NONE_NOTE,))


def made(folder: Path, mode: int, words: bytes) -> str:
    """A program with these words in it."""
    path = folder / "bwrap"
    path.write_bytes(words)
    path.chmod(mode)
    return str(path)


def test_a_missing_bubblewrap_is_said_with_how_to_get_it(tmp_path: Path) -> None:
    """The refusal names the program and the line to install it."""
    with pytest.raises(StateForbids, match="bubblewrap, which confines programs, is not installed") as refused:
        find([str(tmp_path / "bwrap")])

    assert ("no-sandbox", True) == (refused.value.code, "apt install bubblewrap" in refused.value.hint)


@pytest.mark.parametrize(
    ("mode", "words", "said"),
    [
        (0o4755, b"--size --json-status-fd --args", "runs as root for everybody"),
        (0o755, b"--args --json-status-fd", "is too old"),
        (0o755, b"--size --args", "is too old"),
    ],
)
def test_another_bubblewrap_is_refused(tmp_path: Path, mode: int, words: bytes, said: str) -> None:
    """One that gives root to who calls it, and one that lacks what is needed."""
    with pytest.raises(StateForbids, match=said):
        find([made(tmp_path, mode, words)])


def test_an_older_bubblewrap_is_taken_without_what_the_filter_does(tmp_path: Path) -> None:
    """Forbidding new namespaces itself is not needed of it."""
    path = made(tmp_path, 0o755, b"--size --json-status-fd --args")

    assert (path, False) == ((found := find([path])).path, found.disables_namespaces)


@pytest.mark.parametrize(
    ("path", "text", "why", "hint"),
    [
        (
            "proc/sys/kernel/unprivileged_userns_clone",
            "0\n",
            "unprivileged_userns_clone is 0",
            "unprivileged_userns_clone=1",
        ),
        ("proc/sys/user/max_user_namespaces", "0\n", "max_user_namespaces is 0", "max_user_namespaces=15000"),
        (
            "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1\n",
            "AppArmor takes all rights",
            "apparmor_restrict_unprivileged_userns=0",
        ),
        (".dockerenv", "", "this is a container", "docker run --security-opt"),
        ("run/.containerenv", "", "this is a container", "use the machine itself"),
        ("proc/1/environ", "A=b\0container=lxc\0", "this is a container", "use the machine itself"),
        ("proc/sys/user/max_user_namespaces", "100\n", "", ""),
    ],
)
def test_a_machine_says_what_stands_in_the_way(tmp_path: Path, path: str, text: str, why: str, hint: str) -> None:
    """Each setting that forbids namespaces has its words and the line that allows them."""
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    found = reason(str(tmp_path))

    assert (True, True) == (why in found[0], hint in found[1]), found
    assert ("" == why) == (("", "") == found)
    assert ("AppArmor" in why) == restricted(str(tmp_path))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (b"", "no-sandbox", "ended without a word"),
        (
            b'{"step": "namespaces", "said": "Operation not permitted", "path": null}',
            "no-sandbox",
            "namespaces: Operation not permitted",
        ),
        (b'{"step": "stage", "said": "gone", "path": "/x"}', "no-file", "cannot be shown to a confined program"),
        (b'{"step": "limits", "said": "refused", "path": null}', "no-sandbox", "limits: refused"),
    ],
)
def test_a_launch_that_fails_says_where(words: bytes, code: str, said: str) -> None:
    """What the new process tells becomes a refusal with its step."""
    error = _fault(words)

    assert (code, True) == (error.code, said in error.message), error.message


def test_a_refusal_offers_the_other_way() -> None:
    """The hint names the doctor, or what to change; it never says that something was started."""
    refused = unusable("it happened")

    assert ("no-sandbox", True) == (refused.code, "it happened" in refused.message)
    assert refused.hint


def test_groups_are_removed() -> None:
    """What was made for a job is gone after it, and what a killed launcher left is swept."""
    with group(Bounds()) as first:
        inside = [os.path.exists(path) for path in first.files]
    left = [os.path.dirname(os.path.dirname(path)) for path in first.files]
    stale = [f"{folder}/registry-4194305-0" for folder in left]
    for path in stale:
        os.mkdir(path)
    with group(Bounds()):
        pass

    assert all(inside)
    assert bool(first.files) != bool(first.notes)
    assert [] == [path for path in (*first.files, *stale) if os.path.exists(path)]
