"""How much comes from one scope: names in all, new names in a day, and bytes."""

from collections.abc import Iterator
from typing import Final

from registry_tool.checks.owners import policy_limit
from registry_tool.checks.versions import manifests_at, versions_at
from registry_tool.core import limits
from registry_tool.core.change import Change
from registry_tool.core.document import load
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.layout import name_folder
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.release import Admission
from registry_tool.core.review import Check
from registry_tool.core.times import to_seconds

NAMES: Final = 500
"""Names of one scope, where policy does not say (`scope-names`)."""
NEW_NAMES: Final = 20
"""New names of one scope in a day, where policy does not say (`new-names`): as many as one submission may bring."""
DAY: Final = 86_400
_NO_LIMIT: Final = 0


def scope_totals(change: Change) -> Iterator[Finding]:
    """A finding for each scope that would hold more names, or more bytes, than policy allows."""
    names = policy_limit(change, "scope-names", NAMES)
    size = policy_limit(change, "scope-bytes", _NO_LIMIT)
    for scope in sorted({candidate.artifact.scope for candidate in change.releases}):
        there = _names(change, scope)
        if len(there) > names and _fresh(change, scope):
            message = f"@{scope} would hold {len(there)} names, at most {names} are allowed"
            yield Finding("scope-totals", "fail", message, f"@{scope}", "publish new versions, or in another scope")
        if size == _NO_LIMIT:
            continue  # counting reads every manifest of the scope
        total = sum(_bytes(change, there).values())
        if total > size:
            message = f"@{scope} would hold {total} bytes, at most {size} are allowed"
            yield Finding("scope-totals", "fail", message, f"@{scope}", "ask the operator for more room")


def burst(change: Change) -> Iterator[Finding]:
    """A finding for each scope that begins with more new names in a day than people do."""
    most = policy_limit(change, "new-names", NEW_NAMES)
    for scope in sorted({candidate.artifact.scope for candidate in change.releases}):
        fresh = _fresh(change, scope)
        if not fresh:
            continue
        recent = sum(_is_recent(change, one) for one in _names(change, scope) if one not in fresh)
        if len(fresh) + recent > most:
            message = f"@{scope} would have {len(fresh) + recent} new names within a day, {most} are usual"
            hint = "look at a few of them before all of them: hundreds of bad names came from one author in days"
            yield Finding("burst", "review", message, f"@{scope}", hint)


def _names(change: Change, scope: str) -> tuple[ArtifactId, ...]:
    """The names that a scope would have."""
    entries = change.merged.list(f"index/releases/{scope[:2]}/{scope}")
    return tuple(ArtifactId(scope, entry.name) for entry in entries)  # type: ignore[arg-type]  # only counted


def _fresh(change: Change, scope: str) -> frozenset[ArtifactId]:
    """The names that begin with this submission."""
    brought = {candidate.artifact for candidate in change.releases if candidate.artifact.scope == scope}
    return frozenset(one for one in brought if change.tip.entry(name_folder(one)) is None)


def _is_recent(change: Change, artifact: ArtifactId) -> bool:
    """Whether a name of the tip was let in within the last day; its lowest version tells nearly always."""
    for version in versions_at(change.tip, artifact):
        path = f"{name_folder(artifact)}/{version.folder}/admission.json"
        data = change.tip.read(path)
        if data is None:
            continue
        try:
            admission = load(
                Admission, data, limit=limits.STATEMENT_BYTES, registry=change.registry, what="an admission"
            )
        except RegistryError:
            return False  # verification says what is wrong with it
        return 0 <= change.at - to_seconds(admission.at) < DAY
    return False


def _bytes(change: Change, names: tuple[ArtifactId, ...]) -> dict[tuple[ArtifactId, str], int]:
    """Every file that the manifests of these names list, once each, with its size."""
    found: dict[tuple[ArtifactId, str], int] = {}
    for artifact in names:
        manifests: list[Manifest] = [*manifests_at(change.tip, artifact, registry=change.registry)]
        manifests += [one.manifest for one in change.releases if one.artifact == artifact and one.manifest]
        found |= {(artifact, file.sha256): file.size for manifest in manifests for file in manifest.files}
    return found


CHECKS: Final = (
    Check(
        id="burst",
        number=42,
        title="A person looks where many new names come from one scope in a day",
        why="One author brought 677 bad skills into a registry before anybody looked.",
        level="review",
        run=burst,
    ),
    Check(
        id="scope-totals",
        number=33,
        title="A scope holds no more names and bytes than policy allows",
        why="Every clone and every mirror carries what is let in, for ever.",
        level="fail",
        run=scope_totals,
    ),
)
