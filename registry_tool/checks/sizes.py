"""How large things may be; the policy of the registry can say other numbers."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.checks.owners import policy_limit
from registry_tool.core import limits
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.places import place
from registry_tool.core.review import Check

FILE_BYTES: Final = 32 * limits.MIB  # half a payload; the largest real ones are browser engines and models
README_BYTES: Final = 512 * limits.KIB  # what forges still render
ICON_BYTES: Final = 512 * limits.KIB  # shown many at once
SUBMISSION_BYTES: Final = 2 * limits.PAYLOAD_BYTES

_README: Final = re.compile(r"readme(\.[a-z]+)?", re.IGNORECASE)
_ICON: Final = re.compile(r"(icon|logo)\.(png|svg|webp|jpe?g|gif|ico)", re.IGNORECASE)


def sizes(change: Change) -> Iterator[Finding]:
    """A finding for each file, and for the submission, that is larger than allowed."""
    kinds = (
        ("an icon", _ICON, policy_limit(change, "icon", ICON_BYTES)),
        ("a README", _README, policy_limit(change, "readme", README_BYTES)),
        ("a file", re.compile(".*", re.DOTALL), policy_limit(change, "file", FILE_BYTES)),
    )
    for candidate in change.releases:
        for path, file in sorted((candidate.payload or {}).items()):
            what, most = next((what, most) for what, form, most in kinds if form.fullmatch(path))
            if len(file.data) > most:
                message = f"{what} may have at most {most} bytes, this one has {len(file.data)}"
                yield Finding("sizes", "fail", message, place(candidate, path), "shrink it, or leave it out")
    most = policy_limit(change, "submission", SUBMISSION_BYTES)
    size = sum(len(data) for data in change.additions.values())
    if size > most:
        message = f"a submission may add at most {most} bytes, this one adds {size}"
        yield Finding("sizes", "fail", message, hint="publish fewer folders at a time")
    if len(change.additions) > limits.SUBMISSION_FILES:
        message = f"a submission may add at most {limits.SUBMISSION_FILES} files, this one adds {len(change.additions)}"
        yield Finding("sizes", "fail", message, hint="publish fewer folders at a time")


CHECKS: Final = (
    Check(
        id="sizes",
        number=33,
        title="Files and submissions stay within their sizes",
        why="Every clone and every mirror carries what is let in, for ever.",
        level="fail",
        run=sizes,
        waivable=True,
    ),
)
