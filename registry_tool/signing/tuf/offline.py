"""What people sign offline, k of n of them: root and targets (formats of the registry, part 3).

    make_root, make_targets ──▶ unsigned text ──▶ add_signature by one ──▶ by another ──▶ complete

A text that lacks signatures travels from person to person as it is. The texts are compact JSON in
ASCII, hence canonical.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from registry_tool.core import layout
from registry_tool.core.keys import Signer
from registry_tool.core.roots import ROLES, Role, RoleKeys
from registry_tool.core.statements import HeadRef
from registry_tool.core.targets import Days

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey
    from tuf.api.metadata import Metadata

__all__ = ["BITS", "RoleKeys", "add_signature", "make_root", "make_targets", "sign", "signed_by", "to_bytes"]

BITS = 8
"""256 bins: good to about 30,000 names; more names want more bins."""


def make_root(
    roles: Mapping[Role, RoleKeys],
    *,
    expires: int,
    version: int = 1,
    moderators: HeadRef | None = None,
    names: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a root that nobody signed yet.

    `expires` is in seconds since 1970; `moderators` pins their chain, in every version but the first;
    `names` says what people are called, by the ids of their keys. The SHA-256 of version 1, signed, is
    the registry's id.
    """
    from tuf.api.metadata import Metadata, Root

    extra: dict[str, Any] = {"x-moderators": moderators.value()} if moderators else {}
    extra |= {"x-names": dict(names)} if names else {}
    root = Root(version=version, expires=_moment(expires), consistent_snapshot=True, unrecognized_fields=extra)
    for name in ROLES:
        for key in roles[name].keys:
            root.add_key(_key(key), name)
        root.roles[name].threshold = roles[name].threshold
    return to_bytes(Metadata(root))


def make_targets(
    bins: RoleKeys, *, version: int, expires: int, days: Days, bits: int = BITS, trusted_root: bytes | None = None
) -> bytes:
    """The bytes of targets that nobody signed yet: who signs the 2 to the power of `bits` bins, and for how long.

    `trusted_root` is the sigstore trust root that clients of this registry believe.
    """
    from tuf.api.metadata import Delegations, Metadata, SuccinctRoles, TargetFile, Targets

    keys = {key.keyid: key for key in (_key(raw) for raw in bins.keys)}
    # Another number of bins has other names: a bin must never be taken for one of another division.
    spread = SuccinctRoles(list(keys), bins.threshold, bits, f"index-{1 << bits}")
    files = {}
    if trusted_root is not None:
        files[layout.TRUSTED_ROOT] = TargetFile.from_data(layout.TRUSTED_ROOT, trusted_root, ["sha256"])
    targets = Targets(
        version=version,
        expires=_moment(expires),
        targets=files,
        delegations=Delegations(dict(keys), succinct_roles=spread),
        unrecognized_fields={"x-days": days.value()},
    )
    return to_bytes(Metadata(targets))


def add_signature(text: bytes, signer: Signer) -> bytes:
    """`text` with a signature by `signer` beside those that it has; the same key signs once."""
    from tuf.api.metadata import Metadata

    metadata: Metadata[Any] = Metadata.from_bytes(text)  # Any: root or targets
    sign(metadata, signer)
    return to_bytes(metadata)


def signed_by(text: bytes, signers: Sequence[Signer]) -> bytes:
    """`text` with the signatures of all `signers`."""
    for signer in signers:
        text = add_signature(text, signer)
    return text


def sign(metadata: "Metadata[Any]", signer: Signer) -> None:  # Any: of any role
    """Adds a signature by one of our signers to metadata of the library."""
    from securesystemslib.signer import Signature
    from tuf.api.serialization.json import CanonicalJSONSerializer

    keyid = _key(signer.key).keyid
    message = CanonicalJSONSerializer().serialize(metadata.signed)
    metadata.signatures[keyid] = Signature(keyid, signer.sign(message).hex())


def to_bytes(metadata: "Metadata[Any]") -> bytes:  # Any: of any role
    """Compact form: ASCII with sorted members, equal to RFC 8785."""
    from tuf.api.serialization.json import JSONSerializer

    return metadata.to_bytes(JSONSerializer(compact=True))


def _key(raw: bytes) -> "SSlibKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from securesystemslib.signer import SSlibKey

    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(raw))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
