"""Who may do what in a repository, read from its files and verified.

What clients read from a site (`authorities.py`) is read here from a tree: by landings, builds,
mirrors and the author's own check.
"""

from collections.abc import Iterable
from functools import lru_cache

from registry_tool.core.authorities import Authorities, Government, known_keyring, read_government
from registry_tool.core.authority import read_keyring, read_scope
from registry_tool.core.bundle import pack
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import Chain, SignedBytes
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotFound, NotTrusted
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.names import ArtifactId
from registry_tool.core.published import (
    authors_of,
    chain_at,
    events_at,
    payload_at,
    pointer_at,
    proof_at,
    roots_at,
)
from registry_tool.core.statements import HeadRef, Keyring
from registry_tool.core.status import read_events
from registry_tool.core.targets import trusted_root_at
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Admitted, Compared, Lookup, Means, Wanted, unpack_as, verify_admission
from registry_tool.core.versions import parse_version


def government_at(tree: Tree, *, registry: str, check: SignatureCheck) -> Government:
    """The verified root, moderators and policy of a repository; raises `NotTrusted`.

    The same bytes are verified once: a queue asks for them with each submission, and whoever lands one again.
    """
    return _government(
        roots_at(tree), _exact(chain_at(tree, "moderators")), _exact(chain_at(tree, "policy")), registry, check
    )


_Exact = tuple[tuple[bytes, tuple[tuple[K16, bytes], ...]], ...]
"""A chain's bytes and signatures as a value that can be compared."""


def _exact(chain: Iterable[SignedBytes]) -> _Exact:
    return tuple((source.data, tuple(sorted(source.signatures.items()))) for source in chain)


@lru_cache(maxsize=8)
def _government(
    roots: tuple[bytes, ...], moderators: _Exact, policy: _Exact, registry: str, check: SignatureCheck
) -> Government:
    people, rules = (tuple(SignedBytes(data, dict(signed)) for data, signed in chain) for chain in (moderators, policy))
    return read_government(roots, people, rules, registry=registry, check=check)


def keyring_at(
    tree: Tree, government: Government, author: str, *, check: SignatureCheck, countersigned: bool = True
) -> Chain[Keyring]:
    """An author's verified keyring; `NotFound` where the author is not registered."""
    sources = chain_at(tree, f"authors/{author}")
    if not sources:
        raise NotFound(f"the author {author} is not registered here", code="no-author")
    return read_keyring(
        sources,
        author,
        registry=government.registry,
        moderators=government.moderators,
        policy=government.policy,
        check=check,
        countersigned=countersigned,
    )


def authorities_at(
    tree: Tree,
    government: Government,
    scope: str,
    *,
    check: SignatureCheck,
    waiting: frozenset[str] = frozenset(),
) -> Authorities:
    """A verified scope with its keyrings; `NotFound` where nobody claimed it.

    `waiting` are subjects whose newest statement waits for its countersignature.
    """
    sources = chain_at(tree, f"scopes/{scope}")
    if not sources:
        raise NotFound(f"nobody owns the scope @{scope} here", code="no-scope", hint="publishing into it claims it")
    keyrings = {
        author: keyring_at(tree, government, author, check=check, countersigned=f"authors/{author}" not in waiting)
        for author in authors_of(tree, scope)
    }
    chain = read_scope(
        sources,
        scope,
        registry=government.registry,
        moderators=government.moderators,
        policy=government.policy,
        keyrings=lambda author: known_keyring(keyrings, author),
        check=check,
        countersigned=f"scopes/{scope}" not in waiting,
    )
    return Authorities(government, chain, keyrings)


def lookup_at(tree: Tree, artifact: ArtifactId, authorities: Authorities, *, check: SignatureCheck) -> Lookup:
    """How an owner's update finds the release that it compares itself with."""

    def find(version: str) -> Compared:
        proof = proof_at(tree, artifact, version, registry=authorities.registry)
        if proof is None:
            raise NotTrusted(f"{artifact}@{version} was never admitted", code="bad-owner-path")
        sources = events_at(tree, artifact, version)
        events = read_events(sources, artifact=str(artifact), version=version, authorities=authorities, check=check)
        return Compared(proof, events.standing.status, events.standing.since)

    return find


def admitted_at(tree: Tree, artifact: ArtifactId, folder: str, authorities: Authorities, *, means: Means) -> Admitted:
    """An admitted release of a repository, verified to its last byte; raises `NotTrusted`."""
    proof = proof_at(tree, artifact, folder, registry=authorities.registry)
    pointer = pointer_at(tree, artifact, folder, registry=authorities.registry)
    if proof is None or pointer is None:
        raise NotTrusted(f"{artifact}@{folder} is not admitted", code="not-admitted")
    if (pointer.artifact, parse_version(pointer.version).folder) != (str(artifact), folder):
        raise NotTrusted(
            f"release.json of {artifact}@{folder} speaks of {pointer.artifact}@{pointer.version}", code="other-release"
        )
    wanted = Wanted(str(artifact), pointer.version)
    lookup = lookup_at(tree, artifact, authorities, check=means.check)
    trusting = trusting_at(tree, authorities.government, means=means)
    admitted = verify_admission(proof, wanted, authorities, means=trusting, lookup=lookup)
    unpack_as(admitted.manifest, pack(payload_at(tree, artifact, admitted.manifest)))
    return admitted


def trusting_at(tree: Tree, government: Government, *, means: Means) -> Means:
    """`means` under the sigstore trust root that the repository's targets list, read when it is first needed."""
    return means.trusting(lambda: trusted_root_at(tree, government.roots[-1], check=means.check))


def head_at(tree: Tree, subject: str) -> HeadRef | None:
    """The newest statement of a chain, as `under` names it; `None` where there is no chain."""
    chain = chain_at(tree, subject)
    return HeadRef(number=len(chain), sha256=sha256(chain[-1].data)) if chain else None


def agreeing_at(tree: Tree, family: str) -> tuple[str, ...]:
    """The chains whose keys may agree to a statement of `family` (`keyring`, `scope`), for its `under`.

    The moderators; and the policy, where it lets the gate sign such a statement: only what names it can be.
    """
    chain = chain_at(tree, "policy")
    value = parse_loose(chain[-1].data, limit=len(chain[-1].data), what="the policy") if chain else {}
    lets = value.get("gate", {}).get("statements", []) if isinstance(value, dict) else []
    return ("moderators", "policy") if family in lets else ("moderators",)


def heads_at(tree: Tree, subjects: Iterable[str]) -> dict[str, HeadRef]:
    """What `under` says of these chains today; `NotFound` where one does not exist."""
    found: dict[str, HeadRef] = {}
    for subject in subjects:
        ref = head_at(tree, subject)
        if ref is None:
            what, _, name = subject.partition("/")
            whose = {"authors": f"author {name}", "scopes": f"scope @{name}"}.get(what, subject)
            hint = "whoever published here once is registered" if what == "authors" else ""
            raise NotFound(f"there is no {whose} here", code="no-chain", hint=hint)
        found[subject] = ref
    return found
