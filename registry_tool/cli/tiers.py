"""`registry tier`: what a person's tier allows, keeping the one that they were given, and giving one."""

import shlex
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli import show
from registry_tool.cli.author import free_path
from registry_tool.cli.consumer_ground import (
    Options,
    choose_registry,
    place_options,
    reading_options,
    root_of,
    where_flags,
)
from registry_tool.cli.contacting import contact_with
from registry_tool.cli.deciding import bench_of, send_words
from registry_tool.core import limits
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.core.names import parse_author
from registry_tool.services.project import installed
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.consumer import Ground, Prepared
    from registry_tool.services.contact import Contact
    from registry_tool.services.tiers import Right

FILE = "{holder}.tier.json"
"""What the file is called that an operator sends."""


@click.group()
def tier() -> None:
    """Show, keep and give out tiers: how much may be installed, and who may publish.

    Only registries with tiers have any; the others cap nothing.

    Example: registry tier show --registry example
    """


@tier.command("issue", epilog="Example: registry tier issue ann --tier pro --until 2027-12-31T00:00:00Z --registry reg")
@click.argument("holder")
@click.option("--tier", "name", required=True, metavar="NAME", help="One of index/tiers.yaml.")
@click.option("--until", required=True, metavar="TIME", help="When it ends, as 2027-12-31T00:00:00Z.")
@click.option("--key", "keys", multiple=True, metavar="BASE64", help="A public key of theirs.")
@click.option("--author", default="", metavar="AUTHOR", help="Whose signing keys count; default: HOLDER's own.")
@click.option("--cap", "caps", multiple=True, metavar="CATEGORY=N", help="Another cap than the tier's, or `none`.")
@click.option("-o", "--output", "out", default="", metavar="FILE", help="The file to send; default: HOLDER.tier.json.")
@show.registry_option
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def issue(
    ctx: click.Context,
    holder: str,
    name: str,
    until: str,
    keys: tuple[str, ...],
    author: str,
    caps: tuple[str, ...],
    out: str,
    where: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give somebody a tier, as a moderator: it is signed, it lands, and it goes to them as a file."""
    from registry_tool.core.canonical import encode
    from registry_tool.services.rehearsing import rehearsal
    from registry_tool.services.tiers import Order
    from registry_tool.services.tiers import issue as given

    world = show.world(ctx)
    order = Order(parse_author(holder), name, until, keys, author and parse_author(author), dict(map(_cap, caps)))
    path = free_path(world, out or FILE.format(holder=holder))
    bench = bench_of(world, where)
    value = given(rehearsal(bench) if dry_run else bench, order)
    entry = value.pop("entry")
    if not dry_run:
        path.write_bytes(encode(entry) + b"\n")
    value = {**value, "file": str(path), "dry_run": dry_run, **({"commit": ""} if dry_run else {})}
    verb = "Would give" if dry_run else "Gave"
    lines = [f"{verb} {holder} the tier {name} until {until}, signed by {value['by']}."]
    lines += [_caps_words(value["caps"])]
    if not dry_run:
        lines += [f"Send them {path}; they keep it with: registry tier set {shlex.quote(path.name)}"]
        lines += [send_words(bench.history)]
    show.result(value, as_json=as_json, text=lambda: "\n".join(filter(None, lines)))


def _cap(text: str) -> tuple[str, int | None]:
    category, _, number = text.partition("=")
    if number == "none":
        return category, None
    if not number.isascii() or not number.isdigit() or len(number) > 7:
        hint = "write it as --cap skills=20, or --cap skills=none"
        raise WrongUsage(f"{text!r} is no cap", code="bad-cap", hint=hint)
    return category, int(number)


def _caps_words(caps: dict[str, int]) -> str:
    return "Caps: " + (", ".join(f"{cap} {name}" for name, cap in sorted(caps.items())) or "none") + "."


@tier.command("set", epilog="Example: registry tier set ann.tier.json --registry example")
@click.argument("file", metavar="FILE")
@reading_options
@show.dry_run_option
@click.pass_context
def set_(ctx: click.Context, /, file: str, **given: Any) -> None:  # Any: click's values
    """Keep the tier that the operator of a registry gave you, once all of it holds."""
    from registry_tool.services.tiers import accept

    here, options = show.world(ctx), Options(**given)
    path = here.path(file)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="the operator sends it")
    with path.open("rb") as opened:
        data = opened.read(2 * limits.STATEMENT_BYTES + 1)
    contact = contact_with(here, choose_registry(here, options, "install").where, options)
    before = here.state.entitlement(contact.registry)
    body, kept = accept(contact, data, before, keys=keys_here(here), now=here.now(), check=here.check)
    if not options.dry_run:
        here.state.keep_entitlement(contact.registry, kept)
    value = {
        "registry": contact.registry,
        "tier": body.tier,
        "holder": body.holder,
        "until": body.until,
        "caps": body.caps,
        "publish": body.publish,
        "dry_run": options.dry_run,
    }
    verb = "Would keep" if options.dry_run else "Kept"
    lines = [f"{verb} the tier {body.tier} of {body.holder} in {contact.source.where}, until {body.until}."]
    lines += [_caps_words(body.caps)]
    show.result(value, as_json=options.as_json, text=lambda: "\n".join(lines))


@tier.command("show", epilog="Example: registry tier show --registry example")
@reading_options
@place_options
@click.pass_context
def show_(ctx: click.Context, /, **given: Any) -> None:  # Any: click's values
    """What your tier of a registry allows, until when, and how much of it is used here."""
    from registry_tool.core.tiers import gates
    from registry_tool.services.tiers import by_category

    here, options = show.world(ctx), Options(**given)
    contact = contact_with(here, choose_registry(here, options, "install").where, options)
    right = right_here(here, contact)
    base = {"registry": contact.registry, "where": contact.source.where}
    if right is None:
        text = f"{contact.source.where} has no tiers: nothing is capped, and whoever is let in may publish."
        show.result({**base, "tiers": False}, as_json=options.as_json, text=lambda: text)
        return
    root = root_of(here, options)
    there = by_category(installed(here.target(root)) if root.is_dir() else {}, contact.registry, here.kinds)
    names = gates(right.caps, publish=right.publish, categories=[kind.category for kind in here.kinds])
    value = {
        **base,
        "tiers": True,
        "tier": right.tier,
        "holder": right.holder,
        "until": right.until,
        "why": right.why,
        "gates": names,
        "installed": {kind.category: len(there.get(kind.category, ())) for kind in here.kinds},
        "notice": _notice(contact, right),
    }
    show.result(value, as_json=options.as_json, text=lambda: _show_words(value))


def _show_words(value: dict[str, Any]) -> str:  # Any: JSON
    until = f", of {value['holder']}, until {value['until']}" if value["until"] else ""
    lines = [f"Your tier in {value['where']} is {value['tier']}{until}."]
    lines += [f"  {value['why']}"] if value["why"] else []
    for gate, said in value["gates"].items():
        if isinstance(said, bool):
            lines.append(f"  {gate}: {'on' if said else 'off'}")
        else:
            count = value["installed"][gate.removeprefix("marketplace_install_").removesuffix("_cap")]
            lines.append(f"  {gate}: {'none' if said is None else said}, {count} installed here")
    return "\n".join([*lines, *([value["notice"]] if value["notice"] else [])])


def _notice(contact: "Contact", right: "Right") -> str:
    """What to say of caps in the old form; empty where there are none."""
    from registry_tool.core.tiers import ALIAS, alias_notice

    if ALIAS not in right.caps:
        return ""
    return alias_notice(f"the tier {right.tier} of {contact.source.where}")


def keys_here(here: World) -> frozenset[str]:
    """The public keys of every private key on this machine, whatever it is for."""
    return frozenset(str(row["key"]) for row in here.keys.list())


def right_here(here: World, contact: "Contact") -> "Right | None":
    """The tier that counts on this machine for a registry; `None` where it has none."""
    from registry_tool.services.tiers import right_of

    _ = contact.government
    if contact.tiers is None:
        return None
    kept = here.state.entitlement(contact.registry)
    keys = keys_here(here) if kept else frozenset()
    return right_of(contact, kept, keys=keys, now=here.now(), check=here.check)


def demand_room(
    here: World,
    options: Options,
    work: "Sequence[tuple[Contact, Ground, Prepared]]",
    gone: Collection[str] = (),
) -> None:
    """Refuses what would be more than the person's tier allows; `gone` are artifacts that go in the same step.

    Nothing is asked and nothing said where a registry has no tiers, or nothing is added.
    """
    from registry_tool.services.tiers import demand_room as demand
    from registry_tool.services.tiers import newest_of

    receipts = installed(here.target(root_of(here, options)))
    for contact in {contact.registry: contact for contact, _, _ in work if contact.tiers is not None}.values():
        mine = [prepared for other, _, prepared in work if other.registry == contact.registry]
        if all(step.verified.artifact in receipts for one in mine for step in one.steps):
            continue
        right = right_here(here, contact)
        assert right is not None  # noqa: S101  # it has tiers
        talk = show.Talk(quiet=False)
        if right.why:
            talk.say(f"{contact.source.where}: {right.why}, so the tier {right.tier} counts.")
        if notice := _notice(contact, right):
            talk.say(notice)
        flags = where_flags(here, options)
        demand(right, receipts, mine, registry=contact.registry, kinds=here.kinds, gone=gone, flags=flags)
        kept = here.state.entitlement(contact.registry)
        newest = newest_of(contact, kept)
        if newest > str(kept.get("newest", "")) and not options.dry_run:
            here.state.keep_entitlement(contact.registry, {**kept, "newest": newest})
