"""Whether a release is good, from the pinned id down to the last byte (part 8, last paragraph).

The chains were verified before (`authorities.py`). What is left is one admission, the author's
signatures, the bundle, and that all of it speaks of what was asked for. The same functions serve an
install, a landing, a build, a mirror and `registry verify`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry_tool.core import limits
from registry_tool.core.approvals import approved
from registry_tool.core.authorities import Authorities
from registry_tool.core.bundle import rows, unpack
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.gained import Covers, gained
from registry_tool.core.identity import Claims, Expected, Identify, Keyless, identify_under, no_keyless, refuse_identity
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.payload import Payload
from registry_tool.core.proof import Proof
from registry_tool.core.release import Admission, Status
from registry_tool.core.signed import author_signed
from registry_tool.core.status import TREATMENT
from registry_tool.core.verified import SEAL, Verified
from registry_tool.core.versions import parse_version


@dataclass(frozen=True, slots=True)
class Means:
    """What verifying needs from outside of core."""

    check: SignatureCheck
    covers: Mapping[str, Covers]
    """By kind."""
    keyless: Keyless = no_keyless
    """Reads a sigstore trust root; what it needs is loaded when the first keyless signature is verified."""
    identify: Identify = refuse_identity
    """Verifies keyless signatures; without a trust root it refuses them all."""

    def trusting(self, root: Callable[[], bytes | None]) -> "Means":
        """The same, under the sigstore trust root that `root` gives, asked when a keyless signature is verified."""
        return replace(self, identify=identify_under(root, self.keyless))


@dataclass(frozen=True, slots=True)
class Compared:
    """The earlier release that an owner's update is measured against."""

    proof: Proof
    status: Status
    since: str = ""
    """When it came to that status; empty where it is active."""


Lookup = Callable[[str], Compared]
"""Gives the release of the same name with a version; raises where there is none."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A manifest whose admission and signatures hold; its bytes are not looked at yet."""

    manifest: Manifest
    admission: Admission
    by: str
    """The person's id, or `gate`."""
    key: K16
    """The key that signed the admission."""
    approved_by: tuple[str, ...]
    """All people who approved, sorted."""
    signed_by: tuple[K16, ...]
    """The author's keys whose signatures hold."""
    identities: tuple[Claims, ...] = ()
    """The keyless identities whose signatures were needed or asked for, and hold."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; a release that is anything else is refused."""

    artifact: str
    version: str
    kind: str | None = None
    """`None` where any kind will do."""
    signer: Expected | None = None
    """Who must have signed it without a key; `None` where the scope's own word will do."""
    approvals: int = 0
    """How many people must have approved it, where that is more than policy wants; only for installing."""


def verify_admission(
    proof: Proof,
    wanted: Wanted,
    authorities: Authorities,
    *,
    means: Means,
    lookup: Lookup,
) -> Admitted:
    """The release's manifest, once everything that is signed about it holds.

    1. The manifest is canonical, of this registry, and is what was asked for.
    2. The admission is about exactly this manifest, and lists exactly the files beside it.
    3. It is signed by one moderator, or by the gate within policy, active in the number that it names
       and not ended at or before its time.
    4. As many people approved as the policy that it names wants, and none of them is the author; a
       private release only where that policy takes them.
    5. The author is owner or member of the scope, in the number that it names and at its time.
    6. The signatures that the scope needs are there, by keys and identities active there and then; and the
       one of whom the person expects, where they said so.
    7. An owner's update gained nothing, computed here.

    Raises `NotTrusted`; `InvalidInput` for documents that are not well formed.
    """
    # (1)
    manifest = read_manifest(proof.manifest, registry=authorities.registry)
    _is_wanted(manifest, wanted)
    # (2)
    what = f"the admission of {manifest.artifact}@{manifest.version}"
    admission = load(
        Admission, proof.admission.data, limit=limits.STATEMENT_BYTES, registry=authorities.registry, what=what
    )
    if (admission.artifact, admission.version) != (manifest.artifact, manifest.version):
        raise NotTrusted(f"{what} is about {admission.artifact}@{admission.version}", code="other-release")
    if admission.manifest != prefixed(sha256(proof.manifest)):
        raise NotTrusted(f"{what} is about another manifest", code="other-release")
    _lists_exactly(admission, proof, what)
    # (3) and (4)
    by, key, people = approved(proof, admission, authorities, check=means.check, author=manifest.author)
    if manifest.visibility == "private" and not authorities.policy.named(admission.under, what).body.private:
        raise NotTrusted(f"{what} lets in a private release, which policy forbids", code="private")
    # (5)
    _publishes(admission, manifest, authorities, what)
    # (6)
    signed = author_signed(
        proof, admission, manifest, authorities, check=means.check, identify=means.identify, expected=wanted.signer
    )
    # (7)
    if admission.path == "owner":
        _gained_nothing(admission, manifest, authorities, means=means, lookup=lookup)
    return Admitted(manifest, admission, by, key, tuple(sorted(people)), signed.keys, signed.identities)


def verify_release(
    proof: Proof,
    bundle: bytes,
    wanted: Wanted,
    authorities: Authorities,
    *,
    status: Status,
    means: Means,
    lookup: Lookup,
    locked: bool = False,
) -> Verified:
    """The release, verified to its last byte; installers take nothing else.

    After `verify_admission`: the bundle has the digest and size that the manifest says, unpacks, and
    its files are the manifest's; `status` (from verified events) allows it. A yanked release is allowed
    only where a lock file names it (`locked`). Raises `NotTrusted`, `StateForbids` for a yanked one.
    """
    admitted = verify_admission(proof, wanted, authorities, means=means, lookup=lookup)
    enough_approved(admitted, wanted.approvals)
    manifest = admitted.manifest
    payload = unpack_as(manifest, bundle)
    allow(f"{manifest.artifact}@{manifest.version}", status, locked=locked)
    _falls_with(admitted, lookup)
    return Verified(
        seal=SEAL,
        registry=authorities.registry,
        manifest=manifest,
        digest=sha256(proof.manifest),
        payload=payload,
        bundle=bundle,
        admission=summary(admitted),
        signed_by=admitted.signed_by,
        status=status,
        identities=admitted.identities,
    )


def enough_approved(admitted: Admitted, people: int) -> None:
    """Refuses a release that fewer `people` approved than somebody's own settings want; an owner's update has none."""
    if len(admitted.approved_by) < people:
        approved = ", ".join(admitted.approved_by) or "nobody: its owner's update went through by itself"
        raise NotTrusted(
            f"{admitted.manifest.artifact}@{admitted.manifest.version} was approved by {approved}, "
            f"and your settings want {people} people",
            code="too-few-approvals",
            hint="install a version that more people approved (`registry show` says who), or lower `trust: approvals` "
            "in registry.settings.yaml or in your own settings.yaml",
        )


def summary(admitted: Admitted) -> dict[str, Any]:  # Any: JSON
    """Who let it in and how, as people and receipts read it."""
    return {
        "by": admitted.by,
        "approved_by": list(admitted.approved_by),
        "path": admitted.admission.path,
        "at": admitted.admission.at,
        "key": admitted.key,
        "note": admitted.admission.note,
    }


def unpack_as(manifest: Manifest, bundle: bytes) -> Payload:
    """The payload in `bundle`, equal to what the manifest says; `NotTrusted` otherwise."""
    what = f"the bundle of {manifest.artifact}@{manifest.version}"
    if len(bundle) != manifest.bundle.size or sha256(bundle) != manifest.bundle.sha256:
        raise NotTrusted(
            f"{what} is not the one that was signed: expected sha256 {manifest.bundle.sha256}, got {sha256(bundle)}",
            code="bad-digest",
        )
    payload = unpack(bundle)
    if rows(payload) != manifest.rows:
        raise NotTrusted(f"{what} holds other files than the manifest lists", code="bad-digest")
    return payload


def allow(what: str, status: Status, *, locked: bool) -> None:
    """Refuses a release, `what`, whose status does not let it be installed."""
    if not TREATMENT[status].stays:
        raise NotTrusted(f"{what} is {status}", code=status, hint="`registry show` says why; install another version")
    if status == "yanked" and not locked:
        raise StateForbids(
            f"{what} was yanked",
            code="yanked",
            hint="install another version; only a lock file that names it still gets it",
        )


def _falls_with(admitted: Admitted, lookup: Lookup) -> None:
    """Refuses an owner's update of a release that turned out to be bad: nobody looked at the update itself."""
    compared = admitted.admission.compared
    if admitted.admission.path != "owner" or compared is None:
        return
    status = lookup(compared).status
    if not TREATMENT[status].stays:
        what = f"{admitted.manifest.artifact}@{admitted.manifest.version}"
        raise NotTrusted(
            f"{what} came in as an update of {compared}, which is {status}",
            code=status,
            hint="install a version that a moderator looked at; `registry show` says why",
        )


def _is_wanted(manifest: Manifest, wanted: Wanted) -> None:
    if manifest.artifact != wanted.artifact:
        raise NotTrusted(f"asked for {wanted.artifact}, the manifest is of {manifest.artifact}", code="other-artifact")
    if manifest.version != wanted.version:
        raise NotTrusted(
            f"asked for {wanted.artifact}@{wanted.version}, the manifest is of version {manifest.version}",
            code="other-version",
        )
    if wanted.kind is not None and manifest.kind != wanted.kind:
        raise NotTrusted(f"asked for a {wanted.kind}, {wanted.artifact} is a {manifest.kind}", code="other-kind")


def _lists_exactly(admission: Admission, proof: Proof, what: str) -> None:
    listed = [(one.file, one.sha256) for one in admission.signatures]
    if listed != sorted(set(listed)):
        raise InvalidInput(f"{what}: its signatures are not sorted", code="invalid-document")
    there = sorted((file, sha256(content)) for file, content in proof.signatures.items())
    if listed != there:
        missing = sorted({file for file, _ in listed} - {file for file, _ in there})
        extra = sorted({file for file, _ in there} - {file for file, _ in listed})
        detail = f"{missing[0]} is missing" if missing else f"{extra[0]} was added" if extra else "one was changed"
        raise NotTrusted(f"{what} lists other signatures than there are: {detail}", code="signatures-differ")


def _publishes(admission: Admission, manifest: Manifest, authorities: Authorities, what: str) -> None:
    if authorities.scope.subject != f"scopes/{manifest.scope}":
        raise NotTrusted(f"{what} was checked against {authorities.scope.subject}", code="other-subject")
    then = authorities.scope.named(admission.under, what).body
    now = authorities.scope.head.body
    listed = any(row.active and row.author == manifest.author for row in then.publishers())
    still = any(row.author == manifest.author and row.held_at(admission.at) for row in now.publishers())
    if not (listed and still):
        raise NotTrusted(f"{manifest.author} does not publish in @{manifest.scope}", code="not-a-publisher")


def _gained_nothing(
    admission: Admission,
    manifest: Manifest,
    authorities: Authorities,
    *,
    means: Means,
    lookup: Lookup,
) -> None:
    what = f"{manifest.artifact}@{manifest.version}"
    if admission.compared is None or admission.gained:
        raise NotTrusted(f"{what} came in as an owner's update and compares with nothing", code="bad-owner-path")
    if not parse_version(admission.compared) < parse_version(manifest.version):
        raise NotTrusted(
            f"{what} compares itself with {admission.compared}, which is not earlier", code="bad-owner-path"
        )
    earlier = lookup(admission.compared)
    # What became of it later does not make the comparison wrong; an install asks for that (`verify_release`).
    if earlier.status != "active" and earlier.since <= admission.at:
        raise NotTrusted(
            f"{what} compares itself with {admission.compared}, which is {earlier.status}", code="bad-owner-path"
        )
    wanted = Wanted(manifest.artifact, admission.compared, manifest.kind)
    record = load(
        Admission,
        earlier.proof.admission.data,
        limit=limits.STATEMENT_BYTES,
        registry=authorities.registry,
        what=f"the admission of {manifest.artifact}@{admission.compared}",
    )
    if record.path != "person":
        raise NotTrusted(
            f"{what} compares itself with {admission.compared}, which no person looked at", code="bad-owner-path"
        )
    old = verify_admission(earlier.proof, wanted, authorities, means=means, lookup=lookup)
    if manifest.kind not in means.covers:
        raise NotTrusted(
            f"{what} is of the kind {manifest.kind}, which this tool does not know",
            code="unknown-kind",
            hint="update the tool",
        )
    gains = gained(old.manifest, manifest, covers=means.covers[manifest.kind])
    if gains:
        raise NotTrusted(
            f"{what} came in as an owner's update and newly asks for: {', '.join(gains)}", code="bad-owner-path"
        )
