"""Times as documents write them: `2026-11-21T09:00:00Z`, whole seconds, UTC.

The form has a fixed width, so two of them compare as text.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_seconds(seconds: int) -> str:
    """The time `seconds` after 1970 as documents write it; `InvalidInput` outside the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise InvalidInput(f"{seconds} seconds after 1970 is in no year from 1 to 9999", code="bad-time") from error
    return _written(moment)


@lru_cache(maxsize=4096)
def to_seconds(text: str) -> int:
    """Seconds since 1970 of a document's time; `InvalidInput` for another form or a day that never was."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        moment = None
    # The library reads more forms than one; only the one that is written here counts.
    if moment is None or _written(moment) != text:
        raise InvalidInput(f"{quoted(text)} is not a time as 2026-11-21T09:00:00Z", code="bad-time")
    return (moment - _EPOCH) // timedelta(seconds=1)


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"
