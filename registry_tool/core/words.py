"""Statements in words, for whoever is asked to sign or read them.

Whatever widens or takes back stands in them; what people wrote is quoted, so that it cannot pass for ours.
"""

from collections.abc import Sequence

from registry_tool.core.quoting import quoted
from registry_tool.core.statements import (
    AuthorRow,
    Event,
    Keyring,
    Moderation,
    Moderators,
    Policy,
    Row,
    Scope,
    Statement,
)

_NEEDS = {"key": "a key", "identity": "a keyless identity", "both": "a key and a keyless identity"}
_FOR = {"keyring": "keyrings", "scope": "scopes"}


def statement_words(statement: Statement) -> str:
    """What a statement says, in one sentence."""
    match statement:
        case Keyring():
            return _keyring(statement) + _more(statement)
        case Scope():
            return _scope(statement) + _more(statement)
        case Event():
            return f"{statement.action}s {statement.subject} ({statement.reason}): {quoted(statement.note)}"
        case Moderators():
            return _moderators(statement)
        case Policy():
            return _policy(statement)
        case Moderation():
            what = f"{statement.action}s the submission {statement.submission[:12]}"
            return f"{what} ({statement.reason}): {quoted(statement.note)}"
        case _:
            return f"a statement about {quoted(statement.subject)}"


def _more(body: Statement) -> str:
    """What is seldom there and must not be overlooked."""
    taken = f"; takes back {len(body.hits)} release(s) or event(s)" if body.hits else ""
    return taken + ("; recovers it without its owner's keys" if body.mode == "recover" else "")


def _moderators(body: Moderators) -> str:
    people = ", ".join(person.id for person in body.people)
    gates = [row.k16 for row in body.gate if row.active]
    gate = f"; the gate signs with {', '.join(gates)}" if gates else ""
    return f"names the moderators: {people}; {body.threshold} of them sign{gate}"


def _policy(body: Policy) -> str:
    gate = [_FOR.get(name, name) for name in body.gate.statements]
    gate += ["owners' updates"] if body.gate.releases == "owner-updates" else []
    return (
        f"sets the policy: {body.approvals.count} approval(s), {body.approvals.new_name} for a new name"
        + (f"; the gate alone may let in {', '.join(gate)}" if gate else "")
        + ("; authors may approve their own releases" if body.self_approval else "")
    )


def _keyring(body: Keyring) -> str:
    author = body.subject.partition("/")[2]
    active = [f"{row.use} key {row.k16}" for row in body.keys if row.active]
    ended = [f"{row.use} key {row.k16} {_ended(row)}" for row in body.keys if not row.active]
    accounts = [f"account {quoted(row.name)} ({row.number}) in {quoted(row.forge)}" for row in body.accounts]
    verb = f"registers the author {author}" if body.number == 1 else f"changes the keys of {author}"
    return f"{verb}: {', '.join(active + ended + accounts)}"


def _scope(body: Scope) -> str:
    scope = "@" + body.subject.partition("/")[2]
    verb = f"claims the scope {scope}" if body.number == 1 else f"changes the scope {scope}"
    who = f"owned by {_people(body.owners)}" + (f", members {_people(body.members)}" if body.members else "")
    identities = [row.label + ("" if row.active else f" {_ended(row)}") for row in body.identities]
    keyless = f"; keyless identities: {', '.join(identities)}" if identities else ""
    return f"{verb}: {who}; a release needs {_NEEDS[body.needs]}{keyless}"


def _people(rows: Sequence[AuthorRow]) -> str:
    return ", ".join(row.author + ("" if row.active else f" ({_ended(row)})") for row in rows)


def _ended(row: Row) -> str:
    return f"{row.status} since {row.since}"
