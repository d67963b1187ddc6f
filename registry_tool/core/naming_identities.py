"""Whether a scope's next statement may name the identities that it names, and end those that it ends."""

from collections.abc import Iterator

from registry_tool.core import limits
from registry_tool.core.change import Change, Joined
from registry_tool.core.document import load
from registry_tool.core.errors import StateForbids
from registry_tool.core.identity import BUNDLE, named_now, new_identities, says_since_when
from registry_tool.core.published import admission_of, chain_at, names_in, proof_at, version_folders
from registry_tool.core.statements import Scope


def identities_may_join(change: Change, joined: Joined) -> None:
    """Refuses a new identity that does not say since when, and one that ends before what it may have signed.

    What an identity signed and a landing let in stays good when the identity ends: who signed each
    release stands in its bundle alone, so an end in the past would take back an unknown number. Releases
    of a stolen identity are revoked one by one. Raises `NotTrusted`, `StateForbids`.
    """
    after = joined.statement
    if not isinstance(after, Scope):
        return
    before = _before(change, after)
    says_since_when(new_identities(before, after))
    active = {row.label for row in before.identities if row.active} if before else set()
    ends = [row.since for row in after.identities if row.since is not None and row.label in active]
    latest = max(_keyless_admissions(change, after), default="") if ends else ""
    if ends and min(ends) <= latest:
        raise StateForbids(
            f"an identity ends at {min(ends)}, and a keyless release was admitted at {latest}",
            code="hits",
            hint="choose a later `since`; a moderator takes releases back with `registry revoke`",
        )


def identities_land(change: Change, joined: Joined, *, at: int) -> None:
    """Refuses newly named identities whose time is no honest one at landing, `at` seconds since 1970."""
    if isinstance(joined.statement, Scope):
        named_now(new_identities(_before(change, joined.statement), joined.statement), at)


def _before(change: Change, after: Scope) -> Scope | None:
    chain = chain_at(change.tip, after.subject)
    if not chain:
        return None
    return load(Scope, chain[-1].data, limit=limits.STATEMENT_BYTES, registry=change.registry, what=after.subject)


def _keyless_admissions(change: Change, scope: Scope) -> Iterator[str]:
    """When each release of the scope that carries a keyless signature was admitted."""
    for artifact in names_in(change.tip):
        for folder in version_folders(change.tip, artifact) if f"scopes/{artifact.scope}" == scope.subject else ():
            proof = proof_at(change.tip, artifact, folder, registry=change.registry)
            if proof is not None and BUNDLE in proof.signatures:
                yield admission_of(proof, registry=change.registry).at
