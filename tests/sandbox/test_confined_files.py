"""What a confined program is shown of the machine's files, and what it leaves."""

import os
from pathlib import Path

import pytest

from registry_tool.core.confinement import Confinement
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.job import Bounds, Shown
from registry_tool.sandbox.confined import capture
from tests.sandbox.confining import opened, shell

NOTHING = Confinement()


def test_outputs_are_copied(tmp_path: Path) -> None:
    """Files and folders that a build step leaves come out, with modes of ours."""
    out = tmp_path / "out"
    out.mkdir()
    script = "cd /outputs; mkdir -p a/b; echo 1 > a/b/one; echo 2 > two; chmod 700 two"

    assert 0 == capture(shell(script), NOTHING, outputs=out).code
    assert {"a/b/one": "1\n", "two": "2\n"} == {
        str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()
    }
    assert 0o700 != (out / "two").stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("ln -s /etc/passwd /outputs/x", "x: ordinary files were expected from a build step: this is a link"),
        (
            "mkfifo /outputs/x",
            "x: ordinary files were expected from a build step: this is a link, a device or the like",
        ),
        ("d=/outputs; for n in $(seq 20); do d=$d/d; mkdir $d; done", "its folders are too deep"),
        ("cd /outputs; for n in $(seq 5001); do echo > $n; done", "more than 5000 files or"),
        ("truncate -s 200M /outputs/x", "more than 5000 files or"),
    ],
)
def test_odd_outputs_are_refused(tmp_path: Path, script: str, words: str) -> None:
    """Links, pipes, depth, number and holes: nothing but ordinary files comes out."""
    with pytest.raises(InvalidInput, match=words):
        capture(shell(script, bounds=Bounds(wall=60.0)), NOTHING, outputs=tmp_path)


def test_a_folder_is_shown_though_those_above_are_closed(tmp_path: Path) -> None:
    """What lies below a folder that others may not enter can be shown all the same."""
    closed = tmp_path / "closed"
    (closed / "item").mkdir(parents=True)
    (closed / "item" / "file").write_text("shown\n")
    closed.chmod(0o700)
    job = shell("cat /item/file; touch /item/other", Shown(str(opened(closed / "item")), "/item"))
    ran = capture(job, NOTHING)

    assert (b"shown\n", 1) == (ran.stdout, ran.code)
    assert not (closed / "item" / "other").exists()


def test_a_folder_can_be_shown_to_write_to(tmp_path: Path) -> None:
    """With `writable` what it writes is there afterwards."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept").chmod(0o777)
    job = shell("echo text > /kept/file; chmod u+s /kept/file", Shown(str(tmp_path / "kept"), "/kept", writable=True))
    ran = capture(job, NOTHING)

    assert (1, "text\n") == (ran.code, (tmp_path / "kept" / "file").read_text())
    assert 0 == (tmp_path / "kept" / "file").stat().st_mode & 0o6000


def test_a_file_in_a_shown_folder_can_be_shown_in_its_place(tmp_path: Path) -> None:
    """Folders come before what lies in them, in whatever order they are named."""
    item = opened(tmp_path)
    (item / "file").write_text("old\n")
    (item / "other").write_text("new\n")
    job = shell("cat /item/file", Shown(str(item / "other"), "/item/file"), Shown(str(item), "/item"))

    assert b"new\n" == capture(job, NOTHING).stdout


def test_a_file_that_root_alone_may_read_is_refused(tmp_path: Path) -> None:
    """A program of root's runs as nobody, so this is said before it starts; a person's own is shown."""
    (tmp_path / "closed").write_text("text")
    (tmp_path / "closed").chmod(0o600)
    try:
        came = capture(shell("cat /item", Shown(str(tmp_path / "closed"), "/item")), NOTHING).stdout.decode()
    except StateForbids as refused:
        came = refused.message

    expected = "root alone may read it, and a program of root's is confined as nobody" if os.geteuid() == 0 else "text"
    assert expected == came
