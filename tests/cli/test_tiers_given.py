"""What an operator does about tiers: begins with them, gives one, and lets only those publish who may (M8)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.keys import key_text
from registry_tool.signing.ed25519 import Ed25519Signer
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import DOMAIN, profile
from tests.building_tiers import entitle, with_tiers
from tests.cli.desk import SKILL, Desk
from tests.cli.tiering import ENDS

pytestmark = pytest.mark.slow

KEY = key_text(Ed25519Signer(b"k" * 32).key)
BASE = ("--tier", "pro", "--until", ENDS, "--registry", "reg")
SKILLED = {"SKILL.md": SKILL["SKILL.md"], "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.0.0\n"}


@pytest.fixture
def operator(desk: Desk) -> Desk:
    """Somebody with a registry that has tiers."""
    desk.run("init", "reg", "--tiers", "--bins", "8", "--yes")
    return desk


def test_a_registry_begins_with_tiers_only_where_it_is_asked_to(operator: Desk, people: Callable[[str], Desk]) -> None:
    """`init --tiers` writes the table, and without the flag there is none."""
    other = people("other")
    other.run("init", "reg", "--bins", "8", "--yes")

    assert (
        (operator.work / "reg/index/tiers.yaml").read_bytes().startswith(b"tiers:\n  free:\n    caps:\n      apps: 3\n")
    )
    assert not (other.work / "reg/index/tiers.yaml").exists()
    assert (5, "no-tiers") == other.refused("tier", "issue", "bob", *BASE, "--key", KEY)


def test_a_tier_is_given_and_sent(operator: Desk) -> None:
    """It lands in the repository, signed, and lies in a file whose name says for whom."""
    said = operator.run("tier", "issue", "bob", *BASE, "--key", KEY, "--cap", "skills=20")
    made = json.loads((operator.work / "bob.tier.json").read_bytes())

    assert "Gave bob the tier pro until 2026-12-01T00:00:00Z, signed by operator.\nCaps: 20 skills.\n" in said
    assert "registry tier set bob.tier.json" in said
    assert (operator.work / "reg/index/entitlements/bob/1.json").read_text() == made["statement"]
    statement = json.loads(made["statement"])
    assert ({"skills": 20}, True, [KEY]) == (statement["caps"], statement["publish"], statement["keys"])


def test_a_second_one_takes_the_place_of_the_first(operator: Desk, people: Callable[[str], Desk]) -> None:
    """Caps of a tier are taken along and can be lifted; who keeps the newer one is told when they set the older."""
    buyer = people("buyer")
    key = key_text(buyer.world.keys.make("me", "signing").key)
    until = ("--until", ENDS, "--registry", "reg", "--key", key)
    first = operator.json("tier", "issue", "bob", "--tier", "free", *until, "-o", str(buyer.work / "one.json"))
    lines = ("--cap", "skills=none", "--cap", "apps=0")
    second = operator.json("tier", "issue", "bob", "--tier", "free", *until, *lines, "-o", str(buyer.work / "two.json"))

    assert [(1, 5, 3), (2, None, 0)] == [
        (one["number"], one["caps"].get("skills"), one["caps"]["apps"]) for one in (first, second)
    ]
    buyer.run("add", str(operator.work / "reg"), "--root", first["registry"], "--name", "reg")
    for file in ("one.json", "two.json"):
        buyer.run("tier", "set", file, "--registry", "reg")
    assert (5, "older-tier") == buyer.refused("tier", "set", "one.json", "--registry", "reg")
    buyer.run("tier", "set", "two.json", "--registry", "reg")
    gates = buyer.json("tier", "show", "--registry", "reg")["gates"]
    assert (None, 0, False) == (
        gates["marketplace_install_skills_cap"],
        gates["marketplace_install_apps_cap"],
        gates["marketplace_publish"],
    )


def test_a_dry_run_gives_nothing(operator: Desk) -> None:
    """Everything is done but written."""
    value = operator.json("tier", "issue", "bob", *BASE, "--key", KEY, "--dry-run")

    assert (True, "", 1) == (value["dry_run"], value["commit"], value["number"])
    assert not (operator.work / "bob.tier.json").exists()
    assert not (operator.work / "reg/index/entitlements").exists()
    assert "Would give bob" in operator.run("tier", "issue", "bob", *BASE, "--key", KEY, "--dry-run")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("--key", KEY, "--tier", "gold"), (3, "no-tier")),
        (("--key", "AAAA"), (1, "bad-key")),
        (("--key", KEY, "--until", "tomorrow"), (1, "invalid-document")),
        (("--key", KEY, "--until", "2020-01-01T00:00:00Z"), (1, "invalid-document")),
        (("--key", KEY, "--until", "2046-01-01T00:00:00Z"), (1, "invalid-document")),
        (("--key", KEY, "--cap", "skils=5"), (2, "unknown-category")),
        (("--key", KEY, "--cap", "gadgets=5"), (1, "invalid-document")),
        (("--key", KEY, "--cap", "skills=many"), (2, "bad-cap")),
        (("--key", KEY, "--cap", "skills=-1"), (2, "bad-cap")),
        (("--key", KEY, "-o", "no/such/folder.json"), (3, "no-folder")),
        (("--key", KEY, "-o", "reg"), (5, "exists")),
        (("--key", key_text(Ed25519Signer(demo_seed(0)).key)), (4, "test-key")),
        ((), (3, "no-author")),
        (("--author", "ann"), (3, "no-author")),
    ],
)
def test_a_tier_that_cannot_be_given_is_refused(operator: Desk, line: Any, expected: tuple[int, str]) -> None:
    """Another tier, time, cap, key or file than there can be ends with its code, and nothing lands."""
    assert expected == operator.refused("tier", "issue", "bob", *BASE, *line)
    assert not (operator.work / "reg/index/entitlements").exists()


def test_only_a_moderator_gives_a_tier(operator: Desk, people: Callable[[str], Desk]) -> None:
    """Without a moderator's key on the machine nothing is signed."""
    line = ("tier", "issue", "bob", *BASE[:-1], str(operator.work / "reg"), "--key", KEY)

    assert (3, "key-missing") == people("stranger").refused(*line)


def in_git(desk: Desk, registry: RegistryInMemory) -> None:
    """The registry as a repository; this person has its moderator's and ann's keys."""
    history = GitHistory.init(desk.work / "reg", bare=False, main="main")
    commit = history.commit(registry.files, onto=None, message="Found it\n", author="mod <mod@x>", at=desk.world.now())
    history.move("main", old=None, new=commit)
    desk.world.keys.import_seed(f"registry:{registry.id[:16]}", "moderator", registry.seed("mod"))
    for use in ("control", "signing"):
        desk.world.keys.import_seed("ann", use, registry.seed(f"ann {use}"))


def test_an_author_s_signing_keys_are_taken_from_the_registry(desk: Desk) -> None:
    """A registered holder needs no key to be typed; the control key stays out of it."""
    registry = with_tiers(a_registry(demo=False)).with_author("ann")
    in_git(desk, registry)
    expected = [key_text(registry.hand("ann signing").key)]

    assert expected == desk.json("tier", "issue", "ann", *BASE)["keys"]
    assert expected == desk.json("tier", "issue", "bob", *BASE, "--author", "ann")["keys"]


def test_a_clock_that_is_set_back_gives_nothing(desk: Desk) -> None:
    """What a holder is given is never older than what they were given before."""
    registry = with_tiers(a_registry(demo=False)).with_author("ann")
    entitle(registry, at="2026-05-01T00:00:00Z")
    in_git(desk, registry)

    assert (5, "clock-behind") == desk.refused("tier", "issue", "ann", *BASE)


@pytest.mark.parametrize(
    ("given", "verified", "said"),
    [
        (False, False, "marketplace_publish is off: ann has no tier here"),
        (True, False, "marketplace_publish is off: ann is not verified"),
        (True, True, ""),
    ],
)
def test_who_may_publish_is_told_before_anything_is_sent(desk: Desk, given: bool, verified: bool, said: str) -> None:
    """`check` and `publish` say what the pull request would: no tier, or no confirmed claim, and what to do (M8)."""
    registry = with_tiers(a_registry(demo=False)).with_author("ann")
    if given:
        entitle(registry, at="2026-02-01T00:00:00Z")
    if verified:
        profile(registry, DOMAIN, by=("ann control", "mod"))
    in_git(desk, registry)
    folder = desk.put("pdf", SKILLED)
    line = ("publish", folder, "--as", "ann", "--registry", "reg", "--yes")

    if not said:
        assert "submission" in desk.json(*line)
        return
    assert (1, "checks-failed") == desk.refused(*line)
    found = [one for one in desk.error.findings if one.check == "tier"]
    assert [said] == [one.message[: len(said)] for one in found]
    assert found[0].hint
    shown = desk.json("check", folder, "--as", "ann", "--registry", "reg")
    assert "fail" == shown["verdict"]
    assert said in str(shown["folders"][0]["findings"])
