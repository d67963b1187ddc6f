"""`registry.lock.json`: what a project has installed, to the byte, one artifact a line.

    {"lock": 1, "artifacts": {
    "@ann/solar": {"author":"ann","bundle":"sha256:…","keys":["…"],"kind":"theme","manifest":"sha256:…", …},
    "@bob/moon": {…}
    }}

One line each, sorted, so that two people's additions merge like any text.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from registry_tool.core import canonical, limits
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.document import ArtifactText, DigestText, Document, HexText, IdText, K16Text, Seq, VersionText
from registry_tool.core.errors import InvalidInput
from registry_tool.core.verified import Verified
from registry_tool.core.versions import parse_version

NAME = "registry.lock.json"
LOCK_BYTES = 16 * limits.MIB  # tens of thousands of lines


class LockRow(Document):
    """What one artifact is pinned to."""

    version: VersionText
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    manifest: DigestText
    """The release's address."""
    bundle: DigestText
    author: IdText
    keys: Annotated[Seq[K16Text], Field(min_length=1, max_length=50)]
    """The author's keys that signed it."""
    registry: HexText
    """The id of the registry that it came from."""


class _Lock(Document):
    lock: Literal[1]
    artifacts: dict[ArtifactText, LockRow]


Lock = Mapping[str, LockRow]
"""Artifact to what it is pinned to."""


def row_of(verified: Verified) -> LockRow:
    """What an installed release is pinned to."""
    return LockRow(
        version=verified.manifest.version,
        kind=verified.manifest.kind,
        manifest=prefixed(Hex(verified.digest)),
        bundle=prefixed(Hex(verified.manifest.bundle.sha256)),
        author=verified.manifest.author,
        keys=verified.signed_by,
        registry=verified.registry,
    )


def read_lock(text: str | None) -> Lock:
    """The rows of a lock file, none where there is no file; `InvalidInput` for a file that is none."""
    if text is None:
        return {}
    if "\n<<<<<<< " in f"\n{text}":
        raise InvalidInput(
            "it holds the marks of a merge that was not ended",
            where=NAME,
            code="bad-lock",
            hint="keep the lines that you want, or bring back one side, then: registry install",
        )
    try:
        value = canonical.parse_loose(text.encode("utf-8"), limit=LOCK_BYTES, what="the lock file")
        if isinstance(value, dict) and isinstance(value.get("lock"), int) and value["lock"] > 1:
            raise InvalidInput("it was written by a newer tool", code="newer-schema", hint="update the tool")
        if not isinstance(value, dict):
            raise InvalidInput("it is not a JSON object", code="bad-lock")
        lock = _Lock.of(value)
        for row in lock.artifacts.values():
            parse_version(row.version)
    except InvalidInput as error:
        raise InvalidInput(
            error.message,
            where=NAME,
            code="newer-schema" if error.code == "newer-schema" else "bad-lock",
            hint=error.hint or "bring it back from version control",
            findings=error.findings,
        ) from error
    return lock.artifacts


def lock_text(rows: Lock) -> str:
    """The text of a lock file with `rows`; empty where there are none, and then there is no file."""
    if not rows:
        return ""
    lines = [
        f"{json.dumps(name)}: {json.dumps(rows[name].value(), sort_keys=True, separators=(',', ':'))}"
        for name in sorted(rows)
    ]
    return '{"lock": 1, "artifacts": {\n' + ",\n".join(lines) + "\n}}\n"


def with_row(text: str | None, name: str, row: LockRow) -> str:
    """The text of a lock file in which `name` is pinned to `row`, whatever else it pins."""
    return lock_text({**read_lock(text), name: row})


def without_row(text: str | None, name: str) -> str:
    """The text of a lock file that does not pin `name`; one that never did is left as it is."""
    rows = dict(read_lock(text))
    return (text or "") if rows.pop(name, None) is None else lock_text(rows)
