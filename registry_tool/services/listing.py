"""The queue in rows, quickly: what was looked at before is not looked at again while nothing that it rests on changed.

    branch, commit, pull request ──▶ the row of the last look, where the places that it read are what they were
                                └──▶ else: read, checked, and remembered with the places that it reads

A row is for reading only. Whoever decides about a submission has it read and checked anew, so what is remembered
here can be wrong, stale or somebody else's and lets nothing in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from registry_tool.core.forge import PullRequest
from registry_tool.core.moderation import Mentions, Word, mentions
from registry_tool.core.need import Need
from registry_tool.core.noting import Noting, ids_of
from registry_tool.core.tree import Tree
from registry_tool.services.bench import Bench, Memory, Waiting, tip_of
from registry_tool.services.merged import line_of
from registry_tool.services.needs import manifests_of
from registry_tool.services.queueing import heads_of, merged_ones, place_of, queue, read_waiting, seen_so_far
from registry_tool.services.waitlist import key_of

Json = dict[str, Any]  # Any: JSON
Head = tuple[str, str, PullRequest | None]
"""A branch or ref, its commit, and its pull request."""
Share = Callable[[Sequence[Head], Mentions], Iterable[tuple[str, Json]]]
"""Looks at submissions, perhaps in other processes; gives what `looked` gives, in any order."""

FORMAT: Final = 1
_DECISIONS: Final = "index/moderation"
_TIMED: Final = ("index/waivers", "index/entitlements")
"""What is good until some time; rows that rest on it are looked at again each hour."""
_HOUR: Final = 3600


def rows(bench: Bench, *, share: Share | None = None) -> list[Json]:
    """The rows of the queue, as `Waiting.value` gives them, oldest first; `share` spreads the work."""
    if bench.memory is None:
        return [one.value() for one in queue(bench)]
    return [row for row, _, _ in _listed(bench, bench.memory, share)]


def heads_named(bench: Bench, name: str) -> list[Head]:
    """The submissions whose id, of now or of all that they bring, begins with `name`, by what is remembered."""
    if bench.memory is None:
        return list(heads_of(bench))
    found = _listed(bench, bench.memory, None)
    return [head for row, brought, head in found if head and (row["id"].startswith(name) or brought.startswith(name))]


def _listed(bench: Bench, memory: Memory, share: Share | None) -> list[tuple[Json, str, Head | None]]:
    commit, tip = tip_of(bench.history)
    now = bench.now()
    before = memory.load()
    known: Json = dict(before) if (before.get("format"), before.get("key")) == (FORMAT, memory.key) else {}
    decided = _decisions(tip, known.get("decisions"))
    ground = _Ground(tip, decided, now)
    heads = {_name(head): head for head in heads_of(bench)}
    rows: Mapping[str, Json] = known.get("rows", {})
    good = {name: rows[name] for name in heads if name in rows and ground.holds(rows[name])}
    new = [head for name, head in heads.items() if name not in good]
    good |= dict(share(new, decided) if share is not None else looked(bench, new, decided))
    merged = list(merged_ones(bench, commit, tip, decided, settled=frozenset(known.get("settled", ()))))
    value = {
        "format": FORMAT,
        "key": memory.key,
        "settled": sorted({*line_of(bench, commit)[:-1]} - {one.commit for one in merged}),
        "decisions": [ground.id_of(_DECISIONS), {manifest: sorted(decided[manifest]) for manifest in sorted(decided)}],
        "rows": {name: good[name] for name in sorted(good) if good[name]["places"]},
    }
    if value != before:
        memory.save(value)
    seen = seen_so_far(bench, tip)
    shown = [(good[name], head) for name, head in heads.items() if good[name]["row"] is not None]
    found = [(one["at"], head[0], _row(one, seen, now), str(one["brought"]), head) for one, head in shown]
    every = [*found, *((one.at, one.branch, one.value(), one.brought, None) for one in merged)]
    return [one[2:] for one in sorted(every, key=lambda one: one[:2])]


def _decisions(tip: Tree, known: Sequence[Any] | None) -> Mentions:  # Any: JSON
    """What `mentions` finds; as it was, where nothing was decided since."""
    if known and known[0] == ids_of(tip, [_DECISIONS])[_DECISIONS]:
        return {manifest: frozenset(submissions) for manifest, submissions in known[1].items()}
    return mentions(tip)


def looked(bench: Bench, heads: Sequence[Head], decided: Mentions) -> Iterator[tuple[str, Json]]:
    """Each of these submissions, read and checked: its name among what is remembered, and what that is."""
    commit, tip = tip_of(bench.history)
    # What was decided is asked by submission, so that one decision does not concern all the others.
    years = [f"{_DECISIONS}/{entry.name}" for entry in tip.list(_DECISIONS)]
    ground = _Ground(tip, decided, bench.now())
    for head in heads:
        noting = Noting(tip, passed_over=[_DECISIONS, *years])
        branch, new, pull = head
        one = read_waiting(bench, branch, new, commit, noting, pull=pull, known=decided)
        yield _name(head), _remembered(one, noting, place_of(one, bench, decided) == "queue", ground)


def _remembered(one: Waiting, noting: Noting, waits: bool, ground: "_Ground") -> Json:
    need = one.report.need
    about = [one.change.submission, *manifests_of(one.change)]
    places = {place for place in noting.places if not place.startswith(_DECISIONS)}
    # A recovery waits for what people say and for the clock; what a clone lacks may come without the tip moving.
    again = (need is None and bool(one.waits)) or one.report.verdict == "undecided" or not one.change.edits
    return {
        "at": one.at,
        "row": one.value() if waits else None,
        "need": _need(need) if need is not None else None,
        "key": key_of(one),
        "brought": one.brought,
        "about": about,
        "decided": ground.decided(about),
        "places": {} if again else ids_of(ground.tip, places),
        "hour": ground.hour(places),
    }


class _Ground:
    """The tip that rows rest on; each place is looked up once."""

    def __init__(self, tip: Tree, decided: Mentions, now: int) -> None:
        self.tip = tip
        self._mentions = decided
        self._now = now
        self._ids: dict[str, str] = {}
        self._years = tuple(entry.name for entry in tip.list(_DECISIONS))

    def holds(self, one: Json) -> bool:
        """Whether all that a remembered row rests on is what it was."""
        places: Mapping[str, str] = one["places"]
        if not places or any(self.id_of(place) != was for place, was in places.items()):
            return False
        return (self.hour(places), self.decided(one["about"])) == (one["hour"], one["decided"])

    def hour(self, places: Iterable[str]) -> int:
        """Which hour it is, where that matters."""
        timed = any(place.startswith(_TIMED) and self.id_of(place) for place in places)
        return self._now // _HOUR if timed else 0

    def decided(self, about: Sequence[str]) -> list[str]:
        """Everything that was decided about a submission or one with its manifests, as ids."""
        submissions = {about[0]}.union(*(self._mentions.get(manifest, frozenset()) for manifest in about[1:]))
        paths = [f"{_DECISIONS}/{year}/{one}" for year in self._years for one in sorted(submissions)]
        return [f"{path} {self.id_of(path)}" for path in paths if self.id_of(path)]

    def id_of(self, place: str) -> str:
        """The id of what lies at a place; empty where nothing does."""
        if place not in self._ids:
            self._ids |= ids_of(self.tip, [place])
        return self._ids[place]


def _name(head: Head) -> str:
    """What a remembered row is of: the commit, and all that a pull request adds to it."""
    branch, commit, pull = head
    asked = f" {pull.number} {pull.author.number} {pull.created}" if pull is not None else ""
    return f"{commit} {branch}{asked}"


def _row(one: Json, seen: Mapping[str, int], now: int) -> Json:
    """A remembered row as it is now: only the time went on."""
    row: Json = dict(one["row"])
    if one["need"] is not None:
        need = _needed(one["need"], seen.get(one["key"]))
        row |= {"need": need.value(now), "waits": need.words(now)}
    return row


def _need(need: Need) -> Json:
    return {
        "path": need.path,
        "people": need.people,
        "wait": need.wait,
        "why": list(need.why),
        "flags": [_word(one) for one in need.flags],
        "objections": [_word(one) for one in need.objections],
        "grave": need.grave,
    }


def _word(word: Word) -> Json:
    return {**word.value(), "submission": word.submission}


def _needed(value: Json, since: int | None) -> Need:
    flags, objections = (tuple(Word(**one) for one in value[name]) for name in ("flags", "objections"))
    why = tuple(value["why"])
    return Need(value["path"], value["people"], value["wait"], why, since, flags, objections, grave=value["grave"])
