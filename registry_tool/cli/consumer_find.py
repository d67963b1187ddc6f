"""`registry search`, `registry show` and `registry verify`: they look, and write nothing."""

from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli.consumer_ground import (
    Options,
    choose_registry,
    identity_options,
    place_options,
    reading_options,
)
from registry_tool.cli.contacting import contact_with, index_value
from registry_tool.cli.show import result, world
from registry_tool.core.names import Wanted, parse_wanted
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.ports import Source


SORTS = ("relevance", "popular", "recent", "rating")


class _Search(click.Command):
    """A verb whose words may begin with a minus, where that excludes a permission."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The same arguments, `-permission:P` as the option that it stands for."""
        end = args.index("--") if "--" in args else len(args)
        before = [
            f"--without-permission={one[len(_WITHOUT) :]}" if one.lower().startswith(_WITHOUT) else one
            for one in args[:end]
        ]
        return super().parse_args(ctx, before + args[end:])


_WITHOUT = "-permission:"


def search_verb(kind: str | None) -> click.Command:
    """`search`, locked to `kind` where one is given."""

    @click.command(name="search", help=_search_help(kind), cls=_Search)
    @click.argument("query", nargs=-1)
    @click.option("--tag", multiple=True, help="Only with this tag; can be said again.")
    @click.option("--hook", multiple=True, help="Only gadgets with this hook or component.")
    @click.option("--author", multiple=True, help="Only by this author.")
    @click.option("--permission", multiple=True, metavar="P", help="Only what asks for this, as network or fs:tmp.")
    @click.option("--without-permission", "without", multiple=True, metavar="P", help="Only what does not ask for it.")
    @click.option("--verified", is_flag=True, help="Only by authors who are verified.")
    @click.option("--sort", type=click.Choice(SORTS), help="Else by relevance where there are words, or popular.")
    @click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
    @reading_options
    @click.pass_context
    def search(ctx: click.Context, /, query: tuple[str, ...], **given: Any) -> None:  # Any: click's values
        asked = {name: given.pop(name) for name in ("tag", "hook", "author", "permission", "without", "verified")}
        order = {name: given.pop(name) for name in ("sort", "limit")}
        wanted = kind or given.pop("kind", None)
        _search(world(ctx), Options(**given), " ".join(query), {**asked, "kind": wanted}, order, locked=kind)

    if kind is None:
        search = click.option("--kind", help="Only of this kind.")(search)
    return search


def _search_help(kind: str | None) -> str:
    what = f"artifacts of the kind {kind}" if kind else "artifacts"
    example = f"registry {kind + ' ' if kind else ''}search dark tag:warm -permission:network"
    return (
        f"Find {what}. All that you say must fit.\n\nWords must be in the name, title, description, tags, hooks or"
        " author; the last one may be the beginning of a word. Filters can be words too: kind: tag: hook: author:"
        f" permission: verified:yes, and -permission: for what must not be asked for.\n\nExample: {example}"
    )


def _search(
    here: World,
    options: Options,
    text: str,
    asked: dict[str, Any],  # Any: click's values
    order: dict[str, Any],  # Any: click's values
    *,
    locked: str | None,
) -> None:
    from registry_tool.core.marks import Marks
    from registry_tool.core.query import parse_query
    from registry_tool.core.showing import line
    from registry_tool.services.look import search
    from registry_tool.stores.localsearch import LocalSearch

    kinds = [here.kinds[asked["kind"]].id] if asked["kind"] is not None else []
    verified = ["yes"] if asked["verified"] else []
    query = parse_query(text, **{**asked, "kind": kinds, "verified": verified})
    choice = choose_registry(here, options, "search", kind=locked or (kinds[0] if kinds else None))
    contact = contact_with(here, choice.where, options)
    finder = LocalSearch(here.folder("cache") / "search")
    total, rows = search(contact.source, contact.registry, query, **order, finder=finder)
    value = {
        "results": [
            {
                **{key: one for key, one in row.value().items() if key not in ("search", "artifact")},
                **Marks.of(row).value(),
                "id": row.artifact,
            }
            for row in rows
        ],
        "total": total,
        "registry": contact.registry,
        "where": contact.source.where,
        "chosen_by": choice.chosen_by,
    }
    lines = [
        f"{line(row.artifact)} {row.version} ({row.kind}): {line(row.title)}\n"
        f"  {_short(line(row.description))}\n  {', '.join(Marks.of(row).words)}"
        for row in rows
    ]
    if total > len(rows):
        lines.append(f"{total - len(rows)} more: say --limit {total}, or another word.")
    lines.append(f"{total} found in {contact.source.where} (chosen by {choice.chosen_by}).")
    result(value, as_json=options.as_json, text=lambda: "\n".join(lines))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else line[:99] + "…"


@click.command()
@click.argument("wanted", metavar="@SCOPE/NAME[@VERSION]")
@reading_options
@click.pass_context
def show(ctx: click.Context, /, wanted: str, **given: Any) -> None:  # Any: click's values
    """Show everything about an artifact, verified but for its files.

    Example: registry show @acme/solar
    """
    from registry_tool.services.consumer import remember
    from registry_tool.services.look import show as look
    from registry_tool.services.opinions import marks_of, reviews_of

    here, options = world(ctx), Options(**given)
    asked = parse_wanted(wanted)
    choice = choose_registry(here, options, "install")
    contact = contact_with(here, choice.where, options)
    asked = _held(contact.source, asked)
    value = {**look(contact, asked, kinds=here.kinds), "where": contact.source.where, "chosen_by": choice.chosen_by}
    imported = "imported_from" in value
    marks = marks_of(contact.source, contact.registry, asked.artifact, author=value["author"], imported=imported)
    value |= {**marks.value(), "rating": reviews_of(contact.source, contact.registry, asked.artifact)["rating"]}
    remember(contact, here.state)
    value["index"] = index_value(here, [contact])
    result(value, as_json=options.as_json, text=lambda: _show_words(value))


def _signers(value: dict[str, Any]) -> str:  # Any: JSON
    """Who signed, keys before identities."""
    identities = [f"{one['subject']} of {one['issuer']}" for one in value["identities"]]
    return ", ".join([*value["signed_by"], *identities])


def _show_words(value: dict[str, Any]) -> str:  # Any: JSON
    from registry_tool.core.artifact_reviews import rating_words
    from registry_tool.core.marks import marks_words

    admitted = value["admitted"]
    who = ", ".join(admitted["approved_by"]) or admitted["by"]
    rows = [
        ("author", value["author"]),
        ("marks", ", ".join(marks_words(value))),
        ("imported", f"from {value['imported_from']}; its author has not claimed it" if value["imported"] else ""),
        ("rating", rating_words(value["rating"])),
        ("licence", value["license"]),
        ("tags", ", ".join(value["tags"])),
        ("let in by", f"{who} at {admitted['at']}"),
        ("note", admitted["note"]),
        ("signed by", _signers(value)),
        ("manifest", value["manifest"]),
        ("bundle", f"sha256:{value['bundle']['sha256']}, {value['bundle']['size']} bytes"),
        ("files", ", ".join(file["path"] for file in value["files"][:10])),
        *((f"link {name}", url) for name, url in value["links"].items()),
        *((f"needs {name}", wanted) for name, wanted in value["dependencies"].items()),
    ]
    lines = [f"{value['id']} {value['version']} ({value['kind']}, {value['status']}): {value['title']}"]
    lines += ["", value["description"], ""]
    lines += [f"  {name:<10} {text}" for name, text in rows if text]
    lines.append("")
    lines.append("It may:" if value["permissions"] else "It asks for no permission.")
    lines += [f"  {one['words']}  ({one['permission']})" for one in value["permissions"]]
    lines += ["", *value["running"]] if value["running"] else []
    lines += ["", "Versions:"]
    for one in value["versions"]:
        lines.append(f"  {one['version']}  {one['status']}  {one['published']}")
        lines += [f"    {one['why']}"] if "why" in one else []
    last = {
        "active": f"Install it: registry install {value['id']}",
        "deprecated": f"Install it all the same: registry install {value['id']}",
        "yanked": "Only a lock file that names this version still installs it.",
    }.get(value["status"], "Nobody can install this version.")
    return "\n".join([*lines, "", last])


@click.command()
@click.argument("what", metavar="[@SCOPE/NAME[@VERSION] | SITE | FILE | CLONE]", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that is installed here, or a clone holds.")
@identity_options
@reading_options
@place_options
@click.pass_context
def verify(ctx: click.Context, /, what: str | None, everything: bool, **given: Any) -> None:  # Any: click's values
    """Verify an artifact, an export or a whole registry, and install nothing.

    With --all, or without anything, everything that is installed here: the files on the disk, and the
    releases that they came from. Of a SITE, every release, and how its host answers. In a clone, or with
    its path, --all verifies every record that was ever written there and says who let in what. A SITE
    with --registry CLONE is compared with what the clone builds, file by file. Example: registry verify @acme/solar
    """
    from registry_tool.cli.consumer_site import host_words, routes_of
    from registry_tool.core.reports.plain import count
    from registry_tool.services.consumer import remember
    from registry_tool.services.look import verify_one, verify_releases, verify_whole

    here, options = world(ctx), Options(**given)
    if what is None or everything:
        from registry_tool.cli.consumer_verify import verify_installed
        from registry_tool.cli.records import clone_at, verify_clone

        elsewhere = bool(options.project or options.target or options.personal or options.where)
        clone = clone_at(here, what, elsewhere=elsewhere) if everything else None
        if clone is not None:
            verify_clone(here, clone, as_json=options.as_json)
        else:
            verify_installed(here, options)
        return
    if not what.startswith("@") and options.where:
        from registry_tool.cli.mirror import verify_site

        verify_site(here, options, what)
        return
    if not what.startswith("@"):
        contact = contact_with(here, what, options)
        exported = exported_in(contact.source)
        found = verify_releases(contact, exported) if exported else verify_whole(contact)
        rows = [] if exported else routes_of(here, contact, options)
        value = {**found, "where": contact.source.where, **({"routes": rows} if rows else {})}
        words = (
            f"Verified {count(value['releases'], 'release')} of {count(value['names'], 'artifact')} in {what}: "
            f"everything holds{_as_of(contact.source)}.{host_words(rows)}"
        )
    else:
        choice = choose_registry(here, options, "install")
        contact = contact_with(here, choice.where, options)
        found = verify_one(contact, _held(contact.source, parse_wanted(what)))
        value = {**found, "where": contact.source.where, "chosen_by": choice.chosen_by}
        by, at = found["admission"]["by"], found["admission"]["at"]
        words = (
            f"{found['id']} {found['version']} holds: {found['files']} files, manifest {found['manifest']}, "
            f"signed by {_signers(found)}, let in by {by} at {at}."
        )
    remember(contact, here.state)
    result({"verified": value, "index": index_value(here, [contact])}, as_json=options.as_json, text=lambda: words)


def exported_in(source: "Source") -> tuple[Wanted, ...]:
    """The releases that an export holds; nothing for any other source."""
    from registry_tool.stores.exported import ExportedSource

    if not isinstance(source, ExportedSource):
        return ()
    return tuple(parse_wanted(f"{row.artifact}@{row.version}") for row in source.about.releases)


def _as_of(source: "Source") -> str:
    """How old an export is, in words; nothing for any other source."""
    from registry_tool.stores.exported import ExportedSource

    return f", as of {source.about.as_of} (unproven by the index)" if isinstance(source, ExportedSource) else ""


def _held(source: "Source", wanted: Wanted) -> Wanted:
    """`wanted` in the version that an export holds, where none was said: it has no other."""
    if wanted.version is not None:
        return wanted
    return next((one for one in exported_in(source) if one.artifact == wanted.artifact), wanted)


search = search_verb(None)
