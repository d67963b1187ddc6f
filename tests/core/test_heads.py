"""The newest statement of a chain, read without being verified."""

import pytest

from registry_tool.core.heads import newest
from registry_tool.core.layout import statement_path
from registry_tool.core.statements import Scope
from tests.builders import a_registry


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", ["ann", "bob"]), (b"{}", None), (b"\xff", None)],
    ids=["good", "another form", "no text"],
)
def test_the_head_is_read_where_it_can_be(data: bytes, expected: list[str] | None) -> None:
    """The last statement counts; one that cannot be read is nothing, and whoever verifies says why."""
    registry = a_registry().with_author("ann").with_author("bob")
    registry.scope("ann", owners=["ann", "bob"])
    if data:
        registry.files[statement_path("scopes/ann", 2)] = data
    found = newest(registry.tree(), "scopes/ann", Scope, registry=registry.id)

    assert expected == ([row.author for row in found.owners] if found else None)
    assert newest(registry.tree(), "scopes/nobody", Scope, registry=registry.id) is None
