"""Times as documents write them: `2026-11-21T09:00:00Z`, whole seconds, UTC.

The form has a fixed width, so two of them compare as text.
"""

from datetime import UTC, datetime

from registry_tool.core.errors import InvalidInput

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def from_seconds(seconds: int) -> str:
    """The time `seconds` after 1970 as documents write it."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_FORM)


def to_seconds(text: str) -> int:
    """Seconds since 1970 of a document's time; `InvalidInput` for a day that is not in the calendar."""
    try:
        return int(datetime.strptime(text, _FORM).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a time as 2026-11-21T09:00:00Z", code="bad-time") from error
