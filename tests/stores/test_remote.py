"""`Remote` against real servers: a folder, `git daemon` and `git http-backend`."""

import subprocess

import pytest

from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.core.tree import walk
from registry_tool.stores.git import GitHistory
from registry_tool.stores.remote import Remote
from tests.stores.gitservers import Daemon
from tests.stores.histories import failure
from tests.stores.origins import LAST, To, commit_on, daemon, files, http, origin, path_of, remote, to

pytestmark = pytest.mark.slow

__all__ = ["daemon", "http", "origin", "remote", "to"]  # pytest finds fixtures by these names


def test_the_tip_reads_as_it_is_there(remote: Remote, origin: GitHistory) -> None:
    """Every path, every file, and nothing of the history before it."""
    history, tip = remote.fetch_tip()
    tree = history.tree(tip)
    paths = [path for path, _ in walk(tree)]

    assert (origin.resolve("main"), sorted(["index/registry.yaml", *files()])) == (tip, sorted(paths))
    assert (files()[LAST], None) == (tree.read(LAST), tree.read("no"))
    assert [tip] == list(history.line(tip))


def test_a_submission_goes_there_and_can_be_told_from_there(remote: Remote, origin: GitHistory) -> None:
    """A commit on a tip of which only some folders were fetched is pushed whole; the reader sees what it adds."""
    history, tip = remote.fetch_tip()
    new = commit_on(history, {f"{path_of(7)}/1.2.0/release.json": b"new"}, tip)
    remote.push(new, "submit/abc")
    remote.push(new, "submit/abc")  # again is fine
    again, head = remote.fetch_branch("submit/abc")
    edits = [edit.path for edit in again.changed(again.info(head).parents[0], head)]

    assert (new, {"submit/abc": new}) == (head, remote.list_branches("submit/"))
    assert [f"{path_of(7)}/1.2.0/release.json"] == edits
    subprocess.run(["git", "-C", origin.where, "fsck", "--strict", "--no-dangling"], check=True, timeout=60)
    assert [new, *origin.line(tip)] == list(origin.line(new))


def test_a_branch_elsewhere_is_not_overwritten(remote: Remote) -> None:
    """Neither one that exists, nor one that was thought to be somewhere else, also where it would be a step forward."""
    history, tip = remote.fetch_tip()
    one = commit_on(history, {"a": b"1"}, tip)
    two = commit_on(history, {"a": b"2"}, one)
    remote.push(one, "submit/x")
    faults = [
        failure(lambda: remote.push(two, "submit/x")),
        failure(lambda: remote.push(two, "submit/x", old=tip)),
        failure(lambda: remote.delete_branch("submit/x", old=two)),
    ]
    before = remote.list_branches()
    remote.push(two, "submit/x", old=one)
    after = remote.list_branches()

    assert [(StateForbids, "moved")] * 3 == [(type(fault), fault.code) for fault in faults]
    assert ({"main": tip, "submit/x": one}, {"main": tip, "submit/x": two}) == (before, after)


def test_a_branch_is_deleted(remote: Remote) -> None:
    """Also twice; a branch whose name only begins so stays."""
    tip = remote.fetch_tip()[1]
    remote.push(tip, "submit/x")
    remote.push(tip, "submit/xy")
    remote.delete_branch("submit/x")
    remote.delete_branch("submit/x")

    assert {"main": tip, "submit/xy": tip} == remote.list_branches()


def test_a_branch_that_is_not_there_is_said(remote: Remote) -> None:
    """`no-branch`, not a question about the network."""
    fault = failure(lambda: remote.fetch_tip("nothing"))

    assert (NotFound, "no-branch") == (type(fault), fault.code)


def test_what_moved_since_is_seen(remote: Remote, origin: GitHistory) -> None:
    """A second look finds the newer tip and the files in it, through the same cache."""
    tip = remote.fetch_tip()[1]
    new = commit_on(origin, {f"{path_of(3)}/1.3.0/release.json": b"later"}, tip)
    origin.move("main", old=tip, new=new)
    history, now = remote.fetch_tip()

    assert (new, b"later") == (now, history.tree(now).read(f"{path_of(3)}/1.3.0/release.json"))


def test_only_what_is_looked_at_moves(daemon: Daemon, to: To) -> None:
    """A few paths are read and a commit is pushed for a small part of the tip, in a handful of connections."""
    remote = to(daemon.url("reg.git"))
    history, tip = remote.fetch_tip()
    base = path_of(7)
    history.prefetch(tip, [f"{base}/1.0.0/release.json", f"{base}/1.1.0/admission.json", "index/authors/aa/x", "no"])
    before = daemon.connections
    read = history.tree(tip).read(f"{base}/1.1.0/admission.json")
    remote.push(commit_on(history, {f"{base}/1.2.0/release.json": b"new"}, tip), "submit/x")

    assert (files()[f"{base}/1.1.0/admission.json"], before + 1) == (read, daemon.connections)
    assert daemon.connections <= 7
    assert daemon.sent + daemon.received < 20_000
