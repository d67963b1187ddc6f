"""How a report names a place: `@s/n@v: path` for a file of a payload, else the path in the repository.

Payload files lie in git under their digests, which tell a person nothing; so findings name the release
and the author's own path, and whoever needs the repository's path asks here for it.
"""

from dataclasses import replace

from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import Hex
from registry_tool.core.findings import Finding
from registry_tool.core.layout import blob_path


def label(candidate: Candidate) -> str:
    """The release as people name it: `@scope/name@version`."""
    return f"{candidate.artifact}@{candidate.manifest.version if candidate.manifest else candidate.folder}"


def place(candidate: Candidate, path: str = "") -> str:
    """A file of the release, or the release itself where `path` is empty."""
    return f"{label(candidate)}: {path}" if path else label(candidate)


def placed(candidate: Candidate, finding: Finding) -> Finding:
    """`finding` about a file of the payload, told about the release."""
    return replace(finding, path=place(candidate, finding.path))


def repository_path(change: Change, path: str) -> str:
    """Where in the repository lies what a finding's `path` names; empty where that is no one file."""
    for candidate in change.releases:
        if path == label(candidate):
            return candidate.path
        inside = path.removeprefix(label(candidate) + ": ")
        if inside == path:
            continue
        for file in candidate.manifest.files if candidate.manifest else ():
            if file.path == inside:
                return blob_path(candidate.artifact, Hex(file.sha256))
        return candidate.path
    return path
