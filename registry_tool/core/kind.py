"""What a kind is: one record, from which everything else about it is derived.

A kind lives in one file of `kinds/`. Verbs of the command line, JSON Schema, gallery tab, table of
kinds and conformance tests come from the record; nothing else in the tool knows a kind by name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core.card import Card
from registry_tool.core.confinement import Way
from registry_tool.core.document import Document
from registry_tool.core.errors import WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Payload
from registry_tool.core.permissions import Grammar
from registry_tool.core.plan import Place, Plan
from registry_tool.core.verified import Verified


@dataclass(frozen=True, slots=True)
class Pin:
    """Something that the payload fetches later, fixed by its digest."""

    type: str
    """`image`, `npm`, `pypi`, `git` or `url`."""
    name: str
    digest: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the payload itself says, the same for everybody who reads the same files.

    The author's tool fills the manifest from it, and every reviewer recomputes it: a manifest whose
    spec is another, or that grants less than `needs`, is refused.
    """

    native: str = ""
    """Path of the native file that was read; empty where the kind has none."""
    folder: str = ""
    """The name that its folder should have, where the native format says one."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """`name`, `version`, `title`, `description`, `license`, `author`, `tags`, `links`, `requires`,
    `dependencies` as far as the native file says them: proposals for the manifest."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """The manifest's `spec`, complete."""
    needs: tuple[str, ...] = ()
    """Permissions that the payload shows it needs, sorted: the least that must be granted."""
    may: tuple[str, ...] = ()
    """Permissions that it can make use of and is not known to need, sorted: proposed, and never called unused."""
    exact: tuple[str, ...] = ()
    """Groups of permissions (`mcp`, `cap`) of which `needs` names all: one more is a grant without use."""
    pins: tuple[Pin, ...] = ()
    """What is fetched later and pinned."""
    unpinned: tuple[str, ...] = ()
    """What is fetched later and is not pinned by digest, as `npm express 4.1.0`; a person decides."""
    findings: tuple[Finding, ...] = ()
    """Faults and remarks; one of level `fail` refuses."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of artifact."""

    id: str
    """Singular, as in `registry skill publish`; the name of its file."""
    category: str
    """Plural, as in the gallery and the flat manifest."""
    title: str
    """Heading of its tab."""
    summary: str
    """One sentence: what it is."""
    icon: str
    """One emoji or sign, for `categories.yaml`."""
    target: str
    """Where installs go, as a template for people: `themes/<slug>/`."""
    reader: str
    """Name and number of the rules that read its native file, as `skill/1`."""
    spec: type[Document]
    """Model of the manifest's `spec`."""
    grammar: Grammar
    """What it may be granted."""
    native: tuple[str, ...]
    """Native file names that tell the kind, best first; empty where `artifact.yaml` must say it."""
    way: Way
    """How what is installed runs, and so who enforces its grants."""
    read: Callable[[Payload, Card], Reading]
    """What the payload says; never raises for the author's mistakes, they are findings."""
    template: Callable[[ArtifactId], Payload]
    """The files of `create`: publishable as they are."""
    plan: Callable[[Verified, Place], Plan]
    """What installing does."""
    flat_permission: Callable[[str], str] = field(default=lambda permission: permission)
    """A permission as the flat manifest writes it (bare tool names for plugins)."""
    own_permission: Callable[[str], str] = field(default=lambda permission: permission)
    """A flat manifest's permission as we write it."""
    wire: Callable[[Manifest, Payload], bytes] | None = None
    """What the ggui client verifies a signature over (its SHA-384); `None` where it does not read the kind."""
    wire_manifest: Callable[[Manifest, Payload], Mapping[str, Any]] | None = None  # Any: JSON
    """What the ggui client reads about a release; there where `wire` is, and raises `InvalidInput` as that does."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds that this tool knows, by id, in the order of their ids."""

    by_id: Mapping[str, Kind]
    """May import a kind when it is asked for."""

    @classmethod
    def of(cls, kinds: Iterable[Kind]) -> "Kinds":
        """The table of these kinds."""
        return cls({kind.id: kind for kind in sorted(kinds, key=lambda kind: kind.id)})

    def __iter__(self) -> Iterator[Kind]:
        """Every kind, by id."""
        return iter(self.by_id.values())

    def __getitem__(self, name: str) -> Kind:
        """The kind called `name`, singular or plural; `WrongUsage` where there is none."""
        if name in self.by_id:
            return self.by_id[name]
        for kind in self:
            if name == kind.category:
                return kind
        raise WrongUsage(f"{name!r} is not a kind", code="unknown-kind", hint="one of: " + ", ".join(self.by_id))
