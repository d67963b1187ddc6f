"""Signed documents as files: what a signer lays down in a repository."""

from collections.abc import Iterable, Mapping
from typing import Any

from registry_tool.core import canonical, layout
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.keys import Signer, k16
from registry_tool.core.statements import HeadRef
from registry_tool.core.tree import Tree


def sealed(path: str, value: Mapping[str, Any], signers: Iterable[Signer]) -> dict[str, bytes]:
    """A JSON document at `path` and a detached signature of each signer beside it."""
    data = canonical.encode(dict(value))
    files = {path: data}
    for signer in signers:
        files[layout.signature_path(path, k16(signer.key))] = signer.sign(data)
    return files


def frame(
    schema: str, registry: str, subject: str, before: tuple[int, bytes] | None, under: Mapping[str, HeadRef]
) -> dict[str, Any]:
    """The frame of a statement that follows `before` (number and bytes; `None` at 1)."""
    return {
        "schema": schema,
        "registry": registry,
        "subject": subject,
        "number": before[0] + 1 if before else 1,
        "previous": prefixed(sha256(before[1])) if before else None,
        "mode": "continue",
        "under": {name: {"number": ref.number, "sha256": ref.sha256} for name, ref in sorted(under.items())},
    }


def refs(under: Mapping[str, HeadRef]) -> dict[str, Any]:
    """`under` as JSON."""
    return {name: {"number": ref.number, "sha256": ref.sha256} for name, ref in sorted(under.items())}


def missing_from(tree: Tree, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that `tree` does not hold with the same bytes."""
    return {path: data for path, data in files.items() if tree.read(path) != data}
