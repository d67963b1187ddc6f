"""The manifest `registry.manifest/1` and its flat form (formats of the registry, part 6).

The SHA-256 of a manifest's bytes is the release's address. There is no time in it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from registry_tool.core import canonical, limits
from registry_tool.core.bundle import FileRow
from registry_tool.core.digest import Digest, Hex, digest_of
from registry_tool.core.document import (
    Document,
    HexText,
    IdText,
    LineText,
    NumberInt,
    Seq,
    Signed,
    VersionText,
    load,
)
from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import ArtifactId, parse_artifact, parse_author
from registry_tool.core.versions import parse_range, parse_version

TagText = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
UrlText = Annotated[str, Field(pattern=r"^https://[^\s\"<>\\^`{|}]{1,500}$")]
PermissionText = Annotated[str, Field(min_length=1, max_length=400)]


class ManifestFile(Document):
    """One file of the payload."""

    path: str
    sha256: HexText
    size: Annotated[int, Field(ge=0, le=limits.PAYLOAD_BYTES)]
    """Bytes."""
    executable: bool


class ManifestBundle(Document):
    """The bundle that `pack` makes of the files."""

    format: Literal["bundle/1"]
    sha256: HexText
    size: NumberInt
    """Bytes."""


class ManifestPin(Document):
    """Something fetched later, fixed by its digest."""

    type: Literal["image", "npm", "pypi", "git", "url"]
    name: Annotated[str, Field(min_length=1, max_length=300)]
    version: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    digest: Annotated[str, Field(min_length=8, max_length=200)]


class ManifestSource(Document):
    """Where the author says that the files come from."""

    repository: UrlText
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
    path: str | None = None
    ref: str | None = None


class ManifestImport(Document):
    """The catalogue that the registry's importer took it from."""

    from_: Annotated[str, Field(alias="from", min_length=1, max_length=500)]


class Manifest(Signed):
    """What an author signs."""

    schema_: Literal["registry.manifest/1"] = Field(alias="schema")
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    scope: IdText
    name: IdText
    version: VersionText
    author: IdText
    visibility: Literal["public", "private"]
    title: LineText
    description: Annotated[str, Field(min_length=1, max_length=4000)]
    license: Annotated[str, Field(min_length=1, max_length=200)]
    tags: Seq[TagText]
    links: dict[str, UrlText]
    permissions: Seq[PermissionText]
    requires: dict[str, str]
    dependencies: dict[str, str]
    pins: Seq[ManifestPin]
    files: Annotated[Seq[ManifestFile], Field(min_length=1, max_length=limits.PAYLOAD_FILES)]
    bundle: ManifestBundle
    reader: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}/[1-9][0-9]{0,3}$")]
    spec: dict[str, Any]  # Any: the kind's own model reads it
    source: ManifestSource | None = None
    imported: ManifestImport | None = None

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Everything that one member says about another (part 5 and 6)."""
        try:
            parse_artifact(self.artifact)
            parse_author(self.author)
            parse_version(self.version)
            for dependency, wanted in self.dependencies.items():
                parse_artifact(dependency)
                parse_range(wanted)
            for wanted in self.requires.values():
                parse_range(wanted)
        except InvalidInput as error:
            raise ValueError(error.message) from error
        if list(self.permissions) != sorted(set(self.permissions)):
            raise ValueError("permissions are sorted and each stands once")
        if list(self.tags) != sorted(set(self.tags)) or len(self.tags) > 20:
            raise ValueError("tags are sorted, each stands once, and there are at most 20")
        order = [file.path.encode("utf-8", "surrogatepass") for file in self.files]
        if order != sorted(set(order)):
            raise ValueError("files are sorted by the bytes of their paths and each stands once")
        return self

    @property
    def artifact(self) -> str:
        """`@scope/name`."""
        return f"@{self.scope}/{self.name}"

    @property
    def id(self) -> ArtifactId:
        """Scope and name as a value."""
        return parse_artifact(self.artifact)

    @property
    def rows(self) -> tuple[FileRow, ...]:
        """The files as `bundle.rows` gives them."""
        return tuple(FileRow(file.path, Hex(file.sha256), file.size, file.executable) for file in self.files)

    @property
    def native_name(self) -> str:
        """The name that the native file gives it, else its own."""
        return str(self.spec.get("native_name") or self.name)


def read_manifest(data: bytes, *, registry: str) -> Manifest:
    """The manifest that `data` holds; `InvalidInput` or `NotTrusted` (another registry's)."""
    return load(Manifest, data, limit=limits.MANIFEST_BYTES, registry=registry, what="the manifest")


def address(data: bytes) -> Digest:
    """A release's address: the digest of its manifest's bytes."""
    return digest_of(data)


def flat_form(manifest: Manifest, *, category: str, permissions: tuple[str, ...]) -> dict[str, Any]:
    """The manifest as foreign readers know it (M3), without its signature.

    `category` is the kind's plural, `permissions` already in the flat spelling.
    """
    return {
        "kind": category,
        "name": manifest.id.slug,
        "version": manifest.version,
        "author_id": manifest.author,
        "package_sha256": manifest.bundle.sha256,
        "permissions": list(permissions),
    }


def flat_bytes(flat: Mapping[str, Any]) -> bytes:
    """What the flat form's signature is over: its RFC 8785 bytes without `manifest_signature`."""
    return canonical.encode({key: value for key, value in flat.items() if key != "manifest_signature"})
