"""Root metadata, written with python-tuf (formats of the registry, part 3).

Clients read roots with `core/roots.py`; only whoever founds a registry or changes its root needs
this module, and the library is imported on first use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Role = Literal["root", "targets", "snapshot", "timestamp"]


@dataclass(frozen=True, slots=True)
class RoleSeeds:
    """Who signs for a role."""

    seeds: tuple[bytes, ...]
    """Ed25519 seeds, 32 bytes each."""
    threshold: int = 1


def make_root(roles: Mapping[Role, RoleSeeds], *, expires: int, version: int = 1) -> bytes:
    """The bytes of a root signed by all of its root keys, in compact form (ASCII, hence canonical).

    `expires` is in seconds since 1970. The SHA-256 of version 1 is the registry's id.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from securesystemslib.signer._crypto_signer import CryptoSigner
    from tuf.api._payload import Root
    from tuf.api.metadata import Metadata
    from tuf.api.serialization.json import JSONSerializer

    root = Root(version=version, expires=datetime.fromtimestamp(expires, UTC), consistent_snapshot=True)
    signers: dict[bytes, CryptoSigner] = {}
    names: Sequence[Role] = ("root", "targets", "snapshot", "timestamp")
    for name in names:
        for seed in roles[name].seeds:
            signer = signers.setdefault(seed, CryptoSigner(Ed25519PrivateKey.from_private_bytes(seed)))
            root.add_key(signer.public_key, name)
        root.roles[name].threshold = roles[name].threshold
    metadata = Metadata(root)
    for seed in roles["root"].seeds:
        metadata.sign(signers[seed], append=True)
    return metadata.to_bytes(JSONSerializer(compact=True))
