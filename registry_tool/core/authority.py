"""Who may change a chain: the rules of part 4, one function per chain.

moderators   the threshold of the moderators before, or of the root (which signs the first); and each new key
policy       the threshold of the moderators
keyring      widening: a control key, the new keys, and a moderator; narrowing: a control key
scope        widening: an owner, whoever is let in, and a moderator; narrowing: an owner

Every signature by a key that is known where a statement is judged must hold, wanted or not.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from registry_tool.core.chains import (
    Chain,
    Link,
    SignedBytes,
    new_rows,
    read_links,
    revoked_after_all,
    rows_stay,
    signers,
)
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16, PublicKey, SignatureCheck, k16
from registry_tool.core.names import parse_author, parse_scope
from registry_tool.core.quoting import quoted
from registry_tool.core.roots import Root
from registry_tool.core.statements import AuthorRow, Keyring, KeyRow, Moderators, Policy, Row, Scope, Statement

Keyrings = Callable[[str], Chain[Keyring]]
"""The verified keyring of an author; `NotTrusted` where there is none."""

B = TypeVar("B", bound=Statement)

_NEEDS = {"key": 1, "identity": 1, "both": 2}


def read_moderators(
    sources: Sequence[SignedBytes], *, registry: str, roots: Sequence[Root], check: SignatureCheck
) -> Chain[Moderators]:
    """The moderators' chain, each statement signed as part 3 and 4 say; raises `NotTrusted`."""
    links = read_links(Moderators, "moderators", sources, registry=registry)
    for before, link in zip((None, *links), links, strict=False):
        what = f"moderators {link.number}"
        _only_under(link, {"root"}, what)
        old = _moderator_rows(before.body) if before else {}
        new = _moderator_rows(link.body)
        rows_stay(old, new, what)
        _people_stay(before.body if before else None, link.body, what)
        added = new_rows(old, new, what)
        # Rows never vanish, so these are the keys of the statement before as well.
        signed = signers(link.source, sorted(set(moderator_keys(link.body))), check=check, what=what)
        if "root" in link.body.under:
            _root_signed(link, roots, what, check)
        elif before is None:
            raise NotTrusted(f"{what} is not signed by a root that it names", code="not-authorised")
        elif len(people_of(before.body, signed)) < before.body.threshold:
            needed = before.body.threshold
            raise NotTrusted(f"{what} is not signed by {needed} of the moderators before it", code="not-authorised")
        # A new moderator's key says yes by itself; the gate's is no person's, and no account can sign.
        people = {row.k16 for person in link.body.people for row in person.keys}
        _let_in(added, people & signed | {row.k16 for row in link.body.gate}, what)
    _pinned(links, roots)
    return Chain("moderators", links)


def _moderator_rows(body: Moderators) -> dict[str, Row]:
    """Every key and account of a moderators' statement under the name that it keeps."""
    rows: dict[str, Row] = {f"key {row.k16} of {person.id}": row for person in body.people for row in person.keys}
    rows.update({f"gate {row.k16}": row for row in body.gate})
    rows.update(
        {
            f"account {row.number} in {quoted(row.forge)} of {person.id}": row
            for person in body.people
            for row in person.accounts
        }
    )
    return rows


def _people_stay(before: Moderators | None, after: Moderators, what: str) -> None:
    """A person stays listed, and stays the author that they said they are: approvals ask for it."""
    authors = {person.id: person.author for person in after.people}
    for person in before.people if before else ():
        if person.id not in authors:
            raise NotTrusted(f"{what}: {person.id} vanished; who ends stays listed", code="row-vanished")
        if person.author is not None and authors[person.id] != person.author:
            raise NotTrusted(f"{what}: {person.id} is the author {person.author} no more", code="row-changed")


def people_of(body: Moderators, signed: Iterable[K16]) -> frozenset[str]:
    """Which people the active keys among `signed` belong to: thresholds count people."""
    keys = set(signed)
    return frozenset(person.id for person in body.people if any(row.active and row.k16 in keys for row in person.keys))


def gate_of(body: Moderators, signed: Iterable[K16]) -> K16 | None:
    """The active gate key among `signed`."""
    keys = set(signed)
    return next((row.k16 for row in body.gate if row.active and row.k16 in keys), None)


def moderator_keys(body: Moderators) -> tuple[PublicKey, ...]:
    """All keys of people and gate, ended ones too."""
    return tuple(row.raw for row in body.rows)


def _root_signed(link: Link[Moderators], roots: Sequence[Root], what: str, check: SignatureCheck) -> None:
    ref = link.body.under["root"]
    if ref.number > len(roots) or roots[ref.number - 1].sha256 != ref.sha256:
        raise NotTrusted(f"{what} names a root {ref.number} that never was", code="bad-under")
    root = roots[ref.number - 1]
    later = next((one for one in roots[ref.number :] if one.moderators and link.number > one.moderators.number), None)
    if later is not None:
        raise NotTrusted(
            f"{what} is signed by root {ref.number}, which root {later.number} ended", code="not-authorised"
        )
    if len(signers(link.source, root.keys, check=check, what=what)) < root.threshold:
        raise NotTrusted(
            f"{what} is not signed by {root.threshold} of root {root.number}'s keys", code="not-authorised"
        )


def _pinned(links: Sequence[Link[Moderators]], roots: Sequence[Root]) -> None:
    for root in roots:
        pin = root.moderators
        if pin is None:
            continue
        if pin.number > len(links) or links[pin.number - 1].sha256 != pin.sha256:
            raise NotTrusted(
                f"root {root.number} pins another moderators {pin.number} than this one", code="chain-forked"
            )


def read_policy(
    sources: Sequence[SignedBytes], *, registry: str, moderators: Chain[Moderators], check: SignatureCheck
) -> Chain[Policy]:
    """The policy's chain, each statement signed by the moderators' threshold; raises `NotTrusted`."""
    links = read_links(Policy, "policy", sources, registry=registry)
    for link in links:
        what = f"policy {link.number}"
        _only_under(link, {"moderators"}, what)
        body = moderators.named(link.body.under, what).body
        signed = signers(link.source, moderator_keys(body), check=check, what=what)
        if len(people_of(body, signed)) < body.threshold:
            raise NotTrusted(f"{what} is not signed by {body.threshold} of the moderators", code="not-authorised")
    return Chain("policy", links)


def read_keyring(
    sources: Sequence[SignedBytes],
    author: str,
    *,
    registry: str,
    moderators: Chain[Moderators],
    policy: Chain[Policy],
    check: SignatureCheck,
    countersigned: bool = True,
) -> Chain[Keyring]:
    """An author's keyring; raises `NotTrusted`, and `InvalidInput` where the author's id is none.

    `countersigned=False` lets the last statement lack its moderator's signature: a submission that
    waits for one.
    """
    subject = f"authors/{parse_author(author)}"
    links = read_links(Keyring, subject, sources, registry=registry)
    for before, link in zip((None, *links), links, strict=False):
        what = f"{subject} {link.number}"
        _only_under(link, {"moderators", "policy"}, what)
        old = {f"key {row.k16}": row for row in before.body.keys} if before else {}
        new = {f"key {row.k16}": row for row in link.body.keys}
        rows_stay(old, new, what)
        added = new_rows(old, new, what)
        signed = signers(link.source, [row.raw for row in link.body.keys], check=check, what=what)
        waits = not countersigned and link is links[-1]
        agreed = _agreed(link, "keyring", moderators, policy, what=what, check=check)
        control = _control(before.body if before else link.body)
        if link.body.mode == "recover":
            _recovers(before is None, agreed.enough or waits, what)
        elif not control & signed:
            raise NotTrusted(f"{what} is not signed by a control key of {author}", code="not-authorised")
        _let_in(added, signed, what)
        # A control key may end itself and signing keys; a stolen one must not end all the others.
        thrown_out = control - _control(link.body) - signed
        accounts = set(link.body.accounts) - set(before.body.accounts if before else ())
        again = any(revoked_after_all(row, new[name]) for name, row in old.items())
        wider = bool(added) or bool(thrown_out) or bool(accounts) or again
        if not waits:
            _countersigned(agreed, wider=wider, hits=bool(link.body.hits), what=what)
    return Chain(subject, links)


def read_scope(
    sources: Sequence[SignedBytes],
    scope: str,
    *,
    registry: str,
    moderators: Chain[Moderators],
    policy: Chain[Policy],
    keyrings: Keyrings,
    check: SignatureCheck,
    countersigned: bool = True,
) -> Chain[Scope]:
    """A scope's chain; raises `NotTrusted`. `countersigned` as for `read_keyring`."""
    subject = f"scopes/{parse_scope(scope)}"
    links = read_links(Scope, subject, sources, registry=registry)
    for before, link in zip((None, *links), links, strict=False):
        what = f"{subject} {link.number}"
        authors = [name.partition("/")[2] for name in sorted(link.body.under) if name.startswith("authors/")]
        _only_under(link, {"moderators", "policy", *(f"authors/{author}" for author in authors)}, what)
        old, new = (_scope_rows(before.body) if before else {}), _scope_rows(link.body)
        rows_stay(old, new, what)
        added = new_rows(old, new, what)
        signed = frozenset(author for author in authors if _author_signed(link, author, keyrings(author), what, check))
        waits = not countersigned and link is links[-1]
        agreed = _agreed(link, "scope", moderators, policy, what=what, check=check)
        owners = {row.author for row in (before.body if before else link.body).owners if row.active}
        if link.body.mode == "recover":
            _recovers(before is None, agreed.enough or waits, what)
        elif not owners & signed and not (before and _only_leaves(before.body, link.body, signed)):
            raise NotTrusted(f"{what} is not signed by an owner of @{scope}", code="not-authorised")
        for row in added.values():
            if isinstance(row, AuthorRow) and row.author not in signed:
                raise NotTrusted(f"{what}: {row.author} is let in and did not sign", code="not-authorised")
        thrown_out = owners - {row.author for row in link.body.owners if row.active} - signed
        wider = bool(added) or bool(thrown_out) or _looser(before.body if before else None, link.body)
        if not waits:
            _countersigned(agreed, wider=wider, hits=bool(link.body.hits), what=what)
    return Chain(subject, links)


def _scope_rows(body: Scope) -> dict[str, Row]:
    rows: dict[str, Row] = {f"owner {row.author}": row for row in body.owners}
    rows.update({f"member {row.author}": row for row in body.members})
    rows.update({f"identity {row.label}": row for row in body.identities})
    return rows


def _only_leaves(before: Scope, after: Scope, signed: Collection[str]) -> bool:
    """Whether nothing else happens than that members who signed leave."""
    if (before.owners, before.needs, before.identities) != (after.owners, after.needs, after.identities):
        return False
    changed = set(before.members) ^ set(after.members)
    return bool(changed) and all(row.author in signed for row in changed) and len(before.members) == len(after.members)


def _looser(before: Scope | None, after: Scope) -> bool:
    """Whether a release needs less than before, or something else."""
    return before is not None and before.needs != after.needs and _NEEDS[after.needs] <= _NEEDS[before.needs]


def _author_signed(link: Link[Scope], author: str, keyring: Chain[Keyring], what: str, check: SignatureCheck) -> bool:
    """Whether the author signed with a control key that is active in the keyring that `under` names."""
    body = keyring.named(link.body.under, what).body
    return bool(_control(body) & signers(link.source, [row.raw for row in body.keys], check=check, what=what))


def _control(body: Keyring) -> frozenset[K16]:
    return frozenset(row.k16 for row in body.keys if row.active and row.use == "control")


@dataclass(frozen=True, slots=True)
class _Agreed:
    """Which of the registry's own people signed a statement of an author or a scope."""

    people: frozenset[str]
    enough: bool
    """Whether they are as many as sign for the registry itself."""
    gate: bool
    """Whether the gate signed, and policy lets it."""


def _agreed(
    link: Link[Keyring] | Link[Scope],
    family: str,
    moderators: Chain[Moderators],
    policy: Chain[Policy],
    *,
    what: str,
    check: SignatureCheck,
) -> _Agreed:
    rules = policy.named(link.body.under, what).body if "policy" in link.body.under else None
    if "moderators" not in link.body.under:
        return _Agreed(frozenset(), enough=False, gate=False)
    body = moderators.named(link.body.under, what).body
    signed = signers(link.source, moderator_keys(body), check=check, what=what)
    people = people_of(body, signed)
    may = rules is not None and family in rules.gate.statements
    return _Agreed(people, enough=len(people) >= body.threshold, gate=may and gate_of(body, signed) is not None)


def _countersigned(agreed: _Agreed, *, wider: bool, hits: bool, what: str) -> None:
    """Refuses a widening that no moderator signed, nor the gate where policy lets it; `hits` take a moderator."""
    if hits and not agreed.people:
        raise NotTrusted(f"{what} takes back releases or events without a moderator", code="not-countersigned")
    if wider and not agreed.people and not agreed.gate:
        raise NotTrusted(f"{what} is not countersigned by a moderator", code="not-countersigned")


def _recovers(first: bool, enough: bool, what: str) -> None:
    """Refuses a recovery of what never was, or without enough moderators; landing saw to the notice and the wait."""
    if first:
        raise NotTrusted(f"{what} recovers a chain that just begins", code="not-authorised")
    if not enough:
        raise NotTrusted(f"{what} recovers without as many moderators as it takes", code="not-authorised")


def _let_in(added: Mapping[str, Row], signed: Collection[K16], what: str) -> None:
    """Refuses a new key that did not sign by itself."""
    for name, row in added.items():
        if isinstance(row, KeyRow) and row.k16 not in signed:
            raise NotTrusted(f"{what}: the new {name} did not sign", code="not-authorised")


def _only_under(link: Link[B], allowed: Collection[str], what: str) -> None:
    """`under` names chains whose keys can sign this, and no others."""
    for subject in sorted(link.body.under):
        if subject not in allowed:
            raise NotTrusted(f"{what} names {quoted(subject)}, whose keys cannot sign it", code="bad-under")


def one_use_each(uses: Mapping[str, Iterable[PublicKey]]) -> None:
    """Refuses a key that belongs to two people or two uses (part 2); `uses` is by `who use`."""
    seen: dict[PublicKey, str] = {}
    for use in sorted(uses):
        for key in uses[use]:
            other = seen.setdefault(key, use)
            if other != use:
                raise NotTrusted(f"the key {k16(key)} is used twice: as {other} and as {use}", code="key-used-twice")
