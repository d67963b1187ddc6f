#!/usr/bin/env python3
"""Print release notes as Markdown, from the subjects and footers of git's log.

Usage: release_notes.py [FROM [TO]]     FROM defaults to the newest tag, TO to HEAD
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence

SECTIONS = {"breaking": "Breaking", "feat": "New", "fix": "Mended", "other": "Also"}
CONVENTIONAL = re.compile(r"(?P<type>[a-z]+)(?:\((?P<area>[^)]+)\))?(?P<bang>!)?: +(?P<text>.+)")
WORDS = {
    "feat": re.compile(r"(?:add|allow|support|introduce|implement|new)(?:s|ed)?\b", re.IGNORECASE),
    "fix": re.compile(r"(?:fix|mend|repair|correct|prevent|avoid|handle)(?:s|es|ed)?\b", re.IGNORECASE),
}
SILENT = frozenset(("chore", "ci", "build", "style", "test", "tests", "refactor"))


def git(*arguments: str) -> str:
    """What git says; empty where it refuses."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def placed(subject: str, body: str) -> tuple[str, str] | None:
    """The section that a commit belongs to and its line, or nothing where no user notices it."""
    match = CONVENTIONAL.fullmatch(subject)
    breaking = re.search(r"^BREAKING[ -]CHANGE: *(.+)$", body, re.MULTILINE)
    if match is None:
        first = next((name for name, words in WORDS.items() if words.match(subject)), "other")
        return ("breaking" if breaking else first), subject
    text = match["text"][0].upper() + match["text"][1:]
    if match["area"]:
        text = f"{match['area']}: {text}"
    if match["bang"] or breaking:
        return "breaking", f"{text} ({breaking[1]})" if breaking else text
    if match["type"] in SILENT:
        return None
    return (match["type"] if match["type"] in ("feat", "fix") else "other"), text


def notes(commits: Iterable[tuple[str, str, str]]) -> str:
    """Markdown for commits, each an id, a subject and a body, newest first."""
    lines: dict[str, list[str]] = {name: [] for name in SECTIONS}
    for name, subject, body in commits:
        found = placed(subject.strip(), body)
        if found is not None:
            lines[found[0]].append(f"- {found[1]} ({name})")
    parts = [f"## {SECTIONS[name]}\n\n" + "\n".join(rows) for name, rows in lines.items() if rows]
    return "\n\n".join(parts) + "\n" if parts else "Nothing that a user would notice.\n"


def main(arguments: Sequence[str]) -> int:
    start = arguments[0] if arguments else git("describe", "--tags", "--abbrev=0").strip()
    end = arguments[1] if len(arguments) > 1 else "HEAD"
    if start.startswith("-") or end.startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    log = git("log", "--no-merges", "--format=%h%x1f%s%x1f%b%x1e", f"{start}..{end}" if start else end, "--")
    if not log and not git("rev-parse", "--verify", "--quiet", end):
        print(f"there is no commit {end} here", file=sys.stderr)
        return 1
    rows = [row.strip("\n").split("\x1f") for row in log.split("\x1e") if row.strip()]
    print(notes((row[0], row[1], row[2]) for row in rows), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
