"""A moderator's bench: what the verbs of moderators share, from reading the tip to moving it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from registry_tool.core import layout
from registry_tool.core.change import Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.core.forge import Forge, PullRequest
from registry_tool.core.keys import Signer, k16
from registry_tool.core.kind import Kinds
from registry_tool.core.moderation import moderation_subject
from registry_tool.core.paths import repository_path_fault
from registry_tool.core.ports import Clock, History, Keys
from registry_tool.core.published import registry_of
from registry_tool.core.review import Check, Report
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import government_at, heads_at
from registry_tool.core.statements import Moderation, Person
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.services.author import signature_of

BRANCH = "main"
DECIDED = "<!-- registry: decided -->"
"""How the comment begins that says what became of a pull request."""
TRIES = 5
"""How often landing starts again because somebody else landed first."""


class Memory(Protocol):
    """What the last look at a queue left; losing it costs time only."""

    @property
    def key(self) -> str:
        """Changes whenever the tool might say something else of the same submission."""
        ...

    def load(self) -> Mapping[str, Any]:  # Any: JSON
        """What was kept; empty where nothing was."""
        ...

    def save(self, value: Mapping[str, Any]) -> bool:  # Any: JSON
        """Keeps `value`; whether it could."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What every verb of a moderator needs."""

    history: History
    kinds: Kinds
    checks: Sequence[Check]
    means: Means
    keys: Keys
    now: Clock
    forge: Forge | None = None
    """Where pull requests are, where the registry lies in a forge and it is looked at."""
    fetch: Callable[[Sequence[str]], None] | None = None
    """Brings refs outside of branches, as `refs/pull/7/head`; the history resolves them from then on."""
    rehearses: bool = False
    """Whether nothing may be written, in the forge either."""
    memory: Memory | None = None
    """Where the rows of the queue are kept between looks; it decides nothing."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One submission in the queue."""

    branch: str
    commit: str
    at: int
    """Its commit's time, seconds since 1970."""
    change: Change
    report: Report
    brought: str = ""
    """The id that it had when all that it brings was new: what others landed meanwhile takes the id along."""
    waits: str = ""
    """What it waits for, and until when, in a sentence; empty where the checks refuse it."""
    pull: PullRequest | None = None
    """Its pull request, where it has one."""
    merged: bool = False
    """Whether it lies on the main line, where somebody merged it without an approval; nobody gets it from there."""

    @property
    def state(self) -> str:
        """`pending`, `flagged` (or objected to), or `merged`."""
        need = self.report.need
        if self.merged:
            return "merged"
        return "flagged" if need is not None and (need.flags or need.objections) else "pending"

    @property
    def author(self) -> str:
        """Who submitted: the releases' author, else the subject of its statements."""
        for release in self.change.releases:
            if release.manifest is not None:
                return release.manifest.author
        return next((one.located.subject.rpartition("/")[2] for one in self.change.statements), "")

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The row for `--json`."""
        return {
            "id": self.change.submission,
            "state": self.state,
            "author": self.author,
            "releases": [
                {"artifact": str(one.artifact), "version": one.manifest.version if one.manifest else one.folder}
                for one in self.change.releases
            ],
            "statements": [one.words for one in self.change.statements],
            "verdict": self.report.verdict,
            "branch": self.branch,
            "submitted": self.submitted,
            "waits": self.waits,
            "need": self.report.need.value(self.change.at) if self.report.need is not None else None,
            **({"pull_request": self.pull.number} if self.pull is not None else {}),
        }

    @property
    def submitted(self) -> str:
        """When, by the word of its author's clock; empty where that is no time at all."""
        try:
            return from_seconds(self.at)
        except InvalidInput:
            return ""


def tip_of(history: History) -> tuple[str, Tree]:
    """The registry's newest commit and its files; `NotFound` where there is none."""
    commit = history.resolve(BRANCH)
    if commit is None:
        raise NotFound(
            f"{history.where} has no branch {BRANCH}",
            code="not-a-registry",
            hint="make a registry with `registry init DIR`",
        )
    return commit, history.tree(commit)


def me(bench: Bench, tip: Tree) -> tuple[Person, Signer]:
    """The moderator whose key is on this machine; `NotFound` where there is none."""
    registry = registry_of(tip)
    signers = bench.keys.every(f"registry:{registry[:16]}", "moderator")
    body = government_at(tip, registry=registry, check=bench.means.check).moderators.head.body
    for person in body.people:
        for signer in signers:
            if any(row.active and row.k16 == k16(signer.key) for row in person.keys):
                return person, signer
    raise NotFound(
        "no active moderator's key of this registry is on this machine",
        code="key-missing",
        hint="moderators are named in index/moderators/; keys are imported with `registry keys import`",
    )


def gate(bench: Bench, tip: Tree) -> Signer:
    """The gate's key, where it is on this machine and active; `NotFound` where there is none."""
    registry = registry_of(tip)
    body = government_at(tip, registry=registry, check=bench.means.check).moderators.head.body
    active = {row.k16 for row in body.gate if row.active}
    for signer in bench.keys.every(f"registry:{registry[:16]}", "gate"):
        if k16(signer.key) in active:
            return signer
    raise NotFound(
        "no active gate key of this registry is on this machine",
        code="key-missing",
        hint="the gate's job gets it from REGISTRY_GATE_KEY; `registry moderators gate` makes a new one",
    )


def advance(bench: Bench, commit: str, files: Mapping[str, bytes], *, message: str, by: str, at: int) -> str | None:
    """The new tip with `files` on `commit`; `None` where somebody else landed first."""
    faults = (repository_path_fault(path) for path in sorted(files))
    if fault := next(filter(None, faults), None):
        raise InvalidInput(
            fault, code="path-too-long", hint="choose shorter names: the author's, the moderator's or the version's"
        )
    tip = bench.history.tree(commit)
    for path in sorted(files):
        if tip.entry(path) is not None and layout.locate(path).role != "table" and tip.read(path) != files[path]:
            raise NotTrusted(  # the checks said so before; nothing that was published is ever written over
                "it is published, and would be changed", where=path, code="append-only", hint="publish a new version"
            )
    new = bench.history.commit(files, onto=commit, message=message, author=signature_of(by), at=at)
    try:
        bench.history.move(BRANCH, old=commit, new=new)
    except StateForbids as error:
        if error.code != "moved":
            raise
        return None
    return new


def take_off(bench: Bench, branch: str, commit: str) -> None:
    """Deletes the branch of what is decided; something else that was pushed there meanwhile stays."""
    try:
        bench.history.move(branch, old=commit, new=None)
    except StateForbids as error:
        if error.code != "moved":
            raise


def settle(bench: Bench, waiting: Waiting, text: str = "") -> None:
    """Takes what is decided off the queue: its branch, and its pull request, where `text` (Markdown in which nothing
    foreign is alive) says what became of it. What lies on the main line stays.
    """
    if waiting.merged:
        return
    if waiting.branch.startswith("submit/"):
        take_off(bench, waiting.branch, waiting.commit)
    if waiting.pull is not None and bench.forge is not None and not bench.rehearses:
        if text:
            bench.forge.comment(waiting.pull.number, text, mark=DECIDED)
        bench.forge.close(waiting.pull.number)


def moved() -> StateForbids:
    """What is told where others landed first each time."""
    return StateForbids("the registry moved on each time; others are landing too", code="moved", hint="try again")


def decision_files(  # noqa: PLR0913 - all that a decision says, named
    change: Change,
    tip: Tree,
    signer: Signer,
    *,
    action: str,
    reason: str,
    note: str,
    at: int,
    under: Sequence[str] = ("moderators",),
    review: Mapping[str, Any] | None = None,  # Any: JSON
) -> dict[str, bytes]:
    """A signed moderation statement about a submission; `under` are the chains whose key `signer` is.

    `review` is the review in a forge that says so, where the gate signs for it.
    """
    year = from_seconds(at)[:4]
    subject = moderation_subject(change.submission, year)
    folder = layout.moderation_folder(change.submission, year)
    number = 1
    while tip.read(f"{folder}/{number}.json") is not None:
        number += 1
    before = tip.read(f"{folder}/{number - 1}.json")
    value = {
        **frame(
            "registry.moderation/1",
            change.registry,
            subject,
            (number - 1, before) if before else None,
            heads_at(tip, under),
        ),
        "action": action,
        "submission": change.submission,
        "manifests": sorted(prefixed(sha256(one.manifest_bytes)) for one in change.releases if one.manifest_bytes),
        "reason": reason,
        "note": note,
        "at": from_seconds(at),
        **({"review": dict(review)} if review is not None else {}),
    }
    Moderation.of(value)
    return sealed(f"{folder}/{number}.json", value, [signer])
