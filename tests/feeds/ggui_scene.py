"""A registry with gadgets and blueprints in every state, signed for the wire as `publish` does, and its feeds."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry_tool.core import layout
from registry_tool.core.describe import read_card
from registry_tool.core.digest import sha256
from registry_tool.core.foreign import flat_message, wire_message
from registry_tool.core.index import Feeds
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.feeds import ggui_search, marketplace
from registry_tool.feeds.ggui import gadget_bundles, packages
from registry_tool.feeds.objects import objects, tables
from registry_tool.kinds import all_kinds
from tests.builders import RegistryInMemory, a_registry, as_payload
from tests.building_profiles import DOMAIN, OTHER, profile
from tests.sites import built, committed, files_of, named

URL = "https://registry.example/"
FEEDS = Feeds(
    names=(objects, gadget_bundles, packages, marketplace.marketplace_item),
    whole=(tables, marketplace.marketplace, ggui_search.searches),
    facts={ggui_search.FACTS: ggui_search.ggui_row, marketplace.FACTS: marketplace.marketplace_facts},
)
"""What is tested here, and what clients need besides."""
KINDS = all_kinds()
VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def put(
    registry: RegistryInMemory,
    artifact: str,
    version: str = "1.0.0",
    *,
    kind: str = "gadget",
    author: str | None = None,
    signed: bool = True,
    private: bool = False,
    keyless: bool = False,
    change: Mapping[str, Any] | None = None,
) -> None:
    """An admitted release of a kind's own template; `change` goes into its ggui file."""
    found, name = KINDS[kind], parse_artifact(artifact)
    content = {path: file.data for path, file in found.template(name).items()}
    native = next((path for path in content if path.startswith("ggui.")), "")
    if change:
        content[native] = json.dumps({**json.loads(content[native]), **change}).encode()
    content["ABOUT"] = f"{artifact} {version}\n".encode()
    payload = as_payload(content)
    reading = found.read(payload, read_card(payload)[0])

    def said(value: dict[str, Any]) -> None:
        value["visibility"] = "private" if private else "public"
        value["tags"] = list(reading.fields.get("tags", ()))
        value["description"] = reading.fields.get("description", value["description"])

    registry.publish(
        artifact, version, content, kind=kind, author=author, spec=reading.spec, permissions=reading.needs, change=said
    )
    if signed:
        _sign(registry, artifact, version, f"{author or name.scope} signing")
    if keyless:
        vector = json.loads((VECTORS / "sigstore-envelopes.json").read_bytes())["vectors"][0]
        blob = _blob(registry, artifact, version)
        registry.files[f"{blob}.wire.sigstore.json"] = vector["signature"]["bundle"].encode()
    registry.admit(artifact, version)


def _blob(registry: RegistryInMemory, artifact: str, version: str) -> str:
    manifest = registry.manifest(artifact, version)
    return layout.blob_path(manifest.id, sha256(manifest.to_bytes()))


def _sign(registry: RegistryInMemory, artifact: str, version: str, hand: str) -> None:
    manifest, signer = registry.manifest(artifact, version), registry.hand(hand)
    kind, blob = KINDS[manifest.kind], _blob(registry, artifact, version)
    files = {row.path: registry.files[layout.blob_path(manifest.id, row.sha256)] for row in manifest.rows}
    registry.files[f"{blob}.flat.{k16(signer.key)}.sig"] = signer.sign(flat_message(manifest, kind))
    message = wire_message(manifest, kind, as_payload(files))
    if message is not None:
        registry.files[f"{blob}.wire.{k16(signer.key)}.sig"] = signer.sign(message)


def scene(*, url: str = URL) -> RegistryInMemory:
    """Ann's names in every state, and a verified author's."""
    registry = named(a_registry(demo=False, change=lambda policy: policy.update(private=True)), url=url)
    for version in ("1.0.0", "1.1.0", "1.2.0+b", "1.3.0", "2.0.0-beta.1"):
        put(registry, "@ann/use-clock", version)
    registry.event("@ann/use-clock", "1.0.0", "deprecate", reason="superseded")
    registry.event("@ann/use-clock", "1.1.0", "yank")
    registry.event("@ann/use-clock", "1.3.0", "quarantine", reason="reported")
    put(registry, "@ann/steps", kind="blueprint", change={"mcpTools": [{"tool": "list_steps", "server": "todo"}]})
    put(registry, "@ann/old-steps", kind="blueprint")
    registry.event("@ann/old-steps", "1.0.0", "yank")
    put(registry, "@ann/odd-clock", "1.0.0-a-b", signed=False)
    put(registry, "@ann/unsigned-clock", signed=False)
    put(registry, "@ann/own-clock", private=True)
    put(registry, "@ann/bad-clock")
    registry.event("@ann/bad-clock", "1.0.0", "revoke", reason="malware")
    put(registry, "@ann/paper", kind="theme")
    put(registry, "@zoe/map-clock", change={"author": {"name": "Zoë of the Maps"}})
    profile(registry, OTHER, DOMAIN, author="zoe", by=("zoe control", "mod"))
    return registry


def site_of(registry: RegistryInMemory) -> dict[str, bytes]:
    """The files of these feeds."""
    return files_of(built(committed(registry.files), feeds=FEEDS).made)


def tree(site: Mapping[str, bytes], *beginnings: str) -> str:
    """Files of a site for people: each path, and its JSON with indents; of other files how many bytes they have."""
    shown = []
    for path in sorted(site):
        if path.startswith(beginnings):
            text = _shown(path, site[path])
            shown.append(f"── {path}\n{text}\n")
    return "\n".join(shown)


def _shown(path: str, data: bytes) -> str:
    if path.endswith(".js"):
        return f"({len(data)} bytes of a module)"
    return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
