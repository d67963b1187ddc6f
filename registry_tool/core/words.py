"""Statements in words, for whoever is asked to sign or read them."""

from registry_tool.core.statements import Event, Keyring, Moderation, Moderators, Policy, Scope, Statement


def statement_words(statement: Statement) -> str:
    """What a statement says, in one sentence."""
    match statement:
        case Keyring():
            return _keyring(statement)
        case Scope():
            return _scope(statement)
        case Event():
            return f"{statement.action}s {statement.subject} ({statement.reason}): {statement.note}"
        case Moderators():
            people = ", ".join(person.id for person in statement.people)
            return f"names the moderators: {people}; {statement.threshold} of them sign"
        case Policy():
            return f"sets the policy: {statement.approvals.count} approval(s), {statement.approvals.new_name} for a new name"
        case Moderation():
            return (
                f"{statement.action}s the submission {statement.submission[:12]} ({statement.reason}): {statement.note}"
            )
        case _:
            return f"a statement about {statement.subject}"


def _keyring(body: Keyring) -> str:
    author = body.subject.partition("/")[2]
    active = [f"{row.use} key {row.k16}" for row in body.keys if row.active]
    ended = [f"{row.use} key {row.k16} {row.status} since {row.since}" for row in body.keys if not row.active]
    verb = f"registers the author {author}" if body.number == 1 else f"changes the keys of {author}"
    return f"{verb}: {', '.join(active + ended)}"


def _scope(body: Scope) -> str:
    scope = "@" + body.subject.partition("/")[2]
    owners = ", ".join(row.author for row in body.owners if row.active)
    members = ", ".join(row.author for row in body.members if row.active)
    verb = f"claims the scope {scope}" if body.number == 1 else f"changes the scope {scope}"
    who = f"owned by {owners}" + (f", members {members}" if members else "")
    return f"{verb}: {who}; a release needs {_needs(body)}"


def _needs(body: Scope) -> str:
    return {"key": "a key", "identity": "a keyless identity", "both": "a key and a keyless identity"}[body.needs]
