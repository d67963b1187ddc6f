"""What landing says about submissions that are made from a registry in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from registry_tool.core.findings import Finding
from registry_tool.core.landing import submission_faults
from registry_tool.core.ports import Edit
from registry_tool.core.trust import Means
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory
from tests.checks.changes import KINDS, Build, change, skill

MEANS = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
LINKS = "@ann/links"

ANN = ("ann control",)
"""Who signs for ann where no moderator does yet."""


def faults(build: Build, *, tip: Build | None = None, odd: Sequence[Edit] = ()) -> tuple[Finding, ...]:
    """Everything that keeps the submission that `build` makes from landing."""
    return submission_faults(change(build, tip=tip, odd=odd), means=MEANS)


def codes(build: Build, *, tip: Build | None = None, odd: Sequence[Edit] = ()) -> list[str]:
    """The same as sorted words, each once."""
    return sorted({fault.check for fault in faults(build, tip=tip, odd=odd)})


def keys(registry: RegistryInMemory, *more: str, signing: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Ann's keys, her signing key as `signing` says, and another signing key for each of `more`."""
    rows = [
        registry.row("ann control", use="control"),
        registry.row("ann signing", use="signing") | dict(signing or {}),
    ]
    return [*rows, *(registry.row(name, use="signing") for name in more)]


def rotated(
    registry: RegistryInMemory, *more: str, by: Sequence[str] = ANN, since: str = "2026-04-01T00:00:00Z", **words: Any
) -> None:
    """Ann's next keyring: her signing key has ended, those of `more` are new."""
    ended = {"status": "retired", "since": since}
    registry.keyring("ann", keys(registry, *more, signing=ended), by=(*by, *more), **words)


def both(*builds: Callable[[RegistryInMemory], object]) -> Build:
    """Several things in one submission."""

    def build(registry: RegistryInMemory) -> None:
        for one in builds:
            one(registry)

    return build


def update(registry: RegistryInMemory, version: str = "1.1.0", **words: Any) -> None:
    """The next version of ann's skill."""
    skill(registry, version, **words)
