"""That the licence is an SPDX expression, lets others pass the files on, and has its text where only that says it."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Candidate, Change
from registry_tool.core.findings import Finding
from registry_tool.core.native.license import license_findings, normalise
from registry_tool.core.places import place
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check
from registry_tool.core.since import is_as_reviewed

_REFERENCE: Final = "LicenseRef-"
_TEXT: Final = re.compile(r"(?:.*/)?(?:licen[sc]es?|copying|unlicense|eula|notice)\b[^/]*|licenses/.*", re.IGNORECASE)

FREE: Final = frozenset(
    "0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-2.0 BSD-1-Clause BSD-2-Clause "
    "BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSL-1.0 BlueOak-1.0.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 "
    "CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CECILL-2.1 ECL-2.0 EFL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 GPL-2.0-only "
    "GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only "
    "LGPL-3.0-or-later LPPL-1.3c MIT MIT-0 MPL-1.1 MPL-2.0 MS-PL MS-RL MulanPSL-2.0 NCSA ODbL-1.0 OFL-1.1 OSL-3.0 "
    "PostgreSQL PSF-2.0 Python-2.0 QPL-1.0 Ruby UPL-1.0 Unicode-3.0 Unicode-DFS-2016 Unlicense Vim W3C WTFPL X11 "
    "ZPL-2.1 Zlib".split()
)
"""Licences under which anybody may pass the files on: those that the OSI approved and people use, and for texts and
data those of Creative Commons without conditions on use. A person looks at others."""


def license_known(change: Change) -> Iterator[Finding]:
    """A finding for each licence that is no SPDX expression, that few people know, or whose text is not there."""
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
            yield from _own_text(candidate, said, paths)
        else:
            yield from _well_known(candidate, said, paths)


def _own_text(candidate: Candidate, said: str, paths: list[str]) -> Iterator[Finding]:
    """What there is to say of a licence that is a text among the files."""
    wanted = said[len(_REFERENCE) :]
    text = next((path for path in paths if re.sub("[^A-Za-z0-9.-]+", "-", path).strip("-") == wanted), None)
    if text is None:
        message = f"the licence {quoted(said)} refers to a text that is not among the files"
        hint = "add the text, for example LICENSE, and write license: SEE LICENSE IN LICENSE"
        yield Finding("license", "fail", message, place(candidate), hint)
    elif not _accepted(candidate, said) or not is_as_reviewed(candidate, text):
        message = "the licence is a text of its own"
        yield Finding("license", "review", message, place(candidate), "read it: may it be given to others?")


def _well_known(candidate: Candidate, said: str, paths: list[str]) -> Iterator[Finding]:
    rare = sorted(set(re.findall(r"[A-Za-z0-9.+-]+", re.sub(r"\bWITH \S+", "", said))) - FREE - {"AND", "OR"})
    if rare and not _accepted(candidate, said):
        message = f"few people know {', '.join(rare)}; not every licence lets others pass the files on"
        yield Finding("license", "review", message, place(candidate), "read it: may it be given to others?")
    if not any(_TEXT.fullmatch(path) for path in paths):
        message = f"the text of {said} is not among the files"
        yield Finding("license", "note", message, place(candidate), "add it as LICENSE: most licences ask for that")


def _accepted(candidate: Candidate, said: str) -> bool:
    """Whether the reviewed version before was under the same licence."""
    return candidate.previous is not None and candidate.previous.license == said


CHECKS: Final = (
    Check(
        id="license",
        number=41,
        title="The licence is an SPDX expression that lets others pass it on, or its text is among the files",
        why="What nobody may copy cannot be in a registry that others mirror.",
        level="fail",
        run=license_known,
        waivable=True,
    ),
)
