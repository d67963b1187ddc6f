"""The verbs of each kind, locked to it."""

import pytest

from registry_tool.cli import kind_names
from tests.cli.desk import Desk


@pytest.mark.parametrize("kind", kind_names())
def test_what_is_created_is_of_its_kind(desk: Desk, kind: str) -> None:
    """`create` writes a folder that is known as its kind, and another kind's `publish` says which verb to use (G2)."""
    folder = desk.json(kind, "create", "@ann/mine")["created"]
    other = next(name for name in kind_names() if name != kind)

    assert (2, "other-kind") == desk.refused(other, "publish", folder, "--as", "ann")
    assert f"use: registry {kind} publish {folder}" == desk.error.hint
    # The right kind gets as far as asking which registry is meant.
    assert (2, "which-registry") == desk.refused(kind, "publish", folder, "--as", "ann")
