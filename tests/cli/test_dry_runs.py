"""`--dry-run` where something else decides: scopes, the queue, and what was submitted."""

from pathlib import Path

import pytest

from tests.cli.people import Town
from tests.cli.test_operator import tree_of

pytestmark = pytest.mark.slow

MAIL = ("--issuer", "https://accounts.example.com", "--subject", "ann@example.org")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Ann and bob publish, ann invited bob, and 1.1.0 of ann's waits."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    town.publish("bob", "1.0.0")
    town.desk("ann").json("scope", "invite", "@ann", "bob", "--as", "ann", "--registry", town.where)
    town.publish("ann", "1.1.0", admit=False)
    return town


@pytest.mark.parametrize(
    ("who", "line", "said"),
    [
        ("ann", ("scope", "invite", "@ann", "bob"), "Nothing was written. It would go to "),
        ("bob", ("scope", "accept", "@ann"), "Nothing was written. It would go to "),
        ("ann", ("scope", "identity", "add", "@ann", *MAIL), "'https://accounts.example.com':"),
        ("mod", ("queue", "approve", "ID"), "Would admit @ann/one@1.1.0 as operator; every check"),
        ("mod", ("queue", "reject", "ID", "--note", "no"), "Would reject "),
        ("ann", ("withdraw", "ID"), "Would withdraw "),
    ],
)
def test_nothing_is_written(town: Town, who: str, line: tuple[str, ...], said: str) -> None:
    """It says what would become of it; repository and state stay to the byte."""
    waits = town.at("mod", "queue", "list")[0]["id"]
    words = tuple(waits if one == "ID" else one for one in line)
    where = () if line[0] == "withdraw" else ("--registry", town.where)
    before = tree_of(Path(town.where)), tree_of(town.desk(who).folder)
    found = town(who, *words, *where, "--dry-run")
    value = town.desk(who).json(*words, *where, "--dry-run")

    assert said in found
    assert value["dry_run"]
    assert before == (tree_of(Path(town.where)), tree_of(town.desk(who).folder))


def test_a_second_approval_and_a_recovery_are_rehearsed(town: Town) -> None:
    """A recovery's notice says from when it may land, and the queue shows the same as its list."""
    step = town.at("newann", "keys", "recover", "--as", "ann")["submission"]
    value = town.at("mod", "queue", "approve", step, "--dry-run")
    shown = town("mod", "queue", "show", step, "--registry", town.where)
    noticed = town.at("mod", "queue", "approve", step)
    after = town("mod", "queue", "show", step, "--registry", town.where)

    assert ("noticed", "") == (value["state"], value["commit"])
    assert value["until"][:10] == noticed["until"][:10]
    assert "A recovery; waits for a moderator to make it public; then 7 day(s) must pass" in shown
    assert f"from {noticed['until']} it takes the signatures of 1 moderator(s)" in after
    assert not [one for one in (shown, after) if "1 person must approve it" in one]
