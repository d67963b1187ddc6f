"""Strangers' text on a page: what is kept of it, and what is only shown."""

import pytest

from registry_tool.site.markdown import body, to_html
from registry_tool.site.words import counted, line, size, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>\n"),
        ("[x](VBScript:y)", "<p>[x](VBScript:y)</p>\n"),
        ("[x](mailto:a@b.example)", '<p><a rel="nofollow noopener noreferrer">x</a></p>\n'),
        ("[x](../admin)", '<p><a rel="nofollow noopener noreferrer">x</a></p>\n'),
        ("[x](//evil.example)", '<p><a rel="nofollow noopener noreferrer">x</a></p>\n'),
        ("![a cat](https://evil.example/x.png)", '<p><span class="picture">a cat</span></p>\n'),
        ("![](x.svg)", '<p><span class="picture">picture</span></p>\n'),
        ('![<b onclick="x">](y)', '<p><span class="picture">&lt;b onclick="x"&gt;</span></p>\n'),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("a\u202eb\u200bc\u0007", "<p>a\\u202eb\\u200bc\\u0007</p>\n"),
        ("# One", "<h3>One</h3>\n"),
        ("###### Six", "<h6>Six</h6>\n"),
        ("```js onclick\nx\n```", '<pre tabindex="0"><code>x\n</code></pre>\n'),
        ("a\r\nb\rc", "<p>a\nb\nc</p>\n"),
    ],
)
def test_markdown_is_inert(text: str, expected: str) -> None:
    """A stranger's Markdown becomes text, headings below the page's own, and links to the web at most."""
    assert expected == to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "|" + "a|" * 16_000 + "\n|" + "-|" * 16_000 + "\n" + "a\n" * 16_000,
        "![a" * 10_000,
        "[" * 50_000,
        "*a " * 33_000,
        ">" * 50_000 + "x",
        "1. " * 30_000,
        "\u202e" * 100_000,
        "&amp;<" * 20_000,
        "---\n" * 25_000,
    ],
    ids=("line", "table", "pictures", "brackets", "stars", "quotes", "lists", "bidi", "entities", "fences"),
)
def test_a_hostile_text_stays_bounded(text: str) -> None:
    """Whatever it is made of, a page gets neither more than it can hold nor anything that acts."""
    shown = to_html(body(text))

    assert 900_000 > len(shown)
    assert ("\u202e" in shown, "<script" in shown) == (False, False)


def test_a_table_that_would_fill_a_page_is_shown_as_it_was_written() -> None:
    """Its rows are short and its head is long: each row would be filled up to the head's width."""
    shown = to_html("|" + "a|" * 16_000 + "\n|" + "-|" * 16_000 + "\n" + "<a\n" * 10_000)

    assert shown.startswith('<pre tabindex="0"><code>|a|a|')
    assert ("<table" in shown, "&lt;a" in shown) == (False, True)


def test_a_long_text_is_cut_and_said_to_be() -> None:
    """Of a text of a million characters a page shows the beginning."""
    shown = to_html("word " * 200_000)

    assert len(shown) < 110_000
    assert shown.endswith("<p>The text goes on in the files.</p>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nname: x\n---\n# Hello\n", "# Hello\n"),
        ("\ufeff---\r\nname: x\r\n---\r\nHello", "Hello"),
        ("no front\n---\nmatter\n---\n", "no front\n---\nmatter\n---\n"),
    ],
)
def test_front_matter_is_not_shown(text: str, expected: str) -> None:
    """What stands between the fences at the top is for machines."""
    assert expected == body(text)


def test_words_are_fit_for_a_page() -> None:
    """Sizes, counts, blank titles and invisible characters read as people expect."""
    assert ("999 bytes", "1.5 kB", "2.0 MB", "64.0 GB") == (size(999), size(1500), size(2 * 10**6), size(64 * 10**9))
    assert ("1 thing", "2 things") == (counted(1, "thing", "things"), counted(2, "thing", "things"))
    assert ("(no text)", "a b") == (line(" \n "), line("a\n b"))
    assert "\\U000e0041\\u2066é👩‍🚀" == visible("\U000e0041\u2066é👩‍🚀")
