"""What a statement changes of the one before, and the texts in it that are too long for one sentence.

A keyring lists every key that its author ever had: who agrees to it must see which one is new.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from registry_tool.core.artifact_reviews import ArtifactReview
from registry_tool.core.change import Change, Joined
from registry_tool.core.heads import newest
from registry_tool.core.profiles import Profile, claim_words
from registry_tool.core.quoting import SHOWN_CHARACTERS, quoted
from registry_tool.core.statements import Event, Keyring, Row, Scope

DETAIL_LINES: Final = 60
"""Lines of one text that are shown; JSON has the whole statement's path."""
_MOST_CHANGES: Final = 40

Facts = Mapping[str, str]
"""What a statement says of each thing that it names: `active`, or what became of it."""


def statement_changes(change: Change, joined: Joined) -> tuple[str, ...]:
    """What is other than in the statement that it follows, and what approving it means beyond letting it in."""
    body = joined.statement
    if not isinstance(body, Keyring | Scope | Profile):
        return ()
    before = newest(change.tip, joined.located.subject, type(body), registry=change.registry)
    lines = list(_differences(_facts(before), _facts(body))) if before is not None else []
    if isinstance(body, Profile) and "moderators" in body.under:
        author = joined.located.subject.partition("/")[2]
        lines.insert(0, f"who approves it confirms what it newly claims; look first: registry author verify {author}")
    more = len(lines) - _MOST_CHANGES
    return (*lines[:_MOST_CHANGES], f"and {more} more") if more > 0 else tuple(lines)


def statement_details(joined: Joined) -> tuple[str, ...]:
    """The lines of what its author wrote, as far as its one sentence cuts it off; all of them are theirs."""
    match joined.statement:
        case ArtifactReview(text=text):
            lines = _long(text)
        case Event(note=text):
            lines = _long(text)
        case Profile() as body:
            lines = [*body.about.split("\n")] if body.about else []
            lines += [f"{name}: {link}" for name, link in sorted(body.links.items())]
        case _:
            lines = []
    more = len(lines) - DETAIL_LINES
    return (*lines[:DETAIL_LINES], f"… {more} more lines") if more > 0 else tuple(lines)


def _long(text: str) -> list[str]:
    return text.split("\n") if len(text) > SHOWN_CHARACTERS else []


def _differences(before: Facts, after: Facts) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"gone: {name}"
        elif name not in before:
            yield f"new: {name}" + (f" ({after[name]})" if after[name] else "")
        elif before[name] != after[name]:
            yield f"{name}: {after[name] or 'active again'}"


def _facts(body: Keyring | Scope | Profile) -> Facts:
    """What each of the statements that list things says of them."""
    if isinstance(body, Keyring):
        keys = {f"{row.use} key {row.k16}": _state(row) for row in body.keys}
        accounts = (f"account {quoted(row.name)} ({row.number}) in {quoted(row.forge)}" for row in body.accounts)
        return keys | dict.fromkeys(accounts, "")
    if isinstance(body, Scope):
        owners = {f"owner {row.author}": _state(row) for row in body.owners}
        members = {f"member {row.author}": _state(row) for row in body.members}
        identities = {f"keyless identity {row.label}": _state(row) for row in body.identities}
        return owners | members | identities | {"what a release needs": body.needs}
    return {claim_words(claim): "" for claim in body.claims} | {"their name": quoted(body.name)}


def _state(row: Row) -> str:
    return "" if row.active else f"{row.status} since {row.since}"
