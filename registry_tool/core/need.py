"""What a submission still needs before it lands, and from whom (part 8, "The owner's path"; policy).

    nothing new, by its owner alone, twice signed   ──▶ owner    goes through by itself after a wait
    anything else                                    ──▶ person   one or more people, a new name also after a wait
    who publishes, or for whom, becomes another      ──▶ person   two where there are two, and after the wait

The same function says it to the author, in the queue, in the pull request and to whoever lands it. It only ever
asks for more than policy: policy's numbers are what clients hold an admission against.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core import layout, limits
from registry_tool.core.approvals import is_author, needed
from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.gained import gain_words
from registry_tool.core.identity import BUNDLE
from registry_tool.core.moderation import Word
from registry_tool.core.published import chain_at, proof_at, version_folders
from registry_tool.core.statements import Keyring, Moderators, Policy, Scope
from registry_tool.core.times import from_seconds

MOST_REASONS: Final = 12
"""Reasons that a report tells one by one."""
LINE_REASONS: Final = 3
"""The same in a line of the queue."""
_TOLD: Final = frozenset(("gained", "countersigned-statement"))
"""Checks whose findings say what is told here anyway."""
_NUMBERS: Final = ("nobody", "one person", "two people", "three people", "four people", "five people")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a submission beside its content."""

    since: int | None = None
    """When the registry saw it first, in seconds since 1970; `None` where that was not asked."""
    words: tuple[Word, ...] = ()
    """What people said about it that stands (`moderation.standing_words`)."""
    opener: tuple[str, int] | None = None
    """The forge and the number of the account that opened its pull request."""
    identities: tuple[str, ...] = ()
    """How who signed without a key differs from who signed the version before."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a submission needs."""

    path: Literal["owner", "person"]
    people: int
    """How many must approve it; 0 on the owner's path."""
    wait: int
    """Seconds that must pass since it was first seen."""
    why: tuple[str, ...]
    """Why people and not the owner's own light; empty on the owner's path. Some words are the author's."""
    since: int | None = None
    """When it was first seen."""
    flags: tuple[Word, ...] = ()
    """Who wants somebody to look twice."""
    objections: tuple[Word, ...] = ()
    """Who says no; nothing lands while one stands."""
    grave: bool = False
    """Whether it changes who publishes, or for whom: two people look where there are two."""

    @property
    def until(self) -> int | None:
        """When its wait ends, in seconds since 1970; `None` where that is not known."""
        return None if self.since is None else self.since + self.wait

    def due(self, at: int) -> bool:
        """Whether its wait is over at `at`; one that nobody saw yet has not begun to wait."""
        return self.wait == 0 or (self.until is not None and at >= self.until)

    def lead(self, at: int) -> str:
        """What is needed at `at`, in our words alone: `waits for one person, and until 2026-11-24T09:00:00Z`."""
        if self.objections:
            by = ", ".join(sorted({one.by for one in self.objections}))
            return f"is objected to by {by}: nobody lands it before it is rejected and submitted again"
        late = "" if self.due(at) else self._when()
        if self.path == "owner":
            return f"goes through by itself{late}" + (", unless somebody flags it or objects" if late else "")
        by = ", ".join(sorted({one.by for one in self.flags}))
        flagged = f"is flagged by {by}, and " if by else ""
        return f"{flagged}waits for {people_words(self.people)}{', and' if late else ''}{late}"

    def words(self, at: int) -> str:
        """The same with the first reasons, on one line."""
        return ": ".join(filter(None, (self.lead(at), "; ".join(self._first(LINE_REASONS)))))

    @property
    def reasons(self) -> tuple[str, ...]:
        """What people said and why it is not the owner's own light: the first of them, and how many there are."""
        return self._first(MOST_REASONS)

    def _first(self, most: int) -> tuple[str, ...]:
        said = tuple(f"{one.by}: {one.note}" for one in (*self.objections, *self.flags) if one.note)
        every = (*said, *self.why)
        left = len(every) - most
        return (*every[:most], f"and {left} more") if left > 0 else every

    def value(self, at: int) -> dict[str, object]:
        """The same for `--json`."""
        return {
            "path": self.path,
            "people": self.people,
            "wait": self.wait,
            "since": None if self.since is None else from_seconds(self.since),
            "until": None if self.until is None else from_seconds(self.until),
            "due": self.due(at),
            "flagged": [one.value() for one in self.flags],
            "objections": [one.value() for one in self.objections],
            "why": list(self.why),
            "words": self.words(at),
        }

    def _when(self) -> str:
        """When its wait ends, in words."""
        if self.until is not None:
            return f" {'from' if self.path == 'owner' else 'until'} {from_seconds(self.until)}"
        return f" {time_words(self.wait)} after it is first seen"


def need_of(
    change: Change, findings: Sequence[Finding], policy: Policy, moderators: Moderators, known: Known = Known()
) -> Need:
    """What `change` needs, with what the checks found in it, under the newest policy and moderators.

    The owner's path takes all of: releases of one author and nothing else; each with an earlier version that counts
    and nothing gained; no finding that asks for a person; policy's leave; two independent signs of the owner, a
    signing key and a keyless identity or the pull request's account; nobody who flagged it or objected.
    """
    flags = tuple(one for one in known.words if one.action == "flag")
    objections = tuple(one for one in known.words if one.action == "objection")
    grave = (*_grave(change), *known.identities)
    new = [one for one in change.releases if _is_new(change, one)]
    why = tuple(dict.fromkeys((*grave, *_reasons(change, findings, policy, new, known))))
    if not (why or flags or objections):
        return Need("owner", 0, policy.waits.owner_update, (), known.since)
    wanted = [
        needed(policy, compared=one.previous.version if one.previous else None, gained=bool(one.gained))
        for one in change.releases
    ]
    people = max([1, *wanted])
    if grave:
        people = max(people, min(2, len(eligible(change, policy, moderators))))
    wait = policy.waits.new_name if new or grave else 0
    return Need("person", people, wait, why, known.since, flags, objections, grave=bool(grave))


def eligible(change: Change, policy: Policy, moderators: Moderators) -> frozenset[str]:
    """The people who may approve `change`: who can sign or review, and is not its author."""
    forge = policy.approvals.mode == "forge"
    able = {
        person.id
        for person in moderators.people
        if any(row.active for row in person.keys) or (forge and any(row.active for row in person.accounts))
    }
    return frozenset(able) - own_people(change, policy, moderators)


def own_people(change: Change, policy: Policy, moderators: Moderators) -> frozenset[str]:
    """The moderators whose own submission it is, where policy wants somebody else to look."""
    authors = () if policy.self_approval else authors_of(change)
    return frozenset[str]().union(*(is_author(one, moderators, _keyring(change, one)) for one in authors))


def authors_of(change: Change) -> tuple[str, ...]:
    """Whose the submission is: the authors of its releases, and those whose keys its statements list."""
    found = {one.manifest.author for one in change.releases if one.manifest is not None}
    for joined in change.statements:
        if joined.statement is not None:
            subjects = (joined.located.subject, *joined.statement.under)
            found |= {one.partition("/")[2] for one in subjects if one.startswith("authors/")}
    return tuple(sorted(found))


def people_words(count: int) -> str:
    """`one person`, `two people`, `12 people`."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count} people"


def time_words(seconds: int) -> str:
    """A wait as people say it: `3 days`, `10 minutes`, `90 seconds`."""
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _reasons(
    change: Change, findings: Sequence[Finding], policy: Policy, new: Sequence[Candidate], known: Known
) -> Iterator[str]:
    """Why it is not the owner's own light."""
    for one in change.releases:
        name = "it" if len(change.releases) == 1 else str(one.artifact)
        if one in new:
            yield f"{one.artifact} is a new name"
        elif one.previous is None:
            yield f"{one.artifact} has no earlier version that a person looked at and that is active"
        else:
            yield from (f"{name} {_newly(gain, one)}" for gain in one.gained if not _is_grave(gain))
    yield from (one.words for one in change.statements)
    if not change.releases and not change.statements:
        yield "it changes the registry's own tables"
    yield from (one.message for one in findings if one.level == "review" and one.check not in _TOLD)
    if policy.gate.releases != "owner-updates":
        yield "policy wants a person for every release"
    authors = authors_of(change)
    if len(authors) > 1:
        yield f"it is of several authors: {', '.join(authors)}"
    elif any(not _two_signs(change, one, known) for one in change.releases):
        yield (
            "only its author's key says that it is theirs: neither a keyless signature, nor a pull request of an "
            "account that their keyring lists"
        )


def _two_signs(change: Change, candidate: Candidate, known: Known) -> bool:
    """Whether two things that are not stolen together say who it is from; that each holds, the checks said."""
    if not any(len(file) == 20 and file.endswith(".sig") for file in candidate.signatures):
        return False
    keyring = _keyring(change, candidate.manifest.author) if candidate.manifest is not None else None
    accounts = {(row.forge, row.number) for row in keyring.accounts} if keyring is not None else set()
    return BUNDLE in candidate.signatures or known.opener in accounts


def _grave(change: Change) -> Iterator[str]:
    """What makes somebody else the one who publishes, or the one for whom."""
    for one in change.releases:
        if one.previous is None:
            continue
        yield from (f"{one.artifact} {gain_words(gain, one.kind)} now" for gain in one.gained if _is_grave(gain))
        before = proof_at(change.tip, one.artifact, one.previous.version, registry=change.registry)
        if before is not None and BUNDLE in before.signatures and BUNDLE not in one.signatures:
            yield f"{one.artifact}@{one.previous.version} was signed keyless, and this version is not"
    for joined in change.statements:
        yield from _grave_statement(change, joined)


def _grave_statement(change: Change, joined: Joined) -> Iterator[str]:
    """Owners of a scope who come or are thrown out, or a release that needs less: who leaves by themselves is free."""
    subject, after, chain = joined.located.subject, joined.statement, chain_at(change.tip, joined.located.subject)
    if not isinstance(after, Scope) or not chain:
        return
    before = load(Scope, chain[-1].data, limit=limits.STATEMENT_BYTES, registry=change.registry, what=subject)
    old, new = ({row.author for row in one.owners if row.active} for one in (before, after))
    left = {author for author in old - new if _signed(change, joined, author)}
    if new - old or old - new - left:
        yield f"@{subject.partition('/')[2]} gets other owners"
    if after.needs not in (before.needs, "both"):
        yield f"a release of @{subject.partition('/')[2]} needs another signature than before"


def _signed(change: Change, joined: Joined, author: str) -> bool:
    """Whether a control key of `author` signed a statement; that its signature holds, landing said."""
    keyring = _keyring(change, author)
    rows = [row for row in keyring.keys if row.active and row.use == "control"] if keyring is not None else []
    return any(layout.signature_path(joined.path, row.k16) in change.additions for row in rows)


def _newly(gain: str, candidate: Candidate) -> str:
    words = gain_words(gain, candidate.kind)
    return f"may newly {words.removeprefix('may ')}" if words.startswith("may ") else f"newly {words}"


def _is_grave(gain: str) -> bool:
    return gain.partition(" ")[0] in ("author", "source")


def _is_new(change: Change, candidate: Candidate) -> bool:
    """Whether nothing of this name was ever let in."""
    if candidate.previous is not None:
        return False
    folders = version_folders(change.tip, candidate.artifact)
    return not any(proof_at(change.tip, candidate.artifact, one, registry=change.registry) for one in folders)


def _keyring(change: Change, author: str) -> Keyring | None:
    """An author's newest keyring, as it would be; whether it holds is another question."""
    chain = chain_at(change.merged, f"authors/{author}")
    try:
        data = chain[-1].data if chain else b""
        return load(Keyring, data, limit=limits.STATEMENT_BYTES, registry=change.registry, what=f"keyring of {author}")
    except RegistryError:
        return None
