"""What a site lists for programs beside its catalogue: what must not be installed, advisories, and counts.

    index/revoked.json      registry.revoked/1          advisories/all.json     registry.advisories/1
    counts/index.json       registry.live-counts/1

Whoever builds a site writes them; the forms are here for who reads them with another tool.
"""

from typing import Annotated, Literal

from pydantic import Field

from registry_tool.core.counts import DayText
from registry_tool.core.document import ArtifactText, DigestText, Document, Seq, Signed, TimeText, VersionText


class RevokedRow(Document):
    """A release that must not be installed."""

    artifact: ArtifactText
    version: VersionText
    manifest: DigestText
    status: Literal["quarantined", "revoked", "withheld"]
    at: TimeText
    """Of the last that became of it."""


class RevokedList(Signed):
    """`index/revoked.json`."""

    schema_: Literal["registry.revoked/1"] = Field(alias="schema")
    releases: Seq[RevokedRow]


class AdvisoryRow(Document):
    """An advisory in one line."""

    id: Annotated[str, Field(pattern=r"^REG-[0-9a-f]{32}$")]
    """Of the document `advisories/<id>.json`."""
    artifact: ArtifactText
    version: VersionText
    action: Literal["yank", "quarantine", "revoke", "withhold"]
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,40}$")]
    published: TimeText
    modified: TimeText
    withdrawn: TimeText | None = None
    """When it was lifted; absent while it stands."""


class AdvisoryList(Signed):
    """`advisories/all.json`, the newest first."""

    schema_: Literal["registry.advisories/1"] = Field(alias="schema")
    advisories: Seq[AdvisoryRow]


class LiveCounts(Signed):
    """`counts/index.json`."""

    schema_: Literal["registry.live-counts/1"] = Field(alias="schema")
    until: DayText
    """The last day that was counted."""
    files: Seq[Annotated[str, Field(pattern=r"^[a-z0-9-]{2}\.json$")]]
    """Beside it, by the first two letters of scopes."""
