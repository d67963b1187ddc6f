"""New names that a person could take for somebody else's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final

from registry_tool.checks.naming import RELEASES, first_scopes, taken_at
from registry_tool.checks.owners import owners_of
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.kept import At
from registry_tool.core.layout import name_folder
from registry_tool.core.names import RESERVED_SCOPES, ArtifactId, skeleton
from registry_tool.core.review import Check
from registry_tool.core.similar import Alike

_SHOWN: Final = 5


def look_alike(change: Change) -> Iterator[Finding]:
    """A finding for each new name, and each new scope, that is spelled almost as one of somebody else.

    Names of one owner are a family and may be alike.
    """
    artifacts = sorted({candidate.artifact for candidate in change.releases})
    fresh = [one for one in artifacts if change.tip.entry(name_folder(one)) is None]
    scopes = sorted(first_scopes(change))
    if not fresh and not scopes:
        return
    families = _Families(change)
    there, own = _known(At(change.tip, RELEASES)), _indexed(artifacts)
    for artifact in fresh:
        near = sorted({one for names in (there, own) for one in names.near(artifact)})
        others = [str(one) for one in near if _differ(str(one), str(artifact))]
        yield from _told(str(artifact), _strangers(others, artifact.scope, families))
    if scopes:
        ours = Alike({*RESERVED_SCOPES, *(one.scope for one in artifacts), *scopes})
        for scope in scopes:
            claimed = sorted({*there.scopes.like(scope), *ours.like(scope)})
            others = [f"@{one}" for one in claimed if _differ(one, scope)]
            yield from _told(f"@{scope}", _strangers(others, scope, families))


@dataclass(frozen=True, slots=True)
class _Names:
    """Names, to be asked which look like another one."""

    by_name: Mapping[str, tuple[ArtifactId, ...]]
    """Those of all scopes under what they are called there."""
    names: Alike
    scopes: Alike

    def near(self, artifact: ArtifactId) -> Iterator[ArtifactId]:
        """Those that are called the same or almost the same."""
        for name in (artifact.name, *self.names.like(artifact.name)):
            yield from self.by_name.get(name, ())


@lru_cache(maxsize=2)
def _known(releases: At) -> _Names:
    """Every name of a registry: a queue asks about many new ones on the same tip."""
    return _indexed(taken_at(releases).names)


def _indexed(artifacts: Iterable[ArtifactId]) -> _Names:
    by_name: dict[str, tuple[ArtifactId, ...]] = {}
    for one in artifacts:
        by_name[one.name] = (*by_name.get(one.name, ()), one)
    return _Names(by_name, Alike(by_name), Alike({one.scope for ones in by_name.values() for one in ones}))


@dataclass(slots=True)
class _Families:
    """Who owns a scope, looked up once."""

    change: Change
    owners: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, scope: str) -> frozenset[str]:
        """The active owners of a scope; nobody where it cannot be read."""
        if scope not in self.owners:
            self.owners[scope] = owners_of(self.change.merged, scope, registry=self.change.registry)
        return self.owners[scope]


def _strangers(names: Iterable[str], scope: str, families: _Families) -> list[str]:
    """Those of `names` that no owner of `scope` owns; one more than is shown at most."""
    scopes = ((name, name[1:].partition("/")[0]) for name in names)
    found = (name for name, theirs in scopes if theirs != scope and not families.of(scope) & families.of(theirs))
    return list(islice(found, _SHOWN + 1))


def _differ(one: str, other: str) -> bool:
    """Whether the eye can tell two whole names apart at all; where not, the check of names says so."""
    return skeleton(one) != skeleton(other)


def _told(name: str, others: list[str]) -> Iterator[Finding]:
    if others:
        more = " and more" if len(others) > _SHOWN else ""
        message = f"{name} is spelled almost as {', '.join(others[:_SHOWN])}{more}, of somebody else"
        hint = "ask whether it is meant to be taken for that; if so, choose a name that nobody mixes up"
        yield Finding("look-alike", "review", message, name, hint)


CHECKS: Final = (
    Check(
        id="look-alike",
        number=21,
        title="A new name is not taken for somebody else's",
        why="One letter of difference is how people are led to install something else.",
        level="review",
        run=look_alike,
    ),
)
