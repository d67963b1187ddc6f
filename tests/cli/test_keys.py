"""What people type whose keys change."""

from pathlib import Path

import pytest

from registry_tool.core.errors import NotFound
from tests.cli.people import Town

pytestmark = pytest.mark.slow


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A bare registry with ann's first release."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    return town


def active(town: Town, who: str, use: str, *, owner: str = "ann") -> str:
    """The reference of somebody's active key."""
    rows = town.at(who, "keys", "list", "--as", owner)["keys"]
    (found,) = [row["k16"] for row in rows if (row["use"], row["status"]) == (use, "active")]
    return str(found)


def test_a_rotation_needs_nothing_but_landing(town: Town) -> None:
    """Publishing goes on with the old key before and with the new one afterwards; all releases install."""
    step = town.at("ann", "keys", "rotate", "--as", "ann")
    listed = [row["status"] for row in town.at("ann", "keys", "list")["keys"]]
    town.admit(step["submission"])
    town.publish("ann", "1.1.0")

    assert ["active", "active", "not in this registry"] == listed
    assert ["active", "retired", "active"] == [row["status"] for row in town.at("ann", "keys", "list")["keys"]]
    assert [0, 0] == [town.installs(version) for version in ("1.0.0", "1.1.0")]


def test_what_it_needs_is_said_before_it_is_asked_for(town: Town) -> None:
    """With --dry-run nothing is written, no key either; without a terminal the flag is named."""
    said = town("ann", "keys", "rotate", "--registry", town.where, "--dry-run")
    keys = len(town.at("ann", "keys", "list")["keys"])
    refused = town.desk("ann").refused("keys", "rotate", "--registry", town.where)

    assert "a moderator's signature" in said
    assert "It takes no release back." in said
    assert (2, (2, "needs-answer"), "add --yes") == (keys, refused, town.desk("ann").error.hint)
    assert [] == town.at("mod", "queue", "list")


def test_a_stolen_key_is_revoked_since_a_time(town: Town) -> None:
    """What it takes back is listed first; afterwards clients refuse exactly that, and the registry still builds."""
    town.publish("ann", "1.1.0")
    since = town.time
    town.publish("ann", "1.2.0")
    line = ("keys", "revoke", active(town, "ann", "signing"), "--since", since, "--reason", "laptop stolen")
    told = town("ann", *line, "--registry", town.where, "--dry-run")
    step = town.at("ann", *line)
    words = town.admit(step["submission"])["countersigned"]
    built = town.desk("mod").json("build", "--registry", town.where, "--out", "site")

    assert "Clients will refuse from then on:\n  @ann/one@1.2.0" in told
    assert ["@ann/one@1.2.0"] == step["takes_back"]
    assert "takes back 1 release(s)" in words[0]
    assert [0, 0, 4] == [town.installs(version) for version in ("1.0.0", "1.1.0", "1.2.0")]
    assert 3 == built["releases"]
    with pytest.raises(NotFound, match="no active signing key"):
        town.publish("ann", "1.3.0")
    town.admit(town.at("ann", "keys", "rotate", "--as", "ann")["submission"])
    town.publish("ann", "1.3.0")
    assert 0 == town.installs("1.3.0")


def test_a_key_is_revoked_from_now_by_its_owner_alone(town: Town) -> None:
    """Nobody countersigns; a second machine can be given the next key."""
    step = town.at("ann", "keys", "revoke", active(town, "ann", "signing"), "--reason", "old")

    assert "nobody else's signature" in step["needs"][1]
    assert [] == town.admit(step["submission"])["countersigned"]
    assert 0 == town.installs("1.0.0")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("keys", "revoke", "0000", "--reason", "x"), (3, "no-key")),
        (("keys", "revoke", "0000", "--reason", "x", "--since", "soon"), (1, "bad-time")),
        (("keys", "rotate", "--as", "bob"), (3, "no-author")),
        (("keys", "recover"), (5, "not-lost")),
        (("keys", "object", "1234"), (3, "no-submission")),
    ],
)
def test_what_cannot_be_done_is_told(town: Town, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Keys, times, authors and recoveries that are not there."""
    assert expected == town.refused("ann", *line)


def test_lost_keys_are_recovered_in_public(town: Town) -> None:
    """Notice, wait, signature; each step says what comes next, to the author and to moderators."""
    step = town.at("newann", "keys", "recover", "--as", "ann")
    submission = step["submission"]
    queue = [town("mod", "queue", "list", "--registry", town.where)]
    noticed = town("mod", "queue", "approve", submission, "--registry", town.where)
    queue.append(town("mod", "queue", "list", "--registry", town.where))
    early = town.refused("mod", "queue", "approve", submission)
    mine = town("newann", "status")
    told = town("ann", "keys", "list", "--registry", town.where)
    town.now += 8 * 86_400
    landed = town.admit(submission)
    town.publish("newann", "1.0.1", author="ann")

    assert ["7 day(s) must pass", "unless a control key objects"] == [
        words
        for words, said in zip(("7 day(s) must pass", "unless a control key objects"), queue, strict=True)
        if words in said
    ]
    assert "Made the recovery public." in noticed
    assert ((5, "recover-waits"), "published") == (early, landed["state"])
    assert "moderators may sign it from" in mine
    assert f"registry keys object {submission[:12]} --as ann" in told
    assert [0, 0] == [town.installs(version) for version in ("1.0.0", "1.0.1")]
    assert (3, "key-missing") == town.refused("ann", "keys", "rotate", "--as", "ann")


def test_the_owner_objects_in_one_command(town: Town) -> None:
    """Once a control key objected nobody lands it, however long it waits."""
    step = town.at("thief", "keys", "recover", "--as", "ann")
    town.admit(step["submission"])
    dry = town("ann", "keys", "object", step["submission"][:6], "--registry", town.where, "--dry-run")
    town.at("ann", "keys", "object", step["submission"][:6])
    twice = town.refused("ann", "keys", "object", step["submission"][:6])
    town.now += 30 * 86_400

    assert "Would object" in dry
    assert (5, "already-submitted") == twice
    assert [(5, "objection")] * 2 == [town.refused("mod", "queue", "approve", step["submission"]) for _ in range(2)]
    assert "somebody objected" in town("thief", "status")
    assert 0 == town.installs("1.0.0")


def test_a_key_comes_along_to_another_machine(town: Town) -> None:
    """A second key for a use lies beside the first, and the same one is refused."""
    town.admit(town.at("ann", "keys", "rotate", "--as", "ann")["submission"])
    paths = [row["path"] for row in town.at("ann", "keys", "list")["keys"]]
    for path in paths:
        use = Path(path).name.removesuffix(".pem").removesuffix("-2")
        town("laptop", "keys", "import", path, "--as", "ann", "--use", use)

    assert (5, "key-exists") == town.desk("laptop").refused("keys", "import", paths[-1], "--as", "ann")
    assert "published" == town.admit(town.publish("laptop", "1.1.0", author="ann", admit=False)["submission"])["state"]
    assert "control" in town("laptop", "keys", "list")
