"""From an author's folder to a manifest: native file first, then `artifact.yaml`, flags, git.

The same reading is done again by everybody who reviews: what `recompute` gives must equal what the
manifest says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core import limits
from registry_tool.core.bundle import pack, rows
from registry_tool.core.canonical import encode
from registry_tool.core.card import Card
from registry_tool.core.digest import sha256
from registry_tool.core.document import findings_of
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.grants import mismatches
from registry_tool.core.kind import Kind, Kinds, Reading
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.native.license import to_spdx
from registry_tool.core.native.yaml_text import load_yaml
from registry_tool.core.paths import payload_findings
from registry_tool.core.payload import Payload
from registry_tool.core.quoting import quoted

CARD = "artifact.yaml"
FLAT = "manifest.json"
"""The flat manifest of M3, read as an author's input."""


@dataclass(frozen=True, slots=True)
class Said:
    """What flags and git say, each empty where they say nothing."""

    artifact: str = ""
    version: str = ""
    author: str = ""
    kind: str = ""
    permissions: tuple[str, ...] | None = None
    """`None` where no flag names any."""
    scope: str = ""
    """Owner of the git remote."""
    tag: str = ""
    """Version of a `v*` tag at HEAD."""
    source: Mapping[str, str] = field(default_factory=dict)
    """`repository`, `commit`, `path` where the folder is a clean checkout."""
    folder: str = ""
    """The folder's own name."""
    imported: str = ""
    """The catalogue that it is taken from, for somebody who has not claimed it."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a folder is, as far as it can be said."""

    kind: Kind | None
    reading: Reading
    payload: Payload
    manifest: Manifest | None
    """`None` where something is missing or wrong; the findings say what."""
    findings: tuple[Finding, ...]
    permissions: tuple[str, ...] = ()
    """What it asks for."""
    missing: tuple[str, ...] = ()
    """Members of the manifest that nobody says: `id`, `version`, …"""


def read_card(payload: Payload) -> tuple[Card, tuple[Finding, ...]]:
    """The author's `artifact.yaml` in `payload`; an empty one where there is none or it is broken."""
    file = payload.get(CARD)
    if file is None:
        return Card(), ()
    if len(file.data) > limits.CARD_BYTES:
        return Card(), (Finding("card", "fail", f"it may have at most {limits.CARD_BYTES} bytes", CARD),)
    loaded = load_yaml(file.data, what=CARD)
    value = {} if loaded.value is None else loaded.value
    if not isinstance(value, dict):
        return Card(), (
            Finding("card", "fail", "it is not a table of keys and values", CARD, "write lines like `kind: theme`"),
        )
    try:
        return Card.model_validate(value), loaded.findings
    except ValueError as error:
        return Card(), findings_of(error, check="card", path=CARD)  # type: ignore[arg-type]  # pydantic's error is a ValueError


def read_flat(payload: Payload) -> Mapping[str, Any]:
    """The flat manifest (M3) in `payload` as fields of ours; empty where there is none."""
    file = payload.get(FLAT)
    if file is None or len(file.data) > limits.CARD_BYTES:
        return {}
    from registry_tool.core.canonical import parse_loose

    try:
        value = parse_loose(file.data, limit=limits.CARD_BYTES, what=FLAT, floats=True)
    except InvalidInput:
        return {}
    if not isinstance(value, dict) or not {"name", "version", "author_id"} <= value.keys():
        return {}
    if not isinstance(value.get("permissions", []), list):
        return {}
    # Missing means `skills`: the oldest flat manifests have none (M3).
    return {**value, "kind": value.get("kind", "skills")}


def kind_of(payload: Payload, card: Card, kinds: Kinds, *, said: str) -> tuple[Kind | None, tuple[Finding, ...]]:
    """The kind of the folder: from a flag, `artifact.yaml`, a native file, or the flat manifest."""
    native = [kind for kind in kinds if any(name in payload for name in kind.native)]
    flat = str(read_flat(payload).get("kind", ""))
    named = said or card.kind or ""
    if not named and len(native) > 1:
        names = ", ".join(f"{next(name for name in kind.native if name in payload)} ({kind.id})" for kind in native)
        return None, (
            Finding(
                "kind", "fail", f"this folder is several things: {names}", "", "say which: `kind: …` in artifact.yaml"
            ),
        )
    named = named or (native[0].id if native else flat)
    match = next((kind for kind in kinds if named in (kind.id, kind.category)), None)
    if match is not None:
        return match, ()
    if named:
        hint = "one of: " + ", ".join(kinds.by_id)
        return None, (Finding("kind", "fail", f"{named!r} is not a kind", CARD, hint),)
    files = ", ".join(name for kind in kinds for name in kind.native[:1])
    return None, (
        Finding(
            "kind", "fail", "nothing says what this folder is", "", f"add {files}, or artifact.yaml with `kind: …`"
        ),
    )


def full_spec(reading: Reading) -> dict[str, Any]:
    """The manifest's `spec`: the kind's own, and what it fetches later without a digest."""
    return {**reading.spec, **({"unpinned": list(reading.unpinned)} if reading.unpinned else {})}


def recompute(payload: Payload, kind: Kind) -> Reading:
    """What everybody reads from the same files."""
    return kind.read(payload, read_card(payload)[0])


def describe(payload: Payload, *, kinds: Kinds, registry: str, said: Said) -> Described:
    """What the folder is, its manifest where nothing is missing, and everything to mend.

    Where its native file cannot be read, what that file may say is not called missing; nor is what a fault of that
    file already says to write. So each fault is told once, with one line to write.
    """
    card, found = read_card(payload)
    kind, more = kind_of(payload, card, kinds, said=said.kind)
    findings = [*found, *more, *payload_findings(payload)]
    if kind is None:
        return Described(None, Reading(), payload, None, tuple(findings))
    reading = kind.read(payload, card)
    findings += (*reading.findings, *_misnamed(reading, said))
    fields = _fields(kind, card, reading, read_flat(payload), said)
    permissions = tuple(fields.pop("permissions"))
    findings += kind.grammar.findings(permissions, kind=kind.id, path=CARD)
    findings += mismatches(kind, permissions, reading, path=CARD)
    license_text, faults = to_spdx(str(fields["license"]), tuple(payload)) if fields.get("license") else (None, ())
    findings += faults
    fields["license"] = license_text or fields.get("license")
    missing = tuple(
        name for name in ("id", "version", "author", "title", "description", "license") if not fields.get(name)
    )
    findings += [_missing(name, kind) for name in missing if name != "author" and not _told(name, reading)]
    if missing or any(finding.level == "fail" for finding in findings):
        return Described(kind, reading, payload, None, tuple(dict.fromkeys(findings)), permissions, missing)
    try:
        manifest = Manifest.of(_manifest(kind, reading, payload, fields, permissions, registry, said))
    except InvalidInput as error:
        faults = error.findings or (Finding("manifest", "fail", error.message, CARD, error.hint),)
        return Described(kind, reading, payload, None, (*findings, *faults), permissions)
    return Described(kind, reading, payload, manifest, tuple(dict.fromkeys(findings)), permissions)


def _misnamed(reading: Reading, said: Said) -> tuple[Finding, ...]:
    """A remark where the folder has another name than its format asks for: it is installed under the latter."""
    if not reading.folder or not said.folder or reading.folder == said.folder:
        return ()
    message = f"the folder is called {quoted(said.folder)}, it is installed as {reading.folder}"
    return (Finding("folder-name", "note", message, reading.native, "give both one name: agents expect it"),)


def _fields(kind: Kind, card: Card, reading: Reading, flat: Mapping[str, Any], said: Said) -> dict[str, Any]:
    """Every field by who says it first: flag, `artifact.yaml`, native file, flat manifest, git."""
    native = reading.fields
    name = str(native.get("name") or flat.get("name") or "")
    artifact = (
        said.artifact
        or card.id
        or str(native.get("id") or "")
        or _joined(said.scope or str(flat.get("author_id") or ""), name)
    )
    asked = said.permissions if said.permissions is not None else card.permissions
    if asked is None:
        said_elsewhere = native.get("permissions", flat.get("permissions"))
        # Where nobody says anything, what the files need is proposed; the author is shown it before signing.
        proposed = (*reading.needs, *reading.may)
        asked = proposed if said_elsewhere is None else tuple(kind.own_permission(str(one)) for one in said_elsewhere)
    title = card.title or native.get("title") or _titled(name or artifact.rpartition("/")[2])
    return {
        "id": artifact,
        "version": said.version or card.version or native.get("version") or flat.get("version") or said.tag,
        "author": said.author or card.author or flat.get("author_id"),
        "title": title,
        "description": card.description or native.get("description") or flat.get("description"),
        "license": card.license or native.get("license"),
        "tags": sorted(set(card.tags) | set(native.get("tags", ()))),
        "links": {**native.get("links", {}), **card.links},
        "requires": {**native.get("requires", {}), **card.requires},
        "dependencies": {**native.get("dependencies", {}), **card.dependencies},
        "visibility": card.visibility or native.get("visibility") or "public",
        "permissions": sorted(asked),
        "pins": [*card.pins],
    }


def _manifest(
    kind: Kind,
    reading: Reading,
    payload: Payload,
    fields: Mapping[str, Any],
    permissions: Sequence[str],
    registry: str,
    said: Said,
) -> dict[str, Any]:
    artifact = parse_artifact(str(fields["id"]))
    bundle = pack(payload)
    pins = [
        {"type": pin.type, "name": pin.name, **({"version": pin.version} if pin.version else {}), "digest": pin.digest}
        for pin in reading.pins
    ]
    value = {
        "schema": "registry.manifest/1",
        "registry": registry,
        "kind": kind.id,
        "scope": artifact.scope,
        "name": artifact.name,
        **{key: fields[key] for key in ("version", "author", "visibility", "title", "description", "license")},
        **{key: fields[key] for key in ("tags", "links", "requires", "dependencies")},
        "permissions": list(permissions),
        "pins": sorted([*pins, *fields["pins"]], key=encode),
        "files": [
            {"path": row.path, "sha256": row.sha256, "size": row.size, "executable": row.executable}
            for row in rows(payload)
        ],
        "bundle": {"format": "bundle/1", "sha256": sha256(bundle), "size": len(bundle)},
        "reader": kind.reader,
        "spec": full_spec(reading),
    }
    source = {"source": dict(said.source)} if said.source else {}
    return {**value, **source, **({"imported": {"from": said.imported}} if said.imported else {})}


def _told(name: str, reading: Reading) -> bool:
    """Whether the native file has a fault already that says what to write for `name`, or could not be read at all."""
    faults = [finding for finding in reading.findings if finding.level == "fail" and finding.path == reading.native]
    return bool(faults and not reading.fields) or any(fault.hint.startswith(f"{name}:") for fault in faults)


def _joined(scope: str, name: str) -> str:
    return f"@{scope}/{name}" if scope and name else ""


def _titled(name: str) -> str:
    return name.replace("-", " ").strip().capitalize()


def _missing(name: str, kind: Kind) -> Finding:
    example = {
        "id": 'id: "@your-scope/your-name"',
        "version": 'version: "1.0.0"',
        "title": "title: What people call it",
        "description": f"description: What this {kind.id} does for its user",
        "license": "license: MIT",
    }[name]
    flag = {"id": ", or give --id @scope/name", "version": ", or give --version 1.0.0"}.get(name, "")
    return Finding(f"missing-{name}", "fail", f"nothing says the {name}", CARD, f"write `{example}` into {CARD}{flag}")
