"""What becomes of releases: a reason that can be counted, and a way on for who has the release."""

from collections.abc import Iterator
from typing import Final

from registry_tool.checks.versions import standing_versions
from registry_tool.core.change import Change, Joined
from registry_tool.core.findings import Finding
from registry_tool.core.reasons import REASONS
from registry_tool.core.review import Check
from registry_tool.core.statements import Event


def lifecycle(change: Change) -> Iterator[Finding]:
    """A finding for each event without a reason of the list or without words, and where a yank leaves nothing."""
    for joined in change.statements:
        event = joined.statement
        if not isinstance(event, Event):
            continue
        if event.reason not in REASONS[event.action]:
            message = f"{event.reason} is no reason to {event.action} something"
            hint = f"one of: {', '.join(REASONS[event.action])}"
            yield Finding("lifecycle", "fail", message, joined.path, hint)
        elif event.reason == "other" and not event.note.strip():
            message = "the reason is in the note, and the note is empty"
            yield Finding("lifecycle", "fail", message, joined.path, 'say it again with --note "…"')
        if event.action == "yank" and joined.located.artifact is not None:
            yield from _leaves_nothing(change, joined)


def _leaves_nothing(change: Change, joined: Joined) -> Iterator[Finding]:
    artifact = joined.located.artifact
    assert artifact is not None  # noqa: S101  # the caller looked
    yanked = {one.located.version for one in change.statements if one.located.artifact == artifact}
    brought = any(candidate.artifact == artifact for candidate in change.releases)
    left = (one for one in standing_versions(change.tip, artifact) if one.folder not in yanked and not one.prerelease)
    if not brought and next(left, None) is None:
        message = f"no version of {artifact} is left that an install would take"
        hint = "publish a version that takes its place, or deprecate it and say in the note what to use instead"
        yield Finding("lifecycle", "warn", message, joined.path, hint)


CHECKS: Final = (
    Check(
        id="lifecycle",
        number=26,
        title="What is said of a release has a reason of the list, and leaves people a way on",
        why="Free text cannot be counted or acted on, and a name without versions breaks whoever needs it.",
        level="fail",
        run=lifecycle,
        tells=("bad-event", "lifts-void", "not-admitted"),
    ),
)
