"""Changes of the moderators' statement, as functions that edit the newest one; and what they come to in words."""

from collections.abc import Callable, Sequence
from typing import Any

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.keys import k16, key_text, parse_key
from registry_tool.core.names import parse_author
from registry_tool.core.quoting import quoted
from registry_tool.core.statements import KeyRow, Moderators

Json = dict[str, Any]  # a document's value
Edit = Callable[[Json], None]


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(value: Json) -> None:
        for one in edits:
            one(value)

    return edit


def invite(person: str, key: str, *, author: str | None) -> Edit:
    """Lets a person in with a key, or gives one who is there another key; `author` is the author that they are."""
    name, row = parse_author(person), {"key": key_text(parse_key(key)), "status": "active"}

    def edit(value: Json) -> None:
        there = next((one for one in value["people"] if one["id"] == name), None)
        if there is None:
            value["people"].append({"id": name, "author": author, "accounts": [], "keys": [row]})
            return
        if author is not None and there["author"] not in (None, author):
            raise StateForbids(f"{name} is the author {there['author']} already", code="row-changed")
        there["author"] = author if author is not None else there["author"]
        if any(one["key"] == row["key"] for one in there["keys"]):
            raise StateForbids(f"{name} has this key already", code="already-moderator")
        there["keys"].append(row)

    return edit


def threshold(people: int) -> Edit:
    """How many people sign from then on."""

    def edit(value: Json) -> None:
        value["threshold"] = people

    return edit


def end(key: str, *, status: str, since: str, reason: str) -> Edit:
    """A person's or the gate's key (the beginning of its reference) ends at `since`."""

    def edit(value: Json) -> None:
        rows = [row for person in value["people"] for row in person["keys"]] + value["gate"]
        found = [row for row in rows if len(key) >= 4 and k16(parse_key(row["key"])).startswith(key)]
        if len(found) != 1:
            raise NotFound(
                f"{len(found) or 'no'} key begins with {quoted(key)}",
                code="no-key",
                hint="`registry moderators` lists them",
            )
        row = found[0]
        if row["status"] != "active" and (row["status"], status) != ("retired", "revoked"):
            raise StateForbids(
                f"this key was {row['status']} already, since {row['since']}",
                code="key-ended",
                hint="a key that retired can still be revoked, from then or earlier: registry moderators revoke",
            )
        if str(row.get("since", since)) < since:
            raise InvalidInput(
                f"this key retired at {row['since']}, and {since} is later",
                code="bad-since",
                hint="say with --since when it was stolen, not later than it retired",
            )
        row.update(status=status, since=since, reason=reason)

    return edit


def gate(key: str, *, since: str, reason: str) -> Edit:
    """The gate signs with `key`; the keys that it had retire."""

    def edit(value: Json) -> None:
        for row in value["gate"]:
            if row["status"] == "active":
                row.update(status="retired", since=since, reason=reason)
        value["gate"].append({"key": key_text(parse_key(key)), "status": "active"})

    return edit


def everybody_ends(since: str, reason: str) -> Edit:
    """Every person's key is revoked; whoever follows is let in by the same statement."""

    def edit(value: Json) -> None:
        for person in value["people"]:
            for row in person["keys"]:
                if row["status"] == "active":
                    row.update(status="revoked", since=since, reason=reason)

    return edit


def enough(value: Json) -> None:
    """Refuses a threshold that the people could never reach, in words."""
    active = sum(any(row["status"] == "active" for row in person["keys"]) for person in value["people"])
    if not 1 <= value["threshold"] <= active:
        raise InvalidInput(
            f"{value['threshold']} people would have to sign, and there would be {active} with an active key",
            code="bad-threshold",
            hint="say --threshold N in the same change, or let somebody in first",
        )


def differences(before: Moderators, after: Moderators) -> tuple[str, ...]:
    """What a statement changes, one sentence each, for whoever is asked to sign it."""
    lines = []
    if before.threshold != after.threshold:
        lines.append(f"{after.threshold} of the moderators sign from then on, instead of {before.threshold}")
    old = {row.k16: row for row in before.rows}
    known = {person.id: person for person in before.people}
    for person in after.people:
        if person.id not in known:
            who = f"who is the author {person.author}" if person.author else "who publishes nothing here"
            lines.append(f"{person.id} becomes a moderator, {who}")
        elif known[person.id].author != person.author:
            lines.append(f"{person.id} is the author {person.author}")
        if person.accounts != (known[person.id].accounts if person.id in known else ()):
            lines.append(f"the accounts of {person.id} change")
        lines += _keys(person.keys, old, f"of {person.id}")
    lines += _keys(after.gate, old, "of the gate")
    return tuple(lines)


def _keys(rows: Sequence[KeyRow], old: dict[Any, KeyRow], whose: str) -> list[str]:  # Any: a K16
    lines = []
    for row in rows:
        if row.k16 not in old:
            lines.append(f"the key {row.k16} {whose} is let in")
        elif old[row.k16] != row:
            why = f": {quoted(row.reason)}" if row.reason else ""
            lines.append(f"the key {row.k16} {whose} is {row.status} since {row.since}{why}")
    return lines
