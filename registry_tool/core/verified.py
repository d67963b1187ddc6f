"""A release that was verified: the only thing that installers take."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core.identity import Claims
from registry_tool.core.manifest import Manifest
from registry_tool.core.payload import Payload


class _Seal:
    """Held by `trust.py` alone."""


SEAL = _Seal()
"""Only `core/trust.py` uses it; a test of the architecture looks for others."""


@dataclass(frozen=True, slots=True)
class Verified:
    """One release, good from the pinned id down to the last byte."""

    seal: _Seal
    registry: str
    """The registry's id."""
    manifest: Manifest
    digest: str
    """SHA-256 of the manifest's bytes, bare hex: the release's address."""
    payload: Payload
    bundle: bytes
    admission: Mapping[str, object]
    """Who let it in: `by` (name of the person, or `gate`), `path`, `at`, `key`."""
    signed_by: tuple[str, ...]
    """k16 of the author's keys whose signatures were needed and hold."""
    status: str
    """`active` or `deprecated`; anything graver is not installed."""
    identities: tuple[Claims, ...] = ()
    """The keyless identities whose signatures were needed or asked for, and hold."""

    def __post_init__(self) -> None:
        """Refuses to exist without the seal."""
        if self.seal is not SEAL:
            raise TypeError("only verification makes a Verified")

    @property
    def artifact(self) -> str:
        """`@scope/name`."""
        return self.manifest.artifact
