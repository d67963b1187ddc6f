"""A registry whose people read pull requests in a forge, and whose gate decides what policy lets it."""

from collections.abc import Mapping
from typing import Any

from registry_tool.core.forge import PullRequest
from registry_tool.services.bench import Bench
from registry_tool.services.gate import Outcome, admit
from registry_tool.services.moderator import approve, queue
from tests.builders import RegistryInMemory
from tests.forge_in_memory import NAME, ForgeInMemory
from tests.services.office import LINKS, an_office

FORGE_POLICY: Mapping[str, Any] = {
    "mode": "forge",
    "gate_releases": "owner-updates",
    "gate_statements": ("keyring", "scope"),
}
ANN, MOD, TWO, STRANGER = 100, 7, 8, 9
"""Numbers of accounts."""


class Place:
    """A registry in a forge; `mod` and `two` have accounts there and keys, ann an account."""

    def __init__(self, *, new_name: int = 0, owner_update: int = 600, **policy: Any) -> None:
        waits = {"new_name": new_name, "owner_update": owner_update}
        accounts = {"mod": MOD, "two": TWO}
        self.office = an_office("mod", "two", accounts=accounts, waits=waits, gate=True, **{**FORGE_POLICY, **policy})
        self.forge = ForgeInMemory(self.office.tick)

    @property
    def gate(self) -> Bench:
        """The gate's job."""
        return self.office.gate(self.forge)

    def submit(
        self, version: str, more: Mapping[str, bytes] | None = None, *, by: int = ANN, **said: Any
    ) -> PullRequest:
        """Ann submits a version, and somebody's account opens the pull request."""
        made = self.office.publish(LINKS, version, more, **said)
        return self.forge.open(self.office.history.branches(made.branch)[made.branch], by=by)

    def begun(self, *, account: bool = True) -> "Place":
        """The same, with 1.0.0 let in by a moderator's key, and ann's account in her keyring."""
        self.office.publish(LINKS, "1.0.0")
        (waiting,) = queue(self.office.bench())
        approve(self.office.bench(), waiting.change.submission, note="")
        if account:
            self.office.land(self.office.evolve(with_account))
        return self

    def round(self) -> Outcome:
        """What the gate makes of the only submission."""
        (found,) = admit(self.gate)
        return found


def with_account(registry: RegistryInMemory) -> None:
    """Ann's keyring lists her account."""
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    account = {"forge": NAME, "number": ANN, "name": "ann"}
    registry.keyring("ann", rows, change=lambda value: value.update(accounts=[account]))


def with_people(registry: RegistryInMemory, *, ended: str = "", since: str = "") -> None:
    """The next moderators, in which the account of `ended` is no more."""

    def change(value: dict[str, Any]) -> None:
        for person, number in zip(value["people"], (MOD, TWO), strict=True):
            row = {"forge": NAME, "number": number, "name": person["id"], "status": "active"}
            over = {"status": "retired", "since": since} if person["id"] == ended else {}
            person["accounts"] = [{**row, **over}]

    registry.moderators({"mod": None, "two": None}, gate=("gate",), by=("mod", "two"), under=(), change=change)
