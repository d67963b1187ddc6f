"""What the verbs write into the audit log: begun, how it ended, and what was refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.show import plain
from registry_tool.core.errors import Interrupted, NotTrusted, RegistryError
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.auditing import Event, Outcome

_NAMED = re.compile(r"(@[a-z0-9-]+/[a-z0-9_-]+)(?:@([0-9][0-9A-Za-z.+-]*))?")

Record = Mapping[str, Any]  # Any: JSON, what an install notes in its receipt


def note(
    here: World, root: Path, record: Record, event: "Event", outcome: "Outcome", *, how: str = "", code: str = ""
) -> None:
    """Adds a line about a release that is or was installed in `root`; `StateForbids` (`no-audit-log`).

    `record` is what its receipt has under `record`; `how` says what confines a start.
    """
    from registry_tool.core.auditing import audited, of_record
    from registry_tool.core.times import from_seconds

    release = of_record(record, here.kinds)
    here.audit.note(audited(from_seconds(here.now()), event, outcome, where=str(root), how=how, code=code, **release))


@contextmanager
def noted(here: World, root: Path, record: Record, event: "Event", *, how: str = "") -> Iterator[None]:
    """Notes that something begins, and after it that it is done, or failed and why."""
    note(here, root, record, event, "begun", how=how)
    try:
        yield
    except RegistryError as error:
        note(here, root, record, event, "failed", how=how, code=error.code)
        raise
    except BaseException:
        note(here, root, record, event, "failed", how=how, code="stopped")
        raise
    note(here, root, record, event, "done", how=how)


@contextmanager
def uninstalling(here: World, root: Path, artifact: str, *, dry_run: bool = False) -> Iterator[None]:
    """The same for what is taken away from `root`; nothing on a dry run, or where it is not installed."""
    from registry_tool.services.project import installed

    receipt = None if dry_run else installed(here.target(root)).get(artifact)
    if receipt is None:
        yield
        return
    with noted(here, root, receipt["record"], "uninstall"):
        yield


@contextmanager
def refusals(
    here: World, root: Path, verb: str, asked: Sequence[str] = (), *, record: Record | None = None
) -> Iterator[None]:
    """Notes what is refused inside as not trusted, by a settings file, or by the person.

    `asked` are the names (with their versions, where they were said) that the line is about where the message names
    none; `record` is what is known of something installed. `verb` is what was refused.
    """
    try:
        yield
    except RegistryError as error:
        if isinstance(error, NotTrusted | Interrupted) or error.code in _REFUSALS:
            _refused(here, root, verb, asked, record, error)
        raise
    except (click.exceptions.Abort, KeyboardInterrupt):
        _refused(here, root, verb, asked, record, Interrupted("stopped by the person"))
        raise


_REFUSALS = ("needs-answer", "never-unconfined", "no-sandbox", "unconfined")
"""Refusals by what the person said or did not say, or by what this machine cannot confine."""


def _refused(
    here: World, root: Path, verb: str, asked: Sequence[str], record: Record | None, error: RegistryError
) -> None:
    from registry_tool.core.auditing import audited, of_record
    from registry_tool.core.times import from_seconds

    named = _NAMED.search(error.message)
    about = [named[0]] if named and not record else list(asked) or [""]
    known = of_record(record, here.kinds) if record else {}
    try:
        for text in about:
            found = _NAMED.fullmatch(text)
            which = known or {"artifact": found[1] if found else "", "version": (found[2] if found else "") or ""}
            said = {"where": str(root), "how": verb, "code": error.code, "message": error.message}
            here.audit.note(audited(from_seconds(here.now()), "refuse", "refused", **which, **said))
    except RegistryError as fault:  # why it was refused matters more to whoever reads the error
        click.echo(plain(f"This refusal is not in the audit log: {fault}"), err=True)
