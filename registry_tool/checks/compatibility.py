"""Whether a version number promises what the release keeps: fixes fit where the version before did."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.findings import Finding
from registry_tool.core.manifest import Manifest
from registry_tool.core.places import place
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check
from registry_tool.core.since import changed_files
from registry_tool.core.versions import Range, Version, parse_range, parse_version

_NOTES: Final = re.compile(
    r"(?:.*/)?(?:change(?:s|log)|history|news|release[-_ ]?notes|upgrad(?:e|ing)|migrat(?:e|ing|ion))(?:\.\w{1,10})?",
    re.IGNORECASE,
)
_FAR: Final = 10**9


def compatibility(change: Change) -> Iterator[Finding]:
    """A finding for each fix that fits fewer hosts than before, and each new major version that says nothing of it."""
    for candidate in change.releases:
        if candidate.manifest is None or candidate.previous is None:
            continue
        before, this = parse_version(candidate.previous.version), parse_version(candidate.manifest.version)
        if this.core[:2] == before.core[:2]:
            yield from _narrowed(candidate, candidate.previous, candidate.manifest)
        elif this.core[0] > before.core[0] and not _says_what_changed(candidate, candidate.manifest):
            message = f"{this} is a new major version, and no file says what it changes for people who have {before}"
            yield Finding("compatibility", "warn", message, place(candidate), "add it to CHANGELOG.md")


def _narrowed(candidate: Candidate, old: Manifest, new: Manifest) -> Iterator[Finding]:
    for host, wanted in sorted(new.requires.items()):
        was = old.requires.get(host, "*")
        lost = lost_by(parse_range(was), parse_range(wanted))
        if lost is not None:
            message = f"a fix of {old.version} that no longer fits {quoted(host)} {lost}: {wanted} instead of {was}"
            hint = "publish it as a new minor or major version, or let a person decide"
            yield Finding("compatibility", "review", message, place(candidate), hint)


def lost_by(old: Range, new: Range) -> Version | None:
    """A version that `old` allows and `new` does not, the lowest that shows it; `None` where there is none.

    Ranges begin and end at the versions that they name, so what lies just beside those shows every difference.
    """
    bounds = [bound.version for one in (old, new) for each in one.choices for bound in each]
    named = {Version(one.key, one.text.lstrip("^~<>= ")) for one in bounds}  # written with the sign before it
    beside = [Version((0, 0, 0, True, ()), "0.0.0"), Version((_FAR, 0, 0, True, ()), f"{_FAR}.0.0")]
    for version in named:
        major, minor, patch = version.core
        near = [(major, minor, patch), (major, minor, patch + 1)] + ([(major, minor, patch - 1)] if patch else [])
        near += [(major, minor - 1, _FAR)] if minor else []
        near += [(major - 1, _FAR, _FAR)] if major else []
        beside += [Version((*core, True, ()), ".".join(map(str, core))) for core in near]
    lost = [one for one in (*named, *beside) if old.allows(one) and not new.allows(one)]
    return min(lost, key=lambda one: (one.key, one.text), default=None)


def _says_what_changed(candidate: Candidate, manifest: Manifest) -> bool:
    """Whether a file of notes is new or other than before, or a changed text names the version."""
    version = manifest.version.encode()
    return any(
        _NOTES.fullmatch(path) or (path.lower().endswith((".md", ".txt", ".rst")) and version in file.data)
        for path, file in changed_files(candidate)
    )


CHECKS: Final = (
    Check(
        id="compatibility",
        number=43,
        title="A fix fits where the version before did, and a major version says what it changes",
        why="People take fixes unread because nothing else is supposed to change.",
        level="review",
        run=compatibility,
    ),
)
