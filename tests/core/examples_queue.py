"""The rules of the queue as a file, and of the list of what waits."""

from tests.core.examples import ABSENT, DIGEST, HEX, TIME, Example

QUEUE, WAITLIST = "registry.queue-1", "registry.waitlist-1"
_FORM = "has not the form it needs"


def of_queues() -> tuple[Example, ...]:
    """`registry.queue/1` and `registry.waitlist/1`."""
    row, flagged = ("waiting", 0), ("waiting", 2, "flags", 0)
    seen, decided = ("waiting", 0), ("decided", 0)
    return (
        Example(QUEUE, ("as_of",), "it is of a time", TIME, "now", _FORM),
        Example(QUEUE, (*row, "id"), "a submission has its id", HEX, DIGEST, _FORM),
        Example(QUEUE, (*row, "state"), "it waits in one of four ways", "merged", "published", "state"),
        Example(QUEUE, (*row, "since"), "it waits since a time", TIME, ABSENT, "since: is missing"),
        Example(QUEUE, (*row, "age_seconds"), "an age is not before its time", 0, -1, "age_seconds"),
        Example(QUEUE, (*row, "author"), "an author that is not known is absent", ABSENT, "", "author"),
        Example(QUEUE, (*row, "verdict"), "the checks say one word", "pass", "good", "verdict"),
        Example(QUEUE, (*row, "need"), "a need is not long", "x" * 4000, "x" * 4001, "need"),
        Example(QUEUE, (*row, "statements"), "a statement is told in a line", ["x" * 280], ["x" * 281], "statements"),
        Example(QUEUE, (*row, "releases", 0, "category"), "an unknown tab is absent", ABSENT, "../x", "category"),
        Example(QUEUE, (*row, "releases", 0, "kind"), "a kind is a word", "poem", "Poem", "kind"),
        Example(QUEUE, (*flagged, "by"), "a flag is somebody's", "bea", "", "by"),
        Example(QUEUE, (*flagged, "reason"), "a flag has a reason", "other", "Other", "reason"),
        Example(QUEUE, ("statistics", "decided"), "of nothing there is no median", {"count": 0}, {}, "count"),
        Example(QUEUE, ("statistics", "published"), "how many came to what is a number", 0, ABSENT, "published"),
        Example(WAITLIST, ("as_of",), "it was written at a time", TIME, ABSENT, "as_of: is missing"),
        Example(WAITLIST, (*seen, "seen"), "it says since when", TIME, "2026", _FORM),
        Example(WAITLIST, (*seen, "releases", 0, "manifest"), "a manifest is bare hex here", HEX, DIGEST, _FORM),
        Example(WAITLIST, (*seen, "statements", 0, "path"), "a statement has a path", "index/x", "", "path"),
        Example(WAITLIST, (*decided, "outcome"), "there are three outcomes", "withdrawn", "flagged", "outcome"),
        Example(WAITLIST, (*decided, "titles"), "few titles are kept", ["x"] * 20, ["x"] * 21, "titles"),
    )
