"""What a consumer does to a project: install, update, uninstall.

    prepare  ──▶  show the person what it asks for  ──▶  commit
    (fetch, verify, plan, look where it would go)        (write, pin, remember)

Everything is verified and planned before the first byte is written. What was seen of the registry is
remembered only after all of it worked.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from registry_tool.core.describe import read_card
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.errors import NotFound, NotTrusted, StateForbids, WrongUsage
from registry_tool.core.grants import mismatches
from registry_tool.core.kind import Kind, Kinds
from registry_tool.core.names import ArtifactId, Wanted
from registry_tool.core.plan import Place, Plan
from registry_tool.core.settled import NOTHING_SETTLED, Settled, facts_of
from registry_tool.core.verified import Verified
from registry_tool.core.versions import Range, parse_range
from registry_tool.services.contact import Contact
from registry_tool.services.lockfile import read_lock, row_of, with_row, without_row
from registry_tool.services.project import Memory, Project, Receipt, installed
from registry_tool.services.resolve import resolve, right_kind


@dataclass(frozen=True, slots=True)
class Ground:
    """Where an install goes, and how."""

    project: Project
    kinds: Kinds
    place: Place
    locks: bool = True
    """Whether `registry.lock.json` is kept (not in the person's own folder)."""
    force: bool = False
    """Whether the person's changes to installed files may be lost."""
    flags: str = ""
    """What names this folder on the command line, for what is told to type next."""
    settled: Settled = NOTHING_SETTLED
    """What the machine, the person and the project want beyond the registry."""
    now: int = 0
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Step:
    """One release on its way into the project; nothing is written yet."""

    verified: Verified
    plan: Plan
    record: Mapping[str, Any]  # Any: JSON, kept in the receipt
    replaces: Receipt | None
    """The receipt of the version that it takes the place of."""
    files: tuple[str, ...]
    """What will be written, relative to the project."""
    permissions: tuple[tuple[str, str], ...]
    """What it may do and what was installed before may not: the permission, and its words."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that an install will do."""

    steps: tuple[Step, ...]
    """In order: what is needed comes before what needs it."""
    already: tuple[str, ...] = ()
    """What was asked for and is there, as `@scope/name@version`."""

    @property
    def asks(self) -> tuple[tuple[str, str, str], ...]:
        """Every permission that is granted with this: artifact, permission, words."""
        return tuple((step.verified.artifact, one, words) for step in self.steps for one, words in step.permissions)


@dataclass(slots=True)
class Here:
    """What a project has installed, as the receipts say."""

    by_name: dict[str, Receipt] = field(default_factory=dict)
    registries: dict[str, str] = field(default_factory=dict)
    """The registry of everything that is installed or pinned, by artifact."""

    @classmethod
    def of(cls, project: Project) -> "Here":
        """What `project` has."""
        by_name = installed(project)
        pinned = {name: row.registry for name, row in read_lock(project.lock_text()).items()}
        return cls(by_name, {**pinned, **{name: str(one["record"]["registry"]) for name, one in by_name.items()}})

    def record(self, name: str) -> Mapping[str, Any]:
        """What was noted at the install of `name`; empty where it is not installed."""
        found: Mapping[str, Any] = self.by_name[name]["record"] if name in self.by_name else {}
        return found

    def needs(self, *, but: frozenset[str] = frozenset()) -> dict[str, list[tuple[str, Range]]]:
        """What installed artifacts, those in `but` apart, need of others."""
        found: dict[str, list[tuple[str, Range]]] = {}
        for name in sorted(set(self.by_name) - but):
            record = self.record(name)
            for dependency, text in record["dependencies"].items():
                found.setdefault(dependency, []).append((f"{name}@{record['version']}", parse_range(text)))
        return found


def prepare(contact: Contact, wanted: Sequence[Wanted], *, ground: Ground, kind: str | None = None) -> Prepared:
    """Everything that installing `wanted` will do, verified; nothing is written.

    `kind` is what all of them must be. Raises `NotFound`, `NotTrusted`, `StateForbids`, `WrongUsage`.
    """
    ground.settled.refuse_registry(contact.registry)
    here = Here.of(ground.project)
    asked = frozenset(str(one.artifact) for one in wanted)
    one_registry(here, asked, contact.registry)
    found = resolve(
        contact,
        wanted,
        kind=kind,
        installed={name: str(here.record(name)["version"]) for name in here.by_name},
        ranges=here.needs(but=asked),
    )
    one_registry(here, frozenset(one.artifact for one in found.releases), contact.registry)
    return steps_of(found.releases, here, ground=ground, asked=asked)


def commit(
    contact: Contact,
    prepared: Prepared,
    *,
    ground: Ground,
    memory: Memory,
    noted: Callable[[Step], AbstractContextManager[None]] = lambda step: nullcontext(),
) -> tuple[Receipt, ...]:
    """Writes what was prepared, each release at one instant, and remembers what was seen; the receipts.

    `noted` is entered before each release is written and left after it: the audit log.
    """
    receipts = []
    for step in prepared.steps:
        row = row_of(step.verified, name=str(step.record.get("name", "")))
        pinned = partial(with_row, name=step.verified.artifact, row=row)
        with noted(step):
            receipts.append(
                ground.project.apply(
                    step.plan,
                    step.record,
                    lock_text=pinned if ground.locks else None,
                    replaces=step.replaces,
                    force=ground.force,
                )
            )
    remember(contact, memory)
    return tuple(receipts)


def remember(contact: Contact, memory: Memory) -> None:
    """Keeps what was seen of the registry; only called after all of it verified."""
    memory.merge(contact.registry, contact.seen.merged)


def uninstall(
    project: Project, artifact: ArtifactId, *, kind: str | None = None, force: bool = False, dry_run: bool = False
) -> Receipt:
    """Removes what the install of `artifact` wrote; the receipt, with `kept`: the person's files that stayed.

    `NotFound` where it is not installed, `WrongUsage` for another kind, `StateForbids` where another
    artifact needs it or the person changed its files (unless `force`).
    """
    here, name = Here.of(project), str(artifact)
    if name not in here.by_name:
        raise NotFound(f"{name} is not installed here", code="not-installed", hint="see: registry list")
    receipt = here.by_name[name]
    right_kind(name, str(here.record(name)["kind"]), kind, verb="uninstall")
    needed = [who for who, _ in here.needs(but=frozenset({name})).get(name, ())]
    if needed and not force:
        raise StateForbids(
            f"{', '.join(needed)} needs {name}",
            code="needed",
            hint=f"uninstall {needed[0].rpartition('@')[0]} first, or say --force",
        )
    edited = project.edited(receipt)
    if dry_run:
        if edited and not force:
            raise StateForbids(f"you changed {', '.join(edited)}", code="local-edits", hint="say --force to lose that")
        return {**receipt, "kept": []}
    return project.remove(receipt, lock_text=partial(without_row, name=name), force=force)


def installed_json(step: Step) -> dict[str, Any]:  # Any: JSON
    """One row of an install's result, for scripts."""
    manifest, admission = step.verified.manifest, step.verified.admission
    return {
        "id": step.verified.artifact,
        "version": manifest.version,
        "kind": manifest.kind,
        "files": list(step.files),
        "notes": list(step.plan.notes),
        "verified": {
            "registry": step.verified.registry,
            "manifest": prefixed(Hex(step.verified.digest)),
            "admitted_by": admission["by"],
            "approved_by": admission["approved_by"],
            "signed_by": list(step.verified.signed_by),
            "identities": [one.value() for one in step.verified.identities],
            **({"identities": [one.value() for one in step.verified.identities]} if step.verified.identities else {}),
            "at": admission["at"],
        },
    }


def steps_of(
    releases: Sequence[Verified],
    here: Here,
    *,
    ground: Ground,
    asked: frozenset[str],
    names: Mapping[str, str] | None = None,
) -> Prepared:
    """What installing `releases` will do; nothing is written.

    `asked` are those that the person named; `names` are given where a lock file says what they are called and
    all of them have to be written, also what seems to be there.
    """
    if ground.place.name is not None and len(asked) != 1:
        raise WrongUsage(
            "--name gives one artifact another name, and several were asked for", hint="install it by itself"
        )
    steps, already = [], []
    for verified in releases:
        record = here.record(verified.artifact)
        if record.get("version") == verified.manifest.version:
            if record["manifest"] != prefixed(Hex(verified.digest)):
                raise NotTrusted(
                    f"{verified.artifact}@{verified.manifest.version} is another release than the one installed",
                    code="other-release",
                    hint="a version never changes; ask the operator what happened",
                )
            if not ground.force and names is None:
                already.append(f"{verified.artifact}@{verified.manifest.version}")
                continue
        name = (names or {}).get(verified.artifact, "")
        steps.append(_step(verified, here, ground=ground, asked=asked, called=name))
    return Prepared(tuple(steps), tuple(already))


def _step(verified: Verified, here: Here, *, ground: Ground, asked: frozenset[str], called: str) -> Step:
    manifest, name = verified.manifest, verified.artifact
    if manifest.kind not in ground.kinds.by_id:
        raise NotFound(
            f"{name} is of the kind {manifest.kind}, which this tool does not know",
            code="unknown-kind",
            hint="update the tool",
        )
    kind, before = ground.kinds[manifest.kind], here.record(name)
    _demand_match(kind, verified)
    ground.settled.refuse_release(kind, facts_of(verified), now=ground.now)
    place = ground.place if name in asked else replace(ground.place, name=None)
    if place.name is None and (called or "name" in before):
        place = replace(place, name=called or str(before["name"]))
    plan = kind.plan(verified, place)
    record = {**_record(verified, asked=name in asked or bool(before.get("asked"))), "agents": list(place.agents)}
    if place.name is not None:
        record["name"] = place.name
    replaces = here.by_name.get(name)
    files = ground.project.preview(plan, record, replaces=replaces, force=ground.force)
    granted = before.get("permissions", ())
    words = tuple(
        (one, kind.grammar.explain(one) or one)
        for one in manifest.permissions
        if not kind.grammar.covered(granted, one)
    )
    return Step(verified, plan, record, replaces, files, words)


def _demand_match(kind: Kind, verified: Verified) -> None:
    """Refuses a release whose files need, or plainly do not use, something else than it was granted."""
    manifest = verified.manifest
    kind.grammar.confine(manifest.permissions, kind=kind.id)
    if manifest.reader != kind.reader:
        return  # it was read by other rules than ours, and let in by them
    reading = kind.read(verified.payload, read_card(verified.payload)[0])
    for fault in mismatches(kind, manifest.permissions, reading):
        if fault.level == "fail":
            raise NotTrusted(
                f"{verified.artifact}: {fault.message}", code=fault.check, hint="ask its author for a new version"
            )


def _record(verified: Verified, *, asked: bool) -> dict[str, Any]:  # Any: JSON
    manifest = verified.manifest
    run: dict[str, Any] = {key: manifest.spec[key] for key in ("run", "inputs") if key in manifest.spec}
    return {
        "id": verified.artifact,
        "version": manifest.version,
        "kind": manifest.kind,
        "title": manifest.title,
        "registry": verified.registry,
        "manifest": prefixed(Hex(verified.digest)),
        "bundle": prefixed(Hex(manifest.bundle.sha256)),
        "author": manifest.author,
        "license": manifest.license,
        "links": dict(manifest.links),
        "keys": list(verified.signed_by),
        **({"identities": [one.value() for one in verified.identities]} if verified.identities else {}),
        "admission": dict(verified.admission),
        "permissions": list(manifest.permissions),
        "dependencies": dict(manifest.dependencies),
        "asked": asked,
        **run,
    }


def one_registry(here: Here, names: frozenset[str], registry: str) -> None:
    """Refuses a name whose scope this project has from another registry (B7)."""
    scopes = {name.partition("/")[0] for name in names}
    for other, theirs in sorted(here.registries.items()):
        if other.partition("/")[0] in scopes and theirs != registry:
            raise NotTrusted(
                f"this project has {other} from another registry ({theirs[:12]}…), "
                f"and a scope comes from one registry only",
                code="other-registry",
                hint=f"if the move is meant, first: registry uninstall {other}"
                if other in here.by_name
                else f"if the move is meant, first remove the line of {other} from registry.lock.json",
            )
