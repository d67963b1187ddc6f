"""Verbs of the operator: `build` turns a repository into a site, `serve` shows it on this machine."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.show import Talk, dry_run_option, json_option, registry_option, result, world
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.wiring import BRANCH, World, is_git_address, is_site, looks_like_git

if TYPE_CHECKING:
    from registry_tool.core.names import ArtifactId
    from registry_tool.services.built import Prepared
    from registry_tool.stores.buildstate import BuildState

DEFAULT_OUT = "site"
DEFAULT_PORT = 8080


@click.command()
@registry_option
@click.option("--out", default=DEFAULT_OUT, show_default=True, metavar="DIR", help="The site's folder.")
@json_option
@dry_run_option
@click.pass_context
def build(ctx: click.Context, where: str | None, out: str, as_json: bool, dry_run: bool) -> None:
    """Turn a registry's repository into a static site.

    Reads what is committed on the branch `main` (else HEAD), never the work tree, and verifies all of
    it as clients do. Writes only what differs, and removes what is gone.

    Example: registry build --registry reg --out site
    """
    here = world(ctx)
    repository = _repository(here, where)
    folder = here.path(out)
    collecting = gc.isenabled()
    gc.disable()  # a build makes many values and no circles; looking for circles costs a third of a quick one
    try:
        value = _build(here, repository, folder, dry_run=dry_run)
    finally:
        if collecting:
            gc.enable()
    talk = Talk(quiet=as_json)
    for release in value["left_out"][:20]:
        talk.say(f"{release} lies there without an admission, so it was not published")
    if len(value["left_out"]) > 20:
        talk.say(f"and {len(value['left_out']) - 20} more like it")
    if value["demonstration"]:
        talk.say("this is a demonstration: its keys are published test keys; every page says so")
    result(value, as_json=as_json, text=lambda: _words(value))


def _build(here: World, repository: Path, folder: Path, *, dry_run: bool) -> dict[str, Any]:  # Any: JSON
    from registry_tool.site.templates import template_folder
    from registry_tool.stores.buildstate import BuildState, site_of, tool_key
    from registry_tool.stores.output import is_right

    state = BuildState(repository)
    remembered = state.load()
    key = tool_key((Path(str(files("registry_tool"))), template_folder()))
    said = {**remembered.get("said", {}), "out": str(folder), "dry_run": dry_run}
    tip = state.tip(BRANCH)
    if tip is not None and (remembered.get("key"), remembered.get("commit")) == (key, tip):
        site = site_of(remembered)
        if is_right(folder, site):  # most builds of a timer end here, without the libraries that verify
            return {**said, "verified": 0, "files": {"written": 0, "kept": len(site), "removed": 0, "bytes": 0}}
    return _build_anew(here, repository, folder, state, remembered, key, dry_run=dry_run)


def _build_anew(
    here: World,
    repository: Path,
    folder: Path,
    state: "BuildState",
    remembered: "Mapping[str, Any]",  # Any: JSON
    key: str,
    *,
    dry_run: bool,
) -> dict[str, Any]:  # Any: JSON
    from registry_tool.core.index import Feeds
    from registry_tool.feeds.catalogue import catalogue
    from registry_tool.feeds.ggui import gadget_bundles
    from registry_tool.feeds.objects import objects, tables
    from registry_tool.services import publisher
    from registry_tool.site.gallery import item_page, pages
    from registry_tool.stores.output import write_site
    from registry_tool.stores.workers import cores, shared

    history = here.history(repository)
    head = history.resolve(BRANCH) or history.resolve("HEAD")
    if head is None:
        raise NotFound(
            f"{repository} has no commit yet", code="not-a-registry", hint="make a registry with `registry init DIR`"
        )
    feeds = Feeds((objects, gadget_bundles, item_page), (tables, catalogue, pages))

    def prepared(artifacts: "Sequence[ArtifactId]") -> "Iterator[Prepared]":
        # Its own handles on the repository: two processes that share one would move each other's place in a file.
        own = here.history(repository)
        return publisher.prepare(own, head, artifacts, kinds=here.kinds, means=here.means, feeds=feeds)

    built = publisher.build(
        history,
        head,
        kinds=here.kinds,
        means=here.means,
        feeds=feeds,
        spread=lambda artifacts: shared(prepared, artifacts, group=lambda one: one.scope, processes=cores()),
        key=key,
        remembered=remembered,
    )
    counts = write_site(folder, built.made, dry_run=dry_run, processes=cores() if built.kept else 1)
    if not dry_run and built.remember != remembered:
        state.save(built.remember)
    return {
        **built.remember["said"],
        "out": str(folder),
        "dry_run": dry_run,
        "verified": built.verified,
        "files": {
            "written": counts.written,
            "kept": counts.kept,
            "removed": counts.removed,
            "bytes": counts.bytes_written,
        },
    }


def _words(value: dict[str, Any]) -> str:  # Any: JSON
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
    return (
        f"{value['name']}: {value['artifacts']} artifacts, {value['releases']} releases; "
        f"{value['verified']} verified now, the others unchanged since the last build\n"
        f"{done}\nregistry id: {value['registry']}{add}\n"
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
