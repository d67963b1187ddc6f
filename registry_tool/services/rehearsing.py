"""A history in which nothing lands: what a verb would do, up to the last check, and nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from registry_tool.core.payload import Files
from registry_tool.core.ports import Commit, Edit, History
from registry_tool.core.tree import MemoryTree, Overlay, Tree
from registry_tool.services.bench import Bench


def rehearsal(bench: Bench) -> Bench:
    """The same bench over a copy of its branches; what is landed there is forgotten with it."""
    return replace(bench, history=Rehearsed(bench.history), rehearses=True)


class Rehearsed:
    """A `History` that keeps commits and branches to itself."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._trees: dict[str, Tree] = {}
        self._heads: dict[str, str | None] = {}

    @property
    def where(self) -> str:
        """Of the one behind it."""
        return self._history.where

    def resolve(self, ref: str) -> str | None:
        """The commit of a branch, as it would be."""
        return self._heads[ref] if ref in self._heads else self._history.resolve(ref)

    def tree(self, commit: str) -> Tree:
        """The files of a commit, made here or there."""
        return self._trees[commit] if commit in self._trees else self._history.tree(commit)

    def info(self, commit: str) -> Commit:
        """What a commit says that is there."""
        return self._history.info(commit)

    def changed(self, base: str | None, head: str) -> tuple[Edit, ...]:
        """Every path that differs between commits that are there."""
        return self._history.changed(base, head)

    def merge_base(self, one: str, other: str) -> str | None:
        """Of commits that are there."""
        return self._history.merge_base(one, other)

    def line(self, head: str) -> Iterator[str]:
        """From a commit that is there."""
        return self._history.line(head)

    def branches(self, prefix: str = "") -> Mapping[str, str]:
        """The branches as they would be."""
        there = {**self._history.branches(prefix), **self._heads}
        return {name: head for name, head in there.items() if head is not None and name.startswith(prefix)}

    def commit(
        self,
        additions: Files,
        *,
        onto: str | None,
        message: str,  # the port's
        author: str,  # the port's
        at: int,  # the port's
        executable: frozenset[str] = frozenset(),  # the port's
    ) -> str:
        """A name for the files laid over `onto`; it is no commit's id."""
        name = f"rehearsed-{len(self._trees) + 1}"
        self._trees[name] = Overlay(self.tree(onto) if onto is not None else MemoryTree({}), additions)
        return name

    def move(self, branch: str, *, old: str | None, new: str | None) -> None:  # nobody else moves it
        """Moves a branch here alone."""
        self._heads[branch] = new
