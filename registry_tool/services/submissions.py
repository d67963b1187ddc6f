"""What became of a submission, read from content and never from ancestry."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.moderation import decided_about, read_decisions
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import pointer_at, proof_at, registry_of
from registry_tool.core.standing import government_at
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.services.bench import Waiting


def state_of(
    noted: Mapping[str, Any],
    tip: Tree,
    branches: Mapping[str, str],
    *,
    means: Means,
    waiting: Waiting | None = None,
    others: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """`state` of a submission that its author noted, with what is said about it.

    pending      waits, for whom and until when
    flagged      waits, and somebody wants another look
    published    every release is admitted, every statement is there
    merged       lies on the main line without an approval, so nobody gets it
    rejected     with reason and note; `resubmitted` where one of `others`, noted since, brings it again
    withdrawn    none of these

    `branches` are those that wait, `waiting` is the submission where it was read.
    """
    registry = registry_of(tip)
    if noted["branch"] in branches or waiting is not None:
        said = _waits(waiting)
        return {"state": "pending", **said, **({} if "need" in said else _recovering(noted, tip, registry, means))}
    statements = dict(noted.get("statements", {}))
    there = all(sha256(tip.read(path) or b"") == digest for path, digest in statements.items())
    releases = [_there(one, tip, registry) for one in noted["releases"]]
    if there and all(one == "published" for one in releases) and (releases or statements):
        return {"state": "published"}
    manifests = [f"sha256:{one['manifest']}" for one in noted["releases"]]
    decision = decided_about(tip, str(noted["id"]), manifests, registry=registry, means=means)
    if decision is not None and decision.action == "reject":
        said = {"reason": decision.reason, "note": decision.note, "at": decision.at}
        again = _again(noted, tip, branches, registry, others)
        return {"state": "resubmitted" if again else "rejected", **said, **({"as": again} if again else {})}
    if releases and all(releases):
        return {"state": "merged"}
    return {"state": "withdrawn"}


def _waits(waiting: Waiting | None) -> dict[str, Any]:  # Any: JSON
    """What it waits for, and who flagged it."""
    if waiting is None:
        return {}
    need = waiting.report.need
    if need is None:
        faults = [one.message for one in waiting.report.findings if one.level == "fail"]
        if not faults and waiting.report.undecided:
            return {"waits": f"the checks could not decide here: {'; '.join(waiting.report.undecided[:5])}"}
        return {"waits": waiting.waits} if not faults else {"waits": f"the checks refuse it: {'; '.join(faults[:5])}"}
    at = waiting.change.at
    value: dict[str, Any] = {"waits": need.words(at), "need": need.value(at)}
    if need.since is not None:
        value["since"] = from_seconds(need.since)
    for word in (*need.flags, *need.objections)[-1:]:
        value |= {"state": "flagged", "reason": word.reason, "note": word.note, "by": word.by, "at": word.at}
    return value


def _again(
    noted: Mapping[str, Any],
    tip: Tree,
    branches: Mapping[str, str],
    registry: str,
    others: Sequence[Mapping[str, Any]],
) -> str:
    """The id of a later submission of the same versions that waits or was published; empty where there is none."""
    wanted = {(str(one["artifact"]), str(one["version"])) for one in noted["releases"]}
    ids = [str(one["id"]) for one in others]
    for one in others[ids.index(str(noted["id"])) + 1 :] if str(noted["id"]) in ids else ():
        brings = {(str(row["artifact"]), str(row["version"])) for row in one["releases"]}
        landed = all(_there(row, tip, registry) == "published" for row in one["releases"])
        if wanted and wanted <= brings and one["id"] != noted["id"] and (landed or one["branch"] in branches):
            return str(one["id"])
    return ""


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


def _there(one: Mapping[str, Any], tip: Tree, registry: str) -> str:
    """Whether a release with exactly these bytes is `published`, or only `merged`; empty where it is not there."""
    try:
        artifact, version = parse_artifact(str(one["artifact"])), str(one["version"])
        pointer = pointer_at(tip, artifact, version, registry=registry)
        if pointer is None or pointer.manifest != f"sha256:{one['manifest']}":
            return ""
        return "published" if proof_at(tip, artifact, version, registry=registry) is not None else "merged"
    except RegistryError:
        return ""
