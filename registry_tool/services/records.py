"""The records that approvers sign: approvals, admissions, and the approvals that wait on the main line (part 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from registry_tool.core import layout, limits
from registry_tool.core.approvals import read_approval, who_is_author
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.chains import SignedBytes
from registry_tool.core.change import Candidate
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import NotTrusted, StateForbids
from registry_tool.core.keys import Signer
from registry_tool.core.manifest import Manifest
from registry_tool.core.moderation import said_about
from registry_tool.core.published import signed_at, version_folders
from registry_tool.core.release import Admission, Approval
from registry_tool.core.sealing import refs, sealed
from registry_tool.core.standing import heads_at
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


@dataclass(frozen=True, slots=True)
class Act:
    """Who signs, when, and with which words."""

    registry: str
    signer: Signer
    at: int
    """Seconds since 1970."""
    note: str
    means: Means


@dataclass(frozen=True, slots=True)
class Waits:
    """An approval that lies on the tip and counts."""

    source: SignedBytes
    people: frozenset[str]

    @property
    def digest(self) -> str:
        """How an admission names it."""
        return prefixed(sha256(self.source.data))


def who_must_not(manifest: Manifest, authorities: Authorities) -> frozenset[str]:
    """Moderators who are the author, where policy wants somebody else."""
    if authorities.policy.head.body.self_approval:
        return frozenset()
    return who_is_author(manifest.author, authorities.moderators.head.body, authorities.keyring(manifest.author))


def waiting_approvals(
    candidate: Candidate, manifest: Manifest, tip: Tree, government: Government, act: Act
) -> list[Waits]:
    """Approvals of exactly this manifest that lie on the tip and count now (part 8, "Approval").

    One from before somebody rejected it, objected or flagged it counts for nothing: that person did not know.
    """
    digest = prefixed(sha256(candidate.manifest_bytes))
    folder = f"{layout.version_folder(candidate.artifact, candidate.folder)}/approvals"
    sources = [signed_at(tip, f"{folder}/{entry.name}") for entry in tip.list(folder) if entry.name.endswith(".json")]
    if not sources:
        return []
    said = said_about(tip, [digest], registry=act.registry, means=act.means)
    void_until = max((one.at for one in said if one.action in ("reject", "objection", "flag")), default="")
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
            found.append(Waits(source, people))
    return found


def approval_files(candidate: Candidate, manifest: Manifest, tip: Tree, act: Act, person: str) -> dict[str, bytes]:
    """One person's yes, where more people or more time are needed."""
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
    number, path = 1, f"{folder}/{person}.json"
    while tip.read(path) is not None:
        number += 1
        path = f"{folder}/{person}-{number}.json"
    return sealed(path, value, [act.signer])


def admission_files(
    candidate: Candidate,
    manifest: Manifest,
    merged: Tree,
    act: Act,
    *,
    path: Literal["person", "owner"] = "person",
    approvals: Sequence[str | Mapping[str, Any]] = (),  # Any: JSON
) -> dict[str, bytes]:
    """The record that lets a release in; `merged` is the tip with all that lands with it."""
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
        "under": refs(heads_at(merged, admission_subjects(manifest))),
        "compared": candidate.previous.version if candidate.previous else None,
        "gained": list(candidate.gained),
        "path": path,
        "approvals": list(approvals),
        "note": act.note,
        "at": at,
    }
    Admission.of(value)
    folder = layout.version_folder(candidate.artifact, manifest.version)
    return sealed(f"{folder}/admission.json", value, [act.signer])


def admission_subjects(manifest: Manifest) -> list[str]:
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
