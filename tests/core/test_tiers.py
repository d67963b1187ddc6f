"""The table of tiers: read strictly, and what its caps and gates come to (M8)."""

from typing import Any

import pytest

from registry_tool import __version__
from registry_tool.core import canonical
from registry_tool.core.errors import InvalidInput
from registry_tool.core.published import registry_chains
from registry_tool.core.release import RegistryChains
from registry_tool.core.tables import table_bytes
from registry_tool.core.tiers import (
    ALIAS,
    ALIAS_GOES,
    DEFAULT,
    Excess,
    cap_gate,
    caps_by_category,
    excess,
    gates,
    read_tiers,
    table_faults,
    tiers_value,
)
from registry_tool.kinds import all_kinds
from tests.builders import a_registry
from tests.building_tiers import with_tiers

CATEGORIES = [kind.category for kind in all_kinds()]


def free() -> dict[str, Any]:
    return {"caps": {}, "publish": False}


def test_a_registry_without_the_table_has_no_tiers() -> None:
    """No table is no tiers, and the site says nothing of any."""
    assert read_tiers(None) is None
    assert b"tiers" not in registry_chains(a_registry().tree())


def test_the_default_is_what_the_marketplace_promises() -> None:
    """Free installs 3 apps, 5 skills, 10 widgets, 3 themes, 3 plugins, publishes nothing; others have no cap (M8)."""
    tiers = read_tiers(table_bytes({"tiers": {name: dict(row) for name, row in DEFAULT.items()}}))

    assert tiers is not None
    assert ["free", "pro", "team", "enterprise"] == list(tiers)
    assert {"apps": 3, "skills": 5, "widgets": 10, "themes": 3, "plugins": 3} == tiers["free"].caps
    assert [False, True, True, True] == [one.publish for one in tiers.values()]
    assert [{}, {}, {}] == [tiers[name].caps for name in ("pro", "team", "enterprise")]


def test_clients_read_the_tiers_with_the_chains() -> None:
    """`chains/registry.json`, which every client reads anyway, carries the table as it was read."""
    tree = with_tiers(a_registry()).tree()
    value = canonical.parse(registry_chains(tree), limit=10**6, what="chains")
    read = RegistryChains.of(value)

    assert read.tiers is not None
    assert tiers_value(read.tiers) == value["tiers"] == dict(sorted(DEFAULT.items()))


BOMB = b"a: &a [x,x,x]\nb: &b [*a,*a]\ntiers: *b\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it has no line `tiers:`"),
        (b"- free\n", "it has no line `tiers:`"),
        (b"tiers: [\n", ""),
        (b"tiers: free\n", "tiers: expected an object"),
        (b"tiers: {}\n", "there is no tier free"),
        (b"tiers: {pro: {caps: {}, publish: true}}\n", "there is no tier free"),
        (b"tiers: {free: {caps: {}}}\n", "tiers.free.publish: is missing"),
        (b"tiers: {free: {caps: {}, publish: 1}}\n", "tiers.free.publish"),
        (b"tiers: {free: {caps: {}, publish: no, price: 5}}\n", "tiers.free.price: is not a member"),
        (b"tiers: {free: {caps: {skills: -1}, publish: false}}\n", "tiers.free.caps.skills"),
        (b"tiers: {free: {caps: {skills: 1000001}, publish: false}}\n", "tiers.free.caps.skills"),
        (b"tiers: {free: {caps: {skills: true}, publish: false}}\n", "tiers.free.caps.skills"),
        (b"tiers: {free: {caps: {skills: '5'}, publish: false}}\n", "tiers.free.caps.skills"),
        (b"tiers: {free: {caps: {skills: null}, publish: false}}\n", "tiers.free.caps.skills"),
        (b"tiers: {free: {caps: {Skills: 5}, publish: false}}\n", "tiers.free.caps"),
        (b"tiers: {free: {caps: {gadgets: 5}, publish: false}}\n", "gadgets never have a cap"),
        (b"tiers: {free: {caps: {blueprints: 5}, publish: false}}\n", "blueprints never have a cap"),
        (b"tiers: {'../free': {caps: {}, publish: false}}\n", "tiers"),
        (b"tiers: {free: {caps: {}, publish: false}, free: {caps: {}, publish: true}}\n", ""),
        (b"tiers: {free: {caps: {}, publish: false}}\nmore: 1\n", "more: is not a member"),
        (table_bytes({"tiers": {**{f"t{n}": free() for n in range(50)}, "free": free()}}), "tiers: "),
        (table_bytes({"tiers": {"free": {"caps": {f"c{n}": n for n in range(101)}, "publish": False}}}), "caps"),
        (BOMB, ""),
        (b"x" * 2_000_000, ""),
        (b"\xff\xfe", ""),
    ],
)
def test_a_hostile_table_is_refused(data: bytes, said: str) -> None:
    """What is no table of tiers is refused with the file's name, exit 1, and a word about what is wrong."""
    with pytest.raises(InvalidInput) as refused:
        read_tiers(data)

    assert ("index/tiers.yaml", "bad-table", 1) == (refused.value.where, refused.value.code, refused.value.exit_code)
    assert said in refused.value.message


def test_a_cap_for_no_category_is_a_fault_and_the_alias_a_notice() -> None:
    """A mistyped category would cap nothing, so it is refused; the old alias is told, with when it goes."""
    tiers = read_tiers(b"tiers: {free: {caps: {skils: 5, marketplace_install_cap: 2, apps: 1}, publish: false}}\n")
    assert tiers is not None
    found = list(table_faults(tiers, all_kinds()))

    assert ["fail", "warn"] == [one.level for one in found]
    assert "skils" in found[0].message
    assert "skills" in found[0].hint
    assert "gadgets" not in found[0].hint
    assert ALIAS_GOES in found[1].message


def test_the_alias_goes_with_the_next_minor_version() -> None:
    """The notice names the next minor version; once that is out, the alias must be gone."""
    major, minor, _ = __version__.split(".")

    assert f"{major}.{int(minor) + 1}.0" == ALIAS_GOES


@pytest.mark.parametrize(
    ("caps", "expected"),
    [
        ({}, {}),
        ({"skills": 5}, {"skills": 5}),
        ({"skills": 0, "unheard": 7}, {"skills": 0}),
        ({ALIAS: 7}, {"apps": 7, "plugins": 7, "skills": 7, "themes": 7, "widgets": 7}),
        ({ALIAS: 7, "skills": 9}, {"apps": 7, "plugins": 7, "skills": 9, "themes": 7, "widgets": 7}),
    ],
)
def test_the_alias_counts_for_each_category_without_its_own_cap(caps: dict[str, int], expected: dict[str, int]) -> None:
    """A category's own cap comes first, then the alias; gadgets and blueprints have none either way."""
    assert expected == caps_by_category(caps, CATEGORIES)


def test_gates_have_their_names() -> None:
    """Browsing is always on, each category that can have a cap has its gate, and gadgets and blueprints have none."""
    expected = {
        "marketplace_browse": True,
        "marketplace_install_apps_cap": 3,
        "marketplace_install_plugins_cap": None,
        "marketplace_install_skills_cap": None,
        "marketplace_install_themes_cap": None,
        "marketplace_install_widgets_cap": None,
        "marketplace_publish": False,
    }

    assert expected == gates({"apps": 3}, publish=False, categories=CATEGORIES)
    assert "marketplace_install_skills_cap" == cap_gate("skills")


@pytest.mark.parametrize(
    ("there", "added", "expected"),
    [
        ([], [], None),
        (["a", "b"], [], None),
        (["a", "b", "c", "d"], [], None),
        (["a"], ["b"], None),
        (["b", "a"], ["c"], Excess("skills", 2, ("a", "b"), ("c",))),
        ([], ["c", "b", "a"], Excess("skills", 2, (), ("a", "b", "c"))),
    ],
)
def test_only_what_adds_can_be_too_much(there: list[str], added: list[str], expected: Excess | None) -> None:
    """Up to the cap all is well, one more is refused, and what adds nothing never is."""
    assert expected == excess(
        {"skills": 2, "apps": 0}, there={"skills": there}, added={"skills": added, "themes": ["x"]}
    )
