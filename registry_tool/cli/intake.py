"""`registry intake`: a release that its author's own job signed, taken in as a submission."""

from collections.abc import Sequence
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.folders import desk_of
from registry_tool.cli.sending import push
from registry_tool.core.errors import NotFound, RegistryError, StateForbids, WrongUsage
from registry_tool.core.forge import Forge, ForgeRelease, ForgeRepository
from registry_tool.core.packed import FILE, PACKED_BYTES
from registry_tool.core.quoting import quoted
from registry_tool.core.reports.markdown import span
from registry_tool.core.tables import SOURCES_TABLE, SourceRow, read_sources
from registry_tool.core.tree import Tree
from registry_tool.services import intake as service
from registry_tool.wiring import Access, World, open_repository

Row = dict[str, Any]  # Any: JSON


@click.command(epilog="Example: registry intake acme/solar@v1.0.0 --registry https://github.com/acme/registry.git")
@click.argument("release", metavar="[OWNER/REPO@TAG]", required=False)
@click.option("--from-file", "file", default="", metavar="FILE", help=f"A {FILE} that lies here.")
@click.option("--all", "--sources", "everything", is_flag=True, help="The newest of each row of index/sources.yaml.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def intake(
    ctx: click.Context,
    release: str | None,
    file: str,
    everything: bool,
    where: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in a release that its author's own job signed and attached to a release in a forge.

    It is checked like any submission, and its certificate must be of the very repository in which it lies.
    Then it waits like any other: no rights are needed to ask for it.
    """
    if sum(map(bool, (release, file, everything))) != 1:
        raise WrongUsage(
            "say what to take in", code="missing-release", hint="OWNER/REPO@TAG, --from-file FILE or --all"
        )
    here = show.world(ctx)
    access = open_repository(here, choose_registry(here, Options(where=where), "publish").where)
    access.read_ahead()
    desk = _Desk(here, access, access.history.tree(access.tip), dry_run)
    if file:
        rows = [desk.row(_read(here, file), None, {"from": str(here.path(file))})]
    elif release:
        rows = [desk.asked(release)]
    else:
        rows = desk.sources()
    value = {"taken": rows, "where": access.where, "dry_run": dry_run}
    show.result(value, as_json=as_json, text=lambda: "\n".join(map(_words, rows)) or f"{SOURCES_TABLE} names nothing.")


class _Desk:
    """Takes releases in at one registry."""

    def __init__(self, world: World, access: Access, tip: Tree, dry_run: bool) -> None:
        self._world = world
        self._access = access
        self._tip = tip
        self._dry_run = dry_run
        self._forge: Forge | None = None

    @property
    def forge(self) -> Forge:
        """The forge that the registry is on; `WrongUsage` where it is on none."""
        if self._forge is None:
            self._forge = self._world.forge(self._access.where)
        if self._forge is None:
            hint = "take it in as a file with --from-file, or name the registry by its address in the forge"
            raise WrongUsage(f"{self._access.where} is on no forge that is known", code="no-forge", hint=hint)
        return self._forge

    def asked(self, text: str) -> Row:
        """One release that somebody names."""
        asked = service.parse_asked(text)
        repository = service.repository_of(self.forge, asked.name, self._listed())
        return self._of(self.forge.release(repository, asked.tag))

    def sources(self) -> list[Row]:
        """The newest release of each source; one that cannot be taken keeps no other from it."""
        rows = []
        for row in self._listed():
            base: Row = {"from": row.name, "repository": row.name, "number": row.repository}
            try:
                repository = self.forge.repository(row.repository)
                base |= {"repository": repository.name}
                release = service.newest_release(self.forge, repository, row)
                rows.append(self._of(release, again=False) if release else {**base, "state": "nothing"})
            except RegistryError as error:
                rows.append({**base, "state": "refused", "code": error.code, "why": error.message})
        return rows

    def _listed(self) -> Sequence[SourceRow]:
        rows = read_sources(self._tip.read(SOURCES_TABLE))
        return [row for row in rows if row.forge == self.forge.name]

    def _of(self, release: ForgeRelease, *, again: bool = True) -> Row:
        repository = release.repository
        base = {"from": f"{repository.name}@{release.tag}", "repository": repository.name}
        told: Row = {**base, "number": repository.number, "tag": release.tag}
        return self.row(service.packed_in(self.forge, release), repository, told, again=again)

    def row(self, data: bytes, repository: ForgeRepository | None, told: Row, *, again: bool = True) -> Row:
        """What became of one packed release; `again` takes also what was rejected."""
        desk = desk_of(self._world, tip=self._tip)
        number = repository.number if repository else None
        taken = service.take(data, tip=self._tip, desk=desk, repository=number)
        told = {**told, **taken.value()}
        if not taken.additions:
            return {**told, "state": "published"}
        if taken.rejected and not again:
            return {**told, "state": "rejected", "why": taken.rejected}
        there = self._access.branches(taken.branch).get(taken.branch)
        commit = there or self._push(taken)
        url = self._pull(taken, told) if commit and self._access.remote is not None else ""
        return {**told, "state": "waits" if there else "submitted", "commit": commit, "pull_request": url}

    def _push(self, taken: service.Taken) -> str:
        if self._dry_run:
            return ""
        message, at = f"{taken.title}\n", self._world.now()
        try:
            return push(
                self._access, taken.additions, branch=taken.branch, by=taken.author or "intake", message=message, at=at
            )
        except StateForbids as error:
            if error.code != "already-submitted":
                raise
            return self._access.branches(taken.branch).get(taken.branch, "")  # another job was quicker

    def _pull(self, taken: service.Taken, told: Row) -> str:
        """The address of the pull request, made where there is none; empty where the registry is on no forge."""
        forge = self._forge or self._world.forge(self._access.where)
        if forge is None or self._dry_run:
            return ""
        source = "a file"
        if "tag" in told:  # git lets a tag hold what a forge would make a mention of
            source = f"{span(told['repository'])} (repository {told['number']}), tag {span(told['tag'])}"
        text = f"Taken in from {source}. What counts is who signed it, not who asked for it.\n"
        made = forge.open_pull_request(repository=forge.fork(), branch=taken.branch, title=taken.title, text=text)
        return made.url


def _read(world: World, named: str) -> bytes:
    path = world.path(named)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="`registry publish DIR --pack FILE` makes one")
    with path.open("rb") as file:
        return file.read(PACKED_BYTES + 1)  # one more: who reads it says that it is too large


def _words(row: Row) -> str:
    releases = ", ".join(f"{one['artifact']}@{one['version']}" for one in row.get("releases", ()))
    waits = "waits" if row.get("commit") else "would wait"
    where = f" ({row['pull_request']})" if row.get("pull_request") else ""
    return {
        "submitted": f"{row['from']}: {releases} {waits} as {row.get('branch')}{where}; a moderator decides.",
        "waits": f"{row['from']}: {releases} waits already as {row.get('branch')}{where}.",
        "published": f"{row['from']}: {releases} is published already.",
        "rejected": f"{row['from']}: {releases} was rejected: {quoted(str(row.get('why')))}",
        "nothing": f"{row['from']}: no release with a tag that is meant has the file {FILE}.",
        "refused": f"{row['from']}: not taken: {row.get('why')}",
    }[row["state"]]
