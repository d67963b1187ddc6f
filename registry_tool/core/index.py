"""The registry as the build sees it, verified: what feeds and the gallery are made from.

    About     the registry itself              Name      one artifact with all its admitted releases
    Listing   every artifact in one line       Release   one of them

Feeds are pure functions from these to files. A feed of names is asked once for each name that
changed; a feed of the whole gives `Planned` files, each with a key, and one is made only when its key
is another than the last time. What a feed of the whole wants to know of each name, beyond the row that
everybody knows, a `NameFacts` function tells: the build remembers it with the name.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core.artifact_reviews import ArtifactReview
from registry_tool.core.counts import Counts
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.identity import Claims
from registry_tool.core.keys import K16, PublicKey
from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest
from registry_tool.core.marks import Marks
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Files, Payload
from registry_tool.core.profiles import Standing
from registry_tool.core.proof import Proof
from registry_tool.core.reasons import SECURITY
from registry_tool.core.release import CatalogueRow, Status
from registry_tool.core.rows import hooks_of, rating_given
from registry_tool.core.status import GRAVEST_FIRST, TREATMENT
from registry_tool.core.tables import CategoryRow, RegistryTable
from registry_tool.core.waiting import Queue

ALARMS = frozenset({"quarantine", "revoke", "withhold"})
"""Actions that people who have a release installed must hear of, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Category:
    """One tab, and the kind behind it."""

    row: CategoryRow
    kind: Kind | None
    """`None` where this tool does not know the kind."""


@dataclass(frozen=True, slots=True)
class About:
    """The registry itself."""

    id: Hex
    table: RegistryTable
    demonstration: bool
    """Whether a published test key is among its keys: then it proves nothing to anybody."""
    categories: tuple[Category, ...]
    moderators: tuple[str, ...]
    """Ids of the people who may admit today."""
    until: tuple[tuple[str, str], ...] = ()
    """What people signed offline (root, targets), each with the time until which it is good."""

    def category_of(self, kind: str) -> Category | None:
        """The tab of a kind; `None` where it has none."""
        return next((one for one in self.categories if one.kind is not None and one.kind.id == kind), None)


@dataclass(frozen=True, slots=True)
class EventNote:
    """Something that became of a release."""

    action: str
    reason: str
    note: str
    at: str
    sha256: Hex
    """Of its bytes."""
    lifts: str | None
    """For `restore`: the digest of the event that it takes back."""


@dataclass(frozen=True, slots=True)
class AuthorSignature:
    """A signature of the author over the manifest, by a key that held."""

    k16: K16
    key: PublicKey
    signature: bytes


@dataclass(frozen=True, slots=True)
class Release:
    """One admitted release, verified to its last byte."""

    manifest: Manifest
    proof: Proof
    evidence: bytes
    """The proof as the site serves it."""
    payload: Payload
    bundle: bytes
    status: Status
    events: tuple[EventNote, ...]
    admitted: Mapping[str, Any]  # Any: `trust.summary`
    """Who let it in: `by`, `approved_by`, `path`, `at`, `note`."""
    gained: tuple[str, ...]
    """What it newly asked for when it came in."""
    signatures: tuple[AuthorSignature, ...]
    identities: tuple[Claims, ...] = ()
    """Who signed it without a key, where its scope needs that."""

    @property
    def digest(self) -> Hex:
        """Its address."""
        return sha256(self.proof.manifest)

    @property
    def standing(self) -> EventNote | None:
        """The gravest event that nobody lifted; `None` where there is none."""
        lifted = {event.lifts for event in self.events}
        there = [event for event in self.events if prefixed(event.sha256) not in lifted]
        return next((event for action, _ in GRAVEST_FIRST for event in there if event.action == action), None)


@dataclass(frozen=True, slots=True)
class Name:
    """One artifact."""

    artifact: ArtifactId
    kind: str
    record: bytes
    """The per-name file."""
    releases: tuple[Release, ...]
    """Newest first; at least one."""
    marks: Marks = field(default_factory=Marks)
    author: Standing | None = None
    """What the author of `shown` says of themselves; `None` where that is nothing."""
    reviews: tuple[ArtifactReview, ...] = ()
    """What people think of it, newest first."""
    installs: int | None = None
    """At least so many, rounded down (`counts.coarse`); `None` where nobody counted."""

    @property
    def shown(self) -> Release:
        """The release that an install without a version takes, else the newest."""
        safe = [one for one in self.releases if TREATMENT[one.status].chosen]
        stable = [one for one in safe if "-" not in one.manifest.version.partition("+")[0]]
        return (stable or safe or list(self.releases))[0]

    def row(self) -> CatalogueRow:
        """The artifact in one line."""
        manifest = self.shown.manifest
        times = sorted(str(one.admitted["at"]) for one in self.releases)
        return CatalogueRow(
            artifact=manifest.artifact,
            kind=self.kind,
            version=manifest.version,
            title=manifest.title,
            description=manifest.description,
            author=manifest.author,
            tags=manifest.tags,
            permissions=manifest.permissions,
            status=self.shown.status,
            published=times[0],
            updated=times[-1],
            hooks=hooks_of(manifest),
            search={},
            **{**self.marks.given(), **rating_given(self.reviews)},
        )

    def grave(self) -> list[dict[str, Any]]:  # Any: JSON
        """Its releases that must not be installed, for `index/revoked.json`."""
        return [
            {
                "artifact": str(self.artifact),
                "version": one.manifest.version,
                "manifest": prefixed(one.digest),
                "status": one.status,
                "at": one.events[-1].at if one.events else str(one.admitted["at"]),
            }
            for one in self.releases
            if not TREATMENT[one.status].stays
        ]

    def notices(self) -> list[dict[str, Any]]:  # Any: JSON
        """Everything that people who have it installed must hear of, oldest version first: for the advisories.

        Each has `id` (from the event's digest: the same wherever it is made), `artifact, kind, version,
        manifest, action, reason, note, at, event` (the digest), and `lifted`, the time at which it was
        taken back, or null.
        """
        return [
            {
                "id": f"REG-{event.sha256[:32]}",
                "artifact": str(self.artifact),
                "kind": self.kind,
                "version": release.manifest.version,
                "manifest": prefixed(release.digest),
                "action": event.action,
                "reason": event.reason,
                "note": event.note,
                "at": event.at,
                "event": event.sha256,
                "lifted": next((one.at for one in release.events if one.lifts == prefixed(event.sha256)), None),
            }
            for release in reversed(self.releases)
            for event in release.events
            if event.action in ALARMS or (event.action, event.reason) == ("yank", SECURITY)
        ]


@dataclass(frozen=True, slots=True)
class Listing:
    """Every artifact in one line."""

    about: About
    rows: Sequence[CatalogueRow]
    """Sorted by artifact."""
    grave: Sequence[Mapping[str, Any]]  # Any: JSON
    """Releases that must not be installed, sorted by artifact."""
    notices: Sequence[Mapping[str, Any]] = ()  # Any: JSON
    """What `Name.notices` says of each, sorted by artifact."""
    queue: Queue | None = None
    """What waits to be let in, where the build was given that."""
    authors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # Any: JSON
    """What is told of authors who have a profile (`people.AuthorFile`), by their ids."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # Any: JSON
    """What each of `Feeds.facts` told, by its id, and in it by artifact, sorted; who told nothing is not there."""
    counts: Counts | None = None
    """How often things were installed, where the build was given that."""
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By artifact, `fact_key` of its row (under `''`) and of what each of `facts` told of it."""

    def row_key(self, row: CatalogueRow) -> str:
        """Changes whenever `row` does: for the keys of files that show many rows; cheap, since a build remembers it."""
        known = self.keys.get(row.artifact)
        return known[""] if known is not None else fact_key(row.value())

    def fact_key(self, feed: str, artifact: str) -> str:
        """Changes whenever what `facts[feed]` tells of an artifact does; empty where it tells nothing."""
        told = self.facts.get(feed, {})
        if artifact not in told:
            return ""
        known = self.keys.get(artifact)
        return known[feed] if known is not None else fact_key(told[artifact])


def fact_key(value: object) -> str:
    """Changes whenever a value of JSON does."""
    return sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass"))[:32]


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that is made from many names."""

    path: str
    key: str
    """Changes whenever the file might; the file is made anew only then."""
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that is the same as another one of the site, which a feed of names made."""

    path: str
    source: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the site."""

    path: str
    sha256: Hex
    load: Callable[[str], bytes]
    """Gives its bytes for its path; called only where they differ from what is there."""


NameFeed = Callable[[Name, About], Files]
NameFacts = Callable[[Name, About], Any]  # Any: JSON, `None` where there is nothing to tell
WholeFeed = Callable[[Listing], Iterable[Planned | Copied]]


@dataclass(frozen=True, slots=True)
class Feeds:
    """All that a build publishes."""

    names: tuple[NameFeed, ...]
    """Each makes files of paths that no other name has."""
    whole: tuple[WholeFeed, ...]
    facts: Mapping[str, NameFacts] = field(default_factory=dict)
    """By the id under which `Listing.facts` has what they tell."""
