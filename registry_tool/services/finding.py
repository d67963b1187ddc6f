"""Which submission somebody means, read and checked anew whatever is remembered of it."""

from collections.abc import Iterator
from dataclasses import replace

from registry_tool.core.errors import NotFound
from registry_tool.core.moderation import mentions
from registry_tool.core.names import parse_wanted
from registry_tool.services.bench import BRANCH, Bench, Waiting, tip_of
from registry_tool.services.listing import heads_named
from registry_tool.services.merged import merged_release
from registry_tool.services.queueing import judged, merged_ones, place_of, read_waiting, report_on, seen_so_far


def find(bench: Bench, name: str) -> Waiting:
    """The submission that `name` means: the beginning of its id, or `@scope/name@version` of what was merged by hand.

    `NotFound` where none does. The id is of what the submission brings, never the name of its branch: whoever may
    push there could put something else in its place after it was read.
    """
    if name.startswith("@"):
        return _merged_by_name(bench, name)
    found = list(_named(bench, name)) if name else []
    if not found and name and bench.memory is not None:
        found = list(_named(replace(bench, memory=None), name))  # what is remembered may be wrong
    # The same bytes on a branch and as a pull request are one submission.
    if len({one.change.submission for one in found}) != 1:
        what = "several submissions begin" if found else "no submission begins"
        raise NotFound(f"{what} with {name!r}", code="no-submission", hint="`registry queue list` shows what waits")
    return max(found, key=lambda one: one.pull is not None)


def _named(bench: Bench, name: str) -> Iterator[Waiting]:
    """Everything that waits with such an id, read anew."""
    commit, tip = tip_of(bench.history)
    known, seen = mentions(tip), seen_so_far(bench, tip)
    read = (
        read_waiting(bench, branch, head, commit, tip, pull=pull, seen=seen, known=known)
        for branch, head, pull in heads_named(bench, name)
    )
    waiting = [one for one in read if place_of(one, bench, known) == "queue"]
    for one in (*waiting, *merged_ones(bench, commit, tip, known)):
        if one.change.submission.startswith(name) or one.brought.startswith(name):
            yield one


def _merged_by_name(bench: Bench, name: str) -> Waiting:
    commit, tip = tip_of(bench.history)
    wanted = parse_wanted(name)
    change = merged_release(bench, tip, wanted.artifact, wanted.version) if wanted.version is not None else None
    if change is None:
        raise NotFound(
            f"{name} is not on the main line without an approval",
            code="no-submission",
            hint="`registry queue list` shows what waits, with ids",
        )
    at = bench.history.info(commit).at
    return judged(Waiting(BRANCH, commit, at, change, report_on(bench, change), merged=True), bench)
