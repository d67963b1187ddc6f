"""What a build leaves for the next one, in the git folder."""

import os
from pathlib import Path

import pytest

from registry_tool.stores.buildstate import BuildState, tool_key
from registry_tool.stores.git import GitHistory


def test_a_build_remembers_in_the_git_folder(tmp_path: Path) -> None:
    """What was saved is loaded again; without a git folder, or with rubbish in it, nothing is known."""
    GitHistory.init(tmp_path / "repo", bare=False)
    state, value = BuildState(tmp_path / "repo"), {"commit": "x", "names": {"@ann/solar": {}}}
    first = state.load()
    saved = state.save(value)
    (tmp_path / "plain").mkdir()

    assert ({}, value) == (first, BuildState(tmp_path / "repo").load())
    assert saved == state.head()[1] != state.save({"commit": "y"}) != ""
    assert ("", {}) == (BuildState(tmp_path / "plain").save({}), BuildState(tmp_path / "plain").load())


@pytest.mark.parametrize("name", ["build.json", "build-names.json"])
@pytest.mark.parametrize("rubbish", [b"", b"[1", b"[1]", b"{}", b"\xff"])
def test_half_of_a_memory_is_none(tmp_path: Path, name: str, rubbish: bytes) -> None:
    """Where one of the two files is damaged or of another build, nothing is known."""
    GitHistory.init(tmp_path, bare=True)
    state = BuildState(tmp_path)
    state.save({"commit": "x", "names": {"@ann/solar": {}}})
    (tmp_path / "registry-tool" / name).write_bytes(rubbish)

    assert {} == state.load()


def test_a_repository_that_cannot_be_written_builds_all_the_same(tmp_path: Path) -> None:
    """Where a file lies in the way nothing is kept, and nothing is raised."""
    GitHistory.init(tmp_path, bare=True)
    (tmp_path / "registry-tool").write_bytes(b"in the way")

    assert "" == BuildState(tmp_path).save({"commit": "x"})


def test_the_tool_key_follows_content_alone(tmp_path: Path) -> None:
    """Another time of change is the same tool, another byte or name is another."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_bytes(b"1")
    first = tool_key((tmp_path,))
    os.utime(tmp_path / "a" / "b.py", (1, 1))
    (tmp_path / "a" / "b.pyc").write_bytes(b"compiled")

    assert first == tool_key((tmp_path,))
    (tmp_path / "a" / "b.py").write_bytes(b"2")
    assert first != tool_key((tmp_path,))
