"""How often things were installed: what the operator's logs say, as the build takes it and pages show it.

    {"schema": "registry.counts/1", "registry": <id>, "until": "2026-03-01",
     "names": {"@ann/pdf": {"1.0.0": {"before": 40, "2026-03-01": 2}}},
     "logs": {"<sha256>": {"bytes": 81213, "until": "2026-03-01"}}}

Counts decide nothing. Pages show them rounded down to 1, 2 or 5 of a power of ten, so that a page is not
made anew for every install; the exact numbers are in small files of their own (`feeds/counts.py`).
The file knows no addresses and nobody's name.

Days are told one by one for five weeks; then they are closed: they go into `before`, and nothing is added
to them any more. `logs` are the logs of open days that were counted, each by the SHA-256 of its first
`bytes`: the same log counts once, also when it grew since, has another name, or was packed.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from registry_tool.core import limits
from registry_tool.core.document import ArtifactText, Document, HexText, Signed, VersionText, load

BEFORE: Final = "before"
"""Stands for all days that are not told one by one any more."""
OPEN_DAYS: Final = 35
"""Told one by one, the last day included."""
RECENT_DAYS: Final = 30
"""What `recent` counts, the last day included."""


def _real(day: str) -> str:
    date.fromisoformat(day)  # a day that never was is a ValueError, which the reader tells
    return day


_DAY: Final = r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
DayText = Annotated[str, Field(pattern=f"^{_DAY}$"), AfterValidator(_real)]
Days = dict[Annotated[str, Field(pattern=f"^(before|{_DAY})$")], Annotated[int, Field(ge=0, lt=limits.JSON_INTEGER)]]
Installs = Mapping[str, Mapping[str, Mapping[str, int]]]
"""By artifact, version and day."""


class LogMark(Document):
    """A log that was counted."""

    bytes: Annotated[int, Field(ge=1)]
    """How much of it, unpacked."""
    until: DayText
    """Its last day."""


class Counts(Signed):
    """Installs of each release and day."""

    schema_: Literal["registry.counts/1"] = Field(alias="schema")
    until: DayText
    """The last day that was counted."""
    names: dict[ArtifactText, dict[VersionText, Days]]
    logs: dict[HexText, LogMark] = Field(default_factory=dict)
    """By the SHA-256 of what was counted of them."""

    def total(self, artifact: str) -> int:
        """Installs of all releases of a name, ever."""
        return sum(sum(days.values()) for days in self._releases(artifact).values())

    def recent(self, artifact: str) -> int:
        """Installs of all releases of a name in the last 30 days until `until`."""
        since = day_before(self.until, RECENT_DAYS)
        return sum(
            count
            for days in self._releases(artifact).values()
            for day, count in days.items()
            if day != BEFORE and since < day <= self.until
        )

    def _releases(self, artifact: str) -> Mapping[str, Mapping[str, int]]:
        return self.names.get(artifact, {})

    @property
    def closed(self) -> str:
        """The last day to which nothing is added any more."""
        return day_before(self.until, OPEN_DAYS)


def read_counts(data: bytes, *, registry: str) -> Counts:
    """The counts that `data` holds; `InvalidInput`, or `NotTrusted` for another registry's."""
    return load(Counts, data, limit=limits.COUNTS_BYTES, registry=registry, what="the counts")


def no_counts(registry: str, until: str) -> Counts:
    """Nothing, counted until a day."""
    return Counts.of({"schema": "registry.counts/1", "registry": registry, "until": until, "names": {}})


def added(counts: Counts, installs: Installs, logs: Mapping[str, LogMark], *, until: str) -> Counts:
    """`counts` with more `installs` and the `logs` that told them; days that are over for long are closed."""
    until = max(until, counts.until)
    closed = day_before(until, OPEN_DAYS)
    names: dict[str, dict[str, dict[str, int]]] = {}
    for source in (counts.names, installs):
        for artifact, releases in source.items():
            for version, days in releases.items():
                into = names.setdefault(artifact, {}).setdefault(version, {})
                for day, count in days.items():
                    kept = BEFORE if day == BEFORE or day <= closed else day
                    into[kept] = into.get(kept, 0) + count
    marks = {digest: mark for digest, mark in {**counts.logs, **logs}.items() if mark.until > closed}
    value = {
        **counts.value(),
        "until": until,
        "names": names,
        "logs": {digest: mark.value() for digest, mark in sorted(marks.items())},
    }
    return Counts.of(value)


def day_before(day: str, days: int) -> str:
    """The day that is `days` before another."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def coarse(count: int) -> int:
    """`count` rounded down to 1, 2 or 5 of a power of ten; 0 stays 0."""
    if count <= 0:
        return 0
    power: int = 10 ** (len(str(count)) - 1)
    return next(step * power for step in (5, 2, 1) if step * power <= count)
