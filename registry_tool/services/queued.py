"""The queue as one file, at one moment: what a build shows, and what anybody may count.

All times come from the record (admissions, events, decisions) and from the list of what waits
(`waitlist.py`); the clock is read once, for `as_of`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from registry_tool.core.authorities import Authorities
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.moderation import read_decisions, submissions_in
from registry_tool.core.names import ArtifactId, parse_author
from registry_tool.core.published import admission_of, events_at, names_in, proof_at, registry_of, version_folders
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.status import read_events
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.core.waiting import QUEUE_RELEASES, Queue, Waits, ages_of
from registry_tool.services.bench import Bench, Waiting, tip_of
from registry_tool.services.queueing import queue
from registry_tool.services.waitlist import Remembered, key_of, remember

_LINE = 280
_NOTE = 4000
_TAKES_DOWN = frozenset(("quarantine", "revoke", "withhold"))
_STATES = ("pending", "flagged", "rejected", "merged")


def export_queue(bench: Bench) -> tuple[Queue, str]:
    """The queue as it is now, and why less is remembered than should be; what waits is remembered."""
    waiting = queue(bench)
    kept = remember(bench, waiting)
    _, tip = tip_of(bench.history)
    now = bench.now()
    rows = [_row(bench, one, kept, now) for one in waiting]
    rows.sort(key=lambda row: (str(row["since"]), str(row["id"])))
    value = {
        "schema": "registry.queue/1",
        "registry": registry_of(tip),
        "as_of": from_seconds(now),
        "waiting": rows,
        "statistics": {
            "waiting": ages_of([int(str(row["age_seconds"])) for row in rows]).value(),
            "decided": ages_of([to_seconds(one.decided) - to_seconds(one.seen) for one in kept.decided]).value(),
            **{
                outcome: sum(one.outcome == outcome for one in kept.decided)
                for outcome in ("published", "rejected", "withdrawn")
            },
            "taken_down": ages_of(list(take_downs(tip, means=bench.means))).value(),
        },
    }
    return Queue.of(value), kept.note


def _row(bench: Bench, one: Waiting, kept: Remembered, now: int) -> dict[str, object]:
    said, since = one.value(), kept.seen[key_of(one)]
    releases = [row for row in (_release(bench, one, number) for number in range(len(one.change.releases))) if row]
    statements = [_cut(row.words, _LINE) for row in one.change.statements]
    listed = len(releases[:QUEUE_RELEASES]) + len(statements[:QUEUE_RELEASES])
    author = _author(one)
    need = replace(one.report.need, since=since) if one.report.need is not None else None
    flags = need.flags if need is not None else ()
    return {
        "id": one.change.submission,
        "state": said["state"] if said["state"] in _STATES else "pending",
        "since": from_seconds(since),
        "age_seconds": max(0, now - since),
        **({"author": author} if author else {}),
        "releases": releases[:QUEUE_RELEASES],
        "statements": statements[:QUEUE_RELEASES],
        "more": len(one.change.releases) + len(statements) - listed,
        "verdict": one.report.verdict,
        "need": _cut(need.words(now), _NOTE) if need is not None else _cut(one.waits, _NOTE),
        "flags": [
            {"by": _cut(flag.by, _LINE), "reason": flag.reason, "note": _cut(flag.note, _NOTE), "at": flag.at}
            for flag in flags[:50]
        ],
    }


def _release(bench: Bench, one: Waiting, number: int) -> dict[str, object] | None:
    """A release as the file has it; `None` for one that cannot be read, or whose name no registry has."""
    manifest = one.change.releases[number].manifest
    if manifest is None:
        return None
    kind = bench.kinds.by_id.get(manifest.kind)
    value = {
        "artifact": manifest.artifact,
        "version": manifest.version,
        "kind": manifest.kind,
        **({"category": kind.category} if kind else {}),
    }
    try:
        return Waits.of(value).value()
    except InvalidInput:
        return None


def _author(one: Waiting) -> str:
    """Whose it is, where that can be an author's id."""
    try:
        return parse_author(one.author)
    except InvalidInput:
        return ""


def _cut(text: str, most: int) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= most else f"{clean[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def take_downs(tip: Tree, *, means: Means) -> Iterator[int]:
    """Seconds until each release that was ever taken down was so first, by the order of their names.

    From the first flag about its manifest before that, else from its admission. What events say is verified.
    """
    registry = registry_of(tip)
    government = government_at(tip, registry=registry, check=means.check)
    flags = _flags(tip, registry, means)
    known: dict[str, Authorities] = {}
    for artifact in names_in(tip):
        for folder in _with_events(tip, artifact):
            if artifact.scope not in known:
                known[artifact.scope] = authorities_at(tip, government, artifact.scope, check=means.check)
            took = _took(tip, artifact, folder, known[artifact.scope], flags, means)
            if took is not None:
                yield took


def _with_events(tip: Tree, artifact: ArtifactId) -> list[str]:
    """The versions about which somebody said something that takes them down; nothing is verified."""
    return [
        folder
        for folder in version_folders(tip, artifact)
        if any(
            f'"action":"{action}"'.encode() in source.data
            for source in events_at(tip, artifact, folder)
            for action in _TAKES_DOWN
        )
    ]


def _took(
    tip: Tree, artifact: ArtifactId, folder: str, authorities: Authorities, flags: Mapping[str, str], means: Means
) -> int | None:
    registry = authorities.registry
    proof = proof_at(tip, artifact, folder, registry=registry)
    if proof is None:
        return None
    admission = admission_of(proof, registry=registry)
    events = read_events(
        events_at(tip, artifact, folder),
        artifact=str(artifact),
        version=admission.version,
        authorities=authorities,
        check=means.check,
    )
    down = [body.at for _, body in events.counting if body.action in _TAKES_DOWN]
    if not down:
        return None
    flagged = flags.get(prefixed(sha256(proof.manifest)), "")
    begun = flagged if flagged and flagged <= min(down) else admission.at
    return max(0, to_seconds(min(down)) - to_seconds(begun))


def _flags(tip: Tree, registry: str, means: Means) -> dict[str, str]:
    """When each manifest (by its digest) was first flagged."""
    found: dict[str, str] = {}
    for submission in submissions_in(tip):
        for link in read_decisions(tip, submission, registry=registry, means=means):
            if link.body.action == "flag":
                for manifest in link.body.manifests:
                    found[manifest] = min(found.get(manifest, link.body.at), link.body.at)
    return found
