"""Verbs of the operator: `build` turns a repository into a site, `serve` shows it on this machine."""

import gc
from pathlib import Path
from typing import Any

import click

from registry_tool.cli.show import Talk, dry_run_option, json_option, registry_option, result, world
from registry_tool.cli.site_build import Job, build_site
from registry_tool.cli.trust_keys import Given
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.core.limits import COUNTS_BYTES, QUEUE_BYTES
from registry_tool.wiring import World, looks_like_git

DEFAULT_OUT = "site"
DEFAULT_PORT = 8080


@click.command()
@registry_option
@click.option("--out", default=DEFAULT_OUT, show_default=True, metavar="DIR", help="The site's folder.")
@click.option("--since", metavar="SITE", help="Where the last build is served, for a job whose folder is empty.")
@click.option("--fewer", is_flag=True, help="Build also where releases that are served at --since would be gone.")
@click.option("--publishing-key", default="", metavar="ADDRESS", help="The key of the bins: file2:PATH, awskms:…")
@click.option("--timestamp-key", default="", metavar="ADDRESS", help="The key of snapshot and timestamp, likewise.")
@click.option("--unsigned", is_flag=True, help="Make no signed index; clients refuse such a site.")
@click.option("--queue", metavar="FILE", help="What waits, from `registry queue export`: publish it too.")
@click.option("--counts", metavar="FILE", help="Installs, from `registry stats import`: publish them too.")
@click.option("--changes", metavar="FILE", help="Write here what to upload and delete, in which order.")
@json_option
@dry_run_option
@click.pass_context
def build(
    ctx: click.Context,
    where: str | None,
    out: str,
    since: str | None,
    fewer: bool,
    publishing_key: str,
    timestamp_key: str,
    unsigned: bool,
    queue: str | None,
    counts: str | None,
    changes: str | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Turn a registry's repository into a static site, and sign its index.

    Reads what is committed on the branch `main` (else HEAD), never the work tree, and verifies all of
    it as clients do. Writes only what differs, and removes what is gone. The keys of the index are
    files (`registry keys import`), REGISTRY_PUBLISHING_KEY and REGISTRY_TIMESTAMP_KEY, or addresses.

    Example: registry build --registry reg --out site
    """
    here = world(ctx)
    job = Job(
        here=here,
        repository=repository_of(here, where),
        folder=here.path(out),
        since=since,
        given=Given(publishing_key, timestamp_key),
        dry_run=dry_run,
        queue=_given(here, queue, limit=QUEUE_BYTES, hint="registry queue export -o FILE --registry REPO"),
        counts=_given(here, counts, limit=COUNTS_BYTES, hint="registry stats import LOG -o FILE --registry SITE"),
        changes=here.path(changes) if changes else None,
        fewer=fewer,
    )
    collecting = gc.isenabled()
    gc.disable()  # a build makes many values and no circles; looking for circles costs a third of a quick one
    try:
        value = build_site(job, unsigned=unsigned)
    finally:
        if collecting:
            gc.freeze()  # what is left stays until the end, and looking through it takes as long as signing
            gc.enable()
    talk = Talk(quiet=as_json)
    for release in value["left_out"][:20]:
        what = "an admission" if release.startswith("@") else "the signature of a moderator that it needs"
        talk.say(f"{release} lies there without {what}, so it was not published: registry queue list")
    if len(value["left_out"]) > 20:
        talk.say(f"and {len(value['left_out']) - 20} more like it")
    if value["demonstration"]:
        talk.say("this is a demonstration: its keys are published test keys; every page says so")
    for warning in value["warnings"]:
        talk.say(f"mind: {warning}")
    result(value, as_json=as_json, text=lambda: _words(value))


def _given(here: World, named: str | None, *, limit: int, hint: str) -> bytes | None:
    """A file that the build is given beside the repository."""
    if named is None:
        return None
    path = here.path(named)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint=f"make it: {hint}")
    with path.open("rb") as file:
        return file.read(limit + 1)  # one more: who reads it says that it is too large


def _words(value: dict[str, Any]) -> str:  # Any: JSON
    from registry_tool.core.reports.plain import count as counted

    files_ = value["files"]
    would = "would have " if value["dry_run"] else ""
    changed = f"{would}wrote {files_['written']} files" if not would else f"would write {files_['written']} files"
    removed = f", {'would remove' if would else 'removed'} {files_['removed']}" if files_["removed"] else ""
    done = (
        f"nothing changed; all {files_['kept']} files of {value['out']} are right"
        if not files_["written"] and not files_["removed"]
        else f"{changed} to {value['out']}{removed}; {files_['kept']} were right already"
    )
    demo = " --demo" if value["demonstration"] else ""
    add = f"\npeople add it with: registry add {value['url']} --root {value['registry']}{demo}" if value["url"] else ""
    until = min(value["expires"].values(), default="")
    fresh = "made no signed index, so clients refuse this site unless told otherwise\n"
    if until:
        count = len(value["signed"])
        now = f"{'would sign' if value['dry_run'] else 'signed'} {count} files of the index; " if count else ""
        fresh = f"{now}the index is fresh until {until}\n"
    turns = "; ".join(f"{one['what']} ({one['put'] + one['delete']})" for one in value["upload"]["turns"])
    listed = f", as {value['upload']['file']} lists them" if value["upload"]["file"] else ""
    order = f"upload in this order: {turns}{listed}\n" if turns else ""
    return (
        f"{value['name']}: {counted(value['artifacts'], 'artifact')}, {counted(value['releases'], 'release')}; "
        f"{value['verified']} verified now, the others unchanged since the last build\n"
        f"{done}\n{order}{fresh}registry id: {value['registry']}{add}\n"
        f"look at it with: registry serve {value['out']}"
    )


def repository_of(here: World, where: str | None) -> Path:
    """The repository that a build reads, on this machine; `WrongUsage` or `NotFound` for anything else."""
    if where is None:
        found = here.standing_in()
        if found is None:
            raise WrongUsage("this folder is no registry", code="no-registry", hint="name one: --registry REPO")
        return found
    if is_site(where) or is_git_address(where):
        raise WrongUsage(
            f"a build reads a repository on this machine, {where} is an address",
            code="not-local",
            hint="clone it first: git clone --bare ADDRESS reg.git",
        )
    path = here.path(where.removeprefix("file://"))
    if not looks_like_git(path):
        raise NotFound(f"{path} is no git repository", where=str(path), code="not-a-registry")
    return path


@click.command()
@click.argument("folder", metavar="[DIR]", default=DEFAULT_OUT)
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@json_option
@click.pass_context
def serve(ctx: click.Context, folder: str, port: int, as_json: bool) -> None:
    """Serve a built site on this machine, until interrupted.

    Only this machine reaches it. Another build into the same folder is seen at once.

    Example: registry serve site --port 8080
    """
    from registry_tool.stores.webserver import SiteServer

    path = world(ctx).path(folder)
    with SiteServer(path, port) as server:
        result(
            {"url": server.url, "folder": str(path)},
            as_json=as_json,
            text=lambda: f"serving {path} at {server.url} (Ctrl-C ends it)",
        )
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            Talk(quiet=as_json).say("stopped serving")
