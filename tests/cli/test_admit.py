"""The gate's verb, the policy, and accounts in a forge, through the command line."""

from pathlib import Path
from typing import Any

import pytest

from registry_tool.stores.keys import pem
from tests.cli.operating import seed_of, with_env
from tests.cli.people import Town

pytestmark = pytest.mark.slow

GATE = "REGISTRY_GATE_KEY"
ACCOUNT = ("keys", "account", "ann-codes", "--number", "100", "--forge", "forge.example", "--as", "ann")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def lets_updates_go(town: Town) -> None:
    """Owners' updates go through by themselves, and ann lists her account."""
    town.at("mod", "policy", "set", "--gate", "owner-updates", "--wait-owner-update", "10m")
    town.publish("ann", "1.0.0")
    town.admit(town.at("ann", *ACCOUNT)["submission"])


def ask(town: Town, *line: str) -> Any:
    """What a verb that writes nothing tells `mod`."""
    return town.desk("mod").json(*line, "--registry", town.where)


def admit(town: Town, *more: str) -> Any:
    return town.desk("mod").json("admit", "--registry", town.where, *more)["submissions"]


def test_what_only_a_key_says_waits_for_a_person(town: Town) -> None:
    """Without a forge nothing says who opened it: the gate says what it waits for, and lands nothing."""
    lets_updates_go(town)
    town.publish("ann", "1.0.1", admit=False)
    (row,) = admit(town)

    assert ("waits", "") == (row["state"], row["commit"])
    assert "only its author's key says that it is theirs" in row["words"]
    assert row["words"] in town("mod", "admit", "--registry", town.where)


def test_the_gate_s_key_comes_from_the_environment(town: Town) -> None:
    """A job has it as a secret; without it, and with another one, there is no gate."""
    lets_updates_go(town)
    job = town.desk("job")

    assert (3, "key-missing") == job.refused("admit", "--registry", town.where)
    with_env(job, **{GATE: pem(seed_of(town.desk("mod"), "gate")).decode()})
    assert [] == job.json("admit", "--registry", town.where)["submissions"]
    assert "Nothing waits." in job.run("admit", "--registry", town.where)
    with_env(job, **{GATE: "not a key"})
    assert (1, "bad-key-file") == job.refused("admit", "--registry", town.where)


def test_the_policy_is_read_in_words_and_changed(town: Town) -> None:
    """What it is, what it would be, and what it is then."""
    before = town("mod", "policy", "show", "--registry", town.where)
    planned = town("mod", "policy", "set", "--gain", "1", "--no-self-approval", "--dry-run", "--registry", town.where)
    landed = town.at("mod", "policy", "set", "--wait-new-name", "3d", "--limit", "releases=5", "--no-self-approval")
    after = ask(town, "policy", "show")

    assert "Moderators may approve what is their own." in before
    assert "From then on:\n  Nobody approves what is their own.\nNo more:" in planned
    assert ("published", 2) == (landed["state"], after["number"])
    assert (3 * 86_400, 5, False) == (after["waits"]["new_name"], after["limits"]["releases"], after["self_approval"])
    assert "A new name: one person, and 3 days." in after["words"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("--gain", "1"), (2, "nothing-said")),
        (("--wait-new-name", "soon"), (2, "bad-time")),
        (("--limit", "releases"), (2, "bad-limit")),
        (("--gate-signs", "Keyring"), (1, "invalid-document")),
        (("--wait-new-name", "9999d"), (1, "invalid-document")),
    ],
)
def test_what_no_policy_can_say_is_refused(town: Town, said: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Before anything is signed."""
    assert expected == town.refused("mod", "policy", "set", *said)


def test_a_change_of_the_policy_waits_for_as_many_as_sign(town: Town) -> None:
    """It is shown to the next one in words, who signs it or drops it."""
    key = town.at("eva", "moderators", "key")["key"]
    town.at("mod", "moderators", "invite", "eva", key, "--threshold", "2")
    town.at("eva", "moderators", "sign")
    asked = town.at("mod", "policy", "set", "--gain", "2")
    shown = town("eva", "policy", "show", "--registry", town.where)
    looked = town("ann", "policy", "sign", "--dry-run", "--registry", town.where)
    signed = town.at("eva", "policy", "sign")
    town.at("mod", "policy", "set", "--gain", "3")
    dropped = town.at("mod", "policy", "drop")

    assert ("waiting", "published", "dropped") == (asked["state"], signed["state"], dropped["state"])
    assert "A change waits as invite/policy/2" in shown
    assert "One that may do more than the version before: two people." in shown
    assert "From then on:" in looked
    assert 2 == ask(town, "policy", "show")["approvals"]["gain"]
    assert ask(town, "policy", "show")["change"] is None


def test_a_moderator_reviews_with_an_account_and_without_a_key(town: Town) -> None:
    """The account is listed by its number, and ends by name or number."""
    town.at("mod", "moderators", "account", "eva", "eva-l", "--number", "7", "--forge", "forge.example")
    (eva,) = (one for one in ask(town, "moderators")["people"] if one["id"] == "eva")
    listed = town("mod", "moderators", "--registry", town.where)
    town.at("mod", "moderators", "account", "eva", "eva-l", "--end")
    (gone,) = (one for one in ask(town, "moderators")["people"] if one["id"] == "eva")

    assert ([], [("forge.example", 7, "active")]) == (
        eva["keys"],
        [(one["forge"], one["number"], one["status"]) for one in eva["accounts"]],
    )
    assert "the account eva-l (7) of forge.example" in listed
    assert ["retired"] == [one["status"] for one in gone["accounts"]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("moderators", "account", "eva", "eva-l"), (2, "needs-number")),
        (("moderators", "account", "eva", "eva-l", "--number", "7"), (2, "needs-number")),
        (("moderators", "account", "mod", "eva-l", "--end"), (3, "no-account")),
    ],
)
def test_an_account_is_a_number_somewhere(town: Town, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """A name alone says nothing, where no forge can be asked."""
    assert expected == town.refused("mod", *line)


def test_an_account_is_listed_once(town: Town) -> None:
    """In a keyring, and for a moderator; somebody without the control key lists none."""
    lets_updates_go(town)
    mine = ("moderators", "account", "mod", "m", "--number", "5", "--forge", "forge.example")
    town.at("mod", *mine)

    assert (5, "listed") == town.refused("ann", *ACCOUNT)
    assert (3, "key-missing") == town.refused("mod", *ACCOUNT[:4], "101", *ACCOUNT[5:])
    assert (5, "already-moderator") == town.refused("mod", *mine)
