"""What somebody thinks of an artifact: one to five stars and a text (M6; formats, part 4, `reviews/`).

One per person and artifact: a second one takes the place of the first, which stays readable. It is signed by a signing
key of the author who writes it, and speaks of one version. Nobody reviews what they publish themselves. A review that
was signed with a key that had ended by then counts for nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from registry_tool.core.authorities import Government
from registry_tool.core.chains import Chain, Link, SignedBytes, read_links, signers
from registry_tool.core.document import DigestText, NoteText, TimeText, VersionText
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.names import ArtifactId
from registry_tool.core.quoting import quoted
from registry_tool.core.statements import Keyring, Scope, Statement

MOST_STARS: Final = 5


class ArtifactReview(Statement):
    """Stars and a text by one author about one version."""

    schema_: Literal["registry.review/1"] = Field(alias="schema")
    mode: Literal["continue"]
    version: VersionText
    """The version that it speaks of."""
    manifest: DigestText
    """Its address, so that nobody can put another release in its place."""
    stars: Annotated[int, Field(ge=1, le=MOST_STARS)]
    text: NoteText
    at: TimeText


@dataclass(frozen=True, slots=True)
class ReviewChain:
    """What one author said about one artifact, verified."""

    links: tuple[Link[ArtifactReview], ...]
    standing: ArtifactReview | None
    """The newest that counts; `None` where none does."""


def review_subject(artifact: ArtifactId, author: str) -> str:
    """The subject of an author's reviews of an artifact."""
    return f"reviews/{artifact}/{author}"


def read_reviews(
    sources: Sequence[SignedBytes],
    artifact: ArtifactId,
    author: str,
    government: Government,
    keyring: Chain[Keyring],
    *,
    check: SignatureCheck,
) -> ReviewChain:
    """An author's reviews of an artifact, each signed by a signing key that is active in the keyring that it names.

    Raises `NotTrusted` and `InvalidInput`.
    """
    links = read_links(ArtifactReview, review_subject(artifact, author), sources, registry=government.registry)
    standing: ArtifactReview | None = None
    for before, link in zip((None, *links), links, strict=False):
        what = f"review {link.number} of {artifact} by {author}"
        if set(link.body.under) != {f"authors/{author}"}:
            raise NotTrusted(f"{what} names other chains than its author's keyring", code="bad-under")
        if before is not None and link.body.at < before.body.at:
            raise NotTrusted(f"{what} is of {link.body.at}, the one before it of {before.body.at}", code="bad-clock")
        then = keyring.named(link.body.under, what).body
        signed = signers(link.source, [row.raw for row in then.keys], check=check, what=what)
        active = {row.k16 for row in then.keys if row.active and row.use == "signing"} & signed
        if not active:
            raise NotTrusted(
                f"{what} is signed by no active signing key of {author}", code="not-authorised", hint="sign it again"
            )
        if any(row.k16 in active and row.held_at(link.body.at) for row in keyring.head.body.keys):
            standing = link.body
    return ReviewChain(links, standing)


def publishes(author: str, scope: Scope) -> bool:
    """Whether an author is owner or member of a scope now: then their review of what is in it does not count."""
    return any(row.active and row.author == author for row in scope.publishers())


def author_of(review: ArtifactReview) -> str:
    """Who wrote it."""
    return review.subject.rpartition("/")[2]


def newest_first(reviews: Iterable[ArtifactReview]) -> tuple[ArtifactReview, ...]:
    """Reviews in the order in which people read them; of two in one second by their authors."""
    by_author = sorted(reviews, key=author_of)
    return tuple(sorted(by_author, key=lambda one: one.at, reverse=True))


def rating(reviews: Sequence[ArtifactReview]) -> dict[str, Any]:  # Any: JSON
    """How many there are, how many stars they gave, and their mean with two decimals, which is absent without any."""
    stars = {str(number): sum(one.stars == number for one in reviews) for number in range(1, MOST_STARS + 1)}
    total, count = sum(one.stars for one in reviews), len(reviews)
    if not count:
        return {"count": 0, "stars": stars}
    hundredths = (200 * total + count) // (2 * count)  # rounded half up
    return {"count": count, "mean": f"{hundredths // 100}.{hundredths % 100:02d}", "stars": stars}


def rating_words(told: Mapping[str, Any]) -> str:  # Any: JSON
    """A rating for people."""
    count = told["count"]
    if not count:
        return "no reviews yet"
    return f"{told['mean']} of {MOST_STARS} stars ({count} {'review' if count == 1 else 'reviews'})"


def review_value(review: ArtifactReview) -> dict[str, Any]:  # Any: JSON
    """A review as pages and scripts read it."""
    return {
        "author": author_of(review),
        "version": review.version,
        "manifest": review.manifest,
        "stars": review.stars,
        "text": review.text,
        "at": review.at,
    }


def review_words(review: ArtifactReview) -> str:
    """What a review says, in one sentence."""
    artifact, _, author = review.subject.removeprefix("reviews/").rpartition("/")
    return f"{author} gives {artifact}@{review.version} {review.stars} of 5 stars: {quoted(review.text)}"
