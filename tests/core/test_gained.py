"""What a version may newly do."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.gained import gained
from registry_tool.core.manifest import Manifest
from registry_tool.core.payload import PayloadFile
from tests.builders import RegistryInMemory, a_registry


def covers(granted: str, asked: str) -> bool:
    return asked == granted or asked.startswith(f"{granted}:")


def a_manifest(
    registry: RegistryInMemory, version: str, content: dict[str, Any] | None = None, **more: Any
) -> Manifest:
    registry.publish("@ann/solar", version, content or {"theme.css": b"a{}"}, **more)
    return registry.manifest("@ann/solar", version)


def executable(registry: RegistryInMemory) -> Manifest:
    return a_manifest(registry, "2.0.0", {"run.sh": PayloadFile(b"#!/bin/sh\n", executable=True)})


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: a_manifest(r, "2.0.0"), ()),
        (lambda r: a_manifest(r, "2.0.0", permissions=["files", "network:a.example"]), ("permission files",)),
        (lambda r: a_manifest(r, "2.0.0", dependencies={"@ann/dusk": "^1.0.0"}), ("dependency @ann/dusk ^1.0.0",)),
        (lambda r: a_manifest(r, "2.0.0", spec={"unpinned": ["image x"]}), ("unpinned image x",)),
        (lambda r: a_manifest(r, "2.0.0", spec={"hooks": ["useSun"]}), ("hook useSun",)),
        (lambda r: a_manifest(r, "2.0.0", spec={"hooks": 5, "unpinned": "all"}), ("hook 5", "unpinned all")),
        (executable, ("executable run.sh",)),
        (lambda r: a_manifest(r, "2.0.0", kind="plugin"), ("kind plugin",)),
        (
            lambda r: a_manifest(r, "2.0.0", change=lambda value: value.update(author="bob")),
            ("author bob",),
        ),
    ],
)
def test_what_is_new_is_told_line_by_line(
    build: Callable[[RegistryInMemory], Manifest], expected: tuple[str, ...]
) -> None:
    """Whatever the earlier version does not cover is one line, sorted; what it covers is none."""
    registry = a_registry()
    old = a_manifest(registry, "1.0.0", permissions=["network"])

    assert expected == gained(old, build(registry), covers=covers)


def test_of_a_first_version_everything_is_new() -> None:
    """Without an earlier version every permission and fact is a gain, kind and author are not."""
    registry = a_registry()
    new = a_manifest(registry, "1.0.0", permissions=["network"], spec={"hooks": ["useSun"]})

    assert ("hook useSun", "permission network") == gained(None, new, covers=covers)
