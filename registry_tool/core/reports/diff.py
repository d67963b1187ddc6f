"""What changed between two payloads, in few enough lines to be read.

A unified diff of each changed text file, made so that nobody can make it slow or endless: what two
files have in common at both ends is cut off first, only a bounded middle is compared line by line,
and a whole release gets a fixed number of lines.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.reports.words import visible

DIFF_LINES: Final = 200  # of one release: some screens
DIFF_FILES: Final = 40  # of one release
LINE_CHARACTERS: Final = 200  # minified code has lines of a megabyte
COMPARED_CHARACTERS: Final = 2_000_000  # of each side; what is larger was written by a tool
_COMPARED_LINES: Final = 600  # of each side; comparing takes up to their product
_CONTEXT: Final = 3
_LEGAL: Final = re.compile(r"(.*/)?(licen[sc]e|copying|notice)\b", re.IGNORECASE)

ChangeWord = Literal["added", "removed", "changed", "same"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file in either payload."""

    path: str
    change: ChangeWord
    size: int
    """In bytes, of the new file; of the old one where it was removed."""
    executable: bool
    note: str = ""
    """What the lines do not show: `is a program now`, `not text`."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two payloads."""

    files: tuple[FileChange, ...]
    """Every file of both, sorted by path."""
    lines: tuple[str, ...]
    """The unified diff: nothing invisible in it, each line cut after 200 characters."""
    left_off: int = 0
    """Changed files whose lines are not, or not all, in `lines`."""

    @property
    def changed(self) -> tuple[FileChange, ...]:
        """The files that are not the same."""
        return tuple(file for file in self.files if file.change != "same")


def diff(old: Payload, new: Payload, *, first: str = "", lines: int = DIFF_LINES, files: int = DIFF_FILES) -> Diff:
    """What `new` changes of `old`; the file `first` (the native one) is shown first, then programs, licences last.

    At most `lines` lines and the lines of `files` files; the rest is counted.
    """
    rows = tuple(_file_change(path, old.get(path), new.get(path)) for path in sorted(old.keys() | new.keys()))
    shown: list[str] = []
    left_off = 0
    # What runs must not be crowded out by what nobody reads.
    weights = [
        (row.path != first, not row.executable, _LEGAL.match(row.path) is not None, row.path)
        for row in rows
        if row.change != "same"
    ]
    for number, (*_, path) in enumerate(sorted(weights)):
        room = lines - len(shown)
        if number >= files or room <= 0:
            left_off += 1
            continue
        one = list(_take(_file_lines(path, old.get(path), new.get(path)), room + 1))
        left_off += len(one) > room
        shown += one[:room]
    return Diff(rows, tuple(shown), left_off)


def _file_change(path: str, old: PayloadFile | None, new: PayloadFile | None) -> FileChange:
    if new is None or old is None:
        file = new or old or PayloadFile(b"")
        note = "" if _text(file) is not None else "not text"
        return FileChange(path, "added" if new else "removed", len(file.data), file.executable, note)
    if new == old:
        return FileChange(path, "same", len(new.data), new.executable)
    notes = ["not text"] if _text(new) is None or _text(old) is None else []
    if new.executable != old.executable:
        notes.append("is a program now" if new.executable else "is no program any more")
    return FileChange(path, "changed", len(new.data), new.executable, ", ".join(notes))


def _text(file: PayloadFile) -> str | None:
    if b"\0" in file.data:
        return None
    try:
        return file.data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _file_lines(path: str, old: PayloadFile | None, new: PayloadFile | None) -> Iterator[str]:
    """The unified diff of one file; one line for what is not text."""
    before = "" if old is None else _text(old)
    after = "" if new is None else _text(new)
    yield f"--- {visible(path) if old else '(none)'}"
    yield f"+++ {visible(path) if new else '(none)'}"
    if before is None or after is None:
        yield f"not text: {len(old.data) if old else 0} bytes before, {len(new.data) if new else 0} after"
        return
    if max(len(before), len(after)) > COMPARED_CHARACTERS:
        yield f"too large to be compared: {len(before)} characters before, {len(after)} after"
        return
    yield from _unified(_lines(before), _lines(after))


def _lines(text: str) -> list[str]:
    """Lines as people see them; a missing end of line shows as such."""
    if not text:
        return []
    lines = text.split("\n")
    if not lines[-1]:
        return lines[:-1]
    lines[-1] += "\n"  # which `visible` writes out: this line is not what it would be with an end
    return lines


def _unified(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Hunks as `diff -u` writes them, with everything visible."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    lead = old[max(0, start - _CONTEXT) : start]
    trail = old[len(old) - end :][:_CONTEXT]
    if max(len(middle_old), len(middle_new)) > _COMPARED_LINES:
        where = f"-{start + 1},{len(middle_old)} +{start + 1},{len(middle_new)}"
        yield f"@@ {where} @@ too much changed to compare it line by line"
        yield from _marked("-", middle_old)
        yield from _marked("+", middle_new)
        return
    one, other = [*lead, *middle_old, *trail], [*lead, *middle_new, *trail]
    offset = start - len(lead)
    matcher = difflib.SequenceMatcher(None, one, other)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2], offset)} +{_range(first[3], last[4], offset)} @@"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from _marked(" ", one[a:b])
                continue
            yield from _marked("-", one[a:b])
            yield from _marked("+", other[c:d])


def _marked(sign: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        whole = not line.endswith("\n")
        text = line if whole else line[:-1]
        more = f" … ({len(text)} characters)" if len(text) > LINE_CHARACTERS else ""
        yield sign + visible(text[:LINE_CHARACTERS]) + more
        if not whole:
            yield "\\ No newline at end of file"


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many items at the beginning are equal."""
    return next(
        (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )


def _range(start: int, stop: int, offset: int) -> str:
    length = stop - start
    first = start + offset + (1 if length else 0)
    return str(first) if length == 1 else f"{first},{length}"


def _take(lines: Iterator[str], count: int) -> Iterator[str]:
    for _, line in zip(range(count), lines, strict=False):
        yield line
