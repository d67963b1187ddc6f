"""The table of what lies in a registry's `dist` branch: `dist.json` at its root.

    .gitattributes README.md dist.json      the tool's own
    .claude-plugin/marketplace.json         the list of plugins, for agents that read one
    skills/<native name>/…                  skills, for programs that look for those
    plugins/<slug>/…                        skills and servers, each as a plugin

The table says which release each folder is, so that whoever has the files can look the release up and verify it;
and all that the commit needs: the same files give the same commit.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core import limits
from registry_tool.core.document import (
    ArtifactText,
    DigestText,
    Document,
    LineText,
    Seq,
    Signed,
    TimeText,
    VersionText,
    load,
)

TABLE: Final = "dist.json"
BRANCH: Final = "dist"
"""What the branch is called where nobody says otherwise."""
ATTRIBUTES: Final = ".gitattributes"
README: Final = "README.md"
FOLDERS: Final = (".claude-plugin/", "plugins/", "skills/")
"""All that lies at the root besides the three files: nothing there is an author's."""


class DistRow(Document):
    """One release."""

    artifact: ArtifactText
    version: VersionText
    kind: str
    manifest: DigestText
    """Its address in the registry."""
    plugin: str
    """What it is called in the lists of plugins; its folder is `plugins/<slug>`."""
    skill: str = ""
    """Its folder below `skills/`; empty where somebody else holds its native name, and for servers."""
    executable: Seq[str] = ()
    """Paths of the files that are executable, from the root, sorted."""
    at: TimeText
    """The newest of its admission and its events."""


class DistTable(Signed):
    """`dist.json`; sorted by artifact."""

    schema_: Literal["registry.dist/1"] = Field(alias="schema")
    name: LineText
    """What the registry is called."""
    url: str
    """Where it is served; empty where the operator named no place."""
    releases: Annotated[Seq[DistRow], Field(max_length=1_000_000)]

    @property
    def at(self) -> str:
        """The newest time in it; that of the first commit of all where it is empty."""
        return max((row.at for row in self.releases), default="1970-01-01T00:00:00Z")


def is_distributed(path: str) -> bool:
    """Whether a file belongs into the branch."""
    return path in (TABLE, ATTRIBUTES, README) or path.startswith(FOLDERS)


def read_table(data: bytes, *, registry: str) -> DistTable:
    """The table that `data` holds; `InvalidInput`, or `NotTrusted` for another registry's."""
    return load(DistTable, data, limit=limits.CATALOGUE_BYTES, registry=registry, what=f"the table {TABLE}")
