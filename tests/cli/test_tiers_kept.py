"""The tier that somebody was given, on their machine: kept once it holds, and Free as soon as it does not (M8)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.keys import key_text
from registry_tool.core.times import to_seconds
from tests.builders import RegistryInMemory
from tests.building_tiers import moderator_ends
from tests.checks.changes import Build
from tests.cli.desk import Desk
from tests.cli.operating import later
from tests.cli.tiering import ENDS, LINE, NOW, given, install, owns, placed, sent, skills

pytestmark = pytest.mark.slow


def test_what_the_operator_gave_lifts_the_cap(desk: Desk) -> None:
    """Once it is kept, its caps count, and `show` says which tier, whose, and until when."""
    registry = given(skills(4), caps={"skills": 3})
    placed(desk, registry)
    owns(desk, registry)
    file = sent(desk, registry)
    desk.run("tier", "set", file, "--registry", "reg", "--dry-run")

    assert "free" == desk.json("tier", "show", "--registry", "reg")["tier"]
    assert f"Kept the tier pro of ann in {desk.work}/reg, until {ENDS}.\nCaps: 3 skills.\n" == desk.run(
        "tier", "set", file, "--registry", "reg"
    )
    install(desk, "sa", "sb", "sc")
    assert "tier" not in desk.talk
    assert (5, "tier-cap") == desk.refused("install", "@ann/sd", *LINE)
    assert desk.error.message.startswith("the tier pro allows 3 skills")
    shown = desk.json("tier", "show", "--registry", "reg")
    expected = {"tier": "pro", "holder": "ann", "until": ENDS, "why": "", "notice": "", "tiers": True}
    assert expected == {name: shown[name] for name in expected}
    assert (3, 3) == (shown["gates"]["marketplace_install_skills_cap"], shown["installed"]["skills"])
    assert f"is pro, of ann, until {ENDS}." in desk.run("tier", "show", "--registry", "reg")


def test_a_wiped_cache_forgets_no_tier(desk: Desk) -> None:
    """It lies with what is trusted, under the registry's id, for the person's eyes only."""
    registry = given(skills(3))
    placed(desk, registry)
    owns(desk, registry)
    desk.run("tier", "set", sent(desk, registry), "--registry", "reg")
    path = desk.folder / "home" / "trust" / "entitlements" / f"{registry.id}.json"

    assert 0o600 == path.stat().st_mode & 0o777
    assert "pro" == desk.json("tier", "show", "--registry", "reg")["tier"]


def other_registry(registry: RegistryInMemory) -> RegistryInMemory:
    """Another registry's entitlement for the same keys."""
    other = RegistryInMemory(demo=False)
    other.hand("ann signing")
    other.root()
    other.moderators({"mod": None})
    other.policy()
    return given(other)


def gives(**more: Any) -> Build:
    return lambda registry: given(registry, **more)


def left(since: str) -> Build:
    def build(registry: RegistryInMemory) -> None:
        given(registry)
        moderator_ends(registry, since)

    return build


def then(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


SAME: Callable[[str], str] = str
BAD = [
    pytest.param(gives(keys=("eve signing",)), SAME, (4, "other-holder"), "none of the keys", id="somebody else's"),
    pytest.param(gives(caps={"skills": 5}), then(":5", ":9"), (4, "bad-signature"), "does not hold", id="edited cap"),
    pytest.param(gives(), then("pro", "ent"), (4, "bad-signature"), "does not hold", id="edited tier"),
    pytest.param(gives(until="2026-02-10T00:00:00Z"), SAME, (5, "tier-ended"), "ended at 2026-02-10", id="expired"),
    pytest.param(left("2026-01-01T00:00:00Z"), SAME, (4, "not-authorised"), "nobody who moderates", id="backdated"),
    pytest.param(left("2026-02-20T00:00:00Z"), SAME, (4, "not-authorised"), "nobody who moderates", id="left since"),
    pytest.param(gives(by=()), SAME, (4, "not-authorised"), "signed by no moderator", id="unsigned"),
    pytest.param(gives(by=("ann signing",)), SAME, (4, "not-authorised"), "signed by no moderator", id="by its holder"),
    pytest.param(gives(), lambda text: "[1]", (1, "invalid-document"), "no JSON object", id="a list"),
    pytest.param(gives(), lambda text: "{", (1, "not-canonical"), "", id="no JSON"),
    pytest.param(gives(), lambda text: "{}", (1, "invalid-document"), "is missing", id="empty"),
    pytest.param(gives(), lambda text: text + " " * 200_000, (1, "too-large"), "at most", id="huge"),
]


@pytest.mark.parametrize(("build", "edit", "expected", "said"), BAD)
def test_a_bad_entitlement_is_not_kept(
    desk: Desk, build: Build, edit: Callable[[str], str], expected: tuple[int, str], said: str
) -> None:
    """Foreign, edited, ended, unsigned or no entitlement at all: `set` says why, and Free counts as before."""
    registry = skills(1)
    build(registry)
    placed(desk, registry)
    owns(desk, registry)
    path = Path(sent(desk, registry))
    path.write_text(edit(path.read_text()))

    assert expected == desk.refused("tier", "set", str(path), "--registry", "reg")
    assert said in desk.error.message
    assert "free" == desk.json("tier", "show", "--registry", "reg")["tier"]


def test_another_registry_s_entitlement_is_not_kept(desk: Desk) -> None:
    """What one operator gives is worth nothing with another."""
    registry = skills(1)
    placed(desk, registry)
    owns(desk, registry)
    file = sent(desk, other_registry(registry))

    assert (4, "other-registry") == desk.refused("tier", "set", file, "--registry", "reg")


KEPT = [
    pytest.param(lambda state: state.update(statement="{}"), "another registry", id="another"),
    pytest.param(
        lambda state: state.update(statement=state["statement"].replace('"skills":3', '"skills":9')),
        "does not hold",
        id="edited",
    ),
    pytest.param(lambda state: state.update(signatures=[]), "signed by no moderator", id="stripped"),
    pytest.param(lambda state: state.update(newest="2027-01-01T00:00:00Z"), f"ended at {ENDS}", id="ended"),
    pytest.param(lambda state: state.update(newest=5), "newest", id="damaged"),
    pytest.param(lambda state: state.pop("signatures"), "signatures: is missing", id="half"),
]


@pytest.mark.parametrize(("edit", "said"), KEPT)
def test_what_does_not_hold_any_more_is_free(desk: Desk, edit: Callable[[dict[str, Any]], Any], said: str) -> None:
    """What was kept is looked at each time: changed or ended, the person is told in one sentence, and Free counts."""
    registry = given(skills(3), caps={"skills": 3})
    placed(desk, registry)
    owns(desk, registry)
    desk.run("tier", "set", sent(desk, registry), "--registry", "reg")
    state = dict(desk.world.state.entitlement(registry.id))
    edit(state)
    desk.world.state.keep_entitlement(registry.id, state)
    install(desk, "sa", "sb")

    assert [
        said in line and "so the tier free counts" in line for line in desk.talk.splitlines() if "tier" in line
    ] == [True]
    assert said in desk.json("tier", "show", "--registry", "reg")["why"]
    assert (5, "tier-cap") == desk.refused("install", "@ann/sc", *LINE)
    assert said in desk.error.message


def test_a_moderator_who_leaves_takes_their_word_along(desk: Desk) -> None:
    """Once the signer is no moderator any more Free counts, since nothing proves when they signed."""
    registry = given(skills(1))
    placed(desk, registry)
    owns(desk, registry)
    desk.run("tier", "set", sent(desk, registry), "--registry", "reg")
    moderator_ends(registry, "2026-03-01T00:00:00Z")
    placed(desk, registry)

    assert "nobody who moderates" in desk.json("tier", "show", "--registry", "reg")["why"]


def at(desk: Desk, time: str) -> None:
    desk.world = replace(desk.world, now=lambda: to_seconds(time))


def test_a_clock_that_is_set_back_wins_nothing(desk: Desk) -> None:
    """The newest admission that this machine verified is the least that now can be, also when that is forgotten."""
    registry = given(skills(4), until="2026-03-15T00:00:00Z")
    registry.publish("@ann/late", "1.0.0", kind="theme", spec={"entry": "theme.css"})
    registry.admit("@ann/late", "1.0.0", at="2026-04-01T00:00:00Z")
    placed(desk, registry)
    owns(desk, registry)
    at(desk, "2026-03-10T00:00:00Z")
    file = sent(desk, registry)
    desk.run("tier", "set", file, "--registry", "reg")
    install(desk, "sa", "sb", "sc")
    assert "pro" == desk.json("tier", "show", "--registry", "reg")["tier"]

    install(desk, "late")
    (desk.folder / "home" / "trust" / "seen" / f"{registry.id}.json").unlink()

    expected = f"the entitlement of ann to pro ended at 2026-03-15T00:00:00Z (this machine's clock says {NOW})"
    assert expected == desk.json("tier", "show", "--registry", "reg")["why"]
    install(desk, "sa", "sb", where=("--force",))
    assert (5, "tier-cap") == desk.refused("install", "@ann/sd", *LINE)


def test_the_signed_index_says_what_time_it_is_at_least(desk: Desk, people: Callable[[str], Desk]) -> None:
    """A job signed the timestamp at a time that a clock which is set back cannot undo."""
    desk.run("init", "reg", "--tiers", "--bins", "8", "--yes")
    buyer = people("buyer")
    key = buyer.world.keys.make("me", "signing").key
    given = ("--key", key_text(key), "--until", "2026-03-10T00:00:00Z", "--registry", "reg")
    made = desk.json("tier", "issue", "bob", "--tier", "team", *given, "-o", str(buyer.work / "bob.json"))
    desk.run("build", "--registry", "reg", "--out", "site")
    buyer.run("add", str(desk.work / "site"), "--root", made["registry"], "--name", "reg")
    buyer.run("tier", "set", "bob.json", "--registry", "reg")
    assert "team" == buyer.json("tier", "show", "--registry", "reg")["tier"]

    later(desk, 20)
    desk.run("trust", "refresh", "--registry", "reg", "--out", "site")

    assert buyer.world.now() < to_seconds("2026-03-01T00:00:00Z")
    shown = buyer.json("tier", "show", "--registry", "reg")
    assert ("free", True) == (shown["tier"], "ended at 2026-03-10" in shown["why"])
