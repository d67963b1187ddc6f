"""Chains of statements, and what holds for every one of them (formats of the registry, part 4).

    1.json ──digest──▶ 2.json ──digest──▶ 3.json       each signed by keys of the one before
                          │
                          └─ under: {"moderators": {number, sha256}}   the other chains whose keys signed

What a change needs to be signed by differs per chain and stands in `authority.py`; here is what
they share: numbers without a gap, links by digest, rows that never vanish, `under` that never falls.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from registry_tool.core import limits
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.keys import K16, PublicKey, SignatureCheck, k16
from registry_tool.core.release import Entry
from registry_tool.core.statements import HeadRef, Keyring, Moderators, Policy, Row, Scope, Statement

B = TypeVar("B", bound=Statement)


@dataclass(frozen=True, slots=True)
class SignedBytes:
    """A document as it lies on disk: its bytes and the detached signatures beside it."""

    data: bytes
    signatures: Mapping[K16, bytes]

    @classmethod
    def of(cls, entry: Entry) -> "SignedBytes":
        """The same, from the form that the site carries."""
        signatures: dict[K16, bytes] = {}
        for one in entry.signatures:
            if K16(one.key) in signatures:
                raise InvalidInput(f"two signatures by the key {one.key}", code="invalid-document")
            signatures[K16(one.key)] = decode64(one.signature)
        try:
            return cls(entry.statement.encode("utf-8"), signatures)
        except UnicodeEncodeError as error:
            raise InvalidInput("a statement holds half of a surrogate pair", code="not-canonical") from error

    def entry(self) -> dict[str, object]:
        """The form that the site carries, signatures in the order of their keys."""
        return {
            "statement": self.data.decode("utf-8"),
            "signatures": [
                {"key": key, "signature": base64.b64encode(self.signatures[key]).decode("ascii")}
                for key in sorted(self.signatures)
            ],
        }


@dataclass(frozen=True, slots=True)
class Link(Generic[B]):
    """One statement of a chain."""

    number: int
    sha256: Hex
    body: B
    source: SignedBytes

    @property
    def ref(self) -> HeadRef:
        """How another document's `under` names it."""
        return HeadRef(number=self.number, sha256=self.sha256)


@dataclass(frozen=True, slots=True)
class Chain(Generic[B]):
    """A chain that was verified, or is just being."""

    subject: str
    links: tuple[Link[B], ...]

    @property
    def head(self) -> Link[B]:
        """The newest statement known."""
        return self.links[-1]

    def named(self, under: Mapping[str, HeadRef], what: str) -> Link[B]:
        """The statement that a document's `under` names; `NotTrusted` where it never was."""
        ref = under.get(self.subject)
        if ref is None:
            raise NotTrusted(
                f"{what} does not say under which number of {self.subject} it was signed", code="bad-under"
            )
        if ref.number > len(self.links):
            raise NotTrusted(
                f"{what} names number {ref.number} of {self.subject}, which ends at {len(self.links)}", code="bad-under"
            )
        link = self.links[ref.number - 1]
        if link.sha256 != ref.sha256:
            raise NotTrusted(
                f"{what} names another number {ref.number} of {self.subject} than this one", code="chain-forked"
            )
        return link


def read_links(model: type[B], subject: str, sources: Sequence[SignedBytes], *, registry: str) -> tuple[Link[B], ...]:
    """The statements of a chain in order, their signatures not yet looked at.

    Numbers run from 1 without a gap, each names the digest of the one before, the subject is the
    one that its place says, what `under` names never falls. Raises `InvalidInput` or `NotTrusted`.
    """
    links: list[Link[B]] = []
    for number, source in enumerate(sources, start=1):
        what = f"{subject} {number}"
        body = load(model, source.data, limit=limits.STATEMENT_BYTES, registry=registry, what=what)
        before = links[-1] if links else None
        if body.subject != subject:
            raise NotTrusted(f"{what} is a statement about {body.subject}", code="other-subject")
        if body.number != number:
            raise NotTrusted(f"{what} says that it is number {body.number}: the chain has a gap", code="chain-gap")
        expected = prefixed(before.sha256) if before else None
        if body.previous != expected:
            raise NotTrusted(f"{what} follows another statement than the one before it", code="chain-forked")
        if before is not None:
            never_falls(before.body.under, body.under, what)
        links.append(Link(number, sha256(source.data), body, source))
    if not links:
        raise NotTrusted(f"the chain {subject} is empty", code="chain-empty")
    return tuple(links)


def never_falls(before: Mapping[str, HeadRef], after: Mapping[str, HeadRef], what: str) -> None:
    """Refuses a document that names a lower number of some chain than the one before it did."""
    for subject, ref in after.items():
        if subject in before and ref.number < before[subject].number:
            raise NotTrusted(
                f"{what} was signed under {subject} {ref.number}, the one before it under {before[subject].number}",
                code="bad-under",
            )


def signers(source: SignedBytes, known: Iterable[PublicKey], *, check: SignatureCheck, what: str) -> frozenset[K16]:
    """Which of the `known` keys signed.

    A signature by a known key that does not verify refuses the document; one by an unknown key
    counts for nothing (part 2).
    """
    good = set()
    by_reference: dict[K16, PublicKey] = {}
    for key in known:
        if by_reference.setdefault(k16(key), key) != key:
            raise InvalidInput(f"two keys share the reference {k16(key)}", code="bad-key")
    for reference, signature in source.signatures.items():
        known_key = by_reference.get(reference)
        if known_key is None:
            continue
        if not check(known_key, source.data, signature):
            raise NotTrusted(f"{what}: the signature by {reference} does not hold", code="bad-signature")
        good.add(reference)
    return frozenset(good)


def rows_stay(before: Mapping[object, Row], after: Mapping[object, Row], what: str) -> None:
    """Refuses a row that vanished, or that ended and changed."""
    for name, row in before.items():
        if name not in after:
            raise NotTrusted(f"{what}: {name} vanished; what ends stays listed with `since`", code="row-vanished")
        if not row.active and after[name] != row:
            raise NotTrusted(f"{what}: {name} had ended and is changed", code="row-changed")


def new_rows(before: Mapping[object, Row], after: Mapping[object, Row], what: str) -> tuple[object, ...]:
    """Names of the rows that were not there before; they begin active."""
    added = tuple(name for name in after if name not in before)
    for name in added:
        if not after[name].active:
            raise NotTrusted(f"{what}: {name} is new and has ended already", code="row-changed")
    return added


def decode64(text: str) -> bytes:
    """The bytes of standard base64; `InvalidInput` for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("a signature is not standard base64", code="invalid-document") from error


AnyChain = Chain[Moderators] | Chain[Policy] | Chain[Keyring] | Chain[Scope]
