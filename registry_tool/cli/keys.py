"""Your keys: list, make, import, and where they lie; how they change is `keys_change.py`."""

from typing import Any

import click

from registry_tool.cli import keys_change, show
from registry_tool.cli.sending import opened
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.keys import PublicKey, k16, key_text
from registry_tool.core.names import parse_author
from registry_tool.core.published import registry_of
from registry_tool.services.governing import key_statuses
from registry_tool.services.keyrings import statuses
from registry_tool.services.trusting import trust_at
from registry_tool.wiring import World


@click.group()
def keys() -> None:
    """Make, import, list, rotate, revoke and recover your keys.

    An author has a control key, which extends the keyring, and a signing key, which signs releases.
    Keep copies: nobody can give you another.

    Example: registry keys list
    """


for _verb in (
    keys_change.rotate,
    keys_change.revoke,
    keys_change.recover,
    keys_change.object_,
    keys_change.account,
):
    keys.add_command(_verb)


@keys.command("list", epilog="Example: registry keys list --registry reg")
@click.option("--as", "author", default="", metavar="OWNER", help="Only this owner's.")
@show.registry_option
@show.json_option
@click.pass_context
def list_(ctx: click.Context, author: str, where: str | None, as_json: bool) -> None:
    """Every key on this machine, by owner and use; the private halves are never shown.

    With --registry also what that registry says of each, and whether somebody asks to recover your keys.
    """
    world = show.world(ctx)
    rows = [dict(one) for one in world.keys.list() if author in ("", one["owner"])]
    asked = _with_statuses(world, where, rows) if where else []
    lines = [_line(one) for one in rows]
    lines += [f"Somebody asks to recover the keys of {one['author']}: {one['words']}" for one in asked]
    lines += [f"  not you? registry keys object {one['submission'][:12]} --as {one['author']}" for one in asked]
    value = {"keys": rows, "recoveries": asked} if where else rows
    text = "\n".join(lines) or "No keys yet; the first `registry publish` makes them."
    show.result(value, as_json=as_json, text=lambda: text)


def _line(one: dict[str, Any]) -> str:  # Any: JSON
    status = f"  {one['status']}" if "status" in one else ""
    return f"{one['owner']:<26} {one['use']:<11} {one['k16']}{status}  {one['path']}"


def _with_statuses(world: World, where: str, rows: list[dict[str, Any]]) -> list[dict[str, str]]:  # Any: JSON
    """Adds to each row what the registry says of the key; the recoveries that wait for these authors."""
    access, tip = opened(world, where)
    owner = f"registry:{registry_of(tip)[:16]}"
    trust = trust_at(tip, check=world.check)
    index_keys = {key for role in (*trust.root.roles.values(), trust.bins) for key in role.keys}
    own = dict.fromkeys((str(k16(PublicKey(key))) for key in index_keys), "active")
    own.update(key_statuses(tip, world.check))
    for row in rows:
        known = own if row["owner"] == owner else statuses(tip, row["owner"])
        row["status"] = known.get(row["k16"], "not in this registry")
    authors = sorted({row["owner"] for row in rows if row["use"] == "control" and ":" not in row["owner"]})
    return [
        {"author": author, "submission": one.submission, "words": one.words}
        for author in authors
        if statuses(tip, author)
        for one in keys_change.waiting_recoveries(world, access, tip, author)
    ]


@keys.command("new", epilog="Example: registry keys new --as ann")
@click.option("--as", "author", required=True, metavar="AUTHOR", help="Whose keys.")
@show.json_option
@click.pass_context
def new(ctx: click.Context, author: str, as_json: bool) -> None:
    """Make a control and a signing key, where they are missing."""
    store = show.world(ctx).keys
    owner = parse_author(author)
    rows = []
    for use in ("control", "signing"):
        signer = store.find(owner, use) or store.make(owner, use)
        rows.append(
            {
                "owner": owner,
                "use": use,
                "k16": k16(signer.key),
                "key": key_text(signer.key),
                "path": str(store.path_of(owner, use)),
            }
        )
    text = "\n".join(f"{one['use']:<8} {one['k16']}  {one['path']}" for one in rows) + "\nKeep a copy of these files."
    show.result(rows, as_json=as_json, text=lambda: text)


@keys.command("import", epilog="Example: registry keys import ~/.ggui/keys/@acme/private.key --as acme --use signing")
@click.argument("file", metavar="FILE")
@click.option(
    "--as",
    "author",
    required=True,
    metavar="OWNER",
    help="Whose key: an author, or registry:<16 hex> for a registry's.",
)
@click.option("--use", "use", default="signing", help="What it is for: signing, control, moderator, root, …")
@show.json_option
@click.pass_context
def import_(ctx: click.Context, file: str, author: str, use: str, as_json: bool) -> None:
    """Import a private key: 32 raw bytes (as the ggui client keeps them), 64 hex digits, or PEM."""
    from registry_tool.stores.keys import seed_of

    world = show.world(ctx)
    path = world.path(file)
    if not path.is_file():
        raise NotFound(f"there is no file {path}", code="no-file", hint="name the file that holds the private key")
    data = path.read_bytes()[:4096]
    seed = _seed(data, seed_of, str(path))
    signer = world.keys.import_seed(author, use, seed, beside=True)
    value: dict[str, Any] = {
        "owner": author,
        "use": use,
        "k16": k16(signer.key),
        "path": next(str(one["path"]) for one in world.keys.list() if one["k16"] == k16(signer.key)),
    }
    show.result(
        value, as_json=as_json, text=lambda: f"Imported the {use} key {value['k16']} of {author} to {value['path']}."
    )


def _seed(data: bytes, read_pem: Any, where: str) -> bytes:  # Any: the function of stores/keys.py
    if len(data) == 32:
        return data
    if data.startswith(b"-----BEGIN"):
        seed: bytes = read_pem(data)
        return seed
    try:
        raw = bytes.fromhex(data.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        raw = b""
    if len(raw) != 32:
        raise InvalidInput(
            "it is no Ed25519 private key: expected 32 raw bytes, 64 hex digits or PKCS#8 PEM",
            where=where,
            code="bad-key",
            hint="a key in PEM comes from: openssl genpkey -algorithm ed25519",
        )
    return raw
