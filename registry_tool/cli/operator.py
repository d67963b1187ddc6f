"""Verbs of the operator: `build` turns a repository into a site, `serve` shows it on this machine."""

import gc
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.show import Talk, dry_run_option, json_option, registry_option, result, world
from registry_tool.cli.trust_keys import Given
from registry_tool.core import layout
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, WrongUsage
from registry_tool.core.limits import QUEUE_BYTES
from registry_tool.wiring import BRANCH, World, looks_like_git

if TYPE_CHECKING:
    from registry_tool.core.payload import Files
    from registry_tool.services.built import Build
    from registry_tool.services.trusting import Trust
    from registry_tool.signing.tuf.index import Jobs, SignedIndex
    from registry_tool.stores.buildstate import BuildState

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
    given, waits = Given(publishing_key, timestamp_key), _queue(here, queue)
    job = _Job(here, _repository(here, where), here.path(out), since, given, dry_run, waits, fewer)
    collecting = gc.isenabled()
    gc.disable()  # a build makes many values and no circles; looking for circles costs a third of a quick one
    try:
        value = _build(job, unsigned=unsigned)
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


@dataclass(frozen=True, slots=True)
class _Job:
    """One build, as it was asked for."""

    here: World
    repository: Path
    folder: Path
    since: str | None
    given: Given
    dry_run: bool
    queue: bytes | None
    """What waits, as it lies in its file."""
    fewer: bool
    """Whether it may lack releases that are served at `since`."""


def _queue(here: World, named: str | None) -> bytes | None:
    if named is None:
        return None
    path = here.path(named)
    if not path.is_file():
        raise NotFound(
            f"there is no file {path}", code="no-file", hint="make it: registry queue export -o FILE --registry REPO"
        )
    with path.open("rb") as file:
        return file.read(QUEUE_BYTES + 1)  # one more: who reads it says that it is too large


def _key(queue: bytes | None) -> str:
    """What the last build remembers of a queue: the next one looks whether it is the same."""
    return "" if queue is None else hashlib.sha256(queue).hexdigest()


def _build(job: _Job, *, unsigned: bool) -> dict[str, Any]:  # Any: JSON
    from registry_tool.site.templates import template_folder
    from registry_tool.stores.buildstate import BuildState, site_of, tool_key
    from registry_tool.stores.output import is_right

    state = BuildState(job.repository)
    remembered = state.load()
    key = tool_key((Path(str(files("registry_tool"))), template_folder()))
    said = {**remembered.get("said", {}), "out": str(job.folder), "dry_run": job.dry_run}
    index = remembered.get("index", {})
    tip = state.tip(BRANCH)
    same = tip is not None and (remembered.get("key"), remembered.get("commit")) == (key, tip)
    same = same and remembered.get("queue", "") == _key(job.queue)
    if same and (index.get("out"), bool(index.get("files"))) == (str(job.folder), not unsigned):
        site = site_of(remembered) | index["files"]
        due = index["until"] <= job.here.now() if index["files"] else False
        if not due and is_right(job.folder, site, index["stayed"]):
            # Most builds of a timer end here, without the libraries that verify.
            counts = {"written": 0, "kept": len(site), "removed": 0, "bytes": 0}
            return {**said, **index["said"], "signed": [], "verified": 0, "files": counts}
    return _build_anew(job, state, remembered, key, unsigned=unsigned)


def _build_anew(
    job: _Job,
    state: "BuildState",
    remembered: "Mapping[str, Any]",  # Any: JSON
    key: str,
    *,
    unsigned: bool,
) -> dict[str, Any]:  # Any: JSON
    from registry_tool.cli import site_index
    from registry_tool.cli.building import build_of
    from registry_tool.stores.output import write_site
    from registry_tool.stores.workers import cores

    here = job.here
    jobs = None if unsigned else _keys_of(job)
    built = build_of(here, job.repository, key=key, remembered=remembered, queue=job.queue)
    made, until, under = list(built.made), 0, ""
    signed: list[str] = []
    said: dict[str, Any] = {"expires": {}, "warnings": []}  # Any: JSON
    if jobs is not None:
        trust = _trust(job, built.commit)
        under = site_index.authority_of(trust).digest
        index = _index(job, trust, built, jobs, remembered.get("index", {}))
        made += site_index.as_made(index.files)
        signed, until = list(index.signed), site_index.sign_until(trust, index.expires)
        fresh = site_index.freshness_of(here, trust, index.expires)
        said = {"expires": dict(fresh.expires), "warnings": list(fresh.warnings(here.now()))}
    counts = write_site(job.folder, made, dry_run=job.dry_run, processes=cores() if built.kept else 1)
    beside = {"out": str(job.folder), "files": counts.signed if jobs else {}, "stayed": list(counts.stayed)}
    remember = {
        **built.remember,
        "queue": _key(job.queue),
        "index": {**beside, "under": under, "until": until, "said": said},
    }
    if not job.dry_run and remember != remembered:
        state.save(remember)
    return {
        **built.remember["said"],
        **said,
        "out": str(job.folder),
        "dry_run": job.dry_run,
        "signed": signed,
        "verified": built.verified,
        "files": {
            "written": counts.written,
            "kept": counts.kept,
            "removed": counts.removed,
            "bytes": counts.bytes_written,
        },
    }


def _index(
    job: _Job,
    trust: "Trust",
    built: "Build",
    jobs: "Jobs",
    before: "Mapping[str, Any]",  # Any: JSON
) -> "SignedIndex":
    """The index of a build; `before` is what the last one remembers of its own."""
    from registry_tool.cli import site_index
    from registry_tool.cli.floor import demand_no_less
    from registry_tool.signing.tuf.index import Memory
    from registry_tool.stores.output import read_right

    known: Mapping[str, str] = before.get("files", {})
    jobs = replace(jobs, memory=Memory(before.get("under", ""), frozenset(known.values())))
    previous: Files = {}
    if job.since is None and before.get("out") == str(job.folder):
        previous = read_right(job.folder, known)
    if layout.TIMESTAMP not in previous:  # it is another one than is remembered: somebody signed since
        previous = site_index.shown_by(job.here, trust, job.since or job.folder)
    if job.since is not None and not job.fewer:
        demand_no_less(job.here, trust, job.since, previous, built)
    return site_index.index_of(job.here, trust, built, jobs, previous, job.folder)


def _trust(job: _Job, commit: str) -> "Trust":
    from registry_tool.services.trusting import trust_at

    return trust_at(job.here.history(job.repository).tree(commit), check=job.here.check)


def _keys_of(job: _Job) -> "Jobs":
    """The keys that the index takes, before anything else is done."""
    from registry_tool.cli import site_index
    from registry_tool.cli.building import build_of, head_of

    try:
        trust = _trust(job, head_of(job.here.history(job.repository)))
    except (InvalidInput, NotTrusted):
        build_of(job.here, job.repository)  # where the main line did more than add, that is what is said
        raise
    return site_index.ready(job.here, trust, job.given)


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
    return (
        f"{value['name']}: {counted(value['artifacts'], 'artifact')}, {counted(value['releases'], 'release')}; "
        f"{value['verified']} verified now, the others unchanged since the last build\n"
        f"{done}\n{fresh}registry id: {value['registry']}{add}\n"
        f"look at it with: registry serve {value['out']}"
    )


def _repository(here: World, where: str | None) -> Path:
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
