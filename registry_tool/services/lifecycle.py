"""What becomes of a release after it was published: the signed events, submitted or landed.

What a publisher says goes out as a submission, and lands when a moderator approves it. What a
moderator says takes effect at once. An event is signed for one version of one artifact, on top of
the events that it has, so it can be neither moved to another one nor left out unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry_tool.core import layout
from registry_tool.core.digest import Hex, prefixed
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.published import registry_of
from registry_tool.core.review import review
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import heads_at
from registry_tool.core.statements import Event
from registry_tool.core.submission import submission_id
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import Tree
from registry_tool.services.acts import Act, Deed, acts_of
from registry_tool.services.admitting import verify_landed
from registry_tool.services.author import Desk, change_of
from registry_tool.services.bench import TRIES, Bench, advance, moved, tip_of


@dataclass(frozen=True, slots=True)
class Submission:
    """Events of a publisher, signed and looked at, not yet submitted."""

    id: Hex
    registry: str
    author: str
    files: Mapping[str, bytes]
    acts: tuple[Act, ...]

    @property
    def branch(self) -> str:
        """Where it waits."""
        return f"submit/{self.id[:12]}"


def prepare(tip: Tree, deed: Deed, acts: Sequence[Act], *, desk: Desk) -> Submission:
    """A publisher's events as a submission; `InvalidInput` with everything that would keep it from landing."""
    registry = registry_of(tip)
    files = _files(registry, deed, acts, tip, at=desk.now())
    change = change_of(files, tip=tip, registry=registry, desk=desk)
    report = review(change, desk.checks)
    if report.verdict == "fail":
        faults = tuple(finding for finding in report.findings if finding.level == "fail")
        raise InvalidInput("the registry would refuse this", code="checks-failed", findings=faults)
    return Submission(submission_id(files), registry, acts[0].author, files, tuple(acts))


def land(bench: Bench, deed: Deed) -> dict[str, Any]:  # Any: JSON
    """A moderator's events, landed at once; what was done. Raises what `acts_of` does, and what a landing does."""
    desk = Desk(bench.kinds, bench.checks, bench.means, bench.keys, bench.now)
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        acts = acts_of(tip, deed, desk=desk)
        person = acts[0].person
        if person is None:
            raise NotTrusted("that is a publisher's to sign, and goes out as a submission", code="not-a-moderator")
        at = bench.now()
        registry = registry_of(tip)
        files = _files(registry, deed, acts, tip, at=at)
        verify_landed(change_of(files, tip=tip, registry=registry, desk=desk), tip, {}, at=at, means=bench.means)
        titles = ", ".join(act.words for act in acts)
        message = f"{deed.action.capitalize()} {titles}: {deed.reason}\n"
        new = advance(bench, commit, files, message=message, by=person.id, at=at)
        if new is not None:
            return {**told(deed, acts), "state": "landed", "commit": new, "by": person.id, "registry": registry}
    raise moved()


def told(deed: Deed, acts: Sequence[Act]) -> dict[str, Any]:  # Any: JSON
    """What was signed, for `--json`."""
    return {
        "action": deed.action,
        "reason": deed.reason,
        "note": deed.note,
        "releases": [
            {
                "artifact": act.manifest.artifact,
                "version": act.manifest.version,
                "event": (act.before[0] if act.before else 0) + 1,
                **({"lifts": act.lifted} if act.lifted else {}),
            }
            for act in acts
        ],
    }


def _files(registry: str, deed: Deed, acts: Sequence[Act], tip: Tree, *, at: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    now = from_seconds(at)
    for act in acts:
        if now < act.last:
            raise StateForbids(
                f"this machine's clock says {now}, and the newest word about {act.words} is of {act.last}",
                code="clock-behind",
                hint="set the clock right",
            )
        heads = heads_at(tip, act.subjects)
        value = {
            **frame("registry.event/1", registry, act.words, act.before, heads),
            "action": deed.action,
            "reason": deed.reason,
            "note": deed.note,
            "at": now,
            **({"lifts": prefixed(act.lifts)} if act.lifts else {}),
        }
        Event.of(value)
        folder = layout.version_folder(act.manifest.id, act.manifest.version)
        files.update(sealed(f"{folder}/events/{value['number']}.json", value, [act.signer]))
    return files
