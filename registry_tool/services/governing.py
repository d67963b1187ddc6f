"""The registry's own people: who moderates, how many sign, which key the gate has (part 4, moderators, policy).

A change is a statement that needs every new key and the threshold of the moderators before it. It travels
as the branch `invite/<subject>/<n>` from one signer to the next; whoever completes it lands it on the
main line, after the whole resulting tree of chains was verified.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from registry_tool.core import layout, limits
from registry_tool.core.authority import moderator_keys, one_use_each, people_of
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import SignedBytes
from registry_tool.core.document import load
from registry_tool.core.errors import NotFound, StateForbids
from registry_tool.core.keys import K16, PublicKey, SignatureCheck, Signer, k16
from registry_tool.core.published import chain_at, registry_of, signed_at
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import authorities_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import KeyRow, Moderators, Policy, Statement
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.words import statement_words
from registry_tool.services.author import signature_of
from registry_tool.services.bench import TRIES, Bench, advance, moved, take_off, tip_of
from registry_tool.services.governing_edits import enough
from registry_tool.services.standing_admissions import Standing, standing_after
from registry_tool.services.trusting import names_in

Json = dict[str, Any]  # a document's value
MODELS: Mapping[str, type[Moderators] | type[Policy]] = {"moderators": Moderators, "policy": Policy}


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement of the registry's own people on its way from signer to signer."""

    subject: str
    number: int
    source: SignedBytes
    body: Moderators | Policy
    branch: str
    commit: str | None
    """Where the branch is; `None` where it was not sent yet."""
    missing: tuple[str, ...]
    """Whose signatures are still needed, in words; empty where it can land."""
    standing: Standing
    """Which admissions and events by a key that ends stand, and which fall."""

    @property
    def path(self) -> str:
        """Where it will lie."""
        return layout.statement_path(self.subject, self.number)

    @property
    def files(self) -> dict[str, bytes]:
        """The document and its signatures."""
        signatures = {layout.signature_path(self.path, key): content for key, content in self.source.signatures.items()}
        return {self.path: self.source.data, **signatures}

    def value(self) -> Json:
        """The result for `--json`."""
        return {
            "subject": self.subject,
            "number": self.number,
            "branch": self.branch,
            "words": statement_words(self.body),
            "signed": sorted(self.source.signatures),
            "missing": list(self.missing),
            "stand": list(self.standing.stand),
            "fall": list(self.standing.fall),
            "events_stand": [one.value() for one in self.standing.events.stand],
            "events_fall": [one.value() for one in self.standing.events.fall],
        }


def overview(tip: Tree, check: SignatureCheck) -> Json:
    """Who governs: people with their keys, threshold, gate; verified."""
    body = government_at(tip, registry=registry_of(tip), check=check).moderators.head.body
    return {
        "number": body.number,
        "threshold": body.threshold,
        "people": [
            {
                "id": person.id,
                "author": person.author,
                "active": any(row.active for row in person.keys),
                "keys": [_row(row) for row in person.keys],
                "accounts": [row.value() for row in person.accounts],
            }
            for person in body.people
        ],
        "gate": [_row(row) for row in body.gate],
    }


def _row(row: KeyRow) -> Json:
    value = row.value()
    return {"k16": row.k16, **{name: value[name] for name in ("status", "since", "reason") if name in value}}


def key_statuses(tip: Tree, check: SignatureCheck) -> Mapping[str, str]:
    """k16 to status of every moderator's and gate key."""
    body = government_at(tip, registry=registry_of(tip), check=check).moderators.head.body
    return {row.k16: row.status for row in body.rows}


def own_signers(bench: Bench, tip: Tree) -> tuple[Signer, ...]:
    """Every moderator's key of this registry on this machine, whatever its status."""
    return bench.keys.every(f"registry:{registry_of(tip)[:16]}", "moderator")


def draft(
    bench: Bench, tip: Tree, edit: Callable[[Json], None], *, subject: str = "moderators", root: bool = False
) -> Draft:
    """The next statement as `edit` changes the newest one, signed by whatever key on this machine may.

    With `root` it is the root's keys that appoint, instead of the moderators before. Nothing is sent.
    """
    registry = registry_of(tip)
    before = chain_at(tip, subject)
    value: Json = parse_loose(before[-1].data, limit=len(before[-1].data), what=subject)
    edit(value)
    if subject == "moderators":
        enough(value)
    under = heads_at(tip, [] if subject == "moderators" else ["moderators"])
    head = frame(f"registry.{subject}/1", registry, subject, (len(before), before[-1].data), under)
    value = {**{name: member for name, member in value.items() if name != "hits"}, **head}
    if root:
        government = government_at(tip, registry=registry, check=bench.means.check)
        value["under"] = {"root": {"number": len(government.roots), "sha256": government.roots[-1].sha256}}
    body = MODELS[subject].of(value)
    standing = standing_after(tip, body, means=bench.means)
    if standing.digests:
        value["hits"] = list(standing.digests)
        body = MODELS[subject].of(value)
    signers = _may_sign(bench, tip, body)
    if not signers:
        raise _no_key()
    files = sealed(layout.statement_path(subject, body.number), value, signers)
    source = signed_at(Overlay(tip, files), layout.statement_path(subject, body.number))
    assert source is not None  # noqa: S101  # it was just laid there
    return draft_of(bench, tip, subject, source, None)


def waiting(bench: Bench, tip: Tree, subject: str = "moderators") -> Draft:
    """The statement that waits for more signatures; `NotFound` where none fits the newest state."""
    number = len(chain_at(tip, subject)) + 1
    branch = f"invite/{subject}/{number}"
    commit = bench.history.branches(branch).get(branch)
    source = signed_at(bench.history.tree(commit), layout.statement_path(subject, number)) if commit else None
    if source is None:
        raise NotFound(
            f"no change of the {subject} waits that fits the newest state",
            code="no-invitation",
            hint="`registry moderators` shows what is there; `registry moderators invite` begins a change",
        )
    return draft_of(bench, tip, subject, source, commit)


def sign(bench: Bench, tip: Tree, waits: Draft) -> Draft:
    """The same with this machine's signatures; `StateForbids` where none of them is missing."""
    signers = [one for one in _may_sign(bench, tip, waits.body) if k16(one.key) not in waits.source.signatures]
    if not signers:
        if not _may_sign(bench, tip, waits.body):
            raise _no_key()
        raise StateForbids(
            "this machine's key signed it already",
            code="approved-already",
            hint=f"it waits for {'; '.join(waits.missing)}",
        )
    signatures = {**waits.source.signatures, **{k16(one.key): one.sign(waits.source.data) for one in signers}}
    return draft_of(bench, tip, waits.subject, SignedBytes(waits.source.data, signatures), waits.commit)


def send(bench: Bench, made: Draft) -> Json:
    """Lands a complete statement on the main line, or puts it where the next signer finds it.

    Raises `StateForbids` where another change waits already or releases were admitted that it would take
    back unsaid, `NotTrusted` where the resulting chains would not verify.
    """
    at = bench.now()
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        now = draft_of(bench, tip, made.subject, made.source, made.commit)
        who = _person(bench, tip, now.body)
        if now.missing:
            there = bench.history.branches(now.branch).get(now.branch)
            if there != made.commit:
                raise StateForbids(
                    f"another change of the {now.subject} waits already as {now.branch}",
                    code="change-waits",
                    hint="look at it with `registry moderators sign`, or drop it with `registry moderators drop`",
                )
            message = f"Ask for signatures: {now.subject} {now.number}\n"
            new = bench.history.commit(now.files, onto=commit, message=message, author=signature_of(who), at=at)
            bench.history.move(now.branch, old=there, new=new)
            return {**now.value(), "state": "waiting", "commit": new}
        verify_government(tip, now, bench)
        landed = advance(bench, commit, now.files, message=f"Change the {now.subject}\n", by=who, at=at)
        if landed is None:
            continue
        there = bench.history.branches(now.branch).get(now.branch)
        if there is not None:
            take_off(bench, now.branch, there)  # whatever waited there is outdated now
        return {**now.value(), "state": "published", "commit": landed}
    raise moved()


def drop(bench: Bench, tip: Tree, subject: str = "moderators") -> Json:
    """Takes a change off that waits for signatures."""
    branch = f"invite/{subject}/{len(chain_at(tip, subject)) + 1}"
    commit = bench.history.branches(branch).get(branch)
    if commit is None:
        raise NotFound(f"no change of the {subject} waits", code="no-invitation")
    bench.history.move(branch, old=commit, new=None)
    return {"branch": branch, "state": "dropped"}


def verify_government(tip: Tree, made: Draft, bench: Bench) -> None:
    """Verifies every chain of the registry as it would be: government, keyrings, scopes, one use for each key."""
    merged, check = Overlay(tip, made.files), bench.means.check
    government = government_at(merged, registry=registry_of(tip), check=check)
    uses: dict[str, list[PublicKey]] = government.uses()
    for author in _names(merged, "authors"):
        for row in keyring_at(merged, government, author, check=check).head.body.keys:
            uses.setdefault(f"{row.use} of {author}", []).append(row.raw)
    one_use_each(uses)
    authors = set(_names(merged, "authors"))
    for person in government.moderators.head.body.people:
        if person.author is None and person.id in authors:
            raise StateForbids(
                f"{person.id} is an author here, and the statement says that this moderator publishes nothing",
                code="reserved-author",
                hint=f"say --author {person.id} where it is the same person, or choose another id",
            )
    for scope in _names(merged, "scopes"):
        authorities_at(merged, government, scope, check=check)
    standing = standing_after(tip, made.body, means=bench.means)
    if set(standing.digests) != set(made.body.hits):
        raise StateForbids(
            "releases were admitted or events said since it was signed that it takes back without saying so",
            code="hits",
            hint="drop it and sign it again: registry moderators drop",
        )


def _names(tree: Tree, family: str) -> list[str]:
    return [one.name for shard in tree.list(f"index/{family}") for one in tree.list(f"index/{family}/{shard.name}")]


def draft_of(bench: Bench, tip: Tree, subject: str, source: SignedBytes, commit: str | None) -> Draft:
    """What `source`, which waits at `commit`, would be on the tip; `StateForbids` where it is not the next one.

    Its signatures are those that hold and mean something.
    """
    number = len(chain_at(tip, subject)) + 1
    registry = registry_of(tip)
    what = f"the change of the {subject} that waits"
    body = load(MODELS[subject], source.data, limit=limits.STATEMENT_BYTES, registry=registry, what=what)
    if body.number != number or body.subject != subject:
        raise StateForbids(f"{what} is not the next one any more", code="sign-again", hint="sign it again")
    held = {
        k16(key): source.signatures[k16(key)]
        for key in _everybody(tip, body, bench)
        if k16(key) in source.signatures and bench.means.check(key, source.data, source.signatures[k16(key)])
    }
    good = SignedBytes(source.data, held)
    branch = f"invite/{subject}/{number}"
    missing = _missing(tip, body, set(held), bench)
    return Draft(subject, number, good, body, branch, commit, missing, standing_after(tip, body, means=bench.means))


def _everybody(tip: Tree, body: Statement, bench: Bench) -> list[PublicKey]:
    """Every key whose signature means something below a statement: moderators before and after, and the root."""
    government = government_at(tip, registry=registry_of(tip), check=bench.means.check)
    keys = set(moderator_keys(government.moderators.head.body))
    keys |= set(moderator_keys(body)) if isinstance(body, Moderators) else set()
    keys |= set(government.roots[-1].keys) if "root" in body.under else set()
    return sorted(keys)


def _may_sign(bench: Bench, tip: Tree, body: Moderators | Policy) -> list[Signer]:
    """Keys on this machine whose signature is worth something: active moderators', new people's, the root's."""
    owner = f"registry:{registry_of(tip)[:16]}"
    before = government_at(tip, registry=registry_of(tip), check=bench.means.check).moderators.head.body
    worth = {row.k16 for person in before.people for row in person.keys if row.active}
    if isinstance(body, Moderators):
        worth |= {row.k16 for person in body.people for row in person.keys if row.active}
    found = [one for one in bench.keys.every(owner, "moderator") if k16(one.key) in worth]
    if "root" in body.under:
        found += bench.keys.every(owner, "root")
    return found


def _missing(tip: Tree, body: Moderators | Policy, signed: set[K16], bench: Bench) -> tuple[str, ...]:
    """Whose signatures are still needed, in words."""
    government = government_at(tip, registry=registry_of(tip), check=bench.means.check)
    before = government.moderators.head.body
    missing = []
    if "root" in body.under:
        root = government.roots[-1]
        count = root.threshold - len({k16(key) for key in root.keys} & signed)
        names = names_in(root)
        others = sorted(f"{names[key]} ({k16(key)})" if key in names else k16(key) for key in root.keys)
        absent = [one for one in others if not any(key in one for key in signed)]
        missing += [f"{count} more of the root's keys {', '.join(absent)}"] if count > 0 else []
    else:
        count = before.threshold - len(people_of(before, signed))
        others = sorted(
            person.id
            for person in before.people
            if people_of(before, {row.k16 for row in person.keys}) and person.id not in people_of(before, signed)
        )
        missing += [f"{count} more of the moderators {', '.join(others)}"] if count > 0 else []
    if isinstance(body, Moderators):
        old = {row.k16 for person in before.people for row in person.keys}
        missing += [
            f"{person.id} with the new key {row.k16}"
            for person in body.people
            for row in person.keys
            if row.k16 not in old and row.k16 not in signed
        ]
    return tuple(missing)


def _person(bench: Bench, tip: Tree, body: Moderators | Policy) -> str:
    """Whose name the commit carries; nothing trusts it."""
    before = government_at(tip, registry=registry_of(tip), check=bench.means.check).moderators.head.body
    held = {k16(one.key) for one in own_signers(bench, tip)}
    people = (*before.people, *(body.people if isinstance(body, Moderators) else ()))
    return next((one.id for one in people if held & {row.k16 for row in one.keys}), "root")


def _no_key() -> NotFound:
    return NotFound(
        "no key on this machine may sign this: no active moderator's, and none that it lets in",
        code="key-missing",
        hint="keys are imported with `registry keys import`; `registry moderators key` makes you one",
    )
