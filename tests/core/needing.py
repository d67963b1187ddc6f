"""What submissions need, made from a registry in memory."""

from collections.abc import Callable, Sequence
from typing import Any

from registry_tool.checks import all_checks
from registry_tool.core import layout
from registry_tool.core.change import Change
from registry_tool.core.digest import sha256
from registry_tool.core.document import load
from registry_tool.core.findings import Finding
from registry_tool.core.identity import BUNDLE
from registry_tool.core.moderation import Word
from registry_tool.core.names import parse_artifact
from registry_tool.core.need import (
    Known,
    Need,
    need_of,
)
from registry_tool.core.published import chain_at
from registry_tool.core.review import review
from registry_tool.core.statements import Moderators, Policy
from tests.builders import RegistryInMemory
from tests.checks.changes import change, skill

Build = Callable[[RegistryInMemory], object]
ACCOUNT = ("forge.example", 100)
MINE = Known(opener=ACCOUNT)
FLAG = Word("flag", "two", "spam", "is it?", "2026-11-20T09:00:00Z", "1" * 64)
OBJECTION = Word("objection", "two", "other", "", "2026-11-20T09:00:00Z", "1" * 64)


def policy(registry: RegistryInMemory, **more: Any) -> None:
    """Owners' updates go alone after ten minutes, a new name waits three days."""
    said = {"gate_releases": "owner-updates", **more}
    waits = {"new_name": 3 * 86_400, "owner_update": 600}
    registry.policy(**said, change=lambda value: value["waits"].update(waits))


def with_account(registry: RegistryInMemory) -> None:
    """Ann's keyring lists her account."""
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    account = {"forge": ACCOUNT[0], "number": ACCOUNT[1], "name": "ann"}
    registry.keyring("ann", rows, change=lambda value: value.update(accounts=[account]))


def ready(registry: RegistryInMemory) -> None:
    policy(registry)
    with_account(registry)


def needed_for(build: Build, known: Known = MINE, *, tip: Build = ready, more: Sequence[Finding] = ()) -> Need:
    made = change(build, tip=tip)
    return of(made, known, more)


def of(made: Change, known: Known = MINE, more: Sequence[Finding] = ()) -> Need:
    findings = (*review(made, all_checks()).findings, *more)
    return need_of(made, findings, *governing(made), known)


def governing(made: Change) -> tuple[Policy, Moderators]:
    """Policy and moderators of the tip."""
    policy, moderators = (chain_at(made.tip, subject)[-1].data for subject in ("policy", "moderators"))
    return (
        load(Policy, policy, limit=10**6, registry=made.registry, what="the policy"),
        load(Moderators, moderators, limit=10**6, registry=made.registry, what="the moderators"),
    )


def update(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.1")


def keyless(registry: RegistryInMemory) -> None:
    """A signature of an identity lies beside the manifest; that it holds, landing says."""
    update(registry)
    manifest = registry.manifest("@ann/links", "1.0.1").to_bytes()
    registry.files[f"{layout.blob_path(parse_artifact('@ann/links'), sha256(manifest))}.{BUNDLE}"] = b"{}"


def from_source(version: str, address: str) -> Build:
    def build(registry: RegistryInMemory) -> None:
        source = {"repository": f"https://example.org/{address}", "commit": "0" * 40}
        skill(registry, version, change=lambda value: value.update(source=source))

    return build
