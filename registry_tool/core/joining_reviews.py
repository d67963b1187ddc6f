"""Whether a review of an artifact may join what is there, and holds afterwards (part 9)."""

from typing import Final

from registry_tool.core.artifact_reviews import ArtifactReview, ReviewChain, publishes, read_reviews, review_words
from registry_tool.core.authorities import Government
from registry_tool.core.change import Change, Joined
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import NotTrusted, StateForbids
from registry_tool.core.family import Family
from registry_tool.core.joining import names_heads, no_stranger
from registry_tool.core.joining_profiles import next_number, registered, timely
from registry_tool.core.layout import Located
from registry_tool.core.manifest import read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.standing import authorities_at, keyring_at
from registry_tool.core.stored import admission_of, chain_at, proof_at
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.core.versions import parse_version


def reviews_of(
    tree: Tree, located: Located, government: Government, *, means: Means, countersigned: bool = True
) -> ReviewChain:
    """The verified reviews of one author about one artifact, of whose path `located` is one.

    `countersigned=False` where the author's keyring waits for its moderator. Raises `NotTrusted`, and `NotFound` where
    the author is not registered.
    """
    artifact, author = _about(located), located.person
    keyring = keyring_at(tree, government, author, check=means.check, countersigned=countersigned)
    sources = chain_at(tree, located.subject)
    return read_reviews(sources, artifact, author, government, keyring, check=means.check)


def admitted_time(tree: Tree, artifact: ArtifactId, review: ArtifactReview, *, registry: str) -> str:
    """When the release was admitted that a review speaks of; `NotTrusted` where that is none, or another one."""
    what = f"{artifact}@{review.version}"
    proof = proof_at(tree, artifact, parse_version(review.version).folder, registry=registry)
    if proof is None:
        raise NotTrusted(
            f"{what} is not admitted, so nobody reviews it",
            code="not-admitted",
            hint="review a version that `registry show` lists",
        )
    manifest = read_manifest(proof.manifest, registry=registry)
    if (prefixed(sha256(proof.manifest)), manifest.version) != (review.manifest, review.version):
        raise NotTrusted(f"it names another manifest than that of {what}", code="other-release", hint="sign again")
    if manifest.author == review.subject.rpartition("/")[2]:
        raise _own(manifest.author, str(artifact))
    return admission_of(proof, registry=registry).at


def _may_join(change: Change, joined: Joined, government: Government, means: Means) -> None:
    """Refuses a review that is not the next, by nobody who may, of no admitted release, or of one's own."""
    review, located = joined.statement, joined.located
    if not isinstance(review, ArtifactReview):
        return  # its faults say why it cannot be read
    artifact, author = _about(located), located.person
    next_number(change, joined, len(chain_at(change.tip, located.subject)))
    registered(change, author)
    names_heads(review.under, change.merged, joined.path)
    waiting = frozenset(one.located.subject for one in change.statements if one.located.role == "chain")
    own = f"authors/{author}" not in waiting
    read = reviews_of(change.merged, located, government, means=means, countersigned=own)
    keyring = keyring_at(change.merged, government, author, check=means.check, countersigned=own).head.body
    no_stranger(
        read.links[-1].source, [row.raw for row in keyring.keys if row.active and row.use == "signing"], means.check
    )
    timely(review.at, change, "the review")
    if review.at < admitted_time(change.merged, artifact, review, registry=change.registry):
        raise StateForbids(
            f"it is of {review.at}, and that version was admitted later", code="bad-clock", hint="set the clock right"
        )
    authorities = authorities_at(change.merged, government, artifact.scope, check=means.check, waiting=waiting)
    if publishes(author, authorities.scope.head.body):
        raise _own(author, f"@{artifact.scope}")


def _own(author: str, what: str) -> StateForbids:
    return StateForbids(
        f"{author} publishes {what}, and nobody reviews their own", code="own-review", hint="leave it to others"
    )


def _about(located: Located) -> ArtifactId:
    assert located.artifact is not None  # noqa: S101  # a review's path names one
    return located.artifact


def _verify(tree: Tree, located: Located, government: Government, means: Means) -> None:
    read = reviews_of(tree, located, government, means=means)
    admitted_time(tree, _about(located), read.links[-1].body, registry=government.registry)


FAMILY: Final = Family(
    model=ArtifactReview,
    submitted=True,
    words=review_words,
    may_join=_may_join,
    countersigned=lambda change, joined: False,
    verify=_verify,
)
