"""The tables of words: read, derived from the kinds, and refused with the place and the way to mend them."""

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Kinds
from registry_tool.core.tables import (
    RegistryTable,
    derived_categories,
    read_categories,
    read_registry_table,
    read_sources,
    table_bytes,
)
from registry_tool.kinds import all_kinds

THEME = Kinds.of([all_kinds()["theme"]])


def test_an_absent_table_has_defaults() -> None:
    """A registry without tables still has a name, and a tab for each kind."""
    assert RegistryTable() == read_registry_table(None)
    assert derived_categories(all_kinds()) == read_categories(None, all_kinds())


def test_what_was_written_is_read_again() -> None:
    """A table goes through YAML and back unchanged."""
    value = {"name": "Büro", "description": "no", "url": "https://a.example/b/", "git": "git@a.example:b.git"}

    assert RegistryTable.of(value) == read_registry_table(table_bytes(value))


def test_rows_come_in_their_order_and_missing_ones_after() -> None:
    """A kind without a row gets the row that its record gives."""
    rows = read_categories(b"categories:\n- {id: poems, name: Poems}\n", THEME)

    assert ["poems", "themes"] == [row.id for row in rows]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"- x\n", "it is no list of `key: value` lines"),
        (b"name: [\n", "YAML"),
        (b"name: 5\n", "name"),
        (b"url: ftp://x/\n", "url"),
        (b"url: https://a.example\n", "url"),
        (b"colour: red\n", "colour"),
        (b"git: 'a b'\n", "git"),
    ],
)
def test_a_bad_registry_table_is_told(data: bytes, message: str) -> None:
    """A fault comes as one error that names the file."""
    with pytest.raises(InvalidInput) as caught:
        read_registry_table(data)
    assert ("index/registry.yaml", "bad-table") == (caught.value.where, caught.value.code)
    assert message in caught.value.message or "not" in caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        b"5\n",
        b"categories: 5\n",
        b"- 5\n",
        b"- {id: Poems, name: x}\n",
        b"- {id: poems}\n",
        b"- {id: objects, name: x}\n",
        b"- {id: poems, name: x}\n- {id: poems, name: y}\n",
        b"- {id: poems, name: x, extra: y}\n",
    ],
)
def test_a_bad_table_of_categories_is_told(data: bytes) -> None:
    """Rows that are none, taken addresses and doubles are refused."""
    with pytest.raises(InvalidInput) as caught:
        read_categories(data, THEME)
    assert ("index/categories.yaml", "bad-table") == (caught.value.where, caught.value.code)


def test_sources_are_repositories_by_number() -> None:
    """A source has its forge and its number; the pattern of its tags has a default."""
    rows = read_sources(b"sources:\n- {forge: github.com, repository: 7, name: ann/links}\n")

    assert [("github.com", 7, "ann/links", "v*")] == [(row.forge, row.repository, row.name, row.tags) for row in rows]
    assert () == read_sources(None)


@pytest.mark.parametrize(
    "data",
    [
        b"5\n",
        b"- {forge: github.com, repository: 7, name: ann/links}\n",
        b"sources: 5\n",
        b"sources:\n- {forge: github.com, repository: '7', name: ann/links}\n",
        b"sources:\n- {forge: github.com, repository: 0, name: ann/links}\n",
        b"sources:\n- {forge: https://github.com/, repository: 7, name: ann/links}\n",
        b"sources:\n- {forge: github.com, repository: 7, name: ann/../links}\n",
        b"sources:\n- {forge: github.com, repository: 7, name: ann/links, tags: '$(id)'}\n",
        b"sources:\n- {forge: a.b, repository: 7, name: a/b}\n- {forge: a.b, repository: 7, name: c/d}\n",
    ],
)
def test_a_bad_table_of_sources_is_told(data: bytes) -> None:
    """What names no repository by its number, or one twice, is refused."""
    with pytest.raises(InvalidInput) as caught:
        read_sources(data)
    assert ("index/sources.yaml", "bad-table") == (caught.value.where, caught.value.code)
