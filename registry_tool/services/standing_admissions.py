"""What ending a moderator's or the gate's key does to what it admitted and said: what stands, and what falls."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.chains import Chain, Link, SignedBytes
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.hits import EventsHit, Told, ends_anew, told_events
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId, parse_wanted
from registry_tool.core.proof import Proof
from registry_tool.core.published import names_in, payload_at, proof_at, registry_of, version_folders
from registry_tool.core.standing import authorities_at, government_at, lookup_at, trusting_at
from registry_tool.core.statements import Moderators, Statement
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means, Wanted, verify_admission


@dataclass(frozen=True, slots=True)
class Standing:
    """The admissions by keys that end."""

    stand: tuple[str, ...] = ()
    """They stay good, as `@scope/name@version`."""
    fall: tuple[str, ...] = ()
    """Clients refuse them from then on."""
    events: EventsHit = field(default_factory=EventsHit)
    """What was said of releases with these keys: which of it counts no more, and which still does."""
    digests: tuple[str, ...] = ()
    """The manifests and events that fall, sorted: what `hits` lists."""


def standing_after(tip: Tree, body: Statement, *, means: Means) -> Standing:
    """What a statement of the moderators does to the admissions and events by keys that it ends.

    Raises `StateForbids` (`files-gone`) where a withholding would fall whose files are gone.
    """
    ended = _newly_ended(tip, body, means) if isinstance(body, Moderators) else {}
    if not ended or not isinstance(body, Moderators):
        return Standing()
    registry = registry_of(tip)
    now = government_at(tip, registry=registry, check=means.check)
    events = _events(tip, body, ended, now)
    then = _after(now, Moderators.of({**body.value(), "hits": sorted(events.digests)}))
    touched = {parse_wanted(one.event.subject).artifact for one in events.fall}
    stand: list[str] = []
    fall: list[tuple[str, str]] = []
    scopes: dict[str, tuple[Authorities, Authorities]] = {}
    for artifact in names_in(tip):
        proofs = [proof_at(tip, artifact, folder, registry=registry) for folder in version_folders(tip, artifact)]
        admitted = [proof for proof in proofs if proof is not None]
        if artifact not in touched and not any(ended.keys() & _hands(proof) for proof in admitted):
            continue
        if artifact.scope not in scopes:
            scopes[artifact.scope] = (
                authorities_at(tip, now, artifact.scope, check=means.check),
                authorities_at(tip, then, artifact.scope, check=means.check),
            )
        before, after = scopes[artifact.scope]
        # All versions of the name: an owner's update falls with the release that it compares itself with.
        for proof in admitted:
            name = f"{artifact}@{read_manifest(proof.manifest, registry=registry).version}"
            if not _holds(tip, artifact, proof, before, means):
                continue
            if not _holds(tip, artifact, proof, after, means):
                fall.append((name, prefixed(sha256(proof.manifest))))
            elif ended.keys() & _hands(proof):
                stand.append(name)
    digests = events.digests | {digest for _, digest in fall}
    return Standing(tuple(stand), tuple(name for name, _ in fall), events, tuple(sorted(digests)))


def _newly_ended(tip: Tree, body: Moderators, means: Means) -> Mapping[str, str]:
    """k16 of each key that this statement ends, and since when."""
    head = government_at(tip, registry=registry_of(tip), check=means.check).moderators.head.body
    was = {row.k16: row.status for row in head.rows}
    return {
        row.k16: row.since for row in body.rows if row.since is not None and ends_anew(was.get(row.k16, ""), row.status)
    }


def _after(government: Government, body: Moderators) -> Government:
    """The government once the statement is there; its signatures are somebody else's question."""
    data = body.to_bytes()
    link = Link(body.number, sha256(data), body, SignedBytes(data, {}))
    return replace(government, moderators=Chain("moderators", (*government.moderators.links, link)))


def _hands(proof: Proof) -> set[str]:
    """References of all keys that signed an admission or an approval."""
    return {key for source in (proof.admission, *proof.approvals) for key in source.signatures}


def _holds(tip: Tree, artifact: ArtifactId, proof: Proof, authorities: Authorities, means: Means) -> bool:
    version = read_manifest(proof.manifest, registry=authorities.registry).version
    lookup = lookup_at(tip, artifact, authorities, check=means.check)
    trusting = trusting_at(tip, authorities.government, means=means)
    try:
        verify_admission(proof, Wanted(str(artifact), version), authorities, means=trusting, lookup=lookup)
    except NotTrusted:
        return False
    return prefixed(sha256(proof.manifest)) not in authorities.taken_back


def _events(tip: Tree, body: Moderators, ended: Mapping[str, str], now: Government) -> EventsHit:
    """The events by keys that end: one falls where no other moderator signed it whose key holds."""
    fall, stand = [], []
    void = {digest for link in now.moderators.links for digest in link.body.hits}
    holds = [row for person in body.people for row in person.keys]
    for artifact in names_in(tip):
        for folder in version_folders(tip, artifact):
            for source, told in told_events(tip, artifact, folder, registry=now.registry):
                signed, at = source.signatures, told.event.at
                if told.digest in void or not ended.keys() & signed.keys():
                    continue
                if any(row.k16 in signed and row.held_at(at) for row in holds):
                    stand.append(told)
                else:
                    fall.append(told)
                    _files_are_there(tip, artifact, folder, told, now.registry)
    return EventsHit(tuple(fall), tuple(stand))


def _files_are_there(tip: Tree, artifact: ArtifactId, folder: str, told: Told, registry: str) -> None:
    """Refuses to void a withholding while files are gone: nothing could be built any more."""
    proof = proof_at(tip, artifact, folder, registry=registry)
    if told.event.action != "withhold" or proof is None:
        return
    try:
        payload_at(tip, artifact, read_manifest(proof.manifest, registry=registry))
    except InvalidInput as error:
        raise StateForbids(
            f"it takes back {told.what}, a withholding, and files of that release are gone: {error.message}",
            where=error.where,
            code="files-gone",
            hint="commit them again where they were; the history of the repository has them. Then begin again",
        ) from error
