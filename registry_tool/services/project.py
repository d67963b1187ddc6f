"""The doors that a consumer's verbs need: the project's folder, and the person's memory of registries."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from registry_tool.core.errors import InvalidInput
from registry_tool.core.plan import Plan

LockText = str | Callable[[str | None], str] | None
"""The lock file's new text, or how it follows from the one that is there once nobody else can write it."""

Receipt = Mapping[str, Any]  # Any: JSON, as the target wrote it

_TEXTS = ("id", "version", "kind", "title", "registry", "manifest", "author")


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
        lock_text: LockText = None,
        replaces: Receipt | None = None,
        force: bool = False,
    ) -> Receipt:
        """Installs at one instant; returns the receipt."""
        ...

    def remove(self, receipt: Receipt, *, lock_text: LockText = None, force: bool = False) -> Receipt:
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

    def merge(self, registry_id: str, merged: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Replaces what was seen of a registry by what `merged` makes of it, no other writer in between."""
        ...


def installed(project: Project) -> dict[str, Receipt]:
    """The receipts of everything installed, by artifact; `InvalidInput` where one lacks what an install notes.

    They lie in the project, so somebody else may have written them.
    """
    found = {str(receipt["artifact"]): receipt for receipt in project.receipts()}
    for name, receipt in found.items():
        record = receipt["record"]
        needs = record.get("dependencies")
        texts = all(isinstance(record.get(key), str) for key in _TEXTS)
        listed = isinstance(record.get("permissions"), list)
        if not (texts and listed and isinstance(needs, dict) and all(isinstance(one, str) for one in needs.values())):
            raise InvalidInput(
                f"the receipt of {name} does not say what an install notes",
                code="bad-receipt",
                hint="bring it back from version control, or remove it together with what it installed",
            )
    return found
