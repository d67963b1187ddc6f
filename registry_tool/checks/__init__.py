"""What is looked at in a submission: one record per check."""

import pkgutil
from importlib import import_module

from registry_tool.core.review import Check


def all_checks() -> tuple[Check, ...]:
    """Every check of every module of this package (its `CHECKS`), sorted by id."""
    found: list[Check] = []
    for module in pkgutil.iter_modules(__path__):
        found += import_module(f"{__name__}.{module.name}").CHECKS
    return tuple(sorted(found, key=lambda check: check.id))
