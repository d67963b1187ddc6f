"""What is fetched ahead is not fetched again when it is read."""

from collections.abc import Callable

import pytest

from registry_tool.core.tree import Tree
from tests.stores.gitservers import Daemon
from tests.stores.origins import To, daemon, files, origin, path_of, to

pytestmark = pytest.mark.slow

__all__ = ["daemon", "origin", "to"]  # pytest finds fixtures by these names


def _files(tree: Tree) -> None:
    for path in sorted(files()):
        tree.read(path)


def _names(tree: Tree) -> None:
    for shard in tree.list("index/releases"):
        for scope in tree.list(f"index/releases/{shard.name}"):
            tree.list(f"index/releases/{shard.name}/{scope.name}")


def _pointers(tree: Tree) -> None:
    tree.read(f"{path_of(7)}/1.0.0/release.json")
    tree.read(f"{path_of(7)}/1.1.0/release.json")


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("index/releases/**", _files),
        ("index/releases/*/*/", _names),
        (f"{path_of(7)}/*/release.json", _pointers),
    ],
    ids=["everything below", "lists alone", "any name"],
)
def test_reading_what_was_fetched_ahead_asks_nobody(
    daemon: Daemon, to: To, path: str, read: Callable[[Tree], None]
) -> None:
    """A pattern brings all that it names, in no more steps than there are folders above, and one for the files."""
    history, tip = to(daemon.url("reg.git")).fetch_tip()
    before = daemon.connections
    history.prefetch(tip, [path])
    ahead = daemon.connections - before
    read(history.tree(tip))

    assert (True, ahead) == (ahead <= 6, daemon.connections - before)


def test_lists_alone_bring_no_more_than_lists(daemon: Daemon, to: To) -> None:
    """What lies below the folders that a pattern ends at is fetched when it is read, and not before."""
    history, tip = to(daemon.url("reg.git")).fetch_tip()
    history.prefetch(tip, ["index/releases/*/*/"])
    before = daemon.connections
    _pointers(history.tree(tip))

    assert daemon.connections > before
