"""`report`: what a job writes beside a submission in a forge, so that people read it there."""

import re
from typing import Final

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.core.errors import InvalidInput, NotFound, WrongUsage
from registry_tool.core.forge import Forge, PullRequest, Reported
from registry_tool.core.reports.markdown import span, summary_markdown
from registry_tool.core.reports.plain import Summary, summary
from registry_tool.core.review import Verdict
from registry_tool.wiring import World

MARK: Final = "<!-- registry:report -->"
"""What our comment begins with."""
LABELS: Final[dict[Verdict, str]] = {
    verdict: f"registry:{verdict}" for verdict in ("pass", "review", "fail", "undecided")
}
_TITLES: Final[dict[Verdict, str]] = {
    "pass": "Nothing stands against it",
    "review": "A person has to look",
    "fail": "It cannot be taken in",
    "undecided": "Undecided",
}
_COMMIT: Final = re.compile("[0-9a-f]{40}")


@click.command(epilog='Example: registry report --base main --head "$HEAD" --check registry/gate --registry reg.git')
@click.argument("file", required=False, metavar="[REPORT.json]")
@click.option("--base", metavar="REF", default="", help="Look at the submission, as it would land on this.")
@click.option("--head", metavar="SHA", required=True, help="The submission's commit: 40 hex digits.")
@click.option("--check", default="", metavar="NAME", help="Set this check on the commit too; needs --base.")
@click.option("--comment/--no-comment", default=True, help="Write the comment and the label; that is the default.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def report(
    ctx: click.Context,
    file: str | None,
    base: str,
    head: str,
    check: str,
    comment: bool,
    where: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write the report on a submission into its pull request.

    One comment, which is updated, and a label. Pull requests are found by the commit. With --base the submission is
    read from git objects; a REPORT.json of the pull request's own run is shown, and decides nothing.
    """
    world = show.world(ctx)
    if (file is None) == (not base):
        hint = "give --base to look at the submission, or the file that `registry check --format json` wrote"
        raise WrongUsage("expected either --base or a report", hint=hint)
    if check and file is not None:
        hint = "give --base instead: a check is set from what was looked at here"
        raise WrongUsage("what the pull request's own run says sets no check", hint=hint)
    if not _COMMIT.fullmatch(head):
        raise WrongUsage("--head is the whole id of a commit: 40 hex digits", hint="see: git rev-parse REF")
    place = choose_registry(world, Options(where=where), "publish").where
    read = _read(world, file) if file is not None else None
    forge = world.forge(place)
    if forge is None:
        hint = "set GITHUB_REPOSITORY, or name the registry by its address in the forge"
        raise NotFound(f"{place} is on no forge that is known", code="no-forge", hint=hint)
    pulls = [one for one in forge.pull_requests_of(head) if one.opened] if comment else []
    opener = (forge.name, pulls[0].author.number) if pulls else None
    view = read if read is not None else _look(world, place, base, head, opener)
    text = f"{summary_markdown(view, foreign=file is not None)}\n{_foot(head, ours=file is None)}"
    if not dry_run:
        _write(forge, head, Reported(view.verdict, _TITLES[view.verdict], text), pulls, check)
    value = {
        "submission": view.submission,
        "verdict": view.verdict,
        "head": head,
        "pull_requests": [one.number for one in pulls],
        "check": check or None,
        "dry_run": dry_run,
    }
    show.result(value, as_json=as_json, text=lambda: _words(view, head, pulls, check, dry_run=dry_run, comment=comment))


def _look(world: World, place: str, base: str, head: str, opener: tuple[str, int] | None) -> Summary:
    from registry_tool.cli.checking import submission_report

    return summary(submission_report(world, place, base, head, opener=opener))


def _read(world: World, named: str) -> Summary:
    from registry_tool.core.reports.reading import REPORT_BYTES, read_report

    path = world.path(named)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="`registry check --format json` writes one")
    with path.open("rb") as file:
        data = file.read(REPORT_BYTES + 1)  # one more: who reads it says that it is too large
    try:
        return read_report(data)
    except InvalidInput as error:
        raise InvalidInput(
            error.message, where=str(path), code=error.code, hint=error.hint, findings=error.findings
        ) from error


def _foot(head: str, *, ours: bool) -> str:
    of = f"Of the commit {span(head[:12])}."
    return of if ours else f"{of} The pull request's own run says so; nothing is decided by it."


def _write(forge: Forge, head: str, reported: Reported, pulls: list[PullRequest], check: str) -> None:
    """The check first: it is what others wait for."""
    if check:
        forge.check(head, check, reported)
    label = LABELS[reported.verdict]
    for pull in pulls:
        forge.comment(pull.number, reported.text, mark=MARK)
        forge.labels(pull.number, add=[label], remove=sorted(set(LABELS.values()) - {label}))


def _words(view: Summary, head: str, pulls: list[PullRequest], check: str, *, dry_run: bool, comment: bool) -> str:
    lines = [f"{view.submission[:12]}: {view.verdict}"]
    wrote = "Would write" if dry_run else "Wrote"
    lines += [f"{wrote} the report to {one.url}" for one in pulls]
    if check:
        lines.append(f"{'Would set' if dry_run else 'Set'} the check {check} of {head[:12]}")
    if comment and not pulls:
        lines.append(f"No open pull request has the commit {head[:12]}: something newer was pushed, or it is closed.")
    return "\n".join(lines)
