"""Which files a payload holds: those that belong to it, with paths that are safe everywhere."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.paths import payload_findings
from registry_tool.core.places import place, placed
from registry_tool.core.review import Check

_JUNK: Final = (
    ("left by an editor", re.compile(r"(.*/)?([^/]*(~|\.sw[op]|\.orig|\.rej|\.bak)|#[^/]*#|\.#[^/]*)")),
    (
        "a system's leftover",
        re.compile(r"(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*|__MACOSX/.*)", re.IGNORECASE),
    ),
    ("built by a tool", re.compile(r"(.*/)?(__pycache__/.*|[^/]*\.pyc|node_modules/.*|\.venv/.*)")),
    ("settings of one machine", re.compile(r"(.*/)?\.env(\.local)?")),
    (
        "an archive, whose files nobody reviews",
        re.compile(r".*\.(zip|tar|tgz|gz|bz2|xz|zst|7z|rar|jar|whl)", re.IGNORECASE),
    ),
)


def file_set(change: Change) -> Iterator[Finding]:
    """A finding for each file that hardly belongs, and where two native files make it unclear what this is."""
    for candidate in change.releases:
        payload = candidate.payload or {}
        for path in sorted(payload):
            what = next((what for what, form in _JUNK if form.fullmatch(path)), None)
            if what and path not in (candidate.previous_payload or {}):
                message = f"this looks like {what}"
                hint = "leave it out: `include` in artifact.yaml names what is published"
                yield Finding("file-set", "review", message, place(candidate, path), hint)
        native = [name for name in candidate.kind.native if name in payload] if candidate.kind else []
        if len(native) > 1:
            message = f"{' and '.join(native)} lie side by side; which one counts depends on the reader"
            yield Finding("file-set", "fail", message, place(candidate), f"keep one, for example {native[0]}")


def payload_paths(change: Change) -> Iterator[Finding]:
    """What is wrong with the paths, the number and the size of the files."""
    for candidate in change.releases:
        if candidate.payload is not None:
            yield from (placed(candidate, finding) for finding in payload_findings(candidate.payload))


CHECKS: Final = (
    Check(
        id="file-set",
        number=7,
        title="A payload holds the files of its kind and nothing that was left there",
        why="Leftovers of editors were published as part of releases; archives hide what they hold.",
        level="fail",
        run=file_set,
        waivable=True,
    ),
    Check(
        id="payload-paths",
        number=12,
        title="Paths of a payload mean the same file on every system and stay inside",
        why="Absolute paths, '..' and names that fold together write where nobody looked (CVE-2025-54368).",
        level="fail",
        run=payload_paths,
    ),
)
