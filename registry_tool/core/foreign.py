"""Signatures that only foreign readers look at: over the flat form (M3), and as the ggui client expects.

    flat.<k16>.sig        Ed25519 over the flat form
    wire.<k16>.sig        Ed25519 over the SHA-384 of what the ggui client reads
    wire.sigstore.json    keyless over those bytes themselves

Nothing of ours trusts them, but a wrong one beside an admitted manifest would mislead others, so
landing refuses it.
"""

import hashlib
from typing import TypeVar

from registry_tool.core.canonical import parse_loose
from registry_tool.core.change import Candidate, Change
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.identity import WIRE_BUNDLE, named_among
from registry_tool.core.keys import PublicKey
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest, flat_bytes, flat_form
from registry_tool.core.payload import Payload
from registry_tool.core.published import chain_at
from registry_tool.core.statements import IdentityRow, Keyring, Scope, Statement
from registry_tool.core.trust import Means

PREFIXES = ("flat", "wire")

S = TypeVar("S", bound=Statement)


def flat_message(manifest: Manifest, kind: Kind) -> bytes:
    """What the signature of the flat form is over."""
    permissions = tuple(kind.flat_permission(permission) for permission in manifest.permissions)
    return flat_bytes(flat_form(manifest, category=kind.category, permissions=permissions))


def wire_message(manifest: Manifest, kind: Kind, payload: Payload) -> bytes | None:
    """What the ggui signature is over, the 48 bytes of a SHA-384; `None` where the kind has no wire."""
    message = wired(manifest, kind, payload)
    return None if message is None else hashlib.sha384(message).digest()


def wired(manifest: Manifest, kind: Kind, payload: Payload) -> bytes | None:
    """What the ggui client reads, which a keyless signature for it is over; `None` where the kind has no wire."""
    return None if kind.wire is None else kind.wire(manifest, payload)


def foreign_faults(candidate: Candidate, change: Change, *, means: Means) -> tuple[Finding, ...]:
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
        if form not in PREFIXES:
            continue
        key, message = keys.get(rest[:16]), messages[form]
        if message is None:
            found.append(Finding("bad-signature", "fail", f"a {kind.id} has no {form} signature", path, "remove it"))
        elif file == WIRE_BUNDLE:
            found += _wire_bundle(content, wired(manifest, kind, payload) or b"", change, manifest, path, means)
        elif key is None or not means.check(key, message, content):
            hint = "publish again with the tool"
            found.append(Finding("bad-signature", "fail", f"the {form} signature does not hold", path, hint))
    return tuple(found)


def _wire_bundle(
    bundle: bytes, message: bytes, change: Change, manifest: Manifest, path: str, means: Means
) -> list[Finding]:
    """What is wrong with the keyless signature for the ggui client."""
    try:
        claims = means.identify(bundle, message)
        named_among(claims, _identities(change, manifest.scope), "what the ggui client reads")
    except RegistryError as error:
        return [Finding("bad-signature", "fail", error.message, path, error.hint)]
    return []


def _identities(change: Change, scope: str) -> list[IdentityRow]:
    """The active identities of a scope."""
    body = _head(change, f"scopes/{scope}", Scope)
    return [row for row in body.identities if row.active] if body else []


def _keys(change: Change, author: str) -> dict[str, PublicKey]:
    """The author's active signing keys by reference."""
    body = _head(change, f"authors/{author}", Keyring)
    return {row.k16: row.raw for row in body.keys if row.active and row.use == "signing"} if body else {}


def _head(change: Change, subject: str, model: type[S]) -> S | None:
    """The newest statement of a chain; `None` where it cannot be read, which others say."""
    chain = chain_at(change.merged, subject)
    try:
        return model.model_validate(parse_loose(chain[-1].data, limit=len(chain[-1].data), what=subject))
    except (RegistryError, ValueError, IndexError):
        return None
