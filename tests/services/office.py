"""A registry in git, with its moderators and authors at their desks."""

from collections.abc import Mapping
from typing import Any

from registry_tool.checks import all_checks
from registry_tool.core.describe import Said
from registry_tool.core.forge import Forge
from registry_tool.core.keys import Signer
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import admitted_at, authorities_at, government_at
from registry_tool.core.tree import Tree, walk
from registry_tool.core.trust import Admitted, Means
from registry_tool.services.author import Desk, Folder, Prepared, prepare, signature_of, submit
from registry_tool.services.bench import Bench
from registry_tool.services.keyrings import KeysHere
from registry_tool.services.moderator import approve
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, as_payload
from tests.checks.changes import KINDS, SKILL
from tests.forge_in_memory import NAME as FORGE
from tests.sites import committed

MEANS = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
START = 1_800_000_000
"""2027-01-15T08:00:00Z."""
CARD = b"license: MIT\n"


LINKS = "@ann/links"
LATER = "2027-02-01T00:00:00Z"


class Cabinet:
    """The keys on one machine: those of a moderator, and what its author makes."""

    def __init__(
        self, registry: RegistryInMemory, moderator: str = "", authors: tuple[str, ...] = (), *, gate: str = ""
    ) -> None:
        self._registry = registry
        self._moderator = moderator
        self._gate = gate
        self._held = {(author, use): [1] for author in authors for use in ("control", "signing")}
        self._made = dict.fromkeys(self._held, 1)

    def find(self, owner: str, use: str) -> Signer | None:
        """The oldest key of `owner` for `use`."""
        return next(iter(self.every(owner, use)), None)

    def make(self, owner: str, use: str) -> Signer:
        """A new key."""
        return self.another(owner, use)

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """All keys of `owner` for `use`; the second one that was made is called `ann signing 2`."""
        numbers = self._held.get((owner, use), [])
        here = {"moderator": self._moderator, "gate": self._gate}
        first = here.get(use, "") if owner == f"registry:{self._registry.id[:16]}" else ""
        names = [f"{owner} {use}" + (f" {number}" if number > 1 else "") for number in numbers]
        return tuple(self._registry.hand(name) for name in ([first] if first else []) + names)

    def another(self, owner: str, use: str) -> Signer:
        """One more key."""
        number = self._made[owner, use] = self._made.get((owner, use), 0) + 1
        self._held.setdefault((owner, use), []).append(number)
        return self.every(owner, use)[-1]

    def lose(self, owner: str, use: str) -> None:
        """Forgets all keys for a use."""
        self._held.pop((owner, use), None)


class Office:
    """A registry whose main line is in git, and a clock that everybody shares."""

    def __init__(self, registry: RegistryInMemory, *, author: str = "ann") -> None:
        self.registry = registry
        self.history = committed(registry.files, at=START - 1000)
        self.now = START
        self.cabinet = Cabinet(registry)
        self.author = author

    def tick(self) -> int:
        """A minute later."""
        self.now += 60
        return self.now

    def bench(self, moderator: str = "mod", history: Any = None) -> Bench:  # Any: a History
        """The desk of a moderator."""
        keys = Cabinet(self.registry, moderator)
        return Bench(history or self.history, KINDS, all_checks(), MEANS, keys, self.tick)

    def gate(self, forge: Forge | None = None, *, key: str = "gate") -> Bench:
        """The job with the gate's key."""
        keys = Cabinet(self.registry, gate=key)
        return Bench(self.history, KINDS, all_checks(), MEANS, keys, self.tick, forge)

    def desk(self) -> Desk:
        """The desk of the author."""
        return Desk(KINDS, all_checks(), MEANS, KeysHere(self.cabinet, self.tip), self.tick)

    @property
    def commit(self) -> str:
        """The newest commit of the main line."""
        found = self.history.resolve("main")
        assert found is not None
        return found

    @property
    def tip(self) -> Tree:
        """The files of the main line."""
        return self.history.tree(self.commit)

    def prepared(self, artifact: str, version: str, more: Mapping[str, bytes] | None = None, **said: Any) -> Prepared:
        """A submission of a skill, ready to be submitted."""
        content = {**SKILL, "artifact.yaml": CARD, **(more or {})}
        words = {"artifact": artifact, "version": version, "author": self.author, **said}
        return prepare([Folder("here", as_payload(content), Said(**words))], tip=self.tip, desk=self.desk())

    def publish(self, artifact: str, version: str, more: Mapping[str, bytes] | None = None, **said: Any) -> Prepared:
        """Submits a skill onto the newest commit."""
        made = self.prepared(artifact, version, more, **said)
        submit(made, self.history, onto=self.commit, at=self.tick())
        return made

    def push(
        self, files: Mapping[str, bytes], *, branch: str = "submit/by-hand", onto: str | None = None, **more: Any
    ) -> str:
        """Puts files on a branch as somebody does who does not use the tool; the commit."""
        commit = self.history.commit(
            files, onto=onto or self.commit, message="by hand\n", author=signature_of("eve"), at=self.tick(), **more
        )
        self.history.move(branch, old=self.history.branches(branch).get(branch), new=commit)
        return commit

    def land(self, files: Mapping[str, bytes]) -> None:
        """Puts files on the main line, whoever may."""
        commit = self.history.commit(
            files, onto=self.commit, message="operator\n", author=signature_of("operator"), at=self.tick()
        )
        self.history.move("main", old=self.commit, new=commit)

    def evolve(self, build: Any) -> dict[str, bytes]:  # Any: a function of the registry
        """What `build` adds to the registry in memory, whose files are those of the main line."""
        before = dict(self.files())
        self.registry.files = dict(before)
        build(self.registry)
        return {path: data for path, data in self.registry.files.items() if before.get(path) != data}

    def files(self) -> dict[str, bytes]:
        """Every file of the main line."""
        tip = self.tip
        return {path: tip.read(path) or b"" for path, _ in walk(tip)}


def an_office(
    *people: str,
    author_of: dict[str, str] | None = None,
    accounts: Mapping[str, int] | None = None,
    waits: Mapping[str, int] | None = None,
    gate: bool = False,
    **policy: Any,
) -> Office:
    """A registry in git with these moderators, `mod` where none is named, and a gate where that is said.

    `accounts` are the numbers of their accounts in the forge, `waits` what policy lets wait, in seconds.
    """
    registry = RegistryInMemory(demo=False)
    registry.root()
    names = people or ("mod",)

    def listed(value: dict[str, Any]) -> None:
        for person in value["people"]:
            if person["id"] in (accounts or {}):
                number = (accounts or {})[person["id"]]
                row = {"forge": FORGE, "number": number, "name": person["id"], "status": "active"}
                person["accounts"] = [row]

    who = {name: (author_of or {}).get(name) for name in names}
    registry.moderators(who, gate=("gate",) if gate else (), change=listed)
    registry.policy(by=names[:1], **policy, change=lambda value: value["waits"].update(waits or {}))
    return Office(registry)


def with_links(office: Office) -> Office:
    """The same with `@ann/links` 1.0.0 in it."""
    approve(office.bench(), office.publish(LINKS, "1.0.0").id, note="read it")
    return office


def verified(office: Office, version: str = "1.0.0") -> Admitted:
    """A release of the main line, verified."""
    government = government_at(office.tip, registry=office.registry.id, check=check)
    authorities = authorities_at(office.tip, government, "ann", check=check)
    return admitted_at(office.tip, parse_artifact(LINKS), version, authorities, means=MEANS)
