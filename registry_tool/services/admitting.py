"""What an approver adds to a submission: countersignatures, approvals, admissions (part 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core import layout, limits
from registry_tool.core.approvals import CLOCK_SECONDS, needed, read_approval, who_is_author
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.chains import SignedBytes
from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.joining import needs_countersignature
from registry_tool.core.keys import Signer, k16
from registry_tool.core.manifest import Manifest
from registry_tool.core.moderation import latest_decision, said_about
from registry_tool.core.naming_identities import identities_land
from registry_tool.core.published import events_at, signed_at, version_folders
from registry_tool.core.recovery import recovery_of
from registry_tool.core.release import Admission, Approval
from registry_tool.core.sealing import refs, sealed
from registry_tool.core.standing import admitted_at, authorities_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import Person
from registry_tool.core.status import read_events
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.trust import Means


@dataclass(frozen=True, slots=True)
class Decision:
    """What an approver's yes comes to."""

    files: Mapping[str, bytes]
    """What the approver signed."""
    complete: bool
    """Whether the submission lands; if not, `files` are approvals that wait for others."""
    countersigned: tuple[str, ...] = ()
    """What the statements say that the approver signed too, in words."""


@dataclass(frozen=True, slots=True)
class _Act:
    """Who approves, when, and with which words."""

    registry: str
    person: Person
    signer: Signer
    at: int
    """Seconds since 1970."""
    note: str
    means: Means


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An approval that lies on the tip and counts."""

    source: SignedBytes
    people: frozenset[str]


def decide(change: Change, tip: Tree, person: Person, signer: Signer, *, at: int, note: str, means: Means) -> Decision:
    """What the approver adds: countersignatures and admissions, or approvals where more people are needed.

    Raises `StateForbids` where this person's yes does not count, somebody objected, or the clock is behind.
    """
    act = _Act(change.registry, person, signer, at, note, means)
    government = government_at(tip, registry=change.registry, check=means.check)
    _no_objection(change, tip, means)
    countersignatures, words = _countersignatures(change, government, act)
    merged = Overlay(tip, {**change.additions, **countersignatures})
    admissions: dict[str, bytes] = {}
    approvals: dict[str, bytes] = {}
    for candidate in change.releases:
        manifest = candidate.manifest
        if manifest is None:
            raise InvalidInput(f"{candidate.artifact} has no manifest that can be read", code="document")
        authorities = authorities_at(merged, government, manifest.scope, check=means.check)
        own = _who_must_not(manifest, authorities)
        if person.id in own:
            raise StateForbids(
                f"{person.id} is the author of {manifest.artifact}, and this registry wants somebody else to look",
                code="self-approval",
                hint="another moderator approves it",
            )
        compared = candidate.previous.version if candidate.previous else None
        count = needed(government.policy.head.body, compared=compared, gained=bool(candidate.gained))
        waiting = _waiting(candidate, manifest, tip, government, act)
        others = [one for one in waiting if one.people - own - {person.id}]
        if len({name for one in others for name in one.people} - own - {person.id}) + 1 >= count:
            admissions.update(_admission(candidate, manifest, merged, act, compared, others))
        elif any(person.id in one.people for one in waiting):
            already = f"{person.id} approved {manifest.artifact}@{manifest.version} already"
            raise StateForbids(already, code="approved-already", hint=f"it needs {count} people")
        else:
            approvals.update(_approval(candidate, manifest, tip, act))
    if approvals:
        return Decision(approvals, complete=False)
    return Decision({**countersignatures, **admissions}, complete=True, countersigned=words)


def _countersignatures(change: Change, government: Government, act: _Act) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Signatures of the statements that widen something, and what these say."""
    chains = [one for one in change.statements if one.statement is not None and one.located.role == "chain"]
    waiting = frozenset(one.located.subject for one in chains)
    found: dict[str, bytes] = {}
    words: list[str] = []
    for one in chains:
        if needs_countersignature(change, one, government, waiting, check=act.means.check):
            found[layout.signature_path(one.path, k16(act.signer.key))] = act.signer.sign(one.raw)
            words.append(one.words)
    return found, tuple(words)


def _who_must_not(manifest: Manifest, authorities: Authorities) -> frozenset[str]:
    """Moderators who are the author, where policy wants somebody else."""
    if authorities.policy.head.body.self_approval:
        return frozenset()
    return who_is_author(manifest.author, authorities.moderators.head.body, authorities.keyring(manifest.author))


def _waiting(candidate: Candidate, manifest: Manifest, tip: Tree, government: Government, act: _Act) -> list[_Waiting]:
    """Approvals of exactly this manifest that lie on the tip and count now (part 8, "Approval")."""
    digest = prefixed(sha256(candidate.manifest_bytes))
    folder = f"{layout.version_folder(candidate.artifact, candidate.folder)}/approvals"
    sources = [signed_at(tip, f"{folder}/{entry.name}") for entry in tip.list(folder) if entry.name.endswith(".json")]
    if not sources:
        return []
    said = said_about(tip, [digest], registry=act.registry, means=act.means)
    void_until = max((one.at for one in said if one.action in ("reject", "objection")), default="")
    found = []
    for source in sources:
        about = manifest.artifact, manifest.version, digest
        try:
            document, people = read_approval(
                source or SignedBytes(b"", {}), about, government, at=from_seconds(act.at), check=act.means.check
            )
        except NotTrusted:
            continue  # of other bytes, too old, or by somebody who has ended: it counts for nothing
        if source is not None and document.at > void_until:
            found.append(_Waiting(source, people))
    return found


def _approval(candidate: Candidate, manifest: Manifest, tip: Tree, act: _Act) -> dict[str, bytes]:
    value = {
        "schema": "registry.approval/1",
        "registry": act.registry,
        "artifact": manifest.artifact,
        "version": manifest.version,
        "manifest": prefixed(sha256(candidate.manifest_bytes)),
        "under": refs(heads_at(tip, ["moderators"])),
        "verdict": "approve",
        "note": act.note,
        "at": from_seconds(act.at),
    }
    Approval.of(value)
    folder = f"{layout.version_folder(candidate.artifact, candidate.folder)}/approvals"
    # What is on the main line never changes: an approval that counts no more stays, the next one lies beside it.
    number, path = 1, f"{folder}/{act.person.id}.json"
    while tip.read(path) is not None:
        number += 1
        path = f"{folder}/{act.person.id}-{number}.json"
    return sealed(path, value, [act.signer])


def _admission(
    candidate: Candidate,
    manifest: Manifest,
    merged: Tree,
    act: _Act,
    compared: str | None,
    approvals: list[_Waiting],
) -> dict[str, bytes]:
    last = last_admission(merged, candidate, act.registry)
    at = from_seconds(act.at)
    if last is not None and at < last:
        raise StateForbids(
            f"this machine's clock says {at}, and {candidate.artifact} was last admitted at {last}",
            code="clock-behind",
            hint="set the clock right",
        )
    value = {
        "schema": "registry.admission/1",
        "registry": act.registry,
        "artifact": manifest.artifact,
        "version": manifest.version,
        "manifest": prefixed(sha256(candidate.manifest_bytes)),
        "signatures": [
            {"file": file, "sha256": sha256(candidate.signatures[file])} for file in sorted(candidate.signatures)
        ],
        "under": refs(heads_at(merged, _subjects(manifest))),
        "compared": compared,
        "gained": list(candidate.gained),
        "path": "person",
        "approvals": sorted(prefixed(sha256(one.source.data)) for one in approvals),
        "note": act.note,
        "at": at,
    }
    Admission.of(value)
    folder = layout.version_folder(candidate.artifact, manifest.version)
    return sealed(f"{folder}/admission.json", value, [act.signer])


def _subjects(manifest: Manifest) -> list[str]:
    """The chains that an admission names."""
    return ["moderators", "policy", f"authors/{manifest.author}", f"scopes/{manifest.scope}"]


def last_admission(tree: Tree, candidate: Candidate, registry: str) -> str | None:
    """The time of a name's newest admission, the candidate's own apart."""
    times = []
    for folder in version_folders(tree, candidate.artifact):
        path = f"{layout.name_folder(candidate.artifact)}/{folder}/admission.json"
        data = tree.read(path) if folder != candidate.folder else None
        if data is not None:
            times.append(load(Admission, data, limit=limits.STATEMENT_BYTES, registry=registry, what=path).at)
    return max(times, default=None)


def _no_objection(change: Change, tip: Tree, means: Means) -> None:
    """Refuses a submission while the last word about it, or about one of its manifests, is an objection."""
    manifests = [prefixed(sha256(one.manifest_bytes)) for one in change.releases if one.manifest_bytes]
    said = [latest_decision(tip, change.submission, registry=change.registry, means=means)]
    if manifests:
        said += said_about(tip, manifests, registry=change.registry, means=means)[-1:]
    for one in said:
        if one is not None and one.action == "objection":
            raise StateForbids(f"somebody objected: {one.note}", code="objection", hint="settle it, then submit again")


def verify_landed(change: Change, tip: Tree, extra: Mapping[str, bytes], *, at: int, means: Means) -> None:
    """Verifies what would land exactly as a client will, and what only landing can see.

    `extra` is what the approver adds, `at` landing's clock in seconds since 1970. Raises `NotTrusted`
    and `StateForbids`.
    """
    merged = Overlay(tip, {**change.additions, **extra})
    government = government_at(merged, registry=change.registry, check=means.check)
    recovery = recovery_of(change, means=means)
    if recovery is not None:
        recovery.may_land(at)
    for joined in change.statements:
        _verify_statement(joined, merged, government, means)
        identities_land(change, joined, at=at)
    for candidate in change.releases:
        authorities = authorities_at(merged, government, candidate.artifact.scope, check=means.check)
        admitted = admitted_at(merged, candidate.artifact, candidate.folder, authorities, means=means)
        _honest(admitted.admission, admitted.manifest, candidate, tip, merged, at)


def _verify_statement(joined: Joined, merged: Tree, government: Government, means: Means) -> None:
    family, _, owner = joined.located.subject.partition("/")
    artifact, statement = joined.located.artifact, joined.statement
    if statement is None:
        raise InvalidInput("it cannot be read", where=joined.path, code="document", findings=joined.faults)
    if artifact is not None:
        sources = events_at(merged, artifact, joined.located.version)
        version = statement.subject.rpartition("@")[2]
        authorities = authorities_at(merged, government, artifact.scope, check=means.check)
        read_events(sources, artifact=str(artifact), version=version, authorities=authorities, check=means.check)
    elif family == "authors":
        keyring_at(merged, government, owner, check=means.check)
    else:
        authorities_at(merged, government, owner, check=means.check)


def _honest(admission: Admission, manifest: Manifest, candidate: Candidate, tip: Tree, merged: Tree, at: int) -> None:
    """Refuses an admission that says something else than the registry at its landing."""
    what = f"the admission of {manifest.artifact}@{manifest.version}"
    if abs(to_seconds(admission.at) - at) > CLOCK_SECONDS:
        raise NotTrusted(
            f"{what} is of {admission.at}, and it is {from_seconds(at)}", code="bad-clock", hint="set the clock right"
        )
    last = last_admission(tip, candidate, admission.registry)
    if last is not None and admission.at < last:
        raise NotTrusted(f"{what} is of {admission.at}, the one before it of {last}", code="bad-clock")
    if dict(admission.under) != heads_at(merged, _subjects(manifest)):
        raise NotTrusted(f"{what} does not name the newest state", code="bad-under")
    compared = candidate.previous.version if candidate.previous else None
    if (admission.compared, admission.gained) != (compared, candidate.gained):
        raise NotTrusted(
            f"{what} says that it compares with {admission.compared} and gains {len(admission.gained)}; "
            f"it compares with {compared} and gains {len(candidate.gained)}",
            code="bad-comparison",
        )
