"""The audit log: a line for everything that was installed, updated, removed, started or refused.

JSON lines, each a document of the schema `registry.audit/1`. Lines are only ever added. What changes something is
noted twice: `begun` before the first byte is written, and how it ended after the last one, so that nothing is done
without a line even where the machine stops in between.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from registry_tool.core import canonical
from registry_tool.core.document import Document, Seq, TimeText
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Kinds
from registry_tool.core.limits import MIB

AUDIT_SCHEMA: Final = "registry.audit/1"
LINE_BYTES: Final = 4 * MIB  # all the permissions of a release (its manifest has at most 256 kB), with their words
TEXT_CHARACTERS: Final = 2000
Event = Literal["install", "update", "uninstall", "start", "refuse"]
Outcome = Literal["begun", "done", "ended", "failed", "refused"]

_Text = Annotated[str, Field(max_length=TEXT_CHARACTERS)]


class Granted(Document):
    """One permission, as it is written and as people read it everywhere."""

    permission: str
    words: str


class Audited(Document):
    """One line."""

    schema_: Literal["registry.audit/1"] = Field(alias="schema")
    at: TimeText
    event: Event
    """What was done; `refuse` is an install, update or start that was not."""
    artifact: _Text
    """`@scope/name`; empty where a refusal is about no single one."""
    version: _Text = ""
    kind: _Text = ""
    manifest: _Text = ""
    """Digest of the manifest, which is the address of the release."""
    registry: _Text = ""
    """The registry's id."""
    where: _Text = ""
    """The project's folder."""
    grants: Seq[Granted] = ()
    how: _Text = ""
    """What confines a start: `bubblewrap`, `compose`, or `unconfined` where the person named that. Of a refusal,
    what was refused: `install`, `update`, `sync` or `start`."""
    outcome: Outcome
    """`begun` and then `done` or `failed`; `ended` for what was started; `refused`."""
    code: _Text = ""
    """A refusal's or failure's stable word, or the exit code of what ended."""
    message: _Text = ""

    def line(self) -> bytes:
        """The document in one line of ASCII, with its end: nothing in it can break a line or move a terminal."""
        return json.dumps(self.value(), sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def audited(at: str, event: Event, outcome: Outcome, **more: Any) -> Audited:  # Any: members of the document
    """One line; texts that are too long are cut, for a line is noted whatever somebody wrote into a message."""
    cut = {name: _cut(text) if isinstance(text, str) else text for name, text in more.items()}
    head = {"schema": AUDIT_SCHEMA, "at": at, "event": event, "outcome": outcome}
    return Audited.of({**head, **{name: value for name, value in cut.items() if value}, "artifact": cut["artifact"]})


def _cut(text: str) -> str:
    # A folder's name need not be UTF-8; its odd bytes are kept as escapes.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")[:TEXT_CHARACTERS]


def of_record(record: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:  # Any: JSON, of a receipt
    """The members of a line that an install's record gives: which release, and what it was granted."""
    found = {name: str(record[name]) for name in ("version", "kind", "manifest", "registry")}
    return {"artifact": str(record["id"]), **found, "grants": grants(kinds, found["kind"], record["permissions"])}


def grants(kinds: Kinds, kind: str, permissions: Any) -> list[dict[str, str]]:  # Any: JSON, of a receipt
    """Permissions with their words, as the document holds them."""
    known = kinds.by_id.get(kind)
    return [
        {"permission": str(one), "words": (known.grammar.explain(str(one)) if known else None) or "unknown"}
        for one in permissions
    ]


def read_line(data: bytes) -> Audited:
    """The document in one line; `InvalidInput` for anything else."""
    value = canonical.parse_loose(data, limit=LINE_BYTES, what="the line")
    if not isinstance(value, dict):
        raise InvalidInput("the line is not a JSON object", code="bad-line")
    return Audited.of(value)
