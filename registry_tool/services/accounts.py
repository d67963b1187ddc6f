"""Accounts in forges, by their numbers: an author's, as a second sign of who they are; a moderator's, for reviews.

A name in a forge is given away and taken again; its number stays with whoever had it. A moderator agrees to what
an author lists, so that nobody lists somebody else's.
"""

from registry_tool.core import layout
from registry_tool.core.canonical import parse_loose
from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.hits import EventsHit
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_author
from registry_tool.core.published import chain_at, registry_of
from registry_tool.core.quoting import quoted
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import agreeing_at, government_at, heads_at, keyring_at
from registry_tool.core.statements import Account, Keyring
from registry_tool.core.tree import Tree
from registry_tool.services.author import Desk, change_of
from registry_tool.services.governing_edits import Edit, Json
from registry_tool.services.keyrings import Step


def list_account(tip: Tree, author: str, account: Account, *, desk: Desk) -> Step:
    """The keyring's next statement, which lists one account more, signed by the author's control keys.

    Raises `StateForbids` where it is listed already, `NotFound` where no control key is on this machine.
    """
    author, registry, subject = parse_author(author), registry_of(tip), f"authors/{parse_author(author)}"
    government = government_at(tip, registry=registry, check=desk.means.check)
    keyring = keyring_at(tip, government, author, check=desk.means.check).head.body
    if any((one.forge, one.number) == (account.forge, account.number) for one in keyring.accounts):
        raise StateForbids(f"{author} lists the account {account.number} of {account.forge} already", code="listed")
    active = {row.k16 for row in keyring.keys if row.active and row.use == "control"}
    control = [one for one in desk.keys.every(author, "control") if k16(one.key) in active]
    if not control:
        raise NotFound(
            f"no active control key of {author} is on this machine, and only that changes the keyring",
            code="key-missing",
            hint="import it with `registry keys import`",
        )
    before = chain_at(tip, subject)
    newest: Json = parse_loose(before[-1].data, limit=len(before[-1].data), what=subject)
    under = heads_at(tip, agreeing_at(tip, "keyring"))
    value = {
        **frame("registry.keyring/1", registry, subject, (len(before), before[-1].data), under),
        "keys": newest["keys"],
        "accounts": [*newest["accounts"], account.value()],
    }
    statement = Keyring.of(value)
    files = sealed(layout.statement_path(subject, statement.number), value, control)
    faults = tuple(
        one for one in change_of(files, tip=tip, registry=registry, desk=desk).trusted if one.level == "fail"
    )
    if faults:
        raise InvalidInput("the registry would refuse this", code="checks-failed", findings=faults)
    keys = ", ".join(f"the control key {k16(one.key)}" for one in control)
    return Step(
        author,
        registry,
        files,
        f"lists the account {account.name} ({account.number}) of {account.forge} as {author}'s",
        (
            f"the signatures of {keys}, which this machine makes",
            "a moderator's agreement, once they know that it is yours",
        ),
        (),
        EventsHit(),
        tuple({"use": row.use, "k16": row.k16, "status": row.status} for row in statement.keys),
        makes_keys=False,
    )


def moderators_account(person: str, account: Account) -> Edit:
    """A moderator reviews with an account from now on; who is not there yet becomes one who has no key."""
    name = parse_author(person)

    def edit(value: Json) -> None:
        there = next((one for one in value["people"] if one["id"] == name), None)
        if there is None:
            there = {"id": name, "author": None, "accounts": [], "keys": []}
            value["people"].append(there)
        if any((row["forge"], row["number"]) == (account.forge, account.number) for row in there["accounts"]):
            raise StateForbids(f"{name} has this account already", code="already-moderator")
        there["accounts"].append({**account.value(), "status": "active"})

    return edit


def account_ends(person: str, account: str, *, since: str, reason: str) -> Edit:
    """A moderator's account (its name or number) counts no more from `since` on; `NotFound` where there is none."""

    def edit(value: Json) -> None:
        rows = [row for one in value["people"] if one["id"] == person for row in one["accounts"]]
        found = [row for row in rows if account in (row["name"], str(row["number"])) and row["status"] == "active"]
        if len(found) != 1:
            raise NotFound(
                f"{quoted(person)} has no active account {quoted(account)}",
                code="no-account",
                hint="`registry moderators --json` lists them",
            )
        found[0].update(status="retired", since=since, reason=reason)

    return edit
