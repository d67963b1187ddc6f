"""Who approved a release, and whether that is enough (part 8, "Admission")."""

from typing import Any

from registry_tool.core import limits
from registry_tool.core.authorities import Authorities
from registry_tool.core.authority import gate_of, moderator_keys, people_of
from registry_tool.core.chains import SignedBytes, signers
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.proof import Proof
from registry_tool.core.release import Admission, Approval, ForgeReview
from registry_tool.core.statements import Moderators, Policy


def approved(
    proof: Proof, admission: Admission, authorities: Authorities, *, check: SignatureCheck, author: str
) -> tuple[str, K16, frozenset[str]]:
    """Who signed the admission (a person's id or `gate`), with which key, and all who approved.

    Raises `NotTrusted` where nobody who may signed it, or too few people approved. With one approval
    needed the moderator's signature on the admission is that approval; the author's own never counts
    unless policy says `self_approval`.
    """
    what = f"the admission of {admission.artifact}@{admission.version}"
    then = authorities.moderators.named(admission.under, what).body
    policy = authorities.policy.named(admission.under, what).body
    signed = _standing(proof.admission, then, authorities, admission.at, what, check)
    people = people_of(then, signed)
    gate = gate_of(then, signed)
    if admission.path == "owner":
        if gate is None or policy.gate.releases != "owner-updates":
            raise NotTrusted(f"{what} is an owner's update that no gate may sign here", code="not-authorised")
        return "gate", gate, frozenset()
    approving = set(people)
    for digest in admission.approvals:
        approving |= _one_approval(digest, proof, admission, then, authorities, policy, gate is not None, check)
    if not policy.self_approval:
        approving -= who_is_author(author, then, authorities)
    wanted = needed(policy, compared=admission.compared, gained=bool(admission.gained))
    if not people and not (gate is not None and policy.approvals.mode == "forge"):
        raise NotTrusted(f"{what} is not signed by a moderator", code="not-authorised")
    if len(approving) < wanted:
        raise NotTrusted(f"{what} needs {wanted} people, {len(approving)} approved", code="too-few-approvals")
    by = min(people) if people else "gate"
    key = (
        gate
        if by == "gate" and gate
        else min(row.k16 for one in then.people if one.id == by for row in one.keys if row.k16 in signed)
    )
    return by, key, frozenset(approving)


def needed(policy: Policy, *, compared: str | None, gained: bool) -> int:
    """How many people policy wants for a release that compares with `compared`."""
    approvals = policy.approvals
    if compared is None:
        return max(approvals.count, approvals.new_name)
    return max(approvals.count, approvals.gain) if gained else approvals.count


def _standing(
    source: SignedBytes, then: Moderators, authorities: Authorities, at: str, what: str, check: SignatureCheck
) -> frozenset[K16]:
    """Signers whose rows have not ended at or before `at` in the newest moderators known."""
    now = authorities.moderators.head.body
    signed = signers(source, moderator_keys(then), check=check, what=what)
    rows_now: list[Any] = [row for person in now.people for row in person.keys] + list(now.gate)
    return signed & {row.k16 for row in rows_now if row.held_at(at)}


def _one_approval(
    approval: object,
    proof: Proof,
    admission: Admission,
    then: Moderators,
    authorities: Authorities,
    policy: Policy,
    by_gate: bool,
    check: SignatureCheck,
) -> frozenset[str]:
    if isinstance(approval, ForgeReview):
        if policy.approvals.mode != "forge" or not by_gate:
            raise NotTrusted(
                "the admission counts a review in a forge where policy wants signatures", code="not-authorised"
            )
        return frozenset(
            person.id
            for person in then.people
            for row in person.accounts
            if row.active and (row.forge, row.number) == (approval.forge, approval.account)
        )
    source = next((one for one in proof.approvals if prefixed(sha256(one.data)) == approval), None)
    if source is None:
        raise NotTrusted(f"the approval {approval} that the admission counts is missing", code="approval-missing")
    what = f"an approval of {admission.artifact}@{admission.version}"
    document = load(Approval, source.data, limit=limits.STATEMENT_BYTES, registry=authorities.registry, what=what)
    if (document.artifact, document.version, document.manifest) != (
        admission.artifact,
        admission.version,
        admission.manifest,
    ):
        raise NotTrusted(f"{what} is about {document.artifact}@{document.version}", code="other-release")
    named = authorities.moderators.named(document.under, what).body
    people = people_of(named, _standing(source, named, authorities, document.at, what, check))
    if not people:
        raise NotTrusted(f"{what} is signed by nobody who moderates", code="not-authorised")
    return people


def who_is_author(author: str, moderators: Moderators, authorities: Authorities) -> frozenset[str]:
    """People who are the author: by the id that they gave, or by a key of the author's keyring."""
    keys = {row.k16 for row in authorities.keyring(author).head.body.keys}
    return frozenset(
        person.id
        for person in moderators.people
        if person.author == author or any(row.k16 in keys for row in person.keys)
    )
