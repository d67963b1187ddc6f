"""Every record that was ever written in a registry, verified from a clone alone: who let in what, and who said what.

chains        root, moderators, policy, targets, keyrings, scopes
releases      admission, approvals that it counts, signatures, files; by whom, on which path, compared with what
events        what became of releases
approvals     also those that no admission counts: each is whose it says, or counts for nothing and says why
moderation    rejections, flags, objections, notices
families      profiles, reviews of artifacts, waivers, entitlements
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core import layout, limits
from registry_tool.core.approvals import read_approval
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import NotFound, NotTrusted, RegistryError
from registry_tool.core.families import FAMILIES
from registry_tool.core.findings import Finding
from registry_tool.core.layout import Located, locate
from registry_tool.core.manifest import read_manifest
from registry_tool.core.moderation import said_in, submissions_in
from registry_tool.core.names import ArtifactId
from registry_tool.core.proof import Proof
from registry_tool.core.published import (
    admission_of,
    events_at,
    names_in,
    proof_at,
    registry_of,
    signed_at,
    version_folders,
)
from registry_tool.core.release import Admission, Approval
from registry_tool.core.standing import admitted_at, authorities_at, keyring_at, lookup_at, trusting_at
from registry_tool.core.statements import ForgeReview
from registry_tool.core.status import TREATMENT, read_events
from registry_tool.core.tree import Tree, walk
from registry_tool.core.trust import Admitted, Means, Wanted, summary, verify_admission
from registry_tool.core.without import Without
from registry_tool.services.merged import uncountersigned_heads
from registry_tool.services.trusting import trust_at

Json = dict[str, Any]
FOLDERS: Final = ("index/authors", "index/reviews", "index/waivers", "index/entitlements")
"""Where statements of families lie."""


@dataclass(slots=True)
class Recorded:
    """What a registry's files say, all of it verified."""

    registry: str
    releases: list[Json] = field(default_factory=list)
    """One row for each: who let it in, how, and with which evidence."""
    merged: list[str] = field(default_factory=list)
    """On the main line without an approval, as `@scope/name@version` or a statement's path: they count for nothing."""
    approvals: list[Json] = field(default_factory=list)
    decisions: list[Json] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """How many there are of everything else, by what it is."""
    faults: list[Finding] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        """Notes that some more of something hold."""
        self.counts[what] = self.counts.get(what, 0) + number

    def value(self) -> Json:
        """The result for `--json`."""
        return {
            "registry": self.registry,
            "releases": self.releases,
            "merged": self.merged,
            "approvals": self.approvals,
            "decisions": self.decisions,
            "counts": dict(sorted(self.counts.items())),
        }


def verify_records(tree: Tree, *, means: Means) -> Recorded:
    """Everything that lies in `tree`, verified; raises `NotTrusted` (`not-trusted`) with all that does not hold."""
    trust = trust_at(tree, check=means.check)
    government = trust.government
    found = Recorded(registry_of(tree))
    found.count("roots", len(government.roots))
    found.count("moderators", len(government.moderators.links))
    found.count("policies", len(government.policy.links))
    hidden: set[str] = set()
    for scope in _owners(tree, "scopes"):
        hidden |= uncountersigned_heads(tree, scope, government, means)
    found.merged += [path for path in sorted(hidden) if path.endswith(".json")]
    tree = Without(tree, hidden)
    looking = _Looking(tree, government, trusting_at(tree, government, means=means), found)
    looking.chains()
    for artifact in names_in(tree):
        looking.name(artifact)
    looking.decisions()
    looking.families()
    if found.faults:
        raise NotTrusted(f"{len(found.faults)} records do not hold", code="not-trusted", findings=tuple(found.faults))
    return found


@dataclass(slots=True)
class _Looking:
    """One look at everything."""

    tree: Tree
    government: Government
    means: Means
    found: Recorded
    known: dict[str, Authorities] = field(default_factory=dict)

    @contextmanager
    def judging(self, what: str) -> Iterator[None]:
        """Notes what does not hold, so that all of it is told at once."""
        try:
            yield
        except RegistryError as error:
            self.found.faults.append(Finding(error.code, "fail", error.message, error.where or what, error.hint))

    def chains(self) -> None:
        """Every keyring and every scope, also those without a release."""
        for author in _owners(self.tree, "authors"):
            with self.judging(layout.chain_folder(f"authors/{author}")):
                chain = keyring_at(self.tree, self.government, author, check=self.means.check)
                self.found.count("keyrings", len(chain.links))
        for scope in _owners(self.tree, "scopes"):
            with self.judging(layout.chain_folder(f"scopes/{scope}")):
                self.known[scope] = authorities_at(self.tree, self.government, scope, check=self.means.check)
                self.found.count("scopes", len(self.known[scope].scope.links))

    def name(self, artifact: ArtifactId) -> None:
        """Every version of a name."""
        authorities = self.known.get(artifact.scope)
        for folder in version_folders(self.tree, artifact):
            what = f"{artifact}@{folder}"
            with self.judging(what):
                proof = proof_at(self.tree, artifact, folder, registry=self.government.registry)
                if proof is None:
                    self.found.merged.append(what)
                elif authorities is None:
                    raise NotFound(f"no moderator ever agreed to the scope @{artifact.scope}", code="no-scope")
                else:
                    self._release(artifact, folder, proof, authorities)
            self._approvals(artifact, folder)

    def _release(self, artifact: ArtifactId, folder: str, proof: Proof, authorities: Authorities) -> None:
        registry, check = self.government.registry, self.means.check
        version = read_manifest(proof.manifest, registry=registry).version
        events = read_events(
            events_at(self.tree, artifact, folder),
            artifact=str(artifact),
            version=version,
            authorities=authorities,
            check=check,
        )
        self.found.count("events", len(events.links))
        status = events.standing.status
        digest = prefixed(sha256(proof.manifest))
        row: Json = {"id": str(artifact), "version": version, "manifest": digest, "status": status}
        if digest in authorities.taken_back:
            # On purpose, by a statement that a moderator signed: it verifies no more, and clients refuse it.
            admission = admission_of(proof, registry=registry)
            self.found.releases.append({**row, "status": "revoked", "by": "nobody any more", **_how(admission)})
            return
        if TREATMENT[status].bundle:
            admitted = admitted_at(self.tree, artifact, folder, authorities, means=self.means)
        else:
            admitted = self._withheld(artifact, version, proof, authorities)
        self.found.releases.append({**row, **summary(admitted), **_how(admitted.admission), **self._reviews(admitted)})

    def _withheld(self, artifact: ArtifactId, version: str, proof: Proof, authorities: Authorities) -> Admitted:
        """A release whose files may be gone."""
        lookup = lookup_at(self.tree, artifact, authorities, check=self.means.check)
        return verify_admission(proof, Wanted(str(artifact), version), authorities, means=self.means, lookup=lookup)

    def _reviews(self, admitted: Admitted) -> Json:
        """The reviews in a forge that an admission counts, with the people whose accounts they are from."""
        then = self.government.moderators.named(admitted.admission.under, "the admission").body
        who = {(row.forge, row.number): person.id for person in then.people for row in person.accounts}
        reviews = [one for one in admitted.admission.approvals if isinstance(one, ForgeReview)]
        rows = [{**one.value(), "person": who.get((one.forge, one.account), "")} for one in reviews]
        return {"reviews": rows} if rows else {}

    def _approvals(self, artifact: ArtifactId, folder: str) -> None:
        """Every approval beside a release, also those that count for nothing."""
        place = f"{layout.version_folder(artifact, folder)}/approvals"
        for entry in self.tree.list(place):
            path = f"{place}/{entry.name}"
            source = signed_at(self.tree, path) if entry.name.endswith(".json") else None
            if source is None:
                continue
            row: Json = {"path": path}
            try:
                said = load(
                    Approval,
                    source.data,
                    limit=limits.STATEMENT_BYTES,
                    registry=self.government.registry,
                    what=path,
                )
                about = said.artifact, said.version, said.manifest
                row |= {"id": said.artifact, "version": said.version, "manifest": said.manifest, "at": said.at}
                _, people = read_approval(source, about, self.government, at=said.at, check=self.means.check)
                row |= {"by": sorted(people), "note": said.note}
            except RegistryError as error:
                row |= {"by": [], "void": error.message}  # it counts for nothing, and harms nothing
            self.found.approvals.append(row)

    def decisions(self) -> None:
        """What was said about submissions."""
        for submission in submissions_in(self.tree):
            with self.judging(f"index/moderation, {submission[:12]}"):
                words = said_in(self.tree, submission, self.government, means=self.means)
                self.found.decisions += [{**word.value(), "submission": submission} for word in words]

    def families(self) -> None:
        """Profiles, reviews of artifacts, waivers, entitlements."""
        for folder in FOLDERS:
            for path, _ in walk(self.tree, folder):
                located = locate(path)
                if located.role in FAMILIES and located.sig is None:
                    self._statement(located)

    def _statement(self, located: Located) -> None:
        with self.judging(located.path):
            FAMILIES[located.role].verify(self.tree, located, self.government, self.means)
            self.found.count(f"{located.role}s")


def _how(admission: Admission) -> Mapping[str, Any]:  # Any: JSON
    return {
        "path": admission.path,
        "compared": admission.compared,
        "gained": list(admission.gained),
        "at": admission.at,
    }


def _owners(tree: Tree, family: str) -> list[str]:
    return [
        entry.name
        for shard in tree.list(f"index/{family}")
        for entry in tree.list(f"index/{family}/{shard.name}")
        if entry.type == "folder"
    ]
