"""Your keys: list, make, import, and where they lie."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.keys import k16, key_text
from registry_tool.core.names import parse_author


@click.group()
def keys() -> None:
    """Make, import and list your keys.

    An author has a control key, which extends the keyring, and a signing key, which signs releases.
    Keep copies: nobody can give you another.

    Example: registry keys list
    """


@keys.command("list", epilog="Example: registry keys list")
@show.json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Every key on this machine, by owner and use; the private halves are never shown."""
    rows = [dict(one) for one in show.world(ctx).keys.list()]
    text = "\n".join(f"{one['owner']:<26} {one['use']:<11} {one['k16']}  {one['path']}" for one in rows)
    show.result(rows, as_json=as_json, text=lambda: text or "No keys yet; the first `registry publish` makes them.")


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
    signer = world.keys.import_seed(author, use, seed)
    value: dict[str, Any] = {
        "owner": author,
        "use": use,
        "k16": k16(signer.key),
        "path": str(world.keys.path_of(author, use)),
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
