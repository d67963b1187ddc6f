"""Registries in memory whose scope `ann` names identities, and releases that an instance signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.identity import Claims, Expected
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import lookup_at, trusting_at
from registry_tool.core.targets import Days
from registry_tool.core.times import to_seconds
from registry_tool.core.trust import Admitted, Means, Wanted, verify_admission
from registry_tool.signing.ed25519 import check
from registry_tool.signing.sigstore.verify import identifier
from registry_tool.signing.tuf.offline import RoleKeys, make_targets, signed_by
from tests.builders import KINDS, RegistryInMemory, a_registry
from tests.keyless.instance import GITHUB, GOOGLE, WORKFLOW, Instance

SOLAR = "@ann/solar"
SIGNED = "2026-03-05T12:00:00Z"
"""When the instance's log sees a signature here."""
ADMITTED = "2026-03-05T12:05:00Z"
NOW = to_seconds("2026-06-01T00:00:00Z")

JOB: Mapping[str, Any] = {
    "issuer": GITHUB,
    "subject": f"https://github.com/{WORKFLOW}",
    "repository_id": 42,
    "owner_id": 7,
    "status": "active",
    "named": "2026-03-01T12:00:00Z",
}
ANN: Mapping[str, Any] = {"issuer": GOOGLE, "subject": "ann@example.org", "status": "active"}

MEANS = Means(
    check,
    {kind.id: kind.grammar.covers for kind in KINDS},
    keyless=lambda trusted_root: identifier(trusted_root, now=lambda: NOW),
)


def believing(registry: RegistryInMemory, sigstore: Instance) -> RegistryInMemory:
    """The registry, with targets that list the instance's trust root."""
    root = sigstore.trusted_root()
    days = Days(bins=90, snapshot=30, timestamp=7)
    bins = RoleKeys((registry.hand("bins").key,))
    text = make_targets(bins, version=1, expires=NOW + 10**8, days=days, trusted_root=root)
    registry.files[layout.targets_path(1)] = signed_by(text, [registry.hand("targets")])
    registry.files[layout.trusted_root_path(sha256(root))] = root
    return registry


def a_keyless_registry(
    sigstore: Instance, *, needs: str = "identity", identities: Sequence[Mapping[str, Any]] = (JOB,)
) -> RegistryInMemory:
    """A registry that believes the instance, with ann's scope that needs this."""
    registry = believing(a_registry(demo=False), sigstore)
    registry.keyring("ann")
    scope_says(registry, needs=needs, identities=identities)
    return registry


def scope_says(
    registry: RegistryInMemory,
    *,
    needs: str = "identity",
    identities: Sequence[Mapping[str, Any]] = (JOB,),
    by: Sequence[str] = ("ann control", "mod"),
) -> None:
    """The next statement of ann's scope."""
    said = {"needs": needs, "identities": [dict(one) for one in identities]}
    registry.scope("ann", owners=["ann"], by=by, change=lambda value: value.update(said))


def blob_of(registry: RegistryInMemory, artifact: str = SOLAR, version: str = "1.0.0") -> str:
    """Where the manifest of a published version lies."""
    manifest = registry.manifest(artifact, version)
    return layout.blob_path(manifest.id, sha256(manifest.to_bytes()))


def published(
    registry: RegistryInMemory, bundle: bytes | None, *, by: Sequence[str] = (), version: str = "1.0.0"
) -> None:
    """A release that these keys signed, with a bundle beside it, which nobody admitted."""
    registry.publish(SOLAR, version, by=by)
    if bundle is not None:
        registry.files[f"{blob_of(registry, version=version)}.sigstore.json"] = bundle


def released(
    registry: RegistryInMemory,
    sigstore: Instance,
    token: str = "",
    *,
    by: Sequence[str] = (),
    rekor: int = 1,
    at: str = ADMITTED,
) -> RegistryInMemory:
    """A release signed by whom the token names (the job, without one) and by these keys, and admitted."""
    published(registry, None, by=by)
    manifest = registry.files[blob_of(registry)]
    bundle = sigstore.sign(manifest, token or sigstore.job(), rekor=rekor)
    registry.files[f"{blob_of(registry)}.sigstore.json"] = bundle
    registry.admit(SOLAR, "1.0.0", at=at)
    return registry


def admitted(registry: RegistryInMemory, *, means: Means = MEANS, signer: Expected | None = None) -> Admitted:
    """The release as a client takes it."""
    authorities = registry.authorities("ann")
    tree = registry.tree()
    return verify_admission(
        registry.proof(SOLAR, "1.0.0"),
        Wanted(SOLAR, "1.0.0", signer=signer),
        authorities,
        means=trusting_at(tree, authorities.government, means=means),
        lookup=lookup_at(tree, parse_artifact(SOLAR), authorities, check=check),
    )


def subjects(found: Sequence[Claims]) -> list[str]:
    """Who signed."""
    return [one.subject for one in found]
