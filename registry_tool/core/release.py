"""What lies beside a manifest: pointer, approval, admission, and what the site serves of them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic reads that of the standard library only from Python 3.12 on

from registry_tool.core.document import (
    ArtifactText,
    Base64Text,
    DigestText,
    Document,
    HexText,
    IdText,
    K16Text,
    NoteText,
    NumberInt,
    Seq,
    Signed,
    TimeText,
    VersionText,
)
from registry_tool.core.statements import ForgeReview, HeadRef
from registry_tool.core.tiers import Tiers

Status = Literal["active", "deprecated", "yanked", "quarantined", "revoked", "withheld"]


class Pointer(Signed):
    """`release.json`: unsigned; makes two claims of one version conflict."""

    schema_: Literal["registry.release/1"] = Field(alias="schema")
    artifact: ArtifactText
    version: VersionText
    manifest: DigestText


class Approval(Signed):
    """One person's yes, where more than one is needed."""

    schema_: Literal["registry.approval/1"] = Field(alias="schema")
    artifact: ArtifactText
    version: VersionText
    manifest: DigestText
    under: dict[str, HeadRef]
    verdict: Literal["approve"]
    note: NoteText
    at: TimeText


SignatureName = Annotated[str, Field(pattern=r"^((flat\.|wire\.)?[0-9a-f]{16}\.sig|(wire\.)?sigstore\.json)$")]
"""A file beside the manifest's blob, by its suffix."""


class SignatureFile(Document):
    """A file beside the manifest's blob."""

    file: SignatureName
    sha256: HexText


class Admission(Signed):
    """The signed record that lets a release in."""

    nullable: ClassVar[frozenset[str]] = frozenset({"compared"})

    schema_: Literal["registry.admission/1"] = Field(alias="schema")
    artifact: ArtifactText
    version: VersionText
    manifest: DigestText
    signatures: Annotated[Seq[SignatureFile], Field(max_length=50)]
    """Every file beside the manifest's blob, sorted; none can be stripped, swapped or added."""
    under: dict[str, HeadRef]
    compared: VersionText | None
    gained: Seq[Annotated[str, Field(min_length=1, max_length=500)]]
    path: Literal["person", "owner"]
    approvals: Annotated[Seq[DigestText | ForgeReview], Field(max_length=50)]
    note: NoteText
    at: TimeText


class EntrySignature(Document):
    """A detached signature, carried in JSON."""

    key: K16Text
    signature: Base64Text


class Entry(Document):
    """A signed document and its signatures, carried in JSON."""

    statement: str
    """The exact text."""
    signatures: Annotated[Seq[EntrySignature], Field(max_length=200)]


class EvidenceFile(Document):
    """A signature file, carried in JSON: base64 of its bytes."""

    file: SignatureName
    content: Base64Text


class Evidence(Signed):
    """Everything that proves one release, manifest and bundle apart."""

    schema_: Literal["registry.evidence/1"] = Field(alias="schema")
    manifest: DigestText
    admission: Entry
    approvals: Annotated[Seq[Entry], Field(max_length=50)]
    signatures: Annotated[Seq[EvidenceFile], Field(max_length=50)]


class VersionRecord(Document):
    """One version in the per-name file."""

    manifest: DigestText
    bundle: DigestText
    size: NumberInt
    """Bytes of the bundle."""
    evidence: DigestText
    status: Status
    """A hint; the events decide."""
    published: TimeText
    """The admission's `at`."""
    events: Annotated[Seq[Entry], Field(max_length=500)]


class NameRecord(Signed):
    """`index/<aa>/<scope>/<name>.json`."""

    schema_: Literal["registry.name/1"] = Field(alias="schema")
    artifact: ArtifactText
    kind: str
    versions: dict[VersionText, VersionRecord]


class RegistryChains(Document):
    """`chains/registry.json`."""

    roots: Annotated[Seq[str], Field(min_length=1, max_length=1000)]
    """The exact texts of the root metadata, from 1."""
    moderators: Annotated[Seq[Entry], Field(min_length=1)]
    policy: Annotated[Seq[Entry], Field(min_length=1)]
    tiers: Tiers | None = None
    """What each tier allows; absent where the registry has none. Here, so that nobody asks for it by itself."""


class ScopeChains(Document):
    """`chains/scopes/<aa>/<scope>.json`."""

    entries: Annotated[Seq[Entry], Field(min_length=1)]
    keyrings: dict[IdText, Seq[Entry]]
    """By author; those that lie apart (`chains/authors/…`) are missing here."""


class AuthorChain(Document):
    """`chains/authors/<aa>/<id>.json`."""

    entries: Annotated[Seq[Entry], Field(min_length=1)]


class RowRating(TypedDict):
    """How many reviews there are, and the mean of their stars with two decimals."""

    count: Annotated[int, Field(ge=1)]
    mean: Annotated[str, Field(pattern=r"^[1-5]\.[0-9]{2}$")]


class CatalogueRow(Document):
    """One artifact in `index/catalogue.json`; for searching, never decides trust."""

    artifact: ArtifactText
    kind: str
    version: VersionText
    """The newest that is active and no pre-release, else the newest."""
    title: str
    description: str
    author: IdText
    tags: Seq[str]
    permissions: Seq[str]
    status: Status
    published: TimeText
    updated: TimeText
    hooks: Seq[str]
    """Hooks and components that a gadget exports, the first one first; empty for other kinds."""
    search: dict[str, Any]  # Any: reserved for the search feed
    author_verified: bool = False
    """The marks (`marks.py`): each is there only where it is so."""
    official: bool = False
    imported: bool = False
    rating: RowRating | None = None
    """Absent without reviews."""


class EntryPoint(Signed):
    """`index/registry.json`: uploaded last."""

    schema_: Literal["registry.entry/1"] = Field(alias="schema")
    name: str
    url: str
    git: str
    """Where submissions go; empty where the operator named none."""
    demonstration: bool
    offers: Seq[str]
    official: Seq[IdText] = ()
    """Scopes that the operator calls official; absent where there are none."""
