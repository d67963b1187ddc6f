"""One good and one bad example per rule of the formats, for the readers and for the schemas.

A row takes a real document, puts the good value at a place and must be read; with the bad value it is
refused with words that name the rule. `schema` says whether JSON Schema can say it too.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from registry_tool.core import canonical
from registry_tool.core.artifact_reviews import ArtifactReview
from registry_tool.core.auditing import Audited
from registry_tool.core.card import Card
from registry_tool.core.catalogue import Catalogue, catalogue
from registry_tool.core.counts import Counts
from registry_tool.core.distributed import DistTable
from registry_tool.core.document import Document, Signed
from registry_tool.core.listed import AdvisoryList, LiveCounts, RevokedList
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.people import AuthorFile, ReviewsFile
from registry_tool.core.profiles import Profile
from registry_tool.core.release import (
    Admission,
    Approval,
    AuthorChain,
    EntryPoint,
    Evidence,
    NameRecord,
    Pointer,
    RegistryChains,
    ScopeChains,
)
from registry_tool.core.settings import Settings
from registry_tool.core.statements import Event, Keyring, Moderation, Moderators, Policy, Scope
from registry_tool.core.waiting import Queue, Waitlist
from registry_tool.core.waivers import Waiver
from registry_tool.kinds import kind_of
from tests.builders import a_registry
from tests.building_profiles import ACCOUNT, DOMAIN, profile, review
from tests.queues import typical, waitlist_value

Json = Any  # what a JSON document may hold at some place

SIGNED: Final[Mapping[str, type[Signed]]] = {
    "registry.admission-1": Admission,
    "registry.advisories-1": AdvisoryList,
    "registry.approval-1": Approval,
    "registry.author-1": AuthorFile,
    "registry.catalogue-1": Catalogue,
    "registry.counts-1": Counts,
    "registry.dist-1": DistTable,
    "registry.entry-1": EntryPoint,
    "registry.event-1": Event,
    "registry.evidence-1": Evidence,
    "registry.keyring-1": Keyring,
    "registry.live-counts-1": LiveCounts,
    "registry.manifest-1": Manifest,
    "registry.moderation-1": Moderation,
    "registry.moderators-1": Moderators,
    "registry.name-1": NameRecord,
    "registry.policy-1": Policy,
    "registry.profile-1": Profile,
    "registry.queue-1": Queue,
    "registry.release-1": Pointer,
    "registry.review-1": ArtifactReview,
    "registry.reviews-1": ReviewsFile,
    "registry.revoked-1": RevokedList,
    "registry.scope-1": Scope,
    "registry.waitlist-1": Waitlist,
    "registry.waiver-1": Waiver,
}
OTHERS: Final[Mapping[str, type[Document]]] = {
    "artifact": Card,
    "chains-author": AuthorChain,
    "chains-registry": RegistryChains,
    "chains-scope": ScopeChains,
    "registry.audit-1": Audited,
    "settings": Settings,
}


class Absent:
    """No such member."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent()
HEX: Final = "ab" * 32
DIGEST: Final = f"sha256:{HEX}"
TIME: Final = "2026-11-21T09:00:00Z"
ROW: Final = {"author": "ann", "status": "active"}
ENDED: Final = {"status": "retired", "since": TIME}
REF: Final = {"number": 1, "sha256": HEX}


@dataclass(frozen=True, slots=True)
class Example:
    """One rule at one place of one document."""

    document: str
    place: tuple[str | int, ...]
    rule: str
    good: Json
    bad: Json
    said: str
    """A part of the message that refuses the bad one."""
    schema: bool = True
    """Whether JSON Schema can say it."""

    def __str__(self) -> str:
        return f"{self.document}: {self.rule}"

    def with_value(self, value: Json) -> dict[str, Json]:
        """The document with `value` at the place."""
        document = copy.deepcopy(dict(documents()[self.document]))
        inner: Json = document
        for part in self.place[:-1]:
            inner = inner[part]
        if isinstance(value, Absent):
            inner.pop(self.place[-1], None)
        else:
            inner[self.place[-1]] = value
        return document


@cache
def documents() -> Mapping[str, dict[str, Json]]:
    """A good document of each kind, as a registry with one release has it."""
    theme = kind_of("theme")
    content = theme.template(parse_artifact("@ann/solar"))
    registry = a_registry().release("@ann/solar", "1.0.0", content, spec=theme.read(content, Card()).spec)
    registry.approve("@ann/solar", "1.0.0", "mod")
    registry.event("@ann/solar", "1.0.0", "yank")
    folder = "index/releases/an/ann/solar/1.0.0"
    profile(registry.with_author("bob"), DOMAIN, ACCOUNT, by=("ann control", "mod"))
    review(registry, "@ann/solar")
    site, clone = registry.site(), registry.source()
    tree: dict[str, bytes] = {
        "registry.admission-1": registry.files[f"{folder}/admission.json"],
        "registry.approval-1": registry.files[f"{folder}/approvals/mod.json"],
        "registry.author-1": clone.fetch("index/authors/an/ann/profile.json", limit=10**6) or b"",
        "registry.catalogue-1": catalogue(registry.tree()),
        "registry.event-1": registry.files[f"{folder}/events/1.json"],
        "registry.evidence-1": canonical.encode(registry.proof("@ann/solar", "1.0.0").evidence(registry.id)),
        "registry.keyring-1": registry.files["index/authors/an/ann/keys/1.json"],
        "registry.manifest-1": registry.proof("@ann/solar", "1.0.0").manifest,
        "registry.moderators-1": registry.files["index/moderators/1.json"],
        "registry.name-1": registry.site_record(registry.manifest("@ann/solar", "1.0.0").id),
        "registry.policy-1": registry.files["index/policy/1.json"],
        "registry.profile-1": registry.files["index/authors/an/ann/profile/1.json"],
        "registry.release-1": registry.files[f"{folder}/release.json"],
        "registry.review-1": registry.files["index/reviews/an/ann/solar/bob/1.json"],
        "registry.reviews-1": clone.fetch("index/reviews/an/ann/solar.json", limit=10**6) or b"",
        "registry.scope-1": registry.files["index/scopes/an/ann/1.json"],
        "chains-registry": site["chains/registry.json"],
        "chains-scope": site["chains/scopes/an/ann.json"],
    }
    read = {name: canonical.parse(data, limit=10**6, what=name) for name, data in tree.items()}
    frame = {name: read["registry.event-1"][name] for name in ("registry", "number", "previous", "mode", "under")}
    read["registry.moderation-1"] = {
        **frame,
        "schema": "registry.moderation/1",
        "subject": f"moderation/2026/{HEX}",
        "action": "reject",
        "submission": HEX,
        "manifests": [DIGEST],
        "reason": "spam",
        "note": "",
        "at": TIME,
    }
    read["registry.waiver-1"] = {
        **frame,
        "schema": "registry.waiver/1",
        "subject": f"waivers/secrets-{HEX[:12]}",
        "check": "secrets",
        "artifact": "@ann/solar",
        "version": "1.0.0",
        "manifest": DIGEST,
        "reason": "an example",
        "at": TIME,
        "until": "2027-01-01T00:00:00Z",
    }
    read["registry.queue-1"] = typical(registry.id).value()
    read["registry.waitlist-1"] = waitlist_value(registry.id)
    read["registry.entry-1"] = {
        "schema": "registry.entry/1",
        "registry": registry.id,
        "name": "Ours",
        "url": "",
        "git": "",
        "demonstration": True,
        "offers": [],
    }
    read |= listed(registry.id)
    read["chains-author"] = {"entries": read["chains-scope"]["keyrings"]["ann"]}
    read["artifact"] = {"id": "@ann/solar", "version": "1.0.0"}
    read |= of_machines(registry.id)
    return read


def of_machines(registry: str) -> dict[str, dict[str, Json]]:
    """What lies on the machines of people who install."""
    line = {"at": TIME, "event": "install", "artifact": "@ann/solar", "version": "1.0.0", "outcome": "done"}
    granted = [{"permission": "network", "words": "reach any host on the public Internet"}]
    identity = {"identity": "/.*@example.org/", "issuer": "https://issuer.example"}
    return {
        "registry.audit-1": {"schema": "registry.audit/1", **line, "registry": registry, "grants": granted},
        "settings": {
            "registries": [{"id": registry, "name": "ours"}],
            "trust": {"approvals": 2, "signers": [{"author": "ann"}, {"key": HEX[:16]}, identity]},
            "permissions": {"never": ["network"]},
            "cool_down": "3d",
            "run": {"unconfined": ["@ann/words"]},
        },
    }


def listed(registry: str) -> dict[str, dict[str, Json]]:
    """What sites list beside their catalogue, and the counts that a build is given."""
    release = {"artifact": "@ann/solar", "version": "1.0.0"}
    revoked = {**release, "manifest": DIGEST, "status": "revoked", "at": TIME}
    lifted = {"published": TIME, "modified": TIME, "withdrawn": TIME}
    advisory = {"id": f"REG-{HEX[:32]}", **release, "action": "yank", "reason": "security", **lifted}
    row = {**release, "kind": "theme", "manifest": DIGEST, "plugin": "ann__solar", "at": TIME}
    made: dict[str, dict[str, Json]] = {
        "dist": {"name": "A registry", "url": "", "releases": [row]},
        "advisories": {"advisories": [advisory]},
        "counts": {"until": "2026-11-21", "names": {"@ann/solar": {"1.0.0": {"before": 2}}}},
        "live-counts": {"until": "2026-11-21", "files": ["an.json"]},
        "revoked": {"releases": [revoked]},
    }
    return {f"registry.{x}-1": {"schema": f"registry.{x}/1", "registry": registry, **made[x]} for x in made}


def of_every_signed(name: str) -> tuple[Example, ...]:
    """What part 1 says of every signed document."""
    schema = documents()[name]["schema"]
    newer = schema.replace("/1", "/2")
    return (
        Example(name, ("schema",), "it names its schema", schema, "registry.other/1", "expected the schema"),
        Example(name, ("schema",), "a newer schema asks for an update of the tool", schema, newer, "reads up to"),
        Example(name, ("schema",), "the schema is always there", schema, ABSENT, "expected the schema"),
        Example(name, ("registry",), "it names its registry", documents()[name]["registry"], "ab", "another registry"),
        Example(name, ("registry",), "the registry is always there", documents()[name]["registry"], ABSENT, "another"),
        Example(name, ("surprise",), "it is closed", ABSENT, 1, "not a member that is known here"),
        Example(
            name,
            ("extensions",),
            "extensions are reverse-DNS names",
            {"org.example.a": [1]},
            {"a": 1},
            "reverse-DNS",
            schema=False,
        ),
        Example(
            name,
            ("extensions",),
            "extensions are small",
            {"org.example": "x" * 3900},
            {"org.example": "x" * 4000},
            "at most 4000",
            schema=False,
        ),
        Example(
            name,
            ("extensions",),
            "extensions hold no null",
            {"org.example": [[]]},
            {"org.example": [{"a": [None]}]},
            "holds a null",
            schema=False,
        ),
        Example(name, ("extensions",), "extensions are never null", {}, None, "null"),
    )


def of_every_statement(name: str) -> tuple[Example, ...]:
    """What part 4 says of every statement's frame."""
    subject = documents()[name]["subject"]
    recover = (
        ("recover", "start again") if name in ("registry.keyring-1", "registry.scope-1") else ("continue", "recover")
    )
    return (
        Example(name, ("subject",), "it names its subject", subject, ABSENT, "subject: is missing"),
        Example(name, ("number",), "numbers begin at 1", 1, 0, "number: "),
        Example(name, ("number",), "a number is no text", 1, "1", "number: "),
        Example(name, ("number",), "a number is no boolean", 1, True, "number: "),
        Example(name, ("previous",), "what came before is named by its digest", DIGEST, HEX, "previous: "),
        Example(
            name, ("previous",), "what came before is always named, null at 1", None, ABSENT, "previous: is missing"
        ),
        Example(name, ("mode",), "it continues, or recovers where that has a meaning", *recover, "mode: "),
        Example(name, ("under",), "heads are numbers and digests", {"policy": REF}, {"policy": 1}, "under.policy: "),
        Example(
            name,
            ("under",),
            "a head's digest is bare",
            {"policy": REF},
            {"policy": {**REF, "sha256": DIGEST}},
            "sha256",
        ),
        Example(name, ("under",), "under is always there", {}, ABSENT, "under: is missing"),
        Example(name, ("hits",), "hits are digests", [DIGEST], [HEX], "hits[0]: "),
    )


STATEMENTS: Final = (
    "registry.event-1",
    "registry.keyring-1",
    "registry.moderation-1",
    "registry.moderators-1",
    "registry.policy-1",
    "registry.profile-1",
    "registry.review-1",
    "registry.scope-1",
    "registry.waiver-1",
)
