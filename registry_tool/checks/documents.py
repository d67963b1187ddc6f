"""What the readers of documents and native files found, told once for the whole submission."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.describe import read_card, recompute
from registry_tool.core.findings import Finding
from registry_tool.core.places import place, placed
from registry_tool.core.review import Check


def strict_documents(change: Change) -> Iterator[Finding]:
    """The faults of every manifest, pointer and statement, as their readers word them."""
    for candidate in change.releases:
        yield from candidate.faults
        if candidate.manifest is None and not candidate.faults:
            message = "its manifest cannot be read"
            yield Finding("strict-documents", "fail", message, place(candidate), "publish it with `registry publish`")
    for joined in change.statements:
        yield from joined.faults


def native_file(change: Change) -> Iterator[Finding]:
    """What the native file and `artifact.yaml` have wrong, as the author's own check words it."""
    for candidate in change.releases:
        found = candidate.reading.findings if candidate.reading else ()
        card = read_card(candidate.payload)[1] if candidate.payload else ()
        known = _looked_at(candidate) if any(one.level == "review" for one in found) else frozenset()
        for one in (*card, *found):
            accepted = one.level == "review" and (one.check, one.path, one.message) in known
            yield placed(candidate, replace(one, level="note") if accepted else one)


def _looked_at(candidate: Candidate) -> frozenset[tuple[str, str, str]]:
    """What was said of the reviewed version before, which a person let in all the same."""
    if candidate.kind is None or candidate.previous_payload is None:
        return frozenset()
    before = recompute(candidate.previous_payload, candidate.kind)
    return frozenset((one.check, one.path, one.message) for one in before.findings)


CHECKS: Final = (
    Check(
        id="native-file",
        number=8,
        title="The native file and artifact.yaml can be read without guessing",
        why="What two readers understand differently is reviewed as one thing and runs as another.",
        level="fail",
        run=native_file,
    ),
    Check(
        id="strict-documents",
        number=8,
        title="Documents are closed, canonical and within their limits",
        why="Duplicate keys and lax readers let one file say two things.",
        level="fail",
        run=strict_documents,
        tells=("document", "invalid-document", "not-canonical"),
    ),
)
