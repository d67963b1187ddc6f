"""The `dist` branch: what agents' own tools install from a repository, as one commit without a past.

The commit is a function of its files: its time is the newest in their table, its author the registry. The same
registry gives the same commit wherever it is made, and what was taken back is in no commit before it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from registry_tool.core.digest import Hex
from registry_tool.core.distributed import TABLE, DistTable, is_distributed, read_table
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.index import Made
from registry_tool.core.payload import Files
from registry_tool.core.ports import History
from registry_tool.core.times import to_seconds
from registry_tool.services.built import Build

_UNFIT: Final = re.compile("[<>\x00-\x1f\x7f\ud800-\udfff]")
"""What git has no place for in the name of an author."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The branch as a value."""

    registry: Hex
    table: DistTable
    files: Files
    """Each is made when it is asked for."""

    @property
    def executable(self) -> frozenset[str]:
        """Paths of the files that are executable."""
        return frozenset(path for row in self.table.releases for path in row.executable)


class _Loaded(Mapping[str, bytes]):
    """Files of a build, loaded one by one."""

    def __init__(self, made: Mapping[str, Made]) -> None:
        self._made = made

    def __getitem__(self, path: str) -> bytes:
        return self._made[path].load(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def distribution_of(build: Build) -> Distribution:
    """What a build with the feeds of the branch gives; `RegistryError` for a build with other feeds."""
    made = {one.path: one for one in build.made if is_distributed(one.path)}
    if TABLE not in made:
        raise RegistryError(f"the build made no {TABLE}")
    table = read_table(made[TABLE].load(TABLE), registry=build.registry)
    return Distribution(build.registry, table, _Loaded(made))


def commit_of(distribution: Distribution, history: History) -> str:
    """The id of the branch's commit, which is then in `history`; no branch moves."""
    table = distribution.table
    name = " ".join(_UNFIT.sub(" ", table.name).split()) or "A registry"
    count = len(table.releases)
    return history.commit(
        distribution.files,
        onto=None,
        message=f"What {name} lets in: {count} {'release' if count == 1 else 'releases'}\n\nRegistry: {table.registry}",
        author=f"{name} <>",
        at=to_seconds(table.at),
        executable=distribution.executable,
    )


def demand_ours(history: History, commit: str | None, *, branch: str, registry: str) -> None:
    """`StateForbids` (`other-branch`) where a branch holds something that this tool did not put there."""
    if commit is None:
        return
    data = None if history.info(commit).parents else history.tree(commit).read(TABLE)
    try:
        if data is not None:
            read_table(data, registry=registry)
            return
    except (InvalidInput, NotTrusted):
        pass  # another registry's, or somebody's own file of that name
    raise StateForbids(
        f"the branch {branch} holds something else than what this registry let in, and would be lost",
        where=history.where,
        hint="name another one with --branch, or delete it first",
        code="other-branch",
    )
