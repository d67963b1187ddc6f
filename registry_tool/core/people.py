"""What a repository says of its people: the files about authors and reviews that the build and a clone serve.

    index/authors/<aa>/<id>/profile.json      registry.author/1     of who has a profile
    index/reviews/<aa>/<scope>/<name>.json    registry.reviews/1    of what was reviewed

Readers of a site do not see the statements themselves: whoever built it verified them, and its signed index lists
these files. Of a clone they are made with the reader's own verification.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from registry_tool.core import layout
from registry_tool.core.artifact_reviews import (
    MOST_STARS,
    ArtifactReview,
    newest_first,
    publishes,
    rating,
    read_reviews,
    review_subject,
    review_value,
)
from registry_tool.core.authorities import Government, read_government
from registry_tool.core.authority import read_keyring
from registry_tool.core.canonical import encode
from registry_tool.core.chains import Chain
from registry_tool.core.document import (
    ArtifactText,
    DigestText,
    Document,
    IdText,
    NoteText,
    Seq,
    Signed,
    TimeText,
    VersionText,
    load,
)
from registry_tool.core.errors import RegistryError
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.limits import STATEMENT_BYTES
from registry_tool.core.names import ArtifactId
from registry_tool.core.profiles import (
    MOST_CLAIMS,
    AccountClaim,
    DomainClaim,
    Standing,
    claim_text,
    claim_value,
    read_profile,
)
from registry_tool.core.statements import Keyring, Scope
from registry_tool.core.stored import chain_at, registry_of, roots_at
from registry_tool.core.tree import Tree

SHOWN: Final = 100
"""Reviews in the file, the newest; the rating counts all."""
MOST_SCOPES: Final = 10_000


class DomainLine(DomainClaim):
    """A claimed domain, and whether somebody looked."""

    verified: bool
    by: Seq[IdText] = ()
    at: TimeText | None = None


class AccountLine(AccountClaim):
    """A claimed account or organisation, and whether somebody looked."""

    verified: bool
    by: Seq[IdText] = ()
    at: TimeText | None = None


class RemovedLine(Document):
    """A claim that a moderator took away."""

    claim: Annotated[str, Field(max_length=300)]
    at: TimeText
    note: NoteText


class ScopeLine(Document):
    """A scope in which an author publishes."""

    scope: IdText
    role: Literal["owner", "member"]


class AuthorFile(Signed):
    """`index/authors/<aa>/<id>/profile.json`."""

    schema_: Literal["registry.author/1"] = Field(alias="schema")
    author: IdText
    name: str
    about: str
    links: dict[str, str]
    at: TimeText
    verified: bool
    claims: Annotated[
        Seq[Annotated[DomainLine | AccountLine, Field(discriminator="claim")]], Field(max_length=MOST_CLAIMS)
    ]
    removed: Annotated[Seq[RemovedLine], Field(max_length=1000)]
    scopes: Annotated[Seq[ScopeLine], Field(max_length=MOST_SCOPES)]


class RatingLine(Document):
    """How many stars there are."""

    count: Annotated[int, Field(ge=0)]
    mean: Annotated[str, Field(pattern=r"^[1-5]\.[0-9]{2}$")] | None = None
    """With two decimals; absent without reviews."""
    stars: dict[Annotated[str, Field(pattern=r"^[1-5]$")], Annotated[int, Field(ge=0)]]


class ReviewLine(Document):
    """One review."""

    author: IdText
    version: VersionText
    manifest: DigestText
    stars: Annotated[int, Field(ge=1, le=MOST_STARS)]
    text: NoteText
    at: TimeText


class ReviewsFile(Signed):
    """`index/reviews/<aa>/<scope>/<name>.json`."""

    schema_: Literal["registry.reviews/1"] = Field(alias="schema")
    artifact: ArtifactText
    rating: RatingLine
    reviews: Annotated[Seq[ReviewLine], Field(max_length=SHOWN)]


def unverified(key: bytes, message: bytes, signature: bytes) -> bool:
    """Believes every signature: for lists that decide nothing, made where nobody can verify."""
    return True


class People:
    """The profiles and reviews of a tree, under its verified government; each keyring and profile is read once."""

    def __init__(self, tree: Tree, government: Government, *, check: SignatureCheck) -> None:
        self._tree = tree
        self._government = government
        self._check = check
        self._keyrings: dict[str, Chain[Keyring]] = {}
        self._profiles: dict[str, Standing | None] = {}

    @classmethod
    def of(cls, tree: Tree, *, check: SignatureCheck) -> "People":
        """The same for a tree whose government was not read yet; raises `NotTrusted`."""
        chains = chain_at(tree, "moderators"), chain_at(tree, "policy")
        government = read_government(roots_at(tree), *chains, registry=registry_of(tree), check=check)
        return cls(tree, government, check=check)

    def keyring(self, author: str) -> Chain[Keyring]:
        """An author's verified keyring; `NotTrusted` where there is none."""
        if author not in self._keyrings:
            self._keyrings[author] = read_keyring(
                chain_at(self._tree, f"authors/{author}"),
                author,
                registry=self._government.registry,
                moderators=self._government.moderators,
                policy=self._government.policy,
                check=self._check,
            )
        return self._keyrings[author]

    def profile(self, author: str) -> Standing | None:
        """What an author's profile comes to; `None` where there is none that counts. Raises `NotTrusted`."""
        if author not in self._profiles:
            sources = chain_at(self._tree, f"profile/{author}")
            self._profiles[author] = (
                read_profile(sources, author, self._government, self.keyring(author), check=self._check).standing
                if sources
                else None
            )
        return self._profiles[author]

    def reviews(self, artifact: ArtifactId, scope: Scope) -> tuple[ArtifactReview, ...]:
        """The reviews of an artifact that count, newest first; none of who publishes in its `scope` now."""
        found = []
        for author in reviewers_in(self._tree, artifact):
            sources = chain_at(self._tree, review_subject(artifact, author))
            read = read_reviews(
                sources, artifact, author, self._government, self.keyring(author), check=self._check
            ).standing
            if read is not None and not publishes(author, scope):
                found.append(read)
        return newest_first(found)


def reviewers_in(tree: Tree, artifact: ArtifactId) -> tuple[str, ...]:
    """Everybody who ever reviewed an artifact, sorted."""
    return tuple(entry.name for entry in tree.list(layout.reviews_folder(artifact)))


def author_value(registry: str, author: str, standing: Standing) -> dict[str, Any]:  # Any: JSON
    """The file about an author, without the scopes in which they publish."""
    return {
        "schema": "registry.author/1",
        "registry": registry,
        "author": author,
        "name": standing.body.name,
        "about": standing.body.about,
        "links": dict(standing.body.links),
        "at": standing.body.at,
        "verified": standing.verified,
        "claims": [claim_value(claim, standing) for claim in standing.claims],
        "removed": [{"claim": claim_text(claim), "at": at, "note": note} for claim, at, note in standing.removed],
    }


def with_scopes(value: Mapping[str, Any], scopes: Iterable[tuple[str, str]]) -> dict[str, Any]:  # Any: JSON
    """The same with the names and roles of the scopes."""
    return {**value, "scopes": [{"scope": scope, "role": role} for scope, role in sorted(scopes)]}


def reviews_bytes(registry: str, artifact: str, reviews: Sequence[ArtifactReview]) -> bytes:
    """The file about what people think of an artifact; `reviews` are newest first."""
    return encode(
        {
            "schema": "registry.reviews/1",
            "registry": registry,
            "artifact": artifact,
            "rating": rating(reviews),
            "reviews": [review_value(one) for one in reviews[:SHOWN]],
        }
    )


def scope_at(tree: Tree, scope: str) -> Scope | None:
    """The newest statement of a scope, its signatures not looked at; `None` where nobody claimed it."""
    chain = chain_at(tree, f"scopes/{scope}")
    what = f"the scope @{scope}"
    return load(Scope, chain[-1].data, limit=STATEMENT_BYTES, registry=registry_of(tree), what=what) if chain else None


def publishers_of(scope: Scope) -> dict[str, str]:
    """Who publishes in a scope now, author to role."""
    members = {row.author: "member" for row in scope.members if row.active}
    return members | {row.author: "owner" for row in scope.owners if row.active}


class PeopleFiles:
    """The same files as a clone serves them, made when they are asked for."""

    def __init__(self, tree: Tree, *, check: SignatureCheck) -> None:
        self._tree = tree
        self._check = check
        self._people: People | None = None
        self._verified: dict[str, bool] = {}

    @property
    def people(self) -> People:
        """Everybody; raises `NotTrusted` where the registry's own chains do not hold."""
        if self._people is None:
            self._people = People.of(self._tree, check=self._check)
        return self._people

    def file(self, path: str) -> bytes | None:
        """The file at a path of the site; `None` where that is of something else, or nothing counts."""
        parts = path.split("/")
        match parts:
            case ["index", "authors", _, author, "profile.json"]:
                return self.author(author)
            case ["index", "reviews", _, scope, name]:
                return self.reviews(ArtifactId(scope, name.removesuffix(".json")))  # type: ignore[arg-type]  # looked up
            case _:
                return None

    def is_verified(self, author: str) -> bool:
        """Whether an author has the mark; a profile that does not hold gives none."""
        if author not in self._verified:
            try:
                standing = self.people.profile(author) if chain_at(self._tree, f"profile/{author}") else None
            except RegistryError:
                standing = None
            self._verified[author] = standing is not None and standing.verified
        return self._verified[author]

    def author(self, author: str) -> bytes | None:
        """The file about an author; `None` where nothing that counts was said."""
        standing = self.people.profile(author) if chain_at(self._tree, f"profile/{author}") else None
        if standing is None:
            return None
        found = []
        for shard in self._tree.list("index/scopes"):
            for entry in self._tree.list(f"index/scopes/{shard.name}"):
                scope = scope_at(self._tree, entry.name)
                role = publishers_of(scope).get(author) if scope else None
                found += [(entry.name, role)] if role else []
        return encode(with_scopes(author_value(registry_of(self._tree), author, standing), found))

    def reviews(self, artifact: ArtifactId) -> bytes | None:
        """The file about what people think of an artifact; `None` where nobody said anything that counts."""
        found = self._reviews(artifact)
        return reviews_bytes(registry_of(self._tree), str(artifact), found) if found else None

    def counted(self, artifact: ArtifactId) -> tuple[ArtifactReview, ...]:
        """The reviews of an artifact that count, newest first; none where something of them does not hold."""
        try:
            return self._reviews(artifact)
        except RegistryError:
            return ()

    def _reviews(self, artifact: ArtifactId) -> tuple[ArtifactReview, ...]:
        scope = scope_at(self._tree, artifact.scope) if reviewers_in(self._tree, artifact) else None
        return self.people.reviews(artifact, scope) if scope else ()
