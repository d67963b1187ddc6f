"""Which of many names a person could take for another one: what is left to spell after `skeleton` folded them.

    fewer than 6 letters    exactly alike
    6 to 11                 one edit apart
    12 and more             two edits apart

The shorter of the two decides. An edit is a letter more, less, other, or two neighbours exchanged; letter case,
separators and signs that look the same are no difference at all. In names as short as `links` one letter makes
another word, and so many honest names are one edit apart there that nobody would read the list.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from registry_tool.core.names import skeleton

ONE_EDIT: Final = 6
"""Letters from which on names one edit apart look alike."""
TWO_EDITS: Final = 12
"""Letters from which on names two edits apart look alike."""
_PIECES: Final = 5  # two edits, each an exchange over the border of two pieces, leave one of five whole


def edits_allowed(one: int, other: int) -> int:
    """How many edits apart two names with so many letters still look alike."""
    shorter = min(one, other)
    return 2 if shorter >= TWO_EDITS else 1 if shorter >= ONE_EDIT else 0


def within(one: str, other: str, most: int) -> bool:
    """Whether at most `most` edits make one text of the other (optimal string alignment)."""
    if abs(len(one) - len(other)) > most:
        return False
    start, end = 0, min(len(one), len(other))
    while start < end and one[start] == other[start]:
        start += 1
    # What both begin and end with is never worth an edit.
    one, other, end = one[start:], other[start:], end - start
    tail = 0
    while tail < end and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    one, other = one[: len(one) - tail], other[: len(other) - tail]
    if not one or not other:
        return len(one) + len(other) <= most
    if most == 0:
        return False
    left = most - 1
    exchanged = one[:2] == other[1::-1] and len(one) > 1
    return (
        within(one[1:], other[1:], left)
        or within(one[1:], other, left)
        or within(one, other[1:], left)
        or (exchanged and within(one[2:], other[2:], left))
    )


def skeletons(names: Sequence[str]) -> list[str]:
    """The skeleton of each name, in order; ten times as quick as one by one. No name holds a zero."""
    # Separators would go anyway, one match of a pattern each.
    text = "\0".join(names).replace("-", "").replace("@", "").replace("/", "")
    return skeleton(text).split("\0") if names else []


class Alike:
    """Names, to be asked which of them look like another one; made for thousands of names and a few questions."""

    def __init__(self, names: Iterable[str]) -> None:
        listed = sorted(set(names))
        self._names: dict[str, list[str]] = {}
        for shape, name in zip(skeletons(listed), listed, strict=True):
            self._names.setdefault(shape, []).append(name)
        self._letters = sorted(set("".join(self._names)))
        self._long = [shape for shape in self._names if len(shape) >= TWO_EDITS]

    def like(self, name: str) -> tuple[str, ...]:
        """The names that look like `name`, sorted; without itself."""
        shape = skeleton(name)
        found = {shape}
        if len(shape) >= ONE_EDIT:
            found.update(one for one in self._one_edit(shape) if len(one) >= ONE_EDIT)
        if len(shape) >= TWO_EDITS:
            found.update(self._two_edits(shape))
        return tuple(sorted({one for each in found for one in self._names.get(each, ())} - {name}))

    def _one_edit(self, shape: str) -> Iterator[str]:
        """Every text that one edit makes of `shape`: a thousand or two, each looked up."""
        for at in range(len(shape) + 1):
            before, after = shape[:at], shape[at:]
            yield from (before + letter + after for letter in self._letters)
            if after:
                yield before + after[1:]
                yield from (before + letter + after[1:] for letter in self._letters)
                yield before + after[1:2] + after[:1] + after[2:]

    def _two_edits(self, shape: str) -> Iterator[str]:
        """The long names that two edits make of `shape`.

        One that shares no piece of `shape` near its place is not worth comparing, which spares nearly all.
        """
        cuts = [len(shape) * number // _PIECES for number in range(_PIECES + 1)]
        pieces = [(shape[a:b], max(0, a - 2), b + 2) for a, b in pairwise(cuts)]
        shortest, longest = len(shape) - 2, len(shape) + 2
        for one in self._long:
            if shortest <= len(one) <= longest:
                for piece, start, end in pieces:
                    if one.find(piece, start, end) >= 0:
                        if within(shape, one, 2):
                            yield one
                        break
