"""The files that a release adds to a repository, signed by whoever signs it (part 8).

A keyless signature stands in a public log for ever, so whatever only looks what would come of a release
signs with a stand-in, which the same look believes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from registry_tool.core import layout
from registry_tool.core.describe import Described
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotFound, NotTrusted
from registry_tool.core.foreign import flat_message, wire_message, wired
from registry_tool.core.identity import BUNDLE, WIRE_BUNDLE, Claims, Identify, SignKeyless
from registry_tool.core.keys import Signer, k16
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload
from registry_tool.core.sealing import sealed
from registry_tool.core.statements import IdentityRow, Scope
from registry_tool.core.trust import Means


@dataclass(frozen=True, slots=True)
class Hands:
    """Who signs a release: a key, an identity, or both."""

    key: Signer | None
    identity: SignKeyless | None


def release_of(one: Described, hands: Hands) -> dict[str, bytes]:
    """Every file of a release: payload, manifest, its signatures, pointer."""
    manifest, kind = one.manifest, one.kind
    return {} if manifest is None or kind is None else release_files(manifest, kind, one.payload, hands)


def release_files(manifest: Manifest, kind: Kind, payload: Payload, hands: Hands) -> dict[str, bytes]:
    """Payload, manifest, its signatures, pointer, by their paths in the repository."""
    artifact, raw = parse_artifact(manifest.artifact), manifest.to_bytes()
    digest = sha256(raw)
    blob = layout.blob_path(artifact, digest)
    files = {layout.blob_path(artifact, sha256(file.data)): file.data for file in payload.values()}
    files[blob] = raw
    if hands.key is not None:
        key = k16(hands.key.key)
        files[f"{blob}.{key}.sig"] = hands.key.sign(raw)
        files[f"{blob}.flat.{key}.sig"] = hands.key.sign(flat_message(manifest, kind))
        wire = wire_message(manifest, kind, payload)
        if wire is not None:
            files[f"{blob}.wire.{key}.sig"] = hands.key.sign(wire)
    if hands.identity is not None:
        files[f"{blob}.{BUNDLE}"] = hands.identity(raw)
        # The ggui client takes a public artifact for signed when an identity signed what it reads.
        read = wired(manifest, kind, payload) if manifest.visibility == "public" else None
        if read is not None:
            files[f"{blob}.{WIRE_BUNDLE}"] = hands.identity(read)
    pointer = {
        "schema": "registry.release/1",
        "registry": manifest.registry,
        "artifact": manifest.artifact,
        "version": manifest.version,
        "manifest": f"sha256:{digest}",
    }
    files.update(sealed(f"{layout.version_folder(artifact, manifest.version)}/release.json", pointer, []))
    return files


def needs_key(owned: Sequence[Scope], scopes: Sequence[str]) -> bool:
    """Whether a release into `scopes` needs a key; those that nobody owns yet, and `owned` has not, begin so."""
    return len(owned) < len(scopes) or any(scope.needs != "identity" for scope in owned)


def signs_keyless(scopes: Sequence[Scope], identity: SignKeyless | None, *, always: bool) -> bool:
    """Whether a release into these scopes is signed by an identity; `NotFound` where it must be, and there is none."""
    wanted = [scope for scope in scopes if scope.needs != "key"]
    if wanted and identity is None:
        raise NotFound(
            f"@{wanted[0].subject.partition('/')[2]} needs a keyless signature, and nothing here can make one",
            code="no-identity",
            hint="give --identity-token, or publish from a CI job or a terminal",
        )
    return identity is not None and (bool(wanted) or always)


def rehearsing(means: Means, scopes: Sequence[Scope], *, now: int) -> tuple[Means, SignKeyless]:
    """`means` that believe a stand-in for the keyless signature, and what makes it.

    It is believed to be by an identity that these scopes name; where they name none it is refused, as
    the real one will be.
    """
    rows = [[row for row in scope.identities if row.active] for scope in scopes]
    shared = [row for row in rows[0] if all(_same(row, others) for others in rows)] if rows else []

    def believe(bundle: bytes, message: bytes) -> Claims:
        if not shared:
            raise NotTrusted(
                "the scope names no identity that may sign",
                code="unnamed-identity",
                hint="an owner names one with `registry scope identity add`",
            )
        row = shared[0]
        return Claims(row.issuer, row.subject, row.repository_id, row.owner_id, "", now)

    identify: Identify = believe
    return replace(means, keyless=lambda trusted_root: identify), lambda message: b"{}"


def _same(row: IdentityRow, others: Sequence[IdentityRow]) -> bool:
    return any(row.label == other.label for other in others)


def who_signed(described: Sequence[Described], additions: Mapping[str, bytes], means: Means) -> tuple[Claims, ...]:
    """Who signed without a key, each once."""
    found: list[Claims] = []
    for one in described:
        manifest = one.manifest.to_bytes() if one.manifest is not None else b""
        place = layout.blob_path(one.manifest.id, sha256(manifest)) if one.manifest is not None else ""
        bundle = additions.get(f"{place}.{BUNDLE}")
        found += [means.identify(bundle, manifest)] if bundle is not None else []
    return tuple(dict.fromkeys(found))
