"""A registry behind a URL as a history that pushes."""

from pathlib import Path

import pytest

from registry_tool.stores.git import GitHistory
from registry_tool.stores.pushed import PushedHistory
from registry_tool.stores.remote import Remote
from tests.stores.histories import ANN, failure, put
from tests.stores.origins import LAST, To, daemon, files, http, origin, remote, to

pytestmark = pytest.mark.slow

__all__ = ["daemon", "http", "origin", "remote", "to"]  # pytest finds fixtures by these names


def test_a_branch_from_an_older_state_is_compared_with_it(remote: Remote, origin: GitHistory) -> None:
    """Where main moved on twice, and a branch has two commits, what they grew from is found all the same."""
    base = origin.resolve("main") or ""
    head = put(origin, {"b.txt": b"b"}, put(origin, {"a.txt": b"a"}, base))
    origin.move("submit/one", old=None, new=head)
    history = PushedHistory(remote, main="main", reads=("index/registry.yaml",))
    origin.move("main", old=base, new=put(origin, {"d.txt": b"d"}, put(origin, {"c.txt": b"c"}, base)))
    tip = history.resolve("main") or ""

    assert {"submit/one": head} == dict(history.branches("submit/"))
    assert base == history.merge_base(tip, head)
    assert ["a.txt", "b.txt"] == [edit.path for edit in history.changed(base, head)]
    assert (b"b", files()[LAST]) == (history.tree(head).read("b.txt"), history.tree(tip).read(LAST))
    assert ({"main": tip, "submit/one": head}, head) == (dict(history.branches()), history.resolve("submit/one"))
    assert (None, {}) == (history.resolve("submit/none"), dict(history.branches("invite/")))


def test_who_comes_second_is_told_and_starts_again(to: To, origin: GitHistory) -> None:
    """Of two that read the same tip one lands; the other one's move is `moved`, and from the new tip it lands."""
    one, two = (PushedHistory(to(f"file://{origin.where}"), main="main") for _ in range(2))
    tip = one.resolve("main") or ""
    first, second = (put(origin, {name: b"x"}, tip) for name in ("first", "second"))
    mine = one.commit({"first": b"x"}, onto=tip, message="m", author=ANN, at=1_000_000_000)
    assert (first, tip) == (mine, two.resolve("main"))
    theirs = two.commit({"second": b"x"}, onto=tip, message="m", author=ANN, at=1_000_000_000)
    assert second == theirs

    one.move("main", old=tip, new=mine)
    assert "moved" == failure(lambda: two.move("main", old=tip, new=theirs)).code
    again = two.commit({"second": b"x"}, onto=two.resolve("main"), message="m", author=ANN, at=1_000_000_000)
    two.move("main", old=mine, new=again)
    assert (again, b"x") == (origin.resolve("main"), origin.tree(again).read("first"))
    two.move("submit/x", old=None, new=mine)
    two.move("submit/x", old=mine, new=None)
    assert ["main"] == list(origin.branches())


def test_a_pull_request_s_head_is_fetched_by_its_ref(remote: Remote, origin: GitHistory) -> None:
    """It is no branch; what it grew from is found also where main moved on and it has several commits."""
    base = origin.resolve("main") or ""
    middle = put(origin, {"b.txt": b"b"}, base)
    head = put(origin, {"c.txt": b"c"}, put(origin, {"a.txt": b"a"}, middle))
    refs = Path(origin.where) / "refs" / "pull" / "7"
    refs.mkdir(parents=True)
    (refs / "head").write_text(f"{head}\n")
    history = PushedHistory(remote, main="main")
    origin.move("main", old=base, new=put(origin, {"d.txt": b"d"}, base))
    tip = history.resolve("main") or ""
    before = history.resolve("refs/pull/7/head")
    history.fetch([])
    history.fetch(["refs/pull/7/head"])

    assert (None, head) == (before, history.resolve("refs/pull/7/head"))
    assert base == history.merge_base(tip, head)
    assert ["a.txt", "b.txt", "c.txt"] == [edit.path for edit in history.changed(base, head)]
    assert "no-branch" == failure(lambda: history.fetch(["refs/pull/8/head"])).code
    assert "bad-branch" == failure(lambda: history.fetch(["refs/heads/main:refs/heads/x"])).code
