"""What the gate adds to a submission, where policy lets it decide (part 8, "The owner's path"; part 4, `policy/`).

The gate is a key of a job that runs by itself. What it may do stands in the policy, and clients hold it to that:
whoever steals the key lets in owners' updates that gain nothing, and in mode `forge` what reviews would let in.
"""

from typing import Any

from registry_tool.core.approvals import needed
from registry_tool.core.authorities import Government
from registry_tool.core.change import Candidate, Change
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.families import FAMILIES
from registry_tool.core.hearing import Heard, Voice
from registry_tool.core.joining import needs_countersignature
from registry_tool.core.keys import Signer
from registry_tool.core.need import Need, people_words
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.statements import Policy
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.trust import Means
from registry_tool.services.admitting import Decision, countersignatures_of, no_objection
from registry_tool.services.records import Act, admission_files, waiting_approvals, who_must_not


def gate_decision(
    change: Change, tip: Tree, signer: Signer, need: Need, voices: Heard, *, forge: str, at: int, means: Means
) -> Decision:
    """The admissions and countersignatures with which a submission lands without a moderator's key.

    Raises `StateForbids` with what it waits for: time, people, or a moderator's own key.
    """
    act = Act(change.registry, signer, at, "", means)
    government = government_at(tip, registry=change.registry, check=means.check)
    policy = government.policy.head.body
    no_objection(change, tip, means)
    if voices.blocking:
        raise StateForbids(f"{_names(voices.blocking)} asked for changes in the forge", code="changes-asked")
    if not need.due(at):
        raise _waits(need.lead(at))
    if need.path == "owner":
        return Decision(_by_owner(change, tip, act), complete=True)
    if policy.approvals.mode != "forge":
        raise _waits(need.lead(at))
    _may_countersign(change, government, policy, means)
    countersignatures, words = countersignatures_of(change, government, act)
    merged = Overlay(tip, {**change.additions, **countersignatures})
    files = dict(countersignatures)
    for candidate in change.releases:
        files.update(_by_people(candidate, tip, merged, government, act, need, voices, forge))
    if not change.releases and len(voices.people) < need.people:
        raise _too_few(need, at, len(voices.people))
    return Decision(files, complete=True, countersigned=words)


def evidence(voice: Voice, forge: str) -> dict[str, Any]:  # Any: JSON
    """A review as records name it."""
    return {"forge": forge, "review": voice.review.number, "account": voice.review.account.number}


def _by_owner(change: Change, tip: Tree, act: Act) -> dict[str, bytes]:
    merged = Overlay(tip, change.additions)
    files: dict[str, bytes] = {}
    for candidate in change.releases:
        assert candidate.manifest is not None  # noqa: S101  # the owner's path is for what was compared
        files.update(admission_files(candidate, candidate.manifest, merged, act, path="owner"))
    return files


def _by_people(
    candidate: Candidate,
    tip: Tree,
    merged: Tree,
    government: Government,
    act: Act,
    need: Need,
    voices: Heard,
    forge: str,
) -> dict[str, bytes]:
    """The admission of one release, with every approval that counts: reviews, and what moderators signed."""
    manifest = candidate.manifest
    if manifest is None:
        raise InvalidInput(f"{candidate.artifact} has no manifest that can be read", code="document")
    own = who_must_not(manifest, authorities_at(merged, government, manifest.scope, check=act.means.check))
    signed = [one for one in waiting_approvals(candidate, manifest, tip, government, act) if one.people - own]
    people = voices.people | {name for one in signed for name in one.people}
    compared = candidate.previous.version if candidate.previous else None
    wanted = needed(government.policy.head.body, compared=compared, gained=bool(candidate.gained))
    if len(people - own) < max(wanted, need.people):
        raise _too_few(need, act.at, len(people - own))
    reviews = [evidence(one, forge) for one in voices.approving if not own & set(one.people)]
    return admission_files(
        candidate, manifest, merged, act, approvals=[*sorted(one.digest for one in signed), *reviews]
    )


def _may_countersign(change: Change, government: Government, policy: Policy, means: Means) -> None:
    """Refuses statements that take a moderator's own key: policy does not let the gate sign them."""
    chains = [one for one in change.statements if one.located.role == "chain"]
    waiting = frozenset(one.located.subject for one in chains)
    for one in change.statements:
        family = FAMILIES.get(one.located.role)
        if family is not None and family.countersigned(change, one):
            raise _waits("waits for a moderator's own key: no review in a forge confirms what somebody claims to be")
        if one not in chains or not needs_countersignature(change, one, government, waiting, check=means.check):
            continue
        name = "keyring" if one.located.subject.startswith("authors/") else "scope"
        if name not in policy.gate.statements:
            raise _waits(f"waits for a moderator's own key: policy does not let the gate sign a {name}")
        if one.statement is None or one.statement.hits or "policy" not in one.statement.under:
            raise _waits("waits for a moderator's own key: it takes something back, or does not name the policy")


def _too_few(need: Need, at: int, there: int) -> StateForbids:
    approved = f", {people_words(there)} approved" if there else ""
    return _waits(f"{need.lead(at)}{approved}")


def _waits(words: str) -> StateForbids:
    return StateForbids(words, code="waits")


def _names(voices: tuple[Voice, ...]) -> str:
    return ", ".join(sorted({name for one in voices for name in one.people}))
