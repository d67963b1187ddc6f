"""What proves a release, apart from the chains: as the site serves it and as the repository holds it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core import limits
from registry_tool.core.chains import SignedBytes, decode64
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.release import Evidence, NameRecord


@dataclass(frozen=True, slots=True)
class Proof:
    """A manifest and everything signed about it."""

    manifest: bytes
    signatures: Mapping[str, bytes]
    """Every file beside the manifest's blob, by its suffix."""
    admission: SignedBytes
    approvals: tuple[SignedBytes, ...] = ()

    def evidence(self, registry: str) -> dict[str, object]:
        """The document `registry.evidence/1`, signatures in the order of their suffixes."""
        return {
            "schema": "registry.evidence/1",
            "registry": registry,
            "manifest": prefixed(sha256(self.manifest)),
            "admission": self.admission.entry(),
            "approvals": [approval.entry() for approval in self.approvals],
            "signatures": [
                {"file": file, "content": base64.b64encode(self.signatures[file]).decode("ascii")}
                for file in sorted(self.signatures)
            ],
        }


def read_proof(evidence: bytes, manifest: bytes, *, registry: str) -> Proof:
    """The proof that an evidence object and a manifest are; nothing is verified yet."""
    document = load(Evidence, evidence, limit=limits.EVIDENCE_BYTES, registry=registry, what="the evidence")
    if document.manifest != prefixed(sha256(manifest)):
        raise NotTrusted("the evidence is about another manifest", code="other-release")
    files = [one.file for one in document.signatures]
    if len(files) != len(set(files)):
        raise InvalidInput("the evidence holds two signatures of one name", code="invalid-document")
    return Proof(
        manifest,
        {one.file: decode64(one.content) for one in document.signatures},
        SignedBytes.of(document.admission),
        tuple(SignedBytes.of(entry) for entry in document.approvals),
    )


def read_name(data: bytes, *, registry: str, artifact: str) -> NameRecord:
    """The per-name file of `artifact`; `NotTrusted` where it is of another name or registry."""
    record = load(NameRecord, data, limit=limits.NAME_RECORD_BYTES, registry=registry, what=f"the record of {artifact}")
    if record.artifact != artifact:
        raise NotTrusted(f"asked for {artifact}, got the record of {record.artifact}", code="other-artifact")
    return record
