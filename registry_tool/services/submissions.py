"""What became of a submission, read from content and never from ancestry."""

from collections.abc import Mapping
from typing import Any

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.moderation import decided_about, read_decisions
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import pointer_at, registry_of
from registry_tool.core.standing import government_at
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


def state_of(noted: Mapping[str, Any], tip: Tree, branches: Mapping[str, str], *, means: Means) -> dict[str, Any]:
    """`state` of a submission that its author noted: pending, published, rejected (with reason and note), or gone."""
    registry = registry_of(tip)
    if noted["branch"] in branches:
        return {"state": "pending", **_recovering(noted, tip, registry, means)}
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


def title_of(noted: Mapping[str, Any]) -> str:
    """What a noted submission brings, in words: its releases, what it says of them, or which statements."""
    found = [f"{one['artifact']}@{one['version']}" for one in noted["releases"]]
    said = noted.get("words")
    found = found or (list(said) if isinstance(said, list) else [])
    return ", ".join(map(str, found or [_path_words(path) for path in sorted(noted.get("statements", {}))]))


def _path_words(path: str) -> str:
    """Which statement lies at a path."""
    located = layout.locate(path)
    if located.role == "event":
        return f"event {located.number} of {located.artifact}@{located.version}"
    family, _, owner = located.subject.partition("/")
    if located.role == "chain" and owner:
        what = f"keyring of {owner}" if family == "authors" else f"scope @{owner}"
        return f"number {located.number} of the {what}"
    return path


def _recovering(noted: Mapping[str, Any], tip: Tree, registry: str, means: Means) -> dict[str, str]:  # Any: JSON
    """What a recovery waits for, and until when; nothing for what no moderator made public."""
    said = read_decisions(tip, str(noted["id"]), registry=registry, means=means)
    notice = next((link.body for link in said if link.body.action == "notice"), None)
    objection = next((link.body for link in said if link.body.action == "objection"), None)
    if objection is not None:
        return {"waits": f"somebody objected at {objection.at}: {objection.note}"}
    if notice is None:
        return {}
    wait = government_at(tip, registry=registry, check=means.check).policy.head.body.waits.recover
    until = from_seconds(to_seconds(notice.at) + wait)
    return {"waits": f"public since {notice.at}; moderators may sign it from {until}", "until": until}


def _published(one: Mapping[str, Any], tip: Tree, registry: str) -> bool:
    try:
        pointer = pointer_at(tip, parse_artifact(str(one["artifact"])), str(one["version"]), registry=registry)
    except RegistryError:
        return False
    return pointer is not None and pointer.manifest == f"sha256:{one['manifest']}"
