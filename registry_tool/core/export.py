"""An export: one file that is a small mirror, of a few releases and all that proves them.

    export.json           what it was made for; words, nothing that decides trust
    chains/ index/ objects/ trust/      the same paths and bytes as on the site

It is a ustar archive of our own writer (`ustar.py`): unpacked with any tar program it is a folder
that installs. Times, owners and the order of its files are nobody's choice, so the same releases of the
same state give the same file.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core import canonical, layout, limits
from registry_tool.core.document import ArtifactText, Document, HexText, Seq, TimeText, VersionText
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import Files
from registry_tool.core.quoting import quoted

ABOUT: Final = "export.json"
EXPORT_BYTES: Final = 1024 * limits.MIB  # fifteen of the largest bundles
EXPORT_FILES: Final = 20_000  # 200 names with 50 keyrings, and their objects
ABOUT_BYTES: Final = 64 * limits.KIB

_PATH: Final = re.compile(
    r"(objects/sha256/[0-9a-f]{2}/[0-9a-f]{64}|(chains|index|trust|tuf)(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){1,4})"
)


class ExportRow(Document):
    """One release that an export holds."""

    artifact: ArtifactText
    version: VersionText
    asked: bool
    """Whether it was made for this one; the others are what that needs."""


class ExportAbout(Document):
    """`export.json`."""

    schema_: Literal["registry.export/1"] = Field(alias="schema")
    registry: HexText
    """The id of the registry that it is of, which whoever reads it must know already."""
    releases: Annotated[Seq[ExportRow], Field(min_length=1, max_length=1000)]
    """Sorted by artifact."""
    as_of: TimeText
    """The newest admission or event in it: what happened later, it cannot show."""
    address: Annotated[str, Field(max_length=1000)]
    """The registry's public address; empty where it has none."""

    @property
    def asked(self) -> tuple[str, ...]:
        """What it was made for, as `@scope/name@version`."""
        return tuple(f"{row.artifact}@{row.version}" for row in self.releases if row.asked)


def read_about(data: bytes) -> ExportAbout:
    """The document that `data` holds; `InvalidInput`."""
    value = canonical.parse(data, limit=ABOUT_BYTES, what=ABOUT)
    if not isinstance(value, dict):
        raise InvalidInput(f"{ABOUT} is not a JSON object", code="invalid-document")
    return ExportAbout.of(value)


def demand_exportable(path: str) -> None:
    """Refuses, as `InvalidInput`, a path that no site has."""
    if path != ABOUT and not _PATH.fullmatch(path):
        raise InvalidInput(f"{quoted(path)} is no file of a registry", code="bad-path")


def demand_whole(files: Files | frozenset[str]) -> None:
    """Refuses, as `InvalidInput`, an export without what every reader begins with."""
    for path in (ABOUT, layout.REGISTRY_CHAINS):
        if path not in files:
            raise InvalidInput(f"it has no {path}", code="bad-archive")
