"""What is granted against what the files show: the same words for authors, reviewers and whoever installs."""

import json
from collections.abc import Iterator, Sequence

from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Reading
from registry_tool.core.permissions import group_of
from registry_tool.core.quoting import quoted


def mismatches(kind: Kind, granted: Sequence[str], reading: Reading, *, path: str = "") -> Iterator[Finding]:
    """A finding for each permission that is missing, or granted without use; `path` is the file that grants.

    What the files need and is not granted refuses. So does a grant that they do not use, where they tell all that
    they need (`Reading.exact`); where code decides as it runs, it is a remark.
    """
    grammar = kind.grammar
    missing = [need for need in reading.needs if not grammar.covered(granted, need)]
    for need in missing:
        message = f"the files need {quoted(need)} and it is not granted: {grammar.explain(need) or 'unknown'}"
        yield Finding("permission-needed", "fail", message, path, _line({*granted, *missing}))
    for one in granted:
        if grammar.explain(one) is None or any(grammar.covers(one, need) for need in (*reading.needs, *reading.may)):
            continue
        if group_of(one) in reading.exact:
            message = f"{quoted(one)} is granted, and the files do not use it"
            yield Finding("permission-unused", "fail", message, path, _line({*granted, *missing} - {one}))
        else:
            message = f"{quoted(one)} is granted, and nothing in the files shows what for"
            yield Finding("permission-unshown", "note", message, path, "leave it out if it is not needed")


def _line(permissions: set[str]) -> str:
    return f"permissions: {json.dumps(sorted(permissions))}"
