"""A report that somebody else's run wrote as JSON, read as strictly as anything that comes in.

Where a pull request's own run checks it, whoever opened it may write what they like. Such a report is
shown, in words that are not alive, and decides nothing.
"""

import json
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from registry_tool.core import limits
from registry_tool.core.canonical import parse_loose
from registry_tool.core.document import findings_of
from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted
from registry_tool.core.reports.plain import Summary

REPORT_BYTES: Final = 8 * limits.MIB
NOTES: Final = frozenset(("", "not text", "is a program now", "is no program any more"))
"""What `diff` says of files; everything else in a report is shown as code, and this as prose."""


def read_report(data: bytes) -> Summary:
    """What `to_json` wrote, by whatever version; `InvalidInput` (`bad-report`) naming each member that is not so.

    Members that are not known here are left out: reports of newer tools have more of them.
    """
    value = parse_loose(data, limit=REPORT_BYTES, what="the report", floats=True)
    if not isinstance(value, dict):
        raise InvalidInput("the report is not a JSON object", code="bad-report", hint=_HINT)
    shaped = {**value, "why": _why(value.get("need"))}
    if isinstance(value.get("releases"), list):
        shaped["releases"] = [_release(one) if isinstance(one, dict) else one for one in value["releases"]]
    try:
        # As JSON, where a list is a tuple; everything else stays strict.
        found = TypeAdapter(Summary).validate_json(json.dumps(shaped), strict=True)
    except ValidationError as error:
        faults = findings_of(error, check="report")
        message = f"the report is not what `registry check --format json` writes: {faults[0].message}"
        raise InvalidInput(message, code="bad-report", findings=faults, hint=_HINT) from error
    notes = {note for release in found.releases for file in release.diff.files for note in file.note.split(", ")}
    if not notes <= NOTES:
        message = f"the report says of a file what this tool never says: {quoted(min(notes - NOTES))}"
        raise InvalidInput(message, code="bad-report", hint=_HINT)
    return found


_HINT: Final = "write it with: registry check --base main --head HEAD --format json"


def _why(need: Any) -> Any:  # Any: JSON
    """Why it takes people; nothing where it says nothing of it."""
    return need.get("why", []) if isinstance(need, dict) else []


def _release(row: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """A release with its difference in one place, as the summary has it."""
    diff = {"files": row.get("files"), "lines": row.get("diff"), "left_off": row.get("diff_left_off")}
    return {**row, "diff": diff}
