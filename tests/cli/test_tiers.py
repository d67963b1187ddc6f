"""Caps of tiers at an install (M8)."""

from collections.abc import Callable

import pytest

from registry_tool.core.tiers import ALIAS_GOES
from tests.builders import a_registry
from tests.building_tiers import with_tiers
from tests.cli.desk import Desk
from tests.cli.tiering import CAPS, LINE, a_skill, given, install, placed, skills

pytestmark = pytest.mark.slow


def test_the_cap_stops_what_would_be_too_much(desk: Desk) -> None:
    """Up to the cap installs work; one more ends with 5, says which are there and what to do, and writes nothing."""
    placed(desk, skills(3))
    install(desk, "sa", "sb")
    before = sorted(path for path in desk.work.rglob("*"))

    assert (5, "tier-cap") == desk.refused("install", "@ann/sc", *LINE)
    assert before == sorted(path for path in desk.work.rglob("*"))
    expected = (
        "the tier free allows 2 skills from this registry, and 2 are installed here: @ann/sa, @ann/sb; "
        "@ann/sc would be too many (no entitlement of this registry is kept on this machine)"
    )
    assert expected == desk.error.message
    assert "registry uninstall @ann/sa" in desk.error.hint
    assert "registry tier set FILE" in desk.error.hint
    assert (5, "tier-cap") == desk.refused("install", "@ann/sc", *LINE, "--dry-run")
    desk.run("uninstall", "@ann/sa")
    install(desk, "sc")


def test_several_at_once_and_what_they_need_count_together(desk: Desk) -> None:
    """What one install adds is counted as a whole, dependencies too."""
    registry = skills(2)
    a_skill(registry, "sz", dependencies={"@ann/sa": "*", "@ann/sb": "*"})
    placed(desk, registry)

    assert (5, "tier-cap") == desk.refused("install", "@ann/sz", *LINE)
    assert "none is installed here; @ann/sa, @ann/sb, @ann/sz would be too many" in desk.error.message
    assert "uninstall" not in desk.error.hint


def test_updates_and_a_second_install_add_nothing(desk: Desk) -> None:
    """At the cap, and even over it, what is installed is updated and installed again."""
    registry = skills(2)
    placed(desk, registry)
    install(desk, "sa", "sb")
    a_skill(registry, "sa", "1.1.0")
    with_tiers(registry, {"free": {"caps": {"skills": 1}, "publish": False}})
    placed(desk, registry)

    assert ["1.1.0"] == [row["version"] for row in desk.json("update", *LINE)["installed"]]
    desk.run("install", "@ann/sb", *LINE, "--force")


def test_other_categories_and_the_own_folder_count_apart(desk: Desk) -> None:
    """A theme has no cap here, and `-g` has a count of its own."""
    registry = skills(3)
    registry.release("@ann/red", "1.0.0", kind="theme", spec={"entry": "theme.css"})
    placed(desk, registry)
    install(desk, "sa", "sb", "red")
    install(desk, "sc", where=("-g",))

    assert (5, "tier-cap") == desk.refused("install", "@ann/sc", *LINE)
    shown = desk.json("tier", "show", "--registry", "reg")
    assert {"skills": 2, "themes": 1} == {name: count for name, count in shown["installed"].items() if count}
    assert 1 == desk.json("tier", "show", "--registry", "reg", "-g")["installed"]["skills"]


def test_gadgets_never_have_a_cap(desk: Desk) -> None:
    """The alias of one cap for all does not reach gadgets."""
    registry = with_tiers(a_registry(demo=False), {"free": {"caps": {"marketplace_install_cap": 0}, "publish": False}})
    a_skill(registry, "sa")
    placed(desk, registry)

    assert (5, "tier-cap") == desk.refused("install", "@ann/sa", *LINE)
    shown = desk.json("tier", "show", "--registry", "reg")
    assert "marketplace_install_gadgets_cap" not in shown["gates"]
    assert 0 == shown["gates"]["marketplace_install_skills_cap"]
    assert ALIAS_GOES in shown["notice"]
    assert ALIAS_GOES in desk.run("tier", "show", "--registry", "reg")


def test_a_lock_file_is_under_the_same_rule(desk: Desk, people: Callable[[str], Desk]) -> None:
    """Frozen or not, `sync` and `install` of more than the cap from a lock file end with 5, and write nothing."""
    registry = skills(3, {"free": {"caps": {"skills": 9}, "publish": False}})
    placed(desk, registry)
    install(desk, "sa", "sb", "sc")
    other = people("other")
    placed(other, with_tiers(registry, CAPS))
    (other.work / "registry.lock.json").write_bytes((desk.work / "registry.lock.json").read_bytes())

    for line in (("sync", "--frozen"), ("sync",), ("install",)):
        assert (5, "tier-cap") == other.refused(*line, "--yes")
    assert not (other.work / ".registry").exists()


def test_what_a_sync_removes_makes_room(desk: Desk) -> None:
    """What the lock file does not name goes in the same step, so it is not counted."""
    placed(desk, skills(3))
    install(desk, "sa", "sb")
    lock = desk.work / "registry.lock.json"
    text = lock.read_text()
    desk.run("uninstall", "@ann/sa")
    install(desk, "sc")
    lock.write_text(text)

    assert {"@ann/sa"} == {row["id"] for row in desk.json("sync", *LINE[2:])["installed"]}


def test_a_registry_without_tiers_says_no_word(desk: Desk) -> None:
    """Nothing is capped and nothing is said of tiers, and the verb says that there are none."""
    placed(desk, given(skills(7, None)))
    install(desk, *(f"s{name}" for name in "abcdefg"))

    assert " tier" not in desk.talk
    assert {"tiers": False} == {
        name: value for name, value in desk.json("tier", "show", "--registry", "reg").items() if name == "tiers"
    }
    assert "has no tiers" in desk.run("tier", "show", "--registry", "reg")


def test_browsing_is_always_on(desk: Desk) -> None:
    """At the cap everything is found and shown."""
    placed(desk, skills(3))
    install(desk, "sa", "sb")

    assert 3 == len(desk.json("search", "--registry", "reg")["results"])
    desk.run("show", "@ann/sc", "--registry", "reg")
    assert desk.json("tier", "show", "--registry", "reg")["gates"]["marketplace_browse"] is True
