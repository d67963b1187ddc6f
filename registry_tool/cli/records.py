"""`registry verify --all` in a clone: every record that was ever written, and who let in what."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from registry_tool.cli.contacting import entry_by_id
from registry_tool.cli.show import result
from registry_tool.core.errors import WrongUsage
from registry_tool.core.reports.plain import count
from registry_tool.wiring import World, looks_like_git

Row = dict[str, Any]  # JSON
SHOWN = 500
"""Lines that people read; scripts get all."""


def clone_at(here: World, what: str | None, *, elsewhere: bool) -> Path | None:
    """The clone that is meant: named, else the one that the person stands in; `None` where it is what is installed.

    `elsewhere` says that a project was named. `WrongUsage` for a name that is no clone.
    """
    if what is None:
        return None if elsewhere else here.standing_in()
    path = here.path(what.removeprefix("file://"))
    if what.startswith("@") or not looks_like_git(path):
        raise WrongUsage(
            f"--all is for a clone, or for all that is installed; {what} is neither",
            code="not-a-clone",
            hint="leave --all out to verify an artifact or a site",
        )
    return path


def verify_clone(here: World, path: Path, *, as_json: bool) -> None:
    """Verifies everything in the newest commit of a clone and says who let in what.

    Raises `NotTrusted` with all that does not hold.
    """
    from registry_tool.cli.building import head_of
    from registry_tool.services.recorded import verify_records

    history = here.history(path)
    commit = head_of(history)
    found = verify_records(history.tree(commit), means=here.means)
    known = entry_by_id(here, found.registry) is not None
    value = {**found.value(), "clone": str(path), "commit": commit, "known": known}
    result({"verified": value}, as_json=as_json, text=lambda: "\n".join(_words(value)))


def _words(value: Row) -> list[str]:
    lines = [_release(row) for row in value["releases"]]
    lines += [f"{what} was merged without an approval: it counts for nothing" for what in value["merged"]]
    lines += [_decision(row) for row in value["decisions"]]
    lines += [_void(row) for row in value["approvals"] if "void" in row]
    shown = lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"and {len(lines) - SHOWN} more; --json has all"]
    known = "" if value["known"] else ", which you did not add: compare the id with what its operator told you"
    rest = ", ".join(f"{number} {what}" for what, number in value["counts"].items())
    lead = f"Everything in {value['clone']} at {value['commit'][:12]} holds: {count(len(value['releases']), 'release')}"
    return [*shown, f"{lead}, {rest}.", f"registry id: {value['registry']}{known}"]


def _release(row: Row) -> str:
    what = f"{row['id']}@{row['version']}"
    status = "" if row["status"] == "active" else f", {row['status']}"
    if row["path"] == "owner":
        how = f"let in by the gate as its owner's update: nothing new compared with {row['compared']}"
    elif row.get("reviews"):
        how = f"let in by {row['by']}, approved by {_people(row)}: {_reviews(row['reviews'])}"
    else:
        how = f"let in by {row['by']}" + (
            f", approved by {_people(row)}" if len(row.get("approved_by", ())) > 1 else ""
        )
    return f"{what}{status}: {how} at {row['at']}"


def _people(row: Row) -> str:
    return ", ".join(row["approved_by"])


def _reviews(rows: Sequence[Row]) -> str:
    return ", ".join(f"review {one['review']} by the account {one['account']} of {one['forge']}" for one in rows)


def _decision(row: Row) -> str:
    return f"submission {row['submission'][:12]}: {row['action']} by {row['by']} at {row['at']} ({row['reason']})"


def _void(row: Row) -> str:
    return f"{row['path']} counts for nothing: {row['void']}"
