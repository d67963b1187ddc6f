"""The table of the `dist` branch."""

from collections.abc import Mapping

import pytest

from registry_tool.core import canonical
from registry_tool.core.distributed import is_distributed, read_table
from registry_tool.core.errors import NotTrusted

ID = "1" * 64
ROW = {
    "artifact": "@ann/pdf",
    "version": "1.0.0",
    "kind": "skill",
    "manifest": "sha256:" + "2" * 64,
    "plugin": "ann-pdf",
    "skill": "pdf",
    "executable": [],
    "at": "2026-11-01T00:00:00Z",
}


def table(*rows: Mapping[str, object]) -> bytes:
    value = {"schema": "registry.dist/1", "registry": ID, "name": "R", "url": "", "releases": list(rows)}
    return canonical.encode(value)


def test_its_time_is_the_newest_in_it() -> None:
    """So the same table gives the same commit; an empty one has the time at which time begins."""
    found = read_table(table(ROW, {**ROW, "at": "2026-12-01T00:00:00Z"}), registry=ID)

    assert ("2026-12-01T00:00:00Z", "1970-01-01T00:00:00Z") == (found.at, read_table(table(), registry=ID).at)


def test_another_registrys_table_is_not_read() -> None:
    """Its branch is somebody else's."""
    with pytest.raises(NotTrusted):
        read_table(table(), registry="3" * 64)


@pytest.mark.parametrize(
    ("path", "belongs"),
    [
        ("dist.json", True),
        ("README.md", True),
        (".gitattributes", True),
        ("skills/pdf/SKILL.md", True),
        ("plugins/ann__pdf/.mcp.json", True),
        (".claude-plugin/marketplace.json", True),
        ("chains/registry.json", False),
        ("index/aa/x.json", False),
        ("skills", False),
        (".mcp.json", False),
    ],
)
def test_only_what_agents_read_belongs_into_the_branch(path: str, belongs: bool) -> None:
    """The chains of a site stay where the site is."""
    assert belongs == is_distributed(path)
