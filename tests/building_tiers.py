"""Tiers of a registry in memory: its table, and what its operator gave to people."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry_tool.core.keys import key_text
from registry_tool.core.tables import table_bytes
from registry_tool.core.tiers import DEFAULT, TIERS_TABLE
from tests.builders import Change, RegistryInMemory

UNTIL = "2027-12-31T00:00:00Z"
AT = "2026-05-01T00:00:00Z"


def with_tiers(registry: RegistryInMemory, tiers: Mapping[str, Any] = DEFAULT) -> RegistryInMemory:
    """The registry with a table of tiers."""
    registry.files[TIERS_TABLE] = table_bytes({"tiers": dict(tiers)})
    return registry


def entitle(
    registry: RegistryInMemory,
    holder: str = "ann",
    *,
    tier: str = "pro",
    keys: Sequence[str] | None = None,
    caps: Mapping[str, int] | None = None,
    publish: bool = True,
    at: str = AT,
    until: str = UNTIL,
    by: Sequence[str] = ("mod",),
    under: Sequence[str] = ("moderators",),
    change: Change = None,
) -> str:
    """Gives somebody a tier, `keys` being named by who holds them; the statement's digest."""
    body = {
        "tier": tier,
        "holder": holder,
        "keys": [key_text(registry.hand(name).key) for name in keys or (f"{holder} signing",)],
        "caps": dict(caps or {}),
        "publish": publish,
        "at": at,
        "until": until,
    }
    return registry.statement(f"entitlements/{holder}", body, schema="entitlement", by=by, under=under, change=change)


def moderator_ends(registry: RegistryInMemory, since: str) -> None:
    """The moderator `mod` ends, another one goes on."""

    def change(value: dict[str, Any]) -> None:
        value["people"][0]["keys"][0] |= {"status": "retired", "since": since}

    registry.moderators({"mod": None, "two": None}, by=("mod", "two"), under=())
    registry.moderators({"mod": None, "two": None}, by=("two",), under=(), change=change)
