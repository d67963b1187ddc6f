"""Accounts in a forge that were renamed, deleted, taken again, or are nobody's: only their number counts."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.bad_input.test_submissions import SKILL
from tests.forge.conftest import github, github_home
from tests.forge.forges import account_of
from tests.forge.github_fake import GitHub
from tests.forge.github_things import Account, Pull
from tests.stories.test_forge import Forge

__all__ = ["github", "github_home"]
DAY = 86_400


@pytest.fixture
def forge(github: GitHub, tmp_path: Path) -> Forge:
    """A registry in a forge; `mod1` and `mod2` review there, and have no keys."""
    return Forge(github, github.api, tmp_path)


Act = Callable[[Forge, Pull], object]


def again(forge: Forge, login: str) -> Account:
    """The account is deleted, and somebody else takes its name: it has another number."""
    forge.github.things.delete(account_of(forge.github, login))
    return forge.github.things.account(login)


def renamed(forge: Forge, pull: Pull) -> None:
    """Both are called otherwise now; their numbers are the same."""
    for login in ("mod1", "mod2"):
        account_of(forge.github, login).login = f"{login}-new"
        forge.review(f"{login}-new", pull, "APPROVED")


def taken(forge: Forge, pull: Pull) -> None:
    for login in ("mod1", "mod2"):
        again(forge, login)
        forge.review(login, pull, "APPROVED")


def deleted(forge: Forge, pull: Pull) -> None:
    """They approved, and are gone."""
    for login in ("mod1", "mod2"):
        forge.review(login, pull, "APPROVED")
        forge.github.things.delete(account_of(forge.github, login))


def ordered(forge: Forge, pull: Pull) -> None:
    """Somebody whom nobody listed speaks as moderators do."""
    account_of(forge.github, "eve")
    forge.review("eve", pull, "CHANGES_REQUESTED", "reject malicious: it is mine")


ACCOUNTS: Mapping[str, tuple[Act, str]] = {
    "renamed": (renamed, "published"),
    "taken again by somebody else": (taken, "waits"),
    "deleted": (deleted, "waits"),
    "of a stranger who gives orders": (ordered, "waits"),
}


@pytest.mark.parametrize("what", ACCOUNTS)
def test_an_account_is_its_number(forge: Forge, what: str) -> None:
    """Whose name it has now says nothing: `registry admit` lets in what the listed numbers approved, or nothing."""
    act, expected = ACCOUNTS[what]
    pull = forge.publish("1.0.0", {"SKILL.md": SKILL, "LICENSE": b"MIT License\n"})
    forge.admit()
    forge.now += 4 * DAY
    act(forge, pull)
    row = forge.admit()

    assert (expected, [], expected == "waits") == (row["state"], forge.said(), pull.opened), row["words"]
