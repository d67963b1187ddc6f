"""Profiles and reviews in a build: verified, and looked at again only where something of them changed.

a name    depends on the folders of its scope's authors, on its reviews, and on the keyrings of who wrote them
an author depends on their own folder, and on the scopes in which they publish
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry_tool.core import layout
from registry_tool.core.artifact_reviews import ArtifactReview, author_of, review_subject
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.digest import prefixed
from registry_tool.core.errors import NotTrusted
from registry_tool.core.index import About, Name
from registry_tool.core.marks import Marks
from registry_tool.core.names import ArtifactId
from registry_tool.core.people import People, author_value, reviewers_in, with_scopes
from registry_tool.core.profiles import Standing
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.services.about import id_at, key_of
from registry_tool.services.built import Remembered
from registry_tool.services.indexing import real_keys, whole_chain


@dataclass
class PeopleOfBuild:
    """Everybody, as one build sees them; `key` changes with what everything depends on."""

    tree: Tree
    government: Government
    means: Means
    key: str

    remember: dict[str, Any] = field(default_factory=dict)  # Any: JSON
    """For the next build: of each author the key of their folder, and what is told of them."""
    _folders: dict[str, str] | None = None
    _reviewed: dict[ArtifactId, str] | None = None
    _people: People | None = None

    def read_from(self, tree: Tree) -> None:
        """Reads them from another tree from now on: one without statements that count for nothing."""
        self.tree, self._people = tree, None

    @property
    def people(self) -> People:
        """Their statements, read when somebody asks."""
        if self._people is None:
            self._people = People(self.tree, self.government, check=self.means.check)
        return self._people

    def key_of(self, artifact: ArtifactId, authors: Sequence[str]) -> list[str]:
        """What a name's files depend on, apart from its own folder and the keys of its scope's `authors`."""
        found = [self._folder(author) for author in authors]
        if self._reviewed is None:
            self._reviewed = dict(_reviewed(self.tree))
        if artifact in self._reviewed:
            reviewers = reviewers_in(self.tree, artifact)
            found += [self._reviewed[artifact], *(self._folder(author) for author in reviewers)]
        return found

    def told(self, name: Name, authorities: Authorities, about: About) -> Name:
        """`name` with its marks, what its author says, and what people think of it; raises `NotTrusted`."""
        manifest = name.shown.manifest
        standing = self._standing(manifest.author)
        for author in reviewers_in(self.tree, name.artifact):
            whole_chain(self.tree, review_subject(name.artifact, author))
            self._real(author)
        marks = Marks(
            author_verified=standing is not None and standing.verified,
            official=name.artifact.scope in about.table.official,
            imported=manifest.imported is not None,
        )
        reviews = self.people.reviews(name.artifact, authorities.scope.head.body)
        _speak_of(name, reviews)
        return replace(name, marks=marks, author=standing, reviews=reviews)

    def authors(self, scopes: Mapping[str, Mapping[str, str]], known: Remembered) -> dict[str, dict[str, Any]]:
        """What is told of everybody who has a profile, by author; `scopes` are the roles in each scope.

        `known` is what the last build remembered. Raises `NotTrusted`.
        """
        roles: dict[str, list[tuple[str, str]]] = {}
        for scope, people in scopes.items():
            for author, role in people.items():
                roles.setdefault(author, []).append((scope, role))
        found: dict[str, dict[str, Any]] = {}
        for author, folder in sorted(self._all().items()):
            key = key_of(self.key, folder)
            before = known.get(author)
            value = before[1] if before is not None and before[0] == key else self._value(author)
            self.remember[author] = [key, value]
            if value is not None:
                found[author] = with_scopes(value, roles.get(author, ()))
        return found

    def _value(self, author: str) -> dict[str, Any] | None:  # Any: JSON
        standing = self._standing(author)
        return author_value(self.government.registry, author, standing) if standing else None

    def _standing(self, author: str) -> Standing | None:
        if not id_at(self.tree, layout.chain_folder(f"profile/{author}")):
            return None
        whole_chain(self.tree, f"profile/{author}")
        self._real(author)
        return self.people.profile(author)

    def _real(self, author: str) -> None:
        whole_chain(self.tree, f"authors/{author}")
        real_keys(author, self.people.keyring(author), self.government)

    def _folder(self, author: str) -> str:
        return self._all().get(author, "")

    def _all(self) -> dict[str, str]:
        """The id of every author's folder."""
        if self._folders is None:
            shards = self.tree.list("index/authors")
            self._folders = {
                entry.name: entry.id for shard in shards for entry in self.tree.list(f"index/authors/{shard.name}")
            }
        return self._folders


def _speak_of(name: Name, reviews: Sequence[ArtifactReview]) -> None:
    """Refuses a review of a release that was never admitted: landing lets none in."""
    there = {one.manifest.version: prefixed(one.digest) for one in name.releases}
    for one in reviews:
        if there.get(one.version) != one.manifest:
            raise NotTrusted(
                f"{author_of(one)} reviews {name.artifact}@{one.version}, which is no release of that name",
                where=layout.statement_path(one.subject, one.number),
                code="other-release",
            )


def _reviewed(tree: Tree) -> list[tuple[ArtifactId, str]]:
    """Every name that has reviews, with the id of their folder."""
    return [
        (ArtifactId(scope.name, name.name), name.id)  # type: ignore[arg-type]  # a landing checked the grammar
        for shard in tree.list("index/reviews")
        for scope in tree.list(f"index/reviews/{shard.name}")
        for name in tree.list(f"index/reviews/{shard.name}/{scope.name}")
    ]
