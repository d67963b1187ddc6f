"""What an approver adds to a submission: countersignatures, approvals, admissions (part 8)."""

from collections.abc import Mapping

from registry_tool.core import layout
from registry_tool.core.approvals import needed, who_is_author
from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.keys import Signer, k16
from registry_tool.core.moderation import latest_decision
from registry_tool.core.published import admission_of, proof_at, version_folders
from registry_tool.core.sealing import refs, sealed
from registry_tool.core.standing import admitted_at, authorities_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import Keyring, Person, Scope
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.trust import Means


def decide(
    change: Change, tip: Tree, person: Person, signer: Signer, *, at: int, note: str, means: Means
) -> tuple[dict[str, bytes], bool]:
    """What the approver adds: countersignatures and admissions, or approvals where more people are needed."""
    government = government_at(tip, registry=change.registry, check=means.check)
    policy = government.policy.head.body
    _no_objection(change, tip, means)
    extra: dict[str, bytes] = {}
    for joined in change.statements:
        if isinstance(joined.statement, Keyring | Scope) and "moderators" in joined.statement.under:
            extra[layout.signature_path(joined.path, k16(signer.key))] = signer.sign(joined.raw)
    merged = Overlay(tip, {**change.additions, **extra})
    complete = True
    for candidate in change.releases:
        manifest = candidate.manifest
        if manifest is None:
            raise InvalidInput(f"{candidate.artifact} has no manifest that can be read", code="document")
        authorities = authorities_at(merged, government, manifest.scope, check=means.check)
        own = person.id in who_is_author(manifest.author, government.moderators.head.body, authorities)
        if own and not policy.self_approval:
            raise StateForbids(
                f"{person.id} is the author of {manifest.artifact}, and this registry wants somebody else to look",
                code="self-approval",
                hint="another moderator approves it",
            )
        compared = candidate.previous.version if candidate.previous else None
        count = needed(policy, compared=compared, gained=bool(candidate.gained))
        earlier = _approvals(tip, candidate)
        others = {name for name in earlier if name != person.id}
        if len(others) + 1 < count:
            extra.update(_approval(candidate, tip, person, signer, change.registry, at, note))
            complete = False
        else:
            kept = {path: data for name, (path, data) in earlier.items() if name != person.id}
            extra.update(_admission(candidate, merged, signer, change.registry, at, note, compared, kept))
    if not complete:
        return {path: data for path, data in extra.items() if "/approvals/" in path}, False
    return extra, True


def _approvals(tip: Tree, candidate: Candidate) -> dict[str, tuple[str, bytes]]:
    """Approvals of exactly this manifest that wait on the tip, by person."""
    folder = f"{layout.version_folder(candidate.artifact, candidate.folder)}/approvals"
    found = {}
    for entry in tip.list(folder):
        data = tip.read(f"{folder}/{entry.name}") if entry.name.endswith(".json") else None
        if data is not None and prefixed(sha256(candidate.manifest_bytes)).encode() in data:
            found[entry.name.removesuffix(".json")] = (f"{folder}/{entry.name}", data)
    return found


def _approval(
    candidate: Candidate, tip: Tree, person: Person, signer: Signer, registry: str, at: int, note: str
) -> dict[str, bytes]:
    value = {
        "schema": "registry.approval/1",
        "registry": registry,
        "artifact": str(candidate.artifact),
        "version": candidate.manifest.version if candidate.manifest else "",
        "manifest": prefixed(sha256(candidate.manifest_bytes)),
        "under": refs(heads_at(tip, ["moderators"])),
        "verdict": "approve",
        "note": note,
        "at": from_seconds(at),
    }
    folder = layout.version_folder(candidate.artifact, candidate.folder)
    return sealed(f"{folder}/approvals/{person.id}.json", value, [signer])


def _admission(
    candidate: Candidate,
    merged: Tree,
    signer: Signer,
    registry: str,
    at: int,
    note: str,
    compared: str | None,
    approvals: Mapping[str, bytes],
) -> dict[str, bytes]:
    manifest = candidate.manifest
    if manifest is None:
        return {}
    last = last_admission(merged, candidate, registry)
    if last is not None and from_seconds(at) < last:
        raise StateForbids(
            f"this machine's clock says {from_seconds(at)}, and {candidate.artifact} was last admitted at {last}",
            code="clock-behind",
            hint="set the clock right",
        )
    subjects = ["moderators", "policy", f"authors/{manifest.author}", f"scopes/{manifest.scope}"]
    value = {
        "schema": "registry.admission/1",
        "registry": registry,
        "artifact": manifest.artifact,
        "version": manifest.version,
        "manifest": prefixed(sha256(candidate.manifest_bytes)),
        "signatures": [
            {"file": file, "sha256": sha256(candidate.signatures[file])} for file in sorted(candidate.signatures)
        ],
        "under": refs(heads_at(merged, subjects)),
        "compared": compared,
        "gained": list(candidate.gained),
        "path": "person",
        "approvals": sorted(prefixed(sha256(data)) for data in approvals.values()),
        "note": note,
        "at": from_seconds(at),
    }
    folder = layout.version_folder(candidate.artifact, manifest.version)
    return sealed(f"{folder}/admission.json", value, [signer])


def last_admission(tree: Tree, candidate: Candidate, registry: str) -> str | None:
    """The time of a name's newest admission."""
    times = [
        admission_of(proof, registry=registry).at
        for folder in version_folders(tree, candidate.artifact)
        if (proof := proof_at(tree, candidate.artifact, folder, registry=registry)) is not None
    ]
    return max(times, default=None)


def _no_objection(change: Change, tip: Tree, means: Means) -> None:
    decision = latest_decision(tip, change.submission, registry=change.registry, means=means)
    if decision is not None and decision.action == "objection":
        raise StateForbids(f"somebody objected: {decision.note}", code="objection", hint="settle it, then submit again")


def verify_landed(change: Change, merged: Tree, *, means: Means) -> None:
    """Verifies what would land exactly as a client will; raises `NotTrusted`."""
    government = government_at(merged, registry=change.registry, check=means.check)
    for joined in change.statements:
        family, _, owner = joined.located.subject.partition("/")
        if family == "authors":
            keyring_at(merged, government, owner, check=means.check)
        elif family == "scopes":
            authorities_at(merged, government, owner, check=means.check)
    for candidate in change.releases:
        authorities = authorities_at(merged, government, candidate.artifact.scope, check=means.check)
        admitted_at(merged, candidate.artifact, candidate.folder, authorities, means=means)
