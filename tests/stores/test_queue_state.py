"""What the last look at a queue left: kept beside the repository, for one state of the tool."""

from pathlib import Path

from registry_tool.stores.buildstate import BuildState, QueueState
from registry_tool.stores.git import GitHistory


def test_a_queue_remembers_in_the_git_folder_beside_the_build(tmp_path: Path) -> None:
    """Neither of the two files takes the place of the other; without a git folder nothing is kept."""
    GitHistory.init(tmp_path / "repo", bare=True)
    (tmp_path / "plain").mkdir()
    queue, build = QueueState.at(tmp_path / "repo", tmp_path), BuildState(tmp_path / "repo")
    saved = queue.save({"rows": {}}), build.save({"commit": "x"})

    assert ((True, build.head()[1]), {"rows": {}}, {"commit": "x"}) == (saved, queue.load(), build.load())
    assert ["build-names.json", "build.json", "queue.json"] == sorted(
        one.name for one in (tmp_path / "repo" / "registry-tool").iterdir()
    )
    assert (False, {}) == (
        QueueState.at(tmp_path / "plain", tmp_path).save({"rows": {}}),
        QueueState.at(tmp_path / "plain", tmp_path).load(),
    )


def test_one_behind_an_address_remembers_in_a_file_that_is_named(tmp_path: Path) -> None:
    """Folders above it are made."""
    state = QueueState(tmp_path / "cache" / "queue" / "1.json", tmp_path)

    assert (True, {"rows": {}}) == (state.save({"rows": {}}), state.load())


def test_the_key_follows_the_tool(tmp_path: Path) -> None:
    """Another line of code is another key; compiled files are none of it."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text("1")
    keys = [QueueState(None, package).key]
    (package / "one.cpython.pyc").write_text("2")
    keys.append(QueueState(None, package).key)
    (package / "one.py").write_text("3")
    keys.append(QueueState(None, package).key)

    assert keys[0] == keys[1] != keys[2]
