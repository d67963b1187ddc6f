"""What a release may do: what it asks for, what it needs, what is new, and what it fetches later."""

from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.describe import CARD
from registry_tool.core.findings import Finding
from registry_tool.core.gained import gain_words
from registry_tool.core.grants import mismatches
from registry_tool.core.layout import name_folder
from registry_tool.core.places import place, placed
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check


def permissions(change: Change) -> Iterator[Finding]:
    """A finding for each permission that is unknown, missing, or asked for without need."""
    for candidate in change.releases:
        if candidate.manifest is None or candidate.kind is None:
            continue
        grammar, asked = candidate.kind.grammar, candidate.manifest.permissions
        for finding in grammar.findings(asked, kind=candidate.kind.id):
            yield placed(candidate, finding)
        if candidate.reading is None:
            continue
        for finding in mismatches(candidate.kind, asked, candidate.reading, path=CARD):
            yield placed(candidate, finding)


def gained(change: Change) -> Iterator[Finding]:
    """A finding for each new name, and for each thing that a release may newly do."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        if change.tip.entry(name_folder(candidate.artifact)) is None:
            message = "a new name; nobody has looked at it before"
            hint = "read all of it; policy says how many people do, and how long everybody may object"
            yield Finding("gained", "review", message, place(candidate), hint)
        before = f"compared with {candidate.previous.version}" if candidate.previous else "it is the first to compare"
        for gain in candidate.gained:
            message = f"newly: {gain_words(gain, candidate.kind)} ({before})"
            yield Finding("gained", "review", message, place(candidate), "a person decides whether it may")


def pinned(change: Change) -> Iterator[Finding]:
    """A finding for each thing that is fetched later and not fixed by its digest."""
    for candidate in change.releases:
        known = candidate.previous.spec.get("unpinned") if candidate.previous else None
        known = known if isinstance(known, list) else []
        for thing in candidate.reading.unpinned if candidate.reading else ():
            if thing in known:
                continue  # somebody accepted it already
            message = f"it fetches {quoted(thing)} later, and no digest says what that will be"
            hint = "name its digest in the native file or in `pins`, or let a person decide"
            yield Finding("pinned", "review", message, place(candidate), hint)


CHECKS: Final = (
    Check(
        id="gained",
        number=18,
        title="A person looks at new names and at everything that a release newly may do",
        why="What an update newly may do is what there is to review; the rest was looked at before.",
        level="review",
        run=gained,
        also=(19,),
    ),
    Check(
        id="permissions",
        number=14,
        title="Permissions are known to the kind, and cover what the files show they need",
        why="People decide by what a release asks for; it may not do more than it says.",
        level="fail",
        run=permissions,
    ),
    Check(
        id="pinned",
        number=20,
        title="What is fetched later is fixed by a digest",
        why="What is reviewed today is not what a floating version brings tomorrow.",
        level="review",
        run=pinned,
        waivable=True,
    ),
)
