"""Whether people can tell from a release's own words what it is."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.findings import Finding
from registry_tool.core.manifest import Manifest
from registry_tool.core.places import place
from registry_tool.core.review import Check

SHORTEST: Final = 12
"""Characters of a description that can say anything."""
_PLACEHOLDER: Final = re.compile(
    r"\b(?:lorem ipsum|todo|tbd|fixme|xxx+|your (?:name|description|text) here|describe (?:it|this|me) here)\b"
    r"|^(?:a |an |the |my )?(?:test|description|skill|app|plugin|theme|widget|gadget|blueprint)\W*$",
    re.IGNORECASE,
)
_README: Final = re.compile(r"readme(\.[a-z]+)?", re.IGNORECASE)


def metadata(change: Change) -> Iterator[Finding]:
    """A finding for each release whose words tell people nothing."""
    for candidate in change.releases:
        if candidate.manifest is not None:
            for message, hint in _faults(candidate, candidate.manifest):
                yield Finding("metadata", "warn", message, place(candidate), hint)


def _faults(candidate: Candidate, manifest: Manifest) -> Iterator[tuple[str, str]]:
    words = " ".join(manifest.description.split())
    write = "say in a sentence what it does, and when to use it"
    if len(words) < SHORTEST or _plain(words) in (_plain(manifest.title), _plain(manifest.name)):
        yield "its description says no more than its name", write
    elif _PLACEHOLDER.search(words):
        yield "its description still holds what was there to be replaced", write
    if _PLACEHOLDER.search(manifest.title):
        yield "its title still holds what was there to be replaced", "write what people should call it"
    for path, file in sorted((candidate.payload or {}).items()):
        if _README.fullmatch(path) and not file.data.strip():
            yield f"{path} is empty", "write what it is and how to use it, or leave the file out"


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


CHECKS: Final = (
    Check(
        id="metadata",
        number=47,
        title="Title and description say what it is",
        why="What cannot be told apart in a list is not found, or is installed by mistake.",
        level="warn",
        run=metadata,
        waivable=True,
    ),
)
