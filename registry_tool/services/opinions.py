"""What a registry says of its authors, and what people think of its artifacts, as clients read it.

The files are listed by a site's signed index; of a clone they are made with this client's own verification. They
decide nothing.
"""

from typing import Any, Final, TypeVar

from registry_tool.core import layout
from registry_tool.core.artifact_reviews import rating
from registry_tool.core.document import Signed, load
from registry_tool.core.errors import NotFound, NotTrusted
from registry_tool.core.marks import Marks
from registry_tool.core.names import ArtifactId
from registry_tool.core.people import AuthorFile, ReviewsFile
from registry_tool.core.ports import Source
from registry_tool.core.published import PublishedTree
from registry_tool.core.release import EntryPoint
from registry_tool.services.answers import told
from registry_tool.services.look import catalogue_of

FILE_BYTES: Final = 4 * 1024 * 1024

S = TypeVar("S", bound=Signed)


def author_of(source: Source, registry: str, author: str) -> dict[str, Any]:  # Any: JSON
    """What is known of an author; who has no profile said nothing, and publishes what the catalogue says.

    `NotFound` where the registry knows nobody of that name.
    """
    found = _file(AuthorFile, source, registry, layout.author_file_path(author))
    if found is not None:
        if found.author != author:
            raise NotTrusted(f"the file about {author} is about {found.author}", code="other-subject")
        value = found.value()
        return {name: member for name, member in value.items() if name != "schema"}
    scopes = sorted(
        {row.artifact[1:].partition("/")[0] for row in catalogue_of(source, registry) if row.author == author}
    )
    if not scopes:
        raise NotFound(
            f"{author} has no profile here, and nothing published", code="no-author", hint="look at the spelling"
        )
    nothing: dict[str, Any] = {"name": "", "about": "", "at": "", "links": {}, "claims": [], "removed": []}
    return {
        **nothing,
        "registry": registry,
        "author": author,
        "verified": False,
        "scopes": [{"scope": scope, "role": "publisher"} for scope in scopes],
    }


def reviews_of(source: Source, registry: str, artifact: ArtifactId) -> dict[str, Any]:  # Any: JSON
    """The rating of an artifact and its newest reviews."""
    found = _file(ReviewsFile, source, registry, layout.reviews_path(artifact))
    if found is None:
        return {"artifact": str(artifact), "rating": rating(()), "reviews": []}
    if found.artifact != str(artifact):
        raise NotTrusted(f"the reviews of {artifact} are of {found.artifact}", code="other-subject")
    value = found.value()
    return {"artifact": str(artifact), "rating": value["rating"], "reviews": value["reviews"]}


def marks_of(source: Source, registry: str, artifact: ArtifactId, *, author: str, imported: bool) -> Marks:
    """The marks of a release of `artifact` by `author`."""
    found = _file(AuthorFile, source, registry, layout.author_file_path(author))
    verified = found is not None and found.author == author and found.verified
    return Marks(verified, artifact.scope in _official(source, registry), imported)


def _official(source: Source, registry: str) -> tuple[str, ...]:
    """The scopes that the operator calls official."""
    if isinstance(source, PublishedTree):
        return source.official
    entry = _file(EntryPoint, source, registry, layout.ENTRY)
    return entry.official if entry is not None else ()


def _file(model: type[S], source: Source, registry: str, path: str) -> S | None:
    with told(source.where):
        data = source.fetch(path, limit=FILE_BYTES)
        if data is None or data.lstrip()[:1] == b"<":
            return None
        return load(model, data, limit=FILE_BYTES, registry=registry, what=path)
