#!/usr/bin/env python3
"""Print what the columns of a CSV file hold.

Usage: csv_profile.py FILE [--json]
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

EMPTY = frozenset(("", "na", "n/a", "null", "none", "-"))


@dataclass
class Column:
    """What one column holds."""

    name: str
    type: str = "empty"
    filled: int = 0
    empty: int = 0
    distinct: int = 0
    smallest: str = ""
    largest: str = ""
    commonest: str = ""


@dataclass
class Profile:
    """What a table holds."""

    rows: int = 0
    columns: list[Column] = field(default_factory=list)
    ragged: list[int] = field(default_factory=list)
    """Lines whose number of cells is not the header's."""


def type_of(text: str) -> str:
    """The narrowest type that a cell's text has."""
    for name, read in (("whole", int), ("number", float), ("date", date.fromisoformat)):
        try:
            read(text.replace(",", "") if name != "date" else text)
        except ValueError:
            continue
        return name
    return "yes/no" if text.lower() in ("true", "false", "yes", "no") else "text"


def joined(types: Iterable[str]) -> str:
    """The type of a column whose cells have these types."""
    found = set(types)
    if found == {"whole", "number"}:
        return "number"
    return found.pop() if len(found) == 1 else "text" if found else "empty"


def column(name: str, cells: Sequence[str]) -> Column:
    """What a column with these cells holds."""
    values = [cell.strip() for cell in cells if cell.strip().lower() not in EMPTY]
    if not values:
        return Column(name, empty=len(cells))
    kind = joined(map(type_of, values))
    numeric = kind in ("whole", "number")
    ordered = sorted(values, key=lambda one: float(one.replace(",", ""))) if numeric else sorted(values)
    counts = Counter(values)
    top = min(counts, key=lambda one: (-counts[one], one))
    return Column(
        name, kind, len(values), len(cells) - len(values), len(counts), ordered[0], ordered[-1], f"{top} ×{counts[top]}"
    )


def profile(lines: Sequence[str]) -> Profile:
    """What the table in `lines` holds; its first row is the header."""
    sample = "".join(lines[:50])
    delimiter = max(",;\t|", key=lambda one: (sample.count(one), one == ","))
    reader = csv.reader(lines, delimiter=delimiter)
    header = next(reader, [])
    good, ragged = [], []
    for row in reader:
        if len(row) == len(header):
            good.append(row)
        elif row:
            ragged.append(reader.line_num)
    cells = list(zip(*good, strict=True)) if good else [()] * len(header)
    return Profile(len(good), [column(name, found) for name, found in zip(header, cells, strict=True)], ragged)


def table(found: Profile) -> str:
    """The profile as text."""
    titles = ("column", "type", "empty", "distinct", "smallest", "largest", "commonest")
    rows = [
        (one.name, one.type, str(one.empty), str(one.distinct), one.smallest, one.largest, one.commonest)
        for one in found.columns
    ]
    shown = [titles, *(tuple(cell[:30] for cell in row) for row in rows)]
    widths = [max(len(row[at]) for row in shown) for at in range(len(titles))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]
    wrong = [f"wrong number of cells in line {line}" for line in found.ragged]
    return "\n".join([f"{found.rows} rows", *lines, *wrong])


def main(arguments: Sequence[str]) -> int:
    names = [one for one in arguments if one != "--json"]
    if len(names) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(names[0], encoding="utf-8-sig", newline="") as file:
        found = profile(file.readlines())
    print(json.dumps(asdict(found), indent=2) if "--json" in arguments else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
