"""What changed between two payloads, bounded."""

from typing import Final

import pytest

from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.reports.diff import (
    COMPARED_CHARACTERS,
    DIFF_FILES,
    DIFF_LINES,
    LINE_CHARACTERS,
    FileChange,
    diff,
)


def files(**contents: bytes) -> Payload:
    """A payload; `_` in a name stands for a dot."""
    return {name.replace("_", "."): PayloadFile(data) for name, data in contents.items()}


def lines(old: bytes, new: bytes) -> list[str]:
    """The diff of one file, without the two lines that name it."""
    return list(diff(files(a=old), files(a=new)).lines)[2:]


TEN: Final = [b"%d\n" % number for number in range(1, 11)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"a\nb\n", b"a\nc\n", ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]),
        (b"a\n", b"a", ["@@ -1 +1 @@", "-a", "+a", "\\ No newline at end of file"]),
        (b"", b"a\n", ["@@ -0,0 +1 @@", "+a"]),
        (b"a\n", b"", ["@@ -1 +0,0 @@", "-a"]),
        (b"a\r\n", b"a\n", ["@@ -1 +1 @@", "-a\\u{d}", "+a"]),
        ("a\u202e\n".encode(), b"a\n", ["@@ -1 +1 @@", "-a\\u{202e}", "+a"]),
        (
            b"".join(TEN),
            b"".join([*TEN[:4], b"five\n", *TEN[5:]]),
            ["@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"],
        ),
        (
            b"".join(TEN * 2),
            b"".join([b"new\n", *TEN * 2, b"end\n"]),
            ["@@ -1,3 +1,4 @@", "+new", " 1", " 2", " 3", "@@ -18,3 +19,4 @@", " 8", " 9", " 10", "+end"],
        ),
        (b"\0a", b"\0bc", ["not text: 2 bytes before, 3 after"]),
        (b"\xff", b"text\n", ["not text: 1 bytes before, 5 after"]),
    ],
)
def test_lines_are_told_as_diff_tells_them(old: bytes, new: bytes, expected: list[str]) -> None:
    """Hunks have three lines of context and their numbers; nothing in them is invisible."""
    assert expected == lines(old, new)


def test_files_are_told_with_what_became_of_them() -> None:
    """Added, removed, changed and equal files are told with their sizes and what lines do not show."""
    old = {
        "gone": PayloadFile(b"a\n"),
        "mode": PayloadFile(b"a\n", executable=True),
        "prog": PayloadFile(b"a\n"),
        "same": PayloadFile(b"a\n"),
        "pic": PayloadFile(b"\0"),
    }
    new = {
        "new.png": PayloadFile(b"\0\1"),
        "mode": PayloadFile(b"a\n"),
        "prog": PayloadFile(b"a\n", executable=True),
        "same": PayloadFile(b"a\n"),
        "pic": PayloadFile(b"\0\2", executable=True),
    }
    found = diff(old, new)

    assert (
        FileChange("gone", "removed", 2, False),
        FileChange("mode", "changed", 2, False, "is no program any more"),
        FileChange("new.png", "added", 2, False, "not text"),
        FileChange("pic", "changed", 2, True, "not text, is a program now"),
        FileChange("prog", "changed", 2, True, "is a program now"),
        FileChange("same", "same", 2, False),
    ) == found.files
    assert found.files[:-1] == found.changed
    at = found.lines.index("--- gone")
    assert ["--- gone", "+++ (none)", "@@ -1 +0,0 @@", "-a"] == list(found.lines[at : at + 4])


def test_the_native_file_comes_first() -> None:
    """The file that says what this is is shown before the others."""
    found = diff({}, files(a=b"a\n", z=b"z\n"), first="z")

    assert ["--- (none)", "+++ z", "@@ -0,0 +1 @@", "+z", "--- (none)", "+++ a"] == list(found.lines[:6])


def test_a_long_diff_is_cut() -> None:
    """A release has at most 200 lines; files that are cut or left off are counted."""
    long = b"".join(b"%d\n" % number for number in range(500))
    found = diff({}, files(a=long, b=b"b\n", c=b"c\n"))

    assert (DIFF_LINES, 3) == (len(found.lines), found.left_off)


def test_many_files_are_cut() -> None:
    """A release has the lines of at most 40 files."""
    many = {f"f{number:02}": PayloadFile(b"") for number in range(50)}
    found = diff({}, many)

    assert (2 * DIFF_FILES, 10, 50) == (len(found.lines), found.left_off, len(found.files))


def test_a_diff_that_just_fits_is_whole() -> None:
    """A diff of exactly as many lines as there is room for leaves nothing off."""
    found = diff({}, files(a=b"1\n2\n"), lines=5)

    assert (5, 0) == (len(found.lines), found.left_off)


def test_a_long_line_is_cut() -> None:
    """A line of a megabyte shows its first 200 characters and its length."""
    found = lines(b"", b"x" * 1_000_000 + b"\n")

    assert f"+{'x' * LINE_CHARACTERS} … (1000000 characters)" == found[1]


def test_what_changed_all_over_is_not_compared() -> None:
    """Thousands of other lines are told as removed and added, without looking for what they share."""
    old = b"".join(b"old %d\n" % number for number in range(700))
    new = b"".join(b"new %d\n" % number for number in range(700))
    found = diff(files(a=b"head\n" + old), files(a=b"head\n" + new), lines=2000).lines[2:]

    assert "@@ -2,700 +2,700 @@ too much changed to compare it line by line" == found[0]
    assert ("-old 0", "-old 699", "+new 0", "+new 699") == (found[1], found[700], found[701], found[1400])


def test_what_is_very_large_is_not_compared() -> None:
    """A text of more than two million characters is told by its size."""
    assert [f"too large to be compared: 0 characters before, {COMPARED_CHARACTERS + 1} after"] == lines(
        b"", b"x" * (COMPARED_CHARACTERS + 1)
    )


def test_programs_come_before_texts_and_licences_last() -> None:
    """Whoever brings a long licence hides no program behind it; the native file stays first."""
    new = {
        "LICENSE": PayloadFile(b"l\n" * 300),
        "NOTICE.md": PayloadFile(b"n\n"),
        "a.md": PayloadFile(b"a\n"),
        "notices.md": PayloadFile(b"x\n"),
        "run.sh": PayloadFile(b"r\n", executable=True),
        "SKILL.md": PayloadFile(b"s\n"),
    }

    shown = [line for line in diff({}, new, first="SKILL.md").lines if line.startswith("+++ ")]

    assert ["SKILL.md", "run.sh", "a.md", "notices.md", "LICENSE"] == [line[4:] for line in shown]
