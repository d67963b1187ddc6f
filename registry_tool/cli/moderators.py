"""The registry's own people: who moderates, how many sign, which key the gate has."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import account_in, bench_of
from registry_tool.cli.drafting import ask_to_sign, drop_verb, send_draft, show_draft, sign_verb, writing
from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.core.keys import k16, key_text
from registry_tool.core.published import registry_of
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Moderators
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.services import governing
from registry_tool.services import governing_edits as edits
from registry_tool.services.accounts import account_ends, moderators_account
from registry_tool.services.bench import Bench, tip_of
from registry_tool.services.governing import Draft
from registry_tool.services.governing_edits import Edit
from registry_tool.wiring import World, fresh_seed, memory_keys

Json = dict[str, Any]


_threshold = click.option("--threshold", type=click.IntRange(1, 99), default=None, help="How many sign from then on.")
_since = click.option("--since", default="", metavar="TIME", help="When, as 2026-11-21T09:00:00Z; default: now.")


@click.group(invoke_without_command=True)
@show.registry_option
@show.json_option
@click.pass_context
def moderators(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """List who moderates a registry, let people in, end keys.

    Every change needs each new person's key and as many moderators as sign now; it waits for them in the
    repository, and lands when the last one signs.

    Example: registry moderators --registry reg
    """
    if ctx.invoked_subcommand is not None:
        return
    world = show.world(ctx)
    bench = bench_of(world, where)
    _, tip = tip_of(bench.history)
    value = governing.overview(tip, world.check)
    try:
        value["waits"] = governing.waiting(bench, tip).value()
    except NotFound:
        value["waits"] = None
    show.result(value, as_json=as_json, text=lambda: _overview(value))


def _overview(value: Json) -> str:
    lines = [f"{value['threshold']} of these people sign:"]
    for person in value["people"]:
        author = f", the author {person['author']}" if person["author"] else ""
        lines.append(f"  {person['id']}{author}{'' if person['active'] else ' (has ended)'}")
        lines += [f"    {_key_line(row)}" for row in person["keys"]]
        accounts = [one for one in person["accounts"] if one["status"] == "active"]
        lines += [f"    the account {one['name']} ({one['number']}) of {one['forge']}" for one in accounts]
    lines += ["The gate:", *(f"    {_key_line(row)}" for row in value["gate"])] if value["gate"] else ["No gate key."]
    if value["waits"]:
        waits = value["waits"]
        lines += [f"A change waits as {waits['branch']} for {'; '.join(waits['missing'])}:", f"  {waits['words']}"]
        lines.append("  look at it and sign: registry moderators sign")
    return "\n".join(lines)


def _key_line(row: Json) -> str:
    why = f": {row['reason']}" if row.get("reason") else ""
    return f"{row['k16']}  {row['status']}" + (f" since {row['since']}{why}" if "since" in row else "")


def _change(
    ctx: click.Context,
    where: str | None,
    edit: Callable[[Bench, World, str], Edit],
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    root: bool = False,
) -> None:
    """Shows what a change comes to, asks, signs, and lands it or sends it to the next signer."""
    world = show.world(ctx)
    bench = bench_of(world, where)
    _, tip = tip_of(bench.history)
    since = from_seconds(world.now() + 1)
    trial = replace(bench, keys=memory_keys(world))
    made = governing.draft(trial, tip, edit(trial, world, since), root=root)
    if dry_run:
        show_draft(bench, made, plan=_plan, as_json=as_json)
        return
    ask_to_sign(bench, made, plan=_plan, yes=yes, as_json=as_json, world=world)
    made = governing.draft(bench, tip, edit(bench, world, since), root=root)
    send_draft(bench, made, subject="moderators", as_json=as_json)


def _plan(bench: Bench, made: Draft) -> str:
    _, tip = tip_of(bench.history)
    before = government_at(tip, registry=registry_of(tip), check=bench.means.check).moderators.head.body
    changes = edits.differences(before, made.body) if isinstance(made.body, Moderators) else ()
    lines = ["This changes who governs the registry:", *(f"  {one}" for one in changes)]
    if made.standing.stand or made.standing.fall:
        lines += [
            "Admitted by a key that ends, and still good:",
            *(f"  {one}" for one in made.standing.stand or ("none",)),
        ]
        lines += ["Clients will refuse from then on:", *(f"  {one}" for one in made.standing.fall or ("none",))]
    lines += made.standing.events.words
    missing = "; ".join(made.missing)
    yours = any(k16(one.key) in made.source.signatures for one in governing.own_signers(bench, tip))
    lead = "With your signature it" if yours else "It"
    lines.append(f"{lead} still needs {missing}." if missing else f"{lead} is complete, and lands at once.")
    return "\n".join(lines)


@moderators.command("key", epilog="Example: registry moderators key --registry reg")
@show.registry_option
@show.json_option
@click.pass_context
def key(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """Show your moderator's key for a registry; it is made where you have none that is active or new."""
    world = show.world(ctx)
    bench = bench_of(world, where)
    _, tip = tip_of(bench.history)
    statuses = governing.key_statuses(tip, world.check)
    usable = [one for one in governing.own_signers(bench, tip) if statuses.get(k16(one.key), "active") == "active"]
    signer = usable[-1] if usable else bench.keys.another(f"registry:{registry_of(tip)[:16]}", "moderator")
    value = {"key": key_text(signer.key), "k16": k16(signer.key), "status": statuses.get(k16(signer.key), "new")}
    lines = (
        f"{value['key']}\nGive this to a moderator, by a way on which they know you; they say:\n"
        f"  registry moderators invite YOUR-ID {value['key']}"
    )
    show.result(value, as_json=as_json, text=lambda: lines)


@moderators.command("invite", epilog="Example: registry moderators invite eva KEY zoe KEY --threshold 2 --registry reg")
@click.argument("pairs", nargs=-1, required=True, metavar="PERSON KEY...")
@click.option("--author", default=None, metavar="AUTHOR", help="The author that this person is; default: none here.")
@_threshold
@writing
@click.pass_context
def invite(
    ctx: click.Context,
    /,
    pairs: tuple[str, ...],
    author: str | None,
    threshold: int | None,
    where: str | None,
    **how: bool,
) -> None:
    """Let people in, or give one who is there another key; each signs for themselves."""
    people = _pairs(pairs, author)
    more = (edits.threshold(threshold),) if threshold else ()
    _change(ctx, where, lambda bench, world, since: edits.both(*people, *more), **how)


def _pairs(words: tuple[str, ...], author: str | None) -> list[Edit]:
    if len(words) % 2 or (author is not None and len(words) > 2):
        raise WrongUsage(
            "expected a person and a key, or several such pairs; --author is for one person",
            hint="registry moderators invite eva KEY",
        )
    return [edits.invite(words[at], words[at + 1], author=author) for at in range(0, len(words), 2)]


@moderators.command("account", epilog="Example: registry moderators account eva eva-l --registry reg")
@click.argument("person", metavar="PERSON")
@click.argument("name", metavar="ACCOUNT")
@click.option("--number", type=click.IntRange(1), default=None, help="Its number; default: the forge is asked.")
@click.option("--forge", default="", metavar="HOST", help="Where it is; default: where the registry is.")
@click.option("--end", is_flag=True, help="It counts no more from now on; ACCOUNT is its name or number.")
@click.option("--reason", default="left", help="Why it ends; it is public.")
@writing
@click.pass_context
def account_(ctx: click.Context, /, person: str, name: str, where: str | None, **said: Any) -> None:
    """List the account with which a person reviews in a forge; they need no key for that.

    Where policy counts reviews, one by this account, by its number, is this person's approval.
    """
    number, forge, end, reason = (said.pop(key) for key in ("number", "forge", "end", "reason"))
    if end:
        _change(ctx, where, lambda bench, world, since: account_ends(person, name, since=since, reason=reason), **said)
        return
    account = account_in(show.world(ctx), where, name, number=number, forge=forge)
    _change(ctx, where, lambda bench, world, since: moderators_account(person, account), **said)


@moderators.command("threshold", epilog="Example: registry moderators threshold 2 --registry reg")
@click.argument("people", type=click.IntRange(1, 99), metavar="N")
@writing
@click.pass_context
def threshold_(ctx: click.Context, /, people: int, where: str | None, **how: bool) -> None:
    """Say how many moderators sign from then on."""
    _change(ctx, where, lambda bench, world, since: edits.threshold(people), **how)


def _end(ctx: click.Context, where: str | None, name: str, status: str, since: str, reason: str, **how: Any) -> None:
    threshold: int | None = how.pop("threshold")
    if since and to_seconds(since) > show.world(ctx).now() + 600:
        raise WrongUsage(f"{since} lies in the future", code="bad-since", hint="say when it ended")
    more = (edits.threshold(threshold),) if threshold else ()

    def edit(bench: Bench, world: World, now: str) -> Edit:
        return edits.both(edits.end(name, status=status, since=since or now, reason=reason), *more)

    _change(ctx, where, edit, **how)


@moderators.command("retire", epilog="Example: registry moderators retire 1a2b3c4d --reason left --registry reg")
@click.argument("name", metavar="K16")
@_since
@click.option("--reason", default="left", help="Why; it is public.")
@_threshold
@writing
@click.pass_context
def retire(ctx: click.Context, /, name: str, since: str, reason: str, where: str | None, **how: Any) -> None:
    """End a person's or the gate's key; what it admitted before stays good."""
    _end(ctx, where, name, "retired", since, reason, **how)


@moderators.command("revoke", epilog="Example: registry moderators revoke 1a2b3c4d --reason stolen --registry reg")
@click.argument("name", metavar="K16")
@_since
@click.option("--reason", required=True, help="Why; it is public.")
@_threshold
@writing
@click.pass_context
def revoke(ctx: click.Context, /, name: str, since: str, reason: str, where: str | None, **how: Any) -> None:
    """Say that a person's or the gate's key is compromised since a time.

    First it lists which admissions and events still stand and which fall. A key that retired can be revoked, too.
    """
    _end(ctx, where, name, "revoked", since, reason, **how)


@moderators.command("gate", epilog="Example: registry moderators gate --registry reg")
@click.option("--key", "given", default="", metavar="KEY", help="The new public key; default: one is made here.")
@click.option("--reason", default="replaced", help="Why; it is public.")
@writing
@click.pass_context
def gate(ctx: click.Context, /, given: str, reason: str, where: str | None, **how: bool) -> None:
    """Give the gate a new key; the one that it had retires, and what it signed stays good."""
    from registry_tool.signing.ed25519 import Ed25519Signer

    seed = fresh_seed()  # one for the look and for the deed: the key that is shown is the one that is made

    def edit(bench: Bench, world: World, since: str) -> Edit:
        _, tip = tip_of(bench.history)
        owner, kept = f"registry:{registry_of(tip)[:16]}", bench.keys is world.keys and not given
        new = world.keys.import_seed(owner, "gate", seed, beside=True) if kept else Ed25519Signer(seed)
        return edits.gate(given or key_text(new.key), since=since, reason=reason)

    _change(ctx, where, edit, **how)


@moderators.command("replace", epilog="Example: registry moderators replace eva KEY --by-root --registry reg")
@click.argument("pairs", nargs=-1, required=True, metavar="PERSON KEY...")
@click.option("--by-root", is_flag=True, help="Signed with the root's keys; nothing else replaces everybody.")
@click.option("--reason", default="replaced by the root", help="Why; it is public.")
@_threshold
@writing
@click.pass_context
def replace_(
    ctx: click.Context,
    /,
    pairs: tuple[str, ...],
    by_root: bool,
    reason: str,
    threshold: int | None,
    where: str | None,
    **how: bool,
) -> None:
    """Replace all moderators, signed by the root's keys: for when too many of theirs are lost or stolen."""
    if not by_root:
        raise WrongUsage("only the root replaces everybody", code="needs-flag", hint="add --by-root")
    people = _pairs(pairs, None)

    def edit(bench: Bench, world: World, since: str) -> Edit:
        ends = edits.everybody_ends(since, reason)
        return edits.both(ends, *people, edits.threshold(threshold or len(people)))

    _change(ctx, where, edit, root=True, **how)


moderators.add_command(sign_verb("moderators", _plan, "Read the change that waits, and add your signature."))
moderators.add_command(drop_verb("moderators", "Take a change off that waits for signatures."))
