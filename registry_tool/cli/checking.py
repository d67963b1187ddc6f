"""`check`: what a folder is, or what a submission brings, with the report that reviewers will read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.folders import desk_of, folders_of, said_of, said_options
from registry_tool.cli.founding import scratch_registry
from registry_tool.cli.mending import mend
from registry_tool.cli.reports import FORMATS, render
from registry_tool.core.describe import Described, Said
from registry_tool.core.errors import NotFound, Unreachable, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.manifest import address
from registry_tool.core.published import registry_of
from registry_tool.core.review import Report
from registry_tool.core.tree import Tree
from registry_tool.services.author import Desk, Folder, Prepared, assemble, look
from registry_tool.services.standing_in import StandIns
from registry_tool.wiring import World, open_repository


@click.command(epilog="Example: registry check my-skill")
@click.argument("folders", nargs=-1, metavar="[DIR]...")
@said_options
@click.option("--kind", default="", help="What it is, where the folder does not say it.")
@click.option("--base", metavar="REF", help="Check a submission: the registry's state that it would land on.")
@click.option("--head", metavar="REF", help="Check a submission: its commit.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How the report is written.")
@click.option("--fix", is_flag=True, help="Mend what can be mended without you, after showing it.")
@show.yes_option
@show.dry_run_option
@show.registry_option
@click.option("--demo", is_flag=True, help="The registry may be a demonstration.")
@show.json_option
@click.pass_context
def check(
    ctx: click.Context,
    folders: tuple[str, ...],
    artifact: str,
    version: str,
    author: str,
    permissions: tuple[str, ...],
    kind: str,
    base: str | None,
    head: str | None,
    form: str,
    fix: bool,
    yes: bool,
    dry_run: bool,
    where: str | None,
    demo: bool,
    as_json: bool,
) -> int:
    """Say what a folder is, what it asks for, what to mend, and the exact publish line.

    Needs no account and no key. With --registry it says what that registry's checks will say of the submission;
    with --base and --head it checks a submission in a registry's repository, reading git objects only.
    """
    world = show.world(ctx)
    form = "json" if as_json else form
    if base or head:
        if fix or folders:
            hint = "publish again from the folder; submissions are never changed"
            raise WrongUsage("a submission is checked as it is, without a folder or --fix", hint=hint)
        return check_submission(world, where, base or "main", head or "HEAD", form)
    said = said_of(artifact=artifact, version=version, author=author, permissions=permissions, kind=kind)
    ground = _ground(world, where)
    looked = _look(world, folders, said, ground, demo=demo)
    mended: list[dict[str, Any]] = []  # Any: JSON
    if fix:
        mended = mend(world, looked.read, looked.described, yes=yes, dry_run=dry_run, quiet=form == "json")
        looked = _look(world, folders, said, ground, demo=demo)
    _say(world, looked, form, mended)
    return 0 if looked.verdict in ("pass", "review") else 1


def check_submission(world: World, where: str | None, base: str, head: str, form: str) -> int:
    """Shows the report on a submission; 1 where it fails or cannot be decided."""
    report = submission_report(world, where, base, head)
    click.echo(render(report, form))
    return 1 if report.verdict in ("fail", "undecided") else 0


def submission_report(
    world: World, where: str | None, base: str, head: str, *, opener: tuple[str, int] | None = None
) -> Report:
    """The report on the submission that `head` brings to `base`, read from git objects only.

    `opener` is the forge and the number of the account whose pull request it is, where that is known.
    """
    from registry_tool.cli.deciding import bench_of
    from registry_tool.core.review import unread
    from registry_tool.services.needs import with_need
    from registry_tool.services.queueing import UNREAD, change_between, report_on, seen_so_far, unreadable

    bench = bench_of(world, where)
    found = {name: bench.history.resolve(name) for name in (base, head)}
    for name, commit in found.items():
        if commit is None:
            hint = "give a branch, a tag or the id of a commit; `registry queue list` shows the branches that wait"
            raise NotFound(f"{bench.history.where} has no commit {name!r}", code="no-commit", hint=hint)
    base_commit, head_commit = str(found[base]), str(found[head])
    tip = bench.history.tree(base_commit)
    try:
        report = report_on(bench, change_between(bench, base_commit, head_commit, tip))
        since = seen_so_far(bench, tip).get(report.change.submission)
        return with_need(report, bench.means, since=since, opener=opener)
    except Unreachable as error:
        if error.code not in UNREAD:
            raise
        return Report(unreadable(bench, tip, head_commit), (), (unread(error, "the submission"),))


@dataclass(frozen=True)
class _Ground:
    """What folders are checked against: a registry, or an empty one where everybody is new."""

    where: str | None
    tip: Tree
    desk: Desk


@dataclass(frozen=True)
class _Looked:
    """Folders, what each is, and the report on the submission that they would be."""

    where: str | None
    read: tuple[Folder, ...]
    described: tuple[Described, ...]
    prepared: Prepared | None
    """`None` where a folder cannot be published yet."""

    @property
    def verdict(self) -> str:
        """One word for all of it."""
        return self.prepared.report.verdict if self.prepared else "fail"

    @property
    def reported(self) -> tuple[Finding, ...]:
        """What the report says; without a registry, what is only so because everybody is new there is left out."""
        found = self.prepared.report.findings if self.prepared else ()
        return found if self.where else tuple(one for one in found if one.check != "countersigned-statement")

    def findings(self, number: int) -> tuple[Finding, ...]:
        """Everything that is to be said of one folder, with paths of the folder's files.

        With a registry it is what the registry says, and no more.
        """
        one = self.described[number]
        own = () if self.where and self.prepared else one.findings
        return tuple(dict.fromkeys((*own, *_own(self.reported, one))))


def _ground(world: World, where: str | None) -> _Ground:
    desk = desk_of(world, throwaway=True)
    if where is None:
        return _Ground(None, scratch_registry(world), desk)
    access = open_repository(world, choose_registry(world, Options(where=where), "publish").where)
    access.read_ahead()
    tip = access.history.tree(access.tip)
    # A job in CI has no keys: what would be signed by one that is elsewhere is stood in for.
    keys = StandIns(desk.keys, tip, check=desk.means.check)
    return _Ground(where, tip, replace(desk, keys=keys, means=replace(desk.means, check=keys.check)))


def _look(world: World, folders: tuple[str, ...], said: Said, ground: _Ground, *, demo: bool) -> _Looked:
    read = folders_of(world, folders, said)
    described = tuple(look(one, kinds=world.kinds, registry=registry_of(ground.tip)) for one in read)
    prepared = None
    if all(one.manifest is not None for one in described):
        ready = tuple(
            replace(one, said=replace(one.said, author=one.said.author or its.manifest.author))
            for one, its in zip(read, described, strict=True)
            if its.manifest
        )
        prepared = assemble(ready, tip=ground.tip, desk=ground.desk, demo=demo or ground.where is None)
    return _Looked(ground.where, read, described, prepared)


def _say(world: World, looked: _Looked, form: str, mended: Sequence[dict[str, Any]]) -> None:  # Any: JSON
    report = looked.prepared.report if looked.prepared else None
    if form in ("markdown", "sarif") and report is not None:
        click.echo(render(report, form))
        return
    if form == "github":
        from registry_tool.core.reports.annotations import folder_annotations

        rows = [row for number in range(len(looked.read)) for row in _placed(world, looked, number)]
        undecided = report.undecided if report else ()
        click.echo(folder_annotations(rows, report.verdict if report else "fail", undecided), nl=False)
        return
    value = [_value(looked, number) for number in range(len(looked.read))]
    everything = {
        "folders": value,
        "verdict": looked.verdict,
        "findings": [_row(one) for one in report.findings] if report else [],
        "undecided": list(report.undecided) if report else [],
        "mended": list(mended),
    }
    show.result(
        everything,
        as_json=form == "json",
        text=lambda: "\n\n".join([*map(_look_words, value), *([_verdict_words(looked)] if looked.where else [])]),
    )


def _placed(world: World, looked: _Looked, number: int) -> Iterator[tuple[Finding, str]]:
    """Each finding of a folder with its file as the job's checkout has it; empty for none of its files."""
    folder = looked.read[number]
    root = Path(folder.where)
    for finding in looked.findings(number):
        path = root / finding.path if finding.path in folder.payload or not finding.path else None
        if path is None:
            yield finding, ""
        else:
            yield finding, (path.relative_to(world.cwd) if path.is_relative_to(world.cwd) else path).as_posix()


def _verdict_words(looked: _Looked) -> str:
    words = {
        "pass": "nothing stands against it",
        "review": "a person has to look at what is marked review",
        "fail": "it would refuse this",
        "undecided": "it could not be decided here; look again from a clone that has everything",
    }[looked.verdict]
    undecided = looked.prepared.report.undecided if looked.prepared else ()
    lines = [f"{looked.where} says: {looked.verdict}, {words}.", *(f"  {one}" for one in undecided)]
    return "\n".join([*lines, *_may_be_wrong(looked)])


def _may_be_wrong(looked: _Looked) -> Iterator[str]:
    """What an author whom only checks refuse that can be waived tells a moderator."""
    from registry_tool.checks import all_checks

    wrong = sorted({one.check for one in looked.reported if one.level == "fail"})
    if not wrong or not {check.id for check in all_checks() if check.waivable}.issuperset(wrong):
        return
    yield f"If {' and '.join(wrong)} is wrong here, tell a moderator, who can waive it for exactly these bytes:"
    for one in looked.described:
        if one.manifest is not None:
            yield f"  {one.manifest.artifact}@{one.manifest.version}, {address(one.manifest.to_bytes())}"


def _value(looked: _Looked, number: int) -> dict[str, Any]:
    one, folder = looked.described[number], looked.read[number]
    kind, manifest = one.kind, one.manifest
    asked = [{"permission": name, "words": kind.grammar.explain(name) if kind else None} for name in one.permissions]
    needed = [name for name in one.reading.needs if kind and not kind.grammar.covered(one.permissions, name)]
    return {
        "folder": folder.where,
        "kind": kind.id if kind else None,
        "id": manifest.artifact if manifest else folder.said.artifact or None,
        "version": manifest.version if manifest else None,
        "author": manifest.author if manifest else None,
        "manifest": str(address(manifest.to_bytes())) if manifest and looked.where else None,
        "permissions": asked,
        "needs": list(one.reading.needs),
        "missing": needed,
        "unpinned": list(one.reading.unpinned),
        "findings": [_row(finding) for finding in looked.findings(number)],
        "files": len(one.payload),
        "publish": publish_line(folder, manifest is not None, looked.where),
        "ready": manifest is not None,
    }


def _row(finding: Finding) -> dict[str, Any]:  # Any: JSON
    members = ("check", "level", "message", "path", "line", "hint")
    return {member: getattr(finding, member) for member in members}


def _own(reported: Sequence[Finding], one: Described) -> Iterator[Finding]:
    """What the report says about this release, its name or its scope, and about no other; paths are the folder's."""
    manifest = one.manifest
    names = ("", f"@{manifest.scope}", manifest.artifact, f"{manifest.artifact}@{manifest.version}") if manifest else ()
    for finding in reported:
        about, _, path = finding.path.partition(": ") if finding.path.startswith("@") else ("", "", finding.path)
        if about in names:
            yield replace(finding, path=path)


def publish_line(folder: Folder, ready: bool, where: str | None) -> str:
    """The line that publishes the folder."""
    import shlex

    words = ["registry", "publish", folder.where]
    said = folder.said
    words += ["--id", said.artifact or "@your-scope/your-name"] if said.artifact or not ready else []
    words += ["--version", said.version] if said.version else []
    words += [word for one in said.permissions or () for word in ("--permission", one)]
    words += ["--as", said.author] if said.author else []
    return shlex.join([*words, "--registry", where or "WHERE"])


def _look_words(value: dict[str, Any]) -> str:
    lines = [f"{value['folder']}: {_a(value['kind']) if value['kind'] else 'nothing that is known here'}"]
    if value["id"]:
        lines.append(f"  {value['id']} {value['version'] or '(no version yet)'}, {value['files']} files")
    if value["permissions"]:
        lines.append("  asks for")
        lines += [f"    {one['permission']:<28} {one['words'] or 'unknown'}" for one in value["permissions"]]
    elif value["kind"]:
        lines.append("  asks for nothing")
    if value["missing"]:
        lines.append("  its files need more; --fix writes this into artifact.yaml:")
        every = sorted({one["permission"] for one in value["permissions"]} | set(value["missing"]))
        lines.append("    permissions: [" + ", ".join(f'"{name}"' for name in every) + "]")
    for finding in value["findings"]:
        place = finding["path"].replace("\n", "\\n") + (f":{finding['line']}" if finding["line"] else "")
        lines.append(f"  {finding['level']:<6} {place + ': ' if place else ''}{finding['message']}")
        lines += [f"         {line}" for line in finding["hint"].splitlines()]
    refused = any(finding["level"] == "fail" for finding in value["findings"])
    lines.append(
        ("  publish it with\n    " if value["ready"] and not refused else "  then publish it with\n    ")
        + value["publish"]
    )
    return "\n".join(lines)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
