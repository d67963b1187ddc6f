"""A project made equal to its lock file.

    lock file ──▶ what is there already     verified by what is signed, its bytes not fetched
              ├─▶ what is missing or other  verified to the last byte, then written
              ├─▶ what it needs and the lock file does not name
              └─▶ what is installed and not in it: surplus

Only bytes and the lock file are needed for the first two: no signed index, and any mirror will do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from registry_tool.core.errors import NotFound, NotTrusted, StateForbids
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import Wanted, parse_artifact
from registry_tool.core.settled import facts_of_record
from registry_tool.core.verified import Verified
from registry_tool.core.versions import Range, parse_range, parse_version
from registry_tool.services.consumer import Ground, Here, Prepared, one_registry, steps_of
from registry_tool.services.contact import Contact, Name
from registry_tool.services.lockfile import NAME, LockRow, demand_pinned, not_there, read_lock, without_row
from registry_tool.services.project import Project, Receipt
from registry_tool.services.resolve import resolve

Needs = Mapping[str, Sequence[tuple[str, Range]]]
"""Artifact to who needs it and in which versions."""


@dataclass(frozen=True, slots=True)
class Sync:
    """What one registry's part of a sync will do."""

    restored: Prepared
    """What the lock file names and the project lacks."""
    added: Prepared
    """What that needs and the lock file does not name; its lines come with it."""


def prepare_locked(contact: Contact, *, ground: Ground) -> Prepared:
    """What the lock file names of this registry and the project lacks, to the byte; nothing is written.

    Raises `NotTrusted` (`lock-differs`) where the registry has something else than a line pins, and for what
    must not be installed; a yanked release is good.
    """
    return _locked(contact, ground=ground, mend=False)[0]


def prepare_sync(contact: Contact, *, ground: Ground, frozen: bool) -> Sync:
    """The same, with what was changed on the disk, and what it all needs; nothing is written.

    `StateForbids`: `lock-incomplete` where `frozen` and the lock file lacks something that its artifacts need;
    `conflict` where it pins a version that another of its artifacts cannot use.
    """
    rows = _rows(contact, ground.project)
    restored, needs = _locked(contact, ground=ground, mend=True)
    lacking = sorted(needs.keys() - rows.keys())
    _fit(rows, needs)
    if not lacking:
        return Sync(restored, Prepared(()))
    if frozen:
        raise StateForbids(
            f"{needs[lacking[0]][0][0]} needs {lacking[0]}, which it does not name",
            where=NAME,
            code="lock-incomplete",
            hint="`registry sync` without --frozen adds the line",
        )
    here = Here.of(ground.project)
    one_registry(here, frozenset(lacking), contact.registry)
    found = resolve(
        contact,
        [Wanted(parse_artifact(name), None) for name in lacking],
        kind=None,
        installed={name: row.version for name, row in rows.items()},
        ranges=needs,
    )
    one_registry(here, frozenset(one.artifact for one in found.releases), contact.registry)
    return Sync(restored, steps_of(found.releases, here, ground=ground, asked=frozenset(), names={}))


def surplus(project: Project, *, but: frozenset[str], frozen: bool, force: bool) -> tuple[Receipt, ...]:
    """What is installed and not in the lock file, those in `but` apart, in the order in which it can be removed.

    `StateForbids`: `lock-incomplete` where `frozen`; `local-edits` where the person changed it (unless `force`).
    """
    here, rows = Here.of(project), read_lock(project.lock_text())
    left = {name: here.by_name[name] for name in sorted(here.by_name.keys() - rows.keys() - but)}
    if left and frozen:
        first = next(iter(left))
        raise StateForbids(
            f"{first} is installed, and it does not name it",
            where=NAME,
            code="lock-incomplete",
            hint=f"`registry install {first}` adds the line; `registry sync` without --frozen uninstalls it",
        )
    for receipt in left.values():
        edited = project.edited(receipt)
        if edited and not force:
            raise StateForbids(
                f"{receipt['artifact']} would be removed, and you changed {', '.join(edited)}",
                code="local-edits",
                hint="keep a copy of your changes, then say --force",
            )
    order: list[Receipt] = []
    while left:
        needed = {dependency for name in left for dependency in here.record(name)["dependencies"]}
        free = [name for name in left if name not in needed]
        order += [left.pop(name) for name in free or list(left)[:1]]
    return tuple(order)


def remove_surplus(project: Project, receipts: Sequence[Receipt], *, force: bool) -> tuple[Receipt, ...]:
    """Takes back what these installs wrote; the receipts, with the person's files that stayed."""
    return tuple(
        project.remove(one, lock_text=partial(without_row, name=str(one["artifact"])), force=force) for one in receipts
    )


def _rows(contact: Contact, project: Project) -> dict[str, LockRow]:
    """The lines of this registry."""
    rows = read_lock(project.lock_text())
    return {name: row for name, row in rows.items() if row.registry == contact.registry}


def _locked(contact: Contact, *, ground: Ground, mend: bool) -> tuple[Prepared, Needs]:
    ground.settled.refuse_registry(contact.registry)
    here, mine = Here.of(ground.project), _rows(contact, ground.project)
    one_registry(here, frozenset(mine), contact.registry)
    names = _names(contact, mine)
    for name in names:
        _allow(contact, name, mine[str(name.artifact)].version, here=here, flags=ground.flags)
    there = [one for one in names if not ground.force and _is_there(here, ground.project, one, mine, mend=mend)]
    away = [one for one in names if one not in there]
    contact.fetch([(name, mine[str(name.artifact)].version) for name in there], bundles=False)
    contact.fetch([(name, mine[str(name.artifact)].version) for name in away], bundles=True)
    manifests: list[Manifest] = []
    found: list[Verified] = []
    for name in there:
        record = here.record(str(name.artifact))
        ground.settled.refuse_installed(ground.kinds[str(record["kind"])], facts_of_record(record))
        admitted = contact.admitted(name, mine[str(name.artifact)].version)
        demand_pinned(admitted, mine[str(name.artifact)])
        manifests.append(admitted.manifest)
    for name in away:
        verified = contact.verified(name, mine[str(name.artifact)].version, locked=True)
        demand_pinned(verified, mine[verified.artifact])
        found.append(verified)
        manifests.append(verified.manifest)
    needs = _needs(manifests)
    called = {name: row.name for name, row in mine.items()}
    done = steps_of(
        _needed_first(found), here, ground=ground, asked=frozenset(mine.keys() - needs.keys()), names=called
    )
    already = tuple(f"{name.artifact}@{mine[str(name.artifact)].version}" for name in there)
    return Prepared(done.steps, already), needs


def _allow(contact: Contact, name: Name, version: str, *, here: Here, flags: str) -> None:
    """Refuses what was taken back since it was pinned; the hint says how the project comes to be good again."""
    try:
        contact.allow(name, version, locked=True)
    except NotTrusted as error:
        away = f"`registry audit --remove{flags}` takes it away" if str(name.artifact) in here.by_name else ""
        newer = f"`registry update {name.artifact}{flags}` installs a newer version, if there is one"
        if not away:
            away = f"remove its line from {NAME}"
            newer = f"`registry install {name.artifact}{flags}` pins the newest version that is good"
        hint = f"{away}; {newer}"
        raise NotTrusted(error.message, where=NAME, code=error.code, hint=hint) from error


def _names(contact: Contact, mine: Mapping[str, LockRow]) -> tuple[Name, ...]:
    try:
        names = contact.names([parse_artifact(name) for name in sorted(mine)])
    except NotFound as error:
        raise not_there(error.message) from error
    for name in names:
        version = mine[str(name.artifact)].version
        if version not in name.record.versions:
            raise not_there(f"{contact.source.where} has no {name.artifact}@{version}")
    return names


def _is_there(here: Here, project: Project, name: Name, mine: Mapping[str, LockRow], *, mend: bool) -> bool:
    """Whether what is pinned is installed; with `mend`, also as it was installed."""
    artifact = str(name.artifact)
    record, row = here.record(artifact), mine[artifact]
    if (record.get("version"), record.get("manifest")) != (row.version, row.manifest):
        return False
    if row.name and record.get("name") != row.name:
        return False
    return not (mend and project.edited(here.by_name[artifact]))


def _needs(manifests: Sequence[Manifest]) -> Needs:
    found: dict[str, list[tuple[str, Range]]] = {}
    for manifest in sorted(manifests, key=lambda one: one.artifact):
        for dependency, text in sorted(manifest.dependencies.items()):
            found.setdefault(dependency, []).append((f"{manifest.artifact}@{manifest.version}", parse_range(text)))
    return found


def _fit(rows: Mapping[str, LockRow], needs: Needs) -> None:
    for name, row in rows.items():
        for who, wanted in needs.get(name, ()):
            if not wanted.allows(parse_version(row.version)):
                raise StateForbids(
                    f"{who} needs {name} {wanted}, and it pins {row.version}",
                    where=NAME,
                    code="conflict",
                    hint=f"registry install {name} with a version that fits, or update what needs it",
                )


def _needed_first(found: Sequence[Verified]) -> tuple[Verified, ...]:
    left = {verified.artifact: verified for verified in found}
    order: list[Verified] = []
    while left:
        free = [one for one in left.values() if not any(name in left for name in one.manifest.dependencies)]
        for one in free or list(left.values())[:1]:
            order.append(left.pop(one.artifact))
    return tuple(order)
