"""What of a release nobody has looked at yet: files that the reviewed version before did not have like this.

Rules that ask for a person ask about these alone: an owner's update that leaves a file as it was reviewed is not
held up by it again.
"""

from collections.abc import Iterator

from registry_tool.core.change import Candidate
from registry_tool.core.payload import PayloadFile


def changed_files(candidate: Candidate) -> Iterator[tuple[str, PayloadFile]]:
    """The files that are new, or other than in the reviewed version before, by path; all where there is none."""
    for path, file in sorted((candidate.payload or {}).items()):
        if not is_as_reviewed(candidate, path):
            yield path, file


def is_as_reviewed(candidate: Candidate, path: str) -> bool:
    """Whether the reviewed version before had the same bytes at `path`."""
    before, now = (candidate.previous_payload or {}).get(path), (candidate.payload or {}).get(path)
    return before is not None and now is not None and before.data == now.data
