"""A permission reads the same wherever people meet it, and a mismatch is told in the same words."""

from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.checks.powers import permissions as checked
from registry_tool.core.auditing import grants
from registry_tool.core.describe import Said, describe, full_spec, recompute
from registry_tool.core.errors import NotTrusted
from registry_tool.core.findings import Finding
from registry_tool.core.gained import gain_words
from registry_tool.core.grants import mismatches
from registry_tool.core.index import Category
from registry_tool.core.kind import Kind, Kinds, Reading
from registry_tool.core.names import parse_artifact, parse_wanted
from registry_tool.core.plan import Place, Plan
from registry_tool.core.reports.words import permission_words
from registry_tool.core.submission import read_change
from registry_tool.core.tables import derived_categories
from registry_tool.core.times import to_seconds
from registry_tool.core.tree import MemoryTree
from registry_tool.core.trust import Means
from registry_tool.kinds import all_kinds, kind_of
from registry_tool.services.consumer import Ground, prepare
from registry_tool.services.contact import Contact
from registry_tool.services.look import show
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from registry_tool.site.item_permissions import permission
from registry_tool.stores.disk import DiskTarget
from tests.builders import Content, RegistryInMemory, SiteInMemory, a_registry, as_payload
from tests.checks.changes import edits

THING = "@ann/thing"
GRANTING = [kind for kind in all_kinds() if kind.grammar.rules]


def examples(kind: Kind) -> list[str]:
    """Every example of every rule."""
    return sorted({one for rule in kind.grammar.rules for one in rule.accepts})


def contact(registry: RegistryInMemory, kinds: Kinds) -> Contact:
    means = Means(check, {kind.id: kind.grammar.covers for kind in kinds})
    return Contact(SiteInMemory(registry.site()), registry.id, means=means, seen=Seen({}), demo=True)


@pytest.mark.parametrize("kind", GRANTING, ids=lambda kind: str(kind.id))
def test_a_permission_has_the_same_words_everywhere(tmp_path: Path, kind: Kind) -> None:
    """For the author, in the review, in the gallery, in `show`, before an install and in the audit log."""
    asked = examples(kind)
    expected = {one: kind.grammar.explain(one) for one in asked}
    content = kind.template(parse_artifact(THING))
    spec = full_spec(recompute(content, kind))
    registry = a_registry().release(THING, "1.0.0", content, kind=kind.id, spec=spec, permissions=asked)
    # Whatever its files show, here they need all of it, and nothing is written.
    needs = Reading(spec=spec, needs=tuple(asked))
    told = replace(kind, read=lambda payload, card: needs, plan=lambda verified, place: Plan(()))
    kinds = Kinds.of([told])
    (row,) = derived_categories(kinds)
    shown = show(contact(registry, kinds), parse_wanted(THING), kinds=kinds)["permissions"]
    ground = Ground(DiskTarget(tmp_path), kinds, Place())
    prepared = prepare(contact(registry, kinds), [parse_wanted(THING)], ground=ground)

    assert expected == {one["permission"]: one["words"] for one in shown}
    assert expected == {permission: words for _, permission, words in prepared.asks}
    assert expected == {one["permission"]: one["words"] for one in grants(kinds, kind.id, asked)}
    assert expected == {one: permission_words(one, kind) for one in asked}
    assert {one: f"may {expected[one]} ({one})" for one in asked} == {
        one: gain_words(f"permission {one}", kind) for one in asked
    }
    lines = {one: permission(one, Category(row, kind), "").words for one in asked}
    assert expected == {one: words[:1].lower() + words[1:] for one, words in lines.items()}
    missing = mismatches(kind, [], Reading(needs=tuple(asked)))
    assert [expected[one] for one in asked] == [one.message.partition("is not granted: ")[2] for one in missing]


COMPOSE = b"""services:
  web:
    image: example.org/web@sha256:%s
    ports: ["127.0.0.1:8080:8080"]
""" % (b"ab" * 32)
SERVER = b"""{"name": "io.example/words", "description": "Counts words.", "version": "1.0.0",
"_meta": {"io.modelcontextprotocol.registry/publisher-provided": {"tools": ["count", "sort"]}}}"""
APP: Content = {"compose.yaml": COMPOSE}
PLUGIN: Content = {"server.json": SERVER, "server.py": b"print()\n", "artifact.yaml": b"entry: server.py\n"}
SKILL: Content = kind_of("skill").template(parse_artifact(THING))
THEME: Content = kind_of("theme").template(parse_artifact(THING))

MISMATCHES = [
    ("app", APP, ["port:8080/tcp", "port:9090/tcp"], "permission-unused"),
    ("app", APP, ["port:8080/tcp", "mount:data:/data"], "permission-unused"),
    ("app", APP, [], "permission-needed"),
    ("app", APP, ["port:8080/udp"], "permission-needed"),
    ("plugin", PLUGIN, ["mcp:count"], "permission-needed"),
    ("plugin", PLUGIN, ["mcp:count", "mcp:Sort"], "permission-needed"),
    ("plugin", PLUGIN, ["mcp:count", "mcp:sort", "mcp:third"], "permission-unused"),
    ("theme", THEME, ["network"], "permission-unknown"),
    ("skill", SKILL, ["fly"], "permission-unknown"),
    ("skill", SKILL, ["cap:CHOWN"], "permission-unknown"),
    ("skill", SKILL, ["Network"], "permission-unknown"),
]


def at_publish(kind: Kind, content: Content, granted: list[str]) -> list[Finding]:
    """What the author's tool says of the folder."""
    said = Said(artifact=THING, version="1.0.0", author="ann", kind=kind.id, permissions=tuple(granted))
    return list(describe(as_payload(content), kinds=Kinds.of([kind]), registry="ab" * 32, said=said).findings)


def published(kind: Kind, content: Content, granted: list[str]) -> RegistryInMemory:
    """A registry in whose folder somebody wrote the release by hand."""
    spec = full_spec(recompute(as_payload(content), kind))
    registry = a_registry()
    registry.publish(THING, "1.0.0", content, kind=kind.id, spec=spec, permissions=granted)
    return registry


def at_the_pull_request(kind: Kind, content: Content, granted: list[str]) -> list[Finding]:
    """What the check of the submission says."""
    empty, full = MemoryTree(a_registry().files), published(kind, content, granted)
    after = MemoryTree(full.files)
    submission = read_change(
        registry=full.id,
        tip=empty,
        head=after,
        edits=edits(empty, after),
        kinds=Kinds.of([kind]),
        demonstration=True,
        at=to_seconds("2026-11-21T09:00:00Z"),
    )
    return list(checked(submission))


@pytest.mark.parametrize(("kind_id", "content", "granted", "code"), MISMATCHES)
def test_a_mismatch_is_refused_with_the_same_words(
    tmp_path: Path, kind_id: str, content: Content, granted: list[str], code: str
) -> None:
    """An unused grant, an ungranted need, an unknown one, one of another kind, and any at all for a theme."""
    kind = kind_of(kind_id)
    registry = published(kind, content, granted)
    registry.admit(THING, "1.0.0")
    with pytest.raises(NotTrusted) as refused:
        prepare(
            contact(registry, Kinds.of([kind])),
            [parse_wanted(THING)],
            ground=Ground(DiskTarget(tmp_path), Kinds.of([kind]), Place()),
        )
    told = [
        [one for one in found if one.level == "fail" and one.check == code]
        for found in (at_publish(kind, content, granted), at_the_pull_request(kind, content, granted))
    ]

    assert told[0]
    assert [[one.message for one in told[0]]] * 2 == [[one.message for one in found] for found in told]
    assert code == refused.value.code
    assert refused.value.message.removeprefix(f"{THING}: ") == told[0][0].message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("kind_id", "content", "granted"),
    [
        ("app", APP, ["port:8080/tcp"]),
        ("plugin", PLUGIN, ["mcp:count", "mcp:sort"]),
        ("theme", THEME, []),
        ("skill", SKILL, ["network"]),
    ],
)
def test_what_matches_is_let_through(tmp_path: Path, kind_id: str, content: Content, granted: list[str]) -> None:
    """Exactly what the files use, and of what code decides as it runs also what they may use."""
    kind = kind_of(kind_id)
    registry = published(kind, content, granted)
    registry.admit(THING, "1.0.0")
    faults = [*at_publish(kind, content, granted), *at_the_pull_request(kind, content, granted)]
    ground = Ground(DiskTarget(tmp_path), Kinds.of([kind]), Place())

    assert [] == [one for one in faults if one.check.startswith("permission") and one.level == "fail"]
    assert 1 == len(prepare(contact(registry, Kinds.of([kind])), [parse_wanted(THING)], ground=ground).steps)
