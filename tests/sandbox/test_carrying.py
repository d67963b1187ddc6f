"""What a program prints and says, on its way to people: harmless, and no more than it may be."""

import os
import threading

import pytest

from registry_tool.sandbox.chat import DROPPED, LINE_CHARACTERS, LINES, LINES_A_MINUTE, Chat, Listening
from registry_tool.sandbox.output import Inward, Outward, needs_carrying, neutralised, plain


@pytest.mark.parametrize(
    ("text", "shown", "taken"),
    [
        ("text\r\n\twith all\n", "text\r\n\twith all\n", "text\r\n\twith all\n"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", "[31mred[0m"),
        ("a\rb\x07c\x08d\x7fe", "a\\rb\\x07c\\x08d\\x7fe", "abcde"),
        ("\x9b2J", "\\x9b2J", "2J"),
        ("ab\u202ecd\u2066e\u200f", "ab\\u202ecd\\u2066e\\u200f", "abcde"),
        ("ä€𝄞", "ä€𝄞", "ä€𝄞"),
    ],
)
def test_control_characters_are_shown_or_taken_out(text: str, shown: str, taken: str) -> None:
    """Escape sequences and characters that turn text around do nothing any more."""
    assert (shown, taken) == (neutralised(text), plain(text))


def test_only_pipes_and_the_null_device_are_given_on() -> None:
    """A file, a folder, a socket and a terminal could be opened again, or are somebody's."""
    reading, writing = os.pipe()
    null, file = os.open(os.devnull, os.O_RDWR), os.open(__file__, os.O_RDONLY)
    ours, theirs = os.openpty()
    expected = {reading: False, writing: False, null: False, file: True, ours: True, theirs: True}
    found = {one: needs_carrying(one) for one in expected}
    for one in expected:
        os.close(one)

    assert expected == found


def test_a_flood_is_told_and_not_carried() -> None:
    """Up to the bound all is carried; beyond it the flood is told and nothing more comes."""
    source, into = os.pipe()
    reading, target = os.pipe()
    flooded = threading.Event()
    outward = Outward(source, target, most=10, flooded=flooded.set)
    outward.start()
    os.write(into, b"0123456789abc")
    os.close(into)
    outward.join()
    os.close(target)
    with open(reading, "rb") as file:
        got = file.read()

    assert (b"0123456789", True) == (got, flooded.is_set())


def test_a_reader_that_is_gone_ends_the_carrying() -> None:
    """The program then hears of it, as it would without us."""
    source, into = os.pipe()
    reading, target = os.pipe()
    os.close(reading)
    outward = Outward(source, target, most=None, flooded=lambda: None)
    outward.start()
    os.write(into, b"x")
    outward.join()
    os.close(target)
    with pytest.raises(BrokenPipeError):
        os.write(into, b"y")
    os.close(into)


def test_input_stops_when_nobody_needs_it() -> None:
    """What is typed after the program's end stays for others."""
    source, into = os.pipe()
    reading, target = os.pipe()
    inward = Inward(source, target)
    inward.start()
    os.write(into, b"first")
    first = os.read(reading, 100)
    inward.stop()
    os.write(into, b"second")
    left = os.read(source, 100)
    for one in (source, into, reading):
        os.close(one)

    assert (b"first", b"second") == (first, left)


def test_lines_are_few() -> None:
    """Twenty a minute, a hundred in all, and one sentence for all others."""
    heard: list[str] = []
    chat = Chat(heard.append)
    for moment in range(2000):
        chat.line(b"line", at=float(moment))

    assert (LINES, 1) == (heard.count("line"), heard.count(DROPPED))
    assert LINES + 1 == len(heard)


def test_a_minute_later_there_is_room_again() -> None:
    """The bound moves with time."""
    heard: list[str] = []
    chat = Chat(heard.append)
    for moment in [0.0] * (LINES_A_MINUTE + 5) + [61.0]:
        chat.line(b"line", at=moment)

    assert ["line"] * LINES_A_MINUTE + [DROPPED, "line"] == heard


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"no end", ["no end"]),
        (b"\n\n  \x1b\x07\n", []),
        (b"a\tb \xff\n", ["a b \ufffd"]),
        (b"x" * (LINE_CHARACTERS + 1) + b"\nmore\n", ["x" * LINE_CHARACTERS, DROPPED, "more"]),
        (b"x" * 100_000 + b"\nmore", ["x" * LINE_CHARACTERS, DROPPED, "more"]),
    ],
    ids=["lines", "without an end", "nothing to see", "odd bytes", "long", "very long"],
)
def test_a_line_is_text_of_a_length(data: bytes, expected: list[str]) -> None:
    """What is too long is cut and told, what is empty is nothing."""
    heard: list[str] = []
    reading, writing = os.pipe()
    listening = Listening(reading, heard.append)
    listening.start()
    with open(writing, "wb") as file:
        file.write(data)
    listening.finish()

    assert expected == heard
