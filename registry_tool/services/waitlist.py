"""Since when each submission waits, by the registry's own clock, and what became of the last ones.

A commit's time is its author's word, so the registry writes down itself when it saw a submission
first: in a file on the branch `registry/queue` (`core/waiting.py`), moved by compare-and-swap. Its key
is the submission's id, which follows from content: whatever is pushed anew begins to wait anew.

Somebody who may push to that branch and is no moderator can only make waits longer. A file without
the signature of an active moderator's key or the gate's counts for nothing, so an earlier `seen` cannot
be made up, for a submission of today or of next month; a file taken away or spoilt lets all waits
begin anew, and an older file of ours put back says nothing that was not so. A `seen` in the future
counts as now. Only who signs here writes: for all others a submission that is not in it is new now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from registry_tool.core import layout
from registry_tool.core.change import Change
from registry_tool.core.digest import sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.keys import Signer, k16
from registry_tool.core.moderation import read_decisions
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import admission_of, pointer_at, proof_at, registry_of
from registry_tool.core.sealing import sealed
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Moderators
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.versions import parse_version
from registry_tool.core.waiting import (
    DECIDED_ROWS,
    QUEUE_BRANCH,
    WAITING_ROWS,
    WAITLIST,
    WAITLIST_BYTES,
    Decided,
    Outcome,
    Seen,
    Waitlist,
)
from registry_tool.services.author import signature_of
from registry_tool.services.bench import TRIES, Bench, Waiting, moved, tip_of

_FACT_BYTES = 400
"""More than a release or a statement takes: a path of 250 bytes, or a name of 100 and two digests."""
_TITLES = 20


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the registry remembers of its queue."""

    waiting: Mapping[str, Seen]
    """By submission id."""
    decided: tuple[Decided, ...] = ()
    """Oldest first."""
    note: str = ""
    """Why less is remembered than was asked for; empty where nothing is wrong."""

    @property
    def seen(self) -> dict[str, int]:
        """Since when each waits, seconds since 1970."""
        return {name: to_seconds(row.seen) for name, row in self.waiting.items()}


def key_of(one: Waiting) -> str:
    """The id under which a submission's wait is kept: of all that it brings, whatever others landed meanwhile.

    What the checks refuse has another one: an id says nothing of payload files, so the wait would be over before
    anybody could see what waits, where they come in its last minute.
    """
    whole = one.brought or one.change.submission
    return sha256(f"{whole} {one.commit}".encode()) if one.report.verdict in ("fail", "undecided") else whole


def first_seen(bench: Bench, ids: Collection[str]) -> Mapping[str, int]:
    """Since when each of these submissions waits, in seconds since 1970; new ones wait since now.

    They are remembered where a key on this machine may sign for the registry. Ids are those of `key_of`.
    Raises `StateForbids` where others change the list each time, and what reading the registry raises.
    """
    wanted = {name: Seen(id=name, seen=from_seconds(0), releases=(), statements=()) for name in ids}
    found = _kept(bench, wanted, whole=False).seen
    return {name: found[name] for name in sorted(wanted)}


def remember(bench: Bench, waiting: Sequence[Waiting]) -> Remembered:
    """The same for the whole queue: what waits no more becomes one of the last decided ones.

    `waiting` is all that waits. Raises as `first_seen` does.
    """
    return _kept(bench, {key_of(one): _row(one) for one in waiting}, whole=True)


def recall(bench: Bench) -> Remembered:
    """What is remembered, as it is; nothing is written."""
    _, tip = tip_of(bench.history)
    return _read(bench, tip, _moderators(bench, tip), bench.now()).remembered


def seen_of(bench: Bench, change: Change) -> int | None:
    """Since when what a landing brings waited: found by its id, else by its releases; `None` where nobody saw it."""
    remembered = recall(bench)
    if change.submission in remembered.waiting:
        return remembered.seen[change.submission]
    wanted = {one.digest for one in change.releases}
    rows = [row for row in remembered.waiting.values() if wanted and {one.manifest for one in row.releases} == wanted]
    return max((to_seconds(row.seen) for row in rows), default=None)


def fault_of(tree: Tree, *, registry: str, moderators: Moderators, bench: Bench) -> str:
    """Why a commit may not become the branch's; empty where it may. For whoever guards pushes."""
    names = {entry.name for entry in tree.list("")}
    signatures = {layout.signature_path(WAITLIST, row.k16) for row in moderators.rows if row.active}
    if not names <= {WAITLIST} | signatures:
        return f"{QUEUE_BRANCH} holds {WAITLIST} and its signature, and nothing else"
    try:
        _signed(tree, registry, moderators, bench)
    except RegistryError as error:
        return error.message
    return ""


@dataclass(frozen=True, slots=True)
class _There:
    """What lies on the branch."""

    commit: str | None
    remembered: Remembered
    right: bool
    """Whether all of it counts as it is written."""


def _kept(bench: Bench, wanted: Mapping[str, Seen], *, whole: bool) -> Remembered:
    """What is remembered once `wanted` is; `whole` says that nothing else waits."""
    tried: set[str | None] = set()
    for _ in range(TRIES):
        _, tip = tip_of(bench.history)
        moderators, now = _moderators(bench, tip), bench.now()
        there = _read(bench, tip, moderators, now)
        before = there.remembered
        after = _after(bench, tip, before, wanted, now, whole=whole)
        rows = with_room(after.waiting)
        if there.right and (rows, after.decided) == (before.waiting, before.decided):
            return after
        signer = _signer(bench, tip, moderators)
        if signer is None:
            return replace(after, note=after.note or "nothing new is remembered: no key that decides here is here")
        try:
            _write(bench, tip, replace(after, waiting=rows), signer, there.commit, now)
        except StateForbids as error:
            # Where it is still what it was, nobody was faster: it is not to be written.
            if error.code == "moved" and there.commit not in tried:
                tried.add(there.commit)
                continue
            return replace(after, note=f"nothing new is remembered: {QUEUE_BRANCH} cannot be written: {error.message}")
        return after
    raise moved()


def with_room(waiting: Mapping[str, Seen]) -> dict[str, Seen]:
    """The rows that the list has room for: where there are too many, the newest wait longer.

    Where what they bring takes too much room, of the newest ones only the times are kept.
    """
    kept: dict[str, Seen] = {}
    room = WAITLIST_BYTES // 2
    for row in sorted(waiting.values(), key=lambda row: (row.seen, row.id))[:WAITING_ROWS]:
        room -= _FACT_BYTES * (len(row.releases) + len(row.statements))
        kept[row.id] = row if room >= 0 else row.model_copy(update={"releases": (), "statements": ()})
    return dict(sorted(kept.items()))


def _after(
    bench: Bench, tip: Tree, before: Remembered, wanted: Mapping[str, Seen], now: int, *, whole: bool
) -> Remembered:
    waiting: dict[str, Seen] = {}
    for name, row in sorted(wanted.items()):
        known = before.waiting.get(name)
        since = known.seen if known else from_seconds(now)
        facts = row if row.releases or row.statements or known is None else known
        waiting[name] = facts.model_copy(update={"seen": since})
    gone = [row for name, row in sorted(before.waiting.items()) if name not in wanted]
    decided = list(before.decided)
    if whole:
        ended = [_decided(row, tip, now, bench) for row in gone]
        decided += sorted((one for one in ended if one is not None), key=lambda one: (one.decided, one.id))
    else:
        waiting |= {row.id: row for row in gone}
    return Remembered(dict(sorted(waiting.items())), tuple(decided[-DECIDED_ROWS:]), before.note)


def _row(one: Waiting) -> Seen:
    """What is needed later to tell what became of it."""
    releases = [
        {"artifact": str(release.artifact), "version": release.manifest.version, "manifest": release.digest}
        for release in one.change.releases
        if release.manifest is not None and release.digest
    ]
    statements = [{"path": row.path, "sha256": sha256(row.raw)} for row in one.change.statements]
    value = {"id": key_of(one), "seen": from_seconds(0), "releases": releases[:200], "statements": statements[:200]}
    try:
        return Seen.of(value)
    except InvalidInput:  # a name that cannot be: it will never be published
        return Seen.of({**value, "releases": [], "statements": []})


def _decided(row: Seen, tip: Tree, now: int, bench: Bench) -> Decided | None:
    """What became of one that is gone, and when; `None` for one of which nothing but the id is known."""
    found = _outcome(row, tip, now, bench)
    if found is None:
        return None
    outcome, at = found
    titles = [f"{one.artifact}@{one.version}" for one in row.releases] or [one.path for one in row.statements]
    return Decided(id=row.id, titles=tuple(titles[:_TITLES]), seen=row.seen, decided=max(at, row.seen), outcome=outcome)


def _outcome(row: Seen, tip: Tree, now: int, bench: Bench) -> tuple[Outcome, str] | None:
    registry = registry_of(tip)
    times = [_admitted(one.artifact, one.version, one.manifest, tip, registry) for one in row.releases]
    there = [sha256(tip.read(one.path) or b"") == one.sha256 for one in row.statements]
    if (times or there) and all(times) and all(there):
        return "published", max(times, default="") or from_seconds(now)
    try:
        said = read_decisions(tip, row.id, registry=registry, means=bench.means)
    except RegistryError:
        said = ()
    rejected = [link.body.at for link in said if link.body.action == "reject"]
    if rejected:
        return "rejected", max(rejected)
    return ("withdrawn", from_seconds(now)) if times or there else None


def _admitted(artifact: str, version: str, manifest: str, tip: Tree, registry: str) -> str:
    """When a release was admitted; empty where these bytes are not."""
    name, folder = parse_artifact(artifact), parse_version(version).folder
    try:
        pointer = pointer_at(tip, name, folder, registry=registry)
        proof = proof_at(tip, name, folder, registry=registry)
        if pointer is None or proof is None or pointer.manifest != f"sha256:{manifest}":
            return ""
        return admission_of(proof, registry=registry).at
    except RegistryError:
        return ""


def _moderators(bench: Bench, tip: Tree) -> Moderators:
    return government_at(tip, registry=registry_of(tip), check=bench.means.check).moderators.head.body


def _signer(bench: Bench, tip: Tree, moderators: Moderators) -> Signer | None:
    """A key on this machine that decides for the registry: the gate's, else a moderator's."""
    owner, active = f"registry:{registry_of(tip)[:16]}", {row.k16 for row in moderators.rows if row.active}
    signers = [*bench.keys.every(owner, "gate"), *bench.keys.every(owner, "moderator")]
    return next((one for one in signers if k16(one.key) in active), None)


def _read(bench: Bench, tip: Tree, moderators: Moderators, now: int) -> _There:
    """What lies on the branch, and what counts of it."""
    commit = bench.history.branches(QUEUE_BRANCH).get(QUEUE_BRANCH)
    if commit is None:
        return _There(None, Remembered({}), right=True)
    try:
        found = _signed(bench.history.tree(commit), registry_of(tip), moderators, bench)
    except (InvalidInput, NotTrusted) as error:
        if error.code == "newer-schema":
            raise
        return _There(commit, Remembered({}, note=f"all waits begin anew: {error.message}"), right=False)
    latest = from_seconds(now)
    rows = {row.id: row.model_copy(update={"seen": min(row.seen, latest)}) for row in found.waiting}
    remembered = Remembered(dict(sorted(rows.items())), found.decided)
    return _There(commit, remembered, right=list(rows.values()) == list(found.waiting))


def _signed(tree: Tree, registry: str, moderators: Moderators, bench: Bench) -> Waitlist:
    """The list, signed by somebody who decides here now; raises `NotTrusted` and `InvalidInput`."""
    data = tree.read(WAITLIST) or b""
    if len(data) > WAITLIST_BYTES:
        raise InvalidInput(f"{WAITLIST} may have at most {WAITLIST_BYTES} bytes, it has {len(data)}", code="too-large")
    for row in moderators.rows:
        signature = tree.read(layout.signature_path(WAITLIST, row.k16)) if row.active else None
        if signature is not None and bench.means.check(row.raw, data, signature):
            return load(Waitlist, data, limit=WAITLIST_BYTES, registry=registry, what=WAITLIST)
    raise NotTrusted(
        f"{WAITLIST} on {QUEUE_BRANCH} is signed by nobody who moderates here",
        code="not-authorised",
        hint="who decides here writes it anew; only they and the gate may push to that branch",
    )


def _write(bench: Bench, tip: Tree, after: Remembered, signer: Signer, old: str | None, now: int) -> None:
    value = {
        "schema": "registry.waitlist/1",
        "registry": registry_of(tip),
        "as_of": from_seconds(now),
        "waiting": [row.value() for row in after.waiting.values()],
        "decided": [row.value() for row in after.decided],
    }
    files = sealed(WAITLIST, value, [signer])
    made = bench.history.commit(
        files, onto=None, message="What waits, and since when\n", author=signature_of("registry"), at=now
    )
    bench.history.move(QUEUE_BRANCH, old=old, new=made)
