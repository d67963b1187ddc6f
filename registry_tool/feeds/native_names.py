"""Which artifact holds which native name, for formats that know names without scopes.

A skill is called `pdf` and a server `io.github.ann/words`, whoever publishes them. The artifact that was first
let in under such a name holds it, and nobody who comes later takes it over: neither a newer artifact, nor an older
one that takes on the name later, nor anybody while the holder's releases are yanked. A name is free again when
moderators took every release back that had it (quarantined, revoked, withheld).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from registry_tool.core.digest import sha256
from registry_tool.core.index import Name
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.proposals import kebab
from registry_tool.core.status import TREATMENT

CLAIMS: Final = 20
"""Native names that one artifact can have had; of more, the oldest count."""

Claims = Mapping[str, str]
"""Name to the time since when an artifact has it."""


def claims_of(name: Name, called: Callable[[Manifest], str]) -> dict[str, str]:
    """Every native name that the artifact has had, each with the time of its first admission under it.

    `called` says what a release's native name is; empty where it has none.
    """
    since: dict[str, str] = {}
    stays: set[str] = set()
    for release in name.releases:
        native, at = called(release.manifest), str(release.admitted["at"])
        if native:
            since[native] = min(at, since.get(native, at))
            stays |= {native} if TREATMENT[release.status].stays else set()
    oldest = sorted((at, native) for native, at in since.items() if native in stays)[:CLAIMS]
    return {native: at for at, native in oldest}


def holders(claims: Iterable[tuple[str, Claims]]) -> dict[str, str]:
    """Name to the artifact that holds it: who had it first; of several at one time, the first by its name."""
    first: dict[str, tuple[str, str]] = {}
    for artifact, claimed in claims:
        for called, at in claimed.items():
            first[called] = min((at, artifact), first.get(called, (at, artifact)))
    return {called: artifact for called, (_, artifact) in first.items()}


def told_claims(told: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, Claims]]:  # Any: JSON
    """The claims in what a `NameFacts` function told of each artifact, under `claims`."""
    return ((artifact, fact["claims"]) for artifact, fact in told.items())


def skill_claims(name: Name) -> dict[str, str]:
    """What a skill claims: its native names, and what it is called where it does not hold them."""
    claims = claims_of(name, lambda manifest: folded(manifest.native_name))
    first = min(str(one.admitted["at"]) for one in name.releases)
    for own in (scoped_name(name.artifact), marked_name(name.artifact)):
        claims[own] = min(first, claims.get(own, first))
    return claims


def folded(native: str) -> str:
    """What two native names share that a program could take for one: letters, digits and hyphens.

    A name without any of these is told by its digest, so that it is only itself.
    """
    return kebab(native) or sha256(native.encode("utf-8", "surrogatepass"))[:16]


def scoped_name(artifact: ArtifactId) -> str:
    """`<scope>-<name>`, as the agent-skills format writes names: for who does not hold the native one."""
    return kebab(f"{artifact.scope}-{artifact.name}")


def marked_name(artifact: ArtifactId) -> str:
    """`<scope>-<name>` with a mark from a digest, which nobody else has: for who does not hold that one either."""
    return f"{scoped_name(artifact)[:55].rstrip('-')}-{sha256(str(artifact).encode())[:8]}"
