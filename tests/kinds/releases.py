"""A verified release of a payload, for the tests of what installing does."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry_tool.core.bundle import pack, rows
from registry_tool.core.card import Card
from registry_tool.core.digest import sha256
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest
from registry_tool.core.native.yaml_text import load_yaml
from registry_tool.core.payload import Payload
from registry_tool.core.verified import SEAL, Verified

REGISTRY = "ab" * 32


def card_of(payload: Payload) -> Card:
    """The payload's own artifact.yaml; an empty card where it has none."""
    file = payload.get("artifact.yaml")
    return Card.of(load_yaml(file.data, what="artifact.yaml").value) if file else Card()


def manifest_of(
    kind: Kind, payload: Payload, *, scope: str, name: str, spec: Mapping[str, Any], permissions: Sequence[str]
) -> Manifest:
    """What an author would sign for this payload."""
    bundle = pack(payload)
    files = [
        {"path": row.path, "sha256": row.sha256, "size": row.size, "executable": row.executable}
        for row in rows(payload)
    ]
    return Manifest.of(
        {
            "schema": "registry.manifest/1",
            "registry": REGISTRY,
            "kind": kind.id,
            "scope": scope,
            "name": name,
            "version": "1.0.0",
            "author": "ann",
            "visibility": "public",
            "title": "A thing",
            "description": "What it is.",
            "license": "MIT",
            "tags": [],
            "links": {},
            "permissions": sorted(permissions),
            "requires": {},
            "dependencies": {},
            "pins": [],
            "files": files,
            "bundle": {"format": "bundle/1", "sha256": sha256(bundle), "size": len(bundle)},
            "reader": kind.reader,
            "spec": dict(spec),
        }
    )


def verified_of(kind: Kind, payload: Payload, *, scope: str = "acme", name: str = "thing") -> Verified:
    """A release of `payload` as verification returns it; the payload must be one that its kind can read."""
    card = card_of(payload)
    reading = kind.read(payload, card)
    permissions = {*(card.permissions or ()), *reading.needs}
    manifest = manifest_of(kind, payload, scope=scope, name=name, spec=reading.spec, permissions=sorted(permissions))
    return Verified(
        seal=SEAL,
        registry=REGISTRY,
        manifest=manifest,
        digest=sha256(manifest.to_bytes()),
        payload=payload,
        bundle=pack(payload),
        admission={"by": "mia", "path": "person", "at": "2026-11-21T09:00:00Z", "key": "0" * 16},
        signed_by=("0" * 16,),
        status="active",
    )
