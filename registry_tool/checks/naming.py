"""Names: well formed, told apart by eye, and kept by whom they were given to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from registry_tool.checks.versions import manifests_at
from registry_tool.core.change import Change
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.kept import At
from registry_tool.core.layout import name_folder, statement_path
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import (
    RESERVED_SCOPES,
    ArtifactId,
    is_reserved_scope,
    parse_artifact,
    parse_author,
    parse_scope,
    skeleton,
)
from registry_tool.core.places import place
from registry_tool.core.published import names_in
from registry_tool.core.review import Check
from registry_tool.core.similar import skeletons

RELEASES: Final = "index/releases"
"""Where everybody's names lie."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Names that somebody has."""

    names: tuple[ArtifactId, ...]
    by_shape: Mapping[str, tuple[str, ...]]
    """Each whole name under its skeleton."""
    scopes: frozenset[str]


@lru_cache(maxsize=2)
def taken_at(releases: At) -> Taken:
    """Every name of a registry; kept, since all of a queue's submissions ask about the same tip."""
    return _taken(names_in(releases.tree))


def _taken(artifacts: Iterable[ArtifactId]) -> Taken:
    listed = tuple(artifacts)
    whole = [str(one) for one in listed]
    by_shape: dict[str, tuple[str, ...]] = {}
    for shape, name in zip(skeletons(whole), whole, strict=True):
        by_shape[shape] = (*by_shape.get(shape, ()), name)
    return Taken(listed, by_shape, frozenset(str(one.scope) for one in listed))


def names(change: Change) -> Iterator[Finding]:
    """A finding for each bad, reserved or confusable name that a submission uses for the first time."""
    yield from _claims(change)
    artifacts = sorted({candidate.artifact for candidate in change.releases})
    fresh = [one for one in artifacts if change.tip.entry(name_folder(one)) is None]
    if not fresh:
        return
    there, own = taken_at(At(change.tip, RELEASES)), _taken(artifacts)
    for artifact in fresh:
        try:
            parse_artifact(str(artifact))
        except InvalidInput as error:
            yield Finding("names", "fail", error.message, str(artifact), error.hint)
            continue
        shape = skeleton(str(artifact))
        alike = sorted({*there.by_shape.get(shape, ()), *own.by_shape[shape]} - {str(artifact)})
        if alike:
            message = f"{artifact} looks like {', '.join(alike[:5])}"
            yield Finding("names", "review", message, str(artifact), "choose a name that the eye tells apart")


def name_stays(change: Change) -> Iterator[Finding]:
    """A finding for each release whose name belongs to another kind already."""
    kinds: dict[ArtifactId, str] = {}
    for candidate in change.releases:
        manifest = candidate.manifest
        if manifest is None:
            continue
        if candidate.artifact not in kinds:
            kinds[candidate.artifact] = _kind_of(change, candidate.artifact) or manifest.kind
        if manifest.kind != kinds[candidate.artifact]:
            message = f"{candidate.artifact} is a {kinds[candidate.artifact]}, this release is a {manifest.kind}"
            yield Finding("name-stays", "fail", message, place(candidate), "publish it under a new name")


def _claims(change: Change) -> Iterator[Finding]:
    """Findings for scopes and authors that begin with this submission."""
    scopes, authors = first_scopes(change), _first_authors(change)
    known = taken_at(At(change.tip, RELEASES)).scopes if scopes else frozenset()
    for scope in sorted(scopes):
        try:
            parse_scope(scope)
        except InvalidInput as error:
            yield Finding("names", "fail", error.message, f"@{scope}", error.hint)
            continue
        if is_reserved_scope(scope):
            message = f"the scope @{scope} is reserved, nobody can claim it by publishing"
            yield Finding("names", "fail", message, f"@{scope}", "choose another scope, for example your own name")
            continue
        others = RESERVED_SCOPES | known | scopes
        alike = sorted(one for one in others if one != scope and skeleton(one) == skeleton(scope))
        if alike:
            message = f"the scope @{scope} looks like @{', @'.join(alike[:5])}"
            yield Finding("names", "review", message, f"@{scope}", "choose a scope that the eye tells apart")
    for author in sorted(authors):
        try:
            parse_author(author)
        except InvalidInput as error:
            yield Finding("names", "fail", error.message, author, error.hint)


def first_scopes(change: Change) -> set[str]:
    """The scopes that nobody had before this submission."""
    subjects = [joined.located.subject.partition("/") for joined in change.statements if joined.located.number == 1]
    return {owner for family, _, owner in subjects if family == "scopes"} | {
        candidate.artifact.scope
        for candidate in change.releases
        if change.tip.entry(statement_path(f"scopes/{candidate.artifact.scope}", 1)) is None
    }


def _first_authors(change: Change) -> set[str]:
    subjects = [joined.located.subject.partition("/") for joined in change.statements if joined.located.number == 1]
    return {owner for family, _, owner in subjects if family == "authors"}


def _kind_of(change: Change, artifact: ArtifactId) -> str | None:
    manifest: Manifest | None = next(manifests_at(change.tip, artifact, registry=change.registry), None)
    return manifest.kind if manifest else None


CHECKS: Final = (
    Check(
        id="name-stays",
        number=10,
        title="A name stays what it was: with its scope, and of its kind",
        why="A name that changes what it is reaches everybody who trusted the old one.",
        level="fail",
        run=name_stays,
        also=(30,),
        tells=("other-kind",),
    ),
    Check(
        id="names",
        number=9,
        title="New names are well formed, not reserved, and look like no other",
        why="Look-alike names are how people are led to install something else.",
        level="fail",
        run=names,
    ),
)
