"""`registry import`: what other catalogues list, taken in as one batch, and handed over to its owners."""

from dataclasses import replace
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.folders import desk_of
from registry_tool.cli.import_library import WorldLibrary
from registry_tool.cli.sending import acting, opened, push, submit
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import InvalidInput, NotFound, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.names import parse_author, parse_scope
from registry_tool.core.offers import OFFERS_BYTES, Offer, Refused, read_offers
from registry_tool.core.versions import parse_version
from registry_tool.services import importing as service
from registry_tool.services import membership
from registry_tool.services.author import Prepared, prepare
from registry_tool.services.handover import PROOF, PROOF_BYTES, Owner, demand_claim
from registry_tool.wiring import Access, World


class _Import(click.Group):
    """A group whose first word is a catalogue where it is no verb."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name; whatever is none is a catalogue."""
        return super().get_command(ctx, cmd_name) or self.commands["catalogue"]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is meant, and its words."""
        first = next((one for one in args if not one.startswith("-")), "")
        return super().resolve_command(ctx, args if first in self.commands else ["catalogue", *args])


@click.group(cls=_Import, name="import", context_settings={"ignore_unknown_options": True})
def import_() -> None:
    """Take in what other catalogues list, signed by the registry's importer and marked as imported.

    The catalogue is a marketplace's JSON, an agent-skills index, a plugin marketplace, or a list of
    repositories and folders; a file or an address.

    Example: registry import skills.txt --scope acme --as importer --registry reg
    """


@import_.command("catalogue", epilog="Example: registry import skills.txt --scope acme --as importer --registry reg")
@click.argument("source", metavar="SOURCE")
@click.option("--scope", required=True, metavar="SCOPE", help="Where it goes; one scope for each owner.")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The importer, who signs.")
@click.option("--version", default="0.1.0", show_default=True, metavar="V", help="Of what says no version.")
@click.option("--demo", is_flag=True, help="The registry may be a demonstration.")
@show.registry_option
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def catalogue(
    ctx: click.Context,
    source: str,
    scope: str,
    by: str,
    version: str,
    demo: bool,
    where: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in the next batch of a catalogue; what is published already is passed over."""
    here = show.world(ctx)
    order = service.Order(parse_scope(scope), parse_author(by) if by else acting(here, by), parse_version(version).text)
    library = WorldLibrary(here)
    offers = _offers(here, library, source)
    access, tip = opened(here, where)
    trial = desk_of(here, tip=tip, throwaway=True)
    found = service.batch(offers, order, library=library, tip=tip, desk=trial, demo=demo)
    if found.prepared is None and not found.already:
        raise _nothing(found.refused)
    if found.prepared is not None and not dry_run:
        show.ask(here, f"Import {len(found.taken)} releases into @{order.scope}?", flag="--yes", yes=yes)
        prepared = prepare(found.folders, tip=tip, desk=desk_of(here, tip=tip), demo=demo)
        found = replace(found, prepared=prepared)  # its id is of the keys that are kept
        _send(here, access, prepared, found)
    value = {**found.value(), "source": source, "where": access.where, "dry_run": dry_run}
    show.result(value, as_json=as_json, text=lambda: _words(value))


def _send(here: World, access: Access, prepared: Prepared, found: service.Batch) -> None:
    names = ", ".join(f"{one['artifact']}@{one['version']}" for one in found.taken)
    submit(
        here,
        access,
        prepared.additions,
        id=prepared.id,
        branch=prepared.branch,
        by=prepared.author,
        message=f"Import {names}\n",
        releases=prepared.value()["releases"],
    )


def _offers(here: World, library: WorldLibrary, source: str) -> tuple[Offer | Refused, ...]:
    """What SOURCE lists; a repository's address and a folder list themselves."""
    if is_git_address(source):
        clean = source.removesuffix(".git")
        return (Offer("", "repository", clean, clean),)
    if is_site(source):
        return read_offers(library.read(source, limit=OFFERS_BYTES), where=source)
    path = here.path(source)
    if path.is_dir():
        return (Offer("", "folder", str(path), path.name),)
    return read_offers(library.read(str(path), limit=OFFERS_BYTES), where=path.as_posix())


def _nothing(refused: tuple[Refused, ...]) -> InvalidInput:
    faults = tuple(Finding("import", "fail", one.why, one.name) for one in refused)
    hint = "mend what is told, or name another catalogue"
    return InvalidInput("nothing can be taken in", code="nothing-to-import", findings=faults, hint=hint)


def _words(value: dict[str, Any]) -> str:  # Any: JSON
    verb = "Would take in" if value["dry_run"] else "Took in"
    lines = [f"{verb} {one['artifact']} {one['version']}, from {one['from']}." for one in value["taken"]]
    lines += [f"{one} is published already." for one in value["already"]]
    lines += [f"Not taken: {one['name']}: {one['why']}" for one in value["refused"]]
    if value["branch"] and not value["dry_run"]:
        lines.append(f"It waits as {value['branch']}; a moderator decides.")
    if value["left"]:
        lines.append(f"{value['left']} rows are left for the next batch: run it again once this one is decided.")
    return "\n".join(lines)


@import_.command(
    "claim", epilog="Example: registry import claim @acme ann --repository https://github.com/acme/skills --as importer"
)
@click.argument("scope", metavar="@SCOPE")
@click.argument("author", metavar="AUTHOR")
@click.option("--repository", default="", metavar="ADDRESS", help="The repository that was imported.")
@click.option("--site", default="", metavar="ADDRESS", help="The site that was imported.")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The importer that you are.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def claim(
    ctx: click.Context,
    scope: str,
    author: str,
    repository: str,
    site: str,
    by: str,
    where: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Hand a scope over to who owns what was imported into it: they prove it by a file, and are invited."""
    if bool(repository) == bool(site):
        hint = "add --repository ADDRESS or --site ADDRESS"
        raise WrongUsage("say where it was imported from", code="missing-source", hint=hint)
    here = show.world(ctx)
    access, tip = opened(here, where)
    part, who, importer = parse_scope(scope), parse_author(author), acting(here, by)
    owner = _repository(here, repository) if repository else _site(here, site)
    names = demand_claim(tip, part, who, owner)
    step = membership.invite(tip, part, who, by=importer, desk=desk_of(here, tip=tip))
    if not dry_run:
        message = f"Invite {who} into @{part}\n"
        push(access, step.files, branch=step.branch, by=importer, message=message, at=here.now())
    value = {"scope": part, "author": who, "artifacts": list(names), "branch": step.branch, "dry_run": dry_run}
    proven = f"{owner.address} says that {who} is its owner: {', '.join(names)}."
    text = f"{proven}\nNothing was written." if dry_run else f"{proven}\n{step.words}"
    show.result(value, as_json=as_json, text=lambda: text)


def _repository(here: World, address: str) -> Owner:
    """The repository at an address, by its forge where it is on one, else by git."""
    clean = address.rstrip("/").removesuffix(".git")
    library, forge = WorldLibrary(here), here.forge(clean)
    if forge is not None:
        found = library.in_forge(clean)
        assert found is not None  # noqa: S101  # the forge is known
        return Owner(clean, found.number, forge.file(found, PROOF, limit=PROOF_BYTES))
    checkout = library.repository(clean)
    data = checkout.tree.read(PROOF)
    return Owner(clean, None, data)


def _site(here: World, address: str) -> Owner:
    if not is_site(address):
        raise WrongUsage(f"{address!r} is no address of a site", code="bad-address", hint="as https://example.org/")
    clean = address.rstrip("/")
    try:
        data = WorldLibrary(here).read(f"{clean}/.well-known/{PROOF}", limit=PROOF_BYTES)
    except NotFound:
        return Owner(clean, None, None)
    return Owner(clean, None, data)
