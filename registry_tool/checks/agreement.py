"""That the manifest says what the files themselves say, read again here."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.canonical import encode
from registry_tool.core.card import Card
from registry_tool.core.change import Candidate, Change
from registry_tool.core.describe import CARD, full_spec, read_card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.manifest import Manifest
from registry_tool.core.places import place
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check

_AGAIN: Final = "publish it again with `registry publish`, which reads the files"


def manifest_agrees(change: Change) -> Iterator[Finding]:
    """A finding for each member of a manifest that the files contradict."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        if candidate.kind is None:
            message = f"{quoted(candidate.manifest.kind)} is not a kind that this tool knows"
            yield _fault(candidate, "", message, f"one of: {', '.join(change.kinds.by_id)}; or update the tool")
        if candidate.payload is not None:
            yield from _card(candidate, candidate.manifest, read_card(candidate.payload)[0])
        if candidate.kind is not None and candidate.reading is not None:
            yield from _reading(candidate, candidate.manifest, candidate.kind, candidate.reading)


def _card(candidate: Candidate, manifest: Manifest, card: Card) -> Iterator[Finding]:
    """What `artifact.yaml` and, where it is silent, the native file say about who this is."""
    native = candidate.reading.fields if candidate.reading else {}
    where = candidate.reading.native if candidate.reading else ""
    rows = (
        ("id", card.id, native.get("id"), manifest.artifact),
        ("version", card.version, native.get("version"), manifest.version),
        ("kind", card.kind, None, manifest.kind),
        ("author", card.author, None, manifest.author),
        ("visibility", card.visibility, None, manifest.visibility),
    )
    for member, by_card, by_native, expected in rows:
        said, path = (by_card, CARD) if by_card is not None else (by_native, where)
        plural = candidate.kind.category if candidate.kind and member == "kind" else expected
        if said is not None and said not in (expected, plural):
            message = f"it says {member} {quoted(str(said))}, the manifest says {quoted(expected)}"
            yield _fault(candidate, path, message, f'write {member}: "{expected}" there, or publish what it says')


def _reading(candidate: Candidate, manifest: Manifest, kind: Kind, reading: Reading) -> Iterator[Finding]:
    """What this tool reads from the files, against what the manifest says was read."""
    if manifest.reader != kind.reader:
        message = f"it was read by the rules {quoted(manifest.reader)}, here they are {kind.reader}"
        yield _fault(candidate, "", message, "update the tool and publish it again")
        return
    spec = full_spec(reading)
    for member in sorted(spec.keys() | manifest.spec.keys()):
        if not _equal(spec, manifest.spec, member):
            message = f"the files give another {quoted(member)} than the manifest's spec says"
            yield _fault(candidate, reading.native, message, _AGAIN)
    pinned = {(pin.type, pin.name, pin.digest) for pin in manifest.pins}
    for pin in reading.pins:
        if (pin.type, pin.name, pin.digest) not in pinned:
            message = f"the files fetch the {pin.type} {quoted(pin.name)} at {pin.digest}, `pins` does not say so"
            yield _fault(candidate, reading.native, message, _AGAIN)


def _equal(spec: dict[str, object], said: dict[str, object], member: str) -> bool:
    if member not in spec or member not in said:
        return False
    try:
        return encode([spec[member]]) == encode([said[member]])  # a tuple and a list are one thing
    except InvalidInput:
        return False


def _fault(candidate: Candidate, path: str, message: str, hint: str) -> Finding:
    return Finding("manifest-agrees", "fail", message, place(candidate, path), hint)


CHECKS: Final = (
    Check(
        id="manifest-agrees",
        number=13,
        title="The manifest says what the files say: id, version, kind, spec and pins",
        why="What is reviewed in one place and read in another can be two things.",
        level="fail",
        run=manifest_agrees,
        tells=("unknown-kind",),
    ),
)
