"""Times as documents write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.errors import InvalidInput
from registry_tool.core.times import from_seconds, to_seconds

FIRST, LAST = -62_135_596_800, 253_402_300_799


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_795_251_600, "2026-11-21T09:00:00Z"),
        (951_827_696, "2000-02-29T12:34:56Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (FIRST, "0001-01-01T00:00:00Z"),
        (LAST, "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_written_in_one_way(seconds: int, text: str) -> None:
    """Seconds become the text, and the text the seconds, in every year there is."""
    assert (text, seconds) == (from_seconds(seconds), to_seconds(text))


@given(st.lists(st.integers(FIRST, LAST), min_size=2, max_size=2))
def test_times_compare_as_text(seconds: list[int]) -> None:
    """Whatever is earlier is smaller, and comes back."""
    texts = [from_seconds(one) for one in seconds]

    assert sorted(seconds) == [to_seconds(text) for text in sorted(texts)]


@pytest.mark.parametrize("seconds", [FIRST - 1, LAST + 1, 10**30, -(10**30)])
def test_a_time_outside_the_calendar_is_refused(seconds: int) -> None:
    """A commit may claim any number; what is in no year is no time."""
    with pytest.raises(InvalidInput, match="in no year") as refused:
        from_seconds(seconds)

    assert "bad-time" == refused.value.code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T09:00:00",
        "2026-11-21 09:00:00Z",
        "2026-11-21T09:00:00z",
        "2026-11-21T09:00:00+00:00",
        "2026-11-21T10:00:00+01:00",
        "2026-11-21T09:00:00.0Z",
        "2026-11-21T09:00Z",
        "20261121T090000Z",
        "2026-W47-6T09:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:00:60Z",
        "2026-02-29T09:00:00Z",
        "2026-13-01T09:00:00Z",
        "0000-01-01T00:00:00Z",
        "\u0662026-11-21T09:00:00Z",
        "2026-11-21T09:00:00Z\n",
        " 2026-11-21T09:00:00Z",
    ],
)
def test_another_spelling_is_refused(text: str) -> None:
    """Zones, fractions, other forms of ISO 8601 and days that never were are no times here."""
    with pytest.raises(InvalidInput, match="is not a time as"):
        to_seconds(text)
