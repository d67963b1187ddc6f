"""A community's registry, and the report that its maintainers read on a submission to it.

Ann publishes `@ann/links`; her keyring lists her account. Two maintainers, mod and eva, review in the forge. An
owner's update goes alone after ten minutes, a new name waits three days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from registry_tool.checks import all_checks
from registry_tool.core import layout
from registry_tool.core.change import Change
from registry_tool.core.describe import full_spec, recompute
from registry_tool.core.payload import PayloadFile
from registry_tool.core.review import Report
from registry_tool.core.submission import read_change
from registry_tool.core.tree import MemoryTree
from registry_tool.core.trust import Means
from registry_tool.core.waivers import reviewed
from registry_tool.kinds import all_kinds
from registry_tool.services.author import with_faults
from registry_tool.services.needs import with_need
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry, as_payload
from tests.checks.changes import LOOKED_AT, Build, edits

KINDS: Final = all_kinds()
MEANS: Final = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
CHECKS: Final = all_checks()
ANN, BOB = ("github.com", 100), ("github.com", 200)
"""Their accounts; only Ann's keyring lists hers."""
MINUTE: Final = 60
LINKS: Final[Mapping[str, bytes | PayloadFile]] = {
    "LICENSE": b"MIT License\n\nPermission is hereby granted, free of charge, to any person.\n",
    "SKILL.md": b"""---
name: links
description: Finds broken links between Markdown files. Use after documents were moved.
license: MIT
---

# Broken links

1. List the Markdown files of the project.
2. Follow each link that leads to a file or a heading.
3. Tell the user which ones lead nowhere, with file and line.
""",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A submission, and what is known beside it."""

    build: Build
    tip: Build | None = None
    opener: tuple[str, int] | None = ANN
    since: int = LOOKED_AT - MINUTE
    said: Sequence[tuple[str, str, str, str]] = ()
    """What people said of it: action, who, reason, note."""


def release(
    registry: RegistryInMemory,
    name: str,
    version: str,
    content: Mapping[str, bytes | PayloadFile],
    *,
    kind: str = "skill",
    **words: Any,  # Any: for `publish`
) -> None:
    """Publishes a release that says of itself what its files say; nobody admits it."""
    reading = recompute(as_payload(content), KINDS.by_id[kind])
    pins = [
        {"type": pin.type, "name": pin.name, "digest": pin.digest, **({"version": pin.version} if pin.version else {})}
        for pin in reading.pins
    ]
    edit = words.pop("change", None)

    def change(value: dict[str, Any]) -> None:
        value.update(pins=pins, requires=dict(reading.fields.get("requires", {})))
        value["license"] = reading.fields.get("license", "MIT")
        if edit is not None:
            edit(value)

    said = {
        "description": reading.fields.get("description", ""),
        "title": reading.fields.get("title", ""),
        "permissions": reading.needs,
        "spec": full_spec(reading),
        **words,
    }
    registry.publish(name, version, content, kind=kind, change=change, **said)


def tip_of(more: Build | None = None) -> RegistryInMemory:
    """The registry that submissions come to, with what `more` adds to it."""
    registry = a_registry(demo=False)
    registry.moderators({"mod": None, "eva": None}, gate=["gate"], change=_with_accounts)
    waits = {"new_name": 3 * 86_400, "owner_update": 600}
    registry.policy(
        mode="forge",
        gate_releases="owner-updates",
        gate_statements=("keyring", "scope"),
        change=lambda value: value["waits"].update(waits),
    )
    keys = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    account = {"forge": ANN[0], "number": ANN[1], "name": "ann"}
    registry.keyring("ann", keys, change=lambda value: value.update(accounts=[account]))
    release(registry, "@ann/links", "1.0.0", LINKS)
    registry.admit("@ann/links", "1.0.0")
    if more is not None:
        more(registry)
    return registry


def _with_accounts(value: dict[str, Any]) -> None:
    for number, person in enumerate(value["people"]):
        person["accounts"] = [{"forge": "github.com", "number": 900 + number, "name": person["id"], "status": "active"}]


def change_of(case: Case) -> Change:
    """The submission as it comes, with what verification says of it."""
    registry = tip_of(case.tip)
    if case.said:
        _say(registry, change_of(replace(case, said=())).submission, case.said)
    before = MemoryTree(registry.files)
    case.build(registry)
    after = MemoryTree(registry.files)
    change = read_change(
        registry=registry.id,
        tip=before,
        head=after,
        edits=edits(before, after),
        kinds=KINDS,
        demonstration=False,
        at=LOOKED_AT,
    )
    return with_faults(change, MEANS)


def report_of(case: Case) -> Report:
    """What is told of it: every check, waivers, and what it needs."""
    found = reviewed(change_of(case), CHECKS, means=MEANS)
    return with_need(found, MEANS, since=case.since, opener=case.opener)


def _say(registry: RegistryInMemory, submission: str, said: Sequence[tuple[str, str, str, str]]) -> None:
    """What moderators say of a submission, an hour after each other."""
    before = None
    for number, (action, by, reason, note) in enumerate(said, 1):
        value = {
            "schema": "registry.moderation/1",
            "registry": registry.id,
            "subject": f"moderation/2026/{submission}",
            "number": number,
            "previous": before,
            "mode": "continue",
            "under": {"moderators": registry.head("moderators")},
            "action": action,
            "submission": submission,
            "manifests": [],
            "reason": reason,
            "note": note,
            "at": f"2026-11-20T1{number}:00:00Z",
        }
        before = registry.document(f"{layout.moderation_folder(submission, '2026')}/{number}.json", value, (by,))
