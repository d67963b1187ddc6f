"""What is looked at in a submission: one record per check, and what is not run here."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Final

from registry_tool.core.review import Check

NOT_RUN: Final[Mapping[int, str]] = {
    17: "source commit is in its repository: asks a network; the source stands in the manifest for whoever looks",
    22: "same name in other registries: asks other registries",
    25: "an approval is of what was read: kept by landing and by clients, as approvals name the manifest's digest",
    38: "a model reads along: asks a service, and its answer would differ from day to day",
    39: "installing and removing it in isolation: an install runs nothing of it, and its plan is undone exactly",
    44: "the project's own tests: run where the author builds",
    46: "the source repository is alive and its owner's own: asks a network",
    49: "a rebuild gives the same bytes: fetches a compiler; whoever looks runs `registry check` on the sources",
    50: "looking again after it was let in: a job of its own, `recheck`, not part of a submission's report",
}
"""Rows of the survey that no record here answers, with why."""


def all_checks() -> tuple[Check, ...]:
    """Every check of every module of this package (its `CHECKS`), sorted by id."""
    found: list[Check] = []
    for module in pkgutil.iter_modules(__path__):
        found += import_module(f"{__name__}.{module.name}").CHECKS
    return tuple(sorted(found, key=lambda check: check.id))
