"""Which paths a payload may hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core import limits
from registry_tool.core.paths import path_fault, path_finding, payload_findings, repository_path_fault
from registry_tool.core.payload import PayloadFile

EMPTY = PayloadFile(b"")


@pytest.mark.parametrize(
    "path",
    [
        "SKILL.md",
        "a/b/c.txt",
        "Screenshot 2026-01-02 at 9.41.00\u202fAM.png",
        "日本語/読む.md",
        "with space/two  spaces",
        " leading",
        "-dash/--help",
        ".mcp.json",
        ".hidden/x",
        "a.git",
        "git",
        "console/communication",
        "com10",
        "é",
        "🎉.png",
        "a'b(c)[d]{e}!#$%&,;=~^`@+_.x",
        "d/" * 15 + "x",
        "n" * 100,
        "p" * 49 + "/" + "n" * 100,
        "\u2100",
    ],
)
def test_an_ordinary_path_is_good(path: str) -> None:
    """Real folders hold spaces, narrow spaces, CJK, emoji and leading dashes: all of it passes."""
    assert path_fault(path) is None
    assert () == payload_findings({path: EMPTY})


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("", "nothing is not a name in the path ''", "write the path without it"),
        ("a//b", "nothing is not a name in the path 'a//b'", "write the path without it"),
        ("a/", "nothing is not a name in the path 'a/'", "write the path without it"),
        ("a/./b", "'.' is not a name in the path 'a/./b'", "write the path without it"),
        ("..", "'..' is not a name in the path '..'", "write the path without it"),
        ("/a", "a path is relative, '/a' is absolute", "leave out the / at its beginning"),
        ("a\\b", "\\ is not allowed in the path 'a\\\\b'", "separate folders by /"),
        ("a|b", "| is not allowed in the path 'a|b'", "rename it without |"),
        ("a. ", "'a. ' ends with a dot or a space in the path 'a. '", "rename it to 'a'"),
        ("x/...", "'...' ends with a dot or a space in the path 'x/...'", "rename it"),
        ("a/.GitIgnore", "'.GitIgnore' begins with .git and belongs to version control in the path 'a/.GitIgnore'", ""),
        ("aux.c", "'aux.c' is a device on Windows in the path 'aux.c'", "rename it to '_aux.c'"),
        ("n" * 101, f"'{'n' * 60}'… has 101 bytes where a name may have 100 in the path '{'n' * 60}'…", "shorten"),
        ("a/" + "é" * 75, f"a path may have at most 150 bytes, 'a/{'é' * 58}'… has 152", "shorten its folders"),
        ("a/" * 16 + "x", "a path may be 16 names deep, 'a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/x' is 17 deep", "use fewer"),
        ("e\u0301", "the path 'e\u0301' is not in Unicode form NFC", "rename it to 'é' with composed letters"),
    ],
)
def test_a_fault_says_what_to_rename(path: str, message: str, hint: str) -> None:
    """The sentence names the part that is wrong, the hint what to do about it."""
    finding = path_finding(path)

    assert finding is not None
    assert ("payload-path", "fail", path) == (finding.check, finding.level, finding.path)
    assert message == finding.message == path_fault(path)
    assert hint in finding.hint
    assert finding.hint


@pytest.mark.parametrize(
    "character",
    [
        *"\0\t\x7f\x85",  # control
        *"\u200b\u200d\u00ad\ufeff\u2060",  # zero width
        *"\u202a\u202e\u2066\u2069\u200f",  # bidirectional
        *"\U000e0001\U000e0041",  # tags
        *"\u2028\u2029",  # separators of lines
        *"\ue000\U0010fffd",  # private use
        *"\ufdd0\U000effff\u0378",  # not assigned
        "\ud800",  # half a pair
        *"\u034f\u115f\u1160\u17b4\u180b\u2800\u3164\ufe0f\uffa0\U000e0100",  # blank letters and marks
        *'\\:*?"<>|',
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_a_character_that_hides_or_commands_is_refused(character: str) -> None:
    """Control, bidirectional, invisible, private and unassigned characters and Windows' own are refused."""
    assert "is not allowed in the path" in str(path_fault(f"a{character}b"))


@given(st.text(max_size=300))
def test_no_text_stops_the_check(path: str) -> None:
    """Any text gives a sentence or nothing; what passes is NFC and printable."""
    if path_fault(path) is None:
        assert path == unicodedata.normalize("NFC", path)
        assert len(path.encode()) <= limits.PATH_BYTES
    elif path:
        assert len(str(path_fault(path))) < 1500


def test_a_very_long_path_with_a_bad_end_is_only_too_long() -> None:
    """Nothing behind the limit is looked at, half a surrogate pair neither."""
    assert "at most 150 bytes" in str(path_fault("é" * 5000 + "\ud800"))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("README", "readme"), ["'README' and 'readme' are one file where letters are folded"]),
        (("ﬁ", "fi"), ["'fi' and 'ﬁ' are one file where letters are folded"]),
        (("a\u202fb", "a b"), ["'a b' and 'a\\u202fb' are one file where letters are folded"]),
        (("A/x", "a/y", "a/z"), ["'A' and 'a' are one folder where letters are folded"]),
        (("A/b/x", "a/b/y"), ["'A' and 'a' are one folder where letters are folded"]),
        (("a", "a/b"), ["'a' is a file and 'a' is a folder"]),
        (
            ("a/b/c", "A/B"),
            ["'A' and 'a' are one folder where letters are folded", "'A/B' is a file and 'a/b' is a folder"],
        ),
        (("a/c", "\u2100"), []),
        (("a/x", "b/x", "b/a/x"), []),
    ],
)
def test_paths_that_meet_are_found(paths: tuple[str, ...], expected: list[str]) -> None:
    """Files and folders that one spelling-blind file system takes for one are told, each pair once."""
    found = payload_findings(dict.fromkeys(paths, EMPTY))

    assert expected == [finding.message for finding in found]
    assert all(finding.check == "payload-path" and finding.hint and finding.path for finding in found)


def test_findings_come_in_the_order_of_paths() -> None:
    """Whatever the order of the payload, findings are sorted by the bytes of the path."""
    paths = ["z?", "\ud800", "a?", "é?"]
    expected = ["a?", "z?", "é?", "\ud800"]

    assert expected == [finding.path for finding in payload_findings(dict.fromkeys(paths, EMPTY))]


@pytest.mark.parametrize(
    ("count", "hint"), [(0, "is this the right folder?"), (5001, "leave out what need not be installed")]
)
def test_a_payload_has_1_to_5000_files(count: int, hint: str) -> None:
    """No file, or one too many, is the only finding, even where the paths are bad too."""
    findings = payload_findings({f"{number}?": EMPTY for number in range(count)})

    assert [("payload-size", hint)] == [(finding.check, finding.hint) for finding in findings]


def test_a_payload_has_at_most_64_mebibytes() -> None:
    """One byte above the limit is found, the limit itself passes."""
    block = PayloadFile(bytes(limits.PAYLOAD_BYTES // 64))
    full = {f"{number}": block for number in range(64)}

    assert () == payload_findings(full)
    assert ["payload-size"] == [finding.check for finding in payload_findings({**full, "more": PayloadFile(b"x")})]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a" * 250, None),
        ("é" * 126, f"a path in the repository may have at most 250 bytes, '{'é' * 60}'… has 252"),
        ("a\udc80", "the path 'a\\udc80' is not UTF-8"),
    ],
)
def test_a_path_in_the_repository_has_at_most_250_bytes(path: str, expected: str | None) -> None:
    """Bytes are counted, not characters."""
    assert expected == repository_path_fault(path)
