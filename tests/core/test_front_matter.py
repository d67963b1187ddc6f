"""Front matter is read as real files write it."""

import pytest

from registry_tool.core.native.front_matter import FrontMatter, read_front_matter

EXAMPLE = "---\nname: x\n---"


def good(text: bytes) -> FrontMatter:
    matter, findings = read_front_matter(text, "A.md", example=EXAMPLE)
    assert matter is not None
    assert findings == ()
    return matter


@pytest.mark.parametrize(
    "text",
    [
        b"---\nname: a\n---\nbody\n",
        b"---\nname: a\n---",
        b"---  \r\nname: a\r\n---\t\r\nbody\r\n",
        b"\xef\xbb\xbf---\nname: a\n---\n",
        b"---\nname: a\n---\n\xff\xfe not UTF-8 in the body\n",
        b"---\nname: a\n---\n---\nother: b\n---\n",
    ],
)
def test_front_matter_is_what_stands_between_the_first_two_fences(text: bytes) -> None:
    """With either line end, a byte order mark, blanks behind the fences, whatever follows."""
    assert {"name": "a"} == good(text).members


def test_a_byte_order_mark_is_noted() -> None:
    """It refuses nothing."""
    assert ["note"] == [one.level for one in good(b"\xef\xbb\xbf---\nname: a\n---\n").findings]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        (b"", 1, "no front matter", "write at its top\n---"),
        (b"# Title\n---\nname: a\n---\n", 1, "no front matter", "write at its top\n---"),
        (b"---\nname: a\n", 1, "no end", "close it with a line ---"),
        (b"---\n---\n", 2, "no list of", "name: x"),
        (b"---\n- a\n---\n", 2, "no list of", "name: x"),
        (b"---\nname: a\ndescription: b: c\n---\n", 3, "not valid YAML", 'description: "b: c"'),
        (b"---\nname: \xff\n---\n", 2, "not UTF-8", "save it as UTF-8"),
        (b"\xef\xbb\xbf---\nname: &a b\n---\n", 2, "anchors", "quotes"),
    ],
)
def test_front_matter_that_cannot_be_read_has_the_lines_to_write(
    text: bytes, line: int, message: str, hint: str
) -> None:
    """One finding that refuses, in the file's own line numbers."""
    matter, findings = read_front_matter(text, "A.md", example=EXAMPLE)
    faults = [one for one in findings if one.level == "fail"]

    assert matter is None
    assert [("A.md", line)] == [(one.path, one.line) for one in faults]
    assert message in faults[0].message
    assert hint in faults[0].hint


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (b"name: yes", 'name: "true"'),
        (b"name: 1.5", 'name: "1.5"'),
        (b"name: [a]", "write it as one text"),
        (b"name:", "name: my-name"),
        (b"name: ' '", "name: my-name"),
        (b"title: a", "name: my-name"),
    ],
)
def test_a_member_that_is_no_text_is_told_in_its_line(line: bytes, hint: str) -> None:
    """The text is empty then, and the hint is the line to write."""
    matter = good(b"---\n" + line + b"\n---\n")

    assert matter.text("name", "fail", "name: my-name") == ""
    assert [("fail", True)] == [(one.level, hint in one.hint) for one in matter.findings]


def test_a_member_that_may_be_absent_is_empty_without_a_word() -> None:
    """Only where a line to write is given is an absent one told."""
    matter = good(b"---\nname: ' a '\n---\n")

    assert ["a", ""] == [matter.text("name", "fail", ""), matter.text("license", "warn", "")]
    assert matter.findings == []


def test_unknown_members_are_noted_in_order() -> None:
    """Real files have many; each is told once and left as it is."""
    matter = good(b"---\nname: a\nzeta: 1\nbeta: 2\n---\n")
    matter.note_unknown(("name",), "agent-skills")

    assert [("note", 4), ("note", 3)] == [(one.level, one.line) for one in matter.findings]
