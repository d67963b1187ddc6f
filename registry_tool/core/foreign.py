"""Signatures that only foreign readers look at: over the flat form (M3), and as the ggui client expects.

Nothing of ours trusts them, but a wrong one beside an admitted manifest would mislead others, so
landing refuses it.
"""

import hashlib

from registry_tool.core.canonical import parse_loose
from registry_tool.core.change import Candidate, Change
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.keys import PublicKey, SignatureCheck
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest, flat_bytes, flat_form
from registry_tool.core.payload import Payload
from registry_tool.core.published import chain_at
from registry_tool.core.statements import Keyring

PREFIXES = ("flat", "wire")


def flat_message(manifest: Manifest, kind: Kind) -> bytes:
    """What the signature of the flat form is over."""
    permissions = tuple(kind.flat_permission(permission) for permission in manifest.permissions)
    return flat_bytes(flat_form(manifest, category=kind.category, permissions=permissions))


def wire_message(manifest: Manifest, kind: Kind, payload: Payload) -> bytes | None:
    """What the ggui signature is over, the 48 bytes of a SHA-384; `None` where the kind has no wire."""
    return None if kind.wire is None else hashlib.sha384(kind.wire(manifest, payload)).digest()


def foreign_faults(candidate: Candidate, change: Change, *, check: SignatureCheck) -> tuple[Finding, ...]:
    """What is wrong with the foreign signatures beside a manifest, and with files that none expects."""
    manifest, kind, payload = candidate.manifest, candidate.kind, candidate.payload
    if manifest is None or kind is None or payload is None:
        return ()
    keys = _keys(change, manifest.author)
    messages = {"flat": flat_message(manifest, kind), "wire": wire_message(manifest, kind, payload)}
    found = []
    for file, content in sorted(candidate.signatures.items()):
        form, _, rest = file.partition(".")
        path = f"{candidate.path}: {file}"
        if file == "sigstore.json":
            found.append(Finding("keyless", "fail", "keyless signatures are not taken yet", path, "leave the file out"))
        elif form in PREFIXES:
            key, message = keys.get(rest[:16]), messages[form]
            if message is None:
                found.append(
                    Finding("bad-signature", "fail", f"a {kind.id} has no {form} signature", path, "remove it")
                )
            elif key is None or not check(key, message, content):
                hint = "publish again with the tool"
                found.append(Finding("bad-signature", "fail", f"the {form} signature does not hold", path, hint))
    return tuple(found)


def _keys(change: Change, author: str) -> dict[str, PublicKey]:
    """The author's active signing keys by reference."""
    chain = chain_at(change.merged, f"authors/{author}")
    try:
        body = Keyring.model_validate(parse_loose(chain[-1].data, limit=len(chain[-1].data), what="the keyring"))
        return {row.k16: row.raw for row in body.keys if row.active and row.use == "signing"}
    except (RegistryError, ValueError, IndexError):
        return {}
