"""Who approved a release, and whether that is enough (part 8, "Approval" and "Admission")."""

from typing import Final

from registry_tool.core import limits
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.authority import gate_of, moderator_keys, people_of
from registry_tool.core.chains import Chain, SignedBytes, signers
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.proof import Proof
from registry_tool.core.release import Admission, Approval
from registry_tool.core.statements import ForgeReview, Keyring, Moderators, Policy
from registry_tool.core.times import to_seconds

CLOCK_SECONDS: Final = 600
"""How far two honest clocks may be apart."""
APPROVAL_SECONDS: Final = 30 * 86_400
"""How long an approval counts."""


def approved(
    proof: Proof, admission: Admission, authorities: Authorities, *, check: SignatureCheck, author: str
) -> tuple[str, K16, frozenset[str]]:
    """Who signed the admission (a person's id or `gate`), with which key, and all who approved.

    Raises `NotTrusted` where nobody who may signed it, or too few people approved. With one approval
    needed the moderator's signature on the admission is that approval; neither a signature nor an
    approval of the author's own counts unless policy says `self_approval`.
    """
    what = f"the admission of {admission.artifact}@{admission.version}"
    then = authorities.moderators.named(admission.under, what).body
    policy = authorities.policy.named(admission.under, what).body
    signed = _standing(proof.admission, then, authorities.moderators, admission.at, what, check)
    gate = gate_of(then, signed)
    if admission.path == "owner":
        if gate is None or policy.gate.releases != "owner-updates":
            raise NotTrusted(f"{what} is an owner's update that no gate may sign here", code="not-authorised")
        if admission.approvals:
            raise NotTrusted(f"{what} is an owner's update, and counts approvals", code="bad-owner-path")
        return "gate", gate, frozenset()
    own = frozenset() if policy.self_approval else who_is_author(author, then, authorities.keyring(author))
    people = people_of(then, signed) - own
    approving = set(people)
    for one in admission.approvals:
        if isinstance(one, ForgeReview):
            approving |= _reviewer(one, admission, then, authorities, policy, by_gate=gate is not None)
        else:
            approving |= _counted(one, proof, admission, authorities.government, check)
    if not people and (gate is None or policy.approvals.mode != "forge"):
        others = " other than its author" if own else ""
        raise NotTrusted(f"{what} is not signed by a moderator{others}", code="not-authorised")
    approving -= own
    wanted = needed(policy, compared=admission.compared, gained=bool(admission.gained))
    if len(approving) < wanted:
        raise NotTrusted(f"{what} needs {wanted} people, {len(approving)} approved", code="too-few-approvals")
    by = min(people, default="gate")
    rows = [row for one in then.people if one.id == by for row in one.keys] if people else then.gate
    return by, min(row.k16 for row in rows if row.active and row.k16 in signed), frozenset(approving)


def needed(policy: Policy, *, compared: str | None, gained: bool) -> int:
    """How many people policy wants for a release that compares with `compared`."""
    approvals = policy.approvals
    if compared is None:
        return max(approvals.count, approvals.new_name)
    return max(approvals.count, approvals.gain) if gained else approvals.count


def read_approval(
    source: SignedBytes,
    about: tuple[str, str, str],
    government: Government,
    *,
    at: str,
    check: SignatureCheck,
) -> tuple[Approval, frozenset[str]]:
    """An approval of the release `about` (name, version, manifest), and whose it is.

    It counts for an admission at the time `at` if whoever signed it moderates then, and it is not
    older than thirty days. Raises `NotTrusted` where it does not count.
    """
    what = f"an approval of {about[0]}@{about[1]}"
    document = load(Approval, source.data, limit=limits.STATEMENT_BYTES, registry=government.registry, what=what)
    if (document.artifact, document.version, document.manifest) != about:
        raise NotTrusted(
            f"{what} is about another release: {document.artifact}@{document.version}, {document.manifest}",
            code="other-release",
        )
    age = to_seconds(at) - to_seconds(document.at)
    if not -CLOCK_SECONDS <= age <= APPROVAL_SECONDS:
        raise NotTrusted(f"{what} is of {document.at} and does not count at {at}", code="approval-void")
    named = government.moderators.named(document.under, what).body
    people = people_of(named, _standing(source, named, government.moderators, at, what, check))
    if not people:
        raise NotTrusted(f"{what} is signed by nobody who moderates", code="not-authorised")
    return document, people


def who_is_author(author: str, moderators: Moderators, keyring: Chain[Keyring]) -> frozenset[str]:
    """People who are the author: by the id that they gave, a key of the keyring, or an account of it."""
    return is_author(author, moderators, keyring.head.body)


def is_author(author: str, moderators: Moderators, keyring: Keyring | None) -> frozenset[str]:
    """The same for one keyring, whatever its chain; `None` where the author has none."""
    keys = {row.k16 for row in keyring.keys} if keyring else set()
    accounts = {(one.forge, one.number) for one in keyring.accounts} if keyring else set()
    return frozenset(
        person.id
        for person in moderators.people
        if person.author == author
        or any(row.k16 in keys for row in person.keys)
        or any((row.forge, row.number) in accounts for row in person.accounts)
    )


def _standing(
    source: SignedBytes, then: Moderators, moderators: Chain[Moderators], at: str, what: str, check: SignatureCheck
) -> frozenset[K16]:
    """Signers whose rows have not ended at or before `at` in the newest moderators known."""
    now = moderators.head.body
    signed = signers(source, moderator_keys(then), check=check, what=what)
    return signed & {row.k16 for row in now.rows if row.held_at(at)}


def _reviewer(
    review: ForgeReview,
    admission: Admission,
    then: Moderators,
    authorities: Authorities,
    policy: Policy,
    *,
    by_gate: bool,
) -> frozenset[str]:
    """The person behind a review in a forge, by the account's number; nobody where it is no moderator's."""
    if policy.approvals.mode != "forge" or not by_gate:
        raise NotTrusted(
            "the admission counts a review in a forge where policy wants signatures", code="not-authorised"
        )
    account = (review.forge, review.account)
    held = {
        person.id
        for person in authorities.moderators.head.body.people
        for row in person.accounts
        if (row.forge, row.number) == account and row.held_at(admission.at)
    }
    return frozenset(
        person.id
        for person in then.people
        for row in person.accounts
        if row.active and (row.forge, row.number) == account and person.id in held
    )


def _counted(
    digest: str, proof: Proof, admission: Admission, government: Government, check: SignatureCheck
) -> frozenset[str]:
    """Who approved with the document that has this digest; the same bytes by nobody beside it change nothing."""
    about = (admission.artifact, admission.version, admission.manifest)
    refused = NotTrusted(f"the approval {digest} that the admission counts is missing", code="approval-missing")
    for source in proof.approvals:
        if prefixed(sha256(source.data)) != digest:
            continue
        try:
            return read_approval(source, about, government, at=admission.at, check=check)[1]
        except NotTrusted as error:
            refused = error
    raise refused
