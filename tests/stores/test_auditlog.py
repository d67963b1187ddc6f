"""The audit log on a real disk."""

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.auditing import Audited, audited, read_line
from registry_tool.core.errors import StateForbids
from registry_tool.stores.auditlog import SHOWN_BYTES, AuditLog

MANY = """
import sys
from pathlib import Path
from registry_tool.core.auditing import audited
from registry_tool.stores.auditlog import AuditLog
for number in range(40):
    words = "x" * (number * 50)
    AuditLog(Path(sys.argv[1])).note(audited("2026-11-21T09:00:00Z", "start", "begun", artifact="@a/b", message=words))
"""


def line(message: str = "") -> Audited:
    return audited("2026-11-21T09:00:00Z", "install", "done", artifact="@ann/solar", message=message)


def refused(path: Path) -> str:
    """How each way to use the log at `path` is refused; the code that all of them give."""
    codes = set()
    for use in (AuditLog(path).ready, lambda: AuditLog(path).note(line())):
        with pytest.raises(StateForbids) as error:
            use()
        assert str(path) == error.value.where
        codes.add(error.value.code)
    (code,) = codes
    return code


def test_lines_are_added_for_the_person_alone(tmp_path: Path) -> None:
    """The folder and the file are made when they are needed, 0700 and 0600, and hold the lines in order."""
    log = AuditLog(tmp_path / "state" / "audit.jsonl")
    assert () == log.lines()
    log.ready()
    log.note(line("one"))
    log.note(line("two"))

    assert ["one", "two"] == [read_line(one).message for one in log.lines()]
    assert (0o600, 0o700) == tuple(stat.S_IMODE(one.stat().st_mode) for one in (log.path, log.path.parent))


def test_a_broken_end_stays_apart(tmp_path: Path) -> None:
    """What somebody or a stopped machine left without its end is not made part of our line."""
    log = AuditLog(tmp_path / "audit.jsonl")
    log.path.write_bytes(b'{"half":')
    log.note(line())

    assert (b'{"half":', line().line().rstrip()) == log.lines()


def a_link(path: Path) -> None:
    (path.parent / "other").write_bytes(b"")
    path.symlink_to(path.parent / "other")


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


def below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_bytes(b"")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, a_link, a_link_to_nothing, below_a_file])
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A folder, a pipe, a link and a place below a file: exit 5, nothing is written through them, nothing waits."""
    path = tmp_path / "state" / "audit.jsonl"
    path.parent.mkdir()
    make(path)

    assert "no-audit-log" == refused(path)
    assert not (path.parent / "nothing").exists()
    assert [] == [one for one in tmp_path.rglob("other") if one.read_bytes()]


def test_a_device_is_no_log() -> None:
    """Neither the disk that is always full nor the one that forgets all can be named."""
    assert ["no-audit-log"] * 2 == [refused(Path("/dev/full")), refused(Path("/dev/null"))]


@pytest.mark.parametrize("make", [Path.mkdir, a_link])
def test_what_is_no_file_is_not_read_either(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A folder or a link in its place is said, and not shown as an empty log."""
    make(tmp_path / "audit.jsonl")

    with pytest.raises(StateForbids, match="no regular file"):
        AuditLog(tmp_path / "audit.jsonl").lines()


def test_a_line_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    """On a full disk the log is as it was before, to the byte."""
    log = AuditLog(tmp_path / "audit.jsonl")
    log.note(line("first"))
    before = log.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        with pytest.raises(StateForbids) as error:
            log.note(line("second"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert ("no-audit-log", before) == (error.value.code, log.path.read_bytes())


def test_a_line_is_bounded(tmp_path: Path) -> None:
    """A line that would fill the disk is refused before the file is touched."""
    many = [{"permission": "x" * 1000, "words": "y"}] * 5000
    long = audited("2026-11-21T09:00:00Z", "install", "begun", artifact="@a/b", grants=many)

    with pytest.raises(StateForbids, match="may have at most"):
        AuditLog(tmp_path / "audit.jsonl").note(long)
    assert not (tmp_path / "audit.jsonl").exists()


def test_only_its_end_is_read(tmp_path: Path) -> None:
    """Of a log that is larger than what is read, the last whole lines are."""
    log = AuditLog(tmp_path / "audit.jsonl")
    log.path.write_bytes(b"x" * SHOWN_BYTES + b"\n")
    log.note(line("last"))

    assert ["last"] == [read_line(one).message for one in log.lines()]


@pytest.mark.slow
def test_several_processes_do_not_mix_their_lines(tmp_path: Path) -> None:
    """Four at once, each line whole."""
    path = tmp_path / "audit.jsonl"
    workers = [subprocess.Popen([sys.executable, "-c", MANY, str(path)]) for _ in range(4)]

    assert [0] * 4 == [one.wait() for one in workers]
    assert sorted(50 * number for number in range(40) for _ in range(4)) == sorted(
        len(read_line(one).message) for one in AuditLog(path).lines()
    )
