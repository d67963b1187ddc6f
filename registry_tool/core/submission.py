"""A submission as a value: what it adds to the tip, and what that is.

A submission is a commit on any ancestor of the tip. What counts is what it adds: a path whose bytes
equal the tip's is no addition and no conflict (part 9).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from registry_tool.core import layout, limits
from registry_tool.core.canonical import parse
from registry_tool.core.change import Candidate, Change, Joined
from registry_tool.core.describe import recompute
from registry_tool.core.digest import Hex, prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, RegistryError
from registry_tool.core.families import FAMILIES
from registry_tool.core.findings import Finding
from registry_tool.core.gained import gained
from registry_tool.core.kind import Kinds
from registry_tool.core.layout import Located, locate
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Payload
from registry_tool.core.ports import Edit
from registry_tool.core.published import (
    admission_of,
    events_at,
    hinted_status,
    manifest_signatures,
    payload_at,
    pointer_at,
    proof_at,
    version_folders,
)
from registry_tool.core.release import Pointer
from registry_tool.core.statements import Event, Keyring, Scope, Statement
from registry_tool.core.taken import taken_back
from registry_tool.core.tree import Overlay, Tree
from registry_tool.core.versions import Version, parse_version
from registry_tool.core.words import statement_words

ADDED_PATHS: Final = 2 * limits.SUBMISSION_FILES
ADDED_BYTES: Final = 4 * limits.PAYLOAD_BYTES
"""What is read of a submission; the checks say before that it is too large (`checks/sizes.py`)."""


def additions_of(tip: Tree, head: Tree, edits: Sequence[Edit]) -> dict[str, bytes]:
    """The regular files that `edits` bring and the tip does not hold with the same bytes.

    Edits of other shape (links, deletions, changed files) are not here; checks see them in `edits`. Raises
    `InvalidInput` (`too-large`) where they are more than anybody reads: a small commit can name one large file often.
    """
    if len(edits) > ADDED_PATHS:
        raise _too_large(f"{ADDED_PATHS} paths", edits[ADDED_PATHS].path)
    added: dict[str, bytes] = {}
    size = 0
    for edit in edits:
        if edit.new is None or edit.new.type not in ("file", "executable"):
            continue
        data = head.read(edit.path)
        size += len(data or b"")
        if size > ADDED_BYTES:
            raise _too_large(f"{ADDED_BYTES} bytes", edit.path)
        if data is not None and tip.read(edit.path) != data:
            added[edit.path] = data
    return added


def _too_large(most: str, path: str) -> InvalidInput:
    hint = "publish fewer folders at a time; a registry keeps no large files"
    return InvalidInput(f"a submission brings at most {most}, this one more", where=path, code="too-large", hint=hint)


def submission_id(additions: Mapping[str, bytes]) -> Hex:
    """SHA-256 of the lines `<sha256>  <path>`, in byte order of path, payload blobs apart (part 9)."""
    manifests = {where for where in map(_manifest_path, additions.items()) if where}
    lines = [
        f"{sha256(additions[path])}  {path}\n"
        for path in sorted(additions, key=lambda path: path.encode("utf-8", "surrogatepass"))
        if locate(path).role != "blob" or path in manifests
    ]
    return sha256("".join(lines).encode("utf-8", "surrogatepass"))


def _manifest_path(addition: tuple[str, bytes]) -> str | None:
    """Where the manifest lies that a `release.json` points to."""
    path, data = addition
    located = locate(path)
    if located.role != "pointer" or located.artifact is None:
        return None
    try:
        value = parse(data, limit=limits.STATEMENT_BYTES, what=path)
        return layout.blob_path(located.artifact, Hex(str(value["manifest"]).removeprefix("sha256:")))
    except (RegistryError, KeyError, TypeError):
        return None


def read_change(
    *, registry: str, tip: Tree, head: Tree, edits: Sequence[Edit], kinds: Kinds, demonstration: bool, at: int
) -> Change:
    """The submission at `head`, parsed once; raises for nothing that came in but too much of it (`additions_of`)."""
    additions = additions_of(tip, head, edits)
    merged = Overlay(tip, additions)
    located = tuple(locate(path) for path in sorted(additions))
    return Change(
        registry=registry,
        submission=submission_id(additions),
        tip=tip,
        merged=merged,
        edits=tuple(edits),
        additions=additions,
        located=located,
        releases=tuple(
            read_candidate(tip, merged, one, registry=registry, kinds=kinds) for one in located if one.role == "pointer"
        ),
        statements=tuple(
            _joined(one, additions[one.path], registry)
            for one in located
            if (one.role in ("chain", "event") or one.role in FAMILIES) and one.sig is None
        ),
        kinds=kinds,
        demonstration=demonstration,
        at=at,
    )


def read_candidate(tip: Tree, merged: Tree, located: Located, *, registry: str, kinds: Kinds) -> Candidate:
    """One release of a submission, as far as it can be read."""
    artifact = located.artifact
    assert artifact is not None  # noqa: S101  # a pointer's path names one
    start = Candidate(artifact, located.version, located.path)
    try:
        pointer = pointer_at(merged, artifact, located.version, registry=registry)
        assert pointer is not None  # noqa: S101  # it is one of the additions
        blob = layout.blob_path(artifact, Hex(pointer.manifest.removeprefix("sha256:")))
        raw = merged.read(blob)
        if raw is None:
            return _faulty(start, located.path, "the manifest that it points to is not there", blob)
        manifest = read_manifest(raw, registry=registry)
    except RegistryError as error:
        return _faulty(start, located.path, error.message, error.hint)
    digest, faults = sha256(raw), _disagreements(located, pointer, manifest)
    if digest != pointer.manifest.removeprefix("sha256:"):
        faults += (_fault(blob, "its bytes are not those that its name says"),)
    payload: Payload | None = None
    try:
        payload = payload_at(merged, artifact, manifest)
    except RegistryError as error:
        faults += (_fault(error.where or located.path, error.message),)
    kind = kinds.by_id.get(manifest.kind)
    reading = recompute(payload, kind) if payload is not None and kind is not None else None
    # Of the tip alone: what the submission itself claims about earlier versions counts for nothing.
    previous, previous_payload = previous_of(tip, manifest, registry=registry)
    covers = kind.grammar.covers if kind else lambda old, new: old == new
    return Candidate(
        artifact,
        located.version,
        located.path,
        manifest=manifest,
        manifest_bytes=raw,
        digest=digest,
        signatures=manifest_signatures(merged, artifact, digest),
        payload=payload,
        kind=kind,
        reading=reading,
        previous=previous,
        previous_payload=previous_payload,
        gained=gained(previous, manifest, covers=covers),
        faults=faults,
    )


def _disagreements(located: Located, pointer: Pointer, manifest: Manifest) -> tuple[Finding, ...]:
    """Where path, `release.json` and manifest do not say the same name and version."""
    faults: tuple[Finding, ...] = ()
    place = str(located.artifact)
    if (manifest.artifact, pointer.artifact) != (place, place):
        faults += (_fault(located.path, f"it is the place of {place}, the manifest is of {manifest.artifact}"),)
    if pointer.version != manifest.version or parse_version(manifest.version).folder != located.version:
        message = f"it is the place of {located.version}, the manifest is of {manifest.version}"
        faults += (_fault(located.path, message),)
    return faults


def previous_of(tip: Tree, manifest: Manifest, *, registry: str) -> tuple[Manifest | None, Payload | None]:
    """The newest active version below `manifest`'s that a person let in, with its files (part 8)."""
    this, artifact = parse_version(manifest.version), manifest.id
    taken = taken_back(tip, artifact.scope)
    for version in reversed(_versions(tip, artifact, registry=registry)):
        proof = proof_at(tip, artifact, version.folder, registry=registry) if version < this else None
        if proof is None or admission_of(proof, registry=registry).path != "person":
            continue
        if hinted_status(events_at(tip, artifact, version.folder), taken) != "active":
            continue
        if prefixed(sha256(proof.manifest)) in taken:
            continue  # somebody who may have stolen a key would be what the next release is measured against
        old = read_manifest(proof.manifest, registry=registry)
        try:
            return old, payload_at(tip, artifact, old)
        except RegistryError:
            return old, None
    return None, None


def _versions(tree: Tree, artifact: ArtifactId, *, registry: str) -> list[Version]:
    """The versions of a name by precedence; a folder's name has lost the letter case of a pre-release."""
    found = []
    for folder in version_folders(tree, artifact):
        pointer = pointer_at(tree, artifact, folder, registry=registry) if "-" in folder else None
        found.append(parse_version(pointer.version if pointer else folder))
    return sorted(found)


def _joined(located: Located, raw: bytes, registry: str) -> Joined:
    family_of = FAMILIES.get(located.role)
    model: type[Statement] = family_of.model if family_of else Event
    if located.role == "chain":
        family = located.subject.partition("/")[0]
        models: dict[str, type[Statement]] = {"authors": Keyring, "scopes": Scope}
        if family not in models:
            return Joined(located.path, located, None, raw, f"a statement of the {family}")
        model = models[family]
    try:
        statement = load(model, raw, limit=limits.STATEMENT_BYTES, registry=registry, what=located.path)
    except RegistryError as error:
        words = "a statement that cannot be read"
        return Joined(located.path, located, None, raw, words, error.findings or (_fault(located.path, error.message),))
    words = family_of.words(statement) if family_of else statement_words(statement)
    return Joined(located.path, located, statement, raw, words)


def _fault(path: str, message: str, hint: str = "") -> Finding:
    return Finding("document", "fail", message, path, hint)


def _faulty(start: Candidate, path: str, message: str, hint: str) -> Candidate:
    return Candidate(start.artifact, start.folder, start.path, faults=(_fault(path, message, hint),))
