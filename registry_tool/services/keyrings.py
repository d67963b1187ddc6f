"""An author's keys as they change: rotate, revoke, recover, object (part 4, keyrings).

Each verb gives a `Step`: a signed statement that says what it needs before anybody is asked for it. It
goes out as a submission; keys on this machine are only ever added, and which one counts says the chain.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from registry_tool.core import layout
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.hits import EventsHit, events_hit, releases_hit
from registry_tool.core.joining import needs_countersignature
from registry_tool.core.keys import Signer, k16, key_text, parse_key
from registry_tool.core.names import parse_author
from registry_tool.core.ports import Keys
from registry_tool.core.published import chain_at, registry_of
from registry_tool.core.recovery import days
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import agreeing_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import AuthorKey, Keyring
from registry_tool.core.submission import submission_id
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.services.author import Desk, change_of

Use = Literal["control", "signing"]
CLOCK_SECONDS = 600
"""How far ahead of this machine's clock an end may lie: two honest clocks differ."""


@dataclass(frozen=True, slots=True)
class Step:
    """A keyring's next statement, signed by its owner and not yet submitted."""

    author: str
    registry: str
    files: Mapping[str, bytes]
    words: str
    """What it does, in one sentence."""
    needs: tuple[str, ...]
    """Whose signatures it takes and how long, for whoever is asked to go on."""
    takes_back: tuple[str, ...]
    """Releases that clients refuse once it lands, as `@scope/name@version`."""
    events: EventsHit
    """What was said of releases with a key that ends: which of it counts no more, and which still does."""
    keys: tuple[Mapping[str, str], ...]
    """The rows of the new statement: use, k16, status, since."""
    makes_keys: bool
    """Whether new keys come with it."""

    @property
    def id(self) -> str:
        """Of the submission."""
        return submission_id(self.files)

    @property
    def branch(self) -> str:
        """Where it waits."""
        return f"submit/{self.id[:12]}"

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The result for `--json`."""
        return {
            "submission": self.id,
            "branch": self.branch,
            "registry": self.registry,
            "author": self.author,
            "words": self.words,
            "needs": list(self.needs),
            "takes_back": list(self.takes_back),
            "events_fall": [one.value() for one in self.events.fall],
            "events_stand": [one.value() for one in self.events.stand],
            "keys": [dict(row) for row in self.keys],
        }


@dataclass(frozen=True, slots=True)
class _Said:
    """What a statement comes to, beside its rows."""

    words: str
    hits: tuple[tuple[str, str], ...] = ()
    """Release and manifest digest of what it takes back."""
    events: EventsHit = field(default_factory=EventsHit)
    mode: Literal["continue", "recover"] = "continue"
    needs: tuple[str, ...] = ()
    """Where a moderator's agreement is not all."""


@dataclass(frozen=True, slots=True)
class KeysHere:
    """A person's keys as one registry knows them: `find` gives the one that is active there."""

    kept: Keys
    tip: Tree

    def find(self, owner: str, use: str) -> Signer | None:
        """The key that the registry's newest keyring lists as active, else the oldest."""
        found = self.kept.every(owner, use)
        active = {key for key, row in _listed(self.tip, owner).items() if row == (use, "active")}
        return next((one for one in found if key_text(one.key) in active), found[0] if found else None)

    def make(self, owner: str, use: str) -> Signer:
        """A new key; `StateForbids` where there is one."""
        return self.kept.make(owner, use)

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """All of them."""
        return self.kept.every(owner, use)

    def another(self, owner: str, use: str) -> Signer:
        """A new key beside the others."""
        return self.kept.another(owner, use)


def statuses(tip: Tree, owner: str) -> Mapping[str, str]:
    """k16 to status of an author's keys as the registry's newest keyring lists them; empty for no such author."""
    return {k16(parse_key(key)): status for key, (_, status) in _listed(tip, owner).items()}


def _listed(tip: Tree, owner: str) -> Mapping[str, tuple[str, str]]:
    """Key to use and status in the newest keyring, not verified: it only chooses among one's own keys."""
    chain = chain_at(tip, f"authors/{owner}") if ":" not in owner else ()
    if not chain:
        return {}
    value = parse_loose(chain[-1].data, limit=len(chain[-1].data), what=f"the keyring of {owner}")
    return {str(row["key"]): (str(row["use"]), str(row["status"])) for row in value["keys"]}


def rotate(tip: Tree, author: str, *, use: Use, old: str, desk: Desk) -> Step:
    """A new key takes the place of one on this machine, or of `old` (its reference), which retires now.

    What the old one signed stays good. It is signed by a control key and the new key.
    """
    keyring, control = _as_owner(tip, author, desk)
    ending = _row(keyring, old) if old else _held(keyring, desk, use)
    if ending is not None and ending.use != use:
        raise InvalidInput(
            f"{ending.k16} is a {ending.use} key", code="other-use", hint=f"say --use {ending.use}, or name another key"
        )
    new = desk.keys.another(author, use)
    since = from_seconds(desk.now() + 1)
    rows = [_ended(row, "retired", since, "rotated") if row == ending else row.value() for row in keyring.keys]
    rows.append({"key": key_text(new.key), "use": use, "status": "active"})
    words = f"gives {author} a new {use} key"
    if ending is not None:
        words += f" and retires {ending.k16}; what that one signed stays good"
    return _step(tip, author, rows, [*control, new], desk, _Said(words))


def revoke(tip: Tree, author: str, key: str, *, since: str, reason: str, desk: Desk) -> Step:
    """The key `key` (its reference) ends as compromised at `since`, now where that is empty.

    From now on it is the owner's alone; in the past it takes releases and events back, which takes a moderator.
    A key that retired can be revoked from when it retired, or earlier. Raises `StateForbids` for the last
    control key, and for one that was revoked already.
    """
    keyring, control = _as_owner(tip, author, desk)
    ending = _row(keyring, key, retired=True)
    now = desk.now()
    when = since or ending.since or from_seconds(now + 1)
    if ending.since is not None and to_seconds(when) > to_seconds(ending.since):
        raise InvalidInput(
            f"{ending.k16} retired at {ending.since}, and {when} is later", code="bad-since", hint="say an earlier time"
        )
    if to_seconds(when) > now + CLOCK_SECONDS:
        raise InvalidInput(
            f"{when} lies in the future, and it is {from_seconds(now)}", code="bad-since", hint="say when it was stolen"
        )
    if not [row for row in keyring.keys if row.active and row.use == "control" and row.k16 != ending.k16]:
        raise StateForbids(
            f"{ending.k16} is the last control key of {author}, which cannot end",
            code="last-control-key",
            hint=f"give it a successor first: registry keys rotate --use control --as {author}",
        )
    rows = [_ended(row, "revoked", when, reason) if row.k16 == ending.k16 else row.value() for row in keyring.keys]
    draft = Keyring.of(_value(tip, author, rows, hits=()))
    change = change_of({}, tip=tip, registry=registry_of(tip), desk=desk)
    said = _Said(
        f"revokes the {ending.use} key {ending.k16} of {author} since {when}: {reason}",
        hits=releases_hit(change, draft),
        events=events_hit(change, draft),
    )
    return _step(tip, author, rows, control, desk, said)


def recover(tip: Tree, author: str, *, desk: Desk) -> Step:
    """New keys for an author who lost every control key; signed by the new keys alone.

    Old control keys retire, and signing keys that are not on this machine. It takes a moderator's notice,
    policy's wait, no objection by a control key, and then as many moderators as sign for the registry.
    """
    author = parse_author(author)
    registry = registry_of(tip)
    government = government_at(tip, registry=registry, check=desk.means.check)
    keyring = keyring_at(tip, government, author, check=desk.means.check).head.body
    if _control(keyring, desk, author):
        raise StateForbids(
            f"an active control key of {author} is on this machine, so nothing is lost",
            code="not-lost",
            hint=f"change keys with: registry keys rotate --as {author}",
        )
    held = {k16(one.key) for one in desk.keys.every(author, "signing")}
    kept = {row.k16 for row in keyring.keys if row.active and row.use == "signing" and row.k16 in held}
    uses: tuple[Use, ...] = ("control",) if kept else ("control", "signing")
    new = [(use, desk.keys.another(author, use)) for use in uses]
    since = from_seconds(desk.now() + 1)
    rows = [
        _ended(row, "retired", since, "lost") if row.active and row.k16 not in kept else row.value()
        for row in keyring.keys
    ]
    rows += [{"key": key_text(one.key), "use": use, "status": "active"} for use, one in new]
    people, wait = government.moderators.head.body.threshold, government.policy.head.body.waits.recover
    needs = (
        f"a moderator's notice, then {days(wait)} in which a control key of {author} can object",
        f"then the signatures of {people} moderator(s)",
    )
    words = f"recovers {author} with a new {' and a new '.join(f'{use} key' for use, _ in new)}"
    return _step(tip, author, rows, [one for _, one in new], desk, _Said(words, mode="recover", needs=needs))


def _step(
    tip: Tree,
    author: str,
    rows: Sequence[Mapping[str, Any]],
    signers: Sequence[Signer],
    desk: Desk,
    said: _Said,
) -> Step:
    """The statement, sealed and looked at as landing will; `InvalidInput` with what landing would refuse."""
    hits = {digest for _, digest in said.hits} | said.events.digests
    value = {**_value(tip, author, rows, hits=hits), "mode": said.mode}
    statement = Keyring.of(value)
    files = sealed(layout.statement_path(f"authors/{author}", statement.number), value, signers)
    registry = registry_of(tip)
    change = change_of(files, tip=tip, registry=registry, desk=desk)
    faults = tuple(one for one in change.trusted if one.level == "fail")
    if faults:
        raise InvalidInput("the registry would refuse this", code="checks-failed", findings=faults)
    return Step(
        author,
        registry,
        files,
        said.words,
        (
            f"the signatures of {_hands(tip, statement, signers)}, which this machine makes",
            *(said.needs or _who(tip, files, author, desk)),
        ),
        tuple(name for name, _ in said.hits),
        said.events,
        tuple(_shown(row) for row in statement.keys),
        any(row.k16 not in statuses(tip, author) for row in statement.keys),
    )


def _hands(tip: Tree, statement: Keyring, signers: Sequence[Signer]) -> str:
    """Whose signatures are made here: keys that the registry knows by reference, the others as new ones."""
    uses, known = {row.k16: row.use for row in statement.keys}, statuses(tip, statement.subject.partition("/")[2])
    return ", ".join(
        f"the {uses[key]} key {key}" if key in known else f"the new {uses[key]} key"
        for key in (k16(one.key) for one in signers)
    )


def _who(tip: Tree, files: Mapping[str, bytes], author: str, desk: Desk) -> tuple[str, ...]:
    """Whether a moderator has to agree."""
    registry = registry_of(tip)
    change = change_of(files, tip=tip, registry=registry, desk=desk)
    government = government_at(tip, registry=registry, check=desk.means.check)
    waiting = frozenset({f"authors/{author}"})
    if needs_countersignature(change, change.statements[0], government, waiting, check=desk.means.check):
        return ("a moderator's signature, which their approval adds",)
    return ("nobody else's signature; a moderator only lands it",)


def _value(tip: Tree, author: str, rows: Sequence[Mapping[str, Any]], *, hits: Collection[str]) -> dict[str, Any]:
    subject = f"authors/{author}"
    before = chain_at(tip, subject)
    newest = parse_loose(before[-1].data, limit=len(before[-1].data), what=subject)
    under = heads_at(tip, agreeing_at(tip, "keyring"))
    value = frame("registry.keyring/1", registry_of(tip), subject, (len(before), before[-1].data), under)
    body = {"keys": [dict(row) for row in rows], "accounts": newest["accounts"]}
    return {**value, **body, **({"hits": sorted(hits)} if hits else {})}


def _as_owner(tip: Tree, author: str, desk: Desk) -> tuple[Keyring, list[Signer]]:
    """The verified newest keyring and the active control keys on this machine."""
    author = parse_author(author)
    government = government_at(tip, registry=registry_of(tip), check=desk.means.check)
    keyring = keyring_at(tip, government, author, check=desk.means.check).head.body
    control = _control(keyring, desk, author)
    if not control:
        raise NotFound(
            f"no active control key of {author} is on this machine, and only that changes the keyring",
            code="key-missing",
            hint=f"import it with `registry keys import`; where all are lost: registry keys recover --as {author}",
        )
    return keyring, control


def _control(keyring: Keyring, desk: Desk, author: str) -> list[Signer]:
    active = {row.k16 for row in keyring.keys if row.active and row.use == "control"}
    return [one for one in desk.keys.every(author, "control") if k16(one.key) in active]


def _held(keyring: Keyring, desk: Desk, use: Use) -> AuthorKey | None:
    """The active key for `use` that is on this machine; `None` where all of them have ended."""
    if not any(row.active and row.use == use for row in keyring.keys):
        return None
    author = keyring.subject.partition("/")[2]
    held = {k16(one.key) for one in desk.keys.every(author, use)}
    found = next((row for row in keyring.keys if row.active and row.use == use and row.k16 in held), None)
    if found is None:
        raise NotFound(
            f"no active {use} key of {author} is on this machine",
            code="key-missing",
            hint="say with --key which one retires; `registry keys list --registry …` shows them",
        )
    return found


def _row(keyring: Keyring, key: str, *, retired: bool = False) -> AuthorKey:
    """The active row whose reference begins with `key`, or a `retired` one."""
    found = [row for row in keyring.keys if len(key) >= 4 and row.k16.startswith(key)]
    if len(found) != 1:
        what = f"{len(found)} keys begin with" if found else "no key begins with"
        names = ", ".join(f"{row.use} {row.k16}" for row in keyring.keys if row.active)
        raise NotFound(f"{what} {key!r}", code="no-key", hint=f"active are: {names}")
    if not found[0].active and not (retired and found[0].status == "retired"):
        raise StateForbids(
            f"{found[0].k16} was {found[0].status} already, since {found[0].since}",
            code="key-ended",
            hint="to take back what it signed before, version by version: registry yank; moderators: registry revoke",
        )
    return found[0]


def _ended(row: AuthorKey, status: str, since: str, reason: str) -> dict[str, Any]:
    return {**row.value(), "status": status, "since": since, "reason": reason}


def _shown(row: AuthorKey) -> Mapping[str, str]:
    shown: dict[str, str] = {"use": row.use, "k16": row.k16, "status": row.status}
    return {**shown, "since": row.since} if row.since else shown
