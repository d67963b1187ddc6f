"""Handing over what was imported: its owner proves who they are, and the importer lets them into the scope (B15).

    <repository>/registry-author.json                 {"registry": "<id>", "author": "ann"}
    <site>/.well-known/registry-author.json

Whoever can write there owns what was taken from there. Then they are invited like anybody, accept with their own key,
and what they publish from then on is theirs, without the mark.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.core.manifest import read_manifest
from registry_tool.core.published import names_in, proof_at, registry_of, version_folders
from registry_tool.core.quoting import quoted
from registry_tool.core.tree import Tree

PROOF: Final = "registry-author.json"
"""The file by which an owner says who they are here."""
PROOF_BYTES: Final = 64 * limits.KIB
_FORM: Final = '{"registry": "%s", "author": "%s"}'
_FROM: Final = re.compile(r"(?P<address>https?://[^ ,]+)(, repository (?P<number>[1-9][0-9]{0,15}))?(, (?P<path>.+))?")


@dataclass(frozen=True, slots=True)
class Owner:
    """Where an owner proves who they are."""

    address: str
    """Of the repository or the site."""
    number: int | None
    """Of the repository in its forge, where that is known."""
    proof: bytes | None
    """What lies there as `registry-author.json`."""


def demand_claim(tip: Tree, scope: str, author: str, owner: Owner) -> tuple[str, ...]:
    """What was imported into a scope, all of it from the owner's place; raises where the claim does not hold.

    `NotFound` where nothing was imported there or the place has no file; `NotTrusted` where that names another registry
    or author, or the repository has another number; `StateForbids` where the scope holds imports from elsewhere too.
    """
    found = tuple(_imported(tip, scope))
    if not found:
        raise NotFound(f"nothing in @{scope} was imported", code="not-imported")
    numbers: set[int] = set()
    for manifest, origin in found:
        told = _FROM.fullmatch(origin)
        if told is None or not _below(told["address"], owner.address):
            raise StateForbids(
                f"{manifest} was imported from {quoted(origin)}, and not from {owner.address}",
                code="shared-scope",
                hint="a scope is handed over to one owner; import what is of others into a scope of its own",
            )
        numbers |= {int(told["number"])} if told["number"] else set()
    others = sorted(numbers - {owner.number})
    if owner.number is not None and others:
        raise NotTrusted(
            f"{owner.address} is repository {owner.number} now, and number {others[0]} was imported",
            code="other-repository",
            hint="somebody else has the name now; find the repository that was imported",
        )
    said = _proof(owner)
    expected = {"registry": registry_of(tip), "author": author}
    wrong = next((name for name in expected if said.get(name) != expected[name]), None)
    if wrong is not None:
        raise NotTrusted(
            f"{PROOF} of {owner.address} says the {wrong} {quoted(str(said.get(wrong)))}, expected {expected[wrong]}",
            code="other-claim",
            hint=f"its owner writes there: {_FORM % (expected['registry'], author)}",
        )
    return tuple(sorted({name for name, _ in found}))


def _below(address: str, owner: str) -> bool:
    mine = owner.rstrip("/")
    return address.lower() == mine.lower() or address.lower().startswith(f"{mine.lower()}/")


def _proof(owner: Owner) -> Mapping[str, Any]:  # Any: JSON
    if owner.proof is None:
        message = f"{owner.address} has no {PROOF}"
        raise NotFound(message, code="no-claim", hint="its owner puts it there, and you look again")
    value = parse_loose(owner.proof, limit=PROOF_BYTES, what=PROOF)
    if not isinstance(value, dict):
        raise InvalidInput(f"{PROOF} is not a JSON object", where=owner.address, code="bad-claim")
    return value


def _imported(tip: Tree, scope: str) -> Iterator[tuple[str, str]]:
    """Every admitted release of a scope that was imported, and from where."""
    registry = registry_of(tip)
    for artifact in names_in(tip):
        for folder in version_folders(tip, artifact) if artifact.scope == scope else ():
            proof = proof_at(tip, artifact, folder, registry=registry)
            manifest = read_manifest(proof.manifest, registry=registry) if proof else None
            if manifest is not None and manifest.imported is not None:
                yield manifest.artifact, manifest.imported.from_
