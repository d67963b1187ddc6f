"""Whether statements and keys may join what is there (part 9), and say nothing outdated."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from registry_tool.core import layout
from registry_tool.core.authorities import Government
from registry_tool.core.authority import one_use_each
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import Chain, SignedBytes, signers
from registry_tool.core.change import Change, Joined
from registry_tool.core.demo_keys import is_demonstration
from registry_tool.core.digest import prefixed
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.hits import events_hit, releases_hit
from registry_tool.core.kept import At
from registry_tool.core.keys import PublicKey, SignatureCheck, joined_key
from registry_tool.core.manifest import read_manifest
from registry_tool.core.published import chain_at, events_at, proof_at
from registry_tool.core.standing import authorities_at, head_at, keyring_at
from registry_tool.core.statements import HeadRef, Keyring, Scope, Statement
from registry_tool.core.status import read_events
from registry_tool.core.targets import draft_targets, newest_targets
from registry_tool.core.tree import Tree


def statement_may_join(
    change: Change, joined: Joined, government: Government, waiting: frozenset[str], *, check: SignatureCheck
) -> None:
    """Refuses a statement that is not the next of its chain, is outdated, or is signed by strangers.

    `waiting` are the subjects whose newest statement still lacks its countersignature.
    """
    statement = joined.statement
    if not isinstance(statement, Keyring | Scope):
        return  # its faults say why it cannot be read
    subject = joined.located.subject
    family, _, owner = subject.partition("/")
    following = len(chain_at(change.tip, subject)) + 1
    if (joined.located.number, statement.number) != (following, following):
        raise StateForbids(
            f"it lies at number {joined.located.number} of {subject}, the next is {following}",
            code="sign-again",
            hint="sign again",
        )
    if statement.mode == "recover" and (change.releases or len(change.statements) > 1):
        raise StateForbids(
            "a recovery comes alone: its notice is about nothing else",
            code="recover",
            hint="submit it by itself, with `registry keys recover`",
        )
    names_heads(statement.under, change.merged, joined.path)
    if family == "authors":
        chain = keyring_at(change.merged, government, owner, check=check, countersigned=False)
        no_stranger(chain.head.source, _may_extend(chain), check)
    else:
        authorities = authorities_at(change.merged, government, owner, check=check, waiting=waiting)
        keyrings = [authorities.keyring(author) for author in _authors(statement)]
        no_stranger(authorities.scope.head.source, [key for one in keyrings for key in _active(one, "control")], check)
    if "moderators" not in statement.under and needs_countersignature(change, joined, government, waiting, check=check):
        raise InvalidInput("it does not name the moderators that will countersign it", code="bad-under")
    _hits(change, statement)


def needs_countersignature(
    change: Change, joined: Joined, government: Government, waiting: frozenset[str], *, check: SignatureCheck
) -> bool:
    """Whether a moderator must sign a statement too: it widens something, or takes releases back."""
    subject = joined.located.subject
    family, _, owner = subject.partition("/")
    if joined.statement is not None and joined.statement.mode == "recover":
        return True
    try:
        if family == "authors":
            keyring_at(change.merged, government, owner, check=check)
        else:
            authorities_at(change.merged, government, owner, check=check, waiting=waiting - {subject})
    except NotTrusted as error:
        if error.code != "not-countersigned":
            raise
        return True
    return False


def _may_extend(chain: Chain[Keyring]) -> list[PublicKey]:
    """Keys that may sign the newest statement of a keyring: control keys of the one before, and new ones."""
    before = {row.k16: row for row in chain.links[-2].body.keys} if len(chain.links) > 1 else {}
    return [
        row.raw
        for row in chain.head.body.keys
        if row.k16 not in before or (before[row.k16].active and row.use == "control")
    ]


def _active(chain: Chain[Keyring], use: str) -> list[PublicKey]:
    return [row.raw for row in chain.head.body.keys if row.active and row.use == use]


def _authors(statement: Statement) -> list[str]:
    """The authors whose keyrings a statement names."""
    return [name.partition("/")[2] for name in sorted(statement.under) if name.startswith("authors/")]


def no_stranger(source: SignedBytes, keys: Iterable[PublicKey], check: SignatureCheck) -> None:
    """Landing refuses a signature by a key that may not sign this, also where everybody ignores it."""
    strangers = sorted(set(source.signatures) - signers(source, keys, check=check, what="it"))
    if strangers:
        raise NotTrusted(
            f"the signature by {strangers[0]} is by nobody who may sign it",
            code="stranger",
            hint="leave it out; who approves signs at landing",
        )


def _hits(change: Change, statement: Keyring | Scope) -> None:
    """A `since` in the past must not take back what is admitted without saying so."""
    events = events_hit(change, statement).fall
    taken = [*releases_hit(change, statement), *((one.what, one.digest) for one in events)]
    unsaid = [one for one, digest in taken if digest not in statement.hits]
    if unsaid:
        raise StateForbids(
            f"its `since` takes back {unsaid[0]}, and `hits` does not list it",
            code="hits",
            hint="choose a later `since`, or list it in `hits` and let a moderator sign",
        )
    if set(statement.hits) - {digest for _, digest in taken}:
        raise StateForbids(
            "`hits` lists something that its `since` does not take back",
            code="hits",
            hint="list only what was admitted or said at or after a `since` that is new in it",
        )


def event_may_join(
    change: Change, joined: Joined, government: Government, waiting: frozenset[str], *, check: SignatureCheck
) -> None:
    """Refuses an event about a release that is not admitted, out of order, or by nobody who may."""
    located, event = joined.located, joined.statement
    artifact = located.artifact
    if artifact is None or event is None:
        return  # the path of an event names one; its faults say what else is wrong
    proof = proof_at(change.tip, artifact, located.version, registry=change.registry)
    if proof is None:
        raise StateForbids(f"{artifact}@{located.version} is not admitted", code="not-admitted")
    if located.number != len(events_at(change.tip, artifact, located.version)) + 1:
        raise StateForbids(
            f"it is not the next event of {artifact}@{located.version}", code="sign-again", hint="sign again"
        )
    version = read_manifest(proof.manifest, registry=change.registry).version
    authorities = authorities_at(change.merged, government, artifact.scope, check=check, waiting=waiting)
    sources = events_at(change.merged, artifact, located.version)
    events = read_events(sources, artifact=str(artifact), version=version, authorities=authorities, check=check)
    if events.links[-1].body.lifts in {prefixed(digest) for digest in events.void}:
        raise StateForbids(
            "it lifts an event that was taken back, which counts for nothing any more",
            code="lifts-void",
            hint="leave it out; `registry show` says what stands",
        )
    names_heads(event.under, change.merged, located.path)
    keyrings = [authorities.keyring(author) for author in _authors(event)]
    no_stranger(events.links[-1].source, [key for one in keyrings for key in _active(one, "signing")], check)


def keys_may_join(change: Change, government: Government) -> None:
    """A key belongs to one person and one use in the whole registry (part 2)."""
    joining = {
        one.located.subject.partition("/")[2]: one.statement
        for one in change.statements
        if isinstance(one.statement, Keyring)
    }
    if not joining:
        return
    uses = government.uses()
    number = newest_targets(change.tip)
    if number:
        targets = draft_targets(change.tip.read(layout.targets_path(number)) or b"", number)
        uses.setdefault("publishing", []).extend(targets.bin_keys.values())
    everybody = {**_keys_of_all(At(change.tip, "index/authors"))}
    for author, keyring in joining.items():
        everybody[author] = tuple((row.use, row.raw) for row in keyring.keys)
    for author, rows in everybody.items():
        for use, key in rows:
            uses.setdefault(f"{use} of {author}", []).append(key)
    one_use_each(uses)
    people = government.moderators.head.body.people
    claimed = {person.author for person in people}
    reserved = {person.id for person in people if person.author is None} - claimed
    for author in joining:
        if author in reserved:
            raise StateForbids(
                f"{author} is a moderator who publishes nothing here", code="reserved-author", hint="choose another id"
            )
    if not change.demonstration and is_demonstration(key for keys in uses.values() for key in keys):
        raise NotTrusted(
            "a published test key is refused outside demonstrations",
            code="test-key",
            hint="make keys with `registry keys new`",
        )


@lru_cache(maxsize=2)
def _keys_of_all(authors: At) -> Mapping[str, tuple[tuple[str, PublicKey], ...]]:
    """Use and key of every row of every author; rows never vanish, so the newest statement has all."""
    found: dict[str, tuple[tuple[str, PublicKey], ...]] = {}
    for shard in authors.tree.list(authors.folder):
        for entry in authors.tree.list(f"{authors.folder}/{shard.name}"):
            for head in chain_at(authors.tree, f"authors/{entry.name}")[-1:]:
                value = parse_loose(head.data, limit=len(head.data), what=f"the keyring of {entry.name}")
                found[entry.name] = tuple((row["use"], joined_key(row["key"])) for row in value["keys"])
    return found


def names_heads(statement_under: Mapping[str, HeadRef], merged: Tree, what: str) -> None:
    """Refuses a document at the path `what` whose `under` is not the newest state of the chains that it names."""
    for subject, ref in statement_under.items():
        head = head_at(merged, subject)
        if head != ref:
            raise StateForbids(
                f"{what} was signed under {subject} {ref.number}, which is not its newest number any more",
                code="sign-again",
                hint="fetch the registry's newest state and sign again: `registry publish` does both",
            )
