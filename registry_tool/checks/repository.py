"""Which paths a submission may touch, and that it only ever adds (part 9 of the formats)."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.digest import Hex
from registry_tool.core.families import FAMILIES
from registry_tool.core.findings import Finding
from registry_tool.core.layout import Located, blob_path, locate
from registry_tool.core.ports import Edit
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check

_CONTROL: Final = (".github/", ".gitlab-ci.yml", ".forgejo/", ".gitea/", ".ci/", "registry_tool/", "CODEOWNERS")
"""What runs or guards the gate; a submission that could change it could open it."""
_BY_MAINTAINERS: Final = {
    "admission": "the maintainer who approves writes the admission",
    "approval": "approvals are written by the people who approve",
    "moderation": "moderators write what is said about submissions",
    "waiver": "moderators write waivers",
    "entitlement": "the operator gives out entitlements",
}


def allowed_paths(change: Change) -> Iterator[Finding]:
    """A finding for each added path that no row of part 9 allows."""
    tables = [one for one in change.located if one.role == "table"]
    rest = len(change.located) - len(tables)
    listed, manifests, unknown = _listed(change)
    for one in change.located:
        if is_control(one):
            continue
        if one.role == "table":
            yield _table(one, alone=not rest)
        elif one.role in _BY_MAINTAINERS:
            yield _refused(one, _BY_MAINTAINERS[one.role], "leave it out; submit only the release or the statement")
        elif one.role == "other":
            yield _refused(one, "there is no place for it", "leave it out; `registry publish` adds what is needed")
        elif one.role in ("blob", "blob-signature"):
            if one.artifact not in unknown:
                yield from _stray(one, listed, manifests)
        elif one.role in ("chain", "event") or (one.role in FAMILIES and FAMILIES[one.role].submitted):
            yield from _accompanied(change, one)


def append_only(change: Change) -> Iterator[Finding]:
    """A finding for each path that was there and is edited, renamed, deleted or given another mode."""
    new = {edit.new.id: edit.path for edit in change.edits if edit.old is None and edit.new is not None}
    touched = set()
    for edit in change.edits:
        located = locate(edit.path)
        if edit.old is None or located.role == "table" or is_control(located):
            continue
        touched.add(edit.path)
        message = _edited(edit, new)
        hint = "restore it; what is published never changes, publish a new version instead"
        yield Finding("append-only", "fail", message, edit.path, hint)
    for one in change.located:
        # A release that is there twice is told by the check of versions.
        if one.path in touched or one.role in ("table", "pointer") or is_control(one):
            continue
        if change.tip.entry(one.path) is not None:
            message = "the registry holds another file at this path by now"
            yield Finding("append-only", "fail", message, one.path, "run the verb again; it builds on the newest state")


def policy_from_base(change: Change) -> Iterator[Finding]:
    """A finding for each path of policy, moderators, trust or the gate that a submission touches."""
    for path in sorted({edit.path for edit in change.edits} | set(change.additions)):
        if is_control(locate(path)):
            message = "a submission may not touch what decides about submissions"
            hint = "leave it out; operators change policy, moderators, trust and the gate apart from submissions"
            yield Finding("policy-from-base", "fail", message, path, hint)


def is_control(located: Located) -> bool:
    """Whether a path decides about submissions: roots, moderators, policy, workflows, the validator."""
    if located.role == "root" or located.subject in ("moderators", "policy"):
        return True
    return located.path.startswith(("index/trust/", "index/moderators/", "index/policy/", *_CONTROL))


def _listed(change: Change) -> tuple[set[str], set[str], set[object]]:
    """Blobs that the releases may bring, their manifests, and the artifacts whose manifest cannot be read."""
    listed: set[str] = set()
    manifests: set[str] = set()
    unknown: set[object] = set()
    for candidate in change.releases:
        if candidate.manifest is None:
            unknown.add(candidate.artifact)
            continue
        manifests.add(blob_path(candidate.artifact, Hex(candidate.digest)))
        listed.update(blob_path(candidate.artifact, row.sha256) for row in candidate.manifest.rows)
    return listed | manifests, manifests, unknown


def _stray(one: Located, listed: set[str], manifests: set[str]) -> Iterator[Finding]:
    if one.role == "blob" and one.path not in listed:
        yield _refused(one, "no manifest of this submission lists it", "leave it out")
    elif one.role == "blob-signature" and one.path.removesuffix(f".{one.suffix}") not in manifests:
        yield _refused(one, "the manifest that it signs is not part of this submission", "leave it out")


def _accompanied(change: Change, one: Located) -> Iterator[Finding]:
    if one.sig is not None:
        document = one.path.removesuffix(f".{one.sig}.sig") + ".json"
        if document not in change.additions:
            message = f"{document.rpartition('/')[2]}, which it signs, is not part of this submission"
            yield _refused(one, message, "leave it out; signatures come together with what they sign")
    elif not any(path.startswith(one.path.removesuffix("json")) for path in change.additions if path.endswith(".sig")):
        yield _refused(one, "no signature comes with it", "run the verb again; it signs what it writes")


def _table(one: Located, *, alone: bool) -> Finding:
    if not alone:
        return _refused(one, "a table changes only by itself, not with other files", "make two submissions of it")
    message = "a table of the registry changes"
    return Finding("allowed-paths", "review", message, one.path, "a moderator reads it and approves it by hand")


def _refused(one: Located, message: str, hint: str) -> Finding:
    return Finding("allowed-paths", "fail", message, one.path, hint)


def _edited(edit: Edit, new: dict[str, str]) -> str:
    assert edit.old is not None  # noqa: S101  # the caller looked
    if edit.new is None:
        to = new.get(edit.old.id)
        return f"it was renamed to {quoted(to)}" if to else "it was deleted"
    if edit.new.type != edit.old.type:
        return f"it was a {edit.old.type} and became a {edit.new.type}"
    return "its bytes were changed"


CHECKS: Final = (
    Check(
        id="allowed-paths",
        number=1,
        title="A submission adds only what a row of the formats lets it add",
        why="A file beside a release can switch off the gate, or kill a release that was admitted.",
        level="fail",
        run=allowed_paths,
        also=(48,),
        tells=("not-submitted", "stray-file", "table"),
    ),
    Check(
        id="append-only",
        number=2,
        title="What is published is never edited, renamed, deleted or given another mode",
        why="In a registry that only reviewed edits, published versions changed hundreds of times.",
        level="fail",
        run=append_only,
        also=(30,),
    ),
    Check(
        id="policy-from-base",
        number=31,
        title="A submission does not touch policy, moderators, trust or the validator",
        why="A gate that reads its rules from the submission lets the submission write them.",
        level="fail",
        run=policy_from_base,
    ),
)
