"""That the licence is an SPDX expression, and its text there where only the text says it."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.native.license import license_findings, normalise
from registry_tool.core.quoting import quoted
from registry_tool.core.reports.places import place
from registry_tool.core.review import Check

_REFERENCE: Final = "LicenseRef-"


def license_known(change: Change) -> Iterator[Finding]:
    """A finding for each licence that is no SPDX expression, or refers to a text that is not there."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        said, paths = candidate.manifest.license, sorted(candidate.payload or ())
        canonical = normalise(said)
        if canonical is None:
            for finding in license_findings(said, paths):
                yield Finding("license", "fail", finding.message, place(candidate), finding.hint)
        elif canonical != said:
            message = f"the licence {quoted(said)} is written {canonical}"
            yield Finding("license", "fail", message, place(candidate), f"license: {canonical}")
        elif said.startswith(_REFERENCE) and " " not in said:
            if not any(re.sub("[^A-Za-z0-9.-]+", "-", path).strip("-") == said[len(_REFERENCE) :] for path in paths):
                message = f"the licence {quoted(said)} refers to a text that is not among the files"
                hint = "add the text, for example LICENSE, and write license: SEE LICENSE IN LICENSE"
                yield Finding("license", "fail", message, place(candidate), hint)
            else:
                message = "the licence is a text of its own"
                yield Finding("license", "review", message, place(candidate), "read it: may it be given to others?")


CHECKS: Final = (
    Check(
        id="license",
        number=41,
        title="The licence is an SPDX expression, or its text is among the files",
        why="What nobody may copy cannot be in a registry that others mirror.",
        level="fail",
        run=license_known,
    ),
)
