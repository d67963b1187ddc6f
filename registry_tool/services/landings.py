"""Whether a commit that was pushed to the main line is exactly a landing (formats, part 9).

The tool's own verbs verify what they land before they land it. Whoever pushes may have used another tool, or none.
So each commit is looked at as its clients will, and by the rules that only a landing can see:

1. It has one parent and only adds below `index/`, withheld files apart.
2. It is one of three: what people sign offline, a change of moderators or policy, or what was decided.
3. What a submission brought passes the checks; with what was added to it everything verifies, now.
4. What moderators or the gate wrote holds, names the newest state, is of now, and carries no stranger's signature.

Tables and what lies outside of `index/` are signed by nobody, so nothing says who may change them: they are not
changed by pushing at all.
"""

from collections.abc import Mapping, Sequence

from registry_tool.core import layout, limits
from registry_tool.core.authorities import Government
from registry_tool.core.canonical import parse
from registry_tool.core.change import Change
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.landed import Parts, parts_of, signed_by, sort_of, stray_signatures
from registry_tool.core.layout import Located, locate
from registry_tool.core.manifest import read_manifest
from registry_tool.core.moderation import standing_words
from registry_tool.core.ports import Edit
from registry_tool.core.published import proof_at, registry_of, roots_at, signed_at, version_folders
from registry_tool.core.quoting import quoted
from registry_tool.core.recovery import recovery_of
from registry_tool.core.review import Report
from registry_tool.core.standing import government_at
from registry_tool.core.submission import additions_of, read_change
from registry_tool.core.targets import newest_targets
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.core.waivers import reviewed
from registry_tool.services import changing
from registry_tool.services.admitting import as_needed, no_objection, verify_landed
from registry_tool.services.author import with_faults
from registry_tool.services.bench import Bench
from registry_tool.services.governing import draft_of, verify_government
from registry_tool.services.mainline import FOLDER, check_main_line
from registry_tool.services.merged import merged_change, uncountersigned
from registry_tool.services.needs import manifests_of, with_need
from registry_tool.services.trusting import trust_at
from registry_tool.services.waitlist import seen_of
from registry_tool.services.written import check_written


def check_landing(bench: Bench, parent: str, commit: str) -> None:
    """Refuses a commit on the main line that is no landing on `parent`.

    Raises `InvalidInput` where the checks refuse it, `StateForbids` for what is not pushed, and `NotTrusted`.
    """
    history = bench.history
    if history.info(commit).parents != (parent,):  # (1)
        raise StateForbids(
            f"the commit {commit[:12]} is a merge; what lands is one commit on the newest one",
            code="merge",
            hint="land it with `registry queue approve`, which puts the additions on the newest state",
        )
    edits = history.changed(parent, commit)
    _pushable(edits)
    try:
        check_main_line(history, commit, until=parent, means=bench.means)
    except NotTrusted as error:
        hint = "leave that out; what is published never changes"
        raise NotTrusted(error.message, where=error.where, code=error.code, hint=hint) from error
    tip, head = history.tree(parent), history.tree(commit)
    additions = additions_of(tip, head, edits)
    if not edits:
        raise StateForbids(f"the commit {commit[:12]} changes nothing", code="empty-landing", hint="leave it out")
    match sort_of(additions):  # (2)
        case "ground":
            _ground(bench, tip, additions)
        case "people":
            _people(bench, tip, head, additions)
        case "decided":
            _decided(bench, tip, head, additions)


def _pushable(edits: Sequence[Edit]) -> None:
    for edit in edits:
        if edit.path.startswith(FOLDER) and locate(edit.path).role != "table":
            continue
        raise StateForbids(
            f"{quoted(edit.path)} is signed by nobody, so it is not changed by pushing",
            where=edit.path,
            code="not-by-push",
            hint="whoever keeps the repository changes it there: git -C REPOSITORY fetch CLONE main:main",
        )


def _ground(bench: Bench, tip: Tree, additions: Mapping[str, bytes]) -> None:
    """What people sign offline: the next root, the next targets, the sigstore trust root that these list."""
    trust = trust_at(tip, check=bench.means.check)
    roots = [data for path, data in sorted(additions.items()) if locate(path).role == "trusted-root"]
    change = changing.new_change(
        trust,
        root=additions.get(layout.root_path(len(roots_at(tip)) + 1)),
        targets=additions.get(layout.targets_path(newest_targets(tip) + 1)),
        trusted_root=roots[0] if roots else None,
        check=bench.means.check,
    )
    files = changing.landing(change, tip, check=bench.means.check, now=bench.now())
    stray = sorted(additions.keys() - files.keys())
    if stray:
        hint = "one root and one set of targets land at a time, the next numbers"
        raise NotTrusted("it is not part of this change", where=stray[0], code="stray-file", hint=hint)


def _people(bench: Bench, tip: Tree, head: Tree, additions: Mapping[str, bytes]) -> None:
    """The next statement of moderators or policy, signed by everybody whom it takes, and by nobody else."""
    _no_stray(stray_signatures(additions))
    path = min(path for path in additions if path.endswith(".json"))
    source = signed_at(head, path)
    assert source is not None  # noqa: S101  # it is one of the additions
    made = draft_of(bench, tip, locate(path).subject, source, None)
    stray = sorted(additions.keys() ^ made.files.keys())
    if stray:
        hint = "leave it out; `registry moderators sign` adds what is needed"
        raise NotTrusted("it is no part of this change, or signs nothing", where=stray[0], code="stranger", hint=hint)
    if made.missing:
        raise NotTrusted(
            f"the change of the {made.subject} is not signed by all: {'; '.join(made.missing)}",
            code="half-signed",
            hint="it waits for them on its own branch: registry moderators sign",
        )
    verify_government(tip, made, bench)


def _decided(bench: Bench, tip: Tree, head: Tree, additions: Mapping[str, bytes]) -> None:
    """What a submission brought, and what whoever approved it added."""
    registry, means = registry_of(tip), bench.means
    government = government_at(tip, registry=registry, check=means.check)
    parts = parts_of(additions, {row.k16 for row in government.moderators.head.body.rows})
    late = _late(tip, additions, parts, government, means)
    change = merged_change(bench, tip, late, government) if late else _change(bench, tip, head, parts, government)
    report = reviewed(change, bench.checks, means=means)
    refuse(report, "the checks refuse what this commit brings")  # (3)
    no_objection(change, tip, means)
    _no_flag(change, tip, parts, means)
    verify_landed(change, change.tip, {**parts.decided, **parts.restored}, at=bench.now(), means=means)
    need = with_need(report, means, since=seen_of(bench, change)).need if change.additions else None
    if need is not None and recovery_of(change, means=means) is None:
        as_needed(change, parts.decided, need, at=bench.now(), means=means)
    _restored(tip, parts)
    check_written(bench, tip, head, government, parts.decided)  # (4)


def _no_flag(change: Change, tip: Tree, parts: Parts, means: Means) -> None:
    """What a moderator flagged, no gate lets through for its owner."""
    values = [
        parse(data, limit=limits.STATEMENT_BYTES, what=path)
        for path, data in sorted(parts.decided.items())
        if path.endswith("/admission.json")
    ]
    if not any(isinstance(value, dict) and value.get("path") == "owner" for value in values):
        return
    said = standing_words(tip, change.submission, manifests_of(change), registry=change.registry, means=means)
    flag = next((one for one in said if one.action == "flag"), None)
    if flag is not None:
        hint = "a moderator approves it in spite of that, or rejects it"
        raise StateForbids(f"{flag.by} flagged it: {flag.note}", code="flagged", hint=hint)


def _late(
    tip: Tree, additions: Mapping[str, bytes], parts: Parts, government: Government, means: Means
) -> tuple[Located, ...]:
    """What lies on the tip because somebody merged it, and is let in only now, by an admission or countersignature."""
    found: dict[str, Located] = {}
    for path in stray_signatures(additions):
        statement = locate(signed_by(locate(path)))
        if path not in parts.decided or not uncountersigned(tip, statement, government, means):
            _no_stray([path])
        found[statement.path] = statement
    for path in parts.decided:
        pointer = locate(f"{path.rpartition('/')[0]}/release.json")
        if path.endswith("/admission.json") and pointer.path not in additions:
            found[pointer.path] = pointer
            if tip.entry(pointer.path) is None:
                raise NotTrusted(
                    "there is no release that it lets in", where=path, code="stray-file", hint="leave it out"
                )
    if found and parts.submitted:
        hint = "make two commits of it; `registry queue approve` does"
        raise NotTrusted("what was merged before lands by itself", where=min(found), code="mixed-landing", hint=hint)
    return tuple(found[path] for path in sorted(found))


def _no_stray(paths: Sequence[str]) -> None:
    for path in paths:
        hint = "a signature comes only together with what it signs; remove it"
        raise NotTrusted("what it signs is not in this commit", where=path, code="stray-file", hint=hint)


def refuse(report: Report, message: str) -> None:
    """Raises `InvalidInput` with what the checks found, where they do not let a submission through."""
    if report.verdict not in ("fail", "undecided"):
        return
    faults = tuple(one for one in report.findings if one.level == "fail")
    hint = "" if faults else f"they could not decide: {'; '.join(report.undecided)}"
    raise InvalidInput(message, code="checks-failed", findings=faults, hint=hint)


def _change(bench: Bench, tip: Tree, head: Tree, parts: Parts, government: Government) -> Change:
    edits = tuple(
        Edit(path, tip.entry(path), entry)
        for path in sorted(parts.submitted)
        if (entry := head.entry(path)) is not None
    )
    change = read_change(
        registry=government.registry,
        tip=tip,
        head=head,
        edits=edits,
        kinds=bench.kinds,
        demonstration=government.demonstration,
        at=bench.now(),
    )
    return with_faults(change, bench.means)


def _restored(tip: Tree, parts: Parts) -> None:
    """Files that come back are those of a release that is there."""
    registry = registry_of(tip)
    for path, data in sorted(parts.restored.items()):
        located = locate(path)
        listed: set[str] = set()
        for folder in version_folders(tip, located.artifact) if located.artifact else ():
            proof = proof_at(tip, located.artifact, folder, registry=registry) if located.artifact else None
            if proof is not None:
                listed |= {file.sha256 for file in read_manifest(proof.manifest, registry=registry).files}
        if located.hex not in listed or sha256(data) != located.hex:
            hint = "a file comes with the release that lists it, or comes back to one that is there"
            raise NotTrusted("no release here lists this file", where=path, code="stray-file", hint=hint)
