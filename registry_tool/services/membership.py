"""Who publishes in a scope, and what a release there needs: invitations, joining, leaving, identities (part 4).

Letting somebody in is signed by an owner, by the one who is let in, and by a moderator. So an owner's
signed statement travels to the invited author as a branch `invite/scopes/<scope>/<n>`; the author
adds a signature and submits it like anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from registry_tool.core import layout
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import NotFound, NotTrusted, StateForbids
from registry_tool.core.keys import Signer, k16
from registry_tool.core.names import parse_author
from registry_tool.core.published import chain_at, registry_of, signed_at
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import agreeing_at, authorities_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import IdentityRow, Scope
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.services.author import Desk


@dataclass(frozen=True, slots=True)
class Step:
    """Files of a statement on their way, and the branch that carries them."""

    files: Mapping[str, bytes]
    branch: str
    """`invite/…` where somebody else signs next; empty where it is complete and is submitted."""
    words: str


Needs = Literal["key", "identity", "both"]
NEEDS: dict[Needs, str] = {"key": "a key", "identity": "a keyless identity", "both": "a key and a keyless identity"}


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity as a person names it."""

    issuer: str
    subject: str
    repository_id: int | None = None
    owner_id: int | None = None

    def value(self) -> dict[str, Any]:
        """Its members in a scope's statement."""
        numbers = {"repository_id": self.repository_id, "owner_id": self.owner_id}
        given = {name: number for name, number in numbers.items() if number is not None}
        return {"issuer": self.issuer, "subject": self.subject, **given}

    def means(self, row: IdentityRow) -> bool:
        """Whether `row` is about it; a number that was not given may be any."""
        return all(getattr(row, name) == value for name, value in self.value().items())


def invite(tip: Tree, scope: str, author: str, *, by: str, desk: Desk) -> Step:
    """The statement that lets `author` into `scope` as a member, signed by the owner `by`."""
    body, control = _as_owner(tip, scope, by, desk)
    author = parse_author(author)
    if any(row.author == author and row.active for row in body.publishers()):
        raise StateForbids(f"{author} publishes in @{scope} already", code="already-member")
    if any(row.author == author for row in body.members):
        raise StateForbids(f"{author} was a member of @{scope} and ended; what ended stays ended", code="was-member")
    members = [*(row.value() for row in body.members), {"author": author, "status": "active"}]
    value = _next(tip, scope, {"members": members}, [by, author])
    path = layout.statement_path(f"scopes/{scope}", value["number"])
    files = sealed(path, value, [control])
    branch = f"invite/scopes/{scope}/{value['number']}"
    return Step(
        files, branch, f"Invited {author} into @{scope}; they accept with: registry scope accept @{scope} --as {author}"
    )


def accept(tip: Tree, invitation: Tree, scope: str, *, by: str, desk: Desk) -> Step:
    """The invitation with the invited author's own signature, ready to be submitted."""
    number = len(chain_at(tip, f"scopes/{scope}")) + 1
    path = layout.statement_path(f"scopes/{scope}", number)
    source = signed_at(invitation, path)
    if source is None:
        raise NotFound(f"no invitation into @{scope} waits that fits its newest state", code="no-invitation")
    value = parse_loose(source.data, limit=len(source.data), what=path)
    if not any(row["author"] == by and row["status"] == "active" for row in value["members"]):
        raise NotTrusted(f"the invitation into @{scope} is not for {by}", code="other-author")
    control = _control(desk, by)
    files = {path: source.data}
    files.update({layout.signature_path(path, key): content for key, content in source.signatures.items()})
    files[layout.signature_path(path, k16(control.key))] = control.sign(source.data)
    government = government_at(tip, registry=registry_of(tip), check=desk.means.check)
    # Whoever accepts signs what the statement says: it must be the owner's, whole and verified.
    authorities_at(
        Overlay(tip, files), government, scope, check=desk.means.check, waiting=frozenset({f"scopes/{scope}"})
    )
    return Step(files, "", f"Accepted: {by} publishes in @{scope} once a moderator agrees.")


def remove(tip: Tree, scope: str, author: str, *, by: str, desk: Desk, reason: str) -> Step:
    """The statement that ends `author`'s membership from now, signed by an owner or by the member."""
    author = parse_author(author)
    if by == author:
        body, control = _scope(tip, scope, desk), _control(desk, by)
    else:
        body, control = _as_owner(tip, scope, by, desk)
    if not any(row.author == author and row.active for row in body.members):
        raise NotFound(f"{author} is no active member of @{scope}", code="no-member")
    since = from_seconds(desk.now() + 1)
    members = [
        {**row.value(), "status": "retired", "since": since, "reason": reason}
        if row.author == author and row.active
        else row.value()
        for row in body.members
    ]
    value = _next(tip, scope, {"members": members}, [by])
    path = layout.statement_path(f"scopes/{scope}", value["number"])
    return Step(sealed(path, value, [control]), "", f"Removed {author} from @{scope}; their releases stay good.")


def set_needs(tip: Tree, scope: str, needs: Needs, *, by: str, desk: Desk) -> Step:
    """The statement that says what a release in `scope` needs from now on, signed by the owner `by`.

    What is published already stays as good as it was. `StateForbids` where an identity is needed and none is named.
    """
    body, control = _as_owner(tip, scope, by, desk)
    if body.needs == needs:
        raise StateForbids(f"a release in @{scope} needs {NEEDS[needs]} already", code="no-change")
    if needs != "key" and not any(row.active for row in body.identities):
        raise StateForbids(
            f"@{scope} names no identity, so nobody could publish there",
            code="no-identity",
            hint=f"first: registry scope identity add @{scope} --issuer ISSUER --subject SUBJECT",
        )
    value = _next(tip, scope, {"needs": needs}, [by])
    return _alone(scope, value, control, f"From now on a release in @{scope} needs {NEEDS[needs]}.")


def add_identity(tip: Tree, scope: str, wanted: Identity, *, by: str, desk: Desk) -> Step:
    """The statement that names an identity that may sign in `scope`, signed by the owner `by`; a moderator agrees."""
    body, control = _as_owner(tip, scope, by, desk)
    row = {**wanted.value(), "status": "active", "named": from_seconds(desk.now())}
    new = IdentityRow.of(row)
    for old in body.identities:
        if old.label == new.label:
            state = "already" if old.active else "and ended; what ended stays ended"
            raise StateForbids(f"@{scope} named {new.label} {state}", code="named-already")
    identities = [*(old.value() for old in body.identities), row]
    value = _next(tip, scope, {"identities": identities}, [by])
    return _alone(scope, value, control, f"Named {new.label}: it may sign in @{scope} once a moderator agrees.")


def remove_identity(tip: Tree, scope: str, wanted: Identity, *, by: str, desk: Desk, reason: str) -> Step:
    """The statement that ends an identity of `scope` from now, signed by the owner `by`; what it signed stays good.

    Where `wanted` has no numbers it means the one active identity of that issuer and subject.
    """
    body, control = _as_owner(tip, scope, by, desk)
    found = [row for row in body.identities if row.active and wanted.means(row)]
    if len(found) != 1:
        names = "; ".join(row.label for row in body.identities if row.active) or "none"
        what = "several active identities" if found else "no active identity"
        raise NotFound(f"@{scope} names {what} of that issuer and subject; it names: {names}", code="no-identity")
    since = from_seconds(desk.now() + 1)
    identities = [
        {**row.value(), "status": "retired", "since": since, "reason": reason} if row is found[0] else row.value()
        for row in body.identities
    ]
    value = _next(tip, scope, {"identities": identities}, [by])
    return _alone(scope, value, control, f"Ended {found[0].label} in @{scope}; what it signed stays good.")


def _alone(scope: str, value: dict[str, Any], control: Signer, words: str) -> Step:
    """A statement that goes out as a submission with its owner's signature."""
    path = layout.statement_path(f"scopes/{scope}", value["number"])
    return Step(sealed(path, value, [control]), "", words)


def _scope(tip: Tree, scope: str, desk: Desk) -> Scope:
    government = government_at(tip, registry=registry_of(tip), check=desk.means.check)
    return authorities_at(tip, government, scope, check=desk.means.check).scope.head.body


def _as_owner(tip: Tree, scope: str, by: str, desk: Desk) -> tuple[Scope, Signer]:
    body = _scope(tip, scope, desk)
    if not any(row.author == by and row.active for row in body.owners):
        owners = ", ".join(row.author for row in body.owners if row.active)
        raise NotTrusted(
            f"{by} does not own @{scope}; {owners} does", code="not-an-owner", hint="say as whom: --as OWNER"
        )
    government = government_at(tip, registry=registry_of(tip), check=desk.means.check)
    keyring = keyring_at(tip, government, by, check=desk.means.check).head.body
    control = _control(desk, by)
    if not any(row.active and row.use == "control" and row.k16 == k16(control.key) for row in keyring.keys):
        raise NotFound(f"the control key of {by} on this machine is not active here", code="key-missing")
    return body, control


def _control(desk: Desk, author: str) -> Signer:
    found = desk.keys.find(author, "control")
    if found is None:
        raise NotFound(
            f"no control key of {author} is on this machine",
            code="key-missing",
            hint="import it with `registry keys import`",
        )
    return found


def _next(tip: Tree, scope: str, changes: Mapping[str, Any], signers: list[str]) -> dict[str, Any]:
    subject = f"scopes/{scope}"
    before = chain_at(tip, subject)
    body = Scope.model_validate(parse_loose(before[-1].data, limit=len(before[-1].data), what=subject)).value()
    kept = {name: body[name] for name in ("owners", "members", "needs", "identities")}
    under = heads_at(tip, [*agreeing_at(tip, "scope"), *(f"authors/{one}" for one in sorted(set(signers)))])
    registry = registry_of(tip)
    return {**frame("registry.scope/1", registry, subject, (len(before), before[-1].data), under), **kept, **changes}
