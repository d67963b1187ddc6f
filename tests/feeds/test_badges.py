"""Badges: honest, small, the same everywhere, and inert wherever they are shown."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.release import Status
from registry_tool.core.status import TREATMENT
from registry_tool.feeds.badges import COLOURS, badge, badges, text_width
from tests.builders import a_registry
from tests.feeds.feed_sites import seen
from tests.feeds.news_registry import SOLAR, with_table

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {f"{SVG}{name}" for name in ("svg", "title", "rect", "g", "text")}
ATTRIBUTES = set(
    "width height x y fill role aria-label aria-hidden font-family font-size textLength lengthAdjust".split()
)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("status", sorted(TREATMENT))
def test_a_badge_tells_the_truth(status: Status) -> None:
    """Version and, where it is not active, its status stand in the picture, and in words for who cannot see it."""
    names, about = seen(with_table(a_registry(demo=False)).release(SOLAR, "1.0.0"))
    name = names[SOLAR]
    shown = replace(name, releases=(replace(name.releases[0], status=status),))
    made = badges(shown, about)
    root = ElementTree.fromstring(made["badges/ann/solar.svg"])
    texts = [one.text for one in root.iter(f"{SVG}text")]

    assert ["theme", "1.0.0" if status == "active" else f"1.0.0 {status}"] == texts
    assert str(root.findtext(f"{SVG}title")).startswith("@ann/solar 1.0.0 in The Reading Room: ")
    assert ("img", root.findtext(f"{SVG}title")) == (root.get("role"), root.get("aria-label"))


@pytest.mark.parametrize("status", sorted(TREATMENT))
def test_a_badge_can_be_read(status: Status) -> None:
    """White letters have a contrast of at least 4.5 with what is behind them (WCAG 2.2, 1.4.3)."""
    assert (1.05 / (luminance(COLOURS[status]) + 0.05)) >= 4.5


@given(
    label=st.text(),
    value=st.text(),
    title=st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"])),
)
def test_hostile_text_makes_nothing_but_text(label: str, value: str, title: str) -> None:
    """Whatever is written on a badge, it has the same few elements and attributes, none of which fetches or runs."""
    shown = ["".join(one for one in text if one.isprintable()) for text in (label, value)]
    root = ElementTree.fromstring(badge(shown[0], shown[1], title, "#000000"))
    elements = list(root.iter())

    assert 7 == len(elements)
    assert {one.tag for one in elements} == TAGS
    assert {name for one in elements for name in one.attrib} <= ATTRIBUTES
    assert [one.text or "" for one in root.iter(f"{SVG}text")] == shown


def test_a_badge_is_as_wide_as_its_text() -> None:
    """Every pixel comes from a table: twice the letters are twice as wide, and the parts add up to the whole."""
    root = ElementTree.fromstring(badge("theme", "10.20.30 quarantined", "t", "#000000"))
    first, second = root.iter(f"{SVG}rect")
    texts = [int(one.get("textLength", "0")) for one in root.iter(f"{SVG}text")]

    assert int(root.get("width", "0")) == int(first.get("width", "0")) + int(second.get("width", "0"))
    assert [text_width("theme"), text_width("10.20.30 quarantined")] == texts
    assert (0, 2 * text_width("mmmmmmmmmm")) == (text_width(""), text_width("m" * 20))
