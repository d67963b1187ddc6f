"""What an approver adds to a submission: countersignatures, approvals, admissions (part 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core import layout
from registry_tool.core.approvals import CLOCK_SECONDS, needed
from registry_tool.core.authorities import Government
from registry_tool.core.authority import people_of
from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.families import FAMILIES
from registry_tool.core.joining import needs_countersignature
from registry_tool.core.keys import Signer, k16
from registry_tool.core.manifest import Manifest
from registry_tool.core.moderation import standing_words
from registry_tool.core.naming_identities import identities_land
from registry_tool.core.need import Need
from registry_tool.core.published import events_at
from registry_tool.core.recovery import recovery_of
from registry_tool.core.release import Admission
from registry_tool.core.standing import admitted_at, authorities_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import Person
from registry_tool.core.status import read_events
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.trust import Means
from registry_tool.services.confirming import confirmations
from registry_tool.services.needs import manifests_of
from registry_tool.services.records import (
    Act,
    admission_files,
    admission_subjects,
    approval_files,
    last_admission,
    waiting_approvals,
    who_must_not,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What an approver's yes comes to."""

    files: Mapping[str, bytes]
    """What the approver signed."""
    complete: bool
    """Whether the submission lands; if not, `files` are approvals that wait for others."""
    countersigned: tuple[str, ...] = ()
    """What the statements say that the approver signed too, in words."""


def decide(
    change: Change,
    tip: Tree,
    person: Person,
    signer: Signer,
    *,
    at: int,
    note: str,
    means: Means,
    need: Need | None = None,
) -> Decision:
    """What the approver adds: countersignatures and admissions, or approvals where more people or time are needed.

    `need` may ask for more people than policy, and for a wait. Raises `StateForbids` where this person's yes does
    not count, somebody objected, or the clock is behind.
    """
    act = Act(change.registry, signer, at, note, means)
    government = government_at(tip, registry=change.registry, check=means.check)
    no_objection(change, tip, means)
    countersignatures, words = countersignatures_of(change, government, act)
    confirmed, confirms = confirmations(change, government, person, signer, means=means)
    countersignatures, words = {**countersignatures, **confirmed}, (*words, *confirms)
    merged = Overlay(tip, {**change.additions, **countersignatures})
    admissions: dict[str, bytes] = {}
    approvals: dict[str, bytes] = {}
    for candidate in change.releases:
        manifest = candidate.manifest
        if manifest is None:
            raise InvalidInput(f"{candidate.artifact} has no manifest that can be read", code="document")
        authorities = authorities_at(merged, government, manifest.scope, check=means.check)
        own = who_must_not(manifest, authorities)
        if person.id in own:
            raise StateForbids(
                f"{person.id} is the author of {manifest.artifact}, and this registry wants somebody else to look",
                code="self-approval",
                hint="another moderator approves it",
            )
        compared = candidate.previous.version if candidate.previous else None
        count = needed(government.policy.head.body, compared=compared, gained=bool(candidate.gained))
        count, early = (max(count, need.people), not need.due(at)) if need and need.path == "person" else (count, False)
        waiting = waiting_approvals(candidate, manifest, tip, government, act)
        others = [one for one in waiting if one.people - own - {person.id}]
        if not early and len({name for one in others for name in one.people} - own - {person.id}) + 1 >= count:
            counted = sorted(one.digest for one in others)
            admissions.update(admission_files(candidate, manifest, merged, act, approvals=counted))
        elif any(person.id in one.people for one in waiting):
            already = f"{person.id} approved {manifest.artifact}@{manifest.version} already"
            hint = f"it {need.lead(at)}" if need is not None and early else f"it needs {count} people"
            raise StateForbids(already, code="approved-already", hint=hint)
        else:
            approvals.update(approval_files(candidate, manifest, tip, act, person.id))
    if approvals:
        return Decision(approvals, complete=False)
    return Decision({**countersignatures, **admissions}, complete=True, countersigned=words)


def countersignatures_of(change: Change, government: Government, act: Act) -> tuple[dict[str, bytes], tuple[str, ...]]:
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


def no_objection(change: Change, tip: Tree, means: Means) -> None:
    """Refuses a submission while an objection stands about it, or about one of its manifests."""
    words = standing_words(tip, change.submission, manifests_of(change), registry=change.registry, means=means)
    for one in words:
        if one.action == "objection":
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
        honest(admitted.admission, admitted.manifest, candidate, tip, merged, at)


def _verify_statement(joined: Joined, merged: Tree, government: Government, means: Means) -> None:
    family, _, owner = joined.located.subject.partition("/")
    artifact, statement = joined.located.artifact, joined.statement
    if statement is None:
        raise InvalidInput("it cannot be read", where=joined.path, code="document", findings=joined.faults)
    if joined.located.role in FAMILIES:
        FAMILIES[joined.located.role].verify(merged, joined.located, government, means)
    elif artifact is not None:
        sources = events_at(merged, artifact, joined.located.version)
        version = statement.subject.rpartition("@")[2]
        authorities = authorities_at(merged, government, artifact.scope, check=means.check)
        read_events(sources, artifact=str(artifact), version=version, authorities=authorities, check=means.check)
    elif family == "authors":
        keyring_at(merged, government, owner, check=means.check)
    else:
        authorities_at(merged, government, owner, check=means.check)


def honest(admission: Admission, manifest: Manifest, candidate: Candidate, tip: Tree, merged: Tree, at: int) -> None:
    """Refuses an admission that says something else than the registry at its landing."""
    what = f"the admission of {manifest.artifact}@{manifest.version}"
    if abs(to_seconds(admission.at) - at) > CLOCK_SECONDS:
        raise NotTrusted(
            f"{what} is of {admission.at}, and it is {from_seconds(at)}", code="bad-clock", hint="set the clock right"
        )
    last = last_admission(tip, candidate, admission.registry)
    if last is not None and admission.at < last:
        raise NotTrusted(f"{what} is of {admission.at}, the one before it of {last}", code="bad-clock")
    if dict(admission.under) != heads_at(merged, admission_subjects(manifest)):
        raise NotTrusted(f"{what} does not name the newest state", code="bad-under")
    compared = candidate.previous.version if candidate.previous else None
    if (admission.compared, admission.gained) != (compared, candidate.gained):
        raise NotTrusted(
            f"{what} says that it compares with {admission.compared} and gains {len(admission.gained)}; "
            f"it compares with {compared} and gains {len(candidate.gained)}",
            code="bad-comparison",
        )


def as_needed(change: Change, extra: Mapping[str, bytes], need: Need, *, at: int, means: Means) -> None:
    """Refuses what lands with fewer people, or earlier, than the submission needs: for whoever guards a main line.

    `extra` is what approvers added; approvals alone land at any time. `StateForbids` (`not-as-needed`).
    """
    merged = Overlay(change.tip, {**change.additions, **extra})
    government = government_at(merged, registry=change.registry, check=means.check)
    people = [len(_agreed(change, joined, extra, government)) for joined in change.statements] if need.grave else []
    owners = 0
    for candidate in change.releases:
        authorities = authorities_at(merged, government, candidate.artifact.scope, check=means.check)
        admitted = admitted_at(merged, candidate.artifact, candidate.folder, authorities, means=means)
        owners += admitted.admission.path == "owner"
        people += [len(admitted.approved_by)] if admitted.admission.path == "person" else []
    if owners and need.path != "owner":
        raise _not_as_needed(f"it came in by its owner alone, and it {need.lead(at)}")
    if need.path == "person" and min(people, default=need.people) < need.people:
        raise _not_as_needed(f"{min(people)} approved it, and it {need.lead(at)}")
    if not need.due(at) and (owners or need.path == "person"):
        raise _not_as_needed(f"it {need.lead(at)}")


def _agreed(change: Change, joined: Joined, extra: Mapping[str, bytes], government: Government) -> frozenset[str]:
    """The moderators whose signatures lie beside a statement; that they hold was verified."""
    body = government.moderators.head.body
    rows = [row for person in body.people for row in person.keys]
    return people_of(body, [row.k16 for row in rows if layout.signature_path(joined.path, row.k16) in extra])


def _not_as_needed(message: str) -> StateForbids:
    return StateForbids(
        message, code="not-as-needed", hint="approve it with `registry queue approve`, which lands it when it is due"
    )
