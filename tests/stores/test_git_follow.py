"""A work tree that goes along when its branch is moved, and what it never does."""

import os
from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids
from registry_tool.stores.git import GitHistory
from tests.stores.histories import ANN, failure, git, put


def _checked_out(tmp_path: Path) -> tuple[GitHistory, str, str]:
    """A work tree at its first commit, and a second one with something added, changed and removed."""
    history = GitHistory.init(tmp_path, bare=False)
    one = put(history, {"keep": b"1", "edit": b"1", "old/gone": b"1"})
    history.move("main", old=None, new=one)
    two = history.commit(
        {"edit": b"2", "new/x": b"2"},
        onto=one,
        message="m",
        author=ANN,
        at=1,
        executable=frozenset(("new/x",)),
        removals=frozenset(("old",)),
    )
    return history, one, two


def test_a_clean_work_tree_follows_its_branch(tmp_path: Path) -> None:
    """Files and index are those of the new commit; git sees nothing to do."""
    history, one, two = _checked_out(tmp_path)
    git(tmp_path, "status")  # writes what git caches into the index
    history.move("main", old=one, new=two)
    there = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if ".git" not in p.parts)

    assert ["edit", "keep", "new", "new/x"] == there
    assert "" == git(tmp_path, "status", "--porcelain")
    assert os.access(tmp_path / "new/x", os.X_OK)
    git(tmp_path, "commit", "--allow-empty", "-q", "-m", "next")
    assert git(tmp_path, "rev-parse", "HEAD^{tree}") == git(tmp_path, "rev-parse", f"{two}^{{tree}}")


def test_own_changes_stay_and_nothing_is_undone_by_the_next_commit(tmp_path: Path) -> None:
    """Edited, staged and untracked files are left as they are, and shown by git as the person's changes."""
    history, one, two = _checked_out(tmp_path)
    (tmp_path / "edit").write_bytes(b"mine")
    (tmp_path / "keep").write_bytes(b"mine too")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/x").write_bytes(b"in the way")
    history.move("main", old=one, new=two)
    status = git(tmp_path, "status", "--porcelain").splitlines()

    assert ["M edit", " M keep", " M new/x"] == status  # the first blank is stripped from the answer
    assert b"mine" == (tmp_path / "edit").read_bytes()
    assert b"in the way" == (tmp_path / "new/x").read_bytes()


def test_a_staged_change_stays_staged(tmp_path: Path) -> None:
    """What the person put into the index is not taken out of it."""
    history, one, two = _checked_out(tmp_path)
    (tmp_path / "edit").write_bytes(b"staged")
    git(tmp_path, "add", "edit")
    history.move("main", old=one, new=two)

    assert "M  edit" == git(tmp_path, "status", "--porcelain")


def test_a_work_tree_on_another_branch_stays(tmp_path: Path) -> None:
    """Only the branch that HEAD names is followed."""
    history, one, two = _checked_out(tmp_path)
    history.move("other", old=None, new=two)

    assert (b"1", "") == ((tmp_path / "edit").read_bytes(), git(tmp_path, "status", "--porcelain"))
    assert one == history.resolve("HEAD")


@pytest.mark.parametrize("place", ["new", "new/x"])
def test_no_link_is_written_through(tmp_path: Path, place: str) -> None:
    """A link in the work tree, as folder or as file, protects what it points to."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"precious")
    history, one, two = _checked_out(tmp_path / "r")
    (tmp_path / "r" / place).parent.mkdir(exist_ok=True)
    (tmp_path / "r" / place).symlink_to(outside / place.removeprefix("new").lstrip("/"))
    history.move("main", old=one, new=two)

    assert (b"precious", ["x"]) == ((outside / "x").read_bytes(), [path.name for path in outside.iterdir()])


@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".g\u200dit", ".git ", ".git::$INDEX_ALLOCATION"])
def test_no_commit_writes_into_gits_own_folder(tmp_path: Path, name: str) -> None:
    """A commit by a stranger with a hook in it is not checked out (CVE-2014-9390)."""
    history, one, _ = _checked_out(tmp_path / "r")
    blob = git(tmp_path / "r", "hash-object", "-w", "--stdin", given=b"#!/bin/sh")
    inner = git(tmp_path / "r", "mktree", given=f"100755 blob {blob}\thook".encode())
    raw = b"40000 " + name.encode() + b"\0" + bytes.fromhex(inner)
    tree = git(tmp_path / "r", "hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)
    evil = git(tmp_path / "r", "commit-tree", "-m", "x", "-p", one, tree)
    history.move("main", old=one, new=evil)

    assert [] == list((tmp_path / "r").rglob("hook"))
    assert not (tmp_path / "r/edit").exists()


def test_while_git_is_at_work_nothing_moves(tmp_path: Path) -> None:
    """With the index locked, neither branch nor files change."""
    history, one, two = _checked_out(tmp_path)
    (tmp_path / ".git/index.lock").write_bytes(b"")
    fault = failure(lambda: history.move("main", old=one, new=two))

    assert (StateForbids, "locked", one) == (type(fault), fault.code, history.resolve("main"))


def test_a_locked_branch_counts_as_moved(tmp_path: Path) -> None:
    """Somebody holds the lock of the branch: start again."""
    history = GitHistory.init(tmp_path, bare=True)
    commit = put(history, {"a": b"1"})
    (tmp_path / "refs/heads/main.lock").write_bytes(b"")

    assert failure(lambda: history.move("main", old=None, new=commit)).code == "moved"


def test_a_branch_below_a_branch_is_refused(tmp_path: Path) -> None:
    """`main/x` cannot be while `main` is; the message says why."""
    history = GitHistory.init(tmp_path, bare=True)
    commit = put(history, {"a": b"1"})
    history.move("main", old=None, new=commit)

    assert type(failure(lambda: history.move("main/x", old=None, new=commit))) is StateForbids
