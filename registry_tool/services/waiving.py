"""What a moderator waives: one check for one release, until a date, with a reason that everybody reads.

A waiver lands on the main line and counts from then on for exactly those bytes, whoever looks: the author, the queue,
a hook, a merge check. The submission itself is approved as any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_tool.core import layout
from registry_tool.core.approvals import is_author
from registry_tool.core.change import Change
from registry_tool.core.digest import Digest, Hex, bare, is_hex, prefixed
from registry_tool.core.errors import NotFound, StateForbids, WrongUsage
from registry_tool.core.heads import newest
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import Wanted, parse_wanted
from registry_tool.core.published import pointer_at, registry_of
from registry_tool.core.quoting import quoted
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import government_at, heads_at
from registry_tool.core.statements import Keyring, Person, Scope
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.versions import parse_version
from registry_tool.core.waivers import WAIVED_SECONDS, Waiver, waiver_name, waivers_at
from registry_tool.services.bench import TRIES, Bench, advance, me, moved, tip_of
from registry_tool.services.finding import find
from registry_tool.services.queueing import queue

Json = dict[str, Any]  # a verb's result


@dataclass(frozen=True, slots=True)
class _Release:
    """A release that is meant."""

    artifact: str
    version: str
    authors: frozenset[str]
    """Whose it is, or may be."""
    tree: Tree
    """Where their keyrings are."""


def grant(bench: Bench, check: str, target: str, *, until: str, reason: str, manifest: str = "") -> Json:
    """Waives a check for the releases that `target` means: a submission's id, or `@scope/name@version`.

    Of a submission with several releases those are meant of which the check says something grave. A `manifest`
    (its digest) says which bytes of a version are meant that did not arrive yet. Raises `WrongUsage` for a check
    that is not there or cannot be waived, for no reason, for a bad end, and for a digest that is none.
    """
    _waivable(bench, check)
    if not reason.strip():
        raise WrongUsage("nothing says why", code="needs-reason", hint='add --reason "…"; everybody can read it')
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        person, signer = me(bench, tip)
        at = bench.now()
        _in_time(until, at)
        files: dict[str, bytes] = {}
        rows: list[Json] = []
        meant = _announced(tip, target, manifest) if manifest else _releases(bench, tip, check, target)
        for digest, release in sorted(meant.items()):
            _not_own(tip, release, person, bench)
            name = _free_name(tip, check, digest)
            value = {
                **frame("registry.waiver/1", registry_of(tip), f"waivers/{name}", None, heads_at(tip, ["moderators"])),
                "check": check,
                "artifact": release.artifact,
                "version": release.version,
                "manifest": prefixed(Hex(digest)),
                "reason": reason,
                "at": from_seconds(at),
                "until": until,
            }
            Waiver.of(value)
            files.update(sealed(layout.waiver_path(name), value, [signer]))
            rows.append({"id": name, "artifact": release.artifact, "version": release.version})
        what = ", ".join(f"{row['artifact']}@{row['version']}" for row in rows)
        message = f"Waive {check} for {what} until {until}\n"
        new = advance(bench, commit, files, message=message, by=person.id, at=at)
        if new is not None:
            return {"check": check, "until": until, "reason": reason, "by": person.id, "commit": new, "waivers": rows}
    raise moved()


def listed(bench: Bench) -> tuple[Json, ...]:
    """Every waiver of the registry with who gave it, and why one does not count, by name."""
    _, tip = tip_of(bench.history)
    checks = {check.id: check for check in bench.checks}
    now = bench.now()
    rows = []
    for one in waivers_at(tip, registry=registry_of(tip), means=bench.means):
        waiver = one.waiver
        rows.append(
            {
                "id": one.name,
                "check": one.check,
                "artifact": waiver.artifact if waiver else None,
                "version": waiver.version if waiver else None,
                "manifest": waiver.manifest if waiver else None,
                "reason": waiver.reason if waiver else None,
                "at": waiver.at if waiver else None,
                "until": waiver.until if waiver else None,
                "by": list(one.by),
                "fault": one.fault_at(now, checks.get(one.check)),
            }
        )
    return tuple(rows)


def _waivable(bench: Bench, check: str) -> None:
    known = {one.id: one for one in bench.checks}
    if check in known and known[check].waivable:
        return
    what = f"the check {check} cannot be waived" if check in known else f"no check is called {check!r}"
    names = ", ".join(one.id for one in bench.checks if one.waivable)
    raise WrongUsage(what, code="bad-check", hint=f"one of: {names}")


def _in_time(until: str, at: int) -> None:
    lasts = to_seconds(until) - at
    if not 0 < lasts <= WAIVED_SECONDS:
        latest = from_seconds(at + WAIVED_SECONDS)
        message = f"a waiver ends later than now and within 366 days, this one at {until}"
        raise WrongUsage(message, code="bad-until", hint=f"--until is at most {latest}")


def _not_own(tip: Tree, release: _Release, person: Person, bench: Bench) -> None:
    """Refuses somebody who would waive a check for a release of their own, where policy wants other eyes."""
    registry = registry_of(tip)
    government = government_at(tip, registry=registry, check=bench.means.check)
    own: set[str] = set()
    for author in release.authors:
        keyring = newest(release.tree, f"authors/{author}", Keyring, registry=registry)
        own |= is_author(author, government.moderators.head.body, keyring)
    if person.id in own and not government.policy.head.body.self_approval:
        raise StateForbids(
            f"{person.id} publishes {release.artifact}, and this registry wants somebody else to look",
            code="self-approval",
            hint="another moderator waives it",
        )


def _free_name(tip: Tree, check: str, digest: str) -> str:
    number = 1
    while tip.entry(layout.waiver_path(waiver_name(check, digest, number))) is not None:
        number += 1
    return waiver_name(check, digest, number)


def _announced(tip: Tree, target: str, manifest: str) -> Mapping[str, _Release]:
    """A release that is not here yet: its author told the digest, and whoever publishes in the scope may be that."""
    wanted = parse_wanted(target) if target.startswith("@") else None
    if wanted is None or wanted.version is None:
        raise WrongUsage("a digest is of one version: name it, as @scope/name@1.0.0", code="needs-version")
    digest = manifest.removeprefix("sha256:")
    if not is_hex(digest):
        hint = "the author finds it with: registry check DIR --json"
        raise WrongUsage(f"{quoted(manifest)} is no digest of a manifest", code="bad-digest", hint=hint)
    body = newest(tip, f"scopes/{wanted.artifact.scope}", Scope, registry=registry_of(tip))
    authors = frozenset(row.author for row in body.publishers()) if body else frozenset({str(wanted.artifact.scope)})
    return {digest: _Release(str(wanted.artifact), wanted.version, authors, tip)}


def _of(manifest: Manifest, tree: Tree) -> _Release:
    return _Release(manifest.artifact, manifest.version, frozenset({manifest.author}), tree)


def _releases(bench: Bench, tip: Tree, check: str, target: str) -> Mapping[str, _Release]:
    """The releases that are meant, by the digest of their manifests (bare hex)."""
    if target.startswith("@"):
        return _named(bench, tip, parse_wanted(target))
    one = find(bench, target)
    places = [finding.path for finding in one.report.findings if finding.check == check and finding.level != "note"]
    found = {
        candidate.digest: _of(candidate.manifest, one.change.merged)
        for candidate in one.change.releases
        if candidate.manifest is not None
        and any(_is_about(path, f"{candidate.artifact}@{candidate.manifest.version}") for path in places)
    }
    if not found:
        message = f"the check {check} has nothing against a release of {one.change.submission[:12]}"
        raise NotFound(message, code="nothing-to-waive", hint="`registry queue show` says what stands against it")
    return found


def _is_about(path: str, label: str) -> bool:
    return path == label or path.startswith(f"{label}: ")


def _named(bench: Bench, tip: Tree, wanted: Wanted) -> Mapping[str, _Release]:
    """The release of a name and version that waits, else the one on the main line."""
    if wanted.version is None:
        raise WrongUsage(f"nothing says which version of {wanted} is meant", code="needs-version")
    changes: tuple[Change, ...] = tuple(one.change for one in queue(bench))
    found = {
        candidate.digest: _of(candidate.manifest, change.merged)
        for change in changes
        for candidate in change.releases
        if candidate.manifest is not None
        and (candidate.artifact, candidate.manifest.version) == (wanted.artifact, wanted.version)
    }
    if len(found) > 1:
        hint = "name one by its id: `registry queue list`"
        raise WrongUsage(f"several submissions bring {wanted}, with other bytes", code="several", hint=hint)
    return found or _published(tip, wanted)


def _published(tip: Tree, wanted: Wanted) -> Mapping[str, _Release]:
    registry = registry_of(tip)
    folder = parse_version(str(wanted.version)).folder
    pointer = pointer_at(tip, wanted.artifact, folder, registry=registry)
    digest = bare(Digest(pointer.manifest)) if pointer is not None and pointer.version == wanted.version else None
    data = tip.read(layout.blob_path(wanted.artifact, digest)) if digest is not None else None
    if digest is None or data is None:
        hint = "`registry queue list` shows what waits"
        raise NotFound(f"{wanted} neither waits nor is there", code="no-version", hint=hint)
    return {digest: _of(read_manifest(data, registry=registry), tip)}
