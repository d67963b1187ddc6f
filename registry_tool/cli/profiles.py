"""Who an author is: the author says it, a moderator confirms it or takes it away, everybody reads it."""

import re
import shlex
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, reading_options
from registry_tool.cli.deciding import bench_of, landed_words
from registry_tool.cli.folders import desk_of
from registry_tool.cli.sending import acting, documents_in, opened, submit
from registry_tool.core.errors import NotTrusted, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.names import parse_author
from registry_tool.core.published import registry_of
from registry_tool.core.quoting import quoted
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.forge import Forge
    from registry_tool.core.profiles import Claim
    from registry_tool.services.bench import Bench
    from registry_tool.services.profiles import Seen, Step

_ACCOUNT = re.compile(r"(?P<forge>[a-z0-9.-]{1,100})/(?P<name>[^/:\s]{1,100})(:(?P<number>[1-9][0-9]{0,15}))?")


@click.group()
def author() -> None:
    """Say who you are as an author, have it confirmed, and see who others are.

    Example: registry author profile --name "Ann Lee" --domain example.org --as ann --registry reg
    """


@author.command("profile", epilog='Example: registry author profile --name "Ann Lee" --domain example.org --as ann')
@click.option("--name", help="What people call you.")
@click.option("--about", help="A few words about you.")
@click.option("--link", "links", multiple=True, metavar="WORD=URL", help="An https address of yours; repeatable.")
@click.option("--domain", "domains", multiple=True, help="Claim a domain, as example.org.")
@click.option("--account", "accounts", multiple=True, metavar="FORGE/NAME[:NUMBER]", help="Claim an account.")
@click.option("--organisation", "organisations", multiple=True, metavar="FORGE/NAME[:NUMBER]", help="Claim one.")
@click.option("--drop", multiple=True, metavar="CLAIM|WORD", help="Leave out a claim or a link from now on.")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The author that you are.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def profile(ctx: click.Context, /, where: str | None, by: str, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Say who you are; what you claim counts once a moderator looked.

    What you do not say stays as it was. It goes out as a submission, signed with your control key.
    """
    from registry_tool.services import profiles as service

    world = show.world(ctx)
    access, tip = opened(world, where)
    claims = (
        *(_domain(one) for one in given["domains"]),
        *_accounts(world, access.where, given["accounts"], given["organisations"]),
    )
    wish = service.Wish(given["name"], given["about"], dict(map(_link, given["links"])), claims, given["drop"])
    step = service.prepare(tip, wish, by=acting(world, by), desk=desk_of(world, throwaway=dry_run, tip=tip))
    if not dry_run:
        submit(
            world,
            access,
            step.files,
            id=step.id,
            branch=step.branch,
            by=step.author,
            message=f"Profile of {step.author}\n",
            words=[f"the profile of {step.author}"],
            statements=documents_in(step.files),
        )
    value = _step_value(step, access.where, dry_run=dry_run)
    show.result(value, as_json=as_json, text=lambda: _step_words(step, access.where, dry_run=dry_run))


def _domain(text: str) -> "Claim":
    from registry_tool.core.profiles import DomainClaim

    return DomainClaim.of({"claim": "domain", "domain": text})


def _link(text: str) -> tuple[str, str]:
    word, equals, address = text.partition("=")
    if not equals or not word or not address.startswith("https://"):
        raise WrongUsage(f"a link is written as word=https://…, this is {quoted(text)}", code="bad-link")
    return word, address


def _accounts(
    world: World, where: str, accounts: tuple[str, ...], organisations: tuple[str, ...]
) -> tuple["Claim", ...]:
    """The accounts and organisations that are claimed, by their numbers."""
    if not accounts and not organisations:
        return ()
    forge = world.forge(where)
    return (
        *(_account(forge, "account", one) for one in accounts),
        *(_account(forge, "organisation", one) for one in organisations),
    )


def _account(forge: "Forge | None", kind: str, text: str) -> "Claim":
    from registry_tool.core.profiles import AccountClaim

    match = _ACCOUNT.fullmatch(text)
    if match is None:
        raise WrongUsage(
            f"an account is written as github.com/name, this is {quoted(text)}",
            code="bad-account",
            hint="with its number, where this machine cannot ask for it: github.com/name:1234",
        )
    name, number = match["name"], int(match["number"] or 0)
    if not number:
        if forge is None or forge.name != match["forge"]:
            raise WrongUsage(
                f"nothing here can ask {match['forge']} which number the account {name} has",
                code="needs-number",
                hint=f"say it: {match['forge']}/{name}:NUMBER",
            )
        number = forge.account(name).number
    return AccountClaim.of({"claim": kind, "forge": match["forge"], "name": name, "number": number})


def _step_value(step: "Step", where: str, *, dry_run: bool) -> dict[str, Any]:  # Any: JSON
    from registry_tool.services.profiles import proof_place, proof_text

    return {
        "submission": step.id,
        "branch": step.branch,
        "registry": step.registry,
        "where": where,
        "author": step.author,
        "number": step.profile.number,
        "claims": [claim.value() for claim in step.profile.claims],
        "proofs": [
            {"claim": claim.value(), "place": proof_place(claim), "text": proof_text(step.registry, step.author)}
            for claim in step.open
        ],
        "state": "pending",
        "dry_run": dry_run,
    }


def _step_words(step: "Step", where: str, *, dry_run: bool) -> str:
    from registry_tool.core.profiles import profile_words
    from registry_tool.services.profiles import proof_place, proof_text

    words = profile_words(step.profile)
    if dry_run:
        return f"Would submit, signed by {step.author}: {words}. Nothing was written."
    lines = [f"Submitted, signed by {step.author}: {words}"]
    if step.open:
        lines += ["", "So that a moderator can confirm what you claim, put this line up", ""]
        lines += [f"  {proof_text(step.registry, step.author).strip()}", ""]
        lines += [f"as {proof_place(claim)}" for claim in step.open]
        lines += ["", f"A moderator looks with: registry author verify {step.id[:12]} --registry {shlex.quote(where)}"]
    lines.append(f"It waits as {step.branch}. What became of it: registry status")
    return "\n".join(lines)


@author.command("verify", epilog="Example: registry author verify ann --registry reg --yes")
@click.argument("what", metavar="AUTHOR|SUBMISSION")
@click.option("--seen", default="", help="How you looked yourself, where a proof cannot be fetched; it is recorded.")
@show.registry_option
@show.yes_option
@show.json_option
@click.pass_context
def verify(ctx: click.Context, what: str, seen: str, where: str | None, yes: bool, as_json: bool) -> None:
    """Look whether an author's claims are so, over the network; with --yes, confirm them.

    For a moderator. Where nothing of the author waits, what was confirmed before is looked at again.
    """
    from registry_tool.services import profiles as service
    from registry_tool.services.bench import tip_of

    world = show.world(ctx)
    bench = bench_of(world, where)
    _, tip = tip_of(bench.history)
    waiting = service.waiting_profile(bench, what)
    name: str
    if waiting is None:
        name = parse_author(what)
        standing = service.standing_at(tip, name, bench=bench)
        claims = tuple(one.claim for one in standing.confirmed) if standing else ()
    else:
        name, claims = service.claims_of(waiting, tip, bench=bench)
    forge = bench.forge or (world.forge(bench.history.where) if any(one.claim != "domain" for one in claims) else None)
    found = service.look(
        claims,
        author=name,
        registry=registry_of(tip),
        fetch=lambda domain: _well_known(world, domain),
        forge=forge,
        commit=waiting.commit if waiting else "",
    )
    open_ = [one for one in found if not one.holds]
    value: dict[str, Any] = {"author": name, "proofs": [one.value() for one in found], "state": "nothing-waits"}
    lines = [f"  {'holds' if one.holds else 'NOT so':<8} {one.words}" for one in found]
    if waiting is None:
        if open_:
            raise _unproven(name, open_, f"take it away with: registry author remove-claim {name} CLAIM --note WHY")
        told = f"Everything that was confirmed of {name} still holds:" if found else f"Nothing of {name} is confirmed."
        show.result(value, as_json=as_json, text=lambda: "\n".join([told, *lines]))
        return
    value |= {"submission": waiting.change.submission, "state": "pending"}
    if not yes:
        again = f"registry author verify {waiting.change.submission[:12]} --registry {shlex.quote(bench.history.where)}"
        how = f"{again} --yes" + (' --seen "HOW YOU LOOKED"' if open_ else "")
        told = f"{name} claims nothing that is not confirmed." if not found else f"{name} claims:"
        show.result(value, as_json=as_json, text=lambda: "\n".join([told, *lines, f"Confirm it with: {how}"]))
        return
    if open_ and not seen.strip():
        raise _unproven(name, open_, 'where you looked by another way, add --seen "HOW"')
    value |= _confirm(bench, waiting.change.submission, found, seen.strip())
    done = [f"Confirmed, signed by {value['by']}:", *lines] + ([f"  seen     {seen.strip()}"] if open_ else [])
    show.result(value, as_json=as_json, text=lambda: "\n".join([*done, landed_words(bench.history)]))


def _well_known(world: World, domain: str) -> bytes | None:
    from registry_tool.services.profiles import PROOF_BYTES, WELL_KNOWN
    from registry_tool.stores.http import HttpSource

    return HttpSource(f"https://{domain}/", env=world.env).fetch(WELL_KNOWN, limit=PROOF_BYTES)


def _unproven(name: str, open_: list["Seen"], hint: str) -> NotTrusted:
    findings = tuple(Finding("claim", "fail", one.words) for one in open_)
    return NotTrusted(f"not everything that {name} claims is so", code="claim-unproven", findings=findings, hint=hint)


def _confirm(bench: "Bench", submission: str, found: tuple["Seen", ...], seen: str) -> dict[str, Any]:  # Any: JSON
    """Approves the submission, with what was found in words."""
    from registry_tool.services.moderator import approve

    words = [one.words for one in found if one.holds]
    words += [f"{one.words}; seen by the moderator: {quoted(seen)}" for one in found if not one.holds]
    return approve(bench, submission, note="; ".join(words))


@author.command("show", epilog="Example: registry author show ann --registry reg")
@click.argument("name", metavar="AUTHOR")
@reading_options
@click.pass_context
def show_(ctx: click.Context, /, name: str, **given: Any) -> None:  # Any: click's values
    """Who an author says to be, what of it a moderator confirmed, and where they publish."""
    from registry_tool.cli.contacting import read_from
    from registry_tool.services.opinions import author_of

    world, options = show.world(ctx), Options(**given)
    wanted = parse_author(name)
    value = read_from(world, options, lambda contact: author_of(contact.source, contact.registry, wanted))
    show.result(value, as_json=options.as_json, text=lambda: _author_words(value))


def _author_words(value: dict[str, Any]) -> str:  # Any: JSON
    name = f" ({quoted(value['name'])})" if value["name"] else ""
    lines = [f"{value['author']}{name}: {'verified' if value['verified'] else 'not verified'}"]
    # What the author chose is quoted: it must not pass for our words about a claim.
    lines += [f"  | {line}" for line in value["about"].splitlines()]
    for one in value["claims"]:
        text = one["domain"] if one["claim"] == "domain" else f"{one['claim']} {one['forge']}/{one['name']}"
        told = f"confirmed by {', '.join(one['by'])} at {one['at']}" if one["verified"] else "their own word"
        lines.append(f"  {text}: {told}")
    lines += [f"  link {quoted(word)}: {address}" for word, address in sorted(value["links"].items())]
    lines += [f"  {one['claim']}: taken away at {one['at']}: {one['note']}" for one in value["removed"]]
    scopes = ", ".join(f"@{one['scope']} ({one['role']})" for one in value["scopes"])
    return "\n".join([*lines, f"  publishes in {scopes}" if scopes else "  publishes nowhere"])


@author.command("remove-claim", epilog='Example: registry author remove-claim ann example.org --note "it was sold"')
@click.argument("name", metavar="AUTHOR")
@click.argument("claim")
@click.option("--note", required=True, help="Why; it is signed and public.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def remove_claim(
    ctx: click.Context, name: str, claim: str, note: str, where: str | None, dry_run: bool, as_json: bool
) -> None:
    """Take a claim of an author away: a domain was sold, an account renamed.

    For a moderator; it takes effect at once. CLAIM is as `author show` says it: example.org, github.com/ann.
    """
    from registry_tool.services.profiles import remove_claim as service
    from registry_tool.services.rehearsing import rehearsal

    bench = bench_of(show.world(ctx), where)
    value = service(rehearsal(bench) if dry_run else bench, name, claim, note=note)
    value |= {"dry_run": dry_run, **({"commit": ""} if dry_run else {})}
    text = f"{'Would take' if dry_run else 'Took'} {claim} of {name} away, signed by {value['by']}: {note}"
    after = "Nothing was written." if dry_run else landed_words(bench.history)
    show.result(value, as_json=as_json, text=lambda: f"{text}\n{after}")
