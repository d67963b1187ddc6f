"""Somebody's review of an artifact, as a submission (M6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core import layout
from registry_tool.core.artifact_reviews import ArtifactReview, review_subject
from registry_tool.core.catalogue import shown_version
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId, Wanted, parse_author
from registry_tool.core.proof import Proof
from registry_tool.core.published import events_at, hinted_status, proof_at, registry_of, version_folders
from registry_tool.core.review import review
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import heads_at
from registry_tool.core.stored import chain_at
from registry_tool.core.submission import submission_id
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.versions import parse_version
from registry_tool.services.author import Desk, author_keyring, change_of


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thinks of an artifact."""

    about: Wanted
    """Without a version it is the one that an install takes."""
    stars: int
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A review, signed and looked at, not yet submitted."""

    id: Hex
    registry: str
    author: str
    files: Mapping[str, bytes]
    body: ArtifactReview

    @property
    def branch(self) -> str:
        """Where it waits."""
        return f"submit/{self.id[:12]}"


def prepare(tip: Tree, opinion: Opinion, *, by: str, desk: Desk) -> Step:
    """The author's next review of an artifact as a submission, with their keyring where it is their first.

    Raises `NotFound` for what is not admitted here, and `InvalidInput` with everything that would keep it from
    landing.
    """
    registry, author, artifact = registry_of(tip), parse_author(by), opinion.about.artifact
    version, manifest = _release(tip, artifact, opinion.about.version, registry)
    files: dict[str, bytes] = {}
    _, signing = author_keyring(files, author, tip, registry, desk, needed=True)
    assert signing is not None  # noqa: S101  # `needed` raises instead
    subject = review_subject(artifact, author)
    sources = chain_at(tip, subject)
    before = (len(sources), sources[-1].data) if sources else None
    under = heads_at(Overlay(tip, files), [f"authors/{author}"])
    value = {
        **frame("registry.review/1", registry, subject, before, under),
        "version": version,
        "manifest": manifest,
        "stars": opinion.stars,
        "text": opinion.text,
        "at": from_seconds(desk.now()),
    }
    body = ArtifactReview.of(value)
    files |= sealed(layout.statement_path(subject, body.number), value, [signing])
    report = review(change_of(files, tip=tip, registry=registry, desk=desk), desk.checks)
    if report.verdict == "fail":
        faults = tuple(finding for finding in report.findings if finding.level == "fail")
        raise InvalidInput("the registry would refuse this", code="checks-failed", findings=faults)
    return Step(submission_id(files), registry, author, files, body)


def _release(tip: Tree, artifact: ArtifactId, version: str | None, registry: str) -> tuple[str, str]:
    """Version and manifest digest of the release that is meant; `NotFound` where it was not admitted."""
    found: dict[str, Proof] = {}
    for folder in version_folders(tip, artifact):
        proof = proof_at(tip, artifact, folder, registry=registry)
        if proof is not None:
            found[folder] = proof
    if not found:
        raise NotFound(f"nothing of {artifact} was admitted here", code="no-artifact", hint="look at the spelling")
    if version is None:
        statuses = {parse_version(one): hinted_status(events_at(tip, artifact, one)) for one in found}
        folder = shown_version(statuses).folder
    else:
        folder = parse_version(version).folder
    if folder not in found:
        there = ", ".join(list(found)[-5:])
        raise NotFound(f"{artifact}@{version} was not admitted here", code="no-version", hint=f"there are: {there}")
    manifest = read_manifest(found[folder].manifest, registry=registry)
    return manifest.version, prefixed(sha256(found[folder].manifest))
