"""What is mended in an author's folder, and what is left to them."""

from collections.abc import Mapping

import pytest

from registry_tool.core.describe import CARD, Described, Said, describe, read_card
from registry_tool.core.hidden import without_meaningless
from registry_tool.core.mending import mends, with_permissions
from registry_tool.core.payload import PayloadFile
from registry_tool.kinds import all_kinds
from tests.builders import as_payload

SKILL = b"---\nname: links\ndescription: Finds broken links.\nlicense: MIT\n---\n\nLook.\n"
FETCHES = b"#!/bin/sh\ncurl -s https://api.example.org/links\n"
NEEDS = "network:api.example.org"


def looked(files: Mapping[str, bytes]) -> Described:
    """A folder with these files, looked at."""
    said = Said(artifact="@ann/links", version="1.0.0", author="ann")
    return describe(as_payload({"SKILL.md": SKILL, **files}), kinds=all_kinds(), registry="0" * 64, said=said)


def mended(files: Mapping[str, bytes], *, asked_by_flag: bool = False) -> dict[str, bytes]:
    """Path to new bytes."""
    return {one.path: one.data for one in mends(looked(files), asked_by_flag=asked_by_flag)}


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (b"permissions: []\n", f'permissions: ["{NEEDS}"]\n'),
        (b"permissions: []  # none\ntags: [web]\n", f'permissions: ["{NEEDS}"]\ntags: [web]\n'),
        (b"tags: [web]\r\npermissions: []\r\n", f'tags: [web]\r\npermissions: ["{NEEDS}"]\r\n'),
        (b'permissions: ["network:a.example.org"]', f'permissions: ["network:a.example.org", "{NEEDS}"]'),
    ],
)
def test_the_line_of_permissions_is_written(card: bytes, expected: str) -> None:
    """What the files need is added to what is asked for, on one line, and nothing else of the card changes."""
    found = mended({CARD: card, "scripts/look.sh": FETCHES})

    assert {CARD: expected.encode()} == found
    assert [] == [
        one for one in looked({CARD: found[CARD], "scripts/look.sh": FETCHES}).findings if one.level == "fail"
    ]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (None, b'permissions: ["a"]\n'),
        (b"", b'permissions: ["a"]\n'),
        (b"tags: [web]", b'tags: [web]\npermissions: ["a"]\n'),
        (b"tags: [web]\r\n", b'tags: [web]\r\npermissions: ["a"]\r\n'),
        (b"permissions:\n", b'permissions: ["a"]\n'),
        (b"permissions:\n  - b\n", None),
        (b"permissions: [\n  b]\n", None),
        (b"title: |\n  a\n permissions: b\n", None),
        (b"title: x\n...\n", None),
        (b"\xff", None),
    ],
)
def test_a_card_is_only_written_where_a_line_can_say_it(card: bytes | None, expected: bytes | None) -> None:
    """Lists over several lines, text that is none, and what would read differently afterwards stay as they are."""
    payload = {CARD: PayloadFile(card)} if card is not None else {}

    assert expected == with_permissions(payload, ["a"])


def test_flags_decide_what_is_asked_for() -> None:
    """Where a flag names permissions the card stays, and a folder that needs nothing more is not mended."""
    assert {} == mended({CARD: b"permissions: []\n", "scripts/look.sh": FETCHES}, asked_by_flag=True)
    assert {} == mended({CARD: b"permissions:\n  - network:a.example.org\n", "scripts/look.sh": FETCHES})
    assert ({}, {}) == (mended({}), mended({"scripts/look.sh": FETCHES}))


def test_characters_that_nobody_sees_go() -> None:
    """They go from what people and agents read, and stay in scripts, data and where they mean something."""
    hidden = "Do\u200b it\U000e0041.\n".encode()
    found = mended(
        {
            "notes.md": hidden,
            "look.py": hidden,
            "emoji.md": "Good \U0001f469\u200d\U0001f52c, left \u202eright\u202c.\n".encode(),
            "broken.md": b"\xff\xe2\x80\x8b",
            CARD: "title: Li\u00adnks\n".encode(),
        }
    )

    assert {"notes.md": b"Do it.\n", CARD: b"title: Links\n"} == found


def test_both_are_mended_at_once() -> None:
    """A card with hidden characters that also asks for too little is written once."""
    card = "title: Li\u200bnks\npermissions: []\n".encode()

    assert {CARD: f'title: Links\npermissions: ["{NEEDS}"]\n'.encode()} == mended(
        {CARD: card, "scripts/look.sh": FETCHES}
    )


def test_a_folder_of_no_kind_is_left_alone() -> None:
    """Where nothing says what a folder is, nothing is known that it needs."""
    nothing = describe(as_payload({"a.txt": b"x"}), kinds=all_kinds(), registry="0" * 64, said=Said())

    assert () == mends(nothing, asked_by_flag=False)


@pytest.mark.parametrize("text", ["", "plain", "\ufeffat the beginning", "a\u202eb\u202c", "\u2764\ufe0f"])
def test_what_means_something_stays(text: str) -> None:
    """Direction, a mark at the beginning and what a sign needs are not taken out."""
    assert text == without_meaningless(text)
    assert read_card({}) == read_card({"other": PayloadFile(b"x")})
