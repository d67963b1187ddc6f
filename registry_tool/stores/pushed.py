"""A registry's repository behind a URL as a `History`: what is read comes from there, what moves is pushed.

Little is fetched: the newest commit, a branch's last two, and files when they are read. All commits
come only where a branch grew from an older state than the newest one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from registry_tool.core.payload import Files
from registry_tool.core.ports import Commit, Edit
from registry_tool.core.tree import Tree
from registry_tool.stores.remote import ALL, Remote

_READ_AHEAD: Final = 2_000
"""Paths of a change that are fetched at once; of a larger one, which nobody may want, only what is read."""
_STEP: Final = 100_000
"""Paths that differ from one state to another: anybody may open a pull request, and some kilobytes name millions."""
_BEGINNINGS: Final = 4
"""How often it is asked for what lies before what is known."""
_DEEP: Final = 1_000
"""Commits of a pull request that are fetched to find where it began: it is made in a few, on any state of `main`."""


class PushedHistory:
    """The repository of `remote`, whose branch `main` is read anew each time that it is asked for.

    `reads` are paths that will be read of it, as `GitHistory.prefetch` takes them. Raises what `Remote` does.
    """

    def __init__(self, remote: Remote, *, main: str, reads: Collection[str] = ()) -> None:
        self._remote = remote
        self._main = main
        self._reads = reads
        self._pulls: tuple[str, ...] = ()
        self._history, self._tip = remote.fetch_tip(main)
        self._history.prefetch(self._tip, reads)

    @property
    def where(self) -> str:
        """Its address."""
        return self._remote.where

    def resolve(self, ref: str) -> str | None:
        """The commit of `main` over there, now; another branch of there, or what is known here by that name."""
        if ref != self._main:
            return self._history.resolve(ref) or self.branches(ref).get(ref)
        before = self._tip
        self._history, self._tip = self._remote.fetch_tip(self._main)
        if before != self._tip:
            self._history.prefetch(self._tip, self._reads)
        return self._tip

    def tree(self, commit: str) -> Tree:
        """The files of a commit."""
        return self._history.tree(commit)

    def info(self, commit: str) -> Commit:
        """What the commit says."""
        return self._history.info(commit)

    def changed(self, base: str | None, head: str) -> tuple[Edit, ...]:
        """Every path that differs; what is new at them is fetched with it, since it will be read."""
        edits = self._history.changed(base, head) if base is None else self._history.changed(base, head, most=_STEP)
        if len(edits) <= _READ_AHEAD:
            self._history.prefetch(head, [edit.path for edit in edits if edit.new is not None])
        return edits

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both grew from."""
        found = self._history.merge_base(one, other)
        pulls = [ref for ref in self._pulls if self._history.resolve(ref) in (one, other)]
        # Where what is known begins behind what was fetched later, git moves one such beginning at a time.
        for _ in range(_BEGINNINGS if found is None else 0):
            self._history = self._remote.fetch_branches(depth=ALL)
            if pulls:
                self._history = self._remote.fetch_refs(pulls, depth=_DEEP)
            found = self._history.merge_base(one, other)
            if found is not None:
                break
        return found

    def line(self, head: str) -> Iterator[str]:
        """`head` and its first parents, as far as history was fetched."""
        return self._history.line(head)

    def branches(self, prefix: str = "") -> Mapping[str, str]:
        """The branches over there whose names begin with `prefix`, each with a commit that can be read."""
        there = self._remote.list_branches(prefix)
        if any(self._history.resolve(commit) is None for commit in there.values()):
            self._history = self._remote.fetch_branches(prefix)
        # What was pushed between the two looks is seen the next time.
        return {name: commit for name, commit in there.items() if self._history.resolve(commit) is not None}

    def fetch(self, refs: Sequence[str]) -> None:
        """Brings refs that are no branches, as `refs/pull/7/head`; `resolve` gives their commits from then on."""
        if refs:
            self._history = self._remote.fetch_refs(refs)
            self._pulls = tuple(refs)

    def commit(
        self,
        additions: Files,
        *,
        onto: str | None,
        message: str,
        author: str,
        at: int,
        executable: frozenset[str] = frozenset(),
    ) -> str:
        """A new commit, here only until a branch moves to it."""
        return self._history.commit(additions, onto=onto, message=message, author=author, at=at, executable=executable)

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:
        """Pushes; `StateForbids` with code `moved` where the branch is not at `old` over there."""
        if new is None:
            self._remote.delete_branch(branch, old=old)
        else:
            self._remote.push(new, branch, old=old)
