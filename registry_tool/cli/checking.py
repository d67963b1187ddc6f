"""`check`: what a folder is, or what a submission brings, with the report that reviewers will read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.folders import desk_of, folders_of, said_of, said_options
from registry_tool.cli.founding import scratch_registry
from registry_tool.cli.reports import FORMATS, render
from registry_tool.core.describe import Described
from registry_tool.core.errors import NotFound
from registry_tool.core.findings import Finding
from registry_tool.core.published import registry_of
from registry_tool.services.author import Folder, assemble, look
from registry_tool.wiring import World, open_repository


@click.command(epilog="Example: registry check my-skill")
@click.argument("folders", nargs=-1, metavar="[DIR]...")
@said_options
@click.option("--kind", default="", help="What it is, where the folder does not say it.")
@click.option("--base", metavar="REF", help="Check a submission: the registry's state that it would land on.")
@click.option("--head", metavar="REF", help="Check a submission: its commit.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How the report is written.")
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
    where: str | None,
    demo: bool,
    as_json: bool,
) -> int:
    """Say what a folder is, what it asks for, what to mend, and the exact publish line.

    Needs no account and writes nothing. With --base and --head it checks a submission in a registry's
    repository, reading git objects only.
    """
    world = show.world(ctx)
    form = "json" if as_json else form
    if base or head:
        return check_submission(world, where, base or "main", head or "HEAD", form)
    said = said_of(artifact=artifact, version=version, author=author, permissions=permissions, kind=kind)
    desk = desk_of(world, throwaway=True)
    read = folders_of(world, folders, said)
    access = open_repository(world, choose_registry(world, Options(where=where), "publish").where) if where else None
    if access:
        access.read_ahead()
    tip = access.history.tree(access.tip) if access else scratch_registry(world)
    looked = tuple(look(one, kinds=world.kinds, registry=registry_of(tip)) for one in read)
    faulty = any(one.manifest is None for one in looked)
    ready = tuple(
        replace(one, said=replace(one.said, author=one.said.author or described.manifest.author))
        for one, described in zip(read, looked, strict=True)
        if described.manifest
    )
    prepared = None if faulty else assemble(ready, tip=tip, desk=desk, demo=demo or access is None)
    if form in ("markdown", "sarif") and prepared is not None:
        click.echo(render(prepared.report, form))
    else:
        reported = tuple(
            # By itself a folder is checked against an empty registry, where everybody is new.
            finding
            for finding in (prepared.report.findings if prepared else ())
            if access or finding.check != "countersigned-statement"
        )
        value = [_looked(one, folder, reported, where) for one, folder in zip(looked, read, strict=True)]
        show.result(
            {"folders": value, "verdict": prepared.report.verdict if prepared else "fail"},
            as_json=form == "json",
            text=lambda: "\n\n".join(map(_look_words, value)),
        )
    return 0 if prepared is not None and prepared.report.verdict != "fail" else 1


def check_submission(world: World, where: str | None, base: str, head: str, form: str) -> int:
    """The report on a submission; 1 where it fails or cannot be decided."""
    from registry_tool.cli.deciding import bench_of
    from registry_tool.core.review import review
    from registry_tool.services.moderator import change_between

    bench = bench_of(world, where)
    found = {name: bench.history.resolve(name) for name in (base, head)}
    for name, commit in found.items():
        if commit is None:
            hint = "give a branch, a tag or the id of a commit; `registry queue list` shows the branches that wait"
            raise NotFound(f"{bench.history.where} has no commit {name!r}", code="no-commit", hint=hint)
    base_commit, head_commit = str(found[base]), str(found[head])
    change = change_between(bench, base_commit, head_commit, bench.history.tree(base_commit))
    report = review(change, bench.checks)
    click.echo(render(report, form))
    return 1 if report.verdict in ("fail", "undecided") else 0


def _looked(one: Described, folder: Folder, reported: Sequence[Finding], where: str | None) -> dict[str, Any]:
    kind, manifest = one.kind, one.manifest
    asked = [{"permission": name, "words": kind.grammar.explain(name) if kind else None} for name in one.permissions]
    findings = [*one.findings, *_own(reported, f"{manifest.artifact}@{manifest.version}" if manifest else "")]
    needed = [name for name in one.reading.needs if kind and not kind.grammar.covered(one.permissions, name)]
    return {
        "folder": folder.where,
        "kind": kind.id if kind else None,
        "id": manifest.artifact if manifest else folder.said.artifact or None,
        "version": manifest.version if manifest else None,
        "author": manifest.author if manifest else None,
        "permissions": asked,
        "needs": list(one.reading.needs),
        "missing": needed,
        "unpinned": list(one.reading.unpinned),
        "findings": [
            {"check": f.check, "level": f.level, "message": f.message, "path": f.path, "line": f.line, "hint": f.hint}
            for f in dict.fromkeys(findings)
        ],
        "files": len(one.payload),
        "publish": publish_line(folder, manifest is not None, where),
        "ready": manifest is not None,
    }


def _own(reported: Sequence[Finding], release: str) -> Iterator[Finding]:
    """What the report says about this release, and about no other; paths are the folder's."""
    for finding in reported:
        about, _, path = finding.path.partition(": ") if finding.path.startswith("@") else ("", "", finding.path)
        if about in ("", release):
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
        lines.append("  its files need more; paste this into artifact.yaml:")
        every = sorted({one["permission"] for one in value["permissions"]} | set(value["missing"]))
        lines.append("    permissions: [" + ", ".join(f'"{name}"' for name in every) + "]")
    for finding in value["findings"]:
        place = finding["path"].replace("\n", "\\n") + (f":{finding['line']}" if finding["line"] else "")
        lines.append(f"  {finding['level']:<6} {place + ': ' if place else ''}{finding['message']}")
        if finding["hint"]:
            lines.append(f"         {finding['hint']}")
    refused = any(finding["level"] == "fail" for finding in value["findings"])
    lines.append(
        ("  publish it with\n    " if value["ready"] and not refused else "  then publish it with\n    ")
        + value["publish"]
    )
    return "\n".join(lines)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
