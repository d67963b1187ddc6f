"""What became of a submission, read from content and never from ancestry."""

from collections.abc import Mapping
from typing import Any

from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.moderation import decided_about
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import pointer_at, registry_of
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


def state_of(noted: Mapping[str, Any], tip: Tree, branches: Mapping[str, str], *, means: Means) -> dict[str, Any]:
    """`state` of a submission that its author noted: pending, published, rejected (with reason and note), or gone."""
    if noted["branch"] in branches:
        return {"state": "pending"}
    registry = registry_of(tip)
    statements = dict(noted.get("statements", {}))
    landed = all(_published(one, tip, registry) for one in noted["releases"]) and all(
        sha256(tip.read(path) or b"") == digest for path, digest in statements.items()
    )
    if landed and (noted["releases"] or statements):
        return {"state": "published"}
    manifests = [f"sha256:{one['manifest']}" for one in noted["releases"]]
    decision = decided_about(tip, str(noted["id"]), manifests, registry=registry, means=means)
    if decision is not None and decision.action == "reject":
        return {"state": "rejected", "reason": decision.reason, "note": decision.note, "at": decision.at}
    return {"state": "withdrawn"}


def _published(one: Mapping[str, Any], tip: Tree, registry: str) -> bool:
    try:
        pointer = pointer_at(tip, parse_artifact(str(one["artifact"])), str(one["version"]), registry=registry)
    except RegistryError:
        return False
    return pointer is not None and pointer.manifest == f"sha256:{one['manifest']}"
