"""What every verb shares: options, the world, and how results are shown."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from registry_tool.wiring import World, real_world

# Control characters but tab and line feed (UTS 55, part 5.1: and whatever changes the order of letters).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# GitHub's runner: `##[add-mask]x` anywhere in a line, `::add-mask::x` where one begins.
_COMMAND = re.compile(r"##(?=\[)|^\s*:(?=:)", re.MULTILINE)

F = TypeVar("F", bound=Callable[..., Any])


def world(ctx: click.Context) -> World:
    """The world that the verb runs in: the real one, or the one that a test gave as `obj`."""
    found = ctx.find_object(World)
    return found if found is not None else real_world()


def plain(text: str) -> str:
    """`text` without what moves a terminal's cursor, colours it or turns letters around; those are written as escapes.

    Line breaks and tabs stay. Paths and titles are other people's words. What a job's runner would obey is taken apart.
    """
    shown = _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
    return _COMMAND.sub(r"\g<0> ", shown)


def json_line(value: Any) -> str:  # Any: JSON
    """`value` as JSON in one line, in which nothing is a command to a job's runner either."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False).replace("##[", "#\\u0023[")


def result(value: Any, *, as_json: bool, text: Callable[[], str]) -> None:  # Any: JSON
    """Shows a verb's result on stdout: one stable JSON value for scripts, or words."""
    if as_json:
        click.echo(json_line(value))
        return
    words = text()
    if words:
        click.echo(plain(words))


class Talk:
    """A `Reporter` that talks on stderr, where a person is there to read it."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def say(self, text: str) -> None:
        """One sentence."""
        if not self._quiet:
            click.echo(plain(text), err=True)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of words.")(function)


def dry_run_option(function: F) -> F:
    """`--dry-run`."""
    return click.option("--dry-run", is_flag=True, help="Do everything but write.")(function)


def registry_option(function: F) -> F:
    """`--registry WHERE`."""
    return click.option(
        "--registry",
        "where",
        metavar="WHERE",
        help="A path, a git address, or a site; `registry remote list` names yours.",
    )(function)


def yes_option(function: F) -> F:
    """`--yes`."""
    return click.option("--yes", is_flag=True, help="Ask nothing. It never accepts a registry that is not known.")(
        function
    )


def project_option(function: F) -> F:
    """`--project DIR`."""
    return click.option("--project", metavar="DIR", help="The project's folder; default: this one.")(function)


def ask(world: World, question: str, *, flag: str, yes: bool) -> None:
    """Asks the person to go on; `WrongUsage` naming `flag` where nobody can be asked."""
    from registry_tool.core.errors import Interrupted, WrongUsage

    if yes:
        return
    if not world.terminal:
        raise WrongUsage(f"{question} There is no terminal to ask on", code="needs-answer", hint=f"add {flag}")
    if not click.confirm(question, err=True):
        raise Interrupted("stopped on your word; nothing was written")
