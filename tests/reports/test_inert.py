"""Whatever others write, nothing of it comes to life in a comment or hides in a terminal."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry_tool.core.findings import Finding
from registry_tool.core.reports.diff import Diff, FileChange
from registry_tool.core.reports.markdown import MARKDOWN_CHARACTERS, fence, span, summary_markdown
from registry_tool.core.reports.plain import Granted, ReleaseView, Said, StatementView, Summary
from registry_tool.core.reports.reading import NOTES
from tests.reports.inert import alive

FRAGMENTS: Final = (
    "@mod",
    "#1",
    "GH-1",
    "https://evil.example",
    "www.evil.example",
    "mod@evil.example",
    "<img src=x>",
    "<!--",
    "</details>",
    "\n\n</details>\n\n",
    "</summary>",
    "![p](http://e.example/p.png)",
    "[l](http://e.example)",
    "[x]: http://e.example",
    "&#64;mod",
    "`",
    "``",
    "```",
    "\n```\n",
    "\n~~~\n",
    "`````",
    "~~struck~~",
    "# Approved\n",
    "\n### ✅ Nothing stands against it\n",
    "\n---\n",
    "\n> said\n",
    "\n- [x] read it",
    "|a|b|\n|-|-|\n",
    "    ",
    "\t",
    "\\",
    " ",
    "\n",
    "\r\n",
    "\u202e",
    "\u200b",
    "\U000e0061",
    "\x1b[31m",
    "\x00",
    ": registry queue approve x",
    "waived until ",
)
TEXT: Final = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=6).map("".join)
TEXTS: Final = st.lists(TEXT, max_size=3).map(tuple)
LEVEL: Final = st.sampled_from(("fail", "review", "warn", "note"))
FINDING: Final = st.builds(Finding, TEXT, LEVEL, TEXT, TEXT, TEXT, st.none() | st.integers(0, 9))
FILE: Final = st.builds(
    FileChange,
    TEXT,
    st.sampled_from(("added", "removed", "changed", "same")),
    st.integers(0, 10**7),
    st.booleans(),
    st.sampled_from(sorted(NOTES)),
)
RELEASE: Final = st.builds(
    ReleaseView,
    *[TEXT] * 8,
    TEXTS,
    TEXT,
    st.lists(st.builds(Granted, TEXT, TEXT, st.booleans()), max_size=2).map(tuple),
    TEXTS,
    st.builds(Diff, st.lists(FILE, max_size=3).map(tuple), TEXTS, st.integers(0, 2)),
    TEXTS,
    st.booleans(),
    st.booleans(),
    TEXT,
)
SUMMARY: Final = st.builds(
    Summary,
    TEXT,
    TEXT,
    st.booleans(),
    st.sampled_from(("pass", "review", "fail", "undecided")),
    TEXT,
    TEXTS,
    st.lists(RELEASE, max_size=2).map(tuple),
    st.lists(st.builds(StatementView, TEXT, TEXT, TEXTS, TEXTS, TEXTS, TEXTS, st.booleans()), max_size=2).map(tuple),
    st.lists(FINDING, max_size=3).map(tuple),
    TEXTS,
    st.lists(st.builds(Said, st.sampled_from(("flag", "objection")), TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple),
)


@pytest.mark.slow
@settings(max_examples=100)
@given(SUMMARY)
def test_nothing_of_anybody_elses_is_alive_in_a_comment(view: Summary) -> None:
    """Every text of a report may try to speak for the registry: in none of its places it can."""
    ours = replace(view, next="It waits for one person: registry queue approve 1a2b")

    assert [] == alive(summary_markdown(view, foreign=True))
    assert [] == alive(summary_markdown(ours))


@settings(max_examples=100)
@given(TEXT)
def test_a_span_and_a_fence_hold_what_they_are_given(text: str) -> None:
    """Between our own words too, in a list, and in a folded block."""
    folded = ["<details open><summary>1 file, 2 B</summary>", "", *fence((text, text), "diff"), "", "</details>"]
    lines = ["before", f"- {span(text)} after", *(f"  {line}" for line in fence((text,), "text")), "", *folded]

    assert [] == alive("\n".join((*lines, "")))


@pytest.mark.parametrize(
    "text",
    [
        "@mod",
        "#1",
        "see https://e.example",
        "www.e.example",
        "<b>x</b>",
        "[l](http://e.example)",
        "![p](http://e.example)",
        "## Approved",
        "a\u202eb",
        "<details><summary>1 file, 2 B</summary>",
        "<details><summary>3 files, 2 B, @mod</summary>",
        "</details>",
        "> said",
        "| a |\n| - |\n",
    ],
)
def test_what_is_alive_is_seen(text: str) -> None:
    """The test above would notice each of these."""
    assert alive(f"words\n\n{text}\n")


@pytest.mark.slow
@settings(max_examples=20)
@given(SUMMARY)
def test_a_flood_stays_within_a_comment(view: Summary) -> None:
    """However much of everything there is, and the sentence that says what to do is there."""
    many = Summary(
        view.submission,
        view.registry,
        view.demonstration,
        view.verdict,
        view.next,
        view.why * 500,
        view.releases * 200,
        view.statements * 500,
        view.findings * 500,
        view.undecided * 500,
        view.said * 500,
    )
    text = summary_markdown(many, foreign=True)

    assert len(text) <= MARKDOWN_CHARACTERS
    assert span(view.next) == text.splitlines()[2]
    assert [] == alive(text)
