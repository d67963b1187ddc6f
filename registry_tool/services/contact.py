"""Contact with one registry: little is fetched, all of it at once, and nothing counts before it is verified.

    1  chains/registry.json   index/…/<name>.json   chains/scopes/…     in parallel
    2  keyrings that lie apart                                          only where there are any
    3  evidence   manifest   bundle                                     in parallel, each by its digest
    4  the release that an owner's update is compared with              only for those

A clone, a folder and a site answer the same requests, so nobody behind this module knows which it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry_tool.core import layout, limits
from registry_tool.core.authorities import Authorities, Government, government_of, read_authorities
from registry_tool.core.chains import AnyChain, SignedBytes
from registry_tool.core.digest import Digest, Hex, bare, sha256
from registry_tool.core.errors import NotFound, NotTrusted
from registry_tool.core.identity import Expected
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.ports import Again, Source
from registry_tool.core.proof import Proof, read_name, read_proof
from registry_tool.core.release import AuthorChain, NameRecord, ScopeChains, Status, VersionRecord
from registry_tool.core.status import read_events
from registry_tool.core.stored import authors_named
from registry_tool.core.taken import with_hits
from registry_tool.core.tiers import Tier
from registry_tool.core.trust import (
    Admitted,
    Compared,
    Means,
    Wanted,
    allow,
    unpack_as,
    verify_admission,
    verify_release,
)
from registry_tool.core.verified import Verified
from registry_tool.services.answers import document_of, read_chains, right_object, told
from registry_tool.services.indexed import IndexedSource
from registry_tool.services.seen import Seen


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a registry, its chains and events verified; no release is looked at yet."""

    artifact: ArtifactId
    record: NameRecord
    authorities: Authorities
    statuses: Mapping[str, Status]
    """By version, from verified events."""
    since: Mapping[str, str]
    """By version, when the events gave it that status; empty where it is active."""
    young: frozenset[str] = frozenset()
    """Versions that were let in too short a time ago for the person's settings; nothing chooses them by itself."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The objects of one release; their digests were checked, their words were not."""

    proof: Proof
    bundle: bytes
    """Empty where it was not asked for."""


class Contact:
    """What one run of a verb reads of the registry with the id `registry`.

    `demo` says that the person knows it to be a demonstration; `chains` is `chains/registry.json` where it
    was fetched already; `again` fetches past caches; `signer` must have signed every release without a key.
    """

    def __init__(
        self,
        source: Source,
        registry: str,
        *,
        means: Means,
        seen: Seen,
        demo: bool,
        again: Again | None = None,
        chains: bytes = b"",
        signer: Expected | None = None,
    ) -> None:
        self.source = source
        self.approvals = 0  # how many people must have approved what is installed, where settings ask for more
        self.until = ""  # what was let in later than that is too young, where settings say so
        self._signer = signer
        self.registry = registry
        self._demo = demo
        self.seen = seen
        self._means = means.trusting(self.trusted_root)
        self._again = again
        self._chains = chains
        self._government: Government | None = None
        self.tiers: Mapping[str, Tier] | None = None  # known with the government; `None` where there are none
        self._names: dict[ArtifactId, Name] = {}
        self._fetched: dict[tuple[str, str], Fetched] = {}

    def trusted_root(self) -> bytes | None:
        """The sigstore trust root of this registry, which its offline keys signed; `None` where it has none."""
        if isinstance(self.source, IndexedSource):  # it lists the one of today
            return self.ask([(layout.TRUSTED_ROOT, limits.ROOT_BYTES)])[0]
        text, data = self.ask([(path, limits.ROOT_BYTES) for path in (layout.TRUST_TARGETS, layout.TRUSTED_ROOT)])
        if text is None:
            return None
        from registry_tool.core.targets import listed_trust_root  # few releases are keyless

        with told(self.source.where):
            return listed_trust_root(text, data, self.government.roots[-1], check=self._means.check)

    @property
    def government(self) -> Government:
        """Root, moderators and policy, verified."""
        if self._government is None:
            data = self._chains or self.ask([(layout.REGISTRY_CHAINS, limits.CHAIN_FILE_BYTES)])[0]
            self._government = self._govern(data)
        return self._government

    def ask(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """What the source has at these paths, each with its limit in bytes; nothing is asked for nothing."""
        if not paths:
            return ()
        with told(self.source.where):
            return self.source.fetch_all(paths)

    def names(self, artifacts: Sequence[ArtifactId]) -> tuple[Name, ...]:
        """These names in order; `NotFound` where the registry has none of that name, `NotTrusted`."""
        wanted = [artifact for artifact in dict.fromkeys(artifacts) if artifact not in self._names]
        if wanted:
            self._fetch_names(wanted)
        return tuple(self._names[artifact] for artifact in artifacts)

    def fetch(self, releases: Sequence[tuple[Name, str]], *, bundles: bool) -> tuple[Fetched, ...]:
        """The objects of these releases (name, version), all in one round; `NotTrusted` for a wrong digest."""
        wanted = [
            (name, version)
            for name, version in releases
            if (str(name.artifact), version) not in self._fetched
            or (bundles and not self._fetched[str(name.artifact), version].bundle)
        ]
        requests: list[tuple[Hex, int]] = []
        for name, version in wanted:
            requests += _objects(name.record.versions[version], bundles=bundles)
        answers = iter(self._by_digest(requests))
        for name, version in wanted:
            evidence, manifest = next(answers), next(answers)
            with told(self.source.where):
                proof = read_proof(evidence, manifest, registry=self.registry)
            self._fetched[str(name.artifact), version] = Fetched(proof, next(answers) if bundles else b"")
        return tuple(self._fetched[str(name.artifact), version] for name, version in releases)

    def admitted(self, name: Name, version: str) -> Admitted:
        """A release whose admission and signatures hold; its bundle is not fetched."""
        (fetched,) = self.fetch([(name, version)], bundles=False)
        with told(self.source.where):
            admitted = verify_admission(
                fetched.proof,
                Wanted(str(name.artifact), version, name.record.kind, self._signer),
                name.authorities,
                means=self._means,
                lookup=self._lookup(name),
            )
        self._note(name, version, fetched.proof, admitted.admission.at)
        return admitted

    def verified(self, name: Name, version: str, *, locked: bool = False) -> Verified:
        """A release, good to its last byte; the only thing that is installed."""
        self.allow(name, version, locked=locked)
        (fetched,) = self.fetch([(name, version)], bundles=True)
        with told(self.source.where):
            verified = verify_release(
                fetched.proof,
                fetched.bundle,
                Wanted(str(name.artifact), version, name.record.kind, self._signer, self.approvals),
                name.authorities,
                status=name.statuses[version],
                means=self._means,
                lookup=self._lookup(name),
                locked=locked,
            )
        self._note(name, version, fetched.proof, str(verified.admission["at"]))
        return verified

    def allow(self, name: Name, version: str, *, locked: bool) -> None:
        """Refuses a release that may not be installed, before anything of it is fetched."""
        allow(f"{name.artifact}@{version}", name.statuses[version], locked=locked)

    def whole(self, name: Name, version: str) -> Admitted:
        """A release whose every byte holds, whatever became of it since; its bundle is not kept.

        Of a withheld one nobody serves the bundle, so what is signed about it must do.
        """
        if name.statuses[version] == "withheld":
            return self.admitted(name, version)
        (fetched,) = self.fetch([(name, version)], bundles=True)
        admitted = self.admitted(name, version)
        with told(self.source.where):
            unpack_as(admitted.manifest, fetched.bundle)
        del self._fetched[str(name.artifact), version]
        return admitted

    def _note(self, name: Name, version: str, proof: Proof, at: str) -> None:
        size = read_manifest(proof.manifest, registry=self.registry).bundle.size
        if name.record.versions[version].size != size:
            raise NotTrusted(f"the record of {name.artifact} says another size of {version}", code="other-release")
        if name.record.versions[version].published != at:
            raise NotTrusted(
                f"the record of {name.artifact} says another time of {version}'s admission", code="other-release"
            )
        self.seen.admission(str(name.artifact), version, digest=sha256(proof.admission.data), at=at)

    def _lookup(self, name: Name) -> Callable[[str], Compared]:
        def compared(version: str) -> Compared:
            if version not in name.record.versions:
                raise NotTrusted(
                    f"{name.artifact}@{version}, with which an owner's update compares itself, is not there",
                    code="bad-owner-path",
                )
            (fetched,) = self.fetch([(name, version)], bundles=False)
            return Compared(fetched.proof, name.statuses[version], name.since[version])

        return compared

    def _govern(self, data: bytes | None) -> Government:
        with told(self.source.where):
            chains = read_chains(data, self.source.where)
            self.tiers = chains.tiers
            government = government_of(chains, registry=self.registry, check=self._means.check)
        self._real(government.demonstration)
        self.seen.chain("root", [root.sha256 for root in government.roots])
        self._note_chain(government.moderators)
        self._note_chain(government.policy)
        return government

    def _real(self, demonstration: bool) -> None:
        if demonstration and not self._demo:
            raise NotTrusted(
                "this registry is a demonstration: some of its keys are published, and anybody can sign with them",
                where=self.source.where,
                code="demonstration",
                hint="to try it out all the same, say --demo",
            )

    def _note_chain(self, chain: AnyChain) -> None:
        self.seen.chain(chain.subject, [link.sha256 for link in chain.links])

    def _fetch_names(self, wanted: Sequence[ArtifactId]) -> None:
        scopes = sorted({artifact.scope for artifact in wanted})
        paths = [(layout.name_path(artifact), limits.NAME_RECORD_BYTES) for artifact in wanted]
        paths += [(layout.scope_path(scope), limits.CHAIN_FILE_BYTES) for scope in scopes]
        if self._government is None and not self._chains:
            paths.append((layout.REGISTRY_CHAINS, limits.CHAIN_FILE_BYTES))
        answers = self.ask(paths)
        if self._government is None:
            self._government = self._govern(self._chains or answers[-1])
        by_scope: dict[str, bytes | None] = dict(zip(scopes, answers[len(wanted) :], strict=False))
        missing = [str(artifact) for artifact, data in zip(wanted, answers, strict=False) if data is None]
        if missing:
            raise NotFound(
                f"{self.source.where} has no {missing[0]}",
                code="no-artifact",
                hint=f"look for it: registry search {missing[0].rpartition('/')[2]}",
            )
        with told(self.source.where):
            authorities = self._authorities(by_scope)
            for artifact, data in zip(wanted, answers, strict=False):
                self._names[artifact] = self._name(artifact, data or b"", authorities[artifact.scope])

    def _name(self, artifact: ArtifactId, data: bytes, authorities: Authorities) -> Name:
        record = read_name(data, registry=self.registry, artifact=str(artifact))
        self.seen.newest(str(artifact), record)
        self.seen.events_of(str(artifact), record)
        statuses: dict[str, Status] = {}
        since: dict[str, str] = {}
        taken = authorities.taken_back
        for version, row in record.versions.items():
            events = read_events(
                [SignedBytes.of(entry) for entry in row.events],
                artifact=str(artifact),
                version=version,
                authorities=authorities,
                check=self._means.check,
            )
            self.seen.chain(f"{artifact}@{version}", [link.sha256 for link in events.links])
            statuses[version] = with_hits(events.standing.status, taken=row.manifest in taken)
            since[version] = events.standing.since
        young = [one for one, row in record.versions.items() if self.until and row.published > self.until]
        return Name(artifact, record, authorities, statuses, since, frozenset(young))

    def _authorities(self, by_scope: Mapping[str, bytes | None]) -> dict[str, Authorities]:
        chains: dict[str, ScopeChains] = {}
        for scope, data in by_scope.items():
            if data is None:
                raise NotTrusted(f"who may publish in @{scope} is not said: its chain is missing", code="chain-empty")
            chains[scope] = document_of(ScopeChains, data, f"the chain of @{scope}")
        entries = {scope: [SignedBytes.of(entry) for entry in one.entries] for scope, one in chains.items()}
        keyrings = {author: chain for one in chains.values() for author, chain in one.keyrings.items()}
        apart = sorted({author for one in entries.values() for author in self._named(one)} - keyrings.keys())
        found = self.ask([(layout.author_path(author), limits.CHAIN_FILE_BYTES) for author in apart])
        for author, data in zip(apart, found, strict=True):
            if data is None:
                raise NotTrusted(f"the keyring of {author} is missing", code="keyring-missing")
            keyrings[author] = document_of(AuthorChain, data, f"the keyring of {author}").entries
        read = {}
        for scope, sources in entries.items():
            wanted = sorted(self._named(sources))
            read[scope] = read_authorities(
                self.government,
                scope,
                sources,
                {author: [SignedBytes.of(entry) for entry in keyrings[author]] for author in wanted},
                check=self._means.check,
            )
            self._real(read[scope].demonstration)
            self._note_chain(read[scope].scope)
            for keyring in read[scope].keyrings.values():
                self._note_chain(keyring)
        return read

    def _named(self, sources: Iterable[SignedBytes]) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for source in sources:
            found |= authors_named(source, registry=self.registry, what="a statement of a scope")
        return found

    def _by_digest(self, requests: Sequence[tuple[Hex, int]]) -> tuple[bytes, ...]:
        """Objects by their digests, each with at most so many bytes."""
        paths = [(layout.object_path(digest), limit) for digest, limit in requests]
        answers = self.ask(paths)
        return tuple(
            self._checked(digest, path, limit, data)
            for (digest, _), (path, limit), data in zip(requests, paths, answers, strict=True)
        )

    def _checked(self, digest: Hex, path: str, limit: int, data: bytes | None) -> bytes:
        if (data is None or sha256(data) != digest) and self._again is not None:
            data = self._again(path, limit)
        return right_object(digest, data, where=f"{self.source.where} {path}")


def _objects(row: VersionRecord, *, bundles: bool) -> list[tuple[Hex, int]]:
    found: list[tuple[str, int]] = [(row.evidence, limits.EVIDENCE_BYTES), (row.manifest, limits.MANIFEST_BYTES)]
    if bundles:
        found.append((row.bundle, min(row.size, limits.BUNDLE_BYTES)))
    return [(bare(Digest(digest)), limit) for digest, limit in found]
