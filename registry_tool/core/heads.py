"""The newest statement of a chain as a tree holds it, not verified: for rules that only read what it says."""

from functools import lru_cache
from typing import TypeVar

from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError
from registry_tool.core.limits import STATEMENT_BYTES
from registry_tool.core.published import chain_at
from registry_tool.core.statements import Statement
from registry_tool.core.tree import Tree

S = TypeVar("S", bound=Statement)


def newest(tree: Tree, subject: str, model: type[S], *, registry: str) -> S | None:
    """What the head of `subject` says; `None` where there is none, or it cannot be read: verification says why."""
    try:
        chain = chain_at(tree, subject)
    except RegistryError:
        return None
    return _read(model, chain[-1].data, registry, subject) if chain else None


@lru_cache(maxsize=256)  # many rules ask for the same few statements
def _read(model: type[S], data: bytes, registry: str, subject: str) -> S | None:
    try:
        return load(model, data, limit=STATEMENT_BYTES, registry=registry, what=subject)
    except RegistryError:
        return None
