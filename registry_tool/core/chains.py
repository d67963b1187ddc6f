"""Chains of statements, and what holds for every one of them (formats of the registry, part 4).

    1.json ──digest──▶ 2.json ──digest──▶ 3.json       each signed by keys of the one before
                          │
                          └─ under: {"moderators": {number, sha256}}   the other chains whose keys signed

What a change needs to be signed by differs per chain and stands in `authority.py`; here is what
they share: numbers without a gap, links by digest, rows that never vanish, `under` that never falls.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from registry_tool.core import limits
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.keys import K16, PublicKey, SignatureCheck, k16
from registry_tool.core.release import Entry
from registry_tool.core.statements import HeadRef, Keyring, KeyRow, Moderators, Policy, Row, Scope, Statement

B = TypeVar("B", bound=Statement)
R = TypeVar("R", bound=Row)


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
    highest: dict[str, HeadRef] = {}
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
        never_falls(highest, body.under, what)
        highest.update(body.under)
        links.append(Link(number, sha256(source.data), body, source))
    if not links:
        raise NotTrusted(f"the chain {subject} is empty", code="chain-empty")
    return tuple(links)


def never_falls(highest: Mapping[str, HeadRef], under: Mapping[str, HeadRef], what: str) -> None:
    """Refuses a document whose `under` names a lower number than one before it, `highest`, or another one with it."""
    for subject, ref in under.items():
        before = highest.get(subject, ref)
        if ref.number < before.number:
            raise NotTrusted(
                f"{what} was signed under {subject} {ref.number}, one before it under {before.number}",
                code="bad-under",
            )
        if ref.number == before.number and ref.sha256 != before.sha256:
            raise NotTrusted(f"{what} names another {subject} {ref.number} than one before it did", code="chain-forked")


def signers(source: SignedBytes, known: Iterable[PublicKey], *, check: SignatureCheck, what: str) -> frozenset[K16]:
    """Which of the `known` keys signed.

    A signature by a known key that does not verify refuses the document; one by an unknown key
    counts for nothing (part 2). Where two keys shared a reference it would have to be by both.
    """
    by_reference: dict[K16, set[PublicKey]] = {}
    for key in known:
        by_reference.setdefault(k16(key), set()).add(key)
    good = frozenset(source.signatures) & frozenset(by_reference)
    for reference in sorted(good):
        if not all(check(key, source.data, source.signatures[reference]) for key in by_reference[reference]):
            raise NotTrusted(f"{what}: the signature by {reference} does not hold", code="bad-signature")
    return good


def rows_stay(before: Mapping[str, Row], after: Mapping[str, Row], what: str) -> None:
    """Refuses a row that vanished, that ended and changed, or that is about something else than before.

    One change of an ended row is allowed: a retired key turns out to be stolen (`revoked_after_all`).
    """
    for name, row in before.items():
        if name not in after:
            raise NotTrusted(f"{what}: {name} vanished; what ends stays listed with `since`", code="row-vanished")
        if not row.active and after[name] != row and not revoked_after_all(row, after[name]):
            raise NotTrusted(f"{what}: {name} had ended and is changed", code="row-changed")
        if not row.same_as(after[name]):
            raise NotTrusted(f"{what}: {name} is another than before", code="row-changed")


def revoked_after_all(before: Row, after: Row) -> bool:
    """Whether a key that had retired is revoked, not later than it retired, and it says why.

    People rotate a key first and find out then since when it was stolen.
    """
    return (
        isinstance(before, KeyRow)
        and (before.status, after.status) == ("retired", "revoked")
        and bool(after.reason)
        and str(after.since) <= str(before.since)
    )


def new_rows(before: Mapping[str, R], after: Mapping[str, R], what: str) -> dict[str, R]:
    """The rows that were not there before; they begin active."""
    added = {name: row for name, row in after.items() if name not in before}
    for name, row in added.items():
        if not row.active:
            raise NotTrusted(f"{what}: {name} is new and has ended already", code="row-changed")
    return added


def decode64(text: str) -> bytes:
    """The bytes of standard base64 in its one spelling; `InvalidInput` for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidInput("a signature is not standard base64", code="invalid-document") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise InvalidInput("a signature is not the one standard base64 of its bytes", code="invalid-document")
    return data


AnyChain = Chain[Moderators] | Chain[Policy] | Chain[Keyring] | Chain[Scope]
