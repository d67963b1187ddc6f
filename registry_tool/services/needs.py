"""What a submission needs, put together from the registry that it would land on."""

from collections.abc import Iterator
from dataclasses import replace

from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import NotTrusted
from registry_tool.core.identity import BUNDLE, Claims, spoken
from registry_tool.core.moderation import Mentions, standing_words
from registry_tool.core.need import Known, need_of
from registry_tool.core.published import proof_at
from registry_tool.core.review import Report
from registry_tool.core.standing import government_at, trusting_at
from registry_tool.core.trust import Means


def with_need(
    report: Report,
    means: Means,
    *,
    since: int | None = None,
    opener: tuple[str, int] | None = None,
    mentions: Mentions | None = None,
) -> Report:
    """The report with what its submission needs; as it is where the checks refuse it or could not decide.

    `since` is when it was first seen, `opener` the account that opened its pull request, and `mentions` what
    `moderation.mentions` found on the tip. Raises `NotTrusted` where the registry itself does not hold.
    """
    change = report.change
    if report.verdict not in ("pass", "review"):
        return report
    government = government_at(change.tip, registry=change.registry, check=means.check)
    words = standing_words(
        change.tip,
        change.submission,
        manifests_of(change),
        registry=change.registry,
        means=means,
        known=mentions,
    )
    known = Known(since, words, opener, tuple(_identities(change, means)))
    policy, moderators = government.policy.head.body, government.moderators.head.body
    return replace(report, need=need_of(change, report.findings, policy, moderators, known))


def manifests_of(change: Change) -> list[str]:
    """The digests of the manifests that a submission brings, sorted."""
    return sorted(prefixed(sha256(one.manifest_bytes)) for one in change.releases if one.manifest_bytes)


def _identities(change: Change, means: Means) -> Iterator[str]:
    """How who signs without a key differs from who signed the version before."""
    for candidate in change.releases:
        before = _before(change, candidate)
        if before is None or BUNDLE not in candidate.signatures:
            continue
        government = government_at(change.tip, registry=change.registry, check=means.check)
        trusting = trusting_at(change.tip, government, means=means)
        now = trusting.identify(candidate.signatures[BUNDLE], candidate.manifest_bytes)
        try:
            then = trusting.identify(*before)
        except NotTrusted:
            yield f"{candidate.artifact}: who signed the version before without a key cannot be verified any more"
            continue
        if _who(now) != _who(then):
            yield f"{candidate.artifact} is signed by {spoken(now)}, the version before by {spoken(then)}"


def _before(change: Change, candidate: Candidate) -> tuple[bytes, bytes] | None:
    """The keyless signature of the version before, and what it signs."""
    if candidate.previous is None:
        return None
    proof = proof_at(change.tip, candidate.artifact, candidate.previous.version, registry=change.registry)
    return (proof.signatures[BUNDLE], proof.manifest) if proof is not None and BUNDLE in proof.signatures else None


def _who(claims: Claims) -> tuple[object, ...]:
    """What stays the same from version to version: a workflow's address without the tag that it ran for."""
    subject = claims.subject.partition("@")[0] if claims.subject.startswith("https://") else claims.subject
    return claims.issuer, subject, claims.repository_id, claims.owner_id
