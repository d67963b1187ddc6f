"""How fresh the signed index of a registry is, as a client or its operator sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core.digest import Hex
from registry_tool.core.times import to_seconds

DAY = 86_400
AHEAD_DAYS = 7
"""How many days before something expires people are told."""
WITH = "with"
"""The member of a per-name file's row that lists its scope's chain too: who installs reads both, from one bin."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the site as the signed index lists it."""

    sha256: Hex
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known of the index now."""

    as_of: str
    """When the registry was asked last; now, unless nobody could be asked."""
    asked: bool
    """Whether it was asked now; if not, what was known before is used."""
    expires: Mapping[str, str]
    """By role (root, targets, snapshot, timestamp, bins), when what was read stops to be fresh."""
    lifetimes: Mapping[str, int]
    """By role that a job signs, the days for which it does."""

    @property
    def until(self) -> str:
        """When the first of them expires."""
        return min(self.expires.values())

    def warnings(self, now: int) -> tuple[str, ...]:
        """One sentence for each role that expired or soon does, the earliest first; `now` in seconds since 1970."""
        said = []
        for role, time in sorted(self.expires.items(), key=lambda item: (item[1], item[0])):
            left = to_seconds(time) - now
            # What lives a week is signed every few days: it is late only when a third is left.
            if left <= 0:
                said.append(f"its {role} expired at {time}")
            elif left < min(AHEAD_DAYS, self.lifetimes.get(role, 3 * AHEAD_DAYS) / 3) * DAY:
                said.append(f"its {role} expires at {time}: its operator should sign it again")
        return tuple(said)
