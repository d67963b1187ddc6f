"""Long lists in alphabetical order, cut so that one new name changes one page.

A shelf holds all rows whose names lie between two fixed marks. A shelf that gets too many is cut in the middle of its
marks, never in the middle of its rows: so where the others begin and end does not depend on what is on this one.

    0_g  h_z                     two halves of the first sign
    0_g  h_q  r_z                the second was too long
    0_g  h_q  r@_g  rh_z  s_z    and so on, sign by sign; `@` is the end of a name
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")

_SIGNS: Final = "!-0123456789abcdefghijklmnopqrstuvwxyz"
"""What names are made of, in the order of their bytes; `!` ends a name, and stands for every other character."""
_OTHERS: Final = re.compile("[^a-z0-9-]")
_END: Final = "!"
_AFTER: Final = "\x7f"
"""Behind every sign."""
_FIRST: Final = 2
"""The first digit."""


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Row]):
    """Some of the rows."""

    label: str
    """Its address: `sa_m` of `sa – sm`; no name of a device, and unlike every other shelf's."""
    words: str
    """The same for people: `sa – sm`."""
    rows: tuple[Row, ...]


def shelves(rows: Sequence[Row], size: int, *, name: Callable[[Row], str]) -> tuple[Shelf[Row], ...]:
    """All of `rows` by their names, at most `size` on a shelf; more only where their names are the same.

    One row more changes one shelf, or cuts one in two. Empty shelves are left out.
    """
    names = [name(row) for row in rows]
    ordered = sorted(zip(map(_folded, names), names, range(len(rows)), strict=True))
    keys = [key for key, _, _ in ordered]
    found: list[Shelf[Row]] = []
    waiting = [("", 0, len(_SIGNS) - 1)]
    while waiting:
        prefix, low, high = waiting.pop()
        start = bisect_left(keys, prefix + _SIGNS[low])
        end = bisect_left(keys, prefix + _SIGNS[high] + _AFTER)
        if start == end:
            continue
        if end - start <= size or keys[start] == keys[end - 1]:
            label, words = _marks(prefix, low, high)
            found.append(Shelf(label, words, tuple(rows[place] for _, _, place in ordered[start:end])))
        elif low == high:
            waiting.append((prefix + _SIGNS[low], 0, len(_SIGNS) - 1))
        else:
            middle = (low + high) // 2
            waiting += [(prefix, middle + 1, high), (prefix, low, middle)]
    return tuple(found)


def _folded(name: str) -> str:
    return _OTHERS.sub(_END, name.lower()) + _END


def _marks(prefix: str, low: int, high: int) -> tuple[str, str]:
    first, last = (f"{prefix}{_SIGNS[number]}" for number in (low, high))
    if low == 0 and not prefix and high >= _FIRST:
        first = _SIGNS[_FIRST]  # nearly all names begin with a digit or a letter
    words = [mark.rstrip(_END).replace(_END, "@") or "@" for mark in (first, last)]
    label = f"{first}_{_SIGNS[high]}".replace(_END, "@")
    return label, " – ".join(words) if words[0] != words[1] else words[0]
