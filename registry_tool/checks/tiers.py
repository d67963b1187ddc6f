"""Who may publish where a registry has tiers (M8)."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.places import place
from registry_tool.core.publishing import publish_fault
from registry_tool.core.review import Check
from registry_tool.core.tiers import PUBLISH


def tier(change: Change) -> Iterator[Finding]:
    """A finding for each release whose author's tier does not publish; verification looks at who gave it."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        fault = publish_fault(change.tip, candidate.manifest.author, registry=change.registry, at=change.at)
        if fault is not None:
            yield Finding("tier", "fail", f"{PUBLISH} is off: {fault[0]}", place(candidate), fault[1])


CHECKS: Final = (
    Check(
        id="tier",
        number=32,
        title="Where a registry has tiers, the author's tier publishes and the author is verified",
        why="An operator who promises only known publishers has to hold to it at every release.",
        level="fail",
        run=tier,
    ),
)
