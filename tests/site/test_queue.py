"""The page of what waits: ages, states and needs for people, and nothing in it acts."""

import html
import re

import pytest

from registry_tool.core.waiting import Queue
from registry_tool.site.queue import PATH, age
from tests.builders import a_registry
from tests.queues import DAY, HOUR, a_queue, typical, waits
from tests.sites import built, committed, files_of, named

HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe [x](javascript:1) @everybody \U000e0041 {{ 7 * 7 }}"


def pages(queue: Queue | None) -> dict[str, str]:
    """The pages of a site with one theme and this queue."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0")
    given = queue.model_copy(update={"registry": registry.id}) if queue is not None else None
    made = built(committed(registry.files), queue=given).made
    return {path: data.decode() for path, data in files_of(made).items() if path.endswith(".html")}


def words_of(page: str) -> str:
    """A page as it reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_page_says_what_waits_and_for_how_long() -> None:
    """Each submission with its age, its author, what it needs and who flagged it; as of a time; the numbers."""
    page = pages(typical("1" * 64))[PATH]
    said = words_of(page)

    for expected in (
        "What waits to be let in 7 submissions As of 2026-11-21 09:00 UTC .",
        "@ann/solar 1.1.0 Here for 9 days , since 2026-11-12 09:00 UTC , by ann. Waits for one person",
        "@ann/solar 1.1.0 flagged Here for 5 hours",
        "2026-11-21 bea (permissions): “why does a theme need this?”",
        "@ann/solar 1.1.0 not approved Here for 4 hours",
        "Registers the author bob with two keys Here for 10 minutes",
        "Something that cannot be read Here for less than a minute",
        "@ann/theme-0 1.1.0 With @ann/theme-1 1.1.0,",
        "@ann/theme-11 1.1.0, and 8 more",
        "Waiting now 7 5 hours 9 days",
        "Decided lately 3 5 hours 2 days",
        "Taken down 0 – –",
        "2 let in, 1 rejected.",
    ):
        assert expected in said
    assert '<a href="../themes/ann/solar/">@ann/solar 1.1.0</a>' in page
    assert 'href="../themes/ann/theme-0' not in page
    assert '<a href="queue.json">' in page


def test_the_home_page_leads_to_it_where_there_is_one() -> None:
    """It counts what waits; without a queue it says nothing of it, and the page that others lead to says why."""
    one = a_queue("1" * 64, waits("one"))
    none = pages(None)

    assert '<a href="queue/">1 submission waits</a> to be let in.' in pages(one)["index.html"]
    assert "to be let in." not in none["index.html"]
    assert "This site does not show it." in none[PATH]


def test_an_empty_queue_says_so() -> None:
    """A page without rows is still a page, with the numbers."""
    said = words_of(pages(a_queue("1" * 64, statistics=a_queue("1" * 64).statistics.value()))[PATH])

    assert "0 submissions" in said
    assert "Nothing waits. How long it takes" in said


def test_a_long_queue_is_cut_on_the_page_alone() -> None:
    """The page shows the 200 that wait longest and says how many more there are."""
    rows = [waits(str(number), age=DAY * 300 - number) for number in range(203)]
    page = pages(a_queue("1" * 64, *rows))[PATH]

    assert 200 == page.count('<p class="hash">')
    assert "3 more submissions: the data has all of them." in page


def test_what_people_wrote_stays_inert() -> None:
    """Markup, links, mentions, templates and invisible characters in a need, a note or a name are text."""
    flag = {"by": HOSTILE, "reason": "other", "note": HOSTILE, "at": "2026-11-20T09:00:00Z"}
    row = waits("x", releases=[], statements=[HOSTILE], need=HOSTILE, state="flagged", flags=[flag])
    page = pages(a_queue("1" * 64, row))[PATH]

    main = page.partition("<main")[2].replace("x onerror=alert", "")
    assert [] == re.findall(r"<img|<script|<form|\sstyle=|\son[a-z]+=", main)
    assert [] == re.findall("[\u202a-\u202e\U000e0000-\U000e0fff]", page)
    assert 4 == page.count("&lt;img src=x onerror=alert(1)&gt; \\u202egnp.exe")
    assert ("javascript:1" in page, 'href="javascript' in page, "{{ 7 * 7 }}" in page) == (True, False, True)
    assert "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'" in page


def test_nothing_was_decided_and_the_page_does_not_say_of_what() -> None:
    """Where nothing was decided yet there are no outcomes to tell."""
    queue = a_queue("1" * 64)
    none = queue.statistics.value() | {"decided": {"count": 0}, "published": 0, "rejected": 0, "withdrawn": 0}

    assert "decided lately:" not in pages(a_queue("1" * 64, statistics=none))[PATH]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (2 * HOUR - 1, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (2 * DAY - 1, "47 hours"),
        (2 * DAY, "2 days"),
        (400 * DAY, "400 days"),
    ],
)
def test_an_age_is_never_more_than_it_was(seconds: int, words: str) -> None:
    """Whole units, cut, in the largest unit that there are two of."""
    assert words == age(seconds)
