"""Whether statements and keys may join what is there (part 9), and say nothing outdated."""

from collections.abc import Iterable, Mapping

from registry_tool.core.authorities import Government
from registry_tool.core.authority import one_use_each
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import signers
from registry_tool.core.change import Change, Joined
from registry_tool.core.demo_keys import is_demonstration
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.hits import releases_hit
from registry_tool.core.keys import PublicKey, SignatureCheck, parse_key
from registry_tool.core.manifest import read_manifest
from registry_tool.core.published import chain_at, events_at, proof_at, signed_at
from registry_tool.core.standing import authorities_at, head_at, keyring_at
from registry_tool.core.statements import HeadRef, Keyring, Statement
from registry_tool.core.status import read_events
from registry_tool.core.tree import Tree


def statement_may_join(
    change: Change, joined: Joined, government: Government, waiting: frozenset[str], *, check: SignatureCheck
) -> None:
    """Refuses a statement that is not the next of its chain, is outdated, or is signed by strangers.

    `waiting` are the subjects whose newest statement still lacks its countersignature.
    """
    statement, path = joined.statement, joined.path
    if statement is None:
        return  # its faults say why
    subject = joined.located.subject
    family, _, owner = subject.partition("/")
    before = len(chain_at(change.tip, subject))
    if statement.number != before + 1:
        raise StateForbids(
            f"it is number {statement.number} of {subject}, the next is {before + 1}",
            code="sign-again",
            hint="sign again",
        )
    if statement.mode == "recover":
        raise StateForbids("recovering keys is not taken here yet", code="recover", hint="ask the operator")
    _names_heads(statement.under, change.merged, path)
    if "moderators" not in statement.under and statement.number == 1:
        raise InvalidInput("it does not name the moderators that will countersign it", code="bad-under")
    if family == "authors":
        chain = keyring_at(change.merged, government, owner, check=check, countersigned=False)
        _no_stranger(change, path, [row.raw for row in chain.head.body.keys], check)
    else:
        authorities = authorities_at(change.merged, government, owner, check=check, waiting=waiting)
        keys = [row.raw for one in authorities.keyrings.values() for row in one.head.body.keys]
        _no_stranger(change, path, keys, check)
    _hits(change, statement)


def _no_stranger(change: Change, path: str, keys: Iterable[PublicKey], check: SignatureCheck) -> None:
    """Landing refuses a signature that nobody there could have made."""
    source = signed_at(change.merged, path)
    signatures = source.signatures if source else {}
    known = signers(source, keys, check=check, what=path) if source else frozenset()
    strangers = sorted(set(signatures) - known)
    if strangers:
        raise NotTrusted(f"the signature by {strangers[0]} is by nobody who may sign it", code="stranger")


def _hits(change: Change, statement: Statement) -> None:
    """A `since` in the past must not take back what is admitted without saying so."""
    hit = releases_hit(change, statement)
    unsaid = [one for one in hit if one[1] not in statement.hits]
    if unsaid:
        raise StateForbids(
            f"its `since` takes back {unsaid[0][0]}, which is admitted, and `hits` does not list it",
            code="hits",
            hint="choose a later `since`, or list it in `hits` and let a moderator sign",
        )


def event_may_join(change: Change, joined: Joined, government: Government, *, check: SignatureCheck) -> None:
    """Refuses an event about a release that is not admitted, out of order, or by nobody who may."""
    located = joined.located
    artifact = located.artifact
    if artifact is None:
        return  # the path of an event names one
    proof = proof_at(change.tip, artifact, located.version, registry=change.registry)
    if proof is None:
        raise StateForbids(f"{artifact}@{located.version} is not admitted", code="not-admitted")
    version = read_manifest(proof.manifest, registry=change.registry).version
    authorities = authorities_at(change.merged, government, artifact.scope, check=check)
    sources = events_at(change.merged, artifact, located.version)
    if len(sources) < located.number:
        raise StateForbids("there is a gap before it", code="chain-gap")
    links = read_events(sources, artifact=str(artifact), version=version, authorities=authorities, check=check)
    _names_heads(links[-1].body.under, change.merged, located.path)
    _no_stranger(
        change, located.path, [row.raw for one in authorities.keyrings.values() for row in one.head.body.keys], check
    )


def keys_may_join(change: Change, government: Government) -> None:
    """A key belongs to one person and one use in the whole registry (part 2)."""
    joining = [one for one in change.statements if isinstance(one.statement, Keyring)]
    if not joining:
        return
    uses = government.uses()
    authors = {
        author.name
        for shard in change.merged.list("index/authors")
        for author in change.merged.list(f"index/authors/{shard.name}")
    }
    for author in sorted(authors):
        chain = chain_at(change.merged, f"authors/{author}")
        for row in parse_loose(chain[-1].data, limit=len(chain[-1].data), what=f"the keyring of {author}")["keys"]:
            uses.setdefault(f"{row['use']} of {author}", []).append(parse_key(row["key"]))
    one_use_each(uses)
    people = {person.author: person.id for person in government.moderators.head.body.people if person.author}
    moderators = {person.id for person in government.moderators.head.body.people if person.author is None}
    for one in joining:
        author = one.located.subject.partition("/")[2]
        if author in moderators and author not in people:
            raise StateForbids(
                f"{author} is a moderator who publishes nothing here", code="reserved-author", hint="choose another id"
            )
    if not change.demonstration and is_demonstration(key for keys in uses.values() for key in keys):
        raise NotTrusted(
            "a published test key is refused outside demonstrations",
            code="test-key",
            hint="make keys with `registry keys new`",
        )


def _names_heads(statement_under: Mapping[str, HeadRef], merged: Tree, what: str) -> None:
    for subject, ref in statement_under.items():
        head = head_at(merged, subject)
        if head != ref:
            raise StateForbids(
                f"{what} was signed under {subject} {ref.number}, which is not its newest number any more",
                code="sign-again",
                hint="fetch the registry's newest state and sign again: `registry publish` does both",
            )
