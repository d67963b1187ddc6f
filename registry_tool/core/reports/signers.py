"""Who signed, in words. That a signature holds, landing says; here it is told whose key it names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.heads import newest
from registry_tool.core.identity import BUNDLE
from registry_tool.core.manifest import Manifest
from registry_tool.core.statements import Keyring, Moderators, Row, Scope

_BY_KEY: Final = re.compile(r"([0-9a-f]{16})\.sig")
_SHOWN: Final = 5


def release_signers(change: Change, candidate: Candidate, manifest: Manifest) -> tuple[str, ...]:
    """Who signed a release; what only foreign readers look at is left out."""
    known = _keys(change, [manifest.author])
    found = []
    for file in sorted(candidate.signatures):
        key = _BY_KEY.fullmatch(file)
        if key is not None:
            found.append(_whose(known, key[1]))
        elif file == BUNDLE:
            found.append(_keyless(change, manifest.scope))
    return tuple(sorted(found))


def statement_signers(change: Change, joined: Joined, signed: Iterable[str]) -> tuple[str, ...]:
    """Who signed a statement, of which `signed` are the references of the keys."""
    under = joined.statement.under if joined.statement is not None else ()
    named = sorted({joined.located.subject, *under})
    known = _keys(change, [one.removeprefix("authors/") for one in named if one.startswith("authors/")])
    return tuple(sorted(_whose(known, one) for one in signed))


def _whose(known: Mapping[str, str], key: str) -> str:
    return known.get(key, f"an unknown key {key}")


def _keys(change: Change, authors: Iterable[str]) -> Mapping[str, str]:
    """References of keys to words about whose they are: moderators', and these authors'."""
    return dict((*_of_moderators(change), *(row for author in authors for row in _of_author(change, author))))


def _of_moderators(change: Change) -> Iterator[tuple[str, str]]:
    body = newest(change.tip, "moderators", Moderators, registry=change.registry)
    for person in body.people if body is not None else ():
        yield from ((row.k16, f"the moderator {person.id}{_ended(row)}") for row in person.keys)


def _of_author(change: Change, author: str) -> Iterator[tuple[str, str]]:
    body = newest(change.merged, f"authors/{author}", Keyring, registry=change.registry)
    for row in body.keys if body is not None else ():
        yield row.k16, f"{row.use} key of {author}{_ended(row)}"


def _ended(row: Row) -> str:
    return "" if row.active else f", {row.status} since {row.since}"


def _keyless(change: Change, scope: str) -> str:
    """A keyless signature, by the identities that the scope names: landing refuses one by anybody else."""
    body = newest(change.merged, f"scopes/{scope}", Scope, registry=change.registry)
    rows = [row.label for row in body.identities if row.active] if body is not None else []
    if not rows:
        return f"keyless, and @{scope} names no identity"
    more = f", and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"keyless as {'one of ' if len(rows) > 1 else ''}{', '.join(rows[:_SHOWN])}{more}"
