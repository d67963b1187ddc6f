"""Who may change a chain: the rules of part 4, one function per chain.

moderators   the threshold of the moderators before; the first, and a replacement, by the root
policy       the threshold of the moderators
keyring      widening: a control key, the new keys, and a moderator; narrowing: a control key
scope        widening: an owner, whoever is let in, and a moderator; narrowing: an owner
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from registry_tool.core.chains import Chain, Link, SignedBytes, new_rows, read_links, rows_stay, signers
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16, PublicKey, SignatureCheck, k16
from registry_tool.core.roots import Root
from registry_tool.core.statements import Keyring, Moderators, Policy, Row, Scope, Statement

Keyrings = Callable[[str], Chain[Keyring]]
"""The verified keyring of an author; `NotTrusted` where there is none."""

_NEEDS = {"key": 1, "identity": 1, "both": 2}


def read_moderators(
    sources: Sequence[SignedBytes], *, registry: str, roots: Sequence[Root], check: SignatureCheck
) -> Chain[Moderators]:
    """The moderators' chain, each statement signed as part 3 and 4 say; raises `NotTrusted`."""
    links = read_links(Moderators, "moderators", sources, registry=registry)
    for before, link in zip((None, *links), links, strict=False):
        what = f"moderators {link.number}"
        old = people_rows(before.body) if before else {}
        new = people_rows(link.body)
        rows_stay(old, new, what)
        added = new_rows(old, new, what)
        gates = {f"gate {row.k16}" for row in link.body.gate}
        signed = _moderator_signers(before.body if before else None, link, what, check)
        if "root" in link.body.under:
            _root_signed(link, roots, what, check)
        elif before is None or len(people_of(before.body, signed)) < before.body.threshold:
            needed = before.body.threshold if before else 1
            raise NotTrusted(f"{what} is not signed by {needed} of the moderators before it", code="not-authorised")
        for name in added:
            row = new[name]
            # A new moderator's key says yes by itself; the gate's is no person's.
            if name not in gates and before is not None and row.k16 not in signed:  # type: ignore[attr-defined]  # people_rows holds KeyRow and AccountRow; accounts are filtered below
                raise NotTrusted(f"{what}: {name} did not sign", code="not-authorised")
    _pinned(links, roots)
    return Chain("moderators", links)


def people_rows(body: Moderators) -> dict[object, Row]:
    """Every key of a moderators' statement under the name that it keeps."""
    rows: dict[object, Row] = {f"key {row.k16} of {person.id}": row for person in body.people for row in person.keys}
    rows.update({f"gate {row.k16}": row for row in body.gate})
    return rows


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
    return tuple(row.raw for person in body.people for row in person.keys) + tuple(row.raw for row in body.gate)


def _moderator_signers(
    before: Moderators | None, link: Link[Moderators], what: str, check: SignatureCheck
) -> frozenset[K16]:
    keys = {*moderator_keys(link.body), *(moderator_keys(before) if before else ())}
    return signers(link.source, sorted(keys), check=check, what=what)


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
    """An author's keyring; raises `NotTrusted`.

    `countersigned=False` lets the last statement lack its moderator's signature: a submission that
    waits for one.
    """
    subject = f"authors/{author}"
    links = read_links(Keyring, subject, sources, registry=registry)
    for before, link in zip((None, *links), links, strict=False):
        what = f"{subject} {link.number}"
        old: dict[object, Row] = {f"key {row.k16}": row for row in before.body.keys} if before else {}
        new: dict[object, Row] = {f"key {row.k16}": row for row in link.body.keys}
        rows_stay(old, new, what)
        added = new_rows(old, new, what)
        for row in link.body.keys:
            earlier = old.get(f"key {row.k16}")
            if earlier is not None and (earlier.use, earlier.key) != (row.use, row.key):  # type: ignore[attr-defined]  # the rows of a keyring are AuthorKeys
                raise NotTrusted(f"{what}: the key {row.k16} changed its use", code="row-changed")
        keys = {row.raw for row in link.body.keys}
        signed = signers(link.source, sorted(keys), check=check, what=what)
        control = _control(before.body if before else link.body)
        if link.body.mode == "recover":
            _recovered(link, moderators, what, check)
        elif not control & signed:
            raise NotTrusted(f"{what} is not signed by a control key of {author}", code="not-authorised")
        silent = [name for name in added if str(name).removeprefix("key ") not in signed]
        if silent:
            raise NotTrusted(f"{what}: the new {silent[0]} did not sign", code="not-authorised")
        wider = (
            bool(added)
            or (before is not None and set(link.body.accounts) - set(before.body.accounts))
            or link.body.hits
        )
        if wider and (countersigned or link is not links[-1]):
            require_countersignature(link, "keyring", moderators, policy, what=what, check=check)
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
    subject = f"scopes/{scope}"
    links = read_links(Scope, subject, sources, registry=registry)
    for before, link in zip((None, *links), links, strict=False):
        what = f"{subject} {link.number}"
        old, new = (_scope_rows(before.body) if before else {}), _scope_rows(link.body)
        rows_stay(old, new, what)
        added = new_rows(old, new, what)
        signed = _authors_signed(link, keyrings, what, check)
        owners = {row.author for row in (before.body if before else link.body).owners if row.active}
        for name in added:
            family, _, author = str(name).partition(" ")
            if family in ("owner", "member") and author not in signed:
                raise NotTrusted(f"{what}: {author} is let in and did not sign", code="not-authorised")
        ended = {str(name) for name, row in old.items() if row.active and not new[name].active}
        leaves = {name.partition(" ")[2] for name in ended if name.startswith("member ")}
        alone = (
            before is not None
            and not added
            and len(ended) == 1
            and leaves <= signed
            and _same_but(before.body, link.body)
        )
        if link.body.mode == "recover":
            _recovered(link, moderators, what, check)
        elif not owners & signed and not (alone and leaves):
            raise NotTrusted(f"{what} is not signed by an owner of @{scope}", code="not-authorised")
        looser = (
            before is not None
            and _NEEDS[link.body.needs] <= _NEEDS[before.body.needs]
            and link.body.needs != before.body.needs
        )
        thrown_out = {name.partition(" ")[2] for name in ended if name.startswith("owner ")} - signed
        wider = bool(added) or looser or bool(thrown_out) or bool(link.body.hits)
        if wider and (countersigned or link is not links[-1]):
            require_countersignature(link, "scope", moderators, policy, what=what, check=check)
    return Chain(subject, links)


def _scope_rows(body: Scope) -> dict[object, Row]:
    rows: dict[object, Row] = {f"owner {row.author}": row for row in body.owners}
    rows.update({f"member {row.author}": row for row in body.members})
    rows.update(
        {f"identity {row.issuer} {row.subject} {row.repository_id} {row.owner_id}": row for row in body.identities}
    )
    return rows


def _same_but(before: Scope, after: Scope) -> bool:
    """Whether nothing but members changed."""
    return (before.owners, before.needs, before.identities) == (after.owners, after.needs, after.identities)


def _authors_signed(link: Link[Scope], keyrings: Keyrings, what: str, check: SignatureCheck) -> frozenset[str]:
    """The authors who signed with a control key that is active in the keyring that `under` names."""
    signed = set()
    for subject in link.body.under:
        family, _, author = subject.partition("/")
        if family != "authors":
            continue
        body = keyrings(author).named(link.body.under, what).body
        keys = signers(link.source, [row.raw for row in body.keys], check=check, what=what)
        if _control(body) & keys:
            signed.add(author)
    return frozenset(signed)


def _control(body: Keyring) -> frozenset[K16]:
    return frozenset(row.k16 for row in body.keys if row.active and row.use == "control")


def _recovered(
    link: Link[Keyring] | Link[Scope], moderators: Chain[Moderators], what: str, check: SignatureCheck
) -> None:
    body = moderators.named(link.body.under, what).body
    signed = signers(link.source, moderator_keys(body), check=check, what=what)
    if len(people_of(body, signed)) < body.threshold:
        raise NotTrusted(f"{what} recovers without {body.threshold} moderators", code="not-authorised")


def require_countersignature(
    link: Link[Keyring] | Link[Scope],
    family: str,
    moderators: Chain[Moderators],
    policy: Chain[Policy],
    *,
    what: str,
    check: SignatureCheck,
) -> None:
    """Refuses a widening that no moderator signed, nor the gate where policy lets it."""
    body = moderators.named(link.body.under, what).body
    signed = signers(link.source, moderator_keys(body), check=check, what=what)
    if people_of(body, signed):
        return
    if (
        "policy" in link.body.under
        and family in policy.named(link.body.under, what).body.gate.statements
        and gate_of(body, signed)
    ):
        return
    raise NotTrusted(f"{what} is not countersigned by a moderator", code="not-countersigned")


def one_use_each(uses: Mapping[str, Iterable[PublicKey]]) -> None:
    """Refuses a key that belongs to two people or two uses (part 2); `uses` is by `who use`."""
    seen: dict[PublicKey, str] = {}
    for use in sorted(uses):
        for key in uses[use]:
            other = seen.setdefault(key, use)
            if other != use:
                raise NotTrusted(f"the key {k16(key)} is used twice: as {other} and as {use}", code="key-used-twice")


def frame_keys(statement: Statement) -> tuple[str, ...]:
    """The subjects that a statement was signed under, sorted."""
    return tuple(sorted(statement.under))
