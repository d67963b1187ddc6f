"""The doors that a consumer's verbs need: the project's folder, and the person's memory of registries."""

from collections.abc import Mapping
from typing import Any, Protocol

from registry_tool.core.plan import Plan

Receipt = Mapping[str, Any]  # Any: JSON, as the target wrote it


class Project(Protocol):
    """The folder that installs go to, with what it has to say about itself."""

    def receipts(self) -> tuple[Receipt, ...]:
        """The receipts of everything installed, by artifact."""
        ...

    def preview(
        self, plan: Plan, record: Mapping[str, Any], *, replaces: Receipt | None = None, force: bool = False
    ) -> tuple[str, ...]:
        """The files that `apply` would write, sorted; nothing is written."""
        ...

    def apply(
        self,
        plan: Plan,
        record: Mapping[str, Any],
        *,
        lock_text: str | None = None,
        replaces: Receipt | None = None,
        force: bool = False,
    ) -> Receipt:
        """Installs at one instant; returns the receipt."""
        ...

    def remove(self, receipt: Receipt, *, lock_text: str | None = None, force: bool = False) -> Receipt:
        """Uninstalls exactly what `receipt` wrote."""
        ...

    def edited(self, receipt: Receipt) -> tuple[str, ...]:
        """Its files that were changed or removed since."""
        ...

    def lock_text(self) -> str | None:
        """The text of the lock file."""
        ...


class Memory(Protocol):
    """What a person's machine remembers of registries."""

    def seen(self, registry_id: str) -> Mapping[str, Any]:
        """What was seen of a registry."""
        ...

    def remember(self, registry_id: str, seen: Mapping[str, Any]) -> None:
        """Replaces what was seen of a registry."""
        ...
