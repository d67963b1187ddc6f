"""Targets metadata as a repository is read with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError
from registry_tool.core.roots import (
    RoleKeys,
    Root,
    draft_root,
    metadata_id,
    read_roots,
    registry_id,
    signers_of,
)
from registry_tool.core.statements import HeadRef
from registry_tool.core.targets import (
    Days,
    draft_targets,
    newest_targets,
    read_targets,
    targets_at,
    trusted_root_at,
    trusted_root_text,
)
from registry_tool.core.tree import MemoryTree
from registry_tool.signing.ed25519 import Ed25519Signer, check
from registry_tool.signing.tuf.offline import add_signature, make_root, make_targets, signed_by

Edit = Callable[[dict[str, Any]], object]
Fault = type[RegistryError]

PEOPLE = [Ed25519Signer(bytes([number]) * 32) for number in range(1, 7)]
ANN, BOB, EVA, BINS, JOB, STRANGER = PEOPLE
DAYS = Days(bins=90, snapshot=30, timestamp=7)
UNTIL = 2_000_000_000


def keys(*signers: Ed25519Signer, of: int = 1) -> RoleKeys:
    """A role of these people, `of` of whom sign."""
    return RoleKeys(tuple(signer.key for signer in signers), of)


def first_root() -> bytes:
    """A root by Ann whose targets take two of three."""
    roles = {
        "root": keys(ANN),
        "targets": keys(ANN, BOB, EVA, of=2),
        "snapshot": keys(JOB),
        "timestamp": keys(JOB),
    }
    return add_signature(make_root(roles, expires=UNTIL), ANN)  # type: ignore[arg-type]  # the four roles


def a_root() -> Root:
    """The same, read."""
    text = first_root()
    return read_roots([text], registry=registry_id(text), check=check)[0]


def a_text(*edits: Edit, by: tuple[Ed25519Signer, ...] = (ANN, BOB), trusted_root: bytes | None = None) -> bytes:
    """Targets, changed before they are signed."""
    text = make_targets(keys(BINS), version=3, expires=UNTIL, days=DAYS, bits=4, trusted_root=trusted_root)
    if not edits:
        return signed_by(text, by)
    signed: Any = canonical.parse(text, limit=10**6, what="it")["signed"]
    for edit in edits:
        edit(signed)
    message = canonical.encode(signed)
    rows = [{"keyid": metadata_id(one.key), "sig": one.sign(message).hex()} for one in by]
    return canonical.encode({"signatures": rows, "signed": signed})


def test_targets_say_who_signs_the_index() -> None:
    """Keys, number and division of the bins, the terms and the trust root are read."""
    targets = read_targets(a_text(trusted_root=b"{}"), 3, a_root(), check=check)

    assert (3, 4, 16, "index-16") == (targets.number, targets.bits, targets.bins, targets.prefix)
    assert ((BINS.key,), 1) == (tuple(targets.bin_keys.values()), targets.bin_threshold)
    assert (90, 30, 7, 3650) == (
        targets.days.bins,
        targets.days.snapshot,
        targets.days.timestamp,
        targets.days.targets,
    )
    assert sha256(b"{}") == targets.trusted_root


@pytest.mark.parametrize(
    ("text", "number", "expected", "code", "said"),
    [
        (a_text(), 4, InvalidInput, "chain-gap", "version 3"),
        (a_text(by=(ANN,)), None, NotTrusted, "bad-root", "2 of root 1's targets keys"),
        (a_text(by=(ANN, STRANGER)), None, NotTrusted, "bad-root", "2 of root 1's targets keys"),
        (a_text(lambda signed: signed.update(surprise=1)), 3, InvalidInput, "invalid-document", "surprise"),
        (a_text(lambda signed: signed.pop("x-days")), 3, InvalidInput, "invalid-document", "x-days"),
        (
            a_text(lambda signed: signed["delegations"]["succinct_roles"]["keyids"].append("ab")),
            3,
            InvalidInput,
            "invalid-document",
            "that it does not list",
        ),
        (
            a_text(lambda signed: signed["delegations"]["succinct_roles"].update(bit_length=17)),
            3,
            InvalidInput,
            "invalid-document",
            "bit_length",
        ),
        (
            a_text(lambda signed: next(iter(signed["delegations"]["keys"].values())).update(keytype="rsa")),
            3,
            InvalidInput,
            "bad-key",
            "only ed25519",
        ),
        (a_text() + b" ", 3, InvalidInput, "not-canonical", "canonical"),
    ],
)
def test_targets_that_do_not_hold_are_refused(
    text: bytes, number: int | None, expected: Fault, code: str, said: str
) -> None:
    """Another number, too few signatures and every other form are refused in words."""
    with pytest.raises(expected, match=said) as caught:
        read_targets(text, number, a_root(), check=check)

    assert code == caught.value.code


def a_tree(*targets: bytes, trusted_root: bytes | None = None, at: str = "") -> MemoryTree:
    """A repository with these targets, and a trust root, if need be in another place than its own."""
    files = {layout.root_path(1): first_root()}
    files |= {layout.targets_path(number): text for number, text in enumerate(targets, start=1)}
    if trusted_root is not None:
        files[at or layout.trusted_root_path(sha256(trusted_root))] = trusted_root
    return MemoryTree(files)


def numbered(number: int, **more: Any) -> bytes:
    """Targets with a number."""
    text = make_targets(keys(BINS), version=number, expires=UNTIL, days=DAYS, **more)
    return signed_by(text, (ANN, EVA))


def test_the_newest_targets_count() -> None:
    """Of several the highest number; a registry without any has none, and believes no keyless signature."""
    tree = a_tree(*(numbered(number) for number in range(1, 11)))
    found = targets_at(tree, a_root(), check=check)

    assert 10 == newest_targets(tree) == (found.number if found else 0)
    assert (0, None) == (newest_targets(a_tree()), targets_at(a_tree(), a_root(), check=check))
    assert trusted_root_at(a_tree(), a_root(), check=check) is None
    assert trusted_root_at(tree, a_root(), check=check) is None


def test_the_trust_root_is_the_one_that_targets_list() -> None:
    """It is read by its digest; a missing and another one are refused."""
    targets = numbered(1, trusted_root=b'{"a":1}')
    there = layout.trusted_root_path(sha256(b'{"a":1}'))

    assert [None, None] == [trusted_root_text(a_tree(*texts)) for texts in ((), (b"{}",))]
    assert b'{"a":1}' == trusted_root_at(a_tree(targets, trusted_root=b'{"a":1}'), a_root(), check=check)
    for tree in (a_tree(targets), a_tree(targets, trusted_root=b"other", at=there)):
        with pytest.raises(NotTrusted, match="not the one that"):
            trusted_root_at(tree, a_root(), check=check)


def test_a_half_signed_text_says_who_signed() -> None:
    """A draft needs no signatures; who gave one is told, and a bad or strange one is refused."""
    half = a_text(by=(BOB,))
    people = [ANN.key, BOB.key, EVA.key]
    damaged = canonical.parse(half, limit=10**6, what="it")
    damaged["signatures"][0]["sig"] = "00" * 64

    assert (3, frozenset({BOB.key})) == (draft_targets(half, 3).number, signers_of(half, people, check=check))
    with pytest.raises(NotTrusted, match="does not hold"):
        signers_of(canonical.encode(damaged), people, check=check)
    with pytest.raises(InvalidInput, match="whom it does not ask"):
        signers_of(a_text(by=(STRANGER,)), people, check=check)
    with pytest.raises(InvalidInput, match="signatures"):
        signers_of(b'{"signed":{}}', people, check=check)


def test_a_draft_of_a_root_follows_the_last() -> None:
    """It has the next number and pins the moderators, whoever signed it; names are read from it."""
    before = a_root()
    roles = {role: before.roles[role] for role in before.roles}
    pin = HeadRef(number=1, sha256=sha256(b""))
    names = {metadata_id(ANN.key): "ann"}
    root = draft_root(make_root(roles, expires=UNTIL, version=2, moderators=pin, names=names), before)

    assert (2, names, before.roles) == (root.number, root.names, root.roles)
    with pytest.raises(InvalidInput, match="pins no moderators"):
        draft_root(make_root(roles, expires=UNTIL, version=2), before)
    with pytest.raises(InvalidInput, match="version 3"):
        draft_root(make_root(roles, expires=UNTIL, version=3, moderators=pin), before)
    ahead = replace(before, moderators=HeadRef(number=2, sha256=sha256(b"")))
    with pytest.raises(NotTrusted, match="pins moderators 1, the one before it 2"):
        draft_root(make_root(roles, expires=UNTIL, version=2, moderators=pin), ahead)
