"""What a registry's trust stands on: `trust status`, `refresh` and `key`; `rotate` and `sign` lie beside it."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.site_index import all_expiries, authority_of, freshness_of, heartbeat, shown_by
from registry_tool.cli.trust_change import bring, drafted, half_signed, rotate, sign
from registry_tool.cli.trust_keys import Given, kept, own_signers, owner_of
from registry_tool.core.errors import StateForbids
from registry_tool.core.keys import k16, key_text
from registry_tool.core.stored import registry_of
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.services.changing import signed
from registry_tool.services.trusting import Trust, is_ending, refreshed, trust_at
from registry_tool.wiring import Access, World, open_repository

OFFLINE = {"root", "targets"}
"""What people sign."""


@click.group()
def trust() -> None:
    """Show, refresh and change what the registry's trust stands on.

    Root and targets are signed by people, offline; bins, snapshot and timestamp by jobs, with every
    build. Nobody signs a release again when any of these keys changes.

    Example: registry trust status
    """


trust.add_command(rotate)
trust.add_command(sign)


def opened(world: World, where: str | None) -> tuple[Access, Trust]:
    """The registry's repository, and what it says of its trust."""
    access = open_repository(world, choose_registry(world, Options(where=where), "publish").where)
    return access, trust_at(access.history.tree(access.tip), check=world.check)


@trust.command(epilog="Example: registry trust status --registry reg --site https://registry.example/")
@show.registry_option
@click.option("--site", metavar="SITE", help="Look at what is served there, too: an address.")
@click.option("--out", metavar="DIR", help="Look at a built folder, too.")
@show.json_option
@click.pass_context
def status(ctx: click.Context, where: str | None, site: str | None, out: str | None, as_json: bool) -> int:
    """Who signs what, what expires when, what is missing, and what to do next.

    Verified from the registry's id down. Ends with 4 where something expired.
    """
    world = show.world(ctx)
    access, found = opened(world, where)
    expires: dict[str, str] = {}
    faults: list[str] = []
    place = world.path(out) if out else site
    if place is not None and found.targets is not None:
        from registry_tool.signing.tuf.published import read_published

        shown = read_published(shown_by(world, found, place), authority_of(found))
        expires, faults = dict(shown.expires), list(shown.faults)
    value = _value(world, found, expires, faults)
    value["next"] = _next(world, found, value, access.where)
    show.result(value, as_json=as_json, text=lambda: _words(found, value))
    return 4 if value["expired"] else 0


def _value(world: World, found: Trust, expires: dict[str, str], faults: list[str]) -> dict[str, Any]:  # Any: JSON
    government, policy = found.government, found.government.policy.head.body
    ends, now = all_expiries(found, expires), world.now()
    names = found.names()
    roles = {**{role: found.root.roles[role] for role in ("root", "targets")}, "bins": found.bins}
    roles |= {role: found.root.roles[role] for role in ("snapshot", "timestamp")}
    mine = {signer.key for signer in kept(world, government.registry)}
    return {
        "registry": government.registry,
        "roots": len(government.roots),
        "targets": found.targets.number if found.targets else 0,
        "moderators": [person.id for person in government.moderators.head.body.people],
        "threshold": government.moderators.head.body.threshold,
        "policy": policy.approvals.value(),
        "self_approval": policy.self_approval,
        "demonstration": government.demonstration,
        "checked": from_seconds(now),
        "signers": {
            role: {
                "threshold": one.threshold,
                "keys": [{"k16": k16(key), "name": names.get(key, ""), "here": key in mine} for key in one.keys],
            }
            for role, one in roles.items()
        },
        "bins": found.targets.bins if found.targets else 0,
        "trusted_root": (found.targets.trusted_root if found.targets else None) or "",
        "expires": ends,
        "expired": sorted(role for role, time in ends.items() if to_seconds(time) <= now),
        "warnings": list(freshness_of(world, found, expires).warnings(now)),
        "faults": faults,
    }


def _next(world: World, found: Trust, value: dict[str, Any], where: str) -> list[str]:  # Any: JSON
    """What to type, in order; empty where all is well."""
    todo = []
    if found.targets is None:
        todo.append(f"registry trust refresh --registry {where}    makes the targets metadata; then build")
    ending = {role for role, time in value["expires"].items() if is_ending(time, world.now())}
    if ending & OFFLINE:
        todo.append(f"registry trust rotate --renew --registry {where}    gives root and targets newer dates")
    if value["faults"] or ending - OFFLINE:
        todo.append(f"registry build --registry {where}    signs the index anew")
    return todo


def _words(found: Trust, value: dict[str, Any]) -> str:  # Any: JSON
    head, policy = found.government.moderators.head, found.government.policy.head
    approvals = policy.body.approvals
    text = [
        f"Registry {value['registry']}",
        f"  moderators: {', '.join(value['moderators'])}; {value['threshold']} of them sign",
        f"  a release needs {approvals.count} approval(s), a new name {approvals.new_name}",
        f"  verified: root {value['roots']}, moderators {head.number}, policy {policy.number}",
    ]
    if value["demonstration"]:
        text.append("  a demonstration: its keys are published, so it proves nothing")
    text.append("Who signs:")
    for role, one in value["signers"].items():
        keys = ", ".join(
            f"{row['k16']}{' (' + row['name'] + ')' if row['name'] else ''}{' here' if row['here'] else ''}"
            for row in one["keys"]
        )
        until = f"; good until {value['expires'][role]}" if role in value["expires"] else ""
        text.append(f"  {role:<9} {one['threshold']} of {len(one['keys'])}: {keys}{until}")
    if value["trusted_root"]:
        text.append(f"  keyless signatures: sigstore trust root {value['trusted_root'][:16]}")
    text += [f"Mind: {one}" for one in (*value["warnings"], *value["faults"])]
    text += [f"Next: {one}" for one in value["next"]]
    return "\n".join(text)


@trust.command(epilog="Example: registry trust refresh --registry reg --out site")
@show.registry_option
@click.option("--out", metavar="DIR", help="A built site, whose timestamp is signed anew without building.")
@click.option("--publishing-key", default="", metavar="ADDRESS", help="The key of the bins: file2:PATH, awskms:…")
@click.option("--timestamp-key", default="", metavar="ADDRESS", help="The key of snapshot and timestamp, likewise.")
@click.option("--key", "keys", multiple=True, metavar="ADDRESS", help="A key of targets that lies elsewhere.")
@show.dry_run_option
@show.json_option
@click.pass_context
def refresh(
    ctx: click.Context,
    where: str | None,
    out: str | None,
    publishing_key: str,
    timestamp_key: str,
    keys: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Sign again what soon expires, and make what is missing.

    With --out a heartbeat: the site's timestamp in any case, and what else has less than half of its
    days left. In the repository: targets that are missing or near their end, with your keys.
    """
    world = show.world(ctx)
    access, found = opened(world, where)
    value: dict[str, Any] = {"registry": found.government.registry, "dry_run": dry_run, "commit": ""}
    words = []
    if found.targets is None or is_ending(found.targets.expires, world.now()):
        change = drafted(world, found, refreshed(found, now=world.now()))
        signers = own_signers(world, change.registry, keys, change.wanted())
        from registry_tool.signing.tuf.offline import add_signature

        change = signed(change, signers, add=add_signature, check=world.check)
        if not change.complete:
            raise StateForbids(
                f"targets need more signatures than you have keys for: {'; '.join(half_signed(change))}",
                code="half-signed",
                hint="sign them one after the other: registry trust rotate --renew -o change.json",
            )
        value["commit"] = bring(world, access, change, dry_run=dry_run)
        number = change.new_targets.number if change.new_targets else 0
        words.append(f"{'Would make' if dry_run else 'Made'} targets {number}; publish them with: registry build")
    if out is not None:
        if value["commit"] or (found.targets is None and dry_run):
            words.append("Build the site next: its index is signed under targets that just changed.")
        else:
            done = heartbeat(world, found, world.path(out), Given(publishing_key, timestamp_key), dry_run=dry_run)
            value |= done
            would = "Would sign" if dry_run else "Signed"
            words.append(f"{would} {len(done['signed'])} files of {out}; fresh until {min(done['expires'].values())}.")
    show.result(value, as_json=as_json, text=lambda: "\n".join(words) or "Nothing soon expires; nothing was signed.")


@trust.command("key", epilog="Example: registry trust key --registry reg > bob.key")
@show.registry_option
@show.json_option
@click.pass_context
def key(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """Print your offline key of this registry: its public half, for those who let you in.

    It is made at the first time. Send it to whoever runs `registry trust rotate --add NAME=KEY`.
    """
    world = show.world(ctx)
    access = open_repository(world, choose_registry(world, Options(where=where), "publish").where)
    owner = owner_of(registry_of(access.history.tree(access.tip)))
    signer = world.keys.find(owner, "root") or world.keys.make(owner, "root")
    public = signer.key
    path = str(world.keys.path_of(owner, "root"))
    value = {"registry": owner, "key": key_text(public), "k16": k16(public), "path": path}
    show.result(value, as_json=as_json, text=lambda: key_text(public))
    if not as_json:
        show.Talk(quiet=False).say(f"The private half is in {path}: keep it offline, and a copy of it.")
