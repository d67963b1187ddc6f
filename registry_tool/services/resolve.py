"""Which releases an install means: one version per name, dependencies first.

Each name gets one version. What was asked for exactly stays; for the rest the newest version is
taken that every range found so far allows, and what is installed already stays where it fits. There
is no search for other combinations: two ranges that no version fits are told to the person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from registry_tool.core.errors import NotFound, NotTrusted, StateForbids, WrongUsage
from registry_tool.core.names import ArtifactId, Wanted, parse_artifact
from registry_tool.core.status import TREATMENT
from registry_tool.core.verified import Verified
from registry_tool.core.versions import Range, Version, newest, parse_range, parse_version
from registry_tool.services.contact import Contact, Name

DEPTH = 16
"""How deep dependencies may go."""
NAMES = 200
"""How many names one install may bring."""


def choose(name: Name, version: str | None, *, ranges: Sequence[tuple[str, Range]] = ()) -> str:
    """The version that is meant: the one asked for, else the newest that is neither yanked nor a pre-release.

    `ranges` are pairs of who asks and the range that the version must be in. `NotFound` with the
    versions that there are; `StateForbids` (`conflict`) where the ranges fit no version.
    """
    if version is not None:
        return _exact(name, version, ranges)
    good = _good(name)
    fitting = [one for one in good if all(wanted.allows(one) for _, wanted in ranges)]
    # A range that names a pre-release lets it in; otherwise only its own name does.
    best = newest(fitting) or (max(fitting) if ranges and fitting else None)
    if best is not None:
        return best.text
    if ranges:
        asked = "; ".join(f"{who} needs {wanted}" for who, wanted in ranges)
        raise StateForbids(
            f"no version of {name.artifact} fits: {asked}", code="conflict", hint=f"there are: {_shown(name)}"
        )
    if good:
        raise NotFound(
            f"{name.artifact} has only pre-releases",
            code="no-version",
            hint=f"name the one that you want: {name.artifact}@{max(good)}",
        )
    if name.young:
        raise StateForbids(
            f"every version of {name.artifact} that could be taken was let in too short a time ago for your settings",
            code="too-young",
            hint="wait, or name an older version; `registry policy show` says how long, and which file says it",
        )
    raise NotFound(
        f"{name.artifact} has no version that can be installed",
        code="no-version",
        hint=f"`registry show {name.artifact}` says what became of them",
    )


def right_kind(artifact: str, kind: str, locked: str | None, *, verb: str) -> None:
    """Refuses, as `WrongUsage`, an artifact of another kind than the verb is locked to."""
    if locked is not None and kind != locked:
        raise WrongUsage(
            f"{artifact} is a {kind}, not a {locked}",
            code="other-kind",
            hint=f"use: registry {kind} {verb} {artifact}",
        )


def outdated(name: Name, version: str) -> str | None:
    """The newest version where it is newer than `version`, else `None`."""
    best = newest(_good(name))
    return best.text if best is not None and parse_version(version) < best else None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an install brings, dependencies before what needs them."""

    releases: tuple[Verified, ...]
    asked: frozenset[str]
    """The artifacts that the person named."""
    stay: frozenset[str]
    """Dependencies that are installed already and fit."""


@dataclass(slots=True)
class _Work:
    contact: Contact
    installed: Mapping[str, str]
    fixed: dict[str, str | None]
    ranges: dict[str, list[tuple[str, Range]]] = field(default_factory=dict)
    chosen: dict[str, Verified] = field(default_factory=dict)
    stay: set[str] = field(default_factory=set)


def resolve(
    contact: Contact,
    wanted: Sequence[Wanted],
    *,
    kind: str | None,
    installed: Mapping[str, str],
    ranges: Mapping[str, Sequence[tuple[str, Range]]],
) -> Resolved:
    """Everything that installing `wanted` brings, verified to the last byte.

    `kind` is what all of `wanted` must be; `installed` says which version of each artifact is there
    (from the same registry), `ranges` what installed artifacts need of others.
    """
    asked = _once(wanted)
    work = _Work(contact, installed, dict(asked), {name: list(rows) for name, rows in ranges.items()})
    level = list(asked)
    for _ in range(DEPTH):
        level = _level(work, level, kind)
        kind = None
        if not level:
            break
        if len(work.chosen) + len(level) > NAMES:
            raise StateForbids(f"it needs more than {NAMES} other artifacts", code="too-many")
    else:
        raise StateForbids(f"what it needs goes deeper than {DEPTH} levels", code="too-many")
    return Resolved(_ordered(work.chosen, list(asked)), frozenset(asked), frozenset(work.stay))


def _once(wanted: Sequence[Wanted]) -> dict[str, str | None]:
    asked: dict[str, str | None] = {}
    for one in wanted:
        name = str(one.artifact)
        if asked.get(name, one.version) != one.version:
            raise StateForbids(f"{name} was asked for in two versions", code="conflict", hint="name one of them")
        asked[name] = one.version
    return asked


def _level(work: _Work, level: Sequence[str], kind: str | None) -> list[str]:
    """Chooses and verifies the names of one level; the names that have to be looked at next."""
    names = work.contact.names([_id(name) for name in level])
    for name in names:
        right_kind(str(name.artifact), name.record.kind, kind, verb="install")
    chosen = [(name, choose(name, work.fixed.get(str(name.artifact)), ranges=_ranges(work, name))) for name in names]
    for name, version in chosen:
        work.contact.allow(name, version, locked=False)
    work.contact.fetch(chosen, bundles=True)  # all of a level in one round
    following: list[str] = []
    for name, version in chosen:
        verified = work.contact.verified(name, version)
        work.chosen[str(name.artifact)] = verified
        for dependency, text in sorted(verified.manifest.dependencies.items()):
            wanted = parse_range(text)
            work.ranges.setdefault(dependency, []).append((f"{name.artifact}@{version}", wanted))
            if _must_look(work, dependency, wanted) and dependency not in following:
                following.append(dependency)
    return following


def _ranges(work: _Work, name: Name) -> Sequence[tuple[str, Range]]:
    return work.ranges.get(str(name.artifact), ())


def _must_look(work: _Work, dependency: str, wanted: Range) -> bool:
    """Whether a dependency is not chosen yet, or was chosen in a version that does not fit."""
    if dependency in work.chosen:
        return not wanted.allows(parse_version(work.chosen[dependency].manifest.version))
    there = work.installed.get(dependency)
    if there is not None and dependency not in work.fixed and wanted.allows(parse_version(there)):
        work.stay.add(dependency)
        return False
    work.stay.discard(dependency)
    return True


def _ordered(chosen: Mapping[str, Verified], asked: Sequence[str]) -> tuple[Verified, ...]:
    """What is chosen, each after what it needs; a circle is cut where it closes."""
    order: list[Verified] = []
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name in entered or name not in chosen:
            return
        entered.add(name)
        for dependency in sorted(chosen[name].manifest.dependencies):
            enter(dependency)
        order.append(chosen[name])

    for name in asked:
        enter(name)
    return tuple(order)


def _good(name: Name) -> list[Version]:
    """The versions that may be taken without being named."""
    there = name.statuses.items()
    return [parse_version(one) for one, status in there if TREATMENT[status].chosen and one not in name.young]


def _exact(name: Name, version: str, ranges: Sequence[tuple[str, Range]]) -> str:
    found = version in name.record.versions
    wanted = parse_version(version)
    if not found:
        same = [one for one in name.record.versions if wanted.same(parse_version(one))]
        hint = f"write {name.artifact}@{same[0]}" if same else f"there are: {_shown(name)}"
        raise NotFound(f"{name.artifact} has no version {version}", code="no-version", hint=hint)
    for who, range_ in ranges:
        if not range_.allows(wanted):
            raise StateForbids(
                f"{who} needs {name.artifact} {range_}, and {version} is asked for",
                code="conflict",
                hint="name another version, or update what needs it first",
            )
    return version


def _shown(name: Name) -> str:
    versions = sorted((parse_version(one) for one in name.record.versions), reverse=True)
    more = f" and {len(versions) - 5} more" if len(versions) > 5 else ""
    return ", ".join(_with_status(one, name) for one in versions[:5]) + more


def _with_status(version: Version, name: Name) -> str:
    status = name.statuses[version.text]
    return version.text if status == "active" else f"{version} ({status})"


def _id(name: str) -> ArtifactId:
    artifact = parse_artifact(name)
    if str(artifact) != name:
        raise NotTrusted(f"{name} is not the name of an artifact", code="bad-name")
    return artifact
