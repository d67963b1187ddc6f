"""The table of checks in the documentation, written from the records."""

from collections.abc import Mapping, Sequence
from typing import Final

from registry_tool.core.findings import Level
from registry_tool.core.review import Check

BEGIN: Final = "[//]: # (from the records of the checks)"
END: Final = "[//]: # (end of the records)"
"""Lines that no page shows (CommonMark 4.7, a definition that nothing refers to)."""
_LEVELS: Final[dict[Level, str]] = {
    "fail": "refuses",
    "review": "asks for a person",
    "warn": "warns",
    "note": "remarks",
}


def checks_table(checks: Sequence[Check], not_run: Mapping[int, str]) -> str:
    """Two tables in Markdown: every check by its id, and what is not run here."""
    lines = ["| check | demands | why | at most | waivable |", "| --- | --- | --- | --- | --- |"]
    for check in checks:
        waivable = "yes" if check.waivable else ""
        lines.append(f"| `{check.id}` | {check.title} | {check.why} | {_LEVELS[check.level]} | {waivable} |")
    lines += ["", "Not run here:", "", "| what | why |", "| --- | --- |"]
    lines += [f"| {what} | {why} |" for what, _, why in (not_run[row].partition(": ") for row in sorted(not_run))]
    return "\n".join(lines)


def with_table(text: str, table: str) -> str:
    """`text` with `table` between the two lines that mark its place."""
    head, begin, rest = text.partition(f"{BEGIN}\n")
    _, end, tail = rest.partition(f"{END}\n")
    if not begin or not end:
        raise ValueError("the lines that mark the table's place are missing")
    return f"{head}{begin}\n{table}\n\n{end}{tail}"
