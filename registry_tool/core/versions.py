"""Versions by strict semver 2.0 and ranges as npm reads them (formats of the registry, part 5).

Numbers are whole numbers of any size, digits are ASCII digits, and nothing is corrected quietly:
`v1.0.0`, `1.0` and `01.0.0` are refused with the spelling that would do.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

RANGE_CHARACTERS: Final = 200
"""Longest range that is read: four exact versions and what joins them."""

_NUMBER: Final = "(0|[1-9][0-9]*)"
_IDENTIFIER: Final = "(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_PRE: Final = rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
_BUILD: Final = r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}{_PRE}{_BUILD}")
_PLACE: Final = "(0|[1-9][0-9]*|[xX*])"
_TERM: Final = re.compile(rf"(\^|~|>=|<=|>|<|=)?{_PLACE}(?:\.{_PLACE}(?:\.{_PLACE}{_PRE}{_BUILD})?)?")

_Core = tuple[int, int, int]
_Key = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One version; compared by semver precedence, so build metadata counts for nothing."""

    key: _Key
    """What decides the order: core numbers, whether it is a release, the identifiers before one."""
    text: str = field(compare=False)
    """As it was written."""

    def __str__(self) -> str:
        """As it was written."""
        return self.text

    @property
    def prerelease(self) -> bool:
        """Whether it has a pre-release part."""
        return not self.key[3]

    @property
    def core(self) -> tuple[int, int, int]:
        """Major, minor and patch."""
        return self.key[:3]

    @property
    def folder(self) -> str:
        """The folder of such a release: lower case, without build metadata (part 5)."""
        return self.text.partition("+")[0].lower()

    def same(self, other: "Version") -> bool:
        """Whether the two differ only in letter case or build metadata: then one name, one release."""
        return self.folder == other.folder


@dataclass(frozen=True, slots=True)
class _Bound:
    """One comparator of a range."""

    relation: Literal["<", "<=", ">", ">=", "="]
    version: Version

    def holds(self, version: Version) -> bool:
        match self.relation:
            case "<":
                return version < self.version
            case "<=":
                return version <= self.version
            case ">":
                return version > self.version
            case ">=":
                return version >= self.version
            case _:
                return version == self.version


@dataclass(frozen=True, slots=True)
class Range:
    """A set of versions, as `^1.2`, `>=1.0.0 <3.0.0` or `1.x || 3.x`."""

    text: str
    """As it was written."""
    choices: tuple[tuple[_Bound, ...], ...]
    """One of these must hold; each holds where all of its comparators do."""

    def __str__(self) -> str:
        """As it was written."""
        return self.text

    def allows(self, version: Version) -> bool:
        """Whether `version` is in the range.

        A pre-release is only in it where a comparator names a pre-release of the same core (the
        rule of npm), so `^1.0.0` never brings `1.5.0-beta`.
        """
        return any(_all_hold(bounds, version) for bounds in self.choices)


@lru_cache(maxsize=4096)
def parse_version(text: str) -> Version:
    """The version that `text` is.

    Raises `InvalidInput` with the spelling that would do: strict semver 2.0 (semver.org), at most
    48 characters.
    """
    if len(text) > limits.VERSION_CHARACTERS:
        raise InvalidInput(
            f"a version may have at most {limits.VERSION_CHARACTERS} characters, {quoted(text)} has {len(text)}",
            code="bad-version",
            hint="leave out build metadata, or shorten the pre-release part",
        )
    found = _VERSION.fullmatch(text)
    if not found:
        message = f"a version is three numbers as 1.2.3 (semver 2.0), this is {quoted(text)}"
        raise InvalidInput(message, code="bad-version", hint=_hint(text))
    major, minor, patch, pre = found.groups()
    return Version((int(major), int(minor), int(patch), pre is None, _identifiers(pre)), text)


def parse_range(text: str) -> Range:
    """The range that `text` is: `*`, versions, `1.x`, `^`, `~`, comparators, joined by spaces (and) or `||` (or).

    Raises `InvalidInput`; a range may have at most 200 characters.
    """
    if len(text) > RANGE_CHARACTERS:
        raise InvalidInput(
            f"a range may have at most {RANGE_CHARACTERS} characters, {quoted(text)} has {len(text)}",
            code="bad-range",
            hint="write a shorter one",
        )
    return Range(text, tuple(_choice(part, text) for part in text.split("||")))


def newest(versions: Iterable[Version]) -> Version | None:
    """The highest of `versions` that is no pre-release, or `None`; the order they come in changes nothing."""
    return max((one for one in versions if not one.prerelease), key=lambda one: (one.key, one.text), default=None)


def _identifiers(pre: str | None) -> tuple[tuple[bool, int, str], ...]:
    """The identifiers of a pre-release so that tuples compare as semver 2.0, item 11, says."""
    parts = pre.split(".") if pre else []
    return tuple((False, int(part), "") if part.isdigit() else (True, 0, part) for part in parts)


def _hint(text: str) -> str:
    """What to write instead of a text that is no version."""
    bare = text.strip()
    if bare.lower() in {"", "latest", "newest", "stable", "next"}:
        return "write one exact version such as 1.2.3, or leave it out for the newest"
    if re.search(r"[\^~<>*|\s]|=.|(^|\.)[xX](\.|$)", bare):
        return "write one exact version such as 1.2.3, not a range"
    spelling = re.sub(r"(^|(?<=[.-]))0+(?=[0-9])", "", re.sub("^[vV]", "", bare))
    for candidate in (spelling, f"{spelling}.0", f"{spelling}.0.0"):
        if _VERSION.fullmatch(candidate):
            return f"write {candidate}"
    return "write major.minor.patch, then perhaps -pre.release and +build, with only 0-9, A-Z, a-z, '-' and '.'"


def _all_hold(bounds: tuple[_Bound, ...], version: Version) -> bool:
    if version.prerelease and not any(b.version.prerelease and b.version.core == version.core for b in bounds):
        return False
    return all(bound.holds(version) for bound in bounds)


def _choice(part: str, whole: str) -> tuple[_Bound, ...]:
    """The comparators between two `||`."""
    terms = re.sub(r"([\^~<>=]) +", r"\1", part).split(" ")
    found = [term for term in terms if term]
    if not found or "-" in found:
        hint = "write >=1.0.0 <=2.0.0 instead of 1.0.0 - 2.0.0" if found else "write * where every version will do"
        raise InvalidInput(f"{quoted(whole)} is not a range of versions", code="bad-range", hint=hint)
    return tuple(bound for term in found for bound in _bounds(term, whole))


def _bounds(term: str, whole: str) -> tuple[_Bound, ...]:
    """The comparators that one term stands for, by the rules of npm."""
    found = _TERM.fullmatch(term)
    if not found:
        raise InvalidInput(
            f"{quoted(term)} in {quoted(whole)} is not a range of versions",
            code="bad-range",
            hint="write *, 1.2.3, 1.x, ^1.2, ~1.2 or >=1.0.0 <2.0.0",
        )
    sign, *places, pre = found.groups()
    numbers: list[int] = []
    for place in places:
        if place is None or place in "xX*":
            break  # `1.x.3` says no more than `1.x`
        numbers.append(int(place))
    if not numbers:
        return (_Bound("<", _lowest((0, 0, 0))),) if sign in ("<", ">") else ()
    if len(numbers) == 3:
        core = (numbers[0], numbers[1], numbers[2])
        return _full(sign, Version((*core, pre is None, _identifiers(pre)), term))
    return _partial(sign, numbers)


def _full(sign: str | None, version: Version) -> tuple[_Bound, ...]:
    """The comparators of a sign before a whole version."""
    match sign:
        case "^":
            return _Bound(">=", version), _Bound("<", _lowest(_after_caret(version.core)))
        case "~":
            return _Bound(">=", version), _Bound("<", _lowest(_after(version.core, 1)))
        case "<" | "<=" | ">" | ">=":
            return (_Bound(sign, version),)
        case _:
            return (_Bound("=", version),)


def _partial(sign: str | None, numbers: list[int]) -> tuple[_Bound, ...]:
    """The comparators of a sign before `1` or `1.2`."""
    core = (numbers[0], numbers[1] if len(numbers) == 2 else 0, 0)
    after = _after(core, len(numbers) - 1)
    match sign:
        case "<":
            return (_Bound("<", _lowest(core)),)
        case "<=":
            return (_Bound("<", _lowest(after)),)
        case ">":
            return (_Bound(">=", _release(after)),)
        case ">=":
            return (_Bound(">=", _release(core)),)
        case "^" if core[0] > 0:
            return _Bound(">=", _release(core)), _Bound("<", _lowest(_after(core, 0)))
        case _:
            return _Bound(">=", _release(core)), _Bound("<", _lowest(after))


def _after(core: _Core, place: int) -> _Core:
    """The first core that differs from `core` at `place` or before."""
    return (core[0] + 1, 0, 0) if place == 0 else (core[0], core[1] + 1, 0)


def _after_caret(core: _Core) -> _Core:
    """The first core that differs from `core` in its leftmost number that is not zero."""
    if core[0] == 0 and core[1] == 0:
        return (0, 0, core[2] + 1)
    return _after(core, 0 if core[0] else 1)


def _release(core: _Core) -> Version:
    return Version((*core, True, ()), ".".join(map(str, core)))


def _lowest(core: _Core) -> Version:
    """The lowest version of all with this core, `-0`: below it no pre-release of the core slips in."""
    return Version((*core, False, ((False, 0, ""),)), ".".join(map(str, core)) + "-0")
