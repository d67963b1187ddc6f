"""`registry.lock.json`: what a project has installed, to the byte, one artifact a line.

    {"lock": 1, "artifacts": {
    "@ann/solar": {"author":"ann","bundle":"sha256:…","keys":["…"],"kind":"theme","manifest":"sha256:…", …},
    "@bob/moon": {…}
    }}

One line each, sorted, so that two people's additions merge like any text. A line may also have
`identities` (who signed without a key) and `name` (what it is called here); without them it has no such member.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from registry_tool.core import canonical, limits
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.document import ArtifactText, DigestText, Document, HexText, IdText, K16Text, Seq, VersionText
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.trust import Admitted
from registry_tool.core.verified import Verified
from registry_tool.core.versions import parse_version

NAME = "registry.lock.json"
LOCK_BYTES = 16 * limits.MIB  # tens of thousands of lines


class LockIdentity(Document):
    """Somebody who signed without a key of their own."""

    issuer: Annotated[str, Field(min_length=1, max_length=500)]
    subject: Annotated[str, Field(min_length=1, max_length=1000)]


class LockRow(Document):
    """What one artifact is pinned to."""

    version: VersionText
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    manifest: DigestText
    """The release's address."""
    bundle: DigestText
    author: IdText
    keys: Annotated[Seq[K16Text], Field(max_length=50)]
    """The author's keys that signed it."""
    registry: HexText
    """The id of the registry that it came from."""
    identities: Annotated[Seq[LockIdentity], Field(min_length=1, max_length=50)] = ()
    """The identities that signed it."""
    name: Annotated[str, Field(min_length=1, max_length=100)] = ""
    """Another name than the artifact's own, where it was installed under one."""

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if not self.keys and not self.identities:
            raise ValueError("keys is empty, and there are no identities")
        return self


class _Lock(Document):
    lock: Literal[1]
    artifacts: dict[ArtifactText, LockRow]


_MEMBERS = ("version", "kind", "manifest", "bundle", "author")
"""What a line and the release must both say."""

Lock = Mapping[str, LockRow]
"""Artifact to what it is pinned to."""


def row_of(verified: Verified, *, name: str = "") -> LockRow:
    """What an installed release is pinned to; `name` is what it is called here, where that is not its own."""
    return _row(verified, prefixed(Hex(verified.digest)), name=name)


def _of(release: Verified | Admitted) -> LockRow:
    if isinstance(release, Verified):
        return row_of(release)
    return _row(release, release.admission.manifest)


def _row(release: Verified | Admitted, digest: str, *, name: str = "") -> LockRow:
    manifest = release.manifest
    identities = sorted({(one.issuer, one.subject) for one in release.identities})
    return LockRow.of(
        {
            "version": manifest.version,
            "kind": manifest.kind,
            "manifest": digest,
            "bundle": prefixed(Hex(manifest.bundle.sha256)),
            "author": manifest.author,
            "keys": list(release.signed_by),
            "registry": manifest.registry,
            **({"identities": [{"issuer": one, "subject": two} for one, two in identities]} if identities else {}),
            **({"name": name} if name else {}),
        }
    )


def demand_pinned(release: Verified | Admitted, row: LockRow) -> None:
    """Refuses a release that is not what `row` pins, or that none of the pinned keys and identities signed.

    A line may name more signers than there are by now: a key that was taken back since signs nothing any more.
    """
    now = _of(release)
    found, pinned = now.value(), row.value()
    wrong = [f"{name} {found[name]}" for name in _MEMBERS if found[name] != pinned[name]]
    if not wrong and not (set(now.keys) & set(row.keys) or set(now.identities) & set(row.identities)):
        wrong = ["signature of " + ", ".join([*now.keys, *(one.subject for one in now.identities)])]
    if wrong:
        raise NotTrusted(
            f"{release.manifest.artifact}@{row.version} is another release than its line pins: "
            f"it has the {', the '.join(wrong)}",
            where=NAME,
            code="lock-differs",
            hint="the line was edited, or a version changed, which none may: bring the file back from version "
            "control, and where that does not help ask the registry's operator",
        )


def not_there(what: str) -> NotTrusted:
    """The refusal of a line whose release the registry does not have; `what` says so."""
    return NotTrusted(
        f"{what}, and the lock file pins it",
        where=NAME,
        code="lock-differs",
        hint="the line was edited, or the mirror is older than it: bring the file back from version control, "
        "or name another mirror with --registry",
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
