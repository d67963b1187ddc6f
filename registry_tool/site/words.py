"""Numbers and times as pages show them, and foreign text as everybody does (`core/showing.py`)."""

from collections.abc import Mapping
from typing import Any, Final

from registry_tool.core.showing import counted, line, visible

__all__ = ["claim_words", "counted", "day", "line", "paragraphs", "size", "visible"]

_UNITS: Final = ("bytes", "kB", "MB", "GB")


def day(time: str) -> str:
    """The day of a document's time: `2026-03-01`."""
    return time[:10]


def size(count: int) -> str:
    """A number of bytes for people: `1.5 kB`."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count} {_UNITS[0]}" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"


def claim_words(value: Mapping[str, Any]) -> str:  # Any: JSON
    """A claim of an author (`profiles.claim_value`) in a few words."""
    if value["claim"] == "domain":
        return visible(value["domain"])
    return f"{line(value['name'])} ({value['claim']} in {line(value['forge'])})"


def paragraphs(text: str) -> tuple[str, ...]:
    """Foreign text as lines that have something on them."""
    return tuple(visible(one.strip()) for one in text.splitlines() if one.strip())
