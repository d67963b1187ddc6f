"""Kinds of artifacts, one file each; a new file here is a new kind.

Siblings take the table as an argument. Only `wiring` and the command line ask for it here.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

from registry_tool.core.kind import Kind, Kinds


@cache
def kind_ids() -> tuple[str, ...]:
    """The ids of all kinds, sorted, without importing any: they are the names of the files here."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def kind_of(name: str) -> Kind:
    """The record of the kind whose id is `name`; imports that kind alone. `KeyError` where there is none."""
    if name not in kind_ids():
        raise KeyError(name)
    kind: Kind = importlib.import_module(f"{__name__}.{name}").KIND
    return kind


class _Table(Mapping[str, Kind]):
    """Every kind by its id; each is imported when it is looked at."""

    def __getitem__(self, name: str) -> Kind:
        return kind_of(name)

    def __contains__(self, name: object) -> bool:
        return name in kind_ids()

    def __iter__(self) -> Iterator[str]:
        return iter(kind_ids())

    def __len__(self) -> int:
        return len(kind_ids())


@cache
def all_kinds() -> Kinds:
    """All kinds of this tool; who installs a skill imports no compose file's reader."""
    return Kinds(_Table())
