"""What people type who govern a registry."""

from pathlib import Path

import pytest

from tests.cli.people import Town

pytestmark = pytest.mark.slow


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A bare registry with ann's first release, and one moderator."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    return town


def key(town: Town, who: str) -> str:
    """Somebody's moderator's key."""
    return str(town.at(who, "moderators", "key")["key"])


def reference(town: Town, who: str) -> str:
    return str(town.at(who, "moderators", "key")["k16"])


def three(town: Town) -> Town:
    """Two of three sign."""
    town.at("mod", "moderators", "invite", "eva", key(town, "eva"), "zoe", key(town, "zoe"), "--threshold", "2")
    town.at("eva", "moderators", "sign")
    town.at("zoe", "moderators", "sign")
    return town


def test_three_commands_make_two_of_three(town: Town) -> None:
    """Invite, sign, sign; nobody signs a release again, and any two go on."""
    said = town("mod", "moderators", "--registry", town.where)
    town(
        "mod",
        "moderators",
        "invite",
        "eva",
        key(town, "eva"),
        "zoe",
        key(town, "zoe"),
        "--threshold",
        "2",
        "--registry",
        town.where,
        "--yes",
    )
    plan = town.desk("mod").talk
    waits = town("mod", "moderators", "--registry", town.where)
    shown = town("eva", "moderators", "sign", "--registry", town.where, "--dry-run")
    states = [town.at(who, "moderators", "sign")["state"] for who in ("eva", "zoe")]
    listed = town.desk("mod").json("moderators", "--registry", town.where)

    assert "1 of these people sign:\n  operator" in said
    assert "2 of the moderators sign from then on, instead of 1" in plan
    assert "A change waits as invite/moderators/2 for eva with the new key" in waits
    assert "eva becomes a moderator, who publishes nothing here" in shown
    assert ["waiting", "published"] == states
    assert (2, ["operator", "eva", "zoe"], None) == (
        listed["threshold"],
        [one["id"] for one in listed["people"]],
        listed["waits"],
    )
    town.publish("ann", "1.1.0")
    assert [0, 0] == [town.installs(version) for version in ("1.0.0", "1.1.0")]


def test_a_stolen_moderators_key_takes_back_only_what_fell(town: Town) -> None:
    """The list comes before the signature, in words and in JSON; the registry still builds."""
    three(town)
    since = town.time
    town.admit(town.publish("ann", "1.1.0", admit=False)["submission"], by="zoe")
    line = ("moderators", "revoke", reference(town, "zoe"), "--since", since, "--reason", "stolen")
    told = town("mod", *line, "--registry", town.where, "--dry-run")
    first = town.at("mod", *line)
    assert [0, 0] == [town.installs(version) for version in ("1.0.0", "1.1.0")]
    done = town.at("eva", "moderators", "sign")
    built = town.desk("mod").json("build", "--registry", town.where, "--out", "site")

    assert "Clients will refuse from then on:\n  @ann/one@1.1.0" in told
    assert ("waiting", ["@ann/one@1.1.0"], "published") == (first["state"], first["fall"], done["state"])
    assert [0, 4] == [town.installs(version) for version in ("1.0.0", "1.1.0")]
    assert 2 == built["releases"]
    assert "revoked since" in town("mod", "moderators", "--registry", town.where)


def test_people_go_and_thresholds_change(town: Town) -> None:
    """Whoever leaves retires their key; the threshold goes along in the same change, or by itself."""
    three(town)
    states = [town.at("mod", "moderators", "retire", reference(town, "zoe"))["state"]]
    states.append(town.at("eva", "moderators", "sign")["state"])
    states.append(town.at("mod", "moderators", "retire", reference(town, "eva"), "--threshold", "1")["state"])
    states.append(town.at("eva", "moderators", "sign")["state"])
    states.append(town.at("mod", "moderators", "invite", "uma", key(town, "uma"))["state"])
    states.append(town.at("uma", "moderators", "sign")["state"])
    states.append(town.at("uma", "moderators", "threshold", "2")["state"])

    assert ["waiting", "published"] * 3 + ["published"] == states
    assert "eva (has ended)" in town("mod", "moderators", "--registry", town.where)


def test_the_gate_gets_a_new_key(town: Town) -> None:
    """It is made here, or given; a trial makes none."""
    before = town.desk("mod").json("moderators", "--registry", town.where)["gate"]
    town("mod", "moderators", "gate", "--registry", town.where, "--dry-run")
    made = town.at("mod", "moderators", "gate")
    given = town.at("mod", "moderators", "gate", "--key", key(town, "ci"))
    after = town.desk("mod").json("moderators", "--registry", town.where)["gate"]

    assert ("published", "published") == (made["state"], given["state"])
    assert (["active"], ["retired", "retired", "active"]) == (
        [row["status"] for row in before],
        [row["status"] for row in after],
    )
    assert 0 == town.installs("1.0.0")


def test_the_gates_key_that_is_shown_is_the_one_that_is_made(town: Town) -> None:
    """Whoever agrees has read the reference of the key that then counts."""
    town("mod", "moderators", "gate", "--registry", town.where, "--yes")
    told = town.desk("mod").talk
    (made,) = [
        row["k16"]
        for row in town.desk("mod").json("moderators", "--registry", town.where)["gate"]
        if row["status"] == "active"
    ]

    assert f"the key {made} of the gate is let in" in told


def test_the_root_replaces_all_moderators(town: Town) -> None:
    """With the root's key; without the flag it is refused."""
    new = key(town, "eve")

    assert (2, "needs-flag") == town.refused("mod", "moderators", "replace", "eve", new)
    town.at("mod", "moderators", "replace", "eve", new, "--by-root")
    assert "published" == town.at("eve", "moderators", "sign")["state"]
    town.admit(town.publish("ann", "1.1.0", admit=False)["submission"], by="eve")
    waiting = town.publish("ann", "1.2.0", admit=False)["submission"]
    assert (3, "key-missing") == town.refused("mod", "queue", "approve", waiting)
    assert [0, 0] == [town.installs(version) for version in ("1.0.0", "1.1.0")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("sign",), (3, "no-invitation")),
        (("drop",), (3, "no-invitation")),
        (("threshold", "2"), (1, "bad-threshold")),
        (("invite", "eva"), (2, "wrong-usage")),
        (("invite", "eva", "KEY", "zoe", "KEY", "--author", "ann"), (2, "wrong-usage")),
        (("invite", "eva", "KEY"), (1, "bad-key")),
        (("revoke", "0000", "--reason", "x", "--since", "2099-01-01T00:00:00Z"), (2, "bad-since")),
        (("retire", "0000"), (3, "no-key")),
    ],
)
def test_what_cannot_be_done_is_told(town: Town, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Nothing waits, nothing fits, nobody is there."""
    assert expected == town.refused("mod", "moderators", *line)


def test_nobody_signs_without_being_asked(town: Town) -> None:
    """Without a terminal the flag is named; what waits can be dropped."""
    line = ("moderators", "invite", "eva", key(town, "eva"), "--registry", town.where)

    assert (2, "needs-answer") == town.desk("mod").refused(*line)
    assert (3, "key-missing") == town.refused("stranger", "moderators", "gate")
    town.at("mod", *line[:-2])
    assert (5, "change-waits") == town.refused("mod", "moderators", "invite", "zoe", key(town, "zoe"))
    assert (2, "needs-answer") == town.desk("eva").refused("moderators", "sign", "--registry", town.where)
    assert "Dropped invite/moderators/2" in town("mod", "moderators", "drop", "--registry", town.where, "--yes")
