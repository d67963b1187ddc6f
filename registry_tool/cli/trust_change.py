"""`trust rotate` and `trust sign`: root and targets change, signed by several people one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.trust_keys import own_signers, owner_of
from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids
from registry_tool.core.keys import PublicKey, k16, parse_key
from registry_tool.services.author import signature_of
from registry_tool.services.changing import (
    CHANGE_BYTES,
    Change,
    has_landed,
    landing,
    new_change,
    read_change,
    signed,
    words,
)
from registry_tool.services.trusting import Trust, Wanted, Wish, demand_known, names_in, trust_at, wanted
from registry_tool.wiring import BRANCH, Access, World, fresh_seed, open_repository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_FILE = "trust-change.json"
NEW = "new"
"""As a key: one that is made here, beside the others."""


def drafted(world: World, found: Trust, want: Wanted) -> Change:
    """The change with its texts, which nobody signed yet."""
    from registry_tool.signing.tuf.offline import make_root, make_targets

    root = targets = None
    if want.roles is not None:
        root = make_root(
            want.roles,
            expires=want.root_expires,
            version=want.root_number,
            moderators=want.moderators,
            names=want.names,
        )
    if want.bins is not None:
        targets = make_targets(
            want.bins,
            version=want.targets_number,
            expires=want.targets_expires,
            days=want.days,
            bits=want.bits,
            trusted_root=want.trusted_root,
        )
    return new_change(found, root=root, targets=targets, trusted_root=want.trusted_root, check=world.check)


def bring(world: World, access: Access, change: Change, *, dry_run: bool) -> str:
    """Commits a complete change to the main branch, verified as a client would; the commit, empty for a dry run."""
    tip = access.history.tree(access.tip)
    files = landing(change, tip, check=world.check, now=world.now())
    if dry_run:
        return ""
    parts = [f"{one.what} {one.number}" for one in change.asked]
    message = f"Change {' and '.join(parts)}\n"
    commit = access.history.commit(
        files, onto=access.tip, message=message, author=signature_of("operator"), at=world.now()
    )
    if access.remote is None:
        access.history.move(BRANCH, old=access.tip, new=commit)
    else:
        access.remote.push(commit, BRANCH, old=access.tip)
    return commit


def half_signed(change: Change) -> list[str]:
    """Whose signatures are missing, a line for each role."""
    rows = []
    names = {**names_in(change.roots[-1]), **names_in(change.root)}
    for one in change.asked:
        for whose, lack, absent in one.missing:
            keys = ", ".join(f"{names[key]} ({k16(key)})" if key in names else k16(key) for key in absent)
            rows.append(f"{one.what} {one.number} needs {lack} more by the keys of {whose}: {keys}")
    return rows


@click.command(epilog="Example: registry trust rotate --add bob=@bob.key --add eva=@eva.key --threshold 2")
@show.registry_option
@click.option("--add", multiple=True, metavar="NAME=KEY", help="Somebody who signs offline: base64 or @FILE.")
@click.option("--remove", multiple=True, metavar="KEY", help="Whose key ends: a name, or the beginning of its id.")
@click.option("--threshold", type=click.IntRange(1, 20), help="How many people sign root and targets.")
@click.option("--publishing", metavar="KEY", help="Another key of the bins: base64, @FILE, or new.")
@click.option("--timestamp", metavar="KEY", help="Another key of snapshot and timestamp, likewise.")
@click.option("--bins", type=int, help="Another number of bins; 1024 for 50,000 names.")
@click.option("--days", multiple=True, metavar="ROLE=N", help="How long ROLE stays fresh: root, targets, bins, …")
@click.option("--trusted-root", metavar="FILE", help="The sigstore trust root to believe; public or none.")
@click.option("--renew", is_flag=True, help="Newer dates, and nothing else.")
@click.option("--key", "keys", multiple=True, metavar="ADDRESS", help="A key of yours that lies elsewhere: file2:PATH")
@click.option("-o", "--output", metavar="FILE", help=f"Where the half-signed change goes; default: {DEFAULT_FILE}.")
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def rotate(ctx: click.Context, /, **given: Any) -> None:  # Any: click's values, by the options above
    """Change who signs offline, whose keys jobs use, and what they may.

    Signs with the keys that you have. Where that is enough it takes effect at once; else it writes a
    file for the others, each of whom runs `registry trust sign FILE`. No release is signed again.
    """
    world = show.world(ctx)
    access = open_repository(world, choose_registry(world, Options(where=given["where"]), "publish").where)
    found = trust_at(access.history.tree(access.tip), check=world.check)
    seeds = {use: fresh_seed() for use in ("publishing", "timestamp") if given[use] == NEW}
    wish = _wish(world, given, seeds)
    demand_known(found, wish.remove)
    change = _signed(world, drafted(world, found, wanted(found, wish, now=world.now())), given["keys"])
    file = world.path(given["output"] or DEFAULT_FILE)
    if not change.complete and file.exists() and not given["dry_run"]:
        _replaceable(world, file, access)
    _finish(world, change, access, file, given, seeds)


@click.command(epilog="Example: registry trust sign change.json --registry reg")
@click.argument("file", metavar="FILE")
@show.registry_option
@click.option("--key", "keys", multiple=True, metavar="ADDRESS", help="A key of yours that lies elsewhere: file2:PATH")
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def sign(ctx: click.Context, /, file: str, **given: Any) -> None:  # Any: click's values, by the options above
    """Read a change of root and targets in words, and add your signature.

    What it says is worked out from what is to be signed. Where a repository is named and enough people
    signed, it takes effect there; without one the file is all that changes.
    """
    world = show.world(ctx)
    path = world.path(file)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="name the change that you were sent")
    with path.open("rb") as stream:
        data = stream.read(CHANGE_BYTES + 1)
    before = read_change(data, check=world.check)
    access = open_repository(world, str(given["where"])) if given["where"] else None
    change = _signed(world, before, given["keys"])
    if change == before and not (change.complete and access):
        raise _nothing_to_add(change, access)
    _finish(world, change, access, path, given)


def _replaceable(world: World, file: Path, access: Access) -> None:
    """Refuses to write over a change that still waits; one that landed has done its work."""
    try:
        with file.open("rb") as stream:
            before = read_change(stream.read(CHANGE_BYTES + 1), check=world.check)
        if has_landed(before, access.history.tree(access.tip)):
            return
        what = "a change that did not land"
    except RegistryError:
        what = "something else"
    raise StateForbids(
        f"{file} exists, and holds {what}",
        code="exists",
        hint=f"finish it (registry trust sign {file.name} --registry …), remove it, or name another file with -o",
    )


def _nothing_to_add(change: Change, access: Access | None) -> StateForbids:
    if change.complete:
        hint = "bring it to the repository: registry trust sign FILE --registry REPO"
        return StateForbids("enough people signed it already", code="complete", hint=hint)
    return StateForbids(
        f"you have no key that it waits for: {'; '.join(half_signed(change))}",
        code="key-missing",
        hint=f"import yours with registry keys import FILE --as {owner_of(change.registry)} --use root, or give --key",
    )


def _signed(world: World, change: Change, addresses: "Sequence[str]") -> Change:
    from registry_tool.signing.tuf.offline import add_signature

    signers = own_signers(world, change.registry, addresses, change.wanted())
    return signed(change, signers, add=add_signature, check=world.check)


def _finish(
    world: World,
    change: Change,
    access: Access | None,
    file: Path,
    given: dict[str, Any],  # Any: above
    seeds: dict[str, bytes] | None = None,
) -> None:
    """Asks, then lands what is complete, or writes the file that travels on."""
    lands = change.complete and access is not None
    as_json, dry_run = given["as_json"], given["dry_run"]
    talk = show.Talk(quiet=as_json)
    talk.say(f"A change of the registry {change.registry}:")
    for line in words(change):
        talk.say(f"  {line}")
    show.ask(world, "Sign this?", flag="--yes", yes=given["yes"] or dry_run)
    made = {} if dry_run else seeds or {}
    keys = [
        k16(world.keys.import_seed(owner_of(change.registry), use, seed, beside=True).key) for use, seed in made.items()
    ]
    value: dict[str, Any] = {
        "registry": change.registry,
        "changes": list(words(change)),
        "complete": change.complete,
        "missing": half_signed(change),
        "commit": bring(world, access, change, dry_run=dry_run) if lands and access else "",
        "file": "" if lands else str(file),
        "keys": [{"use": row["use"], "k16": row["k16"], "path": str(row["path"])} for row in _kept(world, keys)],
        "dry_run": dry_run,
    }
    if not lands and not dry_run:
        from registry_tool.stores.output import write_file

        write_file(str(file), change.to_bytes())
    show.result(value, as_json=as_json, text=lambda: _done(value))


def _kept(world: World, keys: "Sequence[str]") -> "Sequence[Mapping[str, Any]]":  # Any: JSON
    """The rows of these keys in the person's folder; it is not read for none."""
    return [row for row in world.keys.list() if row["k16"] in keys] if keys else []


def _done(value: dict[str, Any]) -> str:  # Any: JSON
    lines = [_became(value)]
    for one in value["keys"]:
        lines.append(f"The new {one['use']} key, private, lies in {one['path']}. Give it to the job; keep a copy.")
    return "\n".join(lines)


def _became(value: dict[str, Any]) -> str:  # Any: JSON
    would = "It would be" if value["dry_run"] else "It is"
    if not value["file"]:
        return f"{would} in force from now on. Publish it with: registry build"
    if value["complete"]:
        return f"Enough people signed {value['file']}. Next: registry trust sign {value['file']} --registry REPO"
    missing = "\n".join(f"  {line}" for line in value["missing"])
    return (
        f"{'Would write' if value['dry_run'] else 'Wrote'} {value['file']}. It waits for:\n{missing}\n"
        f"Each of them runs: registry trust sign {Path(value['file']).name}"
    )


def _wish(world: World, given: dict[str, Any], seeds: dict[str, bytes]) -> Wish:  # Any: above
    """What the options say."""
    text = given["trusted_root"]
    return Wish(
        add=tuple(_person(world, one) for one in given["add"]),
        remove=tuple(given["remove"]),
        threshold=given["threshold"],
        publishing=_job_key(world, "publishing", given, seeds),
        timestamp=_job_key(world, "timestamp", given, seeds),
        bins=given["bins"],
        trusted_root=None if text is None else _trusted_root(world, text),
        days=tuple(_days(one) for one in given["days"]),
        renew=given["renew"],
    )


def _person(world: World, text: str) -> tuple[str, PublicKey]:
    from registry_tool.core.names import parse_part

    name, equals, key = text.partition("=")
    if not equals:
        hint = "write --add bob=KEY; bob prints his key with `registry trust key`"
        raise InvalidInput(f"{text!r} is not NAME=KEY", code="bad-key", hint=hint)
    parse_part(name, "name")
    return name, _public(world, key)


def _public(world: World, text: str) -> PublicKey:
    """A public key as base64, or in a file."""
    if not text.startswith("@"):
        return parse_key(text)
    path = world.path(text[1:])
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="name the file that holds the public key")
    with path.open("rb") as file:
        return parse_key(file.read(1024).decode("utf-8", "replace").strip())


def _job_key(world: World, use: str, given: dict[str, Any], seeds: dict[str, bytes]) -> PublicKey | None:  # Any: above
    from registry_tool.signing.ed25519 import Ed25519Signer

    if use in seeds:
        return Ed25519Signer(seeds[use]).key
    return _public(world, given[use]) if given[use] is not None else None


def _days(text: str) -> tuple[str, int]:
    role, _, number = text.partition("=")
    if role not in ("root", "targets", "bins", "snapshot", "timestamp") or not number.isdecimal():
        hint = "roles are root, targets, bins, snapshot, timestamp"
        raise InvalidInput(f"{text!r} is not ROLE=N", code="bad-days", hint=hint)
    return role, int(number)


def _trusted_root(world: World, text: str) -> bytes:
    """A sigstore trust root, which looks like one: from a file, or the public one; empty for none."""
    from registry_tool.core import canonical
    from registry_tool.signing.sigstore.public import public_trusted_root

    if text in ("none", "public"):
        return public_trusted_root() if text == "public" else b""
    path = world.path(text)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="name a trusted_root.json, public, or none")
    with path.open("rb") as file:
        data = file.read(limits.MIB + 1)
    value = canonical.parse_loose(data, limit=limits.MIB, what=str(path))
    kind = value.get("mediaType") if isinstance(value, dict) else None
    if not str(kind).startswith("application/vnd.dev.sigstore.trustedroot"):
        raise InvalidInput("this is no sigstore trust root", where=str(path), code="bad-trusted-root")
    return data
